"""The roster in a draft file: people with the columns of a roster file, their values as they are stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from applications.roster import as_typed, clean_row, fold
from applications.roster_columns import (
    BY_KEY,
    COLUMNS,
    CONTROL_CHARACTERS,
    LOST_MARKS,
    OUTER,
    PLACES,
    PRIVATE_USE,
    SEPARATORS,
    Row,
    RowError,
)
from guideline.answers_schema import END
from guideline.catalogue import Version
from guideline.facts import gettext_noop
from guideline.stored import UNKNOWN, WRONG_TYPE, shown

AS_KEPT = gettext_noop("請寫成「{value}」（前後不得有空白，代理人一人一項）")
TWICE = gettext_noop("員工編號「{value}」與第 {first} 人重複；請更正，或合併為一人（業務項目可填多項）")
_LISTS, _FLAGS = ("lines", "agents"), ("senior", "supervisor")
_KEYS = tuple(column.key for column in COLUMNS)
_CONTROL = CONTROL_CHARACTERS.pattern.replace("\ud800-\udfff", "")  # half a character is no JSON
_NO_EDGE = rf"^(?:[^{OUTER}](?:[\s\S]*[^{OUTER}])?)?{END}"
_NO_PART = SEPARATORS.pattern.removesuffix("+")
_MOST = 5_000


def person_schema(version: Version) -> dict[str, Any]:
    """The JSON Schema of one person. Some names that the import refuses it cannot tell (two that look alike)."""
    properties: dict[str, Any] = {}
    for column in COLUMNS:
        found: dict[str, Any] = {"type": "string", "maxLength": column.limit, "pattern": _NO_EDGE}
        if column.key == "lines":
            ids = [line.id for line in version.lines]
            found = {"type": "array", "items": {"enum": ids}, "uniqueItems": True}
        elif column.key == "agents":
            one = {"type": "string", "minLength": 1, "not": {"pattern": _NO_PART}}
            found = {"type": "array", "items": one}
        elif column.key in _FLAGS:
            found = {"type": "boolean"}
        elif column.key == "place":
            found = {"enum": list(PLACES)}
        else:
            lost = f"{LOST_MARKS.pattern}|{PRIVATE_USE.pattern}" if column.key == "name" else "\ufffd"
            found["not"] = {"pattern": f"{_CONTROL}|{lost}"}
            if column.filled:
                found["minLength"] = 1
        properties[column.key] = found | {"title": column.header}
    return {
        "type": "object",
        "properties": properties,
        "required": [column.key for column in COLUMNS if column.filled],
        "additionalProperties": False,
    }


def read(raw: Any, version: Version) -> tuple[list[Row], list[RowError]]:
    """The people, and all that is wrong with them; ``RowError.row`` counts the people from 1."""
    if not isinstance(raw, list) or len(raw) > _MOST:
        return [], [RowError(0, "", "", WRONG_TYPE)]
    rows: list[Row] = []
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    for number, person in enumerate(raw, 1):
        row, wrong = _person(person, number, version)
        if row and (first := seen.setdefault(fold(row.staff_no), number)) != number:
            params = {"value": row.staff_no, "first": first}
            wrong = [RowError(number, BY_KEY["staff_no"].header, row.staff_no, TWICE, params)]
        errors += wrong
        if row and not wrong:
            rows.append(row)
    return rows, errors


def _person(person: Any, number: int, version: Version) -> tuple[Row | None, list[RowError]]:
    if not isinstance(person, Mapping):
        return None, [RowError(number, "", "", WRONG_TYPE)]
    wrong = [
        RowError(number, "", "", UNKNOWN, {"name": shown(name)}) for name in person if name not in BY_KEY
    ] + [
        RowError(number, BY_KEY[key].header, "", WRONG_TYPE)
        for key in _KEYS
        if key in person and not _of_type(key, person[key])
    ]  # fmt: skip
    if wrong:
        return None, wrong
    row, wrong = clean_row(_texts(person), version, number, number)
    return row, wrong or list(_changed(person, row, version))


def _of_type(key: str, value: Any) -> bool:
    if key in _LISTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, bool if key in _FLAGS else str)


def _texts(person: Mapping[str, Any]) -> dict[str, str]:
    """The person as a row of a roster file."""
    texts = {key: person[key] for key in person if key not in _LISTS and key not in _FLAGS}
    texts |= {key: "；".join(person[key]) for key in _LISTS if key in person}
    return texts | {key: "是" if person[key] else "否" for key in _FLAGS if key in person}


def _changed(person: Mapping[str, Any], row: Row | None, version: Version) -> Iterator[RowError]:
    """What would not be kept as it is written."""
    if row is None:
        return
    kept, words = stored(row), as_typed(row, version)
    for key, value in person.items():
        same = sorted(value) == sorted(kept[key]) if key == "lines" else value == kept[key]
        if not same:
            shown_value = "、".join(kept[key]) if key in _LISTS else kept[key]
            yield RowError(row.position, BY_KEY[key].header, words[key], AS_KEPT, {"value": shown_value})


def stored(row: Row) -> dict[str, Any]:
    """The person as a draft file has it, without the place among the others."""
    found = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(row).items()}
    del found["position"]
    return found


def plain(people: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The roster of a submission as a draft file has it: what says nothing is left out."""
    return [{key: value for key, value in person.items() if value not in ("", [], False)} for person in people]
