"""What has aged since a pre-review: what the version's rules say on this day and did not say on that one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from applications.actions.copying import filed
from applications.ageing import aged, filed_on
from applications.content import read
from applications.models import Application, ApprovedPeriod
from tests.factories import Cast, filed_case
from tests.reviews.pre_reviews import confirm, formal, pre_reviewed, write

pytestmark = pytest.mark.django_db

SESSIONS = [{"held_on": "2026-10-27", "session": "補訓", "make_up": "yes"}]


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00:00+08:00")


def found(before: Application, case: Application, day: str) -> list[tuple[str, str]]:
    case.refresh_from_db()
    whole = read(case, today=date.fromisoformat(day))
    return [(one.item, one.message[:14]) for one in aged(whole, filed(before))]


def period(case: Application, cast: Cast, first: str, last: str, day: str) -> None:
    write(case, cast, {"2.2.1": {"first_day": first, "last_day": last}}, at=at(day))


def test_on_the_day_itself_nothing_has_aged() -> None:
    before, cast = pre_reviewed()
    assert found(before, formal(before, cast), "2026-11-06") == []
    assert filed_on(filed(before)) == date(2026, 11, 6)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2027-04-27", []),  # the half year of the session of 2026-10-27 ends on this day
        ("2027-04-28", [("2.2.12", "最近一次教育訓練之 {mon")]),
        ("2027-10-30", [("2.2.12", "最近一次教育訓練之 {mon")]),  # twelve months of the statement of 2026-10-30
        ("2027-10-31", [("2.2.12", "最近一次教育訓練之 {mon"), ("2.2.8", "聲明書日期 {day} 距送")]),
    ],
)
def test_training_and_statement_age_on_the_day_that_the_version_gives(day: str, expected: Any) -> None:
    before, cast = pre_reviewed(changes={"2.2.12": {"sessions": SESSIONS}})
    assert found(before, formal(before, cast), day) == expected


def test_a_new_first_day_is_held_against_training_and_consent() -> None:
    before, cast = pre_reviewed(changes={"2.2.10": {"covers_from": "2026-11-30", "covers_to": "2027-02-28"}})
    case = formal(before, cast)
    period(case, cast, "2027-05-03", "2027-07-30", "2026-12-01")
    assert [item for item, _text in found(before, case, "2026-12-01")] == ["2.2.12", "2.2.10"]


def test_a_test_that_is_no_longer_before_the_first_day() -> None:
    before, cast = pre_reviewed(changes={"2.2.10": {"held_on": "2026-10-28"}})
    case = formal(before, cast)
    period(case, cast, "2026-10-20", "2027-01-19", "2026-11-07")
    assert "2.2.6" in [item for item, _text in found(before, case, "2026-11-07")]


def test_an_item_written_anew_is_not_in_the_list_even_where_it_is_wrong() -> None:
    before, cast = pre_reviewed()
    case = formal(before, cast)
    write(case, cast, {"2.2.12": {"sessions": [{"held_on": "2026-10-01", "session": "上午"}]}}, at=at("2027-06-01"))
    assert found(before, case, "2027-06-01") == []
    assert read(case, today=date(2027, 6, 1)).problems["2.2.12"] != []


def test_what_was_wrong_already_has_not_aged() -> None:
    before, cast = pre_reviewed(changes={"2.2.8": {"signed_on": "2025-10-30"}})
    case = formal(before, cast)
    assert "2.2.8" not in [item for item, _text in found(before, case, "2027-12-01")]


def test_a_year_reached_only_with_the_new_period_asks_for_the_risk_assessment() -> None:
    before, cast = pre_reviewed(changes={"2.2.11": {"answer": "na", "note": "未滿一年"}})
    case = formal(before, cast)
    other, _ = filed_case(cast)
    ApprovedPeriod.objects.create(
        firm=cast.firm, application=other, line="dealer", first_day=date(2026, 4, 1), last_day=date(2027, 3, 1)
    )
    period(case, cast, "2027-03-02", "2027-06-01", "2026-11-10")
    assert "2.2.11" in [item for item, _text in found(before, case, "2026-11-10")]


def test_carried_pages_that_wait_for_a_word_have_not_aged() -> None:
    before, cast = pre_reviewed()
    case = formal(before, cast)
    whole = read(case, today=date(2026, 11, 7))
    assert whole.problems["1"] != []
    assert aged(whole, filed(before)) == []
    confirm(case, cast, at=at("2026-11-07"))
    assert aged(replace(read(case, today=date(2026, 11, 7))), filed(before)) == []
