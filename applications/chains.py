"""Adjoining periods: a gap of days off alone does not break a chain (requirements §3, our reading). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from applications.workdays import DAY, Calendar
from guideline.periods import last_day

YEAR = 12  # months, clause 2.2.11

Span = tuple[date, date]


def adjoins(ends: date, starts: date, calendar: Calendar) -> bool:
    """Whether no working day lies between the end of one period and the start of another."""
    day = ends + DAY
    while day < starts and not calendar.works(day):
        day += DAY
    return day >= starts


def chains(periods: Iterable[Span], calendar: Calendar) -> list[Span]:
    """The first and last day of each chain of overlapping or adjoining periods, the earliest first."""
    found: list[Span] = []
    for starts, ends in sorted(periods):
        if found and adjoins(found[-1][1], starts, calendar):
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((starts, ends))
    return found


def chain_start(periods: Iterable[Span], first_day: date, calendar: Calendar) -> date:
    """The first day of the chain that reaches up to ``first_day``; that day itself where there is none."""
    before = [(starts, ends) for starts, ends in periods if starts < first_day]
    for starts, ends in reversed(chains(before, calendar)):
        return starts if adjoins(ends, first_day, calendar) else first_day
    return first_day


def year_on(first_day: date) -> date:
    """The day that completes a year of a chain that began on ``first_day`` (clause 2.2.11)."""
    return last_day(first_day, months=YEAR)


@dataclass(frozen=True)
class Chain:
    """Adjoining periods of a firm, any line. ``year_on``: the day that completes a year of it (clause 2.2.11)."""

    first: date
    last: date
    year_on: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def reaches(self) -> bool:
        """Whether the periods that are there reach a year; the day itself counts."""
        return self.year_on <= self.last


def chain_of(spans: Iterable[Span], first: date, calendar: Calendar) -> Chain:
    """The chain of a firm's periods, any line, that the day ``first`` of one of them belongs to."""
    for start, end in chains(spans, calendar):
        if start <= first <= end:
            return Chain(start, end, year_on(start))
    raise ValueError(first)
