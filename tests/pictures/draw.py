"""``make screenshots``: pictures of the main pages from the demo, into docs/pictures.

The clock stands still from before the demo is built, so that the same code draws the same pictures on any day. Not a
test: the suite does not collect it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import BrowserContext, Page

from accounts.models import User
from applications.models import Application
from reviews.models import MailNotice

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
NOW = datetime.fromisoformat("2026-11-26T10:00:00+08:00")  # after the last deed of the demo
WIDTHS = {"wide": 1180, "phone": 390}
TALLEST = 1500  # pixels of a picture; what is below says nothing new
COLOURS = 64
MOST = 2_000_000  # bytes of all pictures


@dataclass(frozen=True)
class Shot:
    """One page as one person sees it. ``also``: the variants drawn besides (phone, dark, english)."""

    name: str
    who: str
    path: Callable[[], str]
    also: tuple[str, ...] = ()
    alone: str = ""  # drawn in this variant only


def case(status: str, kind: str = "first", firm: str = "") -> Application:
    return Application.objects.filter(status=status, kind=kind, firm__name__contains=firm).order_by("pk")[0]


def of_case(
    name: str, status: str, *more: Any, kind: str = "first", firm: str = "", query: str = ""
) -> Callable[[], str]:
    return lambda: reverse(name, args=[case(status, kind, firm).pk, *more]) + query


def at(path: str) -> Callable[[], str]:
    return lambda: path


FIRM, CHECKER = "preparer@jiashan.example", "checker@jiashan.example"
YIFENG, BINGHE, WULING = "preparer@yifeng.example", "preparer@binghe.example", "preparer@wuling.example"
OFFICER, SUPERVISOR = "officer@twse.example", "supervisor@twse.example"
WHICH = "/start/?lines=brokerage&first_day=2026-12-07&emergency=no&opinion=no"

SHOTS = (
    Shot("sign-in", "", at("/accounts/login/")),
    Shot("home", YIFENG, at("/"), also=("phone", "dark", "english")),
    Shot("which-kind", FIRM, at(WHICH)),
    Shot("task-list", FIRM, of_case("case", "draft", firm="甲山"), also=("phone", "dark", "english")),
    Shot("section", FIRM, of_case("section", "draft", "2.2.6", firm="甲山"), also=("phone", "dark", "english")),
    Shot("section-errors", FIRM, of_case("section", "draft", "2.2.1", firm="甲山", query="?check=1")),
    Shot("check", "checker@wuling.example", of_case("check", "internal_review")),
    Shot("correction", YIFENG, of_case("case", "returned")),
    Shot("receipt", FIRM, of_case("receipt", "under_review", 1)),
    Shot("approved", BINGHE, of_case("case", "approved")),
    Shot("emergency", WULING, at("/emergency/"), alone="phone"),
    Shot("ledger-firm", BINGHE, at("/ledger/")),
    Shot("deadlines", BINGHE, at("/deadlines/")),
    Shot("notices", BINGHE, at("/notices/")),
    Shot("queue", OFFICER, at("/review/?tab=all"), also=("phone", "dark", "english")),
    Shot("review-case", OFFICER, of_case("review-case", "under_review")),
    Shot("review", OFFICER, of_case("review-section", "under_review", "2.2.7"), also=("dark", "english")),
    Shot("ledger", SUPERVISOR, at("/review/ledger/"), also=("phone", "dark", "english")),
    Shot("mail", OFFICER, lambda: reverse("mail", args=[MailNotice.objects.order_by("pk")[0].pk])),
    Shot("operator", "operator@twse.example", at("/operator/")),
    Shot("help", FIRM, at("/help/")),
    Shot("glossary", FIRM, at("/help/glossary/"), also=("english",)),
    Shot("guideline", FIRM, at("/guideline/112-10-03/")),
    Shot("not-found", FIRM, at("/cases/99999/")),
    Shot("styleguide", FIRM, at("/styleguide/"), also=("phone",)),
)


@pytest.fixture
def demo(transactional_db: None, settings: Any) -> Iterator[None]:
    """The demo, on a day that does not go on."""
    settings.DEMO, settings.DEMO_PASSWORD = True, "demo-wfh-2026"
    with time_machine.travel(NOW, tick=False):
        call_command("seed_demo", stdout=io.StringIO())
        yield


def test_draw(demo: None, base_url: str, new_context: Callable[..., BrowserContext], browser_faults: Any) -> None:
    browser_faults.expect("404")
    for path in FOLDER.glob("*.webp"):
        path.unlink()
    for shot in SHOTS:
        for variant in (shot.alone,) if shot.alone else ("wide", *shot.also):
            draw(shot, variant, base_url, new_context)
    assert sum(path.stat().st_size for path in FOLDER.glob("*.webp")) < MOST


def draw(shot: Shot, variant: str, base_url: str, new_context: Callable[..., BrowserContext]) -> None:
    context = new_context(
        viewport={"width": WIDTHS.get(variant, WIDTHS["wide"]), "height": 800},
        color_scheme="dark" if variant == "dark" else "light",
    )
    cookies = {settings.LANGUAGE_COOKIE_NAME: "en" if variant == "english" else "zh-hant"}
    if shot.who:
        client = Client()
        client.force_login(User.objects.get(email=shot.who))
        cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": name, "value": value, "url": base_url} for name, value in cookies.items()])
    page = context.new_page()
    if shot.name == "emergency":
        page.goto("/")
        page.get_by_role("button", name="通報緊急情況").click()
    else:
        page.goto(shot.path())
    save(page, shot.name if variant == "wide" or shot.alone else f"{shot.name}-{variant}")
    context.close()


def save(page: Page, name: str) -> None:
    """A palette picture, cut below where nothing new comes."""
    page.mouse.move(0, 0)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled"))).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, TALLEST)))
    small = picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.convert("RGB").save(FOLDER / f"{name}.webp", lossless=True, method=4)
