"""Pages of a list by keyset: no page shifts while rows are added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
LARGEST = 1 << 63


@dataclass(frozen=True)
class Slice(Generic[Row]):
    rows: list[Row]
    newer: str  # cursor of ?after=, or ""
    older: str  # cursor of ?before=, or ""


def newest_first(rows: QuerySet[Row], *, before: str = "", after: str = "", size: int) -> Slice[Row]:
    """One page by primary key, the newest first. One query.

    Args:
        before, after: a cursor of an earlier page; at most one of them.

    Raises:
        ValueError: the cursor is none of ours.
    """
    if after:
        found = list(rows.filter(pk__gt=_place(after)).order_by("pk")[: size + 1])
        more_newer, more_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        if before:
            rows = rows.filter(pk__lt=_place(before))
        found = list(rows.order_by("-pk")[: size + 1])
        more_newer, more_older = bool(before), len(found) > size
        found = found[:size]
    return Slice(
        found,
        newer=str(found[0].pk) if found and more_newer else "",
        older=str(found[-1].pk) if found and more_older else "",
    )


def _place(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit()) or len(cursor) > 19 or int(cursor) >= LARGEST:
        raise ValueError(cursor)
    return int(cursor)
