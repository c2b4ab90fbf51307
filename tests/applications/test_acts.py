"""What the firm does to a case through its pages, odd input included."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from applications.actions import filing
from applications.enums import Action, Status
from applications.models import Application, Submission
from tests.applications.pages import LATER, with_checker
from tests.factories import Cast, draft, filed_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def act(client: Client, case: Application, action: Action, **data: Any) -> Any:
    return client.post(f"/cases/{case.pk}/do/{action}/", {"revision": case.revision, **data})


def test_act_without_the_declaration_or_the_reason_keeps_what_was_typed(cast: Cast, client: Client) -> None:
    case = with_checker(cast)
    client.force_login(cast.checker)
    page = act(client, case, Action.SUBMIT, key="k")
    assert page.status_code == 200
    assert "請先閱讀並勾選聲明" in page.content.decode()
    page = act(client, case, Action.RETURN_TO_PREPARER, reason=" \r\n ")
    assert "請填寫理由" in page.content.decode()
    case.refresh_from_db()
    assert case.status == "internal_review"


def test_act_that_comes_late_is_409_and_keeps_the_reason(cast: Cast, client: Client) -> None:
    case = with_checker(cast)
    filing.reopen(case_id=case.pk, revision=case.revision, by=cast.preparer, at=LATER)
    client.force_login(cast.checker)
    page = act(client, case, Action.RETURN_TO_PREPARER, reason="請補名冊\x00 & <b>")
    assert page.status_code == 409
    assert "請補名冊\ufffd &amp; &lt;b&gt;" in page.content.decode()
    assert "草稿" in page.content.decode()


@pytest.mark.parametrize("revision", ["", "x", "-1", "１", "²", "9" * 30, "9" * 5000, "0 ", None])
def test_act_with_a_revision_that_is_none_is_409(cast: Cast, client: Client, revision: str | None) -> None:
    case = with_checker(cast)
    client.force_login(cast.checker)
    data = {"key": "k", "declare": "yes"} | ({} if revision is None else {"revision": revision})
    assert client.post(f"/cases/{case.pk}/do/submit/", data).status_code == 409
    assert not Submission.objects.exists()


@pytest.mark.parametrize("key", ["", "\x00", "鍵" * 300, None])
def test_act_submit_with_an_odd_key_files_once(cast: Cast, client: Client, key: str | None) -> None:
    case = with_checker(cast)
    client.force_login(cast.checker)
    data = {"declare": "yes"} | ({} if key is None else {"key": key})
    assert act(client, case, Action.SUBMIT, **data).status_code == 302
    assert len(Submission.objects.get().idempotency_key) in {1, 32, 64}


def test_act_send_to_checker_with_an_odd_document_number(cast: Cast, client: Client) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    typed = " 甲證\x00(法)\r\n字第" + "1" * 100 + "號"
    assert act(client, case, Action.SEND_TO_CHECKER, document_number=typed).status_code == 302
    case.refresh_from_db()
    assert case.document_number == ("甲證\ufffd(法) 字第" + "1" * 100)[:40]


@pytest.mark.parametrize(("without", "status"), [((), 409), (("2.2.9",), 200)], ids=["late", "incomplete"])
def test_act_send_to_checker_that_is_refused_keeps_the_document_number(
    cast: Cast, client: Client, without: tuple[str, ...], status: int
) -> None:
    case = draft(cast, without=without)
    if not without:
        filing.withdraw(case_id=case.pk, revision=case.revision, by=cast.preparer, at=LATER, reason="誤建")
    client.force_login(cast.preparer)
    page = act(client, case, Action.SEND_TO_CHECKER, document_number="甲證(法)字第1151106001號")
    assert page.status_code == status
    assert "甲證(法)字第1151106001號" in page.content.decode()


@pytest.mark.parametrize("action", ["take", "forward", "record_approval", "nonsense", "draft"])
def test_act_of_the_exchange_is_not_found_here(cast: Cast, client: Client, action: str) -> None:
    case, cast = filed_case(cast)
    for user in (cast.checker, cast.officer):
        client.force_login(user)
        assert client.post(f"/cases/{case.pk}/do/{action}/", {"revision": case.revision}).status_code == 404
    case.refresh_from_db()
    assert case.status == Status.SUBMITTED


def test_act_is_a_post_alone(cast: Cast, client: Client) -> None:
    case = with_checker(cast)
    client.force_login(cast.checker)
    for action in Action.values:
        assert client.get(f"/cases/{case.pk}/do/{action}/").status_code == 405
    case.refresh_from_db()
    assert case.status == "internal_review"


def test_receipt_shows_number_time_and_hash(cast: Cast, client: Client) -> None:
    case, cast = filed_case(cast)
    client.force_login(cast.preparer)
    page = client.get(f"/cases/{case.pk}/submissions/1/receipt/").content.decode()
    assert "WFH-115-00001" in page
    assert "115 年 11 月 6 日 16:48:27" in page
    assert case.submissions.get().sha256 in page
    assert client.get(f"/cases/{case.pk}/submissions/2/receipt/").status_code == 404
    assert client.get(f"/cases/{case.pk}/submissions/{10**30}/receipt/").status_code == 404
