"""The pages of what went wrong: in the reader's language, with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.applications import pages
from tests.factories import Cast

pytestmark = pytest.mark.django_db
TYPED = "每日 17:00 由覆核人員比對錄音 <b>與日誌</b>"
SHOWN = "每日 17:00 由覆核人員比對錄音 &lt;b&gt;與日誌&lt;/b&gt;</textarea>"


@pytest.fixture
def preparer() -> User:
    return Cast().preparer


@pytest.fixture
def client(preparer: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(preparer)
    return client


def title(answer: Any) -> str:
    return pages.text_of(next(pages.parse(answer).iter("title")))


def test_not_found_keeps_what_was_typed(client: Client) -> None:
    answer = client.post("/cases/99999/sections/2.2.9/", {"2_2_9__text": TYPED, "2_2_9__answer": "yes"})
    assert (answer.status_code, title(answer)[:3]) == (404, "錯誤：")
    assert SHOWN in answer.content.decode()
    assert "<textarea" not in client.get("/cases/99999/").content.decode()


def test_a_form_from_before_the_sign_in_keeps_what_was_typed(preparer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(preparer)
    answer = client.post("/cases/1/sections/2.2.9/", {"2_2_9__text": TYPED, "csrfmiddlewaretoken": "x" * 32})
    page = answer.content.decode()
    assert (answer.status_code, title(answer)[:3]) == (403, "錯誤：")
    assert SHOWN in page
    assert "xxxx" not in page
    assert 'href="/cases/1/sections/2.2.9/"' in page


def test_too_much_is_413_and_says_how_to_get_it_back(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = client.post("/cases/1/sections/2.2.9/", {"2_2_9__text": "字" * 1001})
    assert (answer.status_code, title(answer)) == (413, "錯誤：送出的內容太大 — 證券商居家辦公申報系統")
    assert "按瀏覽器的「上一頁」就能回到剛才的表單" in answer.content.decode()


def failing(error: Exception) -> Callable[..., HttpResponse]:
    def view(*args: Any, **kwargs: Any) -> HttpResponse:
        raise error

    return view


@pytest.mark.parametrize(
    ("error", "status", "zh", "en"),
    [
        (RuntimeError(), 500, "系統發生錯誤", "Something went wrong"),
        (OperationalError(), 503, "系統暫停服務", "Service unavailable"),
        (PermissionDenied(), 403, "您沒有權限執行這項作業", ""),
    ],
)
def test_a_failure_keeps_what_was_typed(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, zh: str, en: str
) -> None:
    monkeypatch.setattr("applications.policy.visible_to", failing(error))
    answer = client.post("/cases/1/version/", {"note": TYPED, "password": "not to be shown"})
    page = answer.content.decode()
    assert answer.status_code == status
    assert zh in page
    assert en in page
    assert SHOWN in page
    assert "not to be shown" not in page
    assert answer.headers.get("Retry-After") == ("60" if status == 503 else None)
