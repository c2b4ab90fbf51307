"""兩步驟驗證: set up, asked for, usable once, required of some roles, reset by an operator."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.test import Client

from accounts import kept
from accounts.enums import Role
from accounts.models import User
from applications.models import Event
from tests.applications import pages
from tests.factories import PASSWORD, FirmFactory, draft, person
from tests.factories import Cast as People

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-11-06T09:00:00+08:00")
PAGE, SET_UP, CODES = "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/recovery-codes/"
TURN_OFF, ASK = "/accounts/2fa/totp/deactivate/", "/accounts/2fa/authenticate/"
WRONG = "驗證碼不正確或已使用過；請等手機顯示下一組，再重新輸入"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def preparer() -> User:
    return person(Role.PREPARER, firm=FirmFactory.create(), email="a@example.com")


def code(secret: str, at: datetime) -> str:
    """RFC 6238: what a telephone shows."""
    key = base64.b32decode(secret.replace(" ", ""))
    digest = hmac.new(key, (int(at.timestamp()) // 30).to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def test_codes_of_the_standard() -> None:
    """RFC 6238, appendix B; the last six digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert [code(secret, datetime.fromtimestamp(second, UTC)) for second in (59, 1111111109, 20000000000)] == [
        *("287082", "081804", "353130")
    ]


def at_once() -> Any:
    """What waits for the end of a transaction does not wait for that of the test."""
    return patch.object(transaction, "on_commit", lambda run, **_more: run())


def sign_in(client: Client, email: str = "a@example.com", **more: str) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": PASSWORD, **more})


def set_up(client: Client) -> str:
    """Turn it on as a person does who has just signed in; the secret."""
    secret = next(pages.text_of(node) for node in pages.parse(client.get(SET_UP)).iter("code"))
    with at_once():
        answer = client.post(SET_UP, {"code": code(secret, datetime.now(UTC))})
    assert answer["Location"] == CODES
    return secret


def recovery_codes(client: Client) -> list[str]:
    return [pages.text_of(node) for node in pages.parse(client.get(CODES)).iter("code")]


def happened() -> list[str]:
    return list(Event.objects.filter(application=None).order_by("id").values_list("what", flat=True))


@pytest.fixture
def secret(preparer: User, client: Client, clock: Any) -> str:
    """Of somebody who uses it, signed out, half a minute later."""
    sign_in(client)
    made = set_up(client)
    client.logout()
    clock.shift(timedelta(seconds=30))
    return made


def test_set_up_and_sign_in(client: Client, secret: str, clock: Any) -> None:
    answer = sign_in(client)
    assert answer["Location"] == ASK
    assert "_auth_user_id" not in client.session
    assert client.get("/")["Location"].startswith("/accounts/login/")  # the password alone opens nothing
    answer = client.post(ASK, {"code": code(secret, datetime.now(UTC))})
    assert answer["Location"] == "/"
    assert client.get("/").status_code == 200
    page = pages.text_of(pages.parse(client.get(PAGE)))
    assert "已啟用 啟用於 115 年 11 月 6 日 09:00；最近使用於 115 年 11 月 6 日 09:00" in page
    assert "尚有 10 組未使用" in page
    assert happened() == ["sign_in", "second_factor_on", "sign_in"]


def test_the_secret_is_not_stored_as_it_is(secret: str) -> None:
    plain = secret.replace(" ", "")
    stored = Authenticator.objects.get(type="totp")
    assert plain not in str(stored.data)
    assert stored.wrap().validate_code(code(secret, datetime.now(UTC)))


def test_an_older_key_of_the_portal_still_opens_it(secret: str, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code(secret, datetime.now(UTC)))


def test_a_code_counts_once_and_not_long(client: Client, secret: str, clock: Any) -> None:
    once = code(secret, datetime.now(UTC))
    sign_in(client)
    assert client.post(ASK, {"code": f"{once[:3]} {once[3:]}"}).status_code == 302
    client.logout()
    sign_in(client)
    again = client.post(ASK, {"code": once})
    assert (again.status_code, again.context["form"].errors["code"]) == (200, [WRONG])
    assert happened()[-1] == "code_refused"
    for _n in range(2):  # half a minute later it is within the tolerance still, then late
        clock.shift(timedelta(seconds=31))
        assert client.post(ASK, {"code": once}).context["form"].errors["code"] == [WRONG]
    clock.shift(timedelta(seconds=30))
    full_width = code(secret, datetime.now(UTC)).translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert client.post(ASK, {"code": full_width}).status_code == 302


