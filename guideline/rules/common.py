"""What the rules share: reading an answer only where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from guideline.catalogue import Field, Item
from guideline.values import as_date

Values = Mapping[str, Any]


def asked(item: Item, values: Values, name: str) -> Field | None:
    """The field, or None where another answer makes it not asked (what was typed before is kept, not judged)."""
    field = item.field(name)
    return field if field.needs is None or field.needs.met(values) else None


def asked_date(item: Item, values: Values, name: str) -> date | None:
    """The date in a field that is asked; None where there is none."""
    return as_date(values.get(name)) if asked(item, values, name) else None


def rows(item: Item, values: Values, name: str) -> Iterator[tuple[int, Values]]:
    """The numbered rows of a table that is asked for."""
    if asked(item, values, name):
        yield from enumerate(values.get(name) or [])
