"""What of the answers under one version has a place under another: by item, field and valid option. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from guideline.examine import Answers
from guideline.shape import ANSWERS, Field, Item, Version
from guideline.values import Malformed, clean, is_empty, option_ids

CHOSEN = ANSWERS[:2]
Values = dict[str, dict[str, Any]]
Parted = tuple[Any, Any]  # what has a place, and what has none; None where there is nothing


@dataclass(frozen=True)
class Fitted:
    """Item id -> field -> value: what has a place in the new version, and what is left over."""

    kept: Values = dataclass_field(default_factory=dict)
    left: Values = dataclass_field(default_factory=dict)


def fit(answers: Answers, *, old: Version, new: Version) -> Fitted:
    """Part the answers of a draft under ``old`` by what ``new`` asks.

    A value of the same field stays as it was typed, also where it could not be read. Of a choice of several, and of a
    table, each option, row and cell is looked at by itself; a row of which a cell has no place is left over whole.
    Empty values are nothing.

    Args:
        answers: item id -> field -> value, as stored.
    """
    before = {item.id: item for item in old.items()}
    after = {item.id: item for item in new.items()}
    found = Fitted()
    for item_id, values in answers.items():
        for name, value in values.items():
            if is_empty(value):
                continue
            kept, left = None, value
            if item_id in after:
                kept, left = _field(name, value, before.get(item_id), after[item_id], new)
            if kept is not None:
                found.kept.setdefault(item_id, {})[name] = kept
            if left is not None:
                found.left.setdefault(item_id, {})[name] = left
    return found


def _field(name: str, value: Any, before: Item | None, after: Item, new: Version) -> Parted:
    own = () if after.plain else ("text", "note", "chosen" if after.trigger else "answer")
    if name in own:
        allowed = {"chosen": CHOSEN, "answer": ANSWERS}.get(name, (value,))
        return (value, None) if value in allowed else (None, value)
    here = _named(after.fields, name)
    if here is None:
        return None, value
    there = _named(before.fields, name) if before else None
    if here.type == "table" or (there and there.type == "table"):
        return _table(value, there, here, new) if there and here.type == there.type else (None, value)
    return _value(value, there, here, new)


def _named(fields: tuple[Field, ...], name: str) -> Field | None:
    return next((field for field in fields if field.name == name), None)


def _options(field: Field, new: Version) -> tuple[str, ...]:
    return CHOSEN if field.type == "yesno" else option_ids(field, new)


def _value(value: Any, there: Field | None, here: Field, new: Version) -> Parted:
    if here.type == "choices" and isinstance(value, list):
        options = _options(here, new)
        kept = [one for one in value if one in options]
        left = [one for one in value if one not in options]
        return kept or None, left or None
    if here.type in {"choice", "yesno"}:
        return (value, None) if value in _options(here, new) else (None, value)
    if there is not None and there.type == here.type:
        return value, None
    try:
        return clean(here, value, new), None
    except Malformed:
        return None, value


def _table(rows: Any, there: Field, here: Field, new: Version) -> Parted:
    if not isinstance(rows, list) or there.rows != here.rows:
        return None, rows
    keys = {"lines": tuple(line.id for line in new.lines), "fixed": tuple(one.id for one in here.row)}.get(here.rows)
    kept, left = [], []
    for row in rows:
        if not isinstance(row, Mapping):
            left.append(row)
            continue
        mark = {"key": row["key"]} if "key" in row else {}
        cells = {name: value for name, value in row.items() if name != "key" and not is_empty(value)}
        has_place = keys is None or row.get("key") in keys
        parted = {
            name: _cell(name, value, there, here, new) if has_place else (None, value) for name, value in cells.items()
        }
        fits = {name: one for name, (one, _) in parted.items() if one is not None}
        lost = {name: one for name, (_, one) in parted.items() if one is not None}
        if fits:
            kept.append(mark | fits)
        if lost:
            left.append(dict(row))  # with what stands beside it, or nobody knows what it was
    return kept or None, left or None


def _cell(name: str, value: Any, there: Field, here: Field, new: Version) -> Parted:
    column = _named(here.columns, name)
    return (None, value) if column is None else _value(value, _named(there.columns, name), column, new)
