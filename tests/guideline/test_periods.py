"""Periods against a calendar that walks from day to day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guideline.periods import extension_first_day, last_day

ONE = timedelta(days=1)
FIRST, LAST = date(2024, 1, 1), date(2032, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]

# Any day and any length that the calendar of Python can hold.
starts = st.dates(min_value=date(1921, 1, 1), max_value=date(2900, 12, 31))
lengths = st.integers(min_value=1, max_value=60)


def walked(start: date, months: int) -> date:
    """The last day by the words of article 121: walk to the last month, look there for the day that corresponds."""
    day, left = start, months
    while left:
        tomorrow = day + ONE
        left -= tomorrow.month != day.month
        day = tomorrow
    # day is the first of the last month
    month = day.month
    while day.month == month:
        if day.day == start.day:
            return day - ONE
        day += ONE
    return day - ONE


class Walk:
    """The same for every start and length at once: one walk over the days, month by month."""

    def __init__(self) -> None:
        self.months: list[list[date]] = []
        day = FIRST
        while day <= LAST + timedelta(days=400):
            if day.day == 1:
                self.months.append([])
            self.months[-1].append(day)
            day += ONE
        self.places = {day: number for number, month in enumerate(self.months) for day in month}

    def last_day(self, start: date, months: int) -> date:
        month = self.months[self.places[start] + months]
        corresponding = [day for day in month if day.day == start.day]
        return corresponding[0] - ONE if corresponding else month[-1]


WALK = Walk()


@pytest.mark.parametrize("months", range(1, 13))
def test_last_day_of_every_start_from_2024_to_2032(months: int) -> None:
    assert len(DAYS) == 3288
    wrong = [
        start
        for start in DAYS
        if last_day(start, months=months) != WALK.last_day(start, months)
        or last_day(start, months=months, count_first_day=False) != WALK.last_day(start + ONE, months)
    ]
    assert wrong == []


@pytest.mark.parametrize("months", [1, 3, 6, 12])
@pytest.mark.parametrize("year", range(2024, 2033))
def test_last_day_agrees_with_a_walk_through_the_calendar(year: int, months: int) -> None:
    start = date(year, 1, 1)
    wrong = []
    while start.year == year:
        if last_day(start, months=months) != walked(start, months):
            wrong.append(start)
        if last_day(start, months=months, count_first_day=False) != walked(start + ONE, months):
            wrong.append(start)
        start += ONE
    assert wrong == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-15", "2026-04-14"),
        ("2026-01-31", "2026-04-30"),
        ("2025-11-30", "2026-02-28"),
        ("2026-12-01", "2027-02-28"),
        ("2026-11-30", "2027-02-28"),
        ("2027-11-30", "2028-02-29"),
        ("2027-11-29", "2028-02-28"),
    ],
)
def test_three_months(start: str, end: str) -> None:
    assert last_day(date.fromisoformat(start), months=3) == date.fromisoformat(end)


def test_an_extension_is_a_period_of_its_own() -> None:
    end = last_day(date(2026, 1, 31), months=3)
    assert end == date(2026, 4, 30)
    assert extension_first_day(end) == date(2026, 5, 1)
    assert last_day(extension_first_day(end), months=3) == date(2026, 7, 31)
    # one count of six months would say another day
    assert last_day(date(2026, 1, 31), months=6) == date(2026, 7, 30)


def test_a_half_year_not_counting_its_first_day() -> None:
    assert last_day(date(2026, 10, 21), months=6, count_first_day=False) == date(2027, 4, 21)


@given(start=starts, months=lengths, count=st.booleans())
def test_the_last_day_never_goes_back_as_the_first_goes_on(start: date, months: int, count: bool) -> None:
    ends = [last_day(start + timedelta(days=n), months=months, count_first_day=count) for n in range(35)]
    assert ends == sorted(ends)
    assert last_day(start, months=months, count_first_day=count) < last_day(
        start, months=months + 1, count_first_day=count
    )


@given(start=starts, months=lengths)
def test_not_counting_the_first_day_is_counting_from_the_next(start: date, months: int) -> None:
    assert last_day(start, months=months, count_first_day=False) == last_day(start + ONE, months=months)


@given(start=starts, months=lengths)
def test_a_period_is_as_long_as_its_months(start: date, months: int) -> None:
    """The day after the last corresponds to the first, or is the first of a month that comes after a shorter one."""
    after = last_day(start, months=months) + ONE
    number = start.year * 12 + start.month - 1 + months
    if start.day <= monthrange(number // 12, number % 12 + 1)[1]:
        assert (after.year * 12 + after.month - 1, after.day) == (number, start.day)
    else:
        assert (after.year * 12 + after.month - 1, after.day) == (number + 1, 1)


@given(start=starts, months=lengths, more=lengths)
def test_the_extension_adjoins(start: date, months: int, more: int) -> None:
    end = last_day(start, months=months)
    first = extension_first_day(end)
    assert first - end == ONE
    assert last_day(first, months=more) > end
