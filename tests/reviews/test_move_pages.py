"""The pages from which a case is returned, put up, released and decided."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from kombu.exceptions import OperationalError
from pypdf import PdfReader

from applications import jobs
from applications.enums import Status
from applications.models import Application, ApprovedPeriod, Correction, Issued, Job
from reviews.models import Bundle
from reviews.tasks import draw_bundle
from tests.applications.pages import form
from tests.factories import PDF, taken_case
from tests.reviews.cases import NUMBER, SECTION, forwarded, put_up, text, verdict_form
from tests.services import CeleryWorker, wait_until

pytestmark = pytest.mark.django_db

PREPARING = "合併檔製作中，請稍候再重新整理"


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
    assert "擬退件或不予核備者，請填寫理由" in text(page)
    data = {"revision": case.revision, "outcome": "reject", "reasons": "書件欠缺"}
    assert "已陳核" in text(client.post(f"/review/{case.pk}/recommend/", data, follow=True))
    assert client.post(f"/review/{case.pk}/recommend/", data).status_code == 409


def test_a_page_whose_time_has_passed_leads_back_to_the_case(client: Client) -> None:
    case, cast = put_up()
    client.force_login(cast.officer)
    page = client.get(f"/review/{case.pk}/return/", follow=True)
    assert "無法辦理「退請補正」" in text(page)
    assert client.get(f"/review/{case.pk}/release/").status_code == 403


def forward(client: Client, case: Application, **more: str) -> Any:
    data = {"revision": case.revision, "action": "forward", "document_number": NUMBER, "remark": ""} | more
    return client.post(f"/review/{case.pk}/release/", data, follow=True)


def broken(*args: Any, **kwargs: Any) -> bytes:
    raise OSError("no fonts")


@pytest.fixture
def ordered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The tasks that were sent to the broker, which is not there."""
    sent: list[tuple[str, int]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **more: sent.append((name, *args)))
    return sent


