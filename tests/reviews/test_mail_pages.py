"""電子郵件通報: who may see mails, what an officer does with one, and that nothing of a mail runs or is fetched."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from applications.actions.drafting import NotOpen
from applications.enums import Door, Status
from applications.messages import RAW_BYTES
from applications.models import Application, Event
from reviews.actions import mailing
from reviews.models import Assignment, MailEvent, MailNotice
from tests.applications import pages
from tests.clamd import MALICE, Clamd
from tests.factories import PDF as PLAN
from tests.factories import Cast, FirmFactory, person
from tests.reviews.cases import text
from tests.reviews.mailing import ANSWERS, ARRIVED, AT, address, arrive, confirm, saved, upload
from tests.reviews.mails import PDF, file, html, mail, multipart
from tests.reviews.mails import text as plain

S = MailNotice.Status


@pytest.fixture(autouse=True)
def _now(db: None) -> Any:
    with time_machine.travel(AT, tick=False):
        yield


# --- who -----------------------------------------------------------------------

GETS = ("", "raw/", "files/x/")
POSTS = ("", "case/", "aside/", "merge/", "reopen/")


def test_people_of_firms_find_nothing(client: Client) -> None:
    cast, found = Cast(), arrive()
    for user in (cast.preparer, cast.checker, person("operator"), person("firm_admin", firm=cast.firm)):
        client.force_login(user)
        for path in ("/review/mail/", "/review/mail/new/", *(address(found, one) for one in GETS)):
            assert client.get(path).status_code == 404, path
        for path in ("/review/mail/new/", *(address(found, one) for one in POSTS)):
            assert client.post(path).status_code == 404, path


@pytest.mark.parametrize("who", ["supervisor", "auditor"])
def test_supervisors_and_auditors_read(client: Client, who: str) -> None:
    cast, found = Cast(), arrive()
    client.force_login(getattr(cast, who))
    for path in ("/review/mail/", address(found)):
        assert client.get(path).status_code == 200, path
    assert saved(client, address(found, "raw/")) == mail()
    assert text(client.get(address(found))).split("<main")[1].split("</main>")[0].count("<button") == 0
    assert client.get("/review/mail/new/").status_code == 403
    for path, data in (
        ("", {"firm": cast.firm.pk} | ANSWERS),
        ("aside/", {"reason": "x"}),
        ("merge/", {}),
        ("reopen/", {}),
    ):
        assert client.post(address(found, path), {"revision": 0} | data).status_code == 403, path
    assert upload(client, mail("x", Message_ID=None)).status_code == 403
    found.refresh_from_db()
    assert (found.status, found.revision, MailNotice.objects.count()) == (S.WAITING, 0, 1)


# --- the page --------------------------------------------------------------------


def test_nothing_of_a_mail_is_rendered_or_opened(client: Client) -> None:
    page = "<script>alert(1)</script><img src=https://evil.example/x.png><p>封閉 &lt;b&gt;粗&lt;/b&gt;</p>"
    found = arrive(multipart(html(page), file(b"<svg onload=alert(1)>", "text/html", "filename=x.html")))
    client.force_login(Cast().officer)
    shown = text(client.get(address(found)))
    assert "&lt;b&gt;粗&lt;/b&gt;" in shown
    for word in ("evil.example", "alert(1)", "<b>粗"):
        assert word not in shown
    for path, disposition in (
        ("raw/", f'attachment; filename="mail-{found.pk}.eml"'),
        (f"files/{found.said['files'][0]['sha256']}/", 'attachment; filename="x.html"'),
    ):
        answer = client.get(address(found, path))
        assert answer["Content-Disposition"] == disposition
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert client.get(address(found, "files/" + "0" * 64 + "/")).status_code == 404


def test_mail_and_its_files_are_given_out_only_where_the_scanner_passes_them(
    client: Client, clamd_server: Clamd, settings: Any
) -> None:
    honest = arrive(multipart(plain(), file(PDF, "application/pdf", "filename=a.pdf")))
    hostile = arrive(multipart(plain(), file(MALICE, "text/plain", "filename=x.txt")))
    client.force_login(Cast().officer)

    def ask() -> list[int]:
        found = [(mail, f"files/{mail.said['files'][0]['sha256']}/") for mail in (honest, hostile)]
        answers = [client.get(address(mail, path)) for mail, one in found for path in ("raw/", one)]
        assert all(b"".join(answer) for answer in answers)
        return [answer.status_code for answer in answers]

    assert ask() == [200, 200, 200, 200]
    settings.CLAMD_URL = clamd_server.url
    assert ask() == [200, 200, 410, 410]
    settings.CLAMD_URL = "unix:///nobody/listens"
    assert ask() == [409, 409, 409, 409]


def test_proposals_are_no_choice_and_nothing_is_filled_in(client: Client) -> None:
    cast = Cast(FirmFactory.create(name="甲山證券股份有限公司"))
    User.objects.filter(pk=cast.preparer.pk).update(email="someone@jiashan.example")
    other = Cast()
    found = arrive()
    client.force_login(cast.officer)
    page = client.get(address(found))
    assert "寄件人網域與該公司使用者相同" in text(page)
    assert "郵件提及「甲山證券」" in text(page)
    assert "郵件提及之業務：受託買賣" in text(page)
    assert f"{other.firm}：" not in text(page)
    data = pages.form(page, address(found))
    assert {name: value for name, value in data.items() if value != [""]} == {"revision": ["0"]}


def test_query_counts(client: Client, django_assert_num_queries: Any) -> None:
    officer = Cast().officer
    founds = [arrive(mail(f"{number}", Message_ID=None)) for number in range(5)]
    client.force_login(officer)
    with django_assert_num_queries(4):  # session, person, page, counts
        client.get("/review/mail/")
    with django_assert_num_queries(9):  # and of the mail: itself, copies, events, firms and their people, the choice
        client.get(address(founds[0]))


def test_the_queue_of_cases_says_how_many_mails_wait(client: Client) -> None:
    cast = Cast()
    arrive()
    mailing.set_aside(mail_id=arrive(mail("x", Message_ID=None)).pk, revision=0, reason="廣告", by=cast.officer, at=AT)
    client.force_login(cast.supervisor)
    tabs = [pages.text_of(node) for node in pages.parse(client.get("/review/")).iter("a")]
    assert "電子郵件通報1 件" in tabs
    tabs = [pages.text_of(node) for node in pages.parse(client.get("/review/mail/")).iter("a")]
    assert {"待確認1 件", "已確認0 件", "非緊急通報1 件", "全部2 件"} <= set(tabs)
    assert client.get("/review/mail/?tab=x").status_code == 404
    assert client.get("/review/mail/?before=x").status_code == 404


# --- what becomes of it ------------------------------------------------------------


def test_confirming_makes_the_case_of_the_firm_with_the_officer_in_hand(client: Client) -> None:
    cast = Cast()
    found = arrive(multipart(plain(), file(PLAN.read_bytes()), file(PDF, name="filename=broken.pdf")))
    client.force_login(cast.officer)
    assert confirm(client, found, cast).status_code == 302
    found.refresh_from_db()
    case = Application.objects.get()
    assert (found.status, found.application) == (S.CONFIRMED, case)
    assert (case.firm, case.kind, case.status, case.officer) == (cast.firm, "emergency", Status.NOTICED, cast.officer)
    assert (case.notice.received_at, case.notice.door) == (ARRIVED, Door.MAILBOX)
    assert case.notice.content["answers"]["2.1.1.event"]["what"] == "營業處所封閉"
    assert [(one.officer, one.until) for one in Assignment.objects.all()] == [(cast.officer, None)]
    assert [one.name for one in case.attachments.all()] == ["report.pdf"]
    event = MailEvent.objects.get(what="confirmed")
    assert (event.actor, event.detail["case"]) == (cast.officer, case.number)
    assert event.detail["left"] == ["broken.pdf"]
    page = text(client.get(address(found)))
    assert "broken.pdf" in page
    assert case.number in page

    client.force_login(cast.preparer)
    assert case.number in text(client.get(f"/cases/{case.pk}/"))
    assert saved(client, f"/files/{case.attachments.get().pk}/") == PLAN.read_bytes()
    client.force_login(Cast().preparer)
    assert client.get(f"/cases/{case.pk}/").status_code == 404
    assert client.get(f"/files/{case.attachments.get().pk}/").status_code == 404


def test_what_could_not_be_read_is_confirmed_all_the_same(client: Client) -> None:
    cast = Cast()
    found = arrive(mail().partition(b"\r\n\r\n")[0] + b"\r\n\r\n", size=RAW_BYTES * 2)
    client.force_login(cast.officer)
    page = text(client.get(address(found)))
    assert "原件仍在通報信箱" in page
    assert "待確認，本系統未能讀取" in page
    assert confirm(client, found, cast).status_code == 302
    assert Application.objects.get().notice.received_at == ARRIVED


def test_the_receipt_is_that_of_the_first_copy(client: Client) -> None:
    cast = Cast()
    client.force_login(cast.officer)
    upload(client, mail())
    found = MailNotice.objects.get()
    arrive(b"X-Stamp: 1\r\n" + mail())
    assert "到達通報信箱之時間" in text(client.get(address(found)))
    confirm(client, found, cast)
    notice = Application.objects.get().notice
    assert (notice.received_at, notice.door) == (ARRIVED, Door.MAILBOX)


def test_a_mail_of_a_day_before_any_announcement_can_be_dealt_with(client: Client) -> None:
    """The mailbox may hold old mails, and a mail server's clock may be wrong."""
    found, cast = arrive(received_at=datetime(1999, 12, 31, tzinfo=UTC)), Cast()
    client.force_login(cast.officer)
    assert client.get(address(found)).status_code == 200
    assert confirm(client, found, cast).status_code == 302
    assert Application.objects.get().version_id == "111-10-06"


