"""Periods of months by the Civil Code (articles 120 and 121). Pure: no clock, no calendar of holidays."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

DAY = timedelta(days=1)


def last_day(first_day: date, *, months: int, count_first_day: bool = True) -> date:
    """The last day of a period of ``months`` months.

    The period ends the day before the day of its last month that corresponds to the day it is
    counted from; where that month has no such day, it ends on the last day of the month
    (Civil Code art. 121): 2026-01-15 + 3 → 2026-04-14, 2026-01-31 + 3 → 2026-04-30.

    Args:
        first_day: the day on which the period begins.
        months: its length, 1 or more.
        count_first_day: False where the period is counted from the next day (art. 120).
    """
    start = first_day if count_first_day else first_day + DAY
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    length = monthrange(year, month)[1]
    if start.day > length:
        return date(year, month, length)
    return date(year, month, start.day) - DAY


def extension_first_day(last_day: date) -> date:
    """An extension is a new period from the day after the expiry (clause 2.1.2)."""
    return last_day + DAY
