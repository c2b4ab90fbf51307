"""Working days of the exchange."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import holidays

SATURDAY = 5


@cache
def _closed(year: int) -> frozenset[date]:
    """Days off; the days before the lunar new year that are for clearing only are working days for filing."""
    named = holidays.financial_holidays("XTAI", years=year, language="en_US")
    return frozenset(day for day, name in named.items() if "Clearing" not in name)


def is_working_day(day: date) -> bool:
    """Whether the exchange works on ``day``, by the calendar of the ``holidays`` package."""
    return day.weekday() < SATURDAY and day not in _closed(day.year)


def last_working_day(day: date) -> date:
    """The last working day on or before ``day``: what a firm is shown as 最晚送件日."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day
