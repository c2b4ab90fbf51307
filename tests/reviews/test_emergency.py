"""An emergency on the exchange's side: the notice taken, its documents judged, on record by two people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from applications import ledger, lifecycle
from applications.actions import filing, following
from applications.actions.drafting import NotOpen, Unmet, save_section
from applications.enums import Action
from applications.lifecycle import Conflict
from applications.models import Application, ApprovedPeriod, Deadline, Decision, Event, Issued, Section
from reviews import verdicts
from reviews.actions import casework, deciding, endorsing, judging
from reviews.models import Assignment, Recommendation
from tests.applications.emergencies import AT, noticed, supplied
from tests.applications.pages import form, parse, text_of
from tests.applications.test_documents import pdftotext, squeeze
from tests.factories import Cast, judge_all

pytestmark = pytest.mark.django_db

NUMBER = "臺證輔字第1150001188號"
NOW = AT + timedelta(days=2)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def take(case: Application, cast: Cast, by: Any = None, at: Any = NOW) -> Application:
    return casework.take(case_id=case.pk, revision=case.revision, by=by or cast.officer, at=at)


def under_review(**more: Any) -> tuple[Application, Cast]:
    case, cast = supplied(**more)
    return take(case, cast), cast


def put_up(outcome: str = "record", **more: Any) -> tuple[Application, Cast]:
    case, cast = under_review(**more)
    judge_all(case, by=cast.officer, at=NOW)
    judging.recommend(
        case_id=case.pk, revision=case.revision, outcome=outcome, reasons="書件齊備", by=cast.officer, at=NOW
    )
    case.refresh_from_db()
    return case, cast


def record(case: Application, by: Any, **more: Any) -> Decision:
    given = {"case_id": case.pk, "revision": case.revision, "action": Action.RECORD, "document_number": NUMBER}
    return endorsing.decide(**given | {"by": by, "at": NOW} | more)  # type: ignore[arg-type]


def shown(response: Any) -> str:
    return text_of(next(parse(response).iter("main")))


# --- who has it in hand ----------------------------------------------------------------


def test_the_notice_and_then_its_documents_are_taken_by_one_officer() -> None:
    case, cast = noticed()
    case = take(case, cast, at=AT + timedelta(hours=1))
    assert (case.status, case.officer) == ("noticed", cast.officer)
    with pytest.raises(Conflict):
        take(case, cast, by=cast.other_officer)
    Application.objects.filter(pk=case.pk).update(status="submitted")
    case.refresh_from_db()
    with pytest.raises(Conflict):
        take(case, cast, by=cast.other_officer)
    case = take(case, cast)
    assert (case.status, case.officer) == ("under_review", cast.officer)
    assert [(one.officer, one.until) for one in Assignment.objects.filter(application=case)] == [(cast.officer, None)]


def test_a_supervisor_puts_documents_that_wait_into_other_hands() -> None:
    case, cast = supplied()
    Application.objects.filter(pk=case.pk).update(officer=cast.officer)
    casework.hand_over(
        case_id=case.pk, held_by=cast.officer.pk, to=cast.other_officer, by=cast.supervisor, at=NOW, remark="請假"
    )
    case.refresh_from_db()
    assert take(case, cast, by=cast.other_officer).officer == cast.other_officer
    assert Assignment.objects.filter(application=case, until=None).count() == 1


# --- verdicts --------------------------------------------------------------------------


def test_the_items_of_the_notice_are_judged_too() -> None:
    case, _ = under_review()
    assert list(verdicts.read(case).findings)[5:8] == ["2.1.1.event", "2.1.1.start", "2.1.1.contact"]


def test_what_a_notice_said_cannot_be_sent_back_for_correction() -> None:
    case, cast = under_review()
    now = judge_all(case, by=cast.officer, at=NOW, failing={"2.1.1.event": "未說明處所", "2.2.9": "請補充"})
    given: dict[str, Any] = {
        "case_id": case.pk,
        "revision": case.revision,
        "letter": "請補正",
        "due_on": date(2026, 11, 20),
        "by": cast.officer,
        "at": NOW,
    }
    with pytest.raises(Unmet) as unmet:
        judging.return_for_correction(**given, basis=now.basis)
    assert [item for item, _message in unmet.value.problems] == ["2.1.1.event"]


def test_documents_come_back_corrected_and_the_notice_stays() -> None:
    case, cast = under_review()
    now = judge_all(case, by=cast.officer, at=NOW, failing={"2.2.9": "請補充"})
    judging.return_for_correction(
        case_id=case.pk,
        revision=case.revision,
        basis=now.basis,
        letter="請補正",
        due_on=date(2026, 11, 20),
        by=cast.officer,
        at=NOW,
    )
    event = Section.objects.get(application=case, section_id="2.1.1.event")
    with pytest.raises(NotOpen):
        save_section(case_id=case.pk, section_id=event.section_id, answers={}, revision=1, by=cast.preparer, at=NOW)
    section = Section.objects.get(application=case, section_id="2.2.9")
    answers = {"2.2.9": section.answers["2.2.9"] | {"text": "已補充"}}
    save_section(case_id=case.pk, section_id="2.2.9", answers=answers, revision=1, by=cast.preparer, at=NOW)
    case = filing.send_to_checker(
        case_id=case.pk, revision=case.revision + 1, by=cast.preparer, at=NOW + timedelta(hours=1)
    )
    again = filing.submit(case_id=case.pk, revision=case.revision, key="again", by=cast.checker, at=NOW)
    assert again.number == 2
    assert again.content["answers"]["2.1.1.event"] == case.notice.content["answers"]["2.1.1.event"]
    assert {one.item_id for one in verdicts.read(case).unjudged} == {"2.2.9"}


def test_to_be_put_on_record_every_item_is_judged_and_none_fails() -> None:
    case, cast = under_review()
    given: dict[str, Any] = {
        "case_id": case.pk,
        "revision": case.revision,
        "reasons": "",
        "by": cast.officer,
        "at": NOW,
    }
    judge_all(case, by=cast.officer, at=NOW, failing={"2.1.1.start": "人數不符"})
    with pytest.raises(Unmet) as unmet:
        judging.recommend(**given, outcome="record")
    assert [item for item, _message in unmet.value.problems] == ["2.1.1.start"]
    for other in ("forward", "endorse", "decline", "give_opinion"):
        with pytest.raises(Unmet):
            judging.recommend(**given, outcome=other)
    judging.recommend(**given | {"reasons": "人數與事實不符"}, outcome="reject")


# --- on record -------------------------------------------------------------------------


def test_on_record_the_period_runs_from_the_notice_to_the_day_asked_for() -> None:
    case, cast = put_up()
    decision = record(case, cast.supervisor)
    case.refresh_from_db()
    assert (case.status, decision.approved, decision.document_number, decision.scan) == (
        "recorded", True, NUMBER, None,
    )  # fmt: skip
    rows = ApprovedPeriod.objects.filter(application=case).order_by("line")
    assert [(row.line, row.first_day, row.last_day) for row in rows] == [
        (line, date(2026, 11, 5), date(2027, 2, 4)) for line in ("brokerage", "clearing", "dealer")
    ]
    open_ = Deadline.objects.filter(application=case, state="open", what__in=["expiry", "filing", "documents"])
    assert dict(open_.values_list("what", "due_on")) == {"expiry": date(2027, 2, 4), "filing": date(2027, 2, 3)}
    event = Event.objects.get(application=case, what="record")
    assert (event.shared, event.detail["document_number"]) == (True, NUMBER)
    assert event.detail["periods"]["dealer"] == ["2026-11-05", "2027-02-04"]


def test_two_people_and_once() -> None:
    case, cast = put_up()
    for by in (cast.officer, cast.other_officer, cast.checker):
        with pytest.raises(NotOpen):
            record(case, by)
    Recommendation.objects.update(by=cast.supervisor)
    with pytest.raises(NotOpen):
        record(case, cast.supervisor)
    Recommendation.objects.update(by=cast.officer)
    with pytest.raises(Unmet):
        record(case, cast.supervisor, document_number=" ")
    record(case, cast.supervisor)
    with pytest.raises(Conflict):
        record(case, cast.supervisor)
    assert Decision.objects.count() == 1


def test_it_is_recorded_as_it_was_even_where_it_is_over() -> None:
    case, cast = put_up()
    record(case, cast.supervisor, at=NOW + timedelta(days=120))
    assert {row.last_day for row in ApprovedPeriod.objects.filter(application=case)} == {date(2027, 2, 4)}


def test_an_overlap_is_said_and_nothing_written() -> None:
    case, cast = put_up()
    ApprovedPeriod.objects.create(
        firm=case.firm, application=supplied(cast)[0], line="dealer",
        first_day=date(2026, 11, 1), last_day=date(2026, 11, 30),
    )  # fmt: skip
    with pytest.raises(Unmet) as unmet:
        record(case, cast.supervisor)
    ((name, message),) = unmet.value.problems
    assert name == "document_number"
    assert message.startswith(
        "「自行買賣作業及交易作業」與 WFH-115-00002 之期間 115 年 11 月 1 日至 115 年 11 月 30 日"
    )
    case.refresh_from_db()
    assert case.status == "awaiting_signoff"
    assert not Decision.objects.exists()


def test_after_it_an_extension_and_a_first_application_are_open() -> None:
    case, cast = put_up()
    record(case, cast.supervisor)
    case.refresh_from_db()
    assert ledger.extension_open(case, NOW).open
    extension = following.extend(case_id=case.pk, by=cast.preparer, at=NOW)
    assert (extension.first_day, extension.last_day) == (date(2027, 2, 5), date(2027, 5, 4))
    assert "2.1.1.event" not in following.inherited(extension)


def test_returned_unrecorded_leaves_nothing_on_the_ledger() -> None:
    case, cast = put_up("reject")
    deciding.reject(case_id=case.pk, revision=case.revision, by=cast.supervisor, at=NOW)
    assert not ApprovedPeriod.objects.exists()
    assert not Deadline.objects.filter(application=case, state="open").exists()


# --- pages -----------------------------------------------------------------------------


def test_a_notice_waits_on_its_own_tab_and_is_taken_there(client: Client, clock: Any) -> None:
    case, cast = noticed()
    client.force_login(cast.officer)
    page = client.get("/review/?tab=emergency")
    assert "緊急1 件" in shown(page)
    assert f"{case.number}" in shown(page)
    assert "自 115.11.05 起" in shown(page)
    opened = client.get(f"/review/{case.pk}/")
    words = shown(opened)
    for part in ("緊急通報", "本系統", "甲填報", "補具書件期限115 年 11 月 19 日", "本系統參數，非指引所定"):
        assert part in words
    assert "審查天數" not in words
    data = form(opened, f"/review/{case.pk}/take/")
    taken = client.post(f"/review/{case.pk}/take/", data, follow=True)
    assert "已受理通報並由您承辦" in shown(taken)
    client.force_login(cast.other_officer)
    assert client.post(f"/review/{case.pk}/take/", data).status_code == 409
    clock.move_to(AT + timedelta(days=15))
    for who in (cast.officer, cast.supervisor, cast.auditor):
        client.force_login(who)
        assert "逾期未補件" in shown(client.get("/review/?tab=emergency"))
        assert "緊急通報 逾期未補件" in shown(client.get(f"/review/{case.pk}/"))
        assert "逾期未補件" in shown(client.get("/review/ledger/"))


BEFORE = ["recommend/", "return/", "release/", "decision/", "2.2.9/", "compare/2/", "letter/1.pdf"]


@pytest.mark.parametrize("path", BEFORE)
def test_pages_of_a_review_are_not_there_before_the_documents(client: Client, path: str) -> None:
    case, cast = noticed()
    case = take(case, cast)
    for who in (cast.officer, cast.supervisor):
        client.force_login(who)
        for answer in (client.get(f"/review/{case.pk}/{path}"), client.post(f"/review/{case.pk}/{path}", {})):
            assert answer.status_code in {302, 403, 404, 405}, (who.name, answer.request["REQUEST_METHOD"])


def test_the_days_of_the_review_end_with_it_whatever_is_told_later(client: Client, clock: Any) -> None:
    case, cast = put_up()
    record(case, cast.supervisor)
    clock.move_to(NOW + timedelta(days=9))
    lifecycle.record(lifecycle.lock(case.pk), "end_early", by=cast.checker, at=NOW + timedelta(days=9))
    Application.objects.filter(pk=case.pk).update(changed_at=NOW + timedelta(days=9))
    client.force_login(cast.officer)
    filed = case.submissions.get().submitted_at
    assert client.get(f"/review/{case.pk}/").context["in_hand"] == ((NOW - filed).days + 1, 0)


def test_drafts_of_the_documents_are_not_shown(client: Client) -> None:
    case, cast = noticed()
    section = Section.objects.get(application=case, section_id="2.2.3")
    answers = {"2.2.3": section.answers["2.2.3"] | {"text": "尚未決定之範圍"}}
    save_section(case_id=case.pk, section_id="2.2.3", answers=answers, revision=1, by=cast.preparer, at=NOW)
    client.force_login(cast.officer)
    assert "尚未決定之範圍" not in client.get(f"/review/{case.pk}/").content.decode()
    assert client.get(f"/cases/{case.pk}/submissions/0/plan.pdf").status_code == 404


def test_release_page_draws_the_letter_and_puts_it_on_record(client: Client) -> None:
    case, cast = put_up(ratified_later=True)
    client.force_login(cast.supervisor)
    page = client.get(f"/review/{case.pk}/release/")
    assert "覆核並同意備查" in shown(page)
    assert "覆核並轉報" not in shown(page)
    put = Recommendation.objects.get()
    address = f"/review/{case.pk}/letter/{put.pk}.pdf"
    assert address in page.content.decode()
    draft = squeeze(pdftotext(client.get(address).content))
    for part in ("稿", "所補具之書件同意備查", "（發文時填列）", "使用期間：115年11月5日至116年2月4日", "追認"):
        assert part in draft
    assert not Issued.objects.exists()  # it may still be sent back
    data = {"action": "record", "revision": case.revision, "document_number": NUMBER}
    done = client.post(f"/review/{case.pk}/release/", data, follow=True)
    assert "已同意備查，通報期間已登入台帳" in shown(done)
    assert "同意備查" in shown(done)
    assert client.post(f"/review/{case.pk}/release/", data).status_code == 409
    letter = squeeze(pdftotext(client.get(address).content))
    assert NUMBER in letter
    assert Issued.objects.get(what="letter", part=put.pk).code in letter
    client.force_login(cast.preparer)
    firm = shown(client.get(f"/cases/{case.pk}/"))
    for part in ("居家辦公期間（備查）", "115 年 11 月 5 日116 年 2 月 4 日", "登錄董事會追認", NUMBER):
        assert part in firm
    assert "緊急通報實施中" not in shown(client.get("/ledger/"))
    client.force_login(Cast().supervisor)
    assert client.get(f"/review/{supplied()[0].pk}/letter/{put.pk}.pdf").status_code == 404


@pytest.mark.parametrize(("outcome", "words"), [("reject", "檢還書件"), ("record", "同意備查")])
def test_a_letter_for_each_outcome(client: Client, outcome: str, words: str) -> None:
    case, cast = put_up(outcome)
    client.force_login(cast.supervisor)
    pdf = client.get(f"/review/{case.pk}/letter/{Recommendation.objects.get().pk}.pdf")
    assert words in squeeze(pdftotext(pdf.content))
