"""A case that follows another: an extension (延展), and the sections of it that have changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from applications import ledger, policy
from applications.actions.copying import put_roster
from applications.actions.drafting import NotOpen, fill
from applications.actions.filing import Closed
from applications.enums import FIRM_WRITES
from applications.lifecycle import Conflict, lock, record
from applications.models import Application, Section
from applications.standing import filed
from guideline.catalogue import in_force
from guideline.periods import extension_first_day, last_day
from guideline.shape import EXTENSION


def extend(*, case_id: int, by: User, at: datetime) -> Application:
    """申請延展: start the case that follows an approved one, with its days and lines filled in (clause 2.1.2).

    It asks for the lines that end first and can still be extended, from the day after, for as long as the version
    in force today allows; the firm may drop lines and take fewer days.

    Raises:
        NotOpen: the person is no preparer of the firm.
        Closed: an extension cannot be asked for.
    """
    with transaction.atomic():
        previous = lock(case_id)
        if by.firm != previous.firm or not policy.may(by, "create"):
            raise NotOpen
        answer = ledger.extension_open(previous, at)
        if not answer.open:
            raise Closed(answer)
        today = timezone.localdate(at)
        version = in_force(today)
        running = [period for period in previous.periods.all() if period.until >= today and not period.ended_on]
        ends = min(period.last_day for period in running)
        first = extension_first_day(ends)
        last = last_day(first, months=version.months, count_first_day=version.count_first_day)
        asked = {period.line for period in running if period.last_day == ends}
        case = Application.objects.create(
            firm=previous.firm,
            kind=EXTENSION,
            version_id=version.id,
            previous=previous,
            lines=[line.id for line in version.lines if line.id in asked],
            first_day=first,
            last_day=last,
            staff_at_home=previous.staff_at_home,
            created_by=by,
            created_at=at,
            changed_at=at,
        )
        record(case, "create", by=by, at=at, detail={"previous": previous.number})
        days: dict[str, dict[str, Any]] = {}
        for column, (item_id, name) in version.places(EXTENSION).items():
            if column in {"first_day", "last_day"}:
                days.setdefault(item_id, {"answer": "yes"})[name] = getattr(case, column).isoformat()
            elif column == "lines":
                days.setdefault(item_id, {"answer": "yes"})[name] = case.lines
        fill(case, days, by=by, at=at)
    return case


def open_section(*, case_id: int, revision: int, section_id: str, by: User, at: datetime) -> Application:
    """申報變更: the section has changed since the case before; it opens with what was filed then.

    Evidence is not taken over: what has changed is to be proved anew.

    Raises:
        NotOpen: it is not this person's draft of such a case, or the section is none that can be opened.
        Conflict: the case has moved on, or the section is open already.
    """
    with transaction.atomic():
        case = _locked(case_id, revision, by)
        if section_id not in inherited(case):
            raise Conflict(case) if section_id in case.opened else NotOpen
        assert case.previous is not None
        before = filed(case.previous)
        case.opened = [*case.opened, section_id]
        _save(case)
        page = case.version.section(section_id)
        if page.roster:
            put_roster(case, before)
        answers = {item.id: before["answers"].get(item.id, {}) for item in page.items}
        fill(case, answers, by=by, at=at)
        record(case, "open_section", by=by, at=at, detail={"section": section_id}, shared=False)
    return case


def close_section(*, case_id: int, revision: int, section_id: str, by: User, at: datetime) -> Application:
    """取消變更: the section stands as it was filed before; what was written in it here goes.

    Raises:
        NotOpen: it is not this person's draft of such a case.
        Conflict: the case has moved on, or the section is not open.
    """
    with transaction.atomic():
        case = _locked(case_id, revision, by)
        if section_id not in case.opened:
            raise Conflict(case)
        page = case.version.section(section_id)
        gone = Section.objects.get(application=case, section_id=section_id)
        detail = {"section": section_id, "answers": gone.answers}
        record(case, "close_section", by=by, at=at, detail=detail, shared=False)
        gone.delete()
        case.citations.filter(item_id__in=[item.id for item in page.items]).delete()
        if page.roster:
            case.roster.all().delete()
        case.opened = [one for one in case.opened if one != section_id]
        _save(case)
    return case


def inherited(case: Application) -> tuple[str, ...]:
    """The sections that stand as they were filed in the case before; none where no case is followed."""
    if not case.inherits:
        return ()
    whole = case.version.pages(case.kind, case.lines, [section.id for section in case.version.sections])
    asked = {page.id for page in case.pages}
    places = {item_id for item_id, _name in case.version.meaning.values()} - {
        item_id for item_id, _name in case.version.places(case.kind).values()
    }
    own = {case.version.section_of(item_id).id for item_id in places}
    return tuple(page.id for page in whole if page.id not in asked and page.id not in own)


def standing(case: Application) -> tuple[str, ...]:
    """Every section of the case before that stands, those of the lines that go on beside included."""
    if not case.inherits or case.previous is None:
        return ()
    asked = {page.id for page in case.pages}
    open_to = {*inherited(case), *(page.id for page in case.version.sections if page.line)}
    return tuple(one for one in filed(case.previous)["pages"] if one in open_to and one not in asked)


def _locked(case_id: int, revision: int, by: User) -> Application:
    case = lock(case_id, revision=revision)
    if not case.inherits or case.status not in FIRM_WRITES or not policy.may(by, "edit", case):
        raise NotOpen
    return case


def _save(case: Application) -> None:
    case.revision += 1
    case.save(update_fields=["opened", "revision"])
