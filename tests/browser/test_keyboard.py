"""First application, correction, review and emergency by the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from accounts.models import Firm
from tests.browser import journeys
from tests.browser.keyboard import Typist
from tests.browser.people import PASSWORD


@pytest.fixture
def enter(firm: Firm, base_url: str, new_context: Callable[..., BrowserContext]) -> Callable[[str], Typist]:
    """``enter("checker")``: that person signs in, by the keyboard."""
    return lambda who: Typist(new_context(), f"{who}@portal.example", PASSWORD)


def test_first_application_by_keyboard(enter: Callable[[str], Typist], firm: Firm) -> None:
    journeys.first_application(enter, firm)


def test_review_and_correction_by_keyboard(enter: Callable[[str], Typist], firm: Firm) -> None:
    journeys.review_and_correction(enter, firm)


def test_emergency_by_keyboard(enter: Callable[[str], Typist], firm: Firm) -> None:
    journeys.emergency(enter, firm)


def test_error_summary_leads_to_the_field(enter: Callable[[str], Typist], firm: Firm) -> None:
    """Skip link first; a wrong answer, its line in the summary, its field; a page without end is walked around."""
    typist = enter("preparer")
    typist.page.goto("/start/")
    typist.page.keyboard.press("Tab")
    assert typist.page.evaluate("document.activeElement.className") == "skip"
    typist.page.keyboard.press("Enter")
    assert typist.page.evaluate("location.hash + document.activeElement.id") == "#mainmain"
    typist.choose("lines", "dealer")
    typist.choose("emergency", "no")
    typist.choose("opinion", "no")
    typist.press("查詢可辦理之申請")
    assert len(typist.errors()) == 1
    typist.mend("115/11/30")
    typist.press("查詢可辦理之申請")
    assert typist.page.locator(".error-summary").count() == 0
