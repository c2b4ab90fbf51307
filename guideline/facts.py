"""What a rule may know about a case, and how it says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date
from typing import Any

from guideline.catalogue import Version


def gettext_noop(message: str) -> str:
    """Marks a message for translation; it is translated where it is shown."""
    return message


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong or deserves a look, at its place.

    ``message`` is a template in Chinese filled with ``params`` (dates as ``date``, several names as a tuple);
    ``field`` is "" for the item as a whole, "evidence" for its evidence; ``row`` is the
    index of a table's row; ``items`` names every place that a cross-item check speaks of.
    """

    item: str
    field: str
    message: str
    params: Mapping[str, Any] = attribute(default_factory=dict)
    row: int | None = None
    column: str = ""
    warning: bool = False
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Person:
    """One row of the roster, as far as rules need it."""

    staff_no: str
    name: str
    lines: tuple[str, ...]
    at_home: bool
    senior: bool
    supervisor: bool
    agents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """A case on a day. Nothing in here is read from a clock or a database."""

    version: Version
    kind: str
    today: date
    licences: frozenset[str] = frozenset()
    lines: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    # of the case that this one follows: line -> the last day that it gave
    followed: Mapping[str, date] = attribute(default_factory=dict)
    # lines that the firm may do at home by other cases, on the first day of this one or after it
    running: frozenset[str] = frozenset()
    staff_at_home: int = 0
    has_senior: bool = False
    # the day on which the chain of adjoining periods, this one included, completes a year
    year_reached_on: date | None = None
    cited: frozenset[str] = frozenset()  # items that have evidence
    people: tuple[Person, ...] = ()  # only where the whole case is examined
    values: Mapping[str, Mapping[str, Any]] = attribute(default_factory=dict)  # item -> field -> value


Problems = Iterable[Problem]
