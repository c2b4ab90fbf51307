"""Bytes are kept once, and whole."""

from __future__ import annotations

import hashlib
import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from applications import files
from applications.actions.drafting import create_draft
from applications.models import Attachment, StoredFile
from tests.factories import FILED_AT, Cast

pytestmark = pytest.mark.django_db


def kept(data: bytes, extension: str = "txt") -> StoredFile:
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        return files.keep("a", io.BytesIO(data), size=len(data), sha256=digest, extension=extension)


def test_same_bytes_under_two_kinds_are_kept_once() -> None:
    one, two = kept(b"1,2 kept once\n", "csv"), kept(b"1,2 kept once\n", "txt")
    assert one == two
    assert one.file.name == f"{one.sha256[:2]}/{one.sha256[2:4]}/{one.sha256}.csv"
    assert not default_storage.exists(one.file.name.replace(".csv", ".txt"))


def test_half_of_a_file_that_a_crash_left_is_written_anew() -> None:
    data = b"what was to be written before the power went"
    digest = hashlib.sha256(data).hexdigest()
    path = f"{digest[:2]}/{digest[2:4]}/{digest}.txt"
    default_storage.save(path, ContentFile(data[:10]))
    with kept(data).file.open("rb") as stored:
        assert stored.read() == data


@pytest.mark.parametrize(
    "fields",
    [
        {"scan": "found", "scanned_at": FILED_AT},
        {"scan": "found", "signature": "A"},
        {"scan": "clean", "signature": "A", "scanned_at": FILED_AT},
        {"scan": "clean"},
        {"scan": "waiting", "scanned_at": FILED_AT},
    ],
)
def test_word_of_the_scanner_is_whole_or_not_there(fields: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.create(sha256="a" * 64, file="a.txt", **fields)


def test_attachment_without_stored_bytes_cannot_be() -> None:
    cast = Cast()
    case = create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.create(
            application=case, name="a", file="a", sha256="a", size=1, uploaded_by=cast.preparer, uploaded_at=FILED_AT
        )
