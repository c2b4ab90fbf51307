"""Which kind? Situations of a firm, and what is open to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from applications.finding import Finding, Held, Known, UnderWay, Wanted, find
from applications.ledger import Answer
from guideline.catalogue import load

NOW, BEFORE = load("112-10-03"), load("111-10-06")
TODAY = date(2027, 2, 1)
DAY = timedelta(days=1)
ENDS = date(2027, 2, 28)
ALL = frozenset({"broker", "dealer", "underwriter"})
OPEN = Answer(True, "116 年 2 月 28 日 24 時前送出者，仍屬期限內。", "2.1.2")
SECOND = Answer(False, "本期間為延展；延展以一次為限。", "2.1.2", next="renewal")
LATE = Answer(False, "期限已屆滿；延展應於期限屆滿前申請。", "2.1.2", next="renewal")


def held(line: str = "brokerage", *, until: date = ENDS, case: int = 1, extension: Answer = OPEN) -> Held:
    return Held(case, f"WFH-{case}", line, until - timedelta(days=89), until, extension)


def known(*periods: Held, **more: Any) -> Known:
    return Known(**{"version": NOW, "licences": ALL, "today": TODAY, "held": periods, **more})


def wanted(*lines: str, day: date = date(2027, 3, 1), **more: bool) -> Wanted:
    return Wanted(lines or ("brokerage",), day, **more)


def ways(found: Finding) -> list[tuple[str, tuple[str, ...], int | None]]:
    return [(one.kind.id, one.lines, one.follows) for one in found.ways]


RUNNING = held()
ENDED = held(until=TODAY - DAY, extension=LATE)
EXTENDED = held(case=2, extension=SECOND)
TO_COME = Held(5, "WFH-5", "brokerage", date(2027, 4, 1), date(2027, 6, 30), OPEN)
B, D, C = ("brokerage",), ("dealer",), ("clearing",)

SITUATIONS = {
    "nothing yet": (wanted(), known(), [("first", B, None)]),
    "nothing yet, three lines": (
        wanted("dealer", "clearing", "brokerage"), known(), [("first", (*B, *D, *C), None)],
    ),
    "another line runs": (wanted("dealer"), known(RUNNING), [("added_line", D, 1)]),
    "another line is to come": (wanted("dealer"), known(TO_COME), [("added_line", D, 5)]),
    "another line has ended": (wanted("dealer"), known(ENDED), [("first", D, None)]),
    "it runs on the day": (wanted(day=ENDS), known(RUNNING), [("extension", B, 1), ("renewal", B, 1)]),
    "it runs and ends before the day": (
        wanted(day=ENDS + DAY), known(RUNNING), [("extension", B, 1), ("renewal", B, 1)],
    ),
    "it runs, extended": (wanted(), known(EXTENDED), [("renewal", B, 2)]),
    "it has ended": (wanted(), known(ENDED), [("renewal", B, 1)]),
    "it is to come": (wanted(), known(TO_COME), [("extension", B, 5), ("renewal", B, 5)]),
    "one ended, one new": (
        wanted("brokerage", "dealer"), known(ENDED), [("renewal", B, 1), ("first", D, None)],
    ),
    "one runs, one new": (
        wanted("brokerage", "dealer"), known(RUNNING),
        [("extension", B, 1), ("renewal", B, 1), ("added_line", D, 1)],
    ),
    "two ended: the later one is gone on from": (
        wanted("brokerage", "dealer"), known(ENDED, held("dealer", until=TODAY - 9 * DAY, case=7, extension=LATE)),
        [("renewal", (*B, *D), 1)],
    ),
    "the last of two periods counts": (
        wanted(), known(held(until=TODAY - 9 * DAY, extension=LATE), EXTENDED), [("renewal", B, 2)],
    ),
    "emergency": (wanted(emergency=True), known(), [("emergency", B, None)]),
    "emergency of a line that runs beside another": (
        wanted("brokerage", "dealer", day=TODAY, emergency=True), known(RUNNING),
        [("emergency", D, None), ("extension", B, 1), ("renewal", B, 1)],
    ),
    "emergency that began yesterday": (
        wanted(day=TODAY - DAY, emergency=True), known(), [("emergency", B, None)],
    ),
    "emergency before a period to come": (
        wanted(day=TODAY, emergency=True), known(TO_COME), [("emergency", B, None)],
    ),
    "an opinion first": (wanted(opinion=True), known(), [("pre_review", B, None)]),
    "an opinion on a line that runs": (wanted(opinion=True), known(RUNNING), [("pre_review", B, None)]),
    "a licence is missing": (wanted("dealer"), known(licences=frozenset({"broker"})), []),
    "a licence for one of two": (
        wanted("brokerage", "dealer"), known(licences=frozenset({"broker"})), [("first", B, None)],
    ),
    "the day is past": (wanted(day=TODAY - DAY), known(), []),
    "the day is today": (wanted(day=TODAY), known(), [("first", B, None)]),
    "under way already": (
        wanted(), known(under_way=(UnderWay(9, "WFH-9", "first", B),)), [],
    ),
    "under way for one of two": (
        wanted("brokerage", "dealer"), known(under_way=(UnderWay(9, "WFH-9", "first", B),)), [("first", D, None)],
    ),
    "another kind is under way": (
        wanted(), known(under_way=(UnderWay(9, "WFH-9", "pre_review", B),)), [("first", B, None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_kinds_that_are_open(name: str) -> None:
    asked, facts, expected = SITUATIONS[name]
    assert ways(find(asked, facts)) == expected


BROKERAGE, DEALING = "「受託買賣作業及交易作業」", "「自行買賣作業及交易作業」"
NO_EXTENSION = f"{BROKERAGE}不得申請延展："
RUNS = f"{BROKERAGE}已有期間，自 115 年 12 月 1 日至 116 年 2 月 28 日（WFH-1），毋須再為申請。"
WHY = {
    "second extension": (wanted(), known(EXTENDED), "2.1.2", f"{NO_EXTENSION}本期間為延展；延展以一次為限。"),
    "after expiry": (wanted(), known(ENDED), "2.1.2", f"{NO_EXTENSION}期限已屆滿；延展應於期限屆滿前申請。"),
    "licence": (
        wanted("dealer"),
        known(licences=frozenset({"broker"})),
        "2.2.3",
        f"公司許可證照未涵蓋{DEALING}，不得申請；取得許可後始得申請。",
    ),
    "runs already": (wanted(day=ENDS), known(RUNNING), "2.1.2", RUNS),
    "past": (
        wanted(day=TODAY - DAY),
        known(),
        "2.1.1",
        "起日 116 年 1 月 31 日已過；居家辦公須先經核准，請填今日以後之日期。",
    ),
    "under way": (
        wanted(),
        known(under_way=(UnderWay(9, "WFH-9", "first", B),)),
        "2.1.1",
        f"{BROKERAGE}已有辦理中之首次申請案 WFH-9，請接續辦理。",
    ),
}


@pytest.mark.parametrize("name", WHY)
def test_what_is_not_open_is_explained_with_its_clause(name: str) -> None:
    asked, facts, clause, why = WHY[name]
    assert [(one.clause, one.why) for one in find(asked, facts).closed] == [(clause, why)]


def test_where_an_extension_is_open_it_is_said_first_and_the_day_is_named() -> None:
    first, second = find(wanted(), known(RUNNING)).ways
    assert "自 116 年 3 月 1 日起" in first.why
    assert "以 1 次為限" in first.why
    assert "116 年 2 月 28 日 24 時前送出者" in first.why
    assert "不申請延展者" in second.why


def test_case_that_is_under_way_is_led_to() -> None:
    found = find(wanted(), known(under_way=(UnderWay(9, "WFH-9", "first", B),)))
    assert [one.case for one in found.closed] == [9]


# --- another version, other kinds ----------------------------------------------

OLD = known(version=BEFORE)


@pytest.mark.parametrize(
    ("asked", "facts", "expected"),
    [
        (wanted(), OLD, [("first", B, None)]),
        (wanted("other"), OLD, [("recordation", ("other",), None)]),
        (wanted("brokerage", "other"), OLD, [("first", B, None), ("recordation", ("other",), None)]),
        (wanted("dealer"), replace(OLD, held=(RUNNING,)), [("first", D, None)]),  # it knows no added line
        (wanted(), replace(OLD, held=(ENDED,)), [("first", B, None)]),  # nor a renewal
        (wanted(), replace(OLD, held=(RUNNING,)), [("extension", B, 1), ("first", B, None)]),
        (wanted(opinion=True), OLD, []),
        (wanted("other", emergency=True), OLD, [("emergency", ("other",), None)]),
    ],
)
def test_kinds_of_the_version_before(asked: Wanted, facts: Known, expected: list[Any]) -> None:
    assert ways(find(asked, facts)) == expected


@pytest.mark.parametrize(("days", "open_"), [(0, True), (3, True), (4, False)])
def test_recordation_within_three_days_of_the_start(days: int, open_: bool) -> None:
    """``filed_within_days`` of the version: the third day is in time."""
    found = find(wanted("other", day=TODAY - days * DAY), OLD)
    assert bool(found.ways) is open_
    if not open_:
        assert found.closed[0].why == "應於起日後 3 日內申報，最遲為 116 年 1 月 31 日，已逾期。"


def test_lines_of_a_kind_come_from_the_version() -> None:
    """A version whose added lines are dealing alone: clearing is then a first application."""
    kinds = tuple(replace(kind, lines=D) if kind.id == "added_line" else kind for kind in NOW.kinds)
    facts = known(RUNNING, version=replace(NOW, kinds=kinds))
    assert ways(find(wanted("dealer", "clearing"), facts)) == [("added_line", D, 1), ("first", C, None)]


def test_when_a_kind_is_open_comes_from_the_version() -> None:
    """A version whose renewals are open only while a period runs."""
    kinds = tuple(replace(kind, open_when="period_given") if kind.id == "renewal" else kind for kind in NOW.kinds)
    assert ways(find(wanted(), known(ENDED, version=replace(NOW, kinds=kinds)))) == [("renewal", B, 1)]
    kinds = tuple(replace(kind, open_when="period_running") if kind.id == "renewal" else kind for kind in NOW.kinds)
    assert ways(find(wanted(), known(ENDED, version=replace(NOW, kinds=kinds)))) == []
