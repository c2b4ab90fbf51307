"""The exchange's calendar as it stands in the table that an operator keeps."""

from __future__ import annotations

from applications.models import CalendarDay, CalendarYear
from applications.workdays import Calendar


def current() -> Calendar:
    """The calendar as of now. Two queries."""
    kinds = dict(CalendarDay.objects.values_list("day", "kind"))
    published = CalendarYear.objects.filter(published=True).values_list("year", flat=True)
    return Calendar(kinds, frozenset(published))
