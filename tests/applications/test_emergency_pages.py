"""緊急通報 on the firm's pages: four short ones, what follows, and the documents until they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from applications.models import Application, EmergencyNotice, Section, Submission
from tests.applications.emergencies import AT, begun, documented, noticed, said, supplied
from tests.applications.pages import database, form, parse, problems, save, text_of, url
from tests.applications.test_documents import body, pdftotext, squeeze
from tests.bench.timing import statements
from tests.factories import Cast

pytestmark = [pytest.mark.once, pytest.mark.django_db]

PAGES = ["2.1.1.event", "2.1.1.start", "2.1.1.contact"]
LATE = AT + timedelta(days=15)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as moved:
        yield moved


@pytest.fixture
def cast() -> Cast:
    return Cast()


def heading(response: Any) -> str:
    return text_of(next(parse(response).iter("h1")))


def shown(response: Any) -> str:
    return text_of(next(parse(response).iter("main")))


def typed(page: str) -> dict[str, Any]:
    return {f"{page.replace('.', '_')}__{name}": value for name, value in said()[page].items()}


def begin(client: Client, user: User) -> Application:
    client.force_login(user)
    answer = client.post("/emergency/")
    case = Application.objects.get()
    assert answer["Location"] == f"/cases/{case.pk}/"
    return case


def check_form(client: Client, case: Application) -> dict[str, list[str]]:
    return form(client.get(f"/cases/{case.pk}/check/"), f"/cases/{case.pk}/do/notify/")


# --- the four pages ----------------------------------------------------------------


@pytest.mark.parametrize("who", ["preparer", "checker"])
def test_home_offers_it_and_four_pages_follow(client: Client, cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    client.force_login(user)
    assert 'action="/emergency/"' in client.get("/").content.decode()
    case = begin(client, user)
    for number, page in enumerate(PAGES, 1):
        opened = client.get(f"/cases/{case.pk}/", follow=True)
        assert opened.request["PATH_INFO"] == url(case, page)
        assert f"緊急通報 第 {number} 頁，共 4 頁" in shown(opened)
        assert heading(opened) == case.version.section(page).title.zh
        html = opened.content.decode()
        assert 'type="file"' not in html
        assert "名冊" not in html
        assert "工作清單" not in html
        saved = save(client, case, page, typed(page))
    assert saved["Location"] == f"/cases/{case.pk}/check/"
    page = client.get(f"/cases/{case.pk}/", follow=True)
    assert page.request["PATH_INFO"] == f"/cases/{case.pk}/check/"
    words = shown(page)
    assert "緊急通報 第 4 頁，共 4 頁" in words
    assert "請於 115 年 11 月 19 日前補具" in words
    assert "請於 116 年 1 月 4 日前登錄追認" in words
    assert words.count("本系統參數，非指引所定") == 3
    given = client.post(f"/cases/{case.pk}/do/notify/", form(page, f"/cases/{case.pk}/do/notify/"), follow=True)
    assert heading(given) == "已送出通報"
    notice = EmergencyNotice.objects.get()
    words = shown(given)
    for part in ("WFH-115-00001", "115 年 11 月 5 日 07:42:10", notice.sha256, "115 年 11 月 19 日前補具"):
        assert part in words
    assert notice.given_by == user


def test_save_and_leave_goes_home_where_the_draft_waits(client: Client, cast: Cast) -> None:
    case = begin(client, cast.checker)
    answer = save(client, case, PAGES[0], {"2_1_1_event__what": "尚待確認"}, button="later")
    assert answer["Location"] == "/"
    home = client.get("/")
    assert "已儲存「發生什麼緊急情況？」" in shown(home)
    assert f"草稿 {case.pk} 緊急通報" in shown(home)
    assert Section.objects.get(application=case).answers[PAGES[0]]["what"] == "尚待確認"


def test_what_is_missing_is_named_and_linked(client: Client, cast: Cast) -> None:
    case = begin(client, cast.preparer)
    save(client, case, PAGES[0], typed(PAGES[0]) | {"2_1_1_event__what": " "})
    save(client, case, PAGES[2], typed(PAGES[2]))
    answer = client.post(f"/cases/{case.pk}/do/notify/", check_form(client, case))
    assert answer.status_code == 200
    assert "<title>錯誤：檢查並送出通報" in answer.content.decode()
    assert problems(answer) == [
        "貳、一（一）：請填寫「簡述情況」",
        "貳、一（一） 何時、哪些業務開始居家辦公？：尚未填寫",
    ]
    link = f"{url(case, PAGES[0])}?check=1"
    assert link in answer.content.decode()
    page = client.get(link)
    assert problems(page) == ["貳、一（一）：請填寫「簡述情況」"]
    assert "<title>錯誤：" in page.content.decode()
    assert not EmergencyNotice.objects.exists()


def test_a_doubled_press_gives_one_notice_and_the_same_confirmation(client: Client, cast: Cast) -> None:
    case = begun(cast)
    client.force_login(cast.preparer)
    data = check_form(client, case)
    answers = [client.post(f"/cases/{case.pk}/do/notify/", data) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [f"/cases/{case.pk}/notice/given/"] * 2
    assert EmergencyNotice.objects.count() == 1


def test_a_stale_press_is_409(client: Client, cast: Cast) -> None:
    case = begun(cast)
    client.force_login(cast.preparer)
    data = check_form(client, case)
    client.post(f"/cases/{case.pk}/do/notify/", data)
    before = database()
    answer = client.post(f"/cases/{case.pk}/do/notify/", data | {"key": ["another"]})
    assert answer.status_code == 409
    assert database() == before


def test_a_draft_can_be_withdrawn_with_a_reason(client: Client, cast: Cast) -> None:
    case = begun(cast)
    client.force_login(cast.checker)
    action = f"/cases/{case.pk}/do/withdraw/"
    data = form(client.get(f"/cases/{case.pk}/check/"), action)
    refused = client.post(action, data)
    assert (problems(refused), heading(refused)) == (["請填寫理由"], "檢查並送出通報")
    client.post(action, data | {"reason": ["虛驚"]})
    case.refresh_from_db()
    assert case.status == "withdrawn"


@pytest.mark.parametrize("who", ["firm_admin", "officer", "supervisor", "auditor"])
def test_nobody_else_begins_one(client: Client, cast: Cast, who: str) -> None:
    user = getattr(cast, who, None) or cast.auditor
    client.force_login(user)
    assert client.post("/emergency/").status_code == 404
    assert client.get("/emergency/").status_code in {404, 405}
    assert not Application.objects.exists()


def test_a_page_of_the_documents_is_not_there_before_the_notice(client: Client, cast: Cast) -> None:
    case = begun(cast)
    client.force_login(cast.preparer)
    assert client.get(url(case, "2.2.9")).status_code == 404
    assert client.post(url(case, "2.2.9"), {"revision": "0"}).status_code == 404
    roster = client.post(f"/cases/{case.pk}/roster/", {"table": "員工編號\r\n1"})
    assert roster.status_code != 302
    assert not case.roster.exists()


# --- after it ------------------------------------------------------------------------


def test_the_case_shows_the_notice_and_the_task_list_of_the_documents(client: Client) -> None:
    case, cast = noticed()
    client.force_login(cast.preparer)
    page = client.get(f"/cases/{case.pk}/")
    words = shown(page)
    for part in ("115 年 11 月 5 日 07:42:10", "本系統", "甲填報", EmergencyNotice.objects.get().sha256):
        assert part in words
    assert "補具書件期限115 年 11 月 19 日本系統參數，非指引所定" in words
    assert "共 22 節，已完成 3 節" in words
    assert words.count("已通報") == 3
    said_page = shown(client.get(f"/cases/{case.pk}/notice/"))
    assert "受託買賣部2人於11月4日確診，全樓層封閉消毒。" in said_page


def test_a_notice_that_was_given_is_shown_and_not_written(client: Client) -> None:
    case, cast = noticed()
    client.force_login(cast.preparer)
    page = client.get(url(case, PAGES[0]))
    assert "通報內容，不得修改" in shown(page)
    assert "2_1_1_event__what" not in page.content.decode()
    before = Section.objects.get(application=case, section_id=PAGES[0])
    answer = client.post(url(case, PAGES[0]), {"revision": "1", "2_1_1_event__what": "改寫", "next": "1"})
    assert answer.status_code == 409
    assert "改寫" in answer.content.decode()
    after = Section.objects.get(application=case, section_id=PAGES[0])
    assert (after.answers, after.revision) == (before.answers, before.revision)


def test_overdue_is_on_home_and_on_the_case(client: Client, clock: Any) -> None:
    case, cast = noticed()
    client.force_login(cast.preparer)
    assert "逾期未補件" not in shown(client.get("/")) + shown(client.get(f"/cases/{case.pk}/"))
    clock.move_to(LATE)
    client.force_login(cast.preparer)  # the session has ended meanwhile
    assert shown(client.get("/")).count("逾期未補件") == 2  # in 待您處理 and in the list
    assert "緊急通報 逾期未補件" in shown(client.get(f"/cases/{case.pk}/"))


def test_documents_go_to_the_checker_back_again_and_out(client: Client, clock: Any) -> None:
    case, cast = documented()
    clock.move_to(AT + timedelta(days=1))
    address = f"/cases/{case.pk}/check/"

    def press(user: User, action: str, **more: str) -> Any:
        client.force_login(user)
        data = form(client.get(address), f"/cases/{case.pk}/do/{action}/")
        answer = client.post(f"/cases/{case.pk}/do/{action}/", data | {name: [value] for name, value in more.items()})
        case.refresh_from_db()
        return answer

    press(cast.preparer, "send_documents", document_number="甲證字第1號")
    assert (case.status, case.document_number) == ("documents_review", "甲證字第1號")
    refused = press(cast.checker, "return_documents")
    assert problems(refused) == ["請填寫理由"]
    assert 'id="reason-return_documents"' in refused.content.decode()
    press(cast.checker, "return_documents", reason="請補測試報告")
    assert case.status == "noticed"
    client.force_login(cast.preparer)
    assert "請補測試報告" in shown(client.get(f"/cases/{case.pk}/"))
    press(cast.preparer, "send_documents")
    sent = press(cast.checker, "submit_documents", declare="yes")
    assert (case.status, case.number) == ("submitted", "WFH-115-00001")
    page = client.get(sent["Location"])
    assert heading(page) == "已補具書件"
    assert "由臺灣證券交易所備查" in shown(page)
    assert "轉報" not in shown(page)
    content = Submission.objects.get().content
    assert content["pages"][:4] == ["1", *PAGES]
    assert content["answers"]["2.1.1.event"]["event"] == "confirmed"


def test_whoever_gave_the_notice_may_sign_its_documents(client: Client, clock: Any) -> None:
    """Not so whoever wrote the documents."""
    cast = Cast()
    case = begun(cast, cast.checker)
    client.force_login(cast.checker)
    client.post(f"/cases/{case.pk}/do/notify/", check_form(client, case))
    case.refresh_from_db()
    assert case.status == "noticed"
    Application.objects.filter(pk=case.pk).update(status="documents_review", prepared_by=cast.preparer)
    assert form(client.get(f"/cases/{case.pk}/check/"), f"/cases/{case.pk}/do/submit_documents/")


def test_another_firm_finds_nothing(client: Client) -> None:
    case, _ = noticed()
    client.force_login(Cast().checker)
    for path in ("notice/", "notice/given/", "notice.pdf", "ratify/", "", "check/"):
        assert client.get(f"/cases/{case.pk}/{path}").status_code == 404


# --- ledger, PDF, statements ---------------------------------------------------------


def test_ledger_lists_what_goes_on_unrecorded(client: Client, clock: Any) -> None:
    case, cast = noticed()
    client.force_login(cast.checker)
    page = shown(client.get("/ledger/"))
    assert "0 項業務得居家辦公" in page
    assert "緊急通報實施中，尚未備查" in page
    assert f"{case.number} 受託買賣作業及交易作業、自行買賣作業及交易作業、結算及申報作業" in page
    assert "緊急通報實施中" not in shown(client.get("/ledger/", {"day": "115/11/04"}))
    assert "逾期未補件" not in page
    assert "逾期未補件" in shown(client.get("/ledger/", {"day": "115/11/20"}))
    client.force_login(Cast().checker)
    assert "緊急通報實施中" not in shown(client.get("/ledger/"))


def test_the_notice_as_pdf(client: Client) -> None:
    case, cast = noticed()
    notice = EmergencyNotice.objects.get()
    for user in (cast.preparer, cast.officer):
        client.force_login(user)
        answer = client.get(f"/cases/{case.pk}/notice.pdf")
        assert answer["Content-Type"] == "application/pdf"
    text = squeeze(pdftotext(answer.content))
    for part in (
        "緊急通報書", case.number, "115年11月5日07:42:10", "本系統", "受託買賣部2人於11月4日確診，全樓層封閉消毒。",
        "08:30", "(02)5550-0102", notice.sha256, "不代表核准、核備或備查",
    ):  # fmt: skip
        assert squeeze(str(part)) in text, part
    assert "草稿" not in text


def test_checklist_shows_what_the_notice_said_without_boxes(client: Client) -> None:
    case, cast = supplied()
    client.force_login(cast.preparer)
    text = squeeze(body(client.get(f"/cases/{case.pk}/submissions/1/checklist.pdf").content))
    assert squeeze("開始時間：08:30") in text
    receipt = squeeze(pdftotext(client.get(f"/cases/{case.pk}/submissions/1/receipt.pdf").content))
    assert "備查，結果及期間登錄於本系統" in receipt
    assert "未經核准前不得實施" not in receipt


def count(client: Client, user: User, path: str) -> int:
    client.force_login(user)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(statements(captured))


def test_statements(client: Client) -> None:
    case, cast = noticed()
    draft = begun(cast)
    expected = {
        "/": 6,  # one more than without a notice: what is overdue
        "/cases/{0}/": 11,
        "/cases/{1}/sections/2.1.1.start/": 5,
        "/cases/{1}/check/": 10,
        "/cases/{0}/notice/given/": 10,
    }
    assert {path: count(client, cast.preparer, path.format(case.pk, draft.pk)) for path in expected} == expected
