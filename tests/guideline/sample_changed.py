"""The sample filing with a few answers changed, examined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from guideline.catalogue import load
from guideline.examine import case_warnings, section_problems
from guideline.facts import Facts, Problem
from reviews.demo import sample

VERSION = load(sample.VERSION)
Row = dict[str, Any]
Changes = Mapping[str, Any]


def row(number: int, **changes: Any) -> Callable[[list[Row]], list[Row]]:
    """A change to one row of a table; a value of None empties the cell."""

    def change(rows: list[Row]) -> list[Row]:
        return [entry | changes if place == number else entry for place, entry in enumerate(rows)]

    return change


def keyed(key: str, **changes: Any) -> Callable[[list[Row]], list[Row]]:
    """A change to the row of a business line, or to a fixed row."""

    def change(rows: list[Row]) -> list[Row]:
        return [entry | changes if entry["key"] == key else entry for entry in rows]

    return change


def answers(changes: Mapping[str, Changes]) -> dict[str, Row]:
    """The sample's answers; a change is a value, or a function of the value that is there."""
    stored = deepcopy(sample.answers())
    for item_id, fields in changes.items():
        for name, value in fields.items():
            stored[item_id][name] = value(stored[item_id].get(name)) if callable(value) else value
    return stored


def problems(item_id: str, fields: Changes, **facts: Any) -> list[Problem]:
    """What is wrong with the section of the item, once its answers are changed."""
    return section_problems(VERSION.section_of(item_id), answers({item_id: fields}), sample.facts(**facts))[1]


def places(found: list[Problem]) -> list[str]:
    """Where the problems are: "item/field", "item/field/row/column"."""
    return [
        f"{p.item}/{p.field}" if p.row is None else f"{p.item}/{p.field}/{p.row}/{p.column}".rstrip("/") for p in found
    ]


def warnings(changes: Mapping[str, Changes], **facts: Any) -> list[Problem]:
    """What the cross-item checks point out, less the two things that they point out in the sample as it is."""
    known = {("3.2.4", "2.2.5.6"), ("2.2.1",)}
    return [found for found in all_warnings(changes, **facts) if found.items not in known]


def all_warnings(changes: Mapping[str, Changes], **facts: Any) -> list[Problem]:
    given: Facts = sample.facts(**facts)
    stored = answers(changes)
    values: dict[str, Row] = {}
    for section in VERSION.pages_of("first"):
        values |= section_problems(section, stored, given)[0]
    return case_warnings(replace(given, values=values))
