"""What goes of a case when its time of keeping is over. Numbers, days, hashes, decisions and events stay."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404

from applications.content import canonical
from applications.enums import DeadlineState
from applications.models import (
    Application,
    Attachment,
    Citation,
    Correction,
    Deadline,
    EmergencyNotice,
    FirmNotice,
    RosterEntry,
    Section,
    Submission,
)

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


def erase(case: Application) -> tuple[dict[str, Any], set[str]]:
    """Take answers, roster, evidence and the firm's words out of a locked case.

    Returns:
        What went, for the record, and the stored names that its files had: their bytes are for the caller to delete,
        once this is committed.
    """
    submissions = list(Submission.objects.filter(application=case))
    notices = list(EmergencyNotice.objects.filter(application=case))
    files = list(Attachment.objects.filter(application=case))
    went: dict[str, Any] = {
        "submissions": {str(one.number): one.sha256 for one in submissions},
        "notices": [one.sha256 for one in notices],
        "files": sorted(one.sha256 for one in files),
        "sections": Section.objects.filter(application=case).count(),
        "people": RosterEntry.objects.filter(application=case).count(),
    }
    names = {str(one.file) for one in files if one.file}
    frozen: list[Submission | EmergencyNotice] = [*submissions, *notices]
    for one in frozen:
        one.payload = skeleton(one.payload)
        one.save(update_fields=["payload"])
    Citation.objects.filter(application=case).delete()
    RosterEntry.objects.filter(application=case).delete()
    Section.objects.filter(application=case).delete()
    Attachment.objects.filter(application=case).update(file="", name="")
    for notice in FirmNotice.objects.filter(application=case):
        notice.text = ""
        notice.detail = {"roster": [], "sha256": notice.detail.get("sha256", ""), "destroyed": True}
        notice.save(update_fields=["text", "detail"])
    for correction in Correction.objects.filter(application=case):
        correction.items, correction.letter = dict.fromkeys(correction.items, ""), ""
        correction.save(update_fields=["items", "letter"])
    due = Deadline.objects.filter(application=case)
    due.filter(state=DeadlineState.OPEN).update(state=DeadlineState.VOID, next_on=None)
    due.update(note="")
    return went, names
