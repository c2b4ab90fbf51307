"""The deadlines of a case as rows, kept in step with its facts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, cast

from django.utils import timezone

from applications import calendar, deadlines
from applications.chains import chain_start, year_on
from applications.deadlines import Clocks, Due
from applications.enums import CAME_TO_NOTHING, DeadlineState
from applications.models import (
    Application,
    ApprovedPeriod,
    Correction,
    Deadline,
    EmergencyNotice,
    FirmNotice,
    Submission,
)
from applications.parameters import parameters
from applications.standing import filed_answers
from applications.workdays import Calendar
from guideline.catalogue import Version
from guideline.shape import EXTENSION, RENEWAL

RATIFIED_LATER = "ratification"
FIELDS = ("what", "due_on", "clause", "own", "why", "lead", "next_on", "state", "done_on")


def schedule(case: Application, *, at: datetime, reset: bool = False) -> None:
    """Write what is due in the case now: new days open, changed ones move, those that fell away are void.

    What was done stays done. Call it under the case's lock, after whatever it depends on was written.

    Args:
        reset: the days of reminders may have changed, so find the next one of every open deadline anew.
    """
    days = calendar.current()
    ours = parameters(case.version)
    rows = {row.key: row for row in Deadline.objects.filter(application=case)}
    found = {one.key: one for one in deadlines.due(facts(case, days, ours, rows.values()), days)}
    today = timezone.localdate(at)
    changed = []
    for key, one in found.items():
        row = rows.get(key) or Deadline(application=case, key=key, set_on=today)
        if _write(row, one, ours["reminder_days"], today, reset=reset):
            changed.append(row)
    for key, row in rows.items():
        if key not in found and row.state == DeadlineState.OPEN:
            row.state, row.next_on = DeadlineState.VOID, None
            changed.append(row)
    Deadline.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["application", "key"],
        update_fields=[*FIELDS, "set_on"],
    )


def facts(case: Application, days: Calendar, ours: dict[str, Any], rows: Any) -> Clocks:
    """What the days of the case depend on, read from its rows."""
    version = case.version
    of_firm = list(ApprovedPeriod.objects.filter(firm=case.firm_id))
    periods = {one.line: (one.first_day, one.until) for one in of_firm if one.application_id == case.pk}
    reached = None
    if periods:
        first = min(first for first, _last in periods.values())
        start = chain_start(((one.first_day, one.until) for one in of_firm), first, days)
        reached = year_on(start)
        reached = reached if reached <= max(last for _first, last in periods.values()) else None
    done: dict[str, list[date]] = {}
    for row in rows:
        if row.state == DeadlineState.DONE:
            done.setdefault(row.what, []).append(row.done_on)
    return Clocks(
        version=version,
        periods=periods,
        answers=_of_lines(version, filed_answers(case), periods) if periods else {},
        corrections=tuple(_correction(one) for one in Correction.objects.filter(application=case)),
        followed_on=_followed_on(case) if periods else None,
        emergency=_emergency(case),
        extension_open=extendable(case, version),
        year_on=reached,
        parameters=ours,
        done={what: tuple(days) for what, days in done.items()},
        done_keys=frozenset(row.key for row in rows if row.state == DeadlineState.DONE),
    )


def _of_lines(version: Version, answers: dict[str, Any], lines: Collection[str]) -> dict[str, Any]:
    """Without the measures of lines that the case does not allow, though it takes them over from the one before."""
    out = {item.id for page in version.sections if page.line and page.line not in lines for item in page.items}
    return {item_id: values for item_id, values in answers.items() if item_id not in out}


def extendable(case: Application, version: Version) -> bool:
    """Whether the version allows that the period of this case is extended: as often as it says, one after the other.

    No query as long as the version allows one extension.

    Args:
        version: what the extension would be asked for under.
    """
    left, one = version.extensions, case
    while left and one.kind == EXTENSION and one.previous_id:
        left -= 1
        if left:
            one = cast(Application, one.previous)
    return left > 0


def _followed_on(case: Application) -> date | None:
    """The day on which a case for the time after this one was filed."""
    after = Application.objects.filter(previous=case, kind__in=[EXTENSION, RENEWAL], submitted_at__isnull=False)
    filed = after.exclude(status__in=CAME_TO_NOTHING)
    moments = filed.values_list("submitted_at", flat=True).order_by("submitted_at")
    return timezone.localdate(moments[0]) if moments else None


def _emergency(case: Application) -> deadlines.Emergency | None:
    """The days of a notice that stands: received, documents supplied, ratification promised and given."""
    notice = EmergencyNotice.objects.filter(application=case).first()
    if notice is None or case.status in CAME_TO_NOTHING:
        return None
    filed = Submission.objects.filter(application=case).order_by("number").first()
    ratified = FirmNotice.objects.filter(application=case, what=FirmNotice.What.RATIFICATION).first()
    return deadlines.Emergency(
        received_on=timezone.localdate(notice.received_at),
        documents_on=timezone.localdate(filed.submitted_at) if filed else None,
        ratification_promised=filed is not None and promises_ratification(case),
        ratified_on=timezone.localdate(ratified.at) if ratified else None,
    )


def promises_ratification(case: Application) -> bool:
    """Whether the documents say that the board will ratify afterwards (clause 2.2.10)."""
    item_id, name = case.version.places(case.kind).get("consent_form", ("", ""))
    return filed_answers(case).get(item_id, {}).get(name) == RATIFIED_LATER


def _correction(row: Correction) -> deadlines.Correction:
    answered = timezone.localdate(row.answered_at) if row.answered_at else None
    return deadlines.Correction(row.pk, timezone.localdate(row.issued_at), row.due_on, answered)


def _write(row: Deadline, one: Due, thresholds: list[int], today: date, *, reset: bool) -> bool:
    """Bring a row in step; whether it changed."""
    before = [getattr(row, name) for name in FIELDS]
    if row.state == DeadlineState.VOID or row.due_on != one.on:
        row.set_on = today
    row.what, row.due_on, row.clause, row.own, row.lead = one.what, one.on, one.clause, one.own, one.lead
    row.why = {"text": one.why, "params": {name: _plain(value) for name, value in one.params.items()}}
    row.done_on = one.done_on
    row.state = DeadlineState.DONE if one.done_on else DeadlineState.OPEN
    if one.done_on:
        row.next_on = None
    elif row.pk is None or row.set_on == today:
        row.next_on = deadlines.reminder_day(one.on, one.lead, thresholds, since=today)
    elif reset:
        since = min(today, row.next_on or today)  # one that is overdue for want of a sweep is still to come
        row.next_on = deadlines.reminder_day(one.on, one.lead, thresholds, since=since)
    return row.pk is None or before != [getattr(row, name) for name in FIELDS]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
