"""The JSON Schema of a draft file, generated from a version: what a firm's own system may prepare.

It says which answers can be stored (see ``guideline.stored``), not which are complete: that is the portal's own check.
What it cannot say is left to the import: that a choice of lines is the same in two places, that files are there.
``x-required`` and ``x-when`` tell what the portal will ask for; they are annotations and refuse nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guideline.catalogue import Field, Item, Section, Version
from guideline.format import MOST_ROWS
from guideline.stored import choices_of, own_names, row_keys
from guideline.values import (
    BLANK,
    EMAIL_LENGTH,
    LARGEST,
    NOT_KEPT,
    SAYS_SOMETHING,
    STORED,
    YESNO,
    option_ids,
)

FORMAT = 1
DIALECT = "https://json-schema.org/draft/2020-12/schema"
END = r"(?![\s\S])"  # Python's $ takes a line end after it for the end, too
NUMBER_LENGTH, PLACE_LENGTH, NAME_LENGTH = 40, 100, 255
WORDS = rf"^[^{BLANK}]+(?: [^{BLANK}]+)*{END}"
FILE_NAME = rf"^[^\x00-\x1f\x7f/\\]+{END}"
SHA256 = f"^[0-9a-f]{{64}}{END}"
LABELS = {"answer": "是否辦理", "chosen": "是否為本次申請之條件", "text": "辦理情形", "note": "說明"}

Json = dict[str, Any]


def whole(pattern: str) -> str:
    """The pattern for a text that is this and nothing more."""
    return f"^(?:{pattern}){END}"


def text() -> Json:
    """A text that says something and that a database keeps."""
    return {"type": "string", "pattern": SAYS_SOMETHING, "not": {"pattern": NOT_KEPT}}


def _simple(field: Field, version: Version) -> Json:
    if field.type == "int":
        return {"type": "integer", "minimum": 0, "maximum": LARGEST}
    if field.type == "yesno":
        return {"enum": list(YESNO)}
    if field.type == "choice":
        return {"enum": list(option_ids(field, version)), "x-labels": _labels(field, version)}
    if field.type == "choices":
        one = {"enum": list(option_ids(field, version)), "x-labels": _labels(field, version)}
        return {"type": "array", "minItems": 1, "uniqueItems": True, "items": one}
    if field.type in {"line", "text"}:
        return text()
    found: Json = {"type": "string", "pattern": whole(STORED[field.type])}
    if field.type == "email":
        found["maxLength"] = EMAIL_LENGTH
    return found


def _labels(field: Field, version: Version) -> Json:
    if field.options_from == "lines":
        return {line.id: line.name.zh for line in version.lines}
    return {option.id: option.label.zh for option in field.options}


def _table(field: Field, version: Version) -> Json:
    keys = row_keys(field, version)
    row: Json = {
        "type": "object",
        "properties": {column.name: _field(column, version) for column in field.columns},
        "additionalProperties": False,
        "minProperties": 1 if keys is None else 2,
    }
    found: Json = {"type": "array", "minItems": 1, "maxItems": MOST_ROWS, "items": row}
    if keys is not None:
        row["properties"] = {"key": {"enum": list(keys)}} | row["properties"]
        row["required"] = ["key"]
        found["allOf"] = [
            {
                "contains": {"type": "object", "properties": {"key": {"const": key}}, "required": ["key"]},
                "minContains": 0,
                "maxContains": 1,
            }
            for key in keys
        ]
    return found


def _field(field: Field, version: Version) -> Json:
    found = _table(field, version) if field.type == "table" else _simple(field, version)
    found["title"] = field.label.zh
    if field.hint.zh:
        found["description"] = field.hint.zh
    if field.required:
        found["x-required"] = True
    if field.needs:
        found["x-when"] = {"field": field.needs.field, "values": list(field.needs.values)}
    return found


def _item(item: Item, version: Version) -> Json:
    properties: Json = {}
    for name in own_names(item):
        asked = text() if name in {"text", "note"} else {"enum": list(choices_of(item, name))}
        properties[name] = asked | {"title": LABELS[name]}
    properties |= {field.name: _field(field, version) for field in item.fields}
    return {
        "title": f"{item.number} {item.title.zh}".strip(),
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def pages_of(version: Version, kind: str) -> tuple[Section, ...]:
    """Every page that a case of this kind may have, those that a firm may open included."""
    return version.pages_of(kind, [section.id for section in version.sections])


def schema(version: Version, kind: str, person: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a draft of this kind.

    Args:
        person: the schema of one person of the roster, whose columns are not the guideline's.

    Raises:
        StopIteration: the version has no such kind.
    """
    found = version.kind(kind)
    items = [item for page in pages_of(version, kind) for item in page.items]
    proof = {
        "type": "object",
        "properties": {
            "file": {"type": "string", "pattern": SHA256, "title": "檔案之 SHA-256，即 files/ 下之檔名"},
            "name": {"type": "string", "minLength": 1, "maxLength": NAME_LENGTH, "pattern": FILE_NAME},
            "place": {"type": "string", "maxLength": PLACE_LENGTH, "pattern": SAYS_SOMETHING, "title": "頁次或位置"},
        },
        "required": ["file", "name"],
        "additionalProperties": False,
    }
    return {
        "$schema": DIALECT,
        "title": f"{version.title.zh}（{version.document}）{found.name.zh}草稿",
        "type": "object",
        "properties": {
            "format": {"const": FORMAT},
            "version": {"const": version.id},
            "kind": {"const": kind},
            "lines": {
                "title": "申請業務，與答案所填相同",
                "type": "array",
                "items": {"enum": [line.id for line in version.lines]},
                "uniqueItems": True,
            },
            "document_number": {"type": "string", "maxLength": NUMBER_LENGTH, "pattern": WORDS, "title": "公司文號"},
            "answers": {
                "type": "object",
                "properties": {item.id: _item(item, version) for item in items},
                "additionalProperties": False,
            },
            "roster": {"type": "array", "items": dict(person)},
            "evidence": {
                "type": "object",
                "properties": {
                    item.id: {"type": "array", "minItems": 1, "uniqueItems": True, "items": proof} for item in items
                },
                "additionalProperties": False,
            },
        },
        "required": ["format", "version", "kind", "answers"],
        "additionalProperties": False,
    }
