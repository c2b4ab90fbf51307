"""What is due when, and why. Pure: facts of a case in, days out; no clock, no database.

Days that the guideline does not give are marked ``own``: 「本系統參數，非指引所定」.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from applications.workdays import DAY, Calendar
from guideline.catalogue import Duty, Version
from guideline.facts import gettext_noop
from guideline.periods import last_day
from guideline.shape import EMERGENCY, INTERVALS
from guideline.values import as_date

EXPIRY, FILING, CORRECTION, DOCUMENTS, RATIFICATION = "expiry", "filing", "correction", "documents", "ratification"

LEAD = 30  # days before which nobody is reminded of anything


@dataclass(frozen=True)
class Due:
    """One day by which something is to be done.

    ``why`` is a sentence, or nothing for a duty of the catalogue, which has its own; ``params`` stand in it;
    ``lead`` is the most days ahead that a reminder makes sense; ``done_on`` the day on which it was done.
    """

    what: str
    key: str
    on: date
    why: str
    params: Mapping[str, Any] = field(default_factory=dict)
    clause: str = ""
    own: bool = False
    lead: int = LEAD
    done_on: date | None = None


@dataclass(frozen=True)
class Correction:
    """退請補正: asked for on ``issued_on``, answered on ``answered_on`` or not yet."""

    id: int
    issued_on: date
    due_on: date
    answered_on: date | None = None


@dataclass(frozen=True)
class Emergency:
    """An emergency notice: received, its documents supplied, its ratification promised and given."""

    received_on: date
    documents_on: date | None = None
    ratification_promised: bool = False
    ratified_on: date | None = None


@dataclass(frozen=True)
class Clocks:
    """What the days of one case depend on.

    Args:
        periods: line -> first and last day that the case gives; the last day is that of an early end.
        answers: as last filed, item id -> field -> value.
        followed_on: the day on which an extension, or another application for the time after, was filed.
        extension_open: whether the guideline allows an extension of these periods at all.
        year_on: the day on which the adjoining periods reach a year, where they do within these periods.
        parameters: our own days, ``document_days`` and ``ratification_days``.
        done: duty id -> the days on which it was recorded as done; ``done_keys``: of what these were.
    """

    version: Version
    periods: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    emergency: Emergency | None = None
    followed_on: date | None = None
    extension_open: bool = True
    year_on: date | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    done: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    done_keys: frozenset[str] = frozenset()


def due(clocks: Clocks, calendar: Calendar) -> list[Due]:
    """Every day that follows from the facts, the earliest first; a duty that was done is left out."""
    found = [*_corrections(clocks), *_emergency(clocks, calendar), *_periods(clocks, calendar), *_duties(clocks)]
    return sorted(found, key=lambda one: (one.on, one.key))


def in_hand(filed_on: date, pauses: Iterable[tuple[date, date | None]], *, today: date) -> tuple[int, int]:
    """審查天數 and the days that do not count, in calendar days: the clock stands still while a correction is pending.

    Args:
        pauses: when each correction was asked for and answered, None while it is open; the day on which it was
            asked for counts, the day on which it was answered counts again.
        today: or the day on which the case ended.
    """
    stopped = sum(max((min(until or today, today) - since).days - (until is not None), 0) for since, until in pauses)
    return (today - filed_on).days + 1 - stopped, stopped


def reminder_day(due_on: date, lead: int, thresholds: Iterable[int], *, since: date) -> date | None:
    """The first day on or after ``since`` on which somebody is reminded; None where there is none to come.

    Args:
        thresholds: days before the day; 0 on it, -1 the day after.
        lead: thresholds beyond it do not count.
    """
    days = (due_on - timedelta(days=number) for number in thresholds if number <= lead)
    return min((day for day in days if day >= since), default=None)


def _corrections(clocks: Clocks) -> Iterator[Due]:
    for one in clocks.corrections:
        yield Due(
            what=CORRECTION,
            key=f"{CORRECTION}:{one.id}",
            on=one.due_on,
            why=gettext_noop("{issued} 退請補正，補正期限由交易所於通知中指定；補正期間，審查天數停止計算。"),
            params={"issued": one.issued_on},
            own=True,
            done_on=one.answered_on,
        )


def _emergency(clocks: Clocks, calendar: Calendar) -> Iterator[Due]:
    notice = clocks.emergency
    if notice is None:
        return
    days = clocks.parameters["document_days"]
    yield Due(
        what=DOCUMENTS,
        key=DOCUMENTS,
        on=calendar.on_or_after(notice.received_on + timedelta(days=days)),
        why=gettext_noop("{received} 收到緊急通報，應於 {days} 日內補具書件；末日為休假日者，順延至次一營業日。"),
        params={"received": notice.received_on, "days": days},
        clause=clocks.version.kind(EMERGENCY).clause,
        own=True,
        done_on=notice.documents_on,
    )
    if notice.ratification_promised:
        days = clocks.parameters["ratification_days"]
        yield Due(
            what=RATIFICATION,
            key=RATIFICATION,
            on=calendar.on_or_after(notice.received_on + timedelta(days=days)),
            why=gettext_noop(
                "{received} 收到緊急通報，應於 {days} 日內提報董事會追認；末日為休假日者，順延至次一營業日。"
            ),
            params={"received": notice.received_on, "days": days},
            clause=clocks.version.places(EMERGENCY).get("consent_form", ("",))[0],
            own=True,
            done_on=notice.ratified_on,
        )


def _periods(clocks: Clocks, calendar: Calendar) -> Iterator[Due]:
    for last in sorted({last for _first, last in clocks.periods.values()}):
        lines = tuple(line for line, (_first, end) in clocks.periods.items() if end == last)
        yield Due(
            what=EXPIRY,
            key=f"{EXPIRY}:{last}",
            on=last,
            why=gettext_noop("使用期間之末日；末日為休假日者，不順延。"),
            params={"lines": lines},
            clause=clocks.version.period_clause,
        )
        if clocks.extension_open:
            yield Due(
                what=FILING,
                key=f"{FILING}:{last}",
                on=calendar.on_or_before(last),
                why=gettext_noop(
                    "延展應於期限屆滿前申請：{last} 當日或之前的最後一個營業日。屆滿日 24 時前送出者，仍屬期限內。"
                ),
                params={"last": last, "lines": lines},
                clause=clocks.version.extension_clause,
                own=True,
                done_on=clocks.followed_on,
            )


def _duties(clocks: Clocks) -> Iterator[Due]:
    if not clocks.periods:
        return
    first = min(first for first, _last in clocks.periods.values())
    last = max(last for _first, last in clocks.periods.values())
    for duty in clocks.version.duties:
        answers = clocks.answers.get(duty.item, {})
        asked = duty.since == "year" or answers.get("answer") == "yes"
        if asked and (duty.needs is None or duty.needs.met(answers)):
            yield from _duty(clocks, duty, first, last)


def _duty(clocks: Clocks, duty: Duty, first: date, last: date) -> Iterator[Due]:
    """Each time that the duty comes due while the periods run. What is done every day has no day of its own."""
    since = _since(clocks, duty, first)
    months, days = _step(clocks, duty)
    if since is None or (months, days) == INTERVALS["daily"]:
        return
    params: dict[str, Any] = {"since": since, "first": first, "last": last, "months": duty.months}
    if duty.interval:
        params["interval"] = "/".join((*duty.interval, _answer(clocks, duty.interval)[0]))
    lead = min(LEAD, months * 28 + days - 1) if months or days else LEAD
    for number in count(1):
        day = _after(since, months * number, days * number, count_first_day=duty.since == "period")
        if day > last:
            return
        key = f"{duty.id}:{day}"
        if day >= first and key not in clocks.done_keys:
            yield Due(duty.id, key, day, why="", params=params, clause=duty.item, lead=lead)
        if not (months or days):
            return


def _since(clocks: Clocks, duty: Duty, first: date) -> date | None:
    """The day that the duty is counted from; None where it is not due at all."""
    if duty.since == "period":
        return first
    given = [day for value in _answer(clocks, duty.answer) if (day := as_date(value))]
    latest = max([*given, *clocks.done.get(duty.id, ())], default=None)
    if duty.since == "answer":
        return latest
    if clocks.year_on is None:
        return None
    # by the day on which a year is reached, unless it was done within the year before
    year_before = _after(clocks.year_on, -duty.months, 0, count_first_day=False)
    return latest if latest and latest > year_before else year_before


def _answer(clocks: Clocks, place: tuple[str, ...]) -> list[str]:
    """What was answered at ``item/field``, or in every row of ``item/table/column``; empty where nothing was."""
    value = clocks.answers.get(place[0], {}).get(place[1]) if place else None
    if len(place) > 2 and isinstance(value, list):
        return [row.get(place[2], "") for row in value if isinstance(row, dict)]
    return [value] if isinstance(value, str) and value else []


def _step(clocks: Clocks, duty: Duty) -> tuple[int, int]:
    """Months and days between two times; (0, 0) where there is one alone."""
    chosen = _answer(clocks, duty.interval)
    if duty.interval:
        return INTERVALS.get(chosen[0] if chosen else "daily", INTERVALS["daily"])
    return duty.months, 0


def _after(since: date, months: int, days: int, *, count_first_day: bool) -> date:
    if months > 0:
        return last_day(since, months=months, count_first_day=count_first_day)
    if months < 0:
        year, month = divmod(since.year * 12 + since.month - 1 + months, 12)
        return date(year, month + 1, min(since.day, monthrange(year, month + 1)[1]))
    return since + timedelta(days=days) - (DAY if days and count_first_day else timedelta())