def test_forward_asks_again_about_an_unusual_number_and_orders_the_bundle(
    client: Client, ordered: list[tuple[str, int]]
) -> None:
    case, cast = put_up()
    client.force_login(cast.supervisor)
    page = client.get(f"/review/{case.pk}/release/")
    assert "符合規定" in text(page)
    assert text(page).count("符合</strong>") == 51
    again = forward(client, case, document_number="口頭")
    assert "與一般文號之寫法" in text(again)
    assert 'name="confirmed" value="口頭"' in text(again)
    case.refresh_from_db()
    assert case.status == Status.AWAITING_SIGNOFF
    done = forward(client, case, document_number="口頭", confirmed="口頭")
    job = Job.objects.get()
    assert ordered == [("reviews.tasks.draw_bundle", job.pk)]
    assert (job.kind, job.application, job.asked_by) == (Job.Kind.BUNDLE, case, cast.supervisor)
    assert "已轉報金管會" in text(done)
    assert text(done).count(PREPARING) == 1
    assert f'href="/jobs/{job.pk}/"' in text(done)
    assert not Bundle.objects.exists()


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Number and text of each letter that was drawn; the drawing itself is left out, for it is slow."""
    drawn = []

    def letter(title: str, paragraphs: list[str], *args: Any, number: str, **kwargs: Any) -> bytes:
        drawn.append((number, "\n".join([title, *paragraphs])))
        return PDF.read_bytes()

    monkeypatch.setattr("applications.documents.letter_pdf", letter)
    monkeypatch.setattr("applications.documents.plan_pdf", lambda *args: PDF.read_bytes())
    monkeypatch.setattr("applications.documents.checklist_pdf", lambda *args: PDF.read_bytes())
    return drawn


def test_bundle_that_is_not_there_is_drawn_on_a_post_and_no_get(
    client: Client, letters: list[tuple[str, str]], ordered: list[tuple[str, int]]
) -> None:
    case, cast = forwarded()
    client.force_login(cast.supervisor)
    url = f"/review/{case.pk}/bundle/"
    page = client.get(url, follow=True)
    assert "產生轉報檔案" in text(page)
    assert not Job.objects.exists()
    asked = client.post(url, form(page, url))
    job = Job.objects.get()
    assert asked["Location"] == f"/jobs/{job.pk}/"
    assert ordered == [("reviews.tasks.draw_bundle", job.pk)]
    assert PREPARING in text(client.get(f"/review/{case.pk}/"))
    assert "產生轉報檔案" not in text(client.get(f"/review/{case.pk}/"))
    draw_bundle(job.pk)
    assert [number for number, _letter in letters] == [NUMBER]
    assert f'href="/review/{case.pk}/"' in text(client.get(asked["Location"]))
    assert Bundle.objects.get().sha256 in text(client.get(f"/review/{case.pk}/"))
    file = client.get(url)
    assert b"".join(file.streaming_content)[:5] == b"%PDF-"  # type: ignore[attr-defined]
    assert file["Content-Disposition"].startswith("attachment")
    client.post(url, {"key": "another"})
    draw_bundle(Job.objects.latest("pk").pk)
    assert len(letters) == 1


def test_forward_while_the_broker_is_away_stands(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*args: Any, **more: Any) -> None:
        raise OperationalError("Error 111 connecting to 127.0.0.1:6379. Connection refused.")

    monkeypatch.setattr(current_app, "send_task", away)
    case, cast = put_up()
    client.force_login(cast.supervisor)
    page = forward(client, case)
    assert "已轉報金管會" in text(page)
    assert "is not on order" in caplog.text
    case.refresh_from_db()
    assert case.status == Status.FORWARDED
    assert list(jobs.waiting(at=timezone.now())) == [Job.objects.get()]  # beat orders it again


def test_bundle_that_cannot_be_drawn_leaves_the_button(
    client: Client, monkeypatch: pytest.MonkeyPatch, ordered: list[tuple[str, int]]
) -> None:
    case, cast = forwarded()
    client.force_login(cast.supervisor)
    monkeypatch.setattr("applications.documents.letter_pdf", broken)
    job = client.post(f"/review/{case.pk}/bundle/", {"key": "k"})["Location"]
    with pytest.raises(OSError, match="no fonts"):  # a task that fails says so
        draw_bundle(Job.objects.get().pk)
    assert "處理時發生錯誤" in text(client.get(job))
    assert "產生轉報檔案" in text(client.get(f"/review/{case.pk}/"))
    assert not Bundle.objects.exists()


def test_a_worker_draws_the_bundle_of_letter_plan_and_checklist_once(
    client: Client, celery_worker_process: CeleryWorker
) -> None:
    case, cast = put_up()
    client.force_login(cast.supervisor)
    client.cookies["django_language"] = "en"
    forward(client, case)
    wait_until(Bundle.objects.exists, seconds=120, what="the bundle")
    made = Bundle.objects.get()
    with made.file.open() as file:
        reader = PdfReader(BytesIO(file.read()))
    parts = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert [title.removeprefix(case.firm.name).removesuffix(f"（{case.number}）") for title in parts] == [
        "專案轉報金管會核准",
        "居家辦公應變計畫",
        "居家辦公案件檢查表",
    ]
    assert NUMBER in "".join(reader.pages[0].extract_text().split())
    issued = Issued.objects.get()
    assert (issued.what, issued.part, issued.sha256) == ("bundle", made.recommendation_id, made.sha256)
    assert [n for n, page in enumerate(reader.pages, 1) if issued.code not in page.extract_text()] == []
    draw_bundle(Job.objects.get().pk)
    assert Bundle.objects.get().made_at == made.made_at


def test_bundle_is_in_chinese_whoever_asks_for_it(
    client: Client, letters: list[tuple[str, str]], ordered: list[tuple[str, int]]
) -> None:
    case, cast = forwarded()
    client.force_login(cast.supervisor)
    client.post(f"/review/{case.pk}/bundle/", {"key": "k"})
    with translation.override("en"):
        draw_bundle(Job.objects.get().pk)
    ((_number, letter),) = letters
    assert letter.startswith("專案轉報金管會核准\n主旨：")
    assert "使用期間：115 年 11 月 30 日至 116 年 2 月 28 日" in letter


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


def test_decision_that_comes_late_keeps_number_days_and_conditions(client: Client) -> None:
    case, cast = forwarded()
    client.force_login(cast.officer)
    data = decision_form(case, conditions="附條件", **{"dealer-last": "115/12/24"}) | {"revision": case.revision - 1}
    late = client.post(f"/review/{case.pk}/decision/", data)
    assert late.status_code == 409
    for typed in (data["document_number"], "附條件", "115/12/24"):
        assert typed in text(late)


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
