"""提前終止: what the notice does, refuses and sets in motion."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from accounts.enums import Role
from applications import ledger, notify
from applications.actions import ending
from applications.actions.drafting import NotOpen, Unmet
from applications.enums import Status
from applications.lifecycle import Conflict
from applications.models import Application, ApprovedPeriod, Deadline, Event, Outbox
from tests.applications.ledgers import AT, People, at_home, day
from tests.factories import person, said

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)  # AT


def end(case: Application, people: People, **changes: Any) -> Application:
    given: dict[str, Any] = {
        "case_id": case.pk,
        "revision": case.revision,
        "lines": ["dealer"],
        "last_day_at_home": day("2026-12-31"),
        "reason": "分流需求已消失",
        "by": people.preparer,
        "at": AT,
    }
    return ending.end_early(**given | changes)


def running(people: People) -> Application:
    return people.approved(("dealer", "2026-11-01", "2027-01-31"), ("clearing", "2026-11-01", "2027-01-31"))


def test_end_early_takes_the_days_of_the_lines_that_were_named() -> None:
    people = People()
    case = running(people)
    after = end(case, people)
    assert after.revision == case.revision + 1
    assert after.changed_at == AT
    assert after.status == Status.APPROVED
    assert dict(ApprovedPeriod.objects.values_list("line", "ended_on")) == {
        "dealer": day("2026-12-31"),
        "clearing": None,
    }
    assert [right.line for right in at_home(day("2026-12-31"))] == ["clearing", "dealer"]
    assert [right.line for right in at_home(day("2027-01-01"))] == ["clearing"]


def test_end_early_is_on_record_with_its_lines_and_both_sides_are_told() -> None:
    people = People()
    officer = person(Role.OFFICER)
    person(Role.OFFICER)  # another one, who has nothing to do with it
    People()  # another firm
    case = running(people)
    Application.objects.filter(pk=case.pk).update(officer=officer)
    end(case, people, by=people.checker, reason="  分流需求已消失\n")
    event = Event.objects.get()
    assert (event.what, event.actor, event.at, event.shared) == ("end_early", people.checker, AT, True)
    assert said(event) == {
        "reason": "分流需求已消失",
        "lines": ["dealer"],
        "last_day_at_home": "2026-12-31",
        "periods": {"dealer": ["2026-11-01", "2026-12-31"]},
        "instead_of": {"dealer": "2027-01-31"},
    }
    row = Outbox.objects.get()
    assert (row.what, row.key) == ("end_early", "end_early:1")
    assert notify.AUDIENCE["end_early"] == ((Role.PREPARER, Role.CHECKER), (), True)


def test_end_early_recomputes_the_deadlines() -> None:
    people = People()
    case = people.approved(("dealer", "2026-11-01", "2027-01-31"))
    end(case, people)
    open_ = Deadline.objects.filter(application=case, state="open", what__in=["expiry", "filing"])
    assert dict(open_.values_list("what", "due_on"))["expiry"] == day("2026-12-31")


def test_end_early_breaks_the_chain_of_the_case_that_follows() -> None:
    people = People()
    before = people.approved(("dealer", "2026-09-01", "2026-11-30"))
    after = people.case()
    ledger.add(case=after, spans={"dealer": (day("2026-12-01"), day("2027-09-30"))}, by=people.preparer, at=AT)
    ledger.changed(before, ApprovedPeriod.objects.all(), since=day("2026-09-01"), at=AT)
    risk = Deadline.objects.filter(application=after, what="risk_assessment")
    assert [row.due_on for row in risk] == [day("2027-08-31")]
    end(before, people, last_day_at_home=day("2026-11-20"))
    assert [row.state for row in risk.all()] == ["void"]


@pytest.mark.parametrize(
    ("last", "field"),
    [
        ("2026-11-19", "last_day"),  # yesterday
        ("2026-11-20", ""),  # today
        ("2027-01-30", ""),
        ("2027-01-31", "last_day"),  # its own last day
        ("2027-02-01", "last_day"),
    ],
)
def test_the_day_is_today_or_later_and_before_the_last(last: str, field: str) -> None:
    people = People()
    case = running(people)
    if not field:
        end(case, people, last_day_at_home=day(last))
        assert ApprovedPeriod.objects.get(line="dealer").ended_on == day(last)
        return
    with pytest.raises(Unmet) as unmet:
        end(case, people, last_day_at_home=day(last))
    assert [name for name, _message in unmet.value.problems] == [field]
    assert not ApprovedPeriod.objects.exclude(ended_on=None).exists()
    assert not Event.objects.exists()


def test_today_is_the_day_in_taipei() -> None:
    people = People()
    case = running(people)
    midnight = datetime.fromisoformat("2026-11-20T16:00:00+00:00")  # the 21st in Taipei
    with pytest.raises(Unmet) as unmet:
        end(case, people, last_day_at_home=TODAY, at=midnight)
    assert unmet.value.problems == (("last_day", "最後居家日不得早於今日（115 年 11 月 21 日）"),)


def test_a_period_that_is_to_come_keeps_its_first_day() -> None:
    people = People()
    case = people.approved(("dealer", "2026-12-01", "2027-02-28"))
    with pytest.raises(Unmet) as unmet:
        end(case, people, last_day_at_home=day("2026-11-30"))
    assert unmet.value.problems == (
        ("last_day", "「自行買賣作業及交易作業」之最後居家日不得早於起日 115 年 12 月 1 日"),
    )
    end(case, people, last_day_at_home=day("2026-12-01"))
    assert ApprovedPeriod.objects.get().ended_on == day("2026-12-01")


def test_an_early_end_can_be_moved_forward_only() -> None:
    people = People()
    case = end(running(people), people)
    with pytest.raises(Unmet) as unmet:
        end(case, people, last_day_at_home=day("2026-12-31"))
    assert unmet.value.problems[0][1].endswith("最遲為 115 年 12 月 30 日")
    end(case, people, last_day_at_home=day("2026-12-15"))
    assert ApprovedPeriod.objects.get(line="dealer").ended_on == day("2026-12-15")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": ["brokerage"]}, "lines"),
        ({"reason": " \n"}, "reason"),
        ({"reason": "長" * 2001}, "reason"),
    ],
)
def test_end_early_needs_lines_and_a_reason(changes: dict[str, Any], field: str) -> None:
    people = People()
    case = running(people)
    with pytest.raises(Unmet) as unmet:
        end(case, people, **changes)
    assert [name for name, _message in unmet.value.problems] == [field]


def test_end_early_twice_is_a_conflict() -> None:
    people = People()
    case = running(people)
    end(case, people)
    with pytest.raises(Conflict):
        end(case, people)
    assert Event.objects.count() == 1
    assert Outbox.objects.count() == 1


def test_nothing_left_to_end_is_a_conflict() -> None:
    people = People()
    case = people.approved(("dealer", "2026-09-01", "2026-11-20"))  # its last day is today
    with pytest.raises(Conflict):
        end(case, people, last_day_at_home=TODAY)


@pytest.mark.parametrize("status", [Status.UNDER_REVIEW, Status.REFUSED, Status.WITHDRAWN])
def test_end_early_of_a_case_that_gives_no_right(status: str) -> None:
    people = People()
    case = people.approved(("dealer", "2026-11-01", "2027-01-31"), case=people.case(status=status))
    with pytest.raises(Conflict):
        end(case, people)


def test_end_early_is_the_firms_preparers_and_checkers_alone() -> None:
    people, others = People(), People()
    case = running(people)
    strangers = [others.preparer, others.checker, person(Role.FIRM_ADMIN, firm=people.firm)]
    for who in (*strangers, person(Role.OFFICER), person(Role.SUPERVISOR), person(Role.OPERATOR)):
        with pytest.raises(NotOpen):
            end(case, people, by=who)
    assert not ApprovedPeriod.objects.exclude(ended_on=None).exists()
