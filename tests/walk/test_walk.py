"""Every address × every role × both languages: status, source, axe, console, CSP, 320 px, light and dark.

``make walk`` (WALK=all) walks everything; without it every distinct page is seen once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import StringIO
from time import perf_counter
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from accounts.models import User
from applications import policy
from tests.walk.surf import Found, Surfer, hidden_from

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

THOROUGH = os.environ.get("WALK") == "all"
LANGUAGES = ("zh-hant", "en")


@pytest.fixture(scope="module")
def found(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Found]:
    """The demo's cases, walked by everybody."""
    start = perf_counter()
    found = Found()
    with (
        django_db_blocker.unblock(),
        override_settings(DEMO=True, DEMO_PASSWORD="only for this test"),
        transaction.atomic(),
    ):
        call_command("seed_demo", stdout=StringIO())
        print(f"seeded {perf_counter() - start:.1f}")
        people = [None, *User.objects.order_by("pk")]
        for number, user in enumerate(people):
            for language in LANGUAGES if THOROUGH else LANGUAGES[number % 2 :][:1]:
                surfer = Surfer(found, user.email if user else "anonymous", user, language, thorough=THOROUGH)
                cases = list(policy.visible_to(user).order_by("pk")) if user else []
                t = perf_counter()
                surfer.walk(cases, hidden_from(user))
                print(surfer.who, language, f"{perf_counter() - t:.1f}", len(found.pages), sum(found.answers.values()))
        yield found
        transaction.set_rollback(True)


def test_http(found: Found) -> None:
    print(found.answers, found.states, len(found.pages))
    for name, roles in sorted(found.seen_by.items()):
        print(name, sorted(roles))
    print("\n".join(found.faults[:200]))
    raise AssertionError(len(found.faults))
