"""Chains of adjoining periods, and the year that they may reach."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.chains import adjoins, chain_start, chains, year_on
from applications.enums import DayKind
from applications.workdays import DAY, Calendar

# 2026-02-16 to 02-20 closed, 02-12 and 02-13 clearing alone, Saturday 02-07 a working day
KINDS = {date(2026, 2, day): DayKind.CLOSED for day in range(16, 21)}
KINDS |= {date(2026, 2, day): DayKind.CLEARING for day in (12, 13)} | {date(2026, 2, 7): DayKind.TRADING}
CALENDAR = Calendar(KINDS, frozenset({2026}))


def on(month: int, day: int) -> date:
    return date(2026, month, day)


@pytest.mark.parametrize(
    ("ends", "starts", "adjoining"),
    [
        (on(3, 10), on(3, 11), True),  # the next day
        (on(3, 10), on(3, 10), True),  # the same
        (on(3, 10), on(3, 12), False),  # a Wednesday between
        (on(3, 6), on(3, 9), True),  # a week-end between
        (on(3, 6), on(3, 10), False),  # a week-end and a Monday
        (on(2, 13), on(2, 23), True),  # two week-ends and five closed days
        (on(2, 11), on(2, 14), False),  # clearing days are working days
        (on(2, 6), on(2, 9), False),  # a working Saturday between
        (on(2, 7), on(2, 9), True),
    ],
)
def test_a_gap_of_days_off_alone_does_not_break_a_chain(ends: date, starts: date, adjoining: bool) -> None:
    assert adjoins(ends, starts, CALENDAR) is adjoining


def test_chains_of_several_lines() -> None:
    spans = [
        (on(6, 1), on(6, 30)),
        (on(1, 1), on(3, 31)),
        (on(2, 1), on(2, 10)),  # within the one before
        (on(4, 1), on(4, 30)),
        (on(7, 3), on(7, 9)),  # 1 and 2 July are working days
    ]
    assert chains(spans, CALENDAR) == [(on(1, 1), on(4, 30)), (on(6, 1), on(6, 30)), (on(7, 3), on(7, 9))]


def test_chain_start_looks_at_what_began_before() -> None:
    spans = [(on(1, 1), on(3, 31)), (on(4, 1), on(6, 30)), (on(8, 3), on(9, 30))]
    assert chain_start(spans, on(7, 1), CALENDAR) == on(1, 1)
    assert chain_start(spans, on(4, 1), CALENDAR) == on(1, 1)
    assert chain_start(spans, on(7, 2), CALENDAR) == on(7, 2)
    assert chain_start([], on(7, 2), CALENDAR) == on(7, 2)


@pytest.mark.parametrize(
    ("first", "reached"),
    [
        ("2026-01-01", "2026-12-31"),
        ("2026-03-15", "2027-03-14"),
        ("2024-02-29", "2025-02-28"),
        ("2027-03-01", "2028-02-29"),
    ],
)
def test_year_on(first: str, reached: str) -> None:
    assert year_on(date.fromisoformat(first)) == date.fromisoformat(reached)


HORIZON = 200
START = on(1, 1)
spans_of_days = st.lists(
    st.tuples(st.integers(0, HORIZON), st.integers(0, 40)).map(
        lambda one: (START + timedelta(days=one[0]), START + timedelta(days=one[0] + one[1]))
    ),
    max_size=12,
)


def by_days(spans: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Day by day: days off carry a chain over, and end none."""
    covered = {first + timedelta(days=n) for first, last in spans for n in range((last - first).days + 1)}
    found: list[tuple[date, date]] = []
    begun: date | None = None
    last = day = START
    while day <= START + timedelta(days=HORIZON + 60):
        if day in covered:
            begun, last = begun or day, day
        elif begun and CALENDAR.works(day):
            found.append((begun, last))
            begun = None
        day += DAY
    return found


@given(spans=spans_of_days)
def test_chains_agree_with_a_walk_from_day_to_day(spans: list[tuple[date, date]]) -> None:
    assert chains(spans, CALENDAR) == by_days(spans)


@given(spans=spans_of_days.filter(bool))
def test_the_start_of_a_chain_is_one_for_all_its_periods(spans: list[tuple[date, date]]) -> None:
    for first, last in chains(spans, CALENDAR):
        for begins, _ends in spans:
            if first <= begins <= last:
                assert chain_start(spans, begins, CALENDAR) == first