def test_the_code_that_turned_it_on_signs_nobody_in(client: Client, preparer: User) -> None:
    sign_in(client)
    secret = set_up(client)
    client.logout()
    sign_in(client)
    answer = client.post(ASK, {"code": code(secret, datetime.now(UTC))})
    assert answer.context["form"].errors["code"] == [WRONG]


def test_the_secret_stays_until_it_is_used(client: Client, preparer: User) -> None:
    """A telephone that has scanned it is right, wherever its owner looked meanwhile."""
    sign_in(client)
    first, again = client.get(SET_UP).context["form"].secret, client.get(SET_UP).context["form"].secret
    assert first == again == client.post(SET_UP, {"code": "000000"}).context["form"].secret


def test_who_has_the_password_alone_is_out_when_it_is_turned_on(client: Client, preparer: User) -> None:
    thief = Client()
    sign_in(thief)
    sign_in(client)
    set_up(client)
    assert client.get("/").status_code == 200
    for path in ("/", PAGE, CODES):
        assert thief.get(path)["Location"].startswith("/accounts/login/"), path


def test_after_a_change_of_the_portals_key_a_code_is_no_error(client: Client, secret: str, settings: Any) -> None:
    settings.SECRET_KEY = "another"
    sign_in(client)
    answer = client.post(ASK, {"code": code(secret, datetime.now(UTC))})
    assert answer.context["form"].errors["code"] == ["系統更換金鑰後無法核對您的驗證碼，請洽系統管理員重設兩步驟驗證"]


def test_wrong_codes_are_limited_and_empty_ones_say_so(client: Client, secret: str) -> None:
    sign_in(client)
    assert client.post(ASK, {"code": " "}).context["form"].errors["code"] == ["請輸入驗證碼"]
    for _n in range(5):
        assert client.post(ASK, {"code": "000000"}).context["form"].errors["code"] == [WRONG]
    right = client.post(ASK, {"code": code(secret, datetime.now(UTC))})
    assert right.context["form"].errors["code"] == ["登入嘗試失敗次數過多，請稍後再試。"]


def test_a_recovery_code_counts_once(client: Client, preparer: User, clock: Any) -> None:
    sign_in(client)
    set_up(client)
    spare = recovery_codes(client)
    assert len(set(spare)) == 10
    text = client.get(f"{CODES}download/").content.decode()
    assert all(one in text for one in spare)
    client.logout()
    for allowed in (True, False):
        sign_in(client)
        answer = client.post(ASK, {"code": spare[0]})
        assert (answer.status_code == 302) is allowed
        client.logout()
    sign_in(client)
    client.post(ASK, {"code": spare[1]})
    assert recovery_codes(client) == spare[2:]
    with at_once():
        client.post(f"{CODES}generate/")
    assert not set(recovery_codes(client)) & set(spare)
    assert happened()[-1] == "recovery_codes"


def test_turned_off(client: Client, secret: str) -> None:
    sign_in(client)
    client.post(ASK, {"code": code(secret, datetime.now(UTC))})
    assert client.post(TURN_OFF)["Location"] == PAGE
    assert not Authenticator.objects.exists()  # the recovery codes went too
    assert happened()[-1] == "second_factor_off"
    client.logout()
    assert sign_in(client)["Location"] == "/"


def test_setting_up_asks_for_the_password_again_after_a_while(client: Client, preparer: User, clock: Any) -> None:
    sign_in(client)
    clock.shift(timedelta(minutes=6))
    assert client.get(SET_UP)["Location"].startswith("/accounts/reauthenticate/")


def test_what_was_typed_comes_along_over_both_steps(client: Client, secret: str, preparer: User) -> None:
    found = kept.Kept("/cases/1/", str(preparer.pk), (("text", "一段寫了很久的文字，不應遺失"),), files=False)
    sign_in(client, kept=found.sealed())
    answer = client.post(ASK, {"code": code(secret, datetime.now(UTC))})
    assert "一段寫了很久的文字，不應遺失" in answer.content.decode()
    assert kept.FIELD not in client.session


