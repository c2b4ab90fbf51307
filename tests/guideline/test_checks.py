"""Every cross-item check: it names both places at its boundary, and is silent just before it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from guideline.catalogue import Words
from guideline.checks import CHECKS
from guideline.facts import Person
from reviews.demo import sample
from tests.guideline.sample_changed import VERSION, all_warnings, row, warnings

PEOPLE = sample.people()
NOVEMBER = date(2026, 11, 30)
TRADER = "JS00055"


def with_person(staff_no: str, **changes: Any) -> dict[str, Any]:
    """The roster with one person changed, and its head count."""
    people = tuple(replace(p, **changes) if p.staff_no == staff_no else p for p in PEOPLE)
    return {"people": people}


def silent(changes: dict[str, Any], facts: dict[str, Any]) -> None:
    assert warnings(changes, **facts) == []


SILENT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({}, {"people": ()}),
    ({}, with_person("JS00041", supervisor=False, at_home=True)),
    ({"2.2.2": {"contact_name": "周擬真"}}, {}),
    ({"2.2.10": {"held_on": "2026-11-30"}}, {"today": NOVEMBER}),
    ({"2.2.5.5": {"notice_state": "planned", "notice_on": "2026-11-30"}}, {}),
    ({"2.2.5.5": {"notice_on": "2026-12-20"}}, {"kind": "emergency", "today": date(2026, 12, 20)}),
    ({"2.2.6": {"tests": row(0, retested_on="2026-11-30")}}, {"today": NOVEMBER}),
    ({"2.2.12": {"sessions": lambda rows: [rows[0] | {"held_on": "2026-05-30"}]}}, {}),
    ({"2.2.12": {"at_home_attendance": 42}}, {}),
    ({"2.2.8": {"signed_on": "2025-11-06"}}, {}),
    ({"2.2.10": {"covers_lines": []}}, {}),
    ({"2.2.10": {"covers_from": "2026-11-30", "covers_to": "2027-02-28"}}, {}),
    ({"3.1.2": {"own_devices": row(0, staff_no="JS00039")}}, {}),
    ({"3.2.4": {"video_heads": 4, "substitute_heads": 2}}, {}),
    (
        {
            "2.2.7.2": {"hours": row(1, **{"from": "08:30", "to": "12:00"})},
            "3.2.5": {"hours": row(0, to="12:00")},
        },
        {},
    ),
    ({"3.2.5": {"hours": row(0, to="15:00")}}, {"lines": ("brokerage", "clearing"), "people": ()}),
]

WARNED: list[tuple[dict[str, Any], dict[str, Any], list[tuple[str, ...]]]] = [
    ({}, with_person("JS00041", at_home=True), [("2.2.2", "2.2.5.1")]),
    (
        {"2.2.5.1": {"supervisors_at_home": "yes", "supervisors_reason": "無礙"}},
        with_person("JS00041", at_home=True),
        [("2.2.2", "2.2.5.1")],
    ),
    ({"2.2.2": {"contact_name": "吳庚午"}}, {}, [("2.2.2",)]),
    ({"2.2.2": {"contact_name": "查無此人"}}, {}, [("2.2.2",)]),
    ({"3.5.3": {"manager_name": "吳庚午"}}, {}, [("3.5.3", "2.2.2")]),
    ({}, with_person("JS00043", at_home=True, lines=("dealer",)), [("3.2.4", "2.2.2")]),
    ({"3.2.4": {"video_heads": 2}}, {}, [("3.2.4", "2.2.2")]),
    ({"3.2.4": {"answer": "na", "note": "—"}}, {}, [("3.2.4", "2.2.2")]),
    ({"3.1.2": {"own_devices": row(0, staff_no=TRADER)}}, {}, [("3.1.2", "3.2.2")]),
    ({"2.2.10": {"held_on": "2026-12-01"}}, {}, [("2.2.10", "2.2.1")]),
    ({"2.2.5.5": {"notice_state": "planned", "notice_on": "2026-12-01"}}, {}, [("2.2.5.5", "2.2.1")]),
    ({"2.2.6": {"tests": row(0, retested_on="2026-12-01")}}, {}, [("2.2.6", "2.2.1")]),
    ({"2.2.12": {"sessions": lambda rows: [rows[0] | {"held_on": "2026-05-29"}]}}, {}, [("2.2.12", "2.2.1")]),
    ({"2.2.12": {"at_home_attendance": 41}}, {}, [("2.2.12", "2.2.2")]),
    ({"2.2.8": {"signed_on": "2025-11-05"}}, {}, [("2.2.8",)]),
    ({"2.2.10": {"covers_lines": ["brokerage", "dealer"]}}, {}, [("2.2.10", "2.2.3")]),
    ({"2.2.10": {"covers_from": "2026-12-01", "covers_to": "2027-02-28"}}, {}, [("2.2.10", "2.2.1")]),
    ({"2.2.10": {"covers_from": "2026-11-30", "covers_to": "2027-02-27"}}, {}, [("2.2.10", "2.2.1")]),
    ({"3.2.5": {"hours": row(0, to="14:31")}}, {}, [("3.2.5",), ("2.2.7.2", "3.2.5")]),
    ({"3.2.5": {"hours": row(0, to="14:29")}}, {}, [("2.2.7.2", "3.2.5")]),
    ({"2.2.7.2": {"hours": row(1, **{"from": "08:29"})}}, {}, [("2.2.7.2", "3.2.5")] * 2),
    ({"2.2.7.2": {"hours": row(1, **{"from": "14:00", "to": "09:00"})}}, {}, [("2.2.7.2", "3.2.5")] * 2),
    (
        {},
        {"cited": frozenset({item.id for page in VERSION.pages_of("first") for item in page.items} - {"2.2.9", "1.1"})},
        [("1.1", "2.2.9")],
    ),
]


@pytest.mark.parametrize(("changes", "facts"), SILENT)
def test_nothing_is_said_up_to_the_boundary(changes: dict[str, Any], facts: dict[str, Any]) -> None:
    silent(changes, facts)


@pytest.mark.parametrize(("changes", "facts", "expected"), WARNED)
def test_beyond_the_boundary_both_places_are_named(
    changes: dict[str, Any], facts: dict[str, Any], expected: list[tuple[str, ...]]
) -> None:
    found = warnings(changes, **facts)
    assert [problem.items for problem in found] == expected
    for problem in found:
        assert problem.warning
        assert problem.item == problem.items[0]
        assert set(re.findall(r"\{(\w+)\}", problem.message)) == set(problem.params)
        assert all(isinstance(value, Words | date | int | str | tuple) for value in problem.params.values())


def test_a_line_of_staff_at_home_that_is_not_asked_for() -> None:
    found = [p for p in all_warnings({}, lines=("brokerage", "dealer")) if p.items == ("2.2.2", "2.2.3")]
    assert [(p.params["count"], p.params["line"].zh) for p in found] == [(12, "結算及申報作業")]


def test_the_weekend_is_said_of_the_last_day_only_where_it_is_one() -> None:
    def said(day: date) -> bool:
        return any(p.items == ("2.2.1",) for p in all_warnings({}, last_day=day))

    assert [said(date(2027, 2, day)) for day in (26, 27, 28)] == [False, True, True]


def test_a_substitute_is_pointed_out_only_where_there_is_one() -> None:
    changes = {"3.2.4": {"method": "video", "video_heads": 6}}
    assert [p.items for p in all_warnings(changes)] == [("2.2.1",)]


def test_warnings_name_people_by_staff_number() -> None:
    (problem,) = warnings({}, **with_person("JS00041", at_home=True))
    assert problem.params == {"staff": ("JS00041",)}


def test_a_check_survives_an_empty_case() -> None:
    facts = replace(
        sample.facts(), first_day=None, last_day=None, lines=(), people=(Person("", "", (), True, False, False),)
    )
    for check in VERSION.checks:
        assert list(CHECKS[check.name](check.items, facts, **check.args)) == []
