"""Sign-in through django-allauth, and what is closed to those who have not signed in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.backend import PortalBackend
from accounts.enums import Role
from accounts.models import Counter, User
from tests.applications import pages
from tests.factories import PASSWORD, FirmFactory, UserFactory, person

pytestmark = pytest.mark.django_db

WRONG = "您提供的電子郵件地址和／或密碼不正確。"


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


@pytest.fixture
def preparer() -> User:
    return person(Role.PREPARER, firm=FirmFactory(name="甲證券"), email="a@example.com", name="王小明")


def test_sign_in_by_email(client: Client, preparer: User) -> None:
    answer = sign_in(client, "a@example.com")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    home = client.get("/")
    assert home.status_code == 200
    assert "甲證券 王小明（填報人）" in home.content.decode()


def test_sign_in_whatever_the_case_of_the_address(client: Client, preparer: User) -> None:
    assert sign_in(client, "A@Example.COM").status_code == 302


def test_sign_in_with_a_wrong_password_says_so_and_keeps_the_address(client: Client, preparer: User) -> None:
    answer = sign_in(client, "a@example.com", "not the password")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert 'value="a@example.com"' in page
    assert WRONG in page
    assert "not the password" not in page
    assert client.get("/").status_code == 302


def test_sign_in_does_not_tell_whether_there_is_such_a_person(client: Client, preparer: User) -> None:
    for email in ("a@example.com", "b@example.com"):
        answer = sign_in(client, email, "not the password")
        assert list(answer.context["form"].non_field_errors()) == [WRONG]


def test_sign_in_of_somebody_inactive_is_refused(client: Client, preparer: User) -> None:
    User.objects.update(is_active=False)
    answer = sign_in(client, "a@example.com")
    assert "_auth_user_id" not in client.session
    assert answer.status_code in {200, 302}


def test_sign_in_is_limited_after_five_failures(client: Client, preparer: User) -> None:
    for _ in range(5):
        assert "稍後" not in sign_in(client, "a@example.com", "wrong").content.decode()
    answer = sign_in(client, "a@example.com")
    assert "_auth_user_id" not in client.session
    assert answer.context["form"].non_field_errors() == ["登入嘗試失敗次數過多，請稍後再試。"]
    counted = Counter.objects.filter(cache_key__contains="login_failed")
    assert counted.count() == 2  # of the account and of the address, where each process of the portal finds them
    other = person(Role.OFFICER)
    assert sign_in(client, other.email).status_code == 302  # nobody else is locked out


def test_failures_count_whatever_name_the_portal_is_asked_by(client: Client, preparer: User) -> None:
    for port in range(5):
        sign_in_at = {"login": "A@example.com", "password": "wrong"}
        client.post("/accounts/login/", sign_in_at, headers={"host": f"testserver:{port + 1}"})
    assert sign_in(client, "a@example.com").context["form"].non_field_errors() == ["登入嘗試失敗次數過多，請稍後再試。"]


def test_another_role_ends_the_sessions_of_a_person(client: Client, preparer: User) -> None:
    sign_in(client, "a@example.com")
    membership = preparer.memberships.get()
    membership.role = Role.CHECKER
    membership.save()
    assert client.get("/")["Location"].startswith("/accounts/login/")
    sign_in(client, "a@example.com")
    assert client.get("/").status_code == 200
    membership.delete()
    assert client.get("/")["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("path", "current"),
    [("/", "案件"), ("/start/", "案件"), ("/ledger/", "居家辦公台帳"), ("/help/", ""), ("/accounts/2fa/", "")],
)
def test_the_menu_says_where_one_is(client: Client, preparer: User, path: str, current: str) -> None:
    client.force_login(preparer)
    links = pages.parse(client.get(path)).iter("a")
    assert [pages.text_of(one) for one in links if one.get("aria-current") == "page"] == ([current] if current else [])


def test_sign_up_is_closed(client: Client) -> None:
    page = client.get("/accounts/signup/")
    assert page.templates[0].name == "account/signup_closed.html"
    client.post("/accounts/signup/", {"email": "x@example.com", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(email="x@example.com").exists()


def test_address_is_not_changed_by_oneself(client: Client, preparer: User) -> None:
    client.force_login(preparer)
    assert client.get("/accounts/email/").status_code == 302
    client.post("/accounts/email/", {"email": "evil@example.com", "action_add": ""})
    preparer.refresh_from_db()
    assert preparer.email == "a@example.com"


def test_sign_out_needs_a_post(client: Client, preparer: User) -> None:
    client.force_login(preparer)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/").status_code == 302


def own_urls() -> list[str]:
    """An address for every pattern of the portal itself and of the reviews."""
    found = []

    def walk(patterns: Any, prefix: str) -> None:
        for one in patterns:
            if isinstance(one, URLResolver):
                if one.app_name != "admin" and str(one.pattern) not in {"accounts/", "i18n/"}:
                    walk(one.url_patterns, prefix + str(one.pattern))
            elif isinstance(one, URLPattern):
                route = prefix + str(one.pattern)
                parts = [
                    {"int": "1", "str": "2.2.1", "slug": "submit"}.get(part[1:].split(":")[0], part)
                    if part.startswith("<")
                    else part
                    for part in route.replace("<", "\0<").replace(">", ">\0").split("\0")
                ]
                found.append("/" + "".join(parts))

    walk(get_resolver().url_patterns, "")
    return [url for url in found if not url.startswith("/accounts/")]


def test_everything_but_sign_in_needs_sign_in(client: Client) -> None:
    urls = own_urls()
    assert {"/", "/cases/1/", "/cases/1/sections/2.2.1/", "/files/1/", "/review/", "/cases/1/roster.csv"} <= set(urls)
    # what watches over the processes, a calendar whose address is the secret, the language, the checking of documents
    open_to_all = {"/healthz", "/readyz", "/calendar/2.2.1.ics", "/i18n/setlang/", "/verify/", "/verify/2.2.1"}
    assert open_to_all <= set(urls)
    for url in set(urls) - open_to_all:
        for method in (client.get, client.post):
            answer = method(url)
            assert (answer.status_code, answer.headers.get("Location")) == (302, f"/accounts/login/?next={url}"), url


def test_language_of_the_pages_is_that_of_mail(client: Client, preparer: User) -> None:
    client.force_login(preparer)
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert 'lang="en"' in client.get("/").content.decode()
    assert User.objects.get(pk=preparer.pk).language == "en"
    client.post("/i18n/setlang/", {"language": "xx", "next": "/"})
    assert User.objects.get(pk=preparer.pk).language == "en"
    client.logout()
    client.post("/i18n/setlang/", {"language": "zh-hant", "next": "/"})
    assert User.objects.get(pk=preparer.pk).language == "en"


def test_what_was_typed_into_a_page_whose_session_ended_is_shown(client: Client) -> None:
    answer = client.post("/cases/1/sections/2.2.1/", {"a": "一段寫了很久的文字，不應遺失。", "b": "yes"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "一段寫了很久的文字，不應遺失。</textarea>" in page
    assert "/accounts/login/?next=/cases/1/sections/2.2.1/" in page


def test_user_is_loaded_with_roles_and_firm_in_one_query(preparer: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        user = PortalBackend().get_user(preparer.pk)
        assert user is not None
        assert user.roles == {"preparer"}
        assert user.firm is not None
        assert user.firm.name == "甲證券"
        assert user.role_names == "填報人"
    assert user.memberships.filter(role="preparer").count() == 1


@pytest.mark.parametrize("has_role", [True, False])
def test_user_who_is_inactive_is_not_loaded(has_role: bool) -> None:
    user = person(Role.OFFICER, is_active=False) if has_role else UserFactory(is_active=False)
    assert PortalBackend().get_user(user.pk) is None


def test_user_who_is_unknown_is_not_loaded() -> None:
    assert PortalBackend().get_user(0) is None


def test_role_taken_away_counts_at_the_next_request(client: Client, preparer: User) -> None:
    client.force_login(preparer)
    assert client.get("/start/").status_code == 200
    preparer.memberships.all().delete()
    assert client.get("/start/").status_code == 404


def test_session_ends_an_hour_after_the_last_request_not_after_sign_in(client: Client, preparer: User) -> None:
    start = datetime.fromisoformat("2026-11-06T09:00:00+08:00")
    with time_machine.travel(start, tick=False) as clock:
        client.force_login(preparer)
        for minutes in (50, 100, 150):
            clock.move_to(start + timedelta(minutes=minutes))
            assert client.get("/start/").status_code == 200, minutes
        clock.move_to(start + timedelta(minutes=150 + 61))
        assert client.get("/start/").status_code == 302


def test_session_is_not_written_at_every_request(client: Client, preparer: User) -> None:
    client.force_login(preparer)
    before = Session.objects.values_list("session_data", "expire_date").get()
    client.get("/start/")
    assert Session.objects.values_list("session_data", "expire_date").get() == before


def test_admin_is_closed_to_those_without_the_flag(client: Client, preparer: User) -> None:
    client.force_login(preparer)
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.status_code == 403


def test_admin_is_entered_by_the_portals_own_door(client: Client) -> None:
    """Which counts failures, and keeps sign-ins on record."""
    User.objects.create_superuser("root@example.com", PASSWORD)
    answer = client.post("/admin/login/?next=/admin/", {"username": "root@example.com", "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session
    answer = client.post(answer["Location"], {"login": "root@example.com", "password": PASSWORD}, follow=True)
    assert answer.request["PATH_INFO"] == "/admin/"
    assert answer.status_code == 200
    other = User.objects.create_superuser("other@example.com", PASSWORD)
    client.post("/admin/login/", {"username": other.email, "password": PASSWORD})  # nor by who is in
    assert client.session["_auth_user_id"] == str(User.objects.get(email="root@example.com").pk)
