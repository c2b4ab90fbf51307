"""A new version of the guideline comes into force while a case is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from applications import policy
from applications.actions.drafting import NotOpen, apply_meaning, remark
from applications.enums import UNSENT, WITH_CHECKER, Action
from applications.lifecycle import Conflict, lock, move, record
from applications.models import Application, Citation, RosterEntry, Section
from guideline.catalogue import Version, in_force, load
from guideline.fitting import Fitted, fit

ADOPTED = "adopt_version"  # the event; its detail keeps what had no place, for ever


def pending(case: Application, *, today: date) -> Version | None:
    """The version that a case has to be brought under before it is filed, or None.

    What was filed, or notified, stays on its version for ever; an extension, a renewal or an added line takes that
    of its own day.
    """
    if case.number is not None or case.status not in UNSENT:
        return None
    found = in_force(today)
    return None if found.id == case.version_id or found.announced < case.version.announced else found


def preview(case: Application, new: Version) -> Fitted:
    """What of the draft would have a place under ``new``, and what would not."""
    return fit(_answers(case), old=case.version, new=new)


def _answers(case: Application) -> dict[str, dict[str, Any]]:
    rows = Section.objects.filter(application=case)
    known = {item.id for item in case.version.items()}
    return {item_id: values for row in rows for item_id, values in row.answers.items() if item_id in known}


def adopt(*, case_id: int, revision: int, version_id: str, by: User, at: datetime) -> Application:
    """改依新版指引: bring a draft under the version in force, and void a sign-off that is under way.

    Every answer that still has a place (item, field, valid option) is kept, and every section judged anew. What has
    none stands in the event, and with evidence and sections that the new version does not ask for, where it was.

    Args:
        revision: the case's revision that the person read.
        version_id: the version whose changes the person read.

    Raises:
        NotOpen: it is not this person's draft, or the new version knows no such kind of filing.
        Conflict: the case has moved on, or another version is in force by now.
    """
    with transaction.atomic():
        case = lock(case_id, revision=revision)
        if not policy.may(by, "edit", case):
            raise NotOpen
        new = pending(case, today=timezone.localdate(at))
        if new is None or new.id != version_id:
            raise Conflict(case)
        if not new.knows(case.kind):
            raise NotOpen
        if case.status in WITH_CHECKER:
            move(case, Action.REOPEN, by=by, at=at, signed_by=None, signed_at=None, prepared_by=None)
        old = case.version
        fitted = preview(case, new)
        detail = {"from": old.id, "to": new.id, "left": fitted.left, "roster": _fit_roster(case, new)}
        _put(case, new, fitted, by=by, at=at)
        record(case, ADOPTED, by=by, at=at, detail=detail, seals=[case])
        remark(case, today=timezone.localdate(at))
    return case


def _put(case: Application, new: Version, fitted: Fitted, *, by: User, at: datetime) -> None:
    """Write the case and its sections as they stand under ``new``; rows that it does not know stay as they are."""
    known = {page.id for page in new.sections}
    case.version_id = new.id
    case.lines = [line.id for line in new.lines if line.id in case.lines]
    case.opened = [section_id for section_id in case.opened if section_id in known]
    case.revision += 1
    case.changed_at = at
    case.save(update_fields=["version_id", "lines", "opened", "revision", "changed_at"])
    rows = {row.section_id: row for row in Section.objects.filter(application=case)}
    for page in new.sections:
        answers = {item.id: fitted.kept[item.id] for item in page.items if item.id in fitted.kept}
        row = rows.get(page.id)
        if row is None and answers:  # an item that stands in another section now
            row = Section(application=case, section_id=page.id, saved_by=by, saved_at=at)
        if row is not None:
            row.answers = answers
            row.revision += 1  # a page that is open in another window is stale
            row.save()
            apply_meaning(case, page, answers)


def _fit_roster(case: Application, new: Version) -> dict[str, list[str]]:
    """Take lines of business that ``new`` does not have from the people of the roster; staff number -> these lines."""
    known = {line.id for line in new.lines}
    found: dict[str, list[str]] = {}
    changed = []
    for entry in RosterEntry.objects.filter(application=case):
        if lost := [line for line in entry.lines if line not in known]:
            found[entry.staff_no] = lost
            entry.lines = [line for line in entry.lines if line in known]
            changed.append(entry)
    RosterEntry.objects.bulk_update(changed, ["lines"])
    return found


def left_over(case: Application) -> Iterator[tuple[Version, dict[str, dict[str, Any]], dict[str, list[str]]]]:
    """What had no place when the draft was brought under another version: the version it was written under, answers
    by item, and lines of business by staff number; the latest first."""
    for event in case.events.filter(what=ADOPTED).order_by("-id"):
        yield load(event.detail["from"]), event.detail["left"], event.detail["roster"]


def without_place(case: Application) -> list[Citation]:
    """Evidence for items that the case's version does not have."""
    known = [item.id for item in case.version.items()]
    return list(case.citations.exclude(item_id__in=known).select_related("attachment"))
