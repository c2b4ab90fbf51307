"""Which answers can be stored as they are: what the form would keep unchanged and without a word.

Saving is lenient, so nothing here asks whether an answer is complete; ``guideline.examine`` does. What says nothing
is left out, so that two files that say the same are the same. ``guideline.answers_schema`` says it as JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from guideline.catalogue import ANSWERS, Field, Item, Version
from guideline.facts import Problem, gettext_noop
from guideline.format import MOST_ROWS
from guideline.values import NOT_KEPT, YESNO, Malformed, clean, is_empty

NOTHING = gettext_noop("此處沒有內容；未填者請勿列出")
WRONG_TYPE = gettext_noop("資料型別不符，請參照 JSON Schema")
WRITE_AS = gettext_noop("請寫成「{value}」")
TWICE = gettext_noop("選項重複，每一選項至多一次")
LINE_ENDS = gettext_noop("換行請以 LF（\\n）表示，且不得含空字元（NUL）")
UNKNOWN = gettext_noop("沒有「{name}」這個欄位")
ANSWER = gettext_noop("請由 {choices} 中選擇")
NO_KEY = gettext_noop("此列之 key 須為 {choices} 之一，每一 key 至多一列")
TOO_MANY = gettext_noop("至多 {count} 列")

_NOT_KEPT = re.compile(NOT_KEPT)


def row_keys(field: Field, version: Version) -> tuple[str, ...] | None:
    """The keys that rows of a table may have; None where rows are free."""
    if field.rows == "lines":
        return tuple(line.id for line in version.lines)
    return tuple(option.id for option in field.row) if field.rows == "fixed" else None


def choices_of(item: Item, name: str) -> tuple[str, ...]:
    """What ``answer`` or ``chosen`` may be."""
    return YESNO if name == "chosen" else ANSWERS


def own_names(item: Item) -> tuple[str, ...]:
    """What an item asks besides its fields."""
    if item.plain:
        return ()
    return ("chosen" if item.trigger else "answer", "text", "note")


def check(field: Field, value: Any, version: Version) -> None:
    """Nothing, where a simple field keeps ``value`` as it is.

    Raises:
        Malformed: it says nothing, is of another type, or is not written as it would be stored.
    """
    if is_empty(value):
        raise Malformed(NOTHING)
    if field.type == "choices":
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Malformed(WRONG_TYPE)
        clean(field, value, version)
        if len(set(value)) != len(value):
            raise Malformed(TWICE)
        return
    if type(value) is not (int if field.type == "int" else str):  # a bool is an int, too
        raise Malformed(WRONG_TYPE)
    _check_text(value)
    cleaned = clean(field, value, version)
    if cleaned != value:
        raise Malformed(WRITE_AS, value=cleaned)


def _check_text(value: Any) -> None:
    if isinstance(value, str) and _NOT_KEPT.search(value):
        raise Malformed(LINE_ENDS)


def _said(item: Item, name: str, value: Any) -> None:
    if is_empty(value):
        raise Malformed(NOTHING)
    if not isinstance(value, str):
        raise Malformed(WRONG_TYPE)
    if name in {"text", "note"}:
        _check_text(value)
    elif value not in choices_of(item, name):
        raise Malformed(ANSWER, choices=choices_of(item, name))


def _rows(item: Item, field: Field, rows: Any, version: Version) -> Iterator[Problem]:
    if not isinstance(rows, list) or not rows:
        yield Problem(item.id, field.name, NOTHING if rows == [] or rows is None else WRONG_TYPE)
        return
    if len(rows) > MOST_ROWS:
        yield Problem(item.id, field.name, TOO_MANY, {"count": MOST_ROWS})
        return
    keys, columns = row_keys(field, version), {column.name: column for column in field.columns}
    seen: set[str] = set()
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            yield Problem(item.id, field.name, WRONG_TYPE, row=number)
            continue
        cells = dict(row)
        if keys is not None:
            key = cells.pop("key", None)
            if not isinstance(key, str) or key not in keys or key in seen:
                yield Problem(item.id, field.name, NO_KEY, {"choices": keys}, row=number)
            else:
                seen.add(key)
        if not cells:
            yield Problem(item.id, field.name, NOTHING, row=number)
        for name, value in cells.items():
            if name not in columns:
                yield Problem(item.id, field.name, UNKNOWN, {"name": shown(name)}, row=number)
                continue
            try:
                check(columns[name], value, version)
            except Malformed as error:
                yield Problem(item.id, field.name, str(error), error.params, row=number, column=name)


def item_faults(item: Item, answers: Any, version: Version) -> Iterator[Problem]:
    """What of the answers to an item cannot be stored as it is, each at its field, row and column."""
    if not isinstance(answers, Mapping):
        yield Problem(item.id, "", WRONG_TYPE)
        return
    fields = {field.name: field for field in item.fields}
    for name, value in answers.items():
        try:
            if name in fields and fields[name].type == "table":
                yield from _rows(item, fields[name], value, version)
            elif name in fields:
                check(fields[name], value, version)
            elif name in own_names(item):
                _said(item, name, value)
            else:
                yield Problem(item.id, "", UNKNOWN, {"name": shown(name)})
        except Malformed as error:
            yield Problem(item.id, name, str(error), error.params)


def shown(name: str, length: int = 60) -> str:
    """A name from a file as it may be printed: short, without characters that a terminal obeys."""
    return "".join(c if c.isprintable() else "\ufffd" for c in name[:length]) + ("…" if len(name) > length else "")
