"""How findings stand from one submission to the next."""

from __future__ import annotations

from datetime import timedelta

import pytest

from applications.enums import Verdict as Choice
from applications.models import Submission
from reviews import verdicts
from reviews.actions import judging
from reviews.actions.judging import Entry
from reviews.models import Verdict
from tests.factories import filed_case, judge_all, resubmit, returned_case, taken_case

pytestmark = pytest.mark.django_db

NAMED, OTHER = "2.2.5.3", "2.2.9"


def test_read_of_a_first_submission_has_every_item_unjudged_and_none_changed() -> None:
    case, _cast = filed_case()
    now = verdicts.read(case)
    assert list(now.findings) == [item.id for item in (item for page in case.pages for item in page.items)]
    assert len(now.unjudged) == 51
    assert now.changed == frozenset()
    assert now.previous is None


def test_verdicts_of_unchanged_items_are_carried_with_who_and_when() -> None:
    case, cast = returned_case({NAMED: "請補充"})
    before = verdicts.read(case)
    resubmit(case, cast, {NAMED: {"text": "已補充之說明"}})
    now = verdicts.read(case)
    assert now.submission.number == 2
    assert now.changed == {NAMED}
    carried = now.findings[OTHER]
    assert (carried.verdict, carried.carried, carried.revision) == (Choice.OK, True, 0)
    assert (carried.by, carried.at) == (cast.officer, before.findings[OTHER].at)
    assert [one.item_id for one in now.unjudged] == [NAMED]
    assert now.asked == {NAMED: "請補充"}


def test_a_named_item_loses_its_verdict_even_where_the_firm_changed_nothing() -> None:
    case, cast = returned_case({NAMED: "請補充", OTHER: "請說明"})
    resubmit(case, cast, {NAMED: {"text": "已補充之說明"}})
    now = verdicts.read(case)
    assert OTHER not in now.changed
    assert now.findings[OTHER].verdict == ""


def test_carrying_writes_nothing_until_the_case_is_put_up() -> None:
    case, cast = returned_case({NAMED: "請補充"})
    second = resubmit(case, cast, {NAMED: {"text": "已補充之說明"}})
    case.refresh_from_db()
    at = case.changed_at + timedelta(hours=1)
    judge_all(case, by=cast.officer, at=at)
    assert list(Verdict.objects.filter(submission=second).values_list("item_id", flat=True)) == [NAMED]
    judging.recommend(case_id=case.pk, revision=case.revision, outcome="forward", reasons="", by=cast.officer, at=at)
    rows = Verdict.objects.filter(submission=second)
    assert rows.count() == 51
    assert rows.filter(carried=True).count() == 50
    assert rows.get(item_id=OTHER).at < at


def test_a_carried_verdict_can_be_changed_and_is_then_the_officers_own() -> None:
    case, cast = returned_case({NAMED: "請補充"})
    resubmit(case, cast, {NAMED: {"text": "已補充之說明"}})
    at = case.changed_at + timedelta(days=2)
    entries = {OTHER: Entry(Choice.CORRECT, "再請說明", 0)}
    now = judging.judge(case_id=case.pk, submission=2, entries=entries, by=cast.officer, at=at)
    assert (now.findings[OTHER].verdict, now.findings[OTHER].carried) == (Choice.CORRECT, False)
    assert verdicts.read(case, number=1).findings[OTHER].verdict == Choice.OK


def test_a_third_submission_carries_over_two_rounds() -> None:
    case, cast = returned_case({NAMED: "請補充"})
    resubmit(case, cast, {NAMED: {"text": "第一次補正"}})
    case.refresh_from_db()
    at = case.changed_at + timedelta(hours=1)
    now = judge_all(case, by=cast.officer, at=at, failing={NAMED: "仍有不足"})
    due = at.date() + timedelta(days=9)
    judging.return_for_correction(
        case_id=case.pk, revision=case.revision, basis=now.basis, letter="再請補正", due_on=due, by=cast.officer, at=at
    )
    case.refresh_from_db()
    Submission.objects.filter(number=2).update(idempotency_key="second")
    resubmit(case, cast, {NAMED: {"text": "第二次補正"}})
    third = verdicts.read(case)
    assert third.submission.number == 3
    assert [one.item_id for one in third.unjudged] == [NAMED]
    assert third.findings[OTHER].carried


def test_read_of_a_number_that_was_not_filed() -> None:
    case, _cast = filed_case()
    with pytest.raises(Submission.DoesNotExist):
        verdicts.read(case, number=2)


def test_progress_and_the_next_section() -> None:
    case, cast = taken_case()
    now = judging.judge(
        case_id=case.pk,
        submission=1,
        entries={
            "2.2.1": Entry(Choice.OK, "", 0),
            "2.2.5.1": Entry(Choice.OK, "", 0),
            "2.2.2": Entry(Choice.CORRECT, "", 0),
        },
        by=cast.officer,
        at=case.changed_at,
    )
    found = {one.page.id: (one.judged, one.total, one.tone) for one in now.progress()}
    assert found["2.2.1"] == (1, 1, "green")
    assert found["2.2.5"] == (1, 6, "blue")
    assert found["2.2.2"] == (1, 1, "red")
    assert found["3.6"] == (0, 1, "grey")
    following, wrapped = now.next_page("2.2.1"), now.next_page("3.6")
    assert following is not None
    assert following.id == "2.2.3"
    assert wrapped is not None
    assert wrapped.id == "1"