def test_what_is_missing_is_said_and_nothing_is_lost(client: Client) -> None:
    cast, found = Cast(), arrive()
    client.force_login(cast.officer)
    page = confirm(client, found, cast, **{"2_1_1_event__what": "", "2_1_1_start__first_day": "某日"})
    assert page.status_code == 200
    assert len(pages.problems(page)) == 2
    assert pages.form(page, address(found))["2_1_1_start__first_day"] == ["某日"]
    page = confirm(client, found, cast, firm="")
    assert pages.problems(page) == ["請選擇通報之證券商"]
    assert pages.form(page, address(found))["2_1_1_contact__name"] == ["王大明"]
    assert not Application.objects.exists()
    assert MailNotice.objects.get().status == S.WAITING


def test_the_loser_is_told_and_keeps_the_text(client: Client) -> None:
    cast, found = Cast(), arrive()
    client.force_login(cast.other_officer)
    mailing.set_aside(mail_id=found.pk, revision=0, reason="廣告信", by=cast.officer, at=AT)
    page = confirm(client, found, cast)
    assert page.status_code == 409
    for said in ("李審查 已於", "列為非緊急通報", "不及備齊書件", "0900-000-102", str(cast.firm)):
        assert said in text(page), said
    page = client.post(address(found, "aside/"), {"revision": 0, "reason": "我的理由"})
    assert (page.status_code, "我的理由" in text(page)) == (409, True)
    page = client.post(address(found, "case/"), {"revision": 0, "number": "WFH-115-00001"})
    assert page.status_code == 409
    assert client.post(address(found, "merge/"), {"revision": 0}).status_code == 409
    assert not Application.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_wins() -> None:
    cast, found = Cast(), arrive()
    begin, codes = threading.Barrier(2), []

    def go(user: User) -> None:
        client = Client()
        client.force_login(user)
        begin.wait()
        codes.append(confirm(client, found, cast).status_code)
        connection.close()

    threads = [threading.Thread(target=go, args=(user,)) for user in (cast.officer, cast.other_officer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [302, 409]
    case = Application.objects.get()
    assert MailNotice.objects.get().application == case
    assert Assignment.objects.get().officer == case.officer
    assert MailEvent.objects.filter(what="confirmed").count() == 1


def test_set_aside_with_a_reason_and_back(client: Client) -> None:
    cast, found = Cast(), arrive()
    client.force_login(cast.officer)
    page = client.post(address(found, "aside/"), {"revision": 0, "reason": " "})
    assert pages.problems(page) == ["請填寫非緊急通報之理由"]
    client.post(address(found, "aside/"), {"revision": 0, "reason": "廣告信"})
    found.refresh_from_db()
    assert (found.status, found.reason, found.revision) == (S.SET_ASIDE, "廣告信", 1)
    assert "廣告信" in text(client.get(address(found)))
    client.post(address(found, "reopen/"), {"revision": 1})
    found.refresh_from_db()
    assert (found.status, found.reason, found.revision) == (S.WAITING, "", 2)
    assert [event.what for event in found.events.all()] == ["received", "set_aside", "reopened"]


def test_put_with_a_case_that_is_there(client: Client) -> None:
    cast = Cast()
    client.force_login(cast.officer)
    confirm(client, arrive(), cast)
    case = Application.objects.get()
    more = arrive(multipart(plain("補充"), file(PLAN.read_bytes()), Message_ID=None))
    page = client.post(address(more, "case/"), {"revision": 0, "number": "WFH-115-99999"})
    assert "查無案號" in pages.problems(page)[0]
    client.post(address(more, "case/"), {"revision": 0, "number": f" {case.number.lower()} "})
    more.refresh_from_db()
    assert (more.status, more.application) == (S.CONFIRMED, case)
    assert case.attachments.count() == 1
    assert Application.objects.count() == 1
    assert Event.objects.filter(application=case, what="mail", shared=False).count() == 2


def test_another_text_is_merged_by_an_officer_alone(client: Client) -> None:
    cast, head = Cast(), arrive()
    other = arrive(mail("另有內容"))
    client.force_login(cast.officer)
    assert "為同一通報，併入" in text(client.get(address(other)))
    client.post(address(other, "merge/"), {"revision": 0})
    other.refresh_from_db()
    assert (other.status, other.joins) == (S.JOINED, head)
    assert client.post(address(head, "merge/"), {"revision": 0}).status_code == 409
    with pytest.raises(NotOpen):
        mailing.reopen(mail_id=other.pk, revision=1, by=cast.supervisor, at=timezone.now() + timedelta(hours=1))


def test_every_page_can_be_read_in_english(client: Client) -> None:
    """A mail in English, every oddity of a broken one in words; what people and firms are called stays."""
    cast = Cast()
    fine = arrive(mail("Lines: none", From="a@b.example", Subject="Notice", Message_ID="<1@b.example>"))
    odd = arrive(mail("x\0", From="a@b.example, c@d.example", Subject=None, Date="x", Message_ID="y"))
    aside = arrive(mail("Sale", From="a@b.example", Subject="Sale", Message_ID=None))
    mailing.set_aside(mail_id=aside.pk, revision=0, reason="Sale", by=cast.officer, at=AT)
    client.cookies["django_language"] = "en"
    client.force_login(cast.officer)
    paths = ("/review/mail/", "/review/mail/new/", address(fine), address(odd), address(aside))
    answers = [client.get(path) for path in paths] + [client.post(address(fine), {"revision": 0})]
    for answer in answers:
        assert '<html lang="en">' in text(answer)
        main = next(pages.parse(answer).iter("main"))
        for select in main.iter("select"):
            select.clear()
        words = pages.text_of(main).replace(cast.officer.name, "")
        assert re.findall("[\u4e00-\u9fff，。：；「」（）]+", words) == []
