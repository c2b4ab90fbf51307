"""What the officer does with a case, and what each deed refuses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.enums import Role
from applications.actions.drafting import NotOpen, Unmet
from applications.enums import Status
from applications.enums import Verdict as Choice
from applications.lifecycle import Conflict
from applications.models import Application, Event, Outbox
from applications.workdays import Calendar
from reviews import verdicts
from reviews.actions import casework, judging
from reviews.actions.judging import Entry, Stale
from reviews.models import Assignment
from tests.factories import Cast, filed_case, person, said, taken_case
from tests.reviews.cases import ITEM, judge, later

WEEKDAYS = Calendar({}, frozenset())

pytestmark = pytest.mark.django_db


# --- 受理, 移交, 註記 ----------------------------------------------------------


def test_take_puts_the_case_in_the_officers_hands() -> None:
    case, cast = filed_case()
    at = later(case)
    case = casework.take(case_id=case.pk, revision=case.revision, by=cast.officer, at=at)
    assert (case.status, case.officer) == (Status.UNDER_REVIEW, cast.officer)
    assert Assignment.objects.get().since == at
    assert Outbox.objects.filter(what="take").count() == 1


def test_take_by_two_officers_lets_the_first_win() -> None:
    case, cast = filed_case()
    seen = case.revision
    casework.take(case_id=case.pk, revision=seen, by=cast.officer, at=later(case))
    with pytest.raises(Conflict) as lost:
        casework.take(case_id=case.pk, revision=seen, by=cast.other_officer, at=later(case))
    assert lost.value.case.officer == cast.officer
    assert Assignment.objects.count() == 1


def test_hand_over_closes_one_assignment_and_opens_another() -> None:
    case, cast = taken_case()
    at = later(case)
    casework.hand_over(
        case_id=case.pk, held_by=cast.officer.pk, to=cast.other_officer, by=cast.officer, at=at, remark="休假"
    )
    case.refresh_from_db()
    assert case.officer == cast.other_officer
    assert list(Assignment.objects.values_list("officer", "until")) == [
        (cast.officer.pk, at),
        (cast.other_officer.pk, None),
    ]
    event = Event.objects.get(what="hand_over")
    assert not event.shared
    assert event.detail == {"from": "李審查", "to": "陳審查", "remark": "休假"}


def test_hand_over_by_a_supervisor_of_anybodys_case() -> None:
    case, cast = taken_case()
    case = casework.hand_over(
        case_id=case.pk, held_by=cast.officer.pk, to=cast.other_officer, by=cast.supervisor, at=later(case)
    )
    assert case.officer == cast.other_officer


def test_hand_over_by_another_officer_is_refused() -> None:
    case, cast = taken_case()
    with pytest.raises(NotOpen):
        casework.hand_over(
            case_id=case.pk, held_by=cast.officer.pk, to=cast.other_officer, by=cast.other_officer, at=later(case)
        )


def test_hand_over_from_an_old_page_is_a_conflict() -> None:
    case, cast = taken_case()
    casework.hand_over(case_id=case.pk, held_by=cast.officer.pk, to=cast.other_officer, by=cast.officer, at=later(case))
    third = person(Role.OFFICER)
    with pytest.raises(Conflict):
        casework.hand_over(case_id=case.pk, held_by=cast.officer.pk, to=third, by=cast.supervisor, at=later(case))


@pytest.mark.parametrize("who", ["officer", "supervisor", "preparer"])
def test_hand_over_to_nobody_who_could_take_it(who: str) -> None:
    case, cast = taken_case()
    with pytest.raises(Unmet):
        casework.hand_over(
            case_id=case.pk, held_by=cast.officer.pk, to=getattr(cast, who), by=cast.officer, at=later(case)
        )


def test_note_is_recorded_without_its_text_in_the_trail() -> None:
    case, cast = taken_case()
    casework.add_note(case_id=case.pk, text="與法務確認", by=cast.supervisor, at=later(case))
    assert case.notes.get().text == "與法務確認"
    event = Event.objects.get(what="note")
    assert (event.shared, said(event)) == (False, {})


def test_note_that_says_nothing() -> None:
    case, cast = taken_case()
    with pytest.raises(Unmet):
        casework.add_note(case_id=case.pk, text=" \n", by=cast.officer, at=later(case))


# --- verdicts ----------------------------------------------------------------


def test_judge_keeps_an_incomplete_verdict() -> None:
    case, cast = taken_case()
    now = judge(case, cast, Entry(Choice.CORRECT, "", 0))
    assert (now.findings[ITEM].verdict, now.findings[ITEM].revision) == (Choice.CORRECT, 1)
    now = judge(case, cast, Entry("", "只有意見", 1))
    assert (now.findings[ITEM].verdict, now.findings[ITEM].comment) == ("", "只有意見")
    event = Event.objects.filter(what="judge").last()
    assert event is not None
    assert said(event) == {"submission": 1, "items": {ITEM: ["correct", ""]}}
    assert not event.shared


def test_judge_the_same_again_changes_nothing() -> None:
    case, cast = taken_case()
    judge(case, cast, Entry(Choice.OK, "", 0))
    now = judge(case, cast, Entry(Choice.OK, "", 0))
    assert now.findings[ITEM].revision == 1
    assert Event.objects.filter(what="judge").count() == 1


def test_judge_from_an_old_page_is_stale_and_keeps_what_stands() -> None:
    case, cast = taken_case()
    judge(case, cast, Entry(Choice.OK, "", 0))
    with pytest.raises(Stale) as stale:
        judging.judge(
            case_id=case.pk,
            submission=1,
            entries={ITEM: Entry(Choice.CORRECT, "我的意見", 0), "2.2.9": Entry(Choice.OK, "", 0)},
            by=cast.officer,
            at=later(case),
        )
    assert stale.value.standing[ITEM].verdict == Choice.OK
    now = verdicts.read(case)
    assert (now.findings[ITEM].verdict, now.findings["2.2.9"].verdict) == (Choice.OK, "")


def test_judge_of_an_item_left_blank_on_an_old_page_does_not_erase() -> None:
    case, cast = taken_case()
    judge(case, cast, Entry(Choice.OK, "", 0))
    assert judge(case, cast, Entry("", "", 0)).findings[ITEM].verdict == Choice.OK


def test_judge_by_an_officer_who_has_it_no_longer_is_a_conflict() -> None:
    case, cast = taken_case()
    casework.hand_over(case_id=case.pk, held_by=cast.officer.pk, to=cast.other_officer, by=cast.officer, at=later(case))
    with pytest.raises(Conflict):
        judge(case, cast, Entry(Choice.OK, "", 0))


def test_judge_of_an_earlier_submission_is_a_conflict() -> None:
    case, cast = taken_case()
    with pytest.raises(Conflict):
        judge(case, cast, Entry(Choice.OK, "", 0), submission=2)


def test_judge_of_an_item_that_does_not_exist() -> None:
    case, cast = taken_case()
    with pytest.raises(KeyError):
        judging.judge(
            case_id=case.pk, submission=1, entries={"9.9": Entry(Choice.OK, "", 0)}, by=cast.officer, at=later(case)
        )


# --- 退請補正 -----------------------------------------------------------------


def send_back_to_firm(case: Application, cast: Cast, **changes: Any) -> Any:
    at = later(case)
    given: dict[str, Any] = {
        "case_id": case.pk,
        "revision": case.revision,
        "basis": verdicts.read(case).basis,
        "letter": "請補正",
        "due_on": at.date() + timedelta(days=10),
        "by": cast.officer,
        "at": at,
    }
    return judging.return_for_correction(**given | changes)


def test_return_opens_the_failing_items_alone() -> None:
    case, cast = taken_case()
    judge(case, cast, Entry(Choice.CORRECT, "請補充說明", 0))
    correction = send_back_to_firm(case, cast)
    case.refresh_from_db()
    assert case.status == Status.RETURNED
    assert correction.items == {ITEM: "請補充說明"}
    assert Outbox.objects.filter(what="return").count() == 1


@pytest.mark.parametrize(
    ("changes", "name"),
    [({"letter": " "}, "letter"), ({"due_on": date(2026, 11, 6)}, "due_on"), ({"due_on": date(2020, 1, 1)}, "due_on")],
)
def test_return_refuses_what_is_incomplete(changes: dict[str, Any], name: str) -> None:
    case, cast = taken_case()
    judge(case, cast, Entry(Choice.CORRECT, "請補充說明", 0))
    with pytest.raises(Unmet) as unmet:
        send_back_to_firm(case, cast, **changes)
    assert [field for field, _message in unmet.value.problems] == [name]


def test_return_without_a_failing_item() -> None:
    case, cast = taken_case()
    with pytest.raises(Unmet):
        send_back_to_firm(case, cast)


def test_return_with_a_failing_item_that_has_no_comment() -> None:
    case, cast = taken_case()
    judge(case, cast, Entry(Choice.CORRECT, "", 0))
    with pytest.raises(Unmet) as unmet:
        send_back_to_firm(case, cast)
    assert [field for field, _message in unmet.value.problems] == [ITEM]


def test_return_with_a_letter_drawn_up_before_the_verdicts_changed() -> None:
    case, cast = taken_case()
    judge(case, cast, Entry(Choice.CORRECT, "請補充說明", 0))
    basis = verdicts.read(case).basis
    judge(case, cast, Entry(Choice.CORRECT, "改寫之意見", 1))
    with pytest.raises(Conflict):
        send_back_to_firm(case, cast, basis=basis)


def test_due_date_is_proposed_on_a_working_day_in_the_future() -> None:
    assert judging.propose_due(date(2026, 11, 6), 10, WEEKDAYS) == date(2026, 11, 16)  # a Monday
    assert judging.propose_due(date(2026, 11, 5), 10, WEEKDAYS) == date(2026, 11, 13)  # 11-15 is a Sunday
    assert judging.propose_due(date(2026, 11, 13), 1, WEEKDAYS) == date(2026, 11, 14)  # no working day between
