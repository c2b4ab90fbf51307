"""Stored bytes are handed to the virus scanner; what it finds is withdrawn, and its cases are told."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import F

from applications import clamd, health, notify
from applications.enums import UNSETTLED, Scan
from applications.lifecycle import lock, record
from applications.models import Application, Attachment, StoredFile

BATCH = 200  # files of one run
WHAT = "file_found"


def scan_waiting(*, at: datetime) -> None:
    """Hand what waits to the scanner, then what came in before there was one. Without a scanner nothing happens.

    What was tried goes to the end of the line, so that a file that the scanner chokes on holds up no other. A run
    ends where the scanner is down or slow; nothing is passed by that. Two runs at once share the work.
    """
    if not settings.CLAMD_URL:
        return
    whole = True
    waiting = StoredFile.objects.filter(scan__in=UNSETTLED)
    for row in waiting.order_by("-scan", F("tried_at").asc(nulls_first=True), "id")[:BATCH]:
        if not StoredFile.objects.filter(pk=row.pk, tried_at=row.tried_at).update(tried_at=at):
            continue  # another run has it
        try:
            with row.file.open("rb") as data:
                signature = clamd.scan(data, url=settings.CLAMD_URL, timeout=settings.CLAMD_TIMEOUT)
        except clamd.Unavailable as error:
            health.failed(health.SCANNER, error=str(error), at=at)
            return
        except (clamd.Failed, OSError) as error:
            health.failed(health.SCANNER, error=f"{row.sha256}: {error}", at=at)
            whole = False
        else:
            settle(row.pk, signature, at=at)
    if whole:
        health.heard(health.SCANNER, at=at)


def withheld(data: IO[bytes]) -> str | None:
    """For bytes that are no stored file (those of a mail): "" where they may be given out now.

    Else the name of what was found in them; None where the scanner does not say. They are asked about each time.
    """
    if not settings.CLAMD_URL:
        return ""
    try:
        return clamd.scan(data, url=settings.CLAMD_URL, timeout=settings.CLAMD_TIMEOUT)
    except (clamd.Unavailable, clamd.Failed):
        return None


def settle(pk: int, signature: str, *, at: datetime) -> None:
    """What the scanner said of a stored file, "" for nothing; the first word counts."""
    unsettled = StoredFile.objects.filter(pk=pk, scan__in=UNSETTLED)
    if not signature:
        unsettled.update(scan=Scan.CLEAN, scanned_at=at)
        return
    with transaction.atomic():
        cases = Application.objects.filter(attachments__stored=pk).order_by("pk").distinct()
        locked = [lock(case_id) for case_id in cases.values_list("pk", flat=True)]
        if not unsettled.update(scan=Scan.FOUND, signature=signature[:200], scanned_at=at):
            return
        for case in locked:
            for file in Attachment.objects.filter(application=case, stored=pk):
                detail = {"file": file.name, "sha256": file.sha256, "signature": signature[:200]}
                record(case, WHAT, by=None, at=at, detail=detail)
            notify.tell(case, WHAT, key=f"{WHAT}:{pk}", at=at)
