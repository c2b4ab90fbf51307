"""Pages on paper: the ledgers on one sheet; a case without what is for the screen alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from unicodedata import normalize

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from accounts.models import Firm
from tests.applications.ledgers import People
from tests.browser.approved import cast_of
from tests.browser.person import Person
from tests.factories import draft

pytestmark = pytest.mark.django_db(transaction=True)
PORTRAIT = (595, 842)
NAMES = (
    "甲川證券股份有限公司",
    "乙湖證券股份有限公司",
    "丙海證券股份有限公司",
    "丁原證券股份有限公司",
    "戊岸證券股份有限公司",
)


def paper(page: Page, path: str) -> PdfReader:
    """The page as the print stylesheet puts it on paper."""
    page.goto(path)
    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))


def sizes(found: PdfReader) -> list[tuple[int, int]]:
    return [(round(float(one.mediabox.width)), round(float(one.mediabox.height))) for one in found.pages]


def test_the_ledgers_are_one_sheet(enter: Callable[..., Person], firm: Firm) -> None:
    for number, name in enumerate(NAMES):
        people = People(name=name)
        people.approved(("brokerage", "2026-10-01", "2026-12-31"), ("clearing", "2026-09-01", f"2026-11-{10 + number}"))
    cast = cast_of(firm)
    People.approved(cast, ("brokerage", "2026-12-01", "2027-02-28"), case=draft(cast))  # type: ignore[arg-type]
    for who, path in (("supervisor", "/review/ledger/"), ("preparer", "/ledger/")):
        sheet = paper(enter(who).page, path)
        assert sizes(sheet) == [PORTRAIT], who
        text = re.sub(
            r"\s", "", normalize("NFKC", sheet.pages[0].extract_text())
        )  # a PDF breaks lines and has radicals
        assert "居家辦公台帳" in text
        assert "English" not in text
        assert who == "preparer" or all(name in text for name in NAMES)


def test_a_case_on_paper_has_no_menus_and_no_buttons(enter: Callable[..., Person], firm: Firm) -> None:
    case = draft(cast_of(firm))
    page = enter("preparer").page
    for path in (f"/cases/{case.pk}/", f"/cases/{case.pk}/check/", f"/cases/{case.pk}/sections/2.2.7/"):
        found = paper(page, path)
        assert set(sizes(found)) == {PORTRAIT}
        text = "".join(one.extract_text() for one in found.pages)
        assert "證券商居家辦公申報系統" in text
        for gone in ("跳到主要內容", "儲存並繼續", "English", "主選單"):
            assert gone not in text, (path, gone)
    page.goto(f"/cases/{case.pk}/")
    page.emulate_media(media="print")
    hidden = ".nav, .skip, .actions, .header form, .popover"
    assert [one.is_visible() for one in page.locator(hidden).all()].count(True) == 0
