"""The whole sample filing: complete, and warned about only where there is something to look at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guideline.catalogue import Section
from guideline.examine import case_warnings, section_problems
from reviews.demo import sample
from reviews.demo.sample_filing import filing

FACTS = sample.facts()
SECTIONS = FACTS.version.pages_of("first")


def test_the_sample_answers_every_item_in_known_fields() -> None:
    answers = sample.answers()
    assert set(answers) == {item.id for page in SECTIONS for item in page.items}
    for item in (item for page in SECTIONS for item in page.items):
        known = {field.name for field in item.fields} | {"chosen" if item.trigger else "answer", "text", "note"}
        assert set(answers[item.id]) <= known, item.id


def test_the_roster_counts_as_the_filing_says() -> None:
    expected = filing()["roster"]["expected"]
    assert len(FACTS.people) == expected["total"]
    assert FACTS.staff_at_home == expected["at_home"]
    assert sum(person.senior for person in FACTS.people) == expected["senior_managers"]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_the_sample_is_complete(section: Section) -> None:
    assert section_problems(section, sample.answers(), FACTS)[1] == []


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_cleaned_values_clean_to_themselves(section: Section) -> None:
    values, _ = section_problems(section, sample.answers(), FACTS)
    assert section_problems(section, values, FACTS) == (values, [])


def test_text_comes_through_unchanged() -> None:
    for section in SECTIONS:
        values, _ = section_problems(section, sample.answers(), FACTS)
        for item_id in values:
            clause = filing()["clauses"][item_id]
            assert (values[item_id]["text"], values[item_id]["note"]) == (clause["text"], clause["note"])


def test_the_warnings_are_the_two_that_deserve_a_look() -> None:
    values: dict[str, dict[str, object]] = {}
    for section in SECTIONS:
        values |= section_problems(section, sample.answers(), FACTS)[0]
    found = case_warnings(replace(FACTS, values=values))
    expected = {tuple(entry["where"]) for entry in filing()["expected_checks"]["warnings"]}
    assert [problem.items for problem in found] == [("3.2.4", "2.2.5.6"), ("2.2.1",)]
    assert {problem.items for problem in found} <= expected
    assert all(problem.warning for problem in found)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_an_empty_section_says_what_is_missing_for_each_item(section: Section) -> None:
    problems = section_problems(section, {}, replace(FACTS, cited=frozenset()))[1]
    assert {problem.item for problem in problems} == {item.id for item in section.items}
    assert all(
        {"answer", "chosen"} & {problem.field for problem in problems if problem.item == item.id}
        for item in section.items
    )
