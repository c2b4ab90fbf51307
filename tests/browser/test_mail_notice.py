"""An emergency notice that came by e-mail: from the officer's upload to the firm's own page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from applications.enums import Door, Status
from applications.forms.section import key
from applications.models import Application
from guideline.values import roc
from reviews.models import MailNotice
from tests.browser.person import Person
from tests.factories import PDF
from tests.reviews.mails import file, multipart, text

EVENT = {
    ("2.1.1.event", "what"): "營業處所因疫情封閉，受託買賣十二人。",
    ("2.1.1.event", "why_not_normal"): "營業處所封閉，不及備齊書件。",
    ("2.1.1.start", "start_time"): "08:30",
    ("2.1.1.start", "head_count"): "12",
    ("2.1.1.contact", "name"): "王大明",
    ("2.1.1.contact", "title"): "副總經理",
    ("2.1.1.contact", "phone"): "0900-000-102",
}


def test_mail_is_uploaded_confirmed_beside_it_and_seen_by_the_firm(
    enter: Callable[..., Person], tmp_path: Path
) -> None:
    eml = tmp_path / "通報.eml"
    eml.write_bytes(multipart(text(), file(PDF.read_bytes(), name="filename*=utf-8''%E5%85%AC%E5%91%8A.pdf")))

    officer = enter("officer")
    page = officer.page
    officer.follow("電子郵件通報")
    officer.follow("登錄電子郵件通報")
    page.locator("[name=eml]").set_input_files(eml)
    officer.press("登錄")
    assert officer.headings() == "緊急通報：甲山證券啟動居家辦公"
    shown = page.locator("main").inner_text()
    for said in (
        "寄件人自稱，未經查證",
        "law@jiashan.example",
        "自三月十六日八時起",
        "公告.pdf",
        "郵件提及「甲山證券」",
    ):
        assert said in shown
    assert Axe().run(page).violations_count == 0
    beside = [page.locator(one).bounding_box() for one in ("#mail-title", "#notice-title")]
    assert beside[0]["y"] == beside[1]["y"]  # type: ignore[index]

    officer.press("確認並建立案件")  # nothing was filled in, nothing was chosen
    assert "請選擇通報之證券商" in page.locator(".error-summary").inner_text()

    page.get_by_label("通報之證券商").select_option(label="9Z01 甲山證券股份有限公司")
    officer.press("確認並建立案件")
    assert page.locator(".error-summary li").count() >= 8
    page.locator(f'[name="{key("2.1.1.event", "event")}"][value="confirmed"]').check()
    page.locator(f'[name="{key("2.1.1.start", "lines")}"][value="brokerage"]').check()
    first_day = timezone.localdate() + timedelta(days=1)
    page.locator(f'[name="{key("2.1.1.start", "first_day")}"]').fill(roc(first_day))
    for (item, name), typed in EVENT.items():
        page.locator(f'[name="{key(item, name)}"]').fill(typed)
    officer.press("確認並建立案件")

    case, mail = Application.objects.get(), MailNotice.objects.get()
    assert (case.status, mail.application, case.notice.door) == (Status.NOTICED, case, Door.UPLOAD)
    assert case.notice.received_at == mail.received_at
    assert case.number is not None
    officer.follow(case.number)
    assert "甲山證券" in officer.headings()

    firm = enter("preparer", viewport={"width": 390, "height": 844})
    firm.follow(case.number)
    assert case.number in firm.page.locator("main").inner_text()
    assert firm.page.evaluate("document.documentElement.scrollWidth") <= 390
