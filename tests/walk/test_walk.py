"""Every address × every role × both languages: status, source, axe, console, CSP, 320 px, light and dark.

``make walk`` walks everything, each language in a process of its own (WALK names it). Without it each page is asked
for by one person who has it, every form is sent wrongly, the people take turns with the languages, and each template is
seen in Chromium once, where there is one in a state of error.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.test import override_settings
from django.utils import translation
from playwright.sync_api import Browser

from accounts.models import User
from applications import policy
from reviews.demo import papers
from tests.walk.addresses import DRAWN, addresses
from tests.walk.markup import Source, shapes
from tests.walk.rare import RARE
from tests.walk.screen import Screen
from tests.walk.surf import Found, Page, Surfer, hidden_from
from tests.walk.who import SEEN_BY, SELDOM_POSTED, UNPOSTED

# one process seeds the demo, once: make test deals the tests in Chromium out by file
pytestmark = pytest.mark.browser
TEMPLATES = settings.BASE_DIR / "templates"
NO_PAGES = ("pdf/", "allauth/")

THOROUGH = "WALK" in os.environ
LANGUAGES = (os.environ["WALK"],) if THOROUGH else ("zh-hant", "en")
SCHEMES = ("light", "dark")
SECONDS = ("colleague@", "officer2@", "supervisor2@")  # of a role that another has too: in the long walk alone
FAILURES = (
    "400.html",
    "403.html",
    "403_csrf.html",
    "404.html",
    "409.html",
    "413.html",
    "429.html",
    "500.html",
    "503.html",
)
BILINGUAL = {"500.html", "503.html"}  # in both languages at once, since nothing can be asked of the reader


@pytest.fixture(scope="session")  # pytest-django puts tests of another module between those of this one
def found(django_db_setup: Any, django_db_blocker: Any) -> Found:
    """The demo, walked by everybody."""
    found = Found()
    with (
        django_db_blocker.unblock(),
        override_settings(DEMO=True, DEMO_PASSWORD="only for this test"),
        transaction.atomic(),
        pytest.MonkeyPatch.context() as patch,
    ):
        if not THOROUGH:  # the sample's files stand in for eight seconds of drawing
            patch.setattr(papers, "available", lambda: "not asked for")
        call_command("seed_demo", stdout=StringIO())
        everybody = [one for one in User.objects.order_by("pk") if THOROUGH or not one.email.startswith(SECONDS)]
        for turn, user in enumerate([None, *everybody]):
            language = LANGUAGES[turn % len(LANGUAGES)]
            cases = list(policy.visible_to(user).order_by("pk")) if user else []
            surfer = Surfer(found, user.email if user else "anonymous", user, language, thorough=THOROUGH)
            surfer.walk(cases, hidden_from(user))
        for turn, bring in enumerate(RARE):
            _bring_about(found, bring, LANGUAGES[turn % len(LANGUAGES)])
        found.people = len(everybody)
        transaction.set_rollback(True)
    connection.close()  # the tests read no row, and Playwright's event loop has a connection of its own
    return found


def _bring_about(found: Found, bring: Callable[..., tuple[Surfer, Any]], language: str) -> None:
    """A page that nothing in the demo leads to; the demo is as it was after it."""

    def enter(user: User | None) -> Surfer:
        return Surfer(found, user.email if user else "anonymous", user, language, thorough=THOROUGH)

    with transaction.atomic():
        somebody, response = bring(enter)
        somebody.saw(response, bring.__name__)
        transaction.set_rollback(True)


@pytest.mark.django_db  # no test with the browser: its event loop would have a connection that nobody closes
def test_every_address_is_walked_and_a_page_to_those_it_is_for(found: Found) -> None:
    """A new address has to be given its line in ``who.py``, and what goes into it in ``addresses.py``."""
    names = {address.name for address in addresses()}
    assert names == SEEN_BY.keys()
    if THOROUGH:
        assert found.seen_by == {name: set(roles.split()) for name, roles in SEEN_BY.items() if roles}
    else:
        assert found.seen_by.keys() == {name for name in names - DRAWN if SEEN_BY[name]}
    unposted = {name for name in names if not SEEN_BY[name]} - found.posted
    assert unposted == (UNPOSTED if THOROUGH else UNPOSTED | SELDOM_POSTED)


def test_every_template_of_a_page_is_seen(found: Found) -> None:
    """A new page has to be led to by the demo, or be brought about in ``rare.py``."""
    extending = (one for one in TEMPLATES.rglob("*.html") if one.read_text().startswith("{% extends"))
    names = {str(one.relative_to(TEMPLATES)) for one in extending}
    seen = {page.template for page in found.pages.values()} | {*FAILURES}
    assert {name for name in names - seen if not name.startswith(NO_PAGES)} == set()


def test_source_of_every_page_is_valid_and_says_what_it_is(found: Found) -> None:
    for language in LANGUAGES:
        for page in failures(language):
            found.faults += [f"{fault}: {page}" for fault in Source(page.html).faults(language)]
    kinds = Counter(re.sub(r"\d+", "9", fault.partition(": /")[0]) for fault in found.faults)
    assert kinds == {}, "\n".join(found.faults[:20])
    assert {title: sorted(paths) for title, paths in found.titles.items() if len(paths) > 1} == {}


def test_every_kind_of_page_in_chromium(found: Found, browser: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    """Of each template the one with most to see; in the long walk all that differ in elements or state."""
    chosen = list(found.pages.values() if THOROUGH else _one_of_each(found.pages.values()))
    chosen += [page for language in LANGUAGES for page in failures(language)]
    screen, faults = Screen(browser), []
    coloured: set[str] = set()
    for turn, page in enumerate(chosen):
        schemes = SCHEMES if THOROUGH else SCHEMES[turn % 2 :][:1]
        faults += [
            f"{fault}: {page}" for fault in screen.show(page, schemes=schemes if _colours(page, coloured) else ())
        ]
    screen.close()
    said = [
        f"{' and '.join(LANGUAGES)}: {found.people} people and nobody, {len(SEEN_BY)} addresses, "
        f"{sum(found.answers.values())} answers",
        "by status " + ", ".join(f"{status}: {count}" for status, count in sorted(found.answers.items())),
        "pages by state " + ", ".join(f"{state}: {count}" for state, count in found.states.items()),
        f"{len(found.pages)} pages that differ, {len(chosen)} seen in Chromium: {dict(screen.checks)}",
        f"{len(faults)} faults",
        *(f"{count} × {kind}" for kind, count in Counter(fault.split(": ")[0] for fault in faults).most_common()),
        *faults[:20],
    ]
    with capsys.disabled():
        print("\n" + "\n  ".join(said))
    assert faults == []


def _one_of_each(pages: Iterable[Page]) -> Iterator[Page]:
    """Of each template the page with errors, if there is one, that has the most kinds of elements."""
    best: dict[str, Page] = {}
    for page in sorted(pages, key=lambda one: ("error-summary" in one.html, len(shapes(one.html))), reverse=True):
        best.setdefault(page.template, page)
    yield from best.values()


def _colours(page: Page, seen: set[str]) -> bool:
    """Whether it has a kind of element that no page before it had; in the long walk, whether it differs at all."""
    kinds = {shapes(page.html)} if THOROUGH else set(shapes(page.html).split("\n"))
    is_new = not kinds <= seen
    seen |= kinds
    return is_new


def failures(language: str) -> Iterator[Page]:
    """The pages of failure, which the walk does not bring about."""
    with translation.override(language):
        for name in FAILURES:
            if name not in BILINGUAL or language == "zh-hant":
                html = render_to_string(name, {"typed": ["輸入而未儲存的內容，可以複製。"]})
                yield Page(name, "anyone", language, name, int(name[:3]), html, {"Content-Type": "text/html"}, name)
