"""Pages that save themselves, with what may come in between: no connection, a colleague, the end of the sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from applications.models import Event, Section
from tests.browser.person import Person
from tests.browser.test_interruptions import begin
from tests.conftest import BrowserFaults

TEXT = '[name="2_2_9__text"]'


def stored() -> str:
    return Section.objects.get(section_id="2.2.9").answers["2.2.9"]["text"]


def state(page: Page, text: str) -> None:
    expect(page.locator(".autosave__state")).to_contain_text(text, timeout=15_000)


def test_a_page_saves_itself_and_goes_on_after_a_broken_connection(
    enter: Callable[..., Person], browser_faults: BrowserFaults
) -> None:
    browser_faults.expect("ERR_INTERNET_DISCONNECTED|htmx:")
    person = enter("preparer")
    page, case = person.page, begin(person)
    page.goto(f"/cases/{case.pk}/sections/2.2.9/")
    page.locator(TEXT).press_sequentially("利益衝突", delay=20)
    state(page, "已儲存 14:0")
    assert stored() == "利益衝突"

    person.context.set_offline(True)
    page.locator(TEXT).press_sequentially("及違規", delay=20)
    state(page, "未儲存：連線中斷，將自動再試。")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.reload()")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    person.context.set_offline(False)
    state(page, "已儲存 14:0")
    assert stored() == "利益衝突及違規"

    page.locator(TEXT).press_sequentially("之防範", delay=20)
    page.goto(f"/cases/{case.pk}/")  # within the two seconds
    expect(page.locator("h1")).to_be_visible()
    for _ in range(20):
        if stored() == "利益衝突及違規之防範":
            break
        page.wait_for_timeout(100)
    assert stored() == "利益衝突及違規之防範"
    assert Event.objects.filter(application=case, what="save").count() == 1

    page.goto(f"/cases/{case.pk}/sections/2.2.9/")
    page.locator(TEXT).fill("改寫")
    page.wait_for_timeout(1990)  # as the save goes out
    person.press("儲存並稍後繼續")
    assert (page.url.split("/")[-2], stored()) == (str(case.pk), "改寫")


def test_a_colleagues_save_is_met_with_a_choice(enter: Callable[..., Person], browser_faults: BrowserFaults) -> None:
    browser_faults.expect("409|htmx:")
    person, colleague = enter("preparer"), enter("colleague")
    case = begin(person)
    for one in (person, colleague):
        one.page.goto(f"/cases/{case.pk}/sections/2.2.9/")
    colleague.page.locator(TEXT).fill("同仁的內容")
    state(colleague.page, "已儲存")
    person.page.locator(TEXT).fill("我的內容")
    state(person.page, "未儲存：丙專員 於")
    assert stored() == "同仁的內容"
    person.press("查看並處理")
    assert person.headings() == "這一頁剛被更新過"
    assert person.page.get_by_text("同仁的內容").is_visible()
    person.press("採用我的內容")
    assert stored() == "我的內容"


def test_the_sign_in_ends_with_a_warning_and_nothing_typed_is_lost(
    enter: Callable[..., Person], browser_faults: BrowserFaults, settings: Any, clock: Any
) -> None:
    browser_faults.expect("403|htmx:")
    person = enter("preparer")
    page, case = person.page, begin(person)
    settings.SESSION_COOKIE_AGE = 125
    person.sign_out()
    person.sign_in()
    page.goto(f"/cases/{case.pk}/sections/2.2.9/")
    other = person.context.new_page()
    other.goto("/")
    page.bring_to_front()
    page.locator(TEXT).focus()
    dialog, extend = page.locator("dialog"), page.get_by_role("button", name="延長")
    expect(dialog).to_be_visible(timeout=15_000)
    expect(extend).to_be_focused()
    expect(other.locator("dialog")).to_be_visible(timeout=15_000)
    extend.click()
    expect(dialog).to_be_hidden()
    expect(page.locator(TEXT)).to_be_focused()
    expect(other.locator("dialog")).to_be_hidden()
    other.close()

    clock.shift(130)
    expect(dialog).to_be_visible(timeout=15_000)
    expect(dialog).to_contain_text("您已自動登出")
    page.get_by_role("button", name="關閉").click()
    page.locator(TEXT).fill("登出之後還在寫的內容，不應遺失。")
    state(page, "未儲存：請按「儲存」")
    person.press("儲存並稍後繼續")
    assert person.headings() == "您已登出，這一頁尚未儲存"
    page.locator("input[name=login]").fill(person.email)
    page.locator("input[name=password]").fill(person.password)
    person.press("登入")
    assert person.headings() == "您的內容尚未儲存，請再送出一次"
    person.press("再送出一次")
    assert stored() == "登出之後還在寫的內容，不應遺失。"
