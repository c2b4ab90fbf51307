"""What is due when, from facts alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.deadlines import Clocks, Correction, Due, Emergency, due, in_hand, reminder_day
from applications.workdays import Calendar
from guideline.catalogue import load

VERSION = load("112-10-03")
# 2027-02-04 to 02-10: days off, as around a lunar new year
CALENDAR = Calendar({date(2027, 2, 4) + timedelta(days=n): "closed" for n in range(7)}, frozenset({2026, 2027}))
PERIOD = (date(2026, 11, 30), date(2027, 2, 10))
OURS = {"document_days": 14, "ratification_days": 60}


def days(found: list[Due], what: str) -> list[date]:
    return [one.on for one in found if one.what == what]


def clocks(**facts: Any) -> Clocks:
    return Clocks(version=VERSION, **({"periods": {"brokerage": PERIOD}, "parameters": OURS} | facts))


def test_expiry_does_not_roll_and_the_last_filing_day_is_a_working_day() -> None:
    found = due(clocks(), CALENDAR)
    assert days(found, "expiry") == [date(2027, 2, 10)]
    assert days(found, "filing") == [date(2027, 2, 3)]
    assert [(one.clause, one.own) for one in found] == [("2.1.2", True), ("2.1.2", False)]


def test_lines_that_end_together_have_one_day() -> None:
    other = (date(2026, 12, 1), date(2027, 2, 28))
    found = due(clocks(periods={"brokerage": PERIOD, "dealer": other, "clearing": PERIOD}), CALENDAR)
    assert days(found, "expiry") == [date(2027, 2, 10), date(2027, 2, 28)]
    assert found[1].params["lines"] == ("brokerage", "clearing")


def test_no_last_filing_day_without_an_extension() -> None:
    assert days(due(clocks(extension_open=False), CALENDAR), "filing") == []


def test_last_filing_day_is_done_by_what_follows() -> None:
    found = due(clocks(followed_on=date(2027, 1, 20)), CALENDAR)
    assert [one.done_on for one in found if one.what == "filing"] == [date(2027, 1, 20)]


def test_corrections() -> None:
    rows = (
        Correction(1, date(2026, 11, 6), date(2026, 11, 16), date(2026, 11, 10)),
        Correction(2, date(2026, 11, 12), date(2026, 11, 20)),
    )
    found = due(clocks(periods={}, corrections=rows), CALENDAR)
    assert [(one.key, one.on, one.done_on, one.own, one.clause) for one in found] == [
        ("correction:1", date(2026, 11, 16), date(2026, 11, 10), True, ""),
        ("correction:2", date(2026, 11, 20), None, True, ""),
    ]


def test_documents_and_ratification_roll_to_a_working_day() -> None:
    notice = Emergency(received_on=date(2027, 1, 22), ratification_promised=True)
    found = due(clocks(periods={}, emergency=notice), CALENDAR)
    assert [(one.what, one.on, one.clause, one.own) for one in found] == [
        ("documents", date(2027, 2, 11), "2.1.1", True),  # 02-05 is a day off
        ("ratification", date(2027, 3, 23), "2.2.10", True),
    ]


def test_no_ratification_where_none_was_promised() -> None:
    found = due(clocks(periods={}, emergency=Emergency(received_on=date(2027, 1, 22))), CALENDAR)
    assert [one.what for one in found] == ["documents"]


def test_training_half_a_year_after_the_latest_session() -> None:
    sessions = [{"held_on": "2026-06-20"}, {"held_on": "2026-08-01"}, {"held_on": ""}]
    found = due(clocks(answers={"2.2.12": {"answer": "yes", "sessions": sessions}}), CALENDAR)
    assert days(found, "training") == [date(2027, 2, 1)]


def test_training_that_was_done_is_counted_from_then() -> None:
    sessions = [{"held_on": "2026-06-20"}]
    facts = {"answers": {"2.2.12": {"answer": "yes", "sessions": sessions}}}
    assert days(due(clocks(**facts), CALENDAR), "training") == [date(2026, 12, 20)]
    done = {"done": {"training": (date(2026, 12, 1),)}, "done_keys": frozenset({"training:2026-12-20"})}
    assert days(due(clocks(**facts, **done), CALENDAR), "training") == []  # 2027-06-01 is after the period


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("daily", []),
        ("monthly", [date(2026, 12, 29), date(2027, 1, 29)]),
        ("quarterly", []),
        ("biweekly", [date(2026, 12, 13) + timedelta(days=14 * n) for n in range(5)]),
    ],
)
def test_checks_by_the_firms_own_interval(interval: str, expected: list[date]) -> None:
    found = due(clocks(answers={"3.5.4": {"answer": "yes", "interval": interval}}), CALENDAR)
    assert days(found, "violations") == expected


def test_weekly_checks_are_not_announced_a_month_ahead() -> None:
    found = due(clocks(answers={"3.5.4": {"answer": "yes", "interval": "weekly"}}), CALENDAR)
    assert {one.lead for one in found if one.what == "violations"} == {6}


def test_an_item_that_is_answered_no_has_no_duty() -> None:
    found = due(clocks(answers={"3.5.4": {"answer": "no", "interval": "weekly"}}), CALENDAR)
    assert days(found, "violations") == []


def test_a_planned_notice_is_due_on_the_first_day() -> None:
    planned = {"2.2.5.5": {"answer": "yes", "notice_state": "planned"}}
    posted = {"2.2.5.5": {"answer": "yes", "notice_state": "posted"}}
    assert days(due(clocks(answers=planned), CALENDAR), "notice") == [date(2026, 11, 30)]
    assert days(due(clocks(answers=posted), CALENDAR), "notice") == []


@pytest.mark.parametrize(
    ("assessed_on", "expected"),
    [
        ("", date(2027, 1, 15)),
        ("2026-01-10", date(2027, 1, 15)),  # more than a year before the day
        ("2026-01-20", date(2027, 1, 20)),
        ("2026-11-01", None),  # the next one lies beyond the period
    ],
)
def test_risk_assessment_once_a_year_is_reached(assessed_on: str, expected: date | None) -> None:
    facts = {"year_on": date(2027, 1, 15), "answers": {"2.2.11": {"answer": "yes", "assessed_on": assessed_on}}}
    found = due(clocks(**facts), CALENDAR)
    assert days(found, "risk_assessment") == ([expected] if expected else [])


def test_risk_assessment_is_not_due_before_a_year_is_reached() -> None:
    facts = {"answers": {"2.2.11": {"answer": "yes", "assessed_on": "2026-01-10"}}}
    assert days(due(clocks(**facts), CALENDAR), "risk_assessment") == []


@pytest.mark.parametrize(
    ("lead", "since", "expected"),
    [
        (30, date(2026, 1, 1), date(2027, 1, 11)),
        (30, date(2027, 1, 11), date(2027, 1, 11)),
        (30, date(2027, 1, 12), date(2027, 1, 27)),
        (6, date(2026, 1, 1), date(2027, 2, 9)),
        (30, date(2027, 2, 11), date(2027, 2, 11)),  # the day after
        (30, date(2027, 2, 12), None),
    ],
)
def test_reminder_day(lead: int, since: date, expected: date | None) -> None:
    assert reminder_day(date(2027, 2, 10), lead, [30, 14, 7, 1, 0, -1], since=since) == expected


@pytest.mark.parametrize(
    ("pauses", "today", "expected"),
    [
        ([], date(2026, 11, 6), (1, 0)),
        ([], date(2026, 11, 10), (5, 0)),
        ([(date(2026, 11, 8), None)], date(2026, 11, 10), (3, 2)),  # the 9th and 10th do not count
        ([(date(2026, 11, 8), date(2026, 11, 12))], date(2026, 11, 12), (4, 3)),  # 6, 7, 8 and 12
        ([(date(2026, 11, 8), date(2026, 11, 12))], date(2026, 11, 13), (5, 3)),
        ([(date(2026, 11, 8), date(2026, 11, 8))], date(2026, 11, 13), (8, 0)),  # asked for and answered in a day
        ([(date(2026, 11, 7), date(2026, 11, 9)), (date(2026, 11, 10), None)], date(2026, 11, 12), (4, 3)),
    ],
)
def test_days_in_hand_stand_still_during_a_correction(
    pauses: list[tuple[date, date | None]], today: date, expected: tuple[int, int]
) -> None:
    assert in_hand(date(2026, 11, 6), pauses, today=today) == expected


@given(
    first=st.dates(date(2024, 1, 1), date(2032, 1, 1)),
    length=st.integers(0, 91),
    held=st.lists(st.dates(date(2023, 1, 1), date(2032, 12, 31)), max_size=3),
    interval=st.sampled_from(["weekly", "biweekly", "monthly", "quarterly"]),
)
def test_every_duty_falls_within_the_period_once(first: date, length: int, held: list[date], interval: str) -> None:
    last = first + timedelta(days=length)
    answers = {
        "2.2.12": {"answer": "yes", "sessions": [{"held_on": day.isoformat()} for day in held]},
        "3.5.4": {"answer": "yes", "interval": interval},
    }
    found = due(clocks(periods={"brokerage": (first, last)}, answers=answers), CALENDAR)
    assert len({one.key for one in found}) == len(found)
    assert all(first <= one.on <= last for one in found if one.what in {"training", "violations"})
    assert [one.on for one in found] == sorted(one.on for one in found)
