"""預審完成: an opinion by two people, which may find fault."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from applications.actions import filing
from applications.actions.drafting import NotOpen, Unmet
from applications.enums import Action, Status
from applications.enums import Verdict as Choice
from applications.lifecycle import Conflict
from applications.models import Deadline, Outbox
from guideline.shape import PRE_REVIEW
from reviews import policy as rules
from reviews import verdicts
from reviews.actions import deciding, judging, opinion
from reviews.actions.judging import Entry
from reviews.letters import rejecting_letter
from reviews.models import Recommendation, Verdict
from tests.factories import judge_all, taken_case
from tests.reviews.cases import later, text
from tests.reviews.pre_reviews import FAILING, LEFT_OUT, OPINION, pre_reviewed, put_up

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def test_what_can_be_put_up_follows_the_route_of_the_kind() -> None:
    case, cast = taken_case(kind=PRE_REVIEW)
    assert rules.outcomes(case) == [Recommendation.Outcome.REJECT, OPINION]
    first, _ = taken_case(cast)
    assert OPINION not in rules.outcomes(first)
    with pytest.raises(Unmet):
        judging.recommend(
            case_id=first.pk, revision=first.revision, outcome=OPINION, reasons="", by=cast.officer, at=later(first)
        )


def test_an_opinion_keeps_every_verdict_with_its_comment_for_the_firm() -> None:
    case, cast = pre_reviewed(failing=FAILING, without=LEFT_OUT)
    assert case.status == Status.PRE_REVIEWED
    event = case.events.get(what=Action.GIVE_OPINION)
    findings = event.detail["findings"]
    assert event.shared
    assert (event.detail["reason"], event.detail["submission"]) == ("大致妥適。", 1)
    assert set(findings) == set(verdicts.read(case).findings)
    assert {item: comment for item, (verdict, comment) in findings.items() if verdict == Choice.CORRECT} == FAILING
    assert {verdict for verdict, _comment in findings.values()} == {Choice.OK, Choice.CORRECT}
    found = Recommendation.objects.get()
    assert (found.decided_by, found.released) == (cast.supervisor, True)
    assert Outbox.objects.filter(application=case, what=Action.GIVE_OPINION).count() == 1
    assert not Deadline.objects.filter(application=case).exists()


def test_every_item_that_was_sent_is_judged_and_what_fails_says_why() -> None:
    case, cast = taken_case(kind=PRE_REVIEW, without=LEFT_OUT)
    at = later(case)
    judge_all(case, by=cast.officer, at=at, failing={"2.2.9": " "})
    Verdict.objects.filter(item_id="2.2.8").delete()
    with pytest.raises(Unmet) as refused:
        judging.recommend(case_id=case.pk, revision=case.revision, outcome=OPINION, reasons="", by=cast.officer, at=at)
    assert [name for name, _message in refused.value.problems] == ["2.2.9", "2.2.8"]


def test_the_one_who_put_it_up_cannot_give_it_nor_can_the_firm() -> None:
    case, cast = put_up()
    for by in (cast.officer, cast.other_officer, cast.checker, cast.auditor):
        with pytest.raises(NotOpen):
            opinion.give(case_id=case.pk, revision=case.revision, by=by, at=later(case))
    Recommendation.objects.update(by=cast.supervisor)
    with pytest.raises(NotOpen):
        opinion.give(case_id=case.pk, revision=case.revision, by=cast.supervisor, at=later(case))


def test_a_stale_page_and_a_second_click_are_conflicts() -> None:
    case, cast = put_up()
    with pytest.raises(Conflict):
        opinion.give(case_id=case.pk, revision=case.revision - 1, by=cast.supervisor, at=later(case))
    opinion.give(case_id=case.pk, revision=case.revision, by=cast.supervisor, at=later(case))
    case.refresh_from_db()
    with pytest.raises(Conflict):
        opinion.give(case_id=case.pk, revision=case.revision, by=cast.supervisor, at=later(case))


def test_a_pre_review_can_be_returned_for_correction_and_rejected() -> None:
    case, cast = taken_case(kind=PRE_REVIEW, without=LEFT_OUT)
    now = judge_all(case, by=cast.officer, at=later(case), failing=FAILING)
    judging.return_for_correction(
        case_id=case.pk,
        revision=case.revision,
        basis=now.basis,
        letter="請補正",
        due_on=later(case).date() + timedelta(days=9),
        by=cast.officer,
        at=later(case),
    )
    case.refresh_from_db()
    sent = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=later(case, days=1))
    filing.submit(case_id=case.pk, revision=sent.revision, key="2", by=cast.checker, at=later(case, days=1))
    case.refresh_from_db()
    judging.recommend(
        case_id=case.pk, revision=case.revision, outcome="reject", reasons="不予受理", by=cast.officer, at=later(case)
    )
    case.refresh_from_db()
    deciding.reject(case_id=case.pk, revision=case.revision, by=cast.supervisor, at=later(case))
    case.refresh_from_db()
    assert case.status == Status.REJECTED
    assert case.submissions.count() == 2


def test_pages_from_the_recommendation_to_the_opinion(client: Client) -> None:
    case, cast = taken_case(kind=PRE_REVIEW, without=LEFT_OUT, changes={"2.2.9": {"text": ""}})
    client.force_login(cast.officer)
    page = text(client.get(f"/review/{case.pk}/"))
    assert "未送審 2 節" in page
    assert "尚未備齊 1 項" in page
    assert "送審時尚未備齊" in text(client.get(f"/review/{case.pk}/2.2.9/"))
    assert "送審時尚未備齊" not in text(client.get(f"/review/{case.pk}/2.2.8/"))
    judge_all(case, by=cast.officer, at=later(case), failing=FAILING)
    body = {"revision": case.revision, "outcome": "give_opinion", "reasons": "結論"}
    assert "擬預審完成" in text(client.get(f"/review/{case.pk}/recommend/"))
    assert client.post(f"/review/{case.pk}/recommend/", body).status_code == 302
    case.refresh_from_db()
    client.force_login(cast.supervisor)
    url = f"/review/{case.pk}/release/"
    assert "覆核並完成預審" in text(client.get(url))
    stale = client.post(url, {"action": "give_opinion", "revision": case.revision - 1, "remark": "主管所寫"})
    assert stale.status_code == 409
    assert "主管所寫" in text(stale)
    done = client.post(url, {"action": "give_opinion", "revision": case.revision, "remark": "主管所寫"}, follow=True)
    assert "本意見非核准" in text(done)
    case.refresh_from_db()
    assert case.status == Status.PRE_REVIEWED
    given = client.get(f"/review/{case.pk}/").content.decode()
    assert f"/cases/{case.pk}/opinion.pdf" in given
    assert "/letter/" not in given  # the opinion is its letter
    client.force_login(cast.preparer)
    firm = text(client.get(f"/cases/{case.pk}/"))
    assert "結論" in firm
    assert "主管所寫" not in firm


def test_the_period_and_lines_may_be_missing_on_every_page_of_the_exchange(client: Client) -> None:
    case, cast = put_up(without=["2.2.1", "2.2.3", "2.2.2"])
    assert (case.first_day, case.lines) == (None, [])
    client.force_login(cast.supervisor)
    for path in ("", "2.2.9/", "release/"):
        answer = client.get(f"/review/{case.pk}/{path}")
        assert answer.status_code == 200
        assert "None" not in text(answer)
    assert client.get("/review/?tab=all").status_code == 200
    client.force_login(cast.preparer)
    assert client.get("/").status_code == 200


def test_a_verdict_may_still_change_after_it_came_back_from_the_supervisor() -> None:
    case, cast = put_up(failing=FAILING)
    deciding.send_back(case_id=case.pk, revision=case.revision, remark="再議", by=cast.supervisor, at=later(case))
    case.refresh_from_db()
    standing: Any = verdicts.read(case).findings["3.5.4"]
    entries = {"3.5.4": Entry(Choice.OK, "", standing.revision)}
    judging.judge(case_id=case.pk, submission=1, entries=entries, by=cast.officer, at=later(case))
    assert verdicts.read(case).findings["3.5.4"].verdict == Choice.OK


def test_what_was_filed_without_lines_and_days_is_listed_and_sent_back_without_them(client: Client) -> None:
    case, cast = taken_case(kind=PRE_REVIEW, without=["2.2.1", "2.2.2", "2.2.3"])
    _title, paragraphs = rejecting_letter(verdicts.read(case), "不備")
    assert paragraphs[2:] == ["一、案號 WFH-115-00001，預先審查，第 1 次送件。", "二、理由：不備"]
    client.force_login(cast.officer)
    assert '<td data-label="期間">—</td>' in text(client.get("/review/?tab=all"))
