"""Sign-off by another person and the authority's letter: what each deed does and refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.enums import Role
from applications.actions import filing
from applications.actions.drafting import NotOpen, Unmet
from applications.enums import Status
from applications.enums import Verdict as Choice
from applications.evidence import Refused
from applications.lifecycle import Conflict
from applications.models import Application, ApprovedPeriod, Decision, Event
from reviews.actions import deciding, judging
from reviews.actions.judging import Entry
from reviews.models import Recommendation
from tests.factories import Cast, filed_case, judge_all, person, said, taken_case
from tests.reviews.cases import ITEM, NUMBER, decide, forwarded, judge, later, put_up, scan

pytestmark = pytest.mark.django_db


# --- 陳核, 覆核 ---------------------------------------------------------------


def test_recommend_forward_needs_every_verdict_and_none_failing() -> None:
    case, cast = taken_case()
    now = judge_all(case, by=cast.officer, at=later(case), failing={ITEM: "請補充"})
    assert not now.unjudged
    arguments: dict[str, Any] = {"case_id": case.pk, "revision": case.revision, "by": cast.officer, "at": later(case)}
    with pytest.raises(Unmet) as unmet:
        judging.recommend(**arguments, outcome="forward", reasons="")
    assert [field for field, _message in unmet.value.problems] == [ITEM]
    judge(case, cast, Entry(Choice.NA, "", 1))
    judging.recommend(**arguments, outcome="forward", reasons="")
    case.refresh_from_db()
    assert case.status == Status.AWAITING_SIGNOFF
    assert not Event.objects.get(what="recommend").shared


def test_recommend_forward_of_a_case_not_judged() -> None:
    case, cast = taken_case()
    with pytest.raises(Unmet) as unmet:
        judging.recommend(
            case_id=case.pk, revision=case.revision, outcome="forward", reasons="", by=cast.officer, at=later(case)
        )
    assert len(unmet.value.problems) == 51


@pytest.mark.parametrize(("outcome", "name"), [("reject", "reasons"), ("approve", "outcome")])
def test_recommend_refuses_what_is_incomplete(outcome: str, name: str) -> None:
    case, cast = taken_case()
    with pytest.raises(Unmet) as unmet:
        judging.recommend(
            case_id=case.pk, revision=case.revision, outcome=outcome, reasons=" ", by=cast.officer, at=later(case)
        )
    assert unmet.value.problems[0][0] == name


def test_forward_by_another_person_releases() -> None:
    case, cast = forwarded()
    found = Recommendation.objects.get()
    assert case.status == Status.FORWARDED
    assert (found.decided_by, found.released, found.document_number) == (cast.supervisor, True, NUMBER)


@pytest.mark.parametrize("number", ["", "  ", "字" * 41])
def test_forward_refuses_a_number_that_is_none(number: str) -> None:
    case, cast = put_up()
    with pytest.raises(Unmet):
        deciding.forward(
            case_id=case.pk, revision=case.revision, document_number=number, by=cast.supervisor, at=later(case)
        )
    case.refresh_from_db()
    assert case.status == Status.AWAITING_SIGNOFF


def test_nobody_releases_what_he_recommended() -> None:
    cast = Cast()
    cast.officer = cast.supervisor = person(Role.OFFICER, Role.SUPERVISOR, name="兼任")
    case, _cast = taken_case(cast)
    judge_all(case, by=cast.officer, at=later(case))
    judging.recommend(
        case_id=case.pk, revision=case.revision, outcome="forward", reasons="", by=cast.officer, at=later(case)
    )
    case.refresh_from_db()
    common: dict[str, Any] = {"case_id": case.pk, "revision": case.revision, "by": cast.officer, "at": later(case)}
    with pytest.raises(NotOpen):
        deciding.forward(**common, document_number=NUMBER)
    with pytest.raises(NotOpen):
        deciding.send_back(**common, remark="退回")
    # also where the case has been handed on in the meantime
    Application.objects.filter(pk=case.pk).update(officer=cast.other_officer)
    with pytest.raises(NotOpen):
        deciding.forward(**common, document_number=NUMBER)


def test_two_supervisors_at_once_let_the_first_win() -> None:
    case, cast = put_up()
    second = person(Role.SUPERVISOR)
    seen = case.revision
    deciding.send_back(case_id=case.pk, revision=seen, remark="請再確認", by=second, at=later(case))
    with pytest.raises(Conflict):
        deciding.forward(case_id=case.pk, revision=seen, document_number=NUMBER, by=cast.supervisor, at=later(case))
    assert Recommendation.objects.get().decided_by == second


def test_send_back_leaves_the_verdicts_to_be_changed_and_put_up_again() -> None:
    case, cast = put_up()
    deciding.send_back(case_id=case.pk, revision=case.revision, remark="請再確認", by=cast.supervisor, at=later(case))
    case.refresh_from_db()
    assert case.status == Status.UNDER_REVIEW
    assert not Event.objects.get(what="send_back").shared
    judging.recommend(
        case_id=case.pk, revision=case.revision, outcome="forward", reasons="", by=cast.officer, at=later(case)
    )
    assert list(Recommendation.objects.values_list("released", flat=True)) == [False, None]


def test_send_back_without_a_remark() -> None:
    case, cast = put_up()
    with pytest.raises(Unmet):
        deciding.send_back(case_id=case.pk, revision=case.revision, remark=" ", by=cast.supervisor, at=later(case))


def test_reject_tells_the_firm_the_officers_reasons() -> None:
    case, cast = put_up("reject", reasons="書件嚴重欠缺")
    deciding.reject(case_id=case.pk, revision=case.revision, by=cast.supervisor, at=later(case), remark="同意")
    case.refresh_from_db()
    event = Event.objects.get(what="reject")
    assert case.status == Status.REJECTED
    assert (event.shared, said(event)) == (True, {"reason": "書件嚴重欠缺", "submission": 1})


def test_a_release_follows_its_recommendation() -> None:
    case, cast = put_up("reject")
    with pytest.raises(NotOpen):
        deciding.forward(
            case_id=case.pk, revision=case.revision, document_number=NUMBER, by=cast.supervisor, at=later(case)
        )
    case, cast = put_up()
    with pytest.raises(NotOpen):
        deciding.reject(case_id=case.pk, revision=case.revision, by=cast.supervisor, at=later(case))


def test_the_firm_withdraws_first() -> None:
    case, cast = put_up()
    seen = case.revision
    filing.withdraw(case_id=case.pk, revision=seen, by=cast.checker, at=later(case), reason="不再需要")
    with pytest.raises(Conflict):
        deciding.forward(case_id=case.pk, revision=seen, document_number=NUMBER, by=cast.supervisor, at=later(case))


@pytest.mark.parametrize(
    ("number", "usual"),
    [
        (NUMBER, True),
        ("甲證(法)字第1151106001號", True),
        ("金管證券字第1150009999A號", True),
        ("1150009999", False),
        ("字第1號", False),
        ("口頭", False),
    ],
)
def test_usual_numbers(number: str, usual: bool) -> None:
    assert deciding.is_usual_number(number) is usual


# --- 登錄主管機關復函 -----------------------------------------------------------


def test_approval_writes_a_period_for_each_line_and_ends_the_case() -> None:
    case, cast = forwarded()
    decision = decide(case, cast, conditions="每月申報")
    case.refresh_from_db()
    assert case.status == Status.APPROVED
    assert decision.scan.name == "復函.pdf"
    assert list(case.periods.values_list("line", "first_day", "last_day")) == [
        (line, date(2026, 11, 30), date(2027, 2, 28)) for line in ("brokerage", "dealer", "clearing")
    ]
    assert Event.objects.get(what="record_approval").shared


def test_refusal_ends_the_case_without_a_period() -> None:
    case, cast = forwarded()
    decide(case, cast, approved=False, by=cast.supervisor)
    case.refresh_from_db()
    assert case.status == Status.REFUSED
    assert not ApprovedPeriod.objects.exists()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"document_number": ""}, "document_number"),
        ({"dated": date(2030, 1, 1)}, "dated"),
        ({"periods": {}}, "periods"),
        ({"periods": {"dealer": (date(2026, 12, 1), date(2026, 11, 30))}}, "dealer"),
        ({"periods": {"dealer": (date(2026, 11, 30), date(2027, 3, 1))}}, "dealer"),
        ({"periods": {"underwriting": (date(2026, 11, 30), date(2026, 12, 1))}}, "underwriting"),
    ],
)
def test_decision_refuses_what_does_not_fit(changes: dict[str, Any], name: str) -> None:
    case, cast = forwarded()
    with pytest.raises(Unmet) as unmet:
        decide(case, cast, **changes)
    assert [field for field, _message in unmet.value.problems] == [name]
    assert not Decision.objects.exists()


def test_decision_on_the_last_day_of_the_cap_is_taken() -> None:
    case, cast = forwarded()
    decide(case, cast, periods={"dealer": (date(2026, 12, 1), date(2027, 2, 28))})
    assert ApprovedPeriod.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "last", "clash"),
    [
        (date(2026, 9, 1), date(2026, 11, 29), False),  # ends the day before
        (date(2026, 9, 1), date(2026, 11, 30), True),
        (date(2027, 2, 28), date(2027, 3, 5), True),
        (date(2027, 3, 1), date(2027, 3, 5), False),
    ],
)
def test_periods_of_one_firm_and_line_do_not_overlap(first: date, last: date, clash: bool) -> None:
    case, cast = forwarded()
    earlier, _cast = filed_case(cast)
    ApprovedPeriod.objects.create(firm=cast.firm, application=earlier, line="dealer", first_day=first, last_day=last)
    if not clash:
        decide(case, cast)
        assert ApprovedPeriod.objects.count() == 4
        return
    with pytest.raises(Unmet) as unmet:
        decide(case, cast)
    assert unmet.value.problems[0][0] == "dealer"
    assert str(earlier.number) in unmet.value.problems[0][1]


def test_decision_with_a_scan_that_is_no_document() -> None:
    case, cast = forwarded()
    with pytest.raises(Refused) as refused:
        decide(case, cast, scan=scan("復函.pdf", b"MZ\x90\x00 not a letter"))
    assert "復函.pdf" in str(refused.value)
    case.refresh_from_db()
    assert case.status == Status.FORWARDED
    assert not Decision.objects.exists()


def test_decision_recorded_twice_is_a_conflict() -> None:
    case, cast = forwarded()
    decide(case, cast)
    with pytest.raises(Conflict):
        decide(case, cast, by=cast.supervisor, approved=False)
    assert Decision.objects.count() == 1
