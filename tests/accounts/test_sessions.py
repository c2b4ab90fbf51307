"""How long a sign-in lasts, what the warning before its end asks, and the language that begins with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.enums import Role
from accounts.models import Counter, User
from applications.tasks import forget_sessions
from tests.applications import pages
from tests.factories import PASSWORD, FirmFactory, person

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-11-06T09:00:00+08:00")
HOUR = 3600


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def preparer() -> User:
    return person(Role.PREPARER, firm=FirmFactory.create())


def left(answer: Any) -> int:
    return answer.json()["left"]


def on_page(client: Client) -> str | None:
    return next((node.get("data-left") for node in pages.parse(client.get("/start/")).iter("dialog")), None)


def test_asking_does_not_renew_and_pressing_does(client: Client, preparer: User, clock: Any) -> None:
    client.force_login(preparer)
    assert left(client.get("/accounts/session/")) == HOUR
    assert on_page(client) == str(HOUR)
    clock.shift(timedelta(minutes=58))
    for _ in range(2):
        assert left(client.get("/accounts/session/")) == 120
    assert left(client.post("/accounts/session/")) == HOUR
    assert Session.objects.get().expire_date == NOW + timedelta(minutes=58, seconds=HOUR)
    clock.shift(timedelta(minutes=59))
    assert client.get("/start/").status_code == 200
    clock.shift(timedelta(minutes=4))  # a request renews it, after five minutes
    assert on_page(client) == str(HOUR - 240)


def test_nobody_has_no_time_left(client: Client, preparer: User, clock: Any) -> None:
    assert left(client.get("/accounts/session/")) == left(client.post("/accounts/session/")) == 0
    client.force_login(preparer)
    clock.shift(timedelta(minutes=61))
    assert left(client.post("/accounts/session/")) == 0
    assert client.get("/start/").status_code == 302
    assert b"<dialog" not in client.get("/accounts/login/").content


def test_renewing_needs_a_token(preparer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(preparer)
    assert client.post("/accounts/session/").status_code == 403


def signed_in(preparer: User, *, cookie: str = "") -> Client:
    client = Client()
    if cookie:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    client.post("/accounts/login/", {"login": preparer.email, "password": PASSWORD})
    return client


def language(client: Client) -> str | None:
    return pages.parse(client.get("/start/")).get("lang")


@pytest.mark.parametrize(
    ("stored", "cookie", "shown"),
    [
        ("en", "", "en"),
        ("en", "zh-hant", "en"),
        ("zh-hant", "en", "zh-Hant-TW"),
        ("", "en", "en"),
        ("", "", "zh-Hant-TW"),
    ],
)
def test_the_language_is_the_persons_on_whatever_machine(preparer: User, stored: str, cookie: str, shown: str) -> None:
    User.objects.update(language=stored)
    assert language(signed_in(preparer, cookie=cookie)) == shown


def test_the_choice_of_one_machine_counts_on_another(preparer: User) -> None:
    signed_in(preparer).post("/i18n/setlang/", {"language": "en", "next": "/start/"})
    assert language(signed_in(preparer)) == "en"


def test_mail_to_whoever_has_not_chosen_is_in_chinese(preparer: User) -> None:
    assert (preparer.language, preparer.reads) == ("", "zh-hant")
    preparer.language = "en"
    assert preparer.reads == "en"


def test_what_is_over_is_deleted(client: Client, preparer: User, clock: Any) -> None:
    client.post("/accounts/login/", {"login": "nobody@example.com", "password": "not the password"})
    client.force_login(preparer)
    forget_sessions()
    assert (Session.objects.count(), Counter.objects.exists()) == (1, True)
    clock.shift(timedelta(minutes=61))
    forget_sessions()
    assert (Session.objects.count(), Counter.objects.exists()) == (0, False)
