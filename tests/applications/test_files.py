"""Bytes are kept once, whole, and let go when no attachment has them any more."""

from __future__ import annotations

import hashlib
import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from applications import files
from applications.actions import evidence
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


def test_bytes_are_let_go_with_their_last_attachment() -> None:
    cast = Cast()
    one, two = (create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT) for _ in range(2))
    data = SimpleUploadedFile("a.txt", b"shared by two cases")
    with transaction.atomic():
        first, second = (evidence.store(case, data, by=cast.preparer, at=FILED_AT) for case in (one, two))
    stored = first.stored
    assert second.stored == stored
    with transaction.atomic():
        first.delete()
        assert files.let_go([stored.pk]) == 0
    assert default_storage.exists(stored.file.name)
    with transaction.atomic():
        second.delete()
        assert files.let_go([stored.pk]) == 1
    assert not default_storage.exists(stored.file.name)
    assert not StoredFile.objects.filter(pk=stored.pk).exists()
    with transaction.atomic():
        again = evidence.store(one, data, by=cast.preparer, at=FILED_AT)
    with again.stored.file.open("rb") as found:
        assert found.read() == b"shared by two cases"


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
