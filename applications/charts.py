"""Geometry of the timeline; the template draws it. Lengths are the units of its viewBox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from applications.ledger import Phase, Standing
from applications.present import english, show_date, words
from guideline.values import YEAR_OFFSET

WIDTH, LEFT, RIGHT, TOP, PITCH, BAR = 1080, 300, 1060, 56, 34, 20
NAME = 9  # characters of a firm's name
REACH = timedelta(days=366)  # how far from its day a timeline goes at most
MONTHS = 14  # as many have a label each
INSIDE = 90  # a bar as wide as this holds its word
COLOURS = {
    Phase.RUNNING: "#0b6b3a",
    Phase.EXPIRING: "#9a5200",
    Phase.UPCOMING: "#0b559f",
    Phase.EXPIRED: "#5a646f",
    Phase.ENDED: "#5a646f",
}


@dataclass(frozen=True)
class Bar:
    """One period. ``word`` stands at ``at``, in white where it is inside."""

    name: str
    word: str
    title: str
    colour: str
    x: float
    y: int
    width: float
    at: float
    anchor: str
    inside: bool

    @property
    def base(self) -> int:
        return self.y + 15


@dataclass(frozen=True)
class Timeline:
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str, str], ...]  # x, month, year where it changes
    day_x: float
    day: str
    height: int
    width: int = WIDTH
    top: int = TOP


def timeline(rows: Sequence[Standing], *, day: date, firms: bool) -> Timeline | None:
    """The rows of the ledger on one line each, in their order; None where there is none.

    Args:
        day: marked; what is more than a year from it is cut off.
        firms: name the firm of each row.
    """
    if not rows:
        return None
    first = min(day, max(min(one.row.first_day for one in rows), day - REACH)).replace(day=1)
    last = _next_month(max(day, min(max(one.row.until for one in rows), day + REACH)))
    whole, left = (last - first).days, LEFT if firms else LEFT // 2

    def x(at: date) -> float:
        return round(left + (RIGHT - left) * (min(max(at, first), last) - first).days / whole, 1)

    bars = []
    for number, one in enumerate(rows):
        start, end = x(one.row.first_day), x(one.row.until + timedelta(days=1))
        if one.row.until < first:  # long over: a hair at the edge
            end = start
        name = words(one.row.application.version.line(one.row.line).short)
        inside = end - start >= INSIDE
        right = end <= RIGHT - INSIDE
        bars.append(
            Bar(
                name=f"{_fitting(one.row.firm.short_name)} {name}" if firms else name,
                word=str(one.phase.label),
                title=f"{show_date(one.row.first_day)}–{show_date(one.row.until)}",
                colour=COLOURS[one.phase],
                x=start,
                y=TOP + number * PITCH,
                width=max(end - start, 2),
                at=start + 10 if inside else end + 8 if right else start - 8,
                anchor="start" if inside or right else "end",
                inside=inside,
            )
        )
    return Timeline(
        bars=tuple(bars),
        ticks=tuple((x(at), month, year) for at, month, year in _ticks(first, last)),
        day_x=x(day),
        day=show_date(day),
        height=TOP + len(rows) * PITCH + 30,
    )


def _fitting(name: str) -> str:
    most = NAME * 2 if name.isascii() else NAME  # Latin letters are half as wide
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _ticks(first: date, last: date) -> Iterator[tuple[date, str, str]]:
    """The first of each month with its words; every third month where there are many."""
    many = (last - first).days > MONTHS * 31
    at = first
    while at < last:
        if at == first or not many or at.month % 3 == 1:
            new = at == first or at.month == 1
            year = f"{at.year}" if english() else _("{year} 年").format(year=at.year - YEAR_OFFSET)
            yield at, _("{month} 月").format(month=at.month), year if new else ""
        at = _next_month(at)
