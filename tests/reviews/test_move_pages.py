"""The pages from which a case is returned, put up, released and decided."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader

from applications.enums import Status
from applications.models import Application, ApprovedPeriod, Correction
from reviews.bundle import make_bundle
from reviews.models import Bundle, Recommendation
from tests.factories import PDF, taken_case
from tests.reviews.cases import NUMBER, SECTION, forwarded, put_up, text, verdict_form

pytestmark = pytest.mark.django_db


def test_return_writes_the_letter_from_the_failing_items(client: Client) -> None:
    case, cast = taken_case()
    client.force_login(cast.officer)
    empty = client.get(f"/review/{case.pk}/return/")
    assert "沒有「須補正」之項目" in text(empty)
    client.post(f"/review/{case.pk}/{SECTION}/", verdict_form(case, i2_2_5_3=("correct", "請補充保護措施")))
    page = client.get(f"/review/{case.pk}/return/")
    form = page.context["form"]
    assert "請補充保護措施" in form["letter"].value()
    assert "本系統參數，非指引所定" in text(page)
    data = {"revision": case.revision, "basis": form["basis"].value(), "letter": "改寫之通知"}
    for due, problem in (("", "請填寫補正期限"), ("100/1/1", "補正期限須晚於今日"), ("下週", "請輸入日期")):
        refused = client.post(f"/review/{case.pk}/return/", data | {"due_on": due})
        assert problem in text(refused), due
        assert "改寫之通知" in text(refused)
    done = client.post(f"/review/{case.pk}/return/", data | {"due_on": "188/1/4"}, follow=True)
    assert "已退請補正（1 項）" in text(done)
    correction = Correction.objects.get()
    assert (correction.letter, correction.due_on.isoformat()) == ("改寫之通知", "2099-01-04")
    lost = client.post(f"/review/{case.pk}/return/", data | {"due_on": "188/1/4"})
    assert lost.status_code == 409
    assert "改寫之通知" in text(lost)


def test_recommend_names_what_is_missing(client: Client) -> None:
    case, cast = taken_case()
    client.force_login(cast.officer)
    page = client.post(f"/review/{case.pk}/recommend/", {"revision": case.revision, "outcome": "forward"})
    assert text(page).count("尚未審查") == 51
    assert f'href="/review/{case.pk}/2.2.5/#id_v-2.2.5.3-verdict_0"' in text(page)
    page = client.post(f"/review/{case.pk}/recommend/", {"revision": case.revision, "outcome": "reject"})
    assert "擬退件者，請填寫理由" in text(page)
    data = {"revision": case.revision, "outcome": "reject", "reasons": "書件欠缺"}
    assert "已陳核" in text(client.post(f"/review/{case.pk}/recommend/", data, follow=True))
    assert client.post(f"/review/{case.pk}/recommend/", data).status_code == 409


def test_a_page_whose_time_has_passed_leads_back_to_the_case(client: Client) -> None:
    case, cast = put_up()
    client.force_login(cast.officer)
    page = client.get(f"/review/{case.pk}/return/", follow=True)
    assert "無法辦理「退請補正」" in text(page)
    assert client.get(f"/review/{case.pk}/release/").status_code == 403


def test_forward_asks_again_about_an_unusual_number_and_makes_the_bundle(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def letter(*args: Any, **kwargs: Any) -> bytes:
        made.append(kwargs["number"])
        return PDF.read_bytes()

    monkeypatch.setattr("applications.documents.letter_pdf", letter)
    monkeypatch.setattr("applications.documents.plan_pdf", lambda *args: PDF.read_bytes())
    monkeypatch.setattr("applications.documents.checklist_pdf", lambda *args: PDF.read_bytes())
    case, cast = put_up()
    client.force_login(cast.supervisor)
    page = client.get(f"/review/{case.pk}/release/")
    assert "符合規定" in text(page)
    assert text(page).count("符合</strong>") == 51
    data = {"revision": case.revision, "action": "forward", "document_number": "口頭", "remark": ""}
    again = client.post(f"/review/{case.pk}/release/", data)
    assert "與一般文號之寫法" in text(again)
    assert 'name="confirmed" value="口頭"' in text(again)
    case.refresh_from_db()
    assert case.status == Status.AWAITING_SIGNOFF
    done = client.post(f"/review/{case.pk}/release/", data | {"confirmed": "口頭"}, follow=True)
    assert "已轉報主管機關" in text(done)
    assert made == ["口頭"]
    assert Bundle.objects.get().sha256 in text(done)
    file = client.get(f"/review/{case.pk}/bundle/")
    assert b"".join(file.streaming_content)[:5] == b"%PDF-"  # type: ignore[attr-defined]
    assert file["Content-Disposition"].startswith("attachment")


def test_a_bundle_that_fails_leaves_the_forwarding_and_a_button(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, cast = put_up()
    client.force_login(cast.supervisor)

    def broken(*args: Any, **kwargs: Any) -> bytes:
        raise OSError("no fonts")

    with monkeypatch.context() as patched:
        patched.setattr("applications.documents.letter_pdf", broken)
        data = {"revision": case.revision, "action": "forward", "document_number": NUMBER}
        page = client.post(f"/review/{case.pk}/release/", data, follow=True)
    assert "轉報檔案未能產生" in text(page)
    assert "產生轉報檔案" in text(page)
    case.refresh_from_db()
    assert case.status == Status.FORWARDED
    assert client.get(f"/review/{case.pk}/bundle/").status_code == 404  # a GET makes nothing
    assert not Bundle.objects.exists()


def test_the_bundle_holds_letter_plan_and_checklist_and_is_made_once() -> None:
    case, _cast = forwarded()
    recommendation = Recommendation.objects.get()
    made = make_bundle(recommendation, at=case.changed_at)
    with made.file.open() as file:
        pages = [page.extract_text() for page in PdfReader(BytesIO(file.read())).pages]
    whole = "".join("".join(pages).split())
    assert NUMBER in whole
    assert "應變計畫" in whole
    assert "案件檢查表" in whole
    assert make_bundle(recommendation, at=case.changed_at).pk == made.pk


def test_release_refuses_what_is_incomplete(client: Client) -> None:
    case, cast = put_up("reject")
    client.force_login(cast.supervisor)
    data = {"revision": case.revision, "action": "send_back", "remark": " "}
    assert "請填寫退回承辦人之意見" in text(client.post(f"/review/{case.pk}/release/", data))
    assert client.post(f"/review/{case.pk}/release/", {"action": "approve"}).status_code == 404
    done = client.post(f"/review/{case.pk}/release/", {"revision": case.revision, "action": "reject"}, follow=True)
    assert "已退件" in text(done)


def decision_form(case: Application, **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "revision": case.revision,
        "outcome": "approved",
        "document_number": "金管證券字第1150009999號",
        "dated": "115/1/20",
        "conditions": "每月申報\n執行情形",
        "scan": SimpleUploadedFile("復函.pdf", PDF.read_bytes()),
    }
    for line in case.lines:
        data |= {line: "on", f"{line}-first": "115/11/30", f"{line}-last": "116/2/28"}
    return {name: value for name, value in (data | changes).items() if value is not None}


def test_decision_proposes_the_request_and_writes_the_periods(client: Client) -> None:
    case, cast = forwarded()
    client.force_login(cast.officer)
    page = client.get(f"/review/{case.pk}/decision/")
    assert text(page).count('value="115/11/30"') == 3
    assert text(page).count('value="116/02/28"') == 3
    data = decision_form(case, clearing=None, **{"dealer-last": "2026-12-31"})
    done = client.post(f"/review/{case.pk}/decision/", data, follow=True)
    assert "已登錄核准" in text(done)
    assert list(ApprovedPeriod.objects.values_list("line", "last_day").order_by("line")) == [
        ("brokerage", case.last_day),
        ("dealer", date(2026, 12, 31)),
    ]
    assert "金管證券字第1150009999號" in text(done)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"outcome": None}, "請選擇核准或駁回"),
        ({"dated": "188/1/1"}, "發文日期不得晚於今日"),
        ({"dated": "昨日"}, "請輸入日期"),
        ({"document_number": ""}, "請填寫文號"),
        ({"scan": None}, "請附來函掃描檔"),
        ({"dealer-last": ""}, "請填寫核准之迄日"),
        ({"dealer-last": "116/3/1"}, "迄日最遲為 116 年 2 月 28 日"),
        ({"dealer": None, "brokerage": None, "clearing": None}, "請至少選擇一項業務"),
        ({"document_number": "口頭告知"}, "與一般文號之寫法"),
    ],
)
def test_decision_keeps_what_was_typed(client: Client, changes: dict[str, Any], problem: str) -> None:
    case, cast = forwarded()
    client.force_login(cast.supervisor)
    page = client.post(f"/review/{case.pk}/decision/", decision_form(case, **changes))
    assert page.status_code == 200
    assert problem in text(page)
    assert "每月申報\n執行情形" in text(page)
    case.refresh_from_db()
    assert case.status == Status.FORWARDED


@pytest.mark.parametrize("data", [b"", b"MZ\x90\x00 no letter"])
def test_decision_with_a_refused_scan_keeps_the_rest(client: Client, data: bytes) -> None:
    case, cast = forwarded()
    client.force_login(cast.officer)
    form = decision_form(case, scan=SimpleUploadedFile("復函.pdf", data))
    page = client.post(f"/review/{case.pk}/decision/", form)
    assert "復函.pdf" in text(page)
    assert "每月申報\n執行情形" in text(page)
    case.refresh_from_db()
    assert case.status == Status.FORWARDED


def test_refusal_needs_no_lines(client: Client) -> None:
    case, cast = forwarded()
    client.force_login(cast.officer)
    data = decision_form(case, outcome="refused", **{"dealer-last": ""})
    assert "已登錄駁回" in text(client.post(f"/review/{case.pk}/decision/", data, follow=True))
