"""A pre-review of the firm: as far as it is ready, bannered, and what it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from django.test import Client

from applications.actions import drafting, filing
from applications.actions.filing import Incomplete
from applications.content import keep, kept, read
from applications.enums import Status
from applications.models import Application, Deadline, Section, Submission
from applications.present import message, unsent
from guideline.catalogue import load
from guideline.shape import FIRST, PRE_REVIEW
from tests.applications.test_documents import pdftotext, squeeze
from tests.factories import FILED_AT, VERSION, Cast, draft, filed_case
from tests.reviews.pre_reviews import FAILING, pre_reviewed

pytestmark = [pytest.mark.once, pytest.mark.django_db]

BANNER = "預先審查，尚不得實施居家辦公"
LEFT_OUT = ["2.2.1", "2.2.11", "3.6"]


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel(FILED_AT):
        yield


def texts_of(pdf: bytes) -> list[str]:
    """The pages of a PDF, without white space."""
    return [squeeze(page) for page in pdftotext(pdf, "-raw").split("\f")[:-1]]


def text(response: Any) -> str:
    return response.content.decode()


def begun(cast: Cast) -> Application:
    return drafting.create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT, kind=PRE_REVIEW)


def save(case: Application, cast: Cast, section_id: str, answers: dict[str, Any]) -> Section:
    return drafting.save_section(
        case_id=case.pk, section_id=section_id, answers=answers, revision=0, by=cast.preparer, at=FILED_AT
    )


def send(case: Application, cast: Cast) -> Application:
    case.refresh_from_db()
    return filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)


def test_only_what_was_written_is_filed_and_the_rest_is_named() -> None:
    case, cast = filed_case(kind=PRE_REVIEW, without=LEFT_OUT)
    content = case.submissions.get().content
    assert content["kind"] == "pre_review"
    asked = [page.id for page in case.version.pages(FIRST, content["lines"])]
    assert content["pages"] == [page for page in asked if page not in LEFT_OUT]
    assert [page.id for page in unsent(content, case.version)] == LEFT_OUT
    assert (case.status, case.number, case.signed_by) == (Status.SUBMITTED, "WFH-115-00001", cast.checker)
    assert content["unready"] == []


def test_a_page_that_was_opened_and_saved_empty_is_not_sent() -> None:
    cast = Cast()
    case = begun(cast)
    save(case, cast, "2.2.9", {"2.2.9": {"text": "", "answer": None, "note": ""}})
    save(case, cast, "3.6", {"3.6": {"text": "已納入"}})
    whole = read(case, today=FILED_AT.date())
    assert [page.id for page in whole.pages] == ["3.6"]
    assert "2.2.9" in [page.id for page in whole.unsent]


def test_incomplete_answers_are_pointed_out_and_kept_with_the_submission() -> None:
    cast = Cast()
    case = begun(cast)
    save(case, cast, "2.2.9", {"2.2.9": {"answer": "yes"}})
    sent = send(case, cast)
    filing.submit(case_id=case.pk, revision=sent.revision, key="k", by=cast.checker, at=FILED_AT)
    found = kept(Submission.objects.get().content["unready"])
    assert [(one.item, message(one)) for one in found] == [("2.2.9", "請說明辦理情形")]


def test_at_least_one_section_is_there() -> None:
    cast = Cast()
    with pytest.raises(Incomplete):
        send(begun(cast), cast)


def test_any_other_kind_is_still_asked_for_everything() -> None:
    cast = Cast()
    with pytest.raises(Incomplete) as refused:
        send(draft(cast, without=["3.6"]), cast)
    assert [key for key, found in refused.value.whole.problems.items() if found] == ["3.6"]
    assert refused.value.whole.unsent == ()
    assert refused.value.whole.unready == []


def test_problems_are_kept_as_data_and_read_in_either_language() -> None:
    cast = Cast()
    case = begun(cast)
    save(case, cast, "2.2.12", {"2.2.12": {"answer": "yes", "sessions": [{"held_on": "2026-01-02"}]}})
    whole = read(case, today=FILED_AT.date())
    assert whole.complete
    rows = json.loads(json.dumps(keep(whole.unready)))
    again = [(one.item, one.message, dict(one.params)) for one in kept(rows)]
    assert again == [(one.item, one.message, dict(one.params)) for one in whole.unready]
    assert any("until" in params for _item, _message, params in again)


def test_it_is_started_from_the_start_page_and_no_other_kind_is(client: Client) -> None:
    cast = Cast()
    client.force_login(cast.preparer)
    asked = {"lines": ["brokerage"], "first_day": "2027-03-01", "emergency": "no", "opinion": "yes"}
    assert 'name="kind" value="pre_review"' in text(client.get("/start/", asked))
    for kind in ("extension", "emergency", "renewal", "added_line", "x"):
        assert client.post("/cases/new/", asked | {"kind": kind}).status_code == 409
    assert client.post("/cases/new/", asked | {"kind": "pre_review"}).status_code == 302
    assert Application.objects.get().kind == PRE_REVIEW
    client.force_login(cast.checker)
    assert client.post("/cases/new/", asked | {"kind": "pre_review"}).status_code == 404
    assert Application.objects.count() == 1


def test_the_banner_is_on_every_page_of_it_and_on_none_of_another(client: Client) -> None:
    cast = Cast()
    case, _ = filed_case(cast, kind=PRE_REVIEW, without=LEFT_OUT)
    first, _ = filed_case(cast, without=[])
    client.force_login(cast.preparer)
    paths = ["", "check/", "sections/2.2.9/", "roster/", "deadlines/", "submissions/1/", "submissions/1/receipt/"]
    for path in paths:
        assert text(client.get(f"/cases/{case.pk}/{path}")).count(BANNER) == 1, path
        assert BANNER not in text(client.get(f"/cases/{first.pk}/{path}")), path
    client.force_login(cast.officer)
    for path in ("", "2.2.9/"):
        assert text(client.get(f"/review/{case.pk}/{path}")).count(BANNER) == 1, path
        assert BANNER not in text(client.get(f"/review/{first.pk}/{path}")), path


@pytest.mark.parametrize("what", ["plan", "checklist", "receipt"])
def test_the_pdf_says_so_on_every_page(client: Client, what: str) -> None:
    case, cast = filed_case(kind=PRE_REVIEW, without=LEFT_OUT)
    client.force_login(cast.preparer)
    answer = client.get(f"/cases/{case.pk}/submissions/1/{what}.pdf")
    assert answer.status_code == 200
    for number, page in enumerate(texts_of(answer.content)):
        assert BANNER in page, number


def test_the_check_page_lists_what_is_not_sent_and_still_lets_it_go(client: Client) -> None:
    cast = Cast()
    case = draft(cast, kind=PRE_REVIEW, without=["2.2.11"], changes={"2.2.9": {"text": ""}})
    client.force_login(cast.preparer)
    page = text(client.get(f"/cases/{case.pk}/check/"))
    assert "未送審 1 節" in page
    assert "尚未備齊 1 處；仍得送預先審查" in page
    assert "才能送內部覆核" not in page
    answer = client.post(f"/cases/{case.pk}/do/send_to_checker/", {"revision": case.revision})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.status == Status.INTERNAL_REVIEW


def test_the_firm_reads_the_opinion_and_no_remark_of_the_exchange(client: Client) -> None:
    case, cast = pre_reviewed(failing=FAILING, without=LEFT_OUT)
    client.force_login(cast.checker)
    page = text(client.get(f"/cases/{case.pk}/"))
    for comment in (*FAILING.values(), "大致妥適。", "本意見非核准"):
        assert comment in page
    assert f"/cases/{case.pk}/convert/" not in page  # a checker does not write
    client.force_login(cast.preparer)
    assert "轉為正式申請" in text(client.get(f"/cases/{case.pk}/"))
    assert not Deadline.objects.filter(application=case).exists()
    assert not case.periods.exists()


def test_the_letter_says_that_it_is_no_approval_and_names_what_was_not_sent(client: Client) -> None:
    case, cast = pre_reviewed(failing=FAILING, without=LEFT_OUT)
    for who in (cast.preparer, cast.auditor):
        client.force_login(who)
        answer = client.get(f"/cases/{case.pk}/opinion.pdf")
        assert answer.status_code == 200
        pages = texts_of(answer.content)
        letter = "".join(pages[:2])
        assert "本意見非核准" in letter
        assert "執行風險評估" in letter
        assert all(comment in letter for comment in FAILING.values())
        assert all(BANNER in page for page in pages)
    client.force_login(Cast().preparer)
    assert client.get(f"/cases/{case.pk}/opinion.pdf").status_code == 404


def test_there_is_no_letter_before_the_opinion(client: Client) -> None:
    case, cast = filed_case(kind=PRE_REVIEW)
    client.force_login(cast.preparer)
    assert client.get(f"/cases/{case.pk}/opinion.pdf").status_code == 404


def test_the_version_in_force_knows_pre_reviews_and_an_older_one_may_not() -> None:
    assert load(VERSION).kind(PRE_REVIEW).for_opinion
    assert PRE_REVIEW not in {kind.id for kind in load("111-10-06").kinds}
