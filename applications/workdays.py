"""Working days as plain data: what differs from the weekday, and which years have been announced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from applications.enums import DayKind

SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """The exchange's days.

    Args:
        kinds: the days that are not what their weekday says.
        published: the years whose calendar has been announced; a date in any other is only expected.
    """

    kinds: Mapping[date, str]
    published: frozenset[int]

    def kind(self, day: date) -> DayKind:
        """交易日, 僅辦理結算交割 or 休市."""
        usual = DayKind.TRADING if day.weekday() < SATURDAY else DayKind.CLOSED
        return DayKind(self.kinds.get(day, usual))

    def works(self, day: date) -> bool:
        """Whether a firm can file on ``day``: days of trading, and of clearing alone."""
        return self.kind(day) != DayKind.CLOSED

    def known(self, day: date) -> bool:
        """Whether the year of ``day`` has been announced."""
        return day.year in self.published

    def on_or_before(self, day: date) -> date:
        """The last working day on or before ``day``: what a firm is shown as 最晚送件日."""
        while not self.works(day):
            day -= DAY
        return day

    def on_or_after(self, day: date) -> date:
        """The first working day on or after ``day``."""
        while not self.works(day):
            day += DAY
        return day
