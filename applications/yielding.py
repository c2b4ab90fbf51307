"""備查 stands in for an approval until one begins: whose period gives way to whose (clause 2.1.1, our reading)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from accounts.models import User
from applications import clocks, notify
from applications.lifecycle import lock, record, touch
from applications.models import Application, ApprovedPeriod
from applications.workdays import DAY

WHAT = "give_way"


def _stands_in(case: Application) -> bool:
    return case.version.kind(case.kind).by_notice


def settles(row: ApprovedPeriod, case: Application, first: date) -> bool:
    """Whether one of two periods that overlap ends where the other begins.

    Args:
        row: a period that there is.
        case: the case of the one to come, which begins on ``first``.
    """
    if _stands_in(row.application):
        return not _stands_in(case) and row.first_day < first
    return _stands_in(case) and first < row.first_day


def ends(
    case: Application,
    pairs: Iterable[tuple[str, ApprovedPeriod]],
    begins: Mapping[str, date],
    *,
    by: User,
    at: datetime,
) -> dict[str, date]:
    """End the emergencies' periods that give way to those of ``case``; line -> the day on which one of its own ends.

    Call it under the firm's lock, before the periods of ``case`` are written.

    Args:
        pairs: line and period, of those that overlap and ``settles`` is true of.
        begins: line -> first day of the period of ``case``.
    """
    own: dict[str, date] = {}
    yielding: dict[int, list[tuple[ApprovedPeriod, date]]] = {}
    for line, row in pairs:
        if _stands_in(case):
            own[line] = min(own.get(line, date.max), row.first_day - DAY)
        else:
            yielding.setdefault(row.application_id, []).append((row, begins[line] - DAY))
    for pk in sorted(yielding):
        _end(lock(pk), yielding[pk], case, by=by, at=at)
    return own


def _end(
    case: Application, ending: list[tuple[ApprovedPeriod, date]], successor: Application, *, by: User, at: datetime
) -> None:
    detail = {
        "for": successor.number,
        "periods": {row.line: [row.first_day.isoformat(), day.isoformat()] for row, day in ending},
        "instead_of": {row.line: row.until.isoformat() for row, _day in ending},
    }
    for row, day in ending:
        row.ended_on = day
    ApprovedPeriod.objects.bulk_update([row for row, _day in ending], ["ended_on"])
    touch(case, at=at)
    record(case, WHAT, by=by, at=at, detail=detail, seals=[row for row, _day in ending])
    clocks.schedule(case, at=at)
    notify.tell(case, WHAT, key=f"{WHAT}:{case.revision}", at=at)
