"""The form, the JSON Schema and the importer take the same answers and refuse the same.

To be taken is to be stored as it is: the form says nothing against it and keeps the very value; the schema validates
the draft that holds it; the importer finds nothing wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from applications.portable import people
from applications.portable.archive import strict_json
from applications.portable.reading import importable, read
from applications.roster_columns import COLUMNS
from applications.uploads import Refused
from guideline import catalogue
from guideline.answers_schema import pages_of, schema
from guideline.catalogue import Item, Version
from tests.applications.portable.strategies import ANY_TEXT, NEAR, OTHER, made_up, of_place
from tests.applications.portable.typing_in import form_keeps

pytestmark = pytest.mark.once

KINDS = [
    (version, kind.id) for version in catalogue.every() for kind in version.kinds if importable(kind)
]  # fmt: skip
EXAMPLES = 1200
VERSION = catalogue.load("112-10-03")


def validator(version: Version, kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(version, kind, people.person_schema(version)))


VALIDATORS = {(version.id, kind): validator(version, kind) for version, kind in KINDS}


def draft(version: Version, kind: str, **more: Any) -> dict[str, Any]:
    return {"format": 1, "version": version.id, "kind": kind, "answers": {}, **more}


PLACES = [
    (version.id, kind, item.id) for version, kind in KINDS for page in pages_of(version, kind) for item in page.items
]
# a version, a kind, one of its items and answers to it
CASES = st.sampled_from(PLACES).flatmap(
    lambda place: of_place(place[0], place[2]).map(lambda answers: (*place, answers))
)


@pytest.mark.parametrize(
    ("version", "kind"), [(version, kind.id) for version in catalogue.every() for kind in version.kinds]
)
def test_the_schema_of_every_kind_is_a_schema(version: Version, kind: str) -> None:
    found = schema(version, kind, people.person_schema(version))
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert list(Draft202012Validator(found).iter_errors(draft(version, kind))) == []


def agree(version: Version, item: Item, answers: dict[str, Any], by: Draft202012Validator, kind: str) -> bool | None:
    """Whether all three take the answers; None where there is no such JSON."""
    text = json.dumps(draft(version, kind, answers={item.id: answers}))
    by_schema = by.is_valid(json.loads(text))
    try:
        whole = strict_json(text.encode())
    except Refused:  # NaN and Infinity, which JSON does not have
        assert not by_schema
        return None
    by_form = form_keeps(item, whole["answers"][item.id], version)
    _found, faults = read(whole, version)
    assert by_form == by_schema == (not faults), (by_form, by_schema, faults, answers)
    return by_form


def test_form_schema_and_importer_agree() -> None:
    taken: Counter[bool | None] = Counter()

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(case=CASES)
    def agreed(case: tuple[str, str, str, dict[str, Any]]) -> None:
        version_id, kind, item_id, answers = case
        version = catalogue.load(version_id)
        taken[agree(version, version.item(item_id), answers, VALIDATORS[version_id, kind], kind)] += 1

    with translation.override("zh-hant"):
        agreed()
    assert min(taken[True], taken[False]) > EXAMPLES / 6, taken


def test_they_agree_under_a_version_that_nobody_has_written_yet() -> None:
    taken: Counter[bool | None] = Counter()

    @settings(max_examples=EXAMPLES // 2, suppress_health_check=[HealthCheck.too_slow])
    @given(case=made_up(VERSION))
    def agreed(case: tuple[Version, dict[str, Any]]) -> None:
        version, answers = case
        by = validator(version, "first")
        taken[agree(version, version.item("9.1"), answers, by, "first")] += 1

    with translation.override("zh-hant"):
        agreed()
    assert min(taken[True], taken[False]) > EXAMPLES / 12, taken


PERSON: dict[str, st.SearchStrategy[Any]] = {
    "staff_no": st.one_of(st.sampled_from(["A1", "a1 ", "A\u200b1"]), ANY_TEXT),
    "name": st.one_of(st.sampled_from(["王小明", "王?明", "王\ue000明", "王\U000f0001"]), ANY_TEXT),
    "department": st.one_of(ANY_TEXT, NEAR, OTHER),
    "title": st.one_of(st.just("專員"), NEAR),
    "branch": st.one_of(ANY_TEXT, NEAR),
    "lines": st.one_of(st.lists(st.sampled_from(["brokerage", "dealer", "受託買賣", "無"]), max_size=3), OTHER),
    "place": st.sampled_from(["home", "office", "rotating", "居家", "", None]),
    "agents": st.one_of(st.lists(st.sampled_from(["A2", "陳大文", "無", "a；b", " A3", "-"]), max_size=3), OTHER),
    "senior": st.one_of(st.booleans(), OTHER),
    "supervisor": st.booleans(),
    "device": st.one_of(ANY_TEXT, NEAR),
    "home_address": st.just("x"),
}
NEEDED = {column.key for column in COLUMNS if column.filled}
GOOD = {"staff_no": "A1", "name": "王小明", "title": "專員", "place": "home"}


@settings(max_examples=400)
@given(changes=st.fixed_dictionaries({}, optional=PERSON), dropped=st.sets(st.sampled_from(sorted(NEEDED)), max_size=1))
def test_the_schema_refuses_nobody_whom_the_importer_takes(changes: dict[str, Any], dropped: set[str]) -> None:
    person = {name: value for name, value in (GOOD | changes).items() if name not in dropped}
    rows, errors = people.read([person], VERSION)
    valid = Draft202012Validator(people.person_schema(VERSION)).is_valid(person)
    assert bool(rows) != bool(errors)
    if rows:
        assert valid
        assert people.plain([people.stored(rows[0])])[0].items() <= in_version_order(person).items()
    if not valid:
        assert errors


def in_version_order(person: dict[str, Any]) -> dict[str, Any]:
    order = [line.id for line in VERSION.lines]
    return person | ({"lines": sorted(person["lines"], key=order.index)} if "lines" in person else {})
