"""Every address × every role × both languages: status, source, axe, console, CSP, 320 px, light and dark.

``make walk`` (WALK=all) walks everything. Without it each kind of page is asked for once by each role, the people
take turns with the languages, and each template is seen in Chromium as it is asked for and as the answer to a form.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.template.loader import render_to_string
from django.test import override_settings
from django.utils import translation
from playwright.sync_api import Browser

from accounts.models import User
from applications import policy
from tests.walk.addresses import DRAWN, addresses
from tests.walk.markup import Source
from tests.walk.screen import Screen
from tests.walk.surf import Found, Key, Page, Surfer, hidden_from
from tests.walk.who import SEEN_BY, UNPOSTED

pytestmark = [pytest.mark.walk, pytest.mark.django_db, pytest.mark.browser]

THOROUGH = os.environ.get("WALK") == "all"
LANGUAGES = ("zh-hant", "en")
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


@pytest.fixture(scope="module")
def found(django_db_setup: Any, django_db_blocker: Any) -> Found:
    """The demo, walked by everybody."""
    found = Found()
    with (
        django_db_blocker.unblock(),
        override_settings(DEMO=True, DEMO_PASSWORD="only for this test"),
        transaction.atomic(),
    ):
        call_command("seed_demo", stdout=StringIO())
        everybody = [one for one in User.objects.order_by("pk") if THOROUGH or not one.email.startswith(SECONDS)]
        for turn, user in enumerate([None, *everybody]):
            for language in LANGUAGES if THOROUGH else [LANGUAGES[turn % 2]]:
                cases = list(policy.visible_to(user).order_by("pk")) if user else []
                surfer = Surfer(found, user.email if user else "anonymous", user, language, thorough=THOROUGH)
                surfer.walk(cases, hidden_from(user))
        found.people = len(everybody)
        transaction.set_rollback(True)
    return found  # the tests read no row: Playwright's event loop would have a connection of its own


def test_every_address_is_walked_and_a_page_to_those_it_is_for(found: Found) -> None:
    """A new address has to be given its line in ``who.py``, and what goes into it in ``addresses.py``."""
    names = {address.name for address in addresses()}
    assert names == SEEN_BY.keys()
    if THOROUGH:
        assert found.seen_by == {name: set(roles.split()) for name, roles in SEEN_BY.items() if roles}
    else:
        assert found.seen_by.keys() == {name for name in names - DRAWN if SEEN_BY[name]}
    assert {name for name in names if not SEEN_BY[name]} - found.posted == UNPOSTED


def test_source_of_every_page_is_valid_and_says_what_it_is(found: Found) -> None:
    for language in LANGUAGES:
        for page in failures(language):
            found.faults += [f"{fault}: {page}" for fault in Source(page.html).faults(language)]
    assert found.faults == []
    assert {title: sorted(paths) for title, paths in found.titles.items() if len(paths) > 1} == {}


def test_every_kind_of_page_in_chromium(found: Found, browser: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    """Told apart by template and by being an answer to a form; in the long walk by elements, state and language."""
    chosen = list(found.pages.values() if THOROUGH else _one_of_each(found.pages))
    chosen += [page for language in LANGUAGES for page in failures(language)]
    screen, faults = Screen(browser), []
    for turn, page in enumerate(chosen):
        schemes = ("light", "dark") if turn % 2 else ("dark", "light")
        faults += [f"{fault}: {page}" for fault in screen.show(page, schemes=schemes if THOROUGH else schemes[:1])]
    screen.close()
    with capsys.disabled():
        print(f"\n{found.people} people and nobody, {len(SEEN_BY)} addresses, {sum(found.answers.values())} answers:")
        print("  by status " + ", ".join(f"{status}: {count}" for status, count in sorted(found.answers.items())))
        print("  pages by state " + ", ".join(f"{state}: {count}" for state, count in found.states.items()))
        print(f"  {len(found.pages)} pages that differ, {len(chosen)} seen in Chromium: {dict(screen.checks)}")
        print(f"  {len(faults)} faults")
    assert faults == []


def _one_of_each(pages: dict[Key, Page]) -> Iterator[Page]:
    """Of each template the page with errors, if there is one, that has the most kinds of elements."""
    best: dict[str, tuple[bool, int, Page]] = {}
    for (_template, _state, shape, *_more), page in pages.items():
        one = ("error-summary" in page.html, shape.count("\n"), page)
        best[page.template] = max(best.get(page.template, one), one, key=lambda found: found[:2])
    yield from (page for _told, _kinds, page in best.values())


def failures(language: str) -> Iterator[Page]:
    """The pages of failure, which the walk does not bring about."""
    with translation.override(language):
        for name in FAILURES:
            if name not in BILINGUAL or language == "zh-hant":
                html = render_to_string(name, {"typed": ["輸入而未儲存的內容，可以複製。"]})
                yield Page(name, "anyone", language, name, int(name[:3]), html, {"Content-Type": "text/html"}, name)
