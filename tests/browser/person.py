"""A person at a browser: what they see is what the test clicks, types and reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page

from applications.forms.section import key
from guideline.catalogue import Field, Item, Section, Version
from guideline.values import as_date, roc

Proof = tuple[str, str]  # file name, place


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, context: BrowserContext, email: str, password: str) -> None:
        self.context, self.email, self.password = context, email, password
        self.page: Page = context.new_page()
        self.sign_in()

    def sign_in(self) -> None:
        self.page.goto("/accounts/login/")
        self.page.locator("input[name=login]").fill(self.email)
        self.page.locator("input[name=password]").fill(self.password)
        self.page.get_by_role("button", name="登入", exact=True).click()
        self.page.wait_for_url("**/")

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="登出").click()

    def press(self, name: str) -> None:
        """Press the button of this name and wait for the page that answers."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str, *, exact: bool = False) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name, exact=exact).first.click()

    def headings(self) -> str:
        return self.page.locator("h1").inner_text()

    def start(self, lines: list[str], first_day: str, heading: str = "首次申請", *, opinion: str = "no") -> None:
        """From the home page through the questions to the draft; the kind that is found has this name."""
        self.page.goto("/")
        self.follow("開始申請")
        for line in lines:
            self.choose("lines", line)
        self._write(self.page.locator("#id_first_day"), first_day)
        self.choose("emergency", "no")
        self.choose("opinion", opinion)
        self.press("查詢可辦理之申請")
        assert self.page.locator("section.item h2").first.inner_text() == heading
        self.press("開始填寫")

    # --- a section of the wizard ---------------------------------------------

    def fill_section(self, section: Section, answers: Mapping[str, Mapping[str, Any]], version: Version) -> None:
        """Type every answer of a section into its page, which is open."""
        for item in section.items:
            self.fill_item(item, answers[item.id], version)

    def fill_item(self, item: Item, answers: Mapping[str, Any], version: Version) -> None:
        block = self.page.locator(f'[id="item-{item.id.replace(".", "_")}"]')
        folded = block.locator(":scope > details:not([open]) > summary")
        if folded.count():
            self._unfold(folded)
        for name in ("answer", "chosen"):
            if answers.get(name):
                self.choose(key(item.id, name), answers[name])
        for name in ("text", "note"):
            if answers.get(name):
                self._write(self.page.locator(f'[name="{key(item.id, name)}"]'), answers[name])
        for field in item.fields:
            if answers.get(field.name) not in (None, "", []):
                self._fill(key(item.id, field.name), field, answers[field.name])

    def choose(self, name: str, value: str) -> None:
        """Mark the radio button or the box of this name and value."""
        self.page.locator(f'[name="{name}"][value="{value}"]').check()

    def write_text(self, name: str, text: str) -> None:
        self._write(self.page.locator(f'[name="{name}"]').first, text)

    def errors(self) -> list[str]:
        """What the error summary says; the title says that there is one."""
        assert self.page.title().startswith("錯誤：")
        return self.page.locator(".error-summary").first.locator("li").all_inner_texts()

    def _write(self, box: Locator, text: str) -> None:
        box.fill(text)

    def _unfold(self, summary: Locator) -> None:
        summary.click()

    def _fill(self, name: str, field: Field, value: Any) -> None:
        if field.type == "table":
            self._fill_table(name, field, value)
        elif field.type in {"choice", "yesno"}:
            self.choose(name, value)
        elif field.type == "choices":
            for one in value:
                self.choose(name, one)
        else:
            self._write(self.page.locator(f'[name="{name}"]'), as_typed(field, value))

    def _fill_table(self, name: str, field: Field, rows: list[Mapping[str, Any]]) -> None:
        table = self.page.locator(f'.table-field:has(> input[name="{name}-rows"])')
        numbers = {}
        if field.rows == "free":
            while table.locator("tbody tr").count() < len(rows):
                table.locator("button[name=add]").click()
            numbers = dict(enumerate(rows))
        else:
            keys = [hidden.get_attribute("value") for hidden in table.locator("tbody input[type=hidden]").all()]
            numbers = {keys.index(row["key"]): row for row in rows}
        for number, row in numbers.items():
            for column in field.columns:
                value = row.get(column.name)
                if value in (None, "", []):
                    continue
                cell = f"{name}-{number}-{column.name}"
                if column.type == "choices":
                    for one in value:
                        self.choose(cell, one)
                elif column.type in {"choice", "yesno"}:
                    table.locator(f'[name="{cell}"]').select_option(value)
                else:
                    table.locator(f'[name="{cell}"]').fill(as_typed(column, value))

    def attach(self, section: Section, proofs: Mapping[str, list[Proof]], folder: Path, known: set[str]) -> None:
        """Give each item its evidence, each file at its place; a file is uploaded once and then cited."""
        waiting = {item.id: list(proofs.get(item.id, ())) for item in section.items}
        while any(waiting.values()):
            sending: set[str] = set()
            last = ""
            for item_id, rest in waiting.items():
                if not rest or rest[0][0] in sending:
                    continue
                file, place = rest.pop(0)
                if file in known:
                    self.page.locator(f'[name="ev-{item_id}-use"]').select_option(label=file)
                else:
                    self.page.locator(f'[name="ev-{item_id}-file"]').set_input_files(folder / file)
                    sending.add(file)
                self.page.locator(f'[name="ev-{item_id}-place"]').fill(place)
                last = item_id
            known |= sending
            self.press_in(self.page.locator(f'[id="ev-{last}"]'), "儲存並加入附件")

    def press_in(self, block: Locator, name: str) -> None:
        with self.page.expect_navigation():
            block.get_by_role("button", name=name, exact=True).click()


def as_typed(field: Field, value: Any) -> str:
    """A stored value as a person types it: dates in the years of the Republic."""
    day = as_date(value) if field.type == "date" else None
    return roc(day) if day else str(value)
