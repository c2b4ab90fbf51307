"""An emergency on a phone: from the firm's first click to the rows of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Firm, User
from applications.models import Application, ApprovedPeriod, EmergencyNotice
from applications.tasks import send_outbox
from reviews.models import Assignment
from tests.applications.emergencies import said
from tests.browser.people import FILING_DAY
from tests.browser.person import Person
from tests.factories import judge_all, write
from tests.services import CeleryWorker, MailServer

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 700}
NUMBER = "WFH-115-00001"
PAGES = ("2.1.1.event", "2.1.1.start", "2.1.1.contact")


def fits(person: Person) -> None:
    """No scroll sideways, on a phone and on the narrowest."""
    for size in (NARROW, PHONE):
        person.page.set_viewport_size(size)  # type: ignore[arg-type]
        assert person.page.evaluate("document.documentElement.scrollWidth") == size["width"], person.page.url


def give_notice(firm_side: Person) -> Application:
    """Four short pages, nothing to upload."""
    fits(firm_side)
    firm_side.press("通報緊急情況")
    case = Application.objects.get()
    answers: dict[str, Any] = said(start={"first_day": "2026-11-06"})
    for number, page in enumerate(PAGES, 1):
        section = case.version.section(page)
        assert firm_side.headings() == section.title.zh
        assert firm_side.page.get_by_text(f"緊急通報 第 {number} 頁，共 4 頁").is_visible()
        assert firm_side.page.locator("input[type=file]").count() == 0
        fits(firm_side)
        firm_side.fill_section(section, answers, case.version)
        firm_side.press("繼續")
    assert firm_side.page.get_by_text("115 年 11 月 20 日").first.is_visible()  # documents
    assert firm_side.page.get_by_text("116 年 1 月 5 日").first.is_visible()  # ratification
    fits(firm_side)
    firm_side.press("送出通報")
    assert firm_side.headings() == "已送出通報"
    assert firm_side.page.get_by_text(NUMBER).first.is_visible()
    fits(firm_side)
    return case


def test_emergency_from_a_phone_reaches_the_ledger(
    enter: Callable[..., Person],
    firm: Firm,
    clock: Any,
    celery_worker_process: CeleryWorker,
    smtp_sink: MailServer,
) -> None:
    checker = enter("checker", viewport=PHONE)
    case = give_notice(checker)
    assert EmergencyNotice.objects.get().given_by.email == "checker@portal.example"
    send_outbox.delay()
    told = {str(mail["To"]) for mail in smtp_sink.wait_for(5)}
    assert told == {f"{who}@portal.example" for who in ("preparer", "colleague", "checker", "officer", "supervisor")}

    officer = enter("officer")
    officer.follow("緊急")
    officer.follow(NUMBER)
    officer.press("受理")
    assert officer.page.get_by_text("已受理通報並由您承辦").is_visible()

    clock.move_to(FILING_DAY + timedelta(minutes=30))
    writing = User.objects.get(email="preparer@portal.example")
    days = {"2.2.1": {"first_day": "2026-11-06", "last_day": "2027-02-05"}}
    write(case, by=writing, at=timezone.now(), changes=days)

    preparer = enter("preparer", viewport=PHONE)
    preparer.follow(NUMBER)
    fits(preparer)
    assert preparer.page.get_by_text("共 22 節，已完成").is_visible()
    preparer.page.goto(f"/cases/{case.pk}/check/")
    assert preparer.page.locator("#missing-title").count() == 0
    fits(preparer)
    preparer.press("送內部覆核")

    checker.page.goto(f"/cases/{case.pk}/check/")
    checker.page.locator("#declare").check()
    checker.press("覆核並送出書件")
    assert checker.headings() == "已補具書件"

    officer.page.goto(f"/review/{case.pk}/")
    officer.press("受理")
    assert Assignment.objects.count() == 1
    for page in PAGES:
        officer.page.goto(f"/review/{case.pk}/{page}/")
        officer.page.locator(f'[name="v-{page}-verdict"][value="ok"]').check()
        officer.press("儲存並審查下一項")
    case.refresh_from_db()
    judge_all(case, by=User.objects.get(email="officer@portal.example"), at=timezone.now())
    officer.page.goto(f"/review/{case.pk}/recommend/")
    officer.page.locator('[name="outcome"][value="record"]').check()
    officer.page.locator('[name="reasons"]').fill("書件齊備，擬同意備查。")
    officer.press("陳核")

    supervisor = enter("supervisor")
    supervisor.page.goto(f"/review/{case.pk}/release/")
    supervisor.page.locator("#id_record_document_number").fill("臺證輔字第1150011188號")
    supervisor.press("覆核並同意備查")
    assert supervisor.page.get_by_text("通報期間已登入台帳").is_visible()

    rows = ApprovedPeriod.objects.order_by("line").values_list("line", "first_day", "last_day")
    assert [(line, str(first), str(last)) for line, first, last in rows] == [
        (line, "2026-11-06", "2027-02-05") for line in ("brokerage", "clearing", "dealer")
    ]
    checker.page.goto("/ledger/")
    assert checker.page.get_by_text("緊急通報實施中，尚未備查").count() == 0
    table = checker.page.locator("table").last.locator("tbody").inner_text()
    assert table.count("進行中") == 3
    assert NUMBER in table
    fits(checker)
