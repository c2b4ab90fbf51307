"""Pages of a list by keyset: no page shifts while rows are added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
LARGEST = 1 << 63
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Slice(Generic[Row]):
    rows: list[Row]
    newer: str  # cursor of ?after=, or ""
    older: str  # cursor of ?before=, or ""


def newest_first(rows: QuerySet[Row], *, by: str = "", before: str = "", after: str = "", size: int) -> Slice[Row]:
    """One page by primary key, or by a time and then the primary key; the newest first. One query.

    Args:
        by: the column with the time; none for the primary key alone.
        before, after: a cursor of an earlier page; at most one of them.

    Raises:
        ValueError: the cursor is none of ours.
    """
    order = [by, "pk"] if by else ["pk"]
    if after:
        found = list(_beyond(rows, by, after, "gt").order_by(*order)[: size + 1])
        more_newer, more_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        if before:
            rows = _beyond(rows, by, before, "lt")
        found = list(rows.order_by(*(f"-{name}" for name in order))[: size + 1])
        more_newer, more_older = bool(before), len(found) > size
        found = found[:size]
    return Slice(
        found,
        newer=_cursor(found[0], by) if found and more_newer else "",
        older=_cursor(found[-1], by) if found and more_older else "",
    )


def _beyond(rows: QuerySet[Row], by: str, cursor: str, than: str) -> QuerySet[Row]:
    if not by:
        return rows.filter(**{f"pk__{than}": _number(cursor)})
    moment, _dash, pk = cursor.partition("-")
    try:
        at = EPOCH + _number(moment) * MICROSECOND
    except OverflowError as error:
        raise ValueError(cursor) from error
    # the first condition lets the index find the place, the second settles ties
    return rows.filter(Q(**{f"{by}__{than}": at}) | Q(**{f"pk__{than}": _number(pk)}), **{f"{by}__{than}e": at})


def _cursor(row: Row, by: str) -> str:
    return f"{(getattr(row, by) - EPOCH) // MICROSECOND}-{row.pk}" if by else str(row.pk)


def _number(text: str) -> Any:
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) >= LARGEST:
        raise ValueError(text)
    return int(text)
