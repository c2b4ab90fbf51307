"""Every rule, at its boundary: what still passes, and what no longer does."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from guideline.catalogue import Words
from guideline.examine import section_problems
from guideline.facts import Person
from reviews.demo import sample
from tests.guideline.sample_changed import VERSION, answers, keyed, places, problems, row

FIRST, TODAY = date(2026, 11, 30), date(2026, 11, 6)
CLERK = Person("E1", "甲", ("dealer",), at_home=True, senior=False, supervisor=False)
UNDERWRITER = ("brokerage", "clearing")

EMERGENCY = {"kind": "emergency", "today": date(2026, 12, 20)}

Case = tuple[str, dict[str, Any], dict[str, Any]]

PASSES: list[Case] = [
    # not_after_submission, in order
    ("1.def", {"announced_on": "2026-11-06"}, {}),
    ("1.2", {"chosen": "yes", "count": 1, "first_on": "2026-11-06", "last_on": "2026-11-06", "premises": "8 樓"}, {}),
    ("1.2", {"first_on": "2026-11-09", "count": 0}, {}),  # not chosen: not judged
    # both_hit: the row that is not counted may be one-sided
    ("1.3", {"hit": row(1, agent_hit="yes", counted=None)}, {}),
    ("1.3", {"hit": row(0, date_to="2026-11-02")}, {}),
    # period_within_cap
    ("2.2.1", {"first_day": "2026-01-31", "last_day": "2026-04-30"}, {}),
    ("2.2.1", {"last_day": "2026-11-30"}, {}),
    # roster, lines
    ("2.2.2", {}, {"staff_at_home": 1}),
    ("2.2.2", {}, {"people": (replace(CLERK, at_home=False),), "lines": UNDERWRITER}),
    ("2.2.3", {"lines": ["dealer", "clearing"]}, {"licences": frozenset({"dealer"})}),
    # headcount, explained
    ("2.2.5.1", {"supervisors_at_home": "yes", "supervisors_reason": "另有錄影"}, {}),
    ("2.2.5.2", {"headcount": 42, "explained_on": "2026-11-06"}, {}),
    ("2.2.5.2", {"explained_on": "2026-12-20"}, EMERGENCY),
    # the notice
    ("2.2.5.5", {"notice_on": "2026-11-06"}, {}),
    ("2.2.5.5", {"notice_state": "planned", "notice_on": "2026-11-30"}, {}),
    ("2.2.5.5", {"notice_state": "planned", "notice_on": "2026-11-06"}, {}),
    ("2.2.5.5", {"notice_on": "2026-12-20"}, EMERGENCY),
    # recording
    ("2.2.5.6", {"methods": keyed("brokerage", method="video")}, {}),
    ("2.2.5.6", {"methods": keyed("clearing", reason=None)}, {}),
    ("2.2.5.6", {"methods": keyed("dealer", substitute_heads=None, recording_heads=3, reason=None)}, {}),
    ("2.2.5.6", {"methods": keyed("dealer", risk_assessed_on="2026-11-06")}, {}),
    # tests
    ("2.2.6", {"tests": row(0, result="passed", retested_on=None, retest_result=None)}, {}),
    ("2.2.6", {"tests": row(0, tested_to=None)}, {}),
    ("2.2.6", {"tests": row(0, retested_on="2026-11-06")}, {}),
    ("2.2.6", {"tests": row(0, retested_on="2026-11-29")}, {"today": FIRST}),
    ("2.2.6", {"tests": row(0, retested_on="2026-12-20")}, EMERGENCY),
    # measures, hours
    ("2.2.7.1", {"measures": keyed("patching", in_place="no", reason="分批更新")}, {}),
    ("2.2.7.2", {"hours": lambda rows: [*rows, {"duty": "資訊", "from": "22:00", "to": "02:00"}]}, {}),
    ("2.2.7.2", {"hours": lambda rows: rows[:1]}, {"lines": ("brokerage",)}),
    # records
    ("2.2.8", {"signed_on": "2026-11-06"}, {}),
    ("2.2.10", {"held_on": "2026-11-06"}, {}),
    ("2.2.10", {"form": "ratification", "held_on": None}, EMERGENCY),
    ("2.2.11", {}, {"year_reached_on": date(2027, 3, 1)}),
    ("2.2.11", {"answer": "yes"}, {"year_reached_on": date(2027, 2, 28)}),
    ("2.2.11", {"answer": "yes", "assessed_on": "2025-11-06"}, {"year_reached_on": date(2027, 2, 28)}),
    ("2.2.12", {}, {"today": date(2027, 4, 27)}),  # the latest session is of 2026-10-27
    # devices, calls, video
    ("3.1.2", {"own_devices": row(0, approved_on="2026-11-30", tested_on="2026-11-30")}, {}),
    ("3.1.2", {"own_devices_used": "no", "own_devices": row(0, tested_on="2026-12-01")}, {}),
    ("3.1.2", {"own_devices": row(0, staff_no="JS00039")}, {}),
    ("3.1.4", {"recording": "full", "own_recording": None, "report_back": [], "reason": None}, {}),
    ("3.2.4", {"risk_assessed_on": "2026-11-06"}, {}),
    ("3.2.4", {"method": "video", "video_heads": 6, "substitute_heads": None, "risk_assessed_on": None}, {}),
    ("3.3.1", {"tasks": row(0, place="split", division="居家建檔")}, {}),
    # whoever cannot say yes answers 否 and says why
    ("3.2.7", {"answer": "no", "note": "建置中", "both_places": "no"}, {}),
]

FAILS: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ("1.def", {"announced_on": "2026-11-07"}, {}, ["1.def/announced_on"]),
    ("1.def", {"basis": None}, {}, ["1.def/basis"]),
    ("1.1", {"issuer": " "}, {}, ["1.1/issuer"]),
    (
        "1.2",
        {"chosen": "yes", "count": 0, "first_on": "2026-11-05", "last_on": "2026-11-04", "premises": "8 樓"},
        {},
        ["1.2/count", "1.2/last_on"],
    ),
    ("1.3", {"hit": row(0, agent_hit="no")}, {}, ["1.3/hit/0/agent_hit"]),
    ("1.3", {"hit": row(1, counted=None)}, {}, ["1.3/hit/1/agent_hit"]),
    ("1.3", {"hit": row(0, counted="no")}, {}, ["1.3/hit"]),
    ("1.3", {"hit": row(0, date_to="2026-11-01")}, {}, ["1.3/hit/0/date_to"]),
    ("2.2.1", {"last_day": "2027-03-01"}, {}, ["2.2.1/last_day"]),
    ("2.2.1", {"last_day": "2026-11-29"}, {}, ["2.2.1/last_day"]),
    ("2.2.1", {"answer": "no", "note": "—", "last_day": None}, {}, ["2.2.1/last_day"]),  # always
    ("2.2.2", {}, {"staff_at_home": 0}, ["2.2.2/"]),
    ("2.2.2", {}, {"has_senior": False}, ["2.2.2/"]),
    ("2.2.2", {}, {"people": (CLERK,), "lines": UNDERWRITER}, ["2.2.2/"]),
    ("2.2.2", {"contact_senior": "no"}, {}, ["2.2.2/contact_senior"]),
    ("2.2.3", {}, {"licences": frozenset({"dealer"})}, ["2.2.3/lines"]),
    ("2.2.3", {}, {"licences": frozenset({"underwriter"})}, ["2.2.3/lines"] * 3),
    ("2.2.4", {"procedures": keyed("dealer", difference=None)}, {}, ["2.2.4/procedures/1/difference"]),
    ("2.2.5.1", {"supervisors_at_home": "yes"}, {}, ["2.2.5.1/supervisors_reason"]),
    ("2.2.5.2", {"headcount": 41}, {}, ["2.2.5.2/headcount"]),
    ("2.2.5.2", {"explained_on": "2026-11-07"}, {}, ["2.2.5.2/explained_on"]),
    ("2.2.5.2", {"explained_on": "2026-12-01"}, {"today": date(2026, 12, 1)}, ["2.2.5.2/explained_on"]),
    ("2.2.5.5", {"notice_on": "2026-11-07"}, {}, ["2.2.5.5/notice_on"]),
    ("2.2.5.5", {"notice_state": "planned", "notice_on": "2026-11-05"}, {}, ["2.2.5.5/notice_on"]),
    ("2.2.5.5", {"notice_state": "planned", "notice_on": "2026-12-01"}, {}, ["2.2.5.5/notice_on"]),
    ("2.2.5.5", {"url": "http://www.jiashan-securities.example/"}, {}, ["2.2.5.5/url"]),
    ("2.2.5.5", {"on_home_page": "no"}, {}, ["2.2.5.5/on_home_page"]),
    ("2.2.5.6", {"methods": keyed("dealer", reason=" ")}, {}, ["2.2.5.6/methods/1/reason"]),
    ("2.2.5.6", {"methods": keyed("dealer", risk_assessed_on=None)}, {}, ["2.2.5.6/methods/1/risk_assessed_on"]),
    (
        "2.2.5.6",
        {"methods": keyed("dealer", risk_assessed_on="2026-11-07")},
        {},
        ["2.2.5.6/methods/1/risk_assessed_on"],
    ),
    ("2.2.5.6", {"methods": keyed("dealer", video_heads=0)}, {}, ["2.2.5.6/methods/1/recording_heads"]),
    ("2.2.5.6", {"methods": keyed("brokerage", method="log")}, {}, ["2.2.5.6/methods/0/method"]),
    ("2.2.6", {"tests": row(0, retested_on=None)}, {}, ["2.2.6/tests/0/retested_on"]),
    ("2.2.6", {"tests": row(0, retest_result="failed")}, {}, ["2.2.6/tests/0/retest_result"]),
    ("2.2.6", {"tests": row(0, retest_result=None)}, {}, ["2.2.6/tests/0/retest_result"]),
    ("2.2.6", {"tests": row(0, retested_on="2026-11-07")}, {}, ["2.2.6/tests/0/tested_from"]),
    ("2.2.6", {"tests": row(0, retested_on="2026-11-30")}, {"today": FIRST}, ["2.2.6/tests/0/retested_on"]),
    ("2.2.6", {"tests": row(0, tested_to="2026-10-13")}, {}, ["2.2.6/tests/0/tested_to"]),
    ("2.2.6", {"tests": row(0, retested_on="2026-10-15")}, {}, ["2.2.6/tests/0/retested_on"]),
    ("2.2.6", {"secure_only": "no"}, {}, ["2.2.6/secure_only"]),
    ("2.2.6", {"tests": []}, {}, ["2.2.6/tests"]),
    ("2.2.7.1", {"measures": keyed("patching", in_place="no")}, {}, ["2.2.7.1/measures/6/reason"]),
    ("2.2.7.2", {"hours": lambda rows: rows[:2]}, {}, ["2.2.7.2/hours"]),
    ("2.2.7.2", {"hours": row(0, to="07:30")}, {}, ["2.2.7.2/hours/0/to"]),
    (
        "2.2.7.2",
        {"hours": lambda rows: [*rows, {"from": "22:00", "to": "23:00"}]},
        {},
        ["2.2.7.2/hours/3/line"],
    ),
    ("2.2.7.3", {"measures": keyed("cut_off", in_place="no")}, {}, ["2.2.7.3/measures/3/reason"]),
    ("2.2.8", {"signed_on": "2026-11-07"}, {}, ["2.2.8/signed_on"]),
    ("2.2.8", {"signatories": []}, {}, ["2.2.8/signatories"]),
    ("2.2.10", {"held_on": "2026-11-07"}, {}, ["2.2.10/held_on"]),
    ("2.2.10", {"form": "ratification"}, {}, ["2.2.10/form"]),
    ("2.2.10", {"covers_from": "2026-11-30", "covers_to": "2026-11-29"}, {}, ["2.2.10/covers_to"]),
    ("2.2.11", {}, {"year_reached_on": date(2027, 2, 28)}, ["2.2.11/answer"]),
    (
        "2.2.11",
        {"answer": "yes", "assessed_on": "2025-11-05"},
        {"year_reached_on": date(2027, 2, 28)},
        ["2.2.11/assessed_on"],
    ),
    (
        "2.2.11",
        {"answer": "yes", "ratings": lambda rows: rows[1:]},
        {},
        ["2.2.11/ratings/0/inherent", "2.2.11/ratings/0/residual"],
    ),
    ("2.2.12", {}, {"today": date(2027, 4, 28)}, ["2.2.12/sessions"]),
    ("2.2.12", {"sessions": row(3, held_on="2026-11-07")}, {}, ["2.2.12/sessions/3/held_on"]),
    ("3.1.2", {"own_devices": row(0, approved_on="2026-12-01")}, {}, ["3.1.2/own_devices/0/approved_on"]),
    ("3.1.2", {"own_devices": row(1, tested_on="2026-12-01")}, {}, ["3.1.2/own_devices/1/tested_on"]),
    ("3.1.2", {"own_devices": row(1, tested_on=None)}, {}, ["3.1.2/own_devices/1/tested_on"]),
    ("3.1.2", {"own_devices": row(0, staff_no="JS00055")}, {}, ["3.1.2/own_devices/0/staff_no"]),
    ("3.1.4", {"own_recording": "no"}, {}, ["3.1.4/own_recording"]),
    ("3.1.4", {"reason": None}, {}, ["3.1.4/reason"]),
    ("3.1.4", {"report_back": []}, {}, ["3.1.4/report_back"]),
    ("3.1.5", {"interval": None}, {}, ["3.1.5/interval"]),
    ("3.2.2", {"company_only": "no"}, {}, ["3.2.2/company_only"]),
    ("3.2.4", {"risk_assessed_on": "2026-11-07"}, {}, ["3.2.4/risk_assessed_on"]),
    ("3.2.4", {"risk_assessed_on": None}, {}, ["3.2.4/risk_assessed_on"]),
    ("3.2.4", {"substitute_heads": 0}, {}, ["3.2.4/substitute_heads"]),
    ("3.2.4", {"measures": None, "secrecy_checks": None}, {}, ["3.2.4/measures", "3.2.4/secrecy_checks"]),
    ("3.2.5", {"off_shift_blocked": "no"}, {}, ["3.2.5/off_shift_blocked"]),
    ("3.2.7", {"both_places": "no"}, {}, ["3.2.7/both_places"]),
    ("3.2.8", {"policy": "open"}, {}, ["3.2.8/controls"]),
    ("3.3.1", {"tasks": row(0, place=None)}, {}, ["3.3.1/tasks/0/place"]),
    ("3.3.2", {"tasks": row(0, place="split")}, {}, ["3.3.2/tasks/0/division"]),
    ("3.4.2", {"means": None}, {}, ["3.4.2/means"]),
    ("3.5.3", {"manager_senior": "no"}, {}, ["3.5.3/manager_senior"]),
    ("3.5.3", {"manager_name": None}, {}, ["3.5.3/manager_name"]),
    ("3.6", {"kept_at": None}, {}, ["3.6/kept_at"]),
]


@pytest.mark.parametrize(("item_id", "fields", "facts"), PASSES)
def test_the_boundary_passes(item_id: str, fields: dict[str, Any], facts: dict[str, Any]) -> None:
    assert places(problems(item_id, fields, **facts)) == []


@pytest.mark.parametrize(("item_id", "fields", "facts", "expected"), FAILS)
def test_beyond_the_boundary_is_a_problem(
    item_id: str, fields: dict[str, Any], facts: dict[str, Any], expected: list[str]
) -> None:
    assert places(problems(item_id, fields, **facts)) == expected


@pytest.mark.parametrize(("item_id", "fields", "facts", "expected"), FAILS)
def test_a_message_can_be_filled_in(
    item_id: str, fields: dict[str, Any], facts: dict[str, Any], expected: list[str]
) -> None:
    for problem in problems(item_id, fields, **facts):
        assert set(re.findall(r"\{(\w+)\}", problem.message)) == set(problem.params)
        assert all(isinstance(value, Words | date | int) for value in problem.params.values())
        assert not problem.warning


def trigger_changes(chosen: str, answer: str) -> dict[str, dict[str, Any]]:
    return {
        "1.1": {"chosen": chosen},
        "1.3": {"chosen": "no"},
        "1.alt": {"answer": answer, "note": "說明"},
    }


@pytest.mark.parametrize(
    ("chosen", "answer", "expected"),
    [("yes", "no", []), ("no", "yes", []), ("no", "no", ["1.alt/answer"]), ("no", "na", ["1.alt/answer"])],
)
def test_without_a_trigger_the_other_premises_are_compulsory(chosen: str, answer: str, expected: list[str]) -> None:
    found = section_problems(VERSION.section("1"), answers(trigger_changes(chosen, answer)), sample.facts())[1]
    assert places(found) == expected


def test_the_latest_day_allowed_is_said() -> None:
    (problem,) = problems("2.2.1", {"first_day": "2026-01-31", "last_day": "2026-05-01"})
    assert problem.message == "申請期間不得超過 {months} 個月，請輸入迄日，最遲為 {latest}"
    assert problem.params == {"months": 3, "latest": date(2026, 4, 30)}
