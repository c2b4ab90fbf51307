"""The bytes of files: kept once, under a name that nobody typed."""

from __future__ import annotations

from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from applications.enums import Scan
from applications.models import StoredFile
from applications.uploads import Refused, storage_name
from guideline.facts import gettext_noop

INFECTED = gettext_noop("「{name}」含有惡意程式（{signature}），不能上傳；請先為電腦掃毒，再改用未受感染的檔案")


def keep(name: str, data: IO[bytes], *, size: int, sha256: str, extension: str) -> StoredFile:
    """The row of these bytes, which are written unless they are there. Call inside a transaction.

    Where a scanner is set up, new bytes wait for it.

    Args:
        name: how a refusal calls the file.
        size: of ``data`` in bytes.

    Raises:
        Refused: the scanner has found something in these very bytes before.
    """
    path = storage_name(sha256, extension)
    StoredFile.objects.get_or_create(sha256=sha256, defaults={"file": path})
    row = StoredFile.objects.select_for_update().get(sha256=sha256)
    if row.scan == Scan.FOUND:
        raise Refused(INFECTED, {"name": name, "signature": row.signature})
    if row.scan == Scan.NONE and settings.CLAMD_URL:
        row.scan = Scan.WAITING
        row.save(update_fields=["scan"])
    path = row.path
    there = default_storage.exists(path)
    if there and default_storage.size(path) != size:
        default_storage.delete(path)  # what was being written when the power went
        there = False
    if not there:
        data.seek(0)
        default_storage.save(path, File(data))
    return row
