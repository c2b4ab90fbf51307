"""兩步驟驗證 at a browser: set up from the picture that a telephone scans; asked for, without JavaScript too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.accounts.test_second_factor import code
from tests.browser.people import PASSWORD
from tests.browser.person import Person


def scanned(page: Page) -> str:
    """What a telephone reads off the page."""
    [found] = zxingcpp.read_barcodes(Image.open(BytesIO(page.locator("main [role=img]").screenshot())))
    return found.text


def give_password(page: Page, person: Person) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(person.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("輸入驗證碼")


def test_from_the_picture_to_the_next_sign_in(
    enter: Callable[..., Person], clock: Any, new_context: Callable[..., BrowserContext]
) -> None:
    person = enter("preparer")
    page = person.page
    person.follow("甲專員（填報人）")
    person.follow("啟用兩步驟驗證")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        address = urlsplit(scanned(page))
        secret = parse_qs(address.query)["secret"][0]
        assert (address.scheme, address.netloc) == ("otpauth", "totp")
        assert secret == page.locator("main code").inner_text().replace(" ", "")
    page.locator("#id_code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    assert page.title().startswith("錯誤：")
    page.locator("#id_code").fill(code(secret, datetime.now(UTC)))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("備用碼")
    assert page.locator("main li code").count() == 10
    person.sign_out()

    give_password(page, person)
    assert Axe().run(page).violations_count == 0
    page.set_viewport_size({"width": 320, "height": 800})
    page.emulate_media(color_scheme="light")
    person.press("登入")
    expect(page.locator(".error-summary")).to_contain_text("請輸入驗證碼")
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    clock.shift(timedelta(seconds=60))
    bare = new_context(java_script_enabled=False).new_page()
    give_password(bare, person)
    bare.locator("#id_code").fill("123 456")
    bare.get_by_role("button", name="登入", exact=True).click()
    expect(bare.locator(".error-summary")).to_contain_text("驗證碼不正確或已使用過")
    bare.locator("#id_code").fill(code(secret, datetime.now(UTC)))
    bare.get_by_role("button", name="登入", exact=True).click()
    expect(bare.locator("h1")).to_have_text("待您處理")
