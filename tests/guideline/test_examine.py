"""Strict where saving is lenient: answers, notes, evidence, tables, things that are no answer at all."""

from __future__ import annotations

from typing import Any

import pytest

from guideline.examine import item_values, section_problems
from reviews.demo import sample
from tests.guideline.sample_changed import VERSION, answers, places, problems

FACTS = sample.facts()
CITED = FACTS.cited
COMPULSORY = {"2.2.5.5", "2.2.6", "2.2.8", "2.2.10", "2.2.12"}


@pytest.mark.parametrize("item_id", sorted(COMPULSORY))
def test_compulsory_evidence_is_asked_for(item_id: str) -> None:
    assert places(problems(item_id, {}, cited=CITED - {item_id})) == [f"{item_id}/evidence"]


def test_no_other_evidence_is_compulsory() -> None:
    found = [
        p
        for section in VERSION.pages_of("first")
        for p in section_problems(section, answers({}), sample.facts(cited=frozenset()))[1]
    ]
    assert {p.item for p in found} == COMPULSORY


def test_the_risk_report_is_compulsory_where_the_item_is_answered_yes() -> None:
    assert places(problems("2.2.11", {"answer": "yes"}, cited=frozenset())) == ["2.2.11/evidence"]


def test_a_later_ratification_needs_no_minutes_yet() -> None:
    changes = {"form": "ratification", "held_on": None}
    assert places(problems("2.2.10", changes, cited=frozenset(), kind="emergency")) == []


@pytest.mark.parametrize("answer", ["no", "na"])
def test_no_and_not_applicable_need_a_note_and_nothing_else(answer: str) -> None:
    empty = {field.name: None for field in VERSION.item("3.4.2").fields}
    assert places(problems("3.4.2", {"answer": answer, "note": "　", "text": "", **empty})) == ["3.4.2/note"]
    assert places(problems("3.4.2", {"answer": answer, "note": "無", "text": "", **empty})) == []


def test_yes_needs_words() -> None:
    assert places(problems("3.4.2", {"text": " "})) == ["3.4.2/text"]


@pytest.mark.parametrize("junk", [7, "x", ["x"], [[]], {"a": 1}, [{"key": []}], True])
def test_what_is_no_answer_is_a_problem_or_nothing_never_an_error(junk: Any) -> None:
    for item in (item for page in VERSION.pages_of("first") for item in page.items):
        stored = {field.name: junk for field in item.fields} | {"answer": "yes", "chosen": "yes"}
        values, _ = item_values(item, stored, FACTS)
        assert set(values) >= {field.name for field in item.fields}


@pytest.mark.parametrize("junk", [7, "x", ["x"], [[]], {"a": 1}, [{"key": []}], True])
def test_rules_survive_what_is_no_answer(junk: Any) -> None:
    for section in VERSION.pages_of("first"):
        stored = {
            item.id: {f.name: junk for f in item.fields} | {"answer": "yes", "chosen": "yes"} for item in section.items
        }
        assert section_problems(section, stored, FACTS)[1]


def test_rows_of_a_line_that_is_not_asked_for_are_left_out() -> None:
    values, found = section_problems(VERSION.section("2.2.4"), answers({}), sample.facts(lines=("dealer",)))
    assert found == []
    assert [row["key"] for row in values["2.2.4"]["procedures"]] == ["dealer"]


def test_empty_rows_are_left_out() -> None:
    values, found = section_problems(
        VERSION.section("2.2.8"), answers({"2.2.8": {"signatories": lambda rows: [{}, *rows, {"title": " "}]}}), FACTS
    )
    assert found == []
    assert len(values["2.2.8"]["signatories"]) == 4


def test_a_half_filled_row_says_what_it_lacks() -> None:
    changes = {"signatories": [{"title": "董事長"}]}
    assert places(problems("2.2.8", changes)) == ["2.2.8/signatories/0/name"]


def test_a_half_filled_row_of_an_optional_table_says_what_it_lacks() -> None:
    changes = {"exception_days": [{"reason": "月底"}]}
    assert places(problems("2.2.7.2", changes)) == [
        f"2.2.7.2/exception_days/0/{name}" for name in ("day", "from", "to")
    ]
