"""The main job interrupted: another browser, another tab, another draft, and GETs that must change nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.apps import apps
from django.core import serializers
from django.test import Client

from accounts.models import Firm
from applications.models import Application, Section
from guideline.catalogue import load
from tests.browser.person import Person
from tests.conftest import BrowserFaults

VERSION = load("112-10-03")


def begin(person: Person, *lines: str) -> Application:
    person.start(list(lines or ("brokerage", "dealer", "clearing")), "115/11/30")
    return Application.objects.latest("id")


def box(person: Person, name: str) -> str:
    return person.page.locator(f'[name="{name}"]').input_value()


def test_section_signed_out_in_the_middle_goes_on_in_another_browser(
    enter: Callable[..., Person], browser_faults: BrowserFaults
) -> None:
    first = enter("preparer")
    case = begin(first)
    first.page.goto(f"/cases/{case.pk}/sections/2.2.5/")
    first.page.locator('[name="2_2_5_1__text"]').fill("活動採正面表列。\n第二行")
    first.page.locator('[name="2_2_5_2__explained_on"]').fill("115/13/45")  # not a day: kept all the same
    first.press("儲存並繼續")
    first.sign_out()

    again = enter("preparer")
    again.follow(f"草稿 {case.pk}")
    again.follow("說明交易及員工行為管控措施")
    assert box(again, "2_2_5_1__text") == "活動採正面表列。\n第二行"
    assert box(again, "2_2_5_2__explained_on") == "115/13/45"


def test_draft_of_one_preparer_goes_on_with_a_colleague(enter: Callable[..., Person]) -> None:
    preparer = enter("preparer")
    case = begin(preparer)
    preparer.page.goto(f"/cases/{case.pk}/sections/2.2.9/")
    preparer.page.locator('[name="2_2_9__text"]').fill("填報人所寫")
    preparer.press("儲存並稍後繼續")

    colleague = enter("colleague")
    colleague.page.goto(f"/cases/{case.pk}/sections/2.2.9/")
    assert box(colleague, "2_2_9__text") == "填報人所寫"
    colleague.page.locator('[name="2_2_9__text"]').fill("填報人所寫，同仁接續")
    colleague.press("儲存並稍後繼續")
    assert Section.objects.get(section_id="2.2.9").answers["2.2.9"]["text"] == "填報人所寫，同仁接續"


def test_section_in_two_tabs_second_save_is_a_conflict_and_loses_nothing(
    enter: Callable[..., Person], browser_faults: BrowserFaults
) -> None:
    browser_faults.expect("409")
    preparer = enter("preparer")
    case = begin(preparer)
    address = f"/cases/{case.pk}/sections/2.2.9/"
    preparer.page.goto(address)
    other = preparer.context.new_page()
    other.goto(address)
    other.locator('[name="2_2_9__text"]').fill("另一個分頁先儲存")
    other.get_by_role("button", name="儲存並稍後繼續").click()
    other.wait_for_url(f"**/cases/{case.pk}/")

    preparer.page.locator('[name="2_2_9__text"]').fill("這個分頁後儲存")
    preparer.press("儲存並繼續")
    assert preparer.headings() == "這一頁剛被更新過"
    assert preparer.page.get_by_text("另一個分頁先儲存").is_visible()
    assert preparer.page.get_by_text("這個分頁後儲存").is_visible()
    assert Section.objects.get(section_id="2.2.9").answers["2.2.9"]["text"] == "另一個分頁先儲存"

    preparer.press("採用我的內容")
    assert Section.objects.get(section_id="2.2.9").answers["2.2.9"]["text"] == "這個分頁後儲存"


def test_section_in_two_tabs_keeping_theirs_leaves_what_was_saved(
    enter: Callable[..., Person], browser_faults: BrowserFaults
) -> None:
    browser_faults.expect("409")
    preparer = enter("preparer")
    case = begin(preparer)
    address = f"/cases/{case.pk}/sections/2.2.9/"
    preparer.page.goto(address)
    colleague = enter("colleague")
    colleague.page.goto(address)
    colleague.page.locator('[name="2_2_9__text"]').fill("同仁的內容")
    colleague.press("儲存並稍後繼續")
    preparer.page.locator('[name="2_2_9__text"]').fill("我的內容")
    preparer.press("儲存並繼續")
    assert preparer.page.get_by_text("丙專員 於").is_visible()
    preparer.follow("採用已儲存的內容")
    assert box(preparer, "2_2_9__text") == "同仁的內容"


def test_two_drafts_of_one_firm_keep_apart(enter: Callable[..., Person]) -> None:
    preparer = enter("preparer")
    one, two = begin(preparer, "brokerage"), begin(preparer, "dealer")
    assert one.pk != two.pk
    tab = preparer.context.new_page()
    preparer.page.goto(f"/cases/{one.pk}/sections/2.2.9/")
    tab.goto(f"/cases/{two.pk}/sections/2.2.9/")
    preparer.page.locator('[name="2_2_9__text"]').fill("第一案")
    tab.locator('[name="2_2_9__text"]').fill("第二案")
    preparer.press("儲存並稍後繼續")
    tab.get_by_role("button", name="儲存並稍後繼續").click()
    tab.wait_for_url(f"**/cases/{two.pk}/")
    texts = {s.application_id: s.answers["2.2.9"]["text"] for s in Section.objects.filter(section_id="2.2.9")}
    assert texts == {one.pk: "第一案", two.pk: "第二案"}


def digest() -> str:
    """Of every row of every table, sessions aside."""
    found = hashlib.sha256()
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        if model._meta.label != "sessions.Session":
            found.update(serializers.serialize("json", model._base_manager.order_by("pk")).encode())
    return found.hexdigest()


def test_bare_get_on_every_wizard_address_changes_nothing(api: Callable[[str], Client], firm: Firm) -> None:
    client = api("preparer")
    data = {"lines": "brokerage", "first_day": "115/11/30", "emergency": "no", "opinion": "no", "kind": "first"}
    client.post("/cases/new/", data)
    case = Application.objects.get()
    steps = [section.id for section in VERSION.pages_of("first")]
    client.post(f"/cases/{case.pk}/sections/2.2.9/", {"revision": "0", "2_2_9__text": "有一段文字"})
    before = digest()
    root = f"/cases/{case.pk}/sections/"
    wanted = [root, *(f"{root}{step}/" for step in [*steps, "done", "none"])]
    answers = {
        (path, query): client.get(path + query).status_code
        for path in wanted
        for query in ("", "?reset=1", "?check=1", "?wizard_goto_step=2.2.1")
    }
    assert set(answers.values()) <= {200, 302, 404}
    assert digest() == before
