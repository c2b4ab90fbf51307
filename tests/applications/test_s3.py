"""Files in S3-compatible storage, on a real server: kept once, given out whole and in ranges, scanned, deleted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from storages.backends.s3 import S3Storage

from applications.actions.drafting import create_draft
from applications.actions.evidence import store
from tests.factories import FILED_AT, PDF, Cast
from tests.s3 import s3
from tests.services import ROOT

pytestmark = pytest.mark.once

BYTES = PDF.read_bytes()
PROGRAM = """
import django; django.setup()
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
name = default_storage.save("a/b.txt", ContentFile(b"x"))
print(name, default_storage.size(name), default_storage.bucket.name)
default_storage.delete(name)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with s3(tmp_path_factory.mktemp("s3")) as found:
        yield found


@pytest.fixture
def bucket(server: dict[str, str], settings: Any) -> S3Storage:
    """The portal's files are in it, as they would be with S3_BUCKET set."""
    options = {
        "addressing_style": "path", "default_acl": None, "file_overwrite": False, "max_memory_size": 1024
    }  # fmt: skip
    default = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options | server}
    settings.STORAGES = settings.STORAGES | {"default": default}
    storage: Any = default_storage
    return storage


@pytest.mark.django_db
def test_file_in_a_bucket(bucket: S3Storage, client: Client) -> None:
    cast = Cast()
    case = create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
    with transaction.atomic():
        one, two = (
            store(case, SimpleUploadedFile(name, BYTES), by=cast.preparer, at=FILED_AT) for name in ("一.pdf", "二.pdf")
        )
    assert one.stored == two.stored
    held = [thing.key for thing in bucket.bucket.objects.all()]
    assert held == [one.file.name]
    client.force_login(cast.preparer)
    address = reverse("file", args=[two.pk])
    whole = client.get(address)
    assert b"".join(whole) == BYTES
    assert whole["Content-Length"] == str(len(BYTES))
    part = client.get(address, headers={"Range": "bytes=1000-1999", "If-Range": whole["ETag"]})
    assert (part.status_code, b"".join(part)) == (206, BYTES[1000:2000])
    default_storage.delete(one.stored.path)
    assert not list(bucket.bucket.objects.all())


def test_settings_lead_to_the_bucket(server: dict[str, str]) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "wfh_portal.settings",
        "SECRET_KEY": "for tests only",
        "S3_BUCKET": server["bucket_name"],
        "S3_ENDPOINT_URL": server["endpoint_url"],
        "S3_ACCESS_KEY_ID": "test",
        "S3_SECRET_ACCESS_KEY": "test",
        "S3_REGION": "us-east-1",
    }
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.decode().split() == ["a/b.txt", "1", server["bucket_name"]]