def test_text_that_waits_is_not_shown_to_the_next_person(client: Client, secret: str, preparer: User) -> None:
    found = kept.Kept("/cases/1/", str(preparer.pk), (("text", "一段寫了很久的文字，不應遺失"),), files=False)
    sign_in(client, kept=found.sealed())  # and walks away
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert "一段寫了很久的文字，不應遺失" not in strict.post("/cases/1/", {"text": "x"}).content.decode()
    client.post("/accounts/logout/")
    other = person(Role.OFFICER)
    answer = client.post("/accounts/login/", {"login": other.email, "password": PASSWORD}, follow=True)
    assert "一段寫了很久的文字，不應遺失" not in answer.content.decode()
    assert "登入前填寫的內容屬於另一位使用者" in answer.content.decode()


# --- roles that need it ---------------------------------------------------------


@pytest.fixture
def required(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = frozenset({"officer", "staff"})


@pytest.mark.usefixtures("required")
def test_a_role_that_needs_it_opens_nothing_without(client: Client, clock: Any, django_assert_num_queries: Any) -> None:
    officer = person(Role.OFFICER, email="o@example.com")
    case = draft(People())
    sign_in(client, "o@example.com")
    for path in ("/", "/review/", f"/review/{case.pk}/", "/help/", "/admin/"):
        assert client.get(path)["Location"] == f"{SET_UP}?next={path}", path
    assert client.get("/help/", headers={"HX-Request": "true"}).status_code == 403
    assert "您的角色須使用兩步驟驗證" in client.get(SET_UP).content.decode()
    set_up(client)
    assert client.get("/review/").status_code == 200
    assert "您的角色須使用兩步驟驗證，不能停用" in client.post(TURN_OFF).content.decode()
    assert Authenticator.objects.filter(user=officer, type="totp").exists()
    with django_assert_num_queries(2):  # session and person: that there is one is known
        client.get("/help/first-steps/")


def test_a_role_that_needs_it_from_now_on_loses_no_text(client: Client, settings: Any) -> None:
    cast = People()
    case = draft(cast)
    client.force_login(cast.preparer)
    page = client.get(f"/cases/{case.pk}/sections/2.2.9/")
    settings.SECOND_FACTOR_ROLES = frozenset({"preparer"})
    typed = pages.form(page, f"/cases/{case.pk}/sections/2.2.9/") | {"2_2_9__text": "一段寫了很久的文字，不應遺失"}
    answer = client.post(f"/cases/{case.pk}/sections/2.2.9/", typed)
    assert answer.status_code == 403
    assert "一段寫了很久的文字，不應遺失" in answer.content.decode()
    assert "您的角色須使用兩步驟驗證。這些內容尚未儲存" in answer.content.decode()


@pytest.mark.usefixtures("required")
def test_a_session_from_elsewhere_has_to_use_it(client: Client, secret: str, preparer: User) -> None:
    """A person who has one, in a session that was begun without it."""
    preparer.is_staff = True
    preparer.save(update_fields=["is_staff"])
    client.force_login(User.objects.get(pk=preparer.pk))
    assert client.get("/")["Location"] == "/accounts/2fa/reauthenticate/?next=/"
    answer = client.post("/accounts/2fa/reauthenticate/?next=/", {"code": code(secret, datetime.now(UTC)), "next": "/"})
    assert answer["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_role_that_is_spelled_wrong_stops_the_portal(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = frozenset({"officers"})
    with pytest.raises(ImproperlyConfigured, match="officers"):
        apps.get_app_config("accounts").ready()


@pytest.mark.usefixtures("required")
def test_others_may_have_one_and_need_none(client: Client, preparer: User) -> None:
    sign_in(client)
    assert client.get("/").status_code == 200
    assert "啟用兩步驟驗證" in client.get(PAGE).content.decode()


# --- a telephone that was lost ---------------------------------------------------


def test_an_operator_deletes_it_and_that_is_on_record(secret: str) -> None:
    root = User.objects.create_superuser("root@example.com", PASSWORD)
    client = Client()
    client.force_login(root)
    row = Authenticator.objects.get(type="totp")
    shown = client.get(f"/admin/mfa/authenticator/{row.pk}/change/").content.decode()
    assert row.data["secret"] not in shown
    spare = Authenticator.objects.get(type="recovery_codes")
    assert client.get(f"/admin/mfa/authenticator/{spare.pk}/delete/").status_code == 302
    client.post(f"/admin/mfa/authenticator/{row.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.exists()
    event = Event.objects.filter(application=None).latest("id")
    assert (event.what, event.actor, event.detail) == ("second_factor_off", root, {"user": row.user_id})
