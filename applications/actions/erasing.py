"""What goes of a case when its time of keeping is over. Numbers, days, hashes, decisions and events stay."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from django.db.models import Model
from django.http import Http404

from applications.enums import DeadlineState
from applications.models import (
    Application,
    Attachment,
    Citation,
    Correction,
    Deadline,
    EmergencyNotice,
    FirmNotice,
    Issued,
    RosterEntry,
    Section,
    Submission,
)
from applications.trail import canonical, digest

# What stays of a submission: which, of whom, for which lines and days, and the hash of each section.
STAYS = (
    *("format", "version", "kind", "number", "document_number", "firm", "lines", "first_day", "last_day"),
    *("submission", "submitted_at", "hashes"),
)
EMPTY: dict[str, Any] = {"destroyed": True, "pages": [], "answers": {}, "roster": [], "evidence": {}}


class Destroyed(Http404):
    """What was asked for went with the content of ``case``: HTTP 410."""

    def __init__(self, case: Application) -> None:
        super().__init__(f"{case} destroyed")
        self.case = case


def skeleton(payload: str) -> str:
    """What is left of the payload of a submission or a notice; it can be read as one without any page."""
    content = json.loads(payload)
    return canonical({name: content[name] for name in STAYS if name in content} | EMPTY)


def _leave(one: Submission | EmergencyNotice) -> None:
    """Write what is left of a payload.

    On PostgreSQL the portal's role may not change a submission: a function of the tables' owner does, and only where
    a disposal that two people released names the case (migration reviews 0005).
    """
    one.payload = skeleton(one.payload)
    if isinstance(one, Submission) and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT reviews_leave_payload(%s, %s)", [one.pk, one.payload])
    else:
        one.save(update_fields=["payload"])


def erase(case: Application) -> tuple[dict[str, Any], set[str], list[Model]]:
    """Take answers, roster, evidence and the firm's words out of a locked case.

    Returns:
        What went and what is left, for the record; the stored names that its files had, whose bytes are for the caller
        to delete once this is committed; the sealed rows that say less now and are to be sealed again.
    """
    submissions = list(Submission.objects.filter(application=case))
    notices = list(EmergencyNotice.objects.filter(application=case))
    files = list(Attachment.objects.filter(application=case))
    issued = list(Issued.objects.filter(application=case))
    frozen: list[Submission | EmergencyNotice] = [*submissions, *notices]
    names = {str(one.file) for one in files if one.file} | {str(one.file) for one in issued if one.file}
    for one in frozen:
        _leave(one)
    went: dict[str, Any] = {
        "submissions": {str(one.number): one.sha256 for one in submissions},
        "notices": [one.sha256 for one in notices],
        "files": sorted(one.sha256 for one in files),
        "sections": Section.objects.filter(application=case).count(),
        "people": RosterEntry.objects.filter(application=case).count(),
        "erased": {f"{one._meta.model_name}:{one.pk}": digest(one.payload) for one in frozen}
        | {f"{one._meta.model_name}:{one.pk}": "" for one in [*files, *issued]},
    }
    Citation.objects.filter(application=case).delete()
    RosterEntry.objects.filter(application=case).delete()
    Section.objects.filter(application=case).delete()
    for file in files:
        file.file.name, file.name = "", ""
    Attachment.objects.bulk_update(files, ["file", "name"])
    for document in issued:
        document.file.name = ""
    Issued.objects.bulk_update(issued, ["file"])
    told = list(FirmNotice.objects.filter(application=case))
    for notice in told:
        notice.text = ""
        notice.detail = {"roster": [], "sha256": notice.detail.get("sha256", ""), "destroyed": True}
    FirmNotice.objects.bulk_update(told, ["text", "detail"])
    corrections = list(Correction.objects.filter(application=case))
    for correction in corrections:
        correction.items, correction.letter = dict.fromkeys(correction.items, ""), ""
    Correction.objects.bulk_update(corrections, ["items", "letter"])
    due = Deadline.objects.filter(application=case)
    due.filter(state=DeadlineState.OPEN).update(state=DeadlineState.VOID, next_on=None)
    due.update(note="")
    return went, names, [*files, *told, *corrections]
