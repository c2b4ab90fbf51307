"""Periods against a calendar that walks from day to day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from guideline.periods import extension_first_day, last_day

ONE = timedelta(days=1)


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
    assert extension_first_day(end) == date(2026, 5, 1)
    assert last_day(extension_first_day(end), months=3) == date(2026, 7, 31)


def test_a_half_year_not_counting_its_first_day() -> None:
    assert last_day(date(2026, 10, 21), months=6, count_first_day=False) == date(2027, 4, 21)
