"""What was typed before the sign-in ended comes back to whoever typed it, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import kept
from accounts.enums import Role
from accounts.models import User
from applications.models import Application, Section
from tests.applications import pages
from tests.factories import PASSWORD, Cast, draft, person

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-11-06T09:00:00+08:00")
TEXT = "2_2_9__text"
TYPED = "一段寫了很久的文字，\n不應遺失 <b>&。"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def case(cast: Cast, clock: Any) -> Application:
    return draft(cast)


@pytest.fixture
def strict() -> Client:
    """A browser, as far as CSRF goes."""
    return Client(enforce_csrf_checks=True)


def url(case: Application) -> str:
    return f"/cases/{case.pk}/sections/2.2.9/"


def whole(answer: Any, action: str) -> dict[str, Any]:
    """A form with what the browser sends besides."""
    inputs = {node.get("name"): node.get("value", "") for node in pages.parse(answer).iter("input")}
    return {**pages.form(answer, action), **{name: inputs[name] for name in kept.NOT_TYPED & inputs.keys()}}


def sign_in(client: Client, user: User, data: dict[str, Any] | None = None) -> Any:
    data = data or whole(client.get("/accounts/login/"), "/accounts/login/")
    return client.post("/accounts/login/", data | {"login": user.email, "password": PASSWORD})


def heading(answer: Any) -> str:
    return pages.text_of(next(pages.parse(answer).iter("h1")))


def test_it_comes_back_after_the_sign_in_and_is_saved_by_one_press(
    strict: Client, case: Application, cast: Cast, clock: Any
) -> None:
    sign_in(strict, cast.preparer)
    page = whole(strict.get(url(case)), url(case))
    clock.shift(timedelta(hours=2))
    late = strict.post(url(case), page | {TEXT: TYPED, "later": "1"})
    assert (late.status_code, heading(late)) == (403, "您已登出，這一頁尚未儲存")
    form = whole(late, "/accounts/login/")
    wrong = strict.post("/accounts/login/", form | {"login": cast.preparer.email, "password": "a wrong one"})
    again = sign_in(strict, cast.preparer, whole(wrong, "/accounts/login/"))
    assert (again.status_code, heading(again)) == (200, "您的內容尚未儲存，請再送出一次")
    assert TYPED in ["".join(node.itertext()).lstrip("\n") for node in pages.parse(again).iter("textarea")]
    saved = strict.post(url(case), whole(again, url(case)))
    assert (saved.status_code, saved["Location"]) == (302, f"/cases/{case.pk}/")
    section = Section.objects.get(application=case, section_id="2.2.9")
    assert (section.answers["2.2.9"]["text"], section.saved_by) == (TYPED, cast.preparer)


def test_it_does_not_come_to_another_person(strict: Client, case: Application, cast: Cast, clock: Any) -> None:
    colleague = person(Role.PREPARER, firm=cast.firm)
    sign_in(strict, cast.preparer)
    page = whole(strict.get(url(case)), url(case))
    clock.shift(timedelta(hours=2))
    late = strict.post(url(case), page | {TEXT: TYPED})
    answer = sign_in(strict, colleague, whole(late, "/accounts/login/"))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "登入前填寫的內容屬於另一位使用者" in strict.get("/").content.decode()
    answer = strict.post(url(case), page | {TEXT: TYPED})  # the old tab, once more
    assert (answer.status_code, heading(answer)) == (403, "頁面已過期，請重新送出")
    assert "不應遺失" not in answer.content.decode()
    assert all("不應遺失" not in str(one.get_decoded()) for one in Session.objects.all())


def test_a_tab_from_before_another_sign_in_gets_it_back(
    strict: Client, case: Application, cast: Cast, clock: Any
) -> None:
    sign_in(strict, cast.preparer)
    page = whole(strict.get(url(case)), url(case))
    logout = {"csrfmiddlewaretoken": page["csrfmiddlewaretoken"]}
    strict.post("/accounts/logout/", logout)
    sign_in(strict, cast.preparer)
    assert strict.post(url(case), page | {TEXT: TYPED, "autosave": "1"}).status_code == 403
    answer = strict.post(url(case), page | {TEXT: TYPED})
    assert (answer.status_code, heading(answer)) == (403, "您的內容尚未儲存，請再送出一次")
    assert strict.post(url(case), whole(answer, url(case))).status_code == 302
    assert pages.stored(case, "2.2.9").answers["2.2.9"]["text"] == TYPED


def test_the_sign_in_form_itself_may_be_from_before_another_sign_in(
    strict: Client, case: Application, cast: Cast, clock: Any
) -> None:
    sign_in(strict, cast.preparer)
    page = whole(strict.get(url(case)), url(case))
    clock.shift(timedelta(hours=2))
    late = whole(strict.post(url(case), page | {TEXT: TYPED}), "/accounts/login/")
    sign_in(strict, cast.preparer)  # in another tab
    assert heading(sign_in(strict, cast.preparer, late)) == "您的內容尚未儲存，請再送出一次"


def test_a_forged_form_is_not_offered(strict: Client, case: Application, cast: Cast) -> None:
    sign_in(strict, cast.preparer)
    for writer in ("", str(cast.preparer.pk), f"{cast.preparer.pk}:x", kept.typist(cast.checker)):
        answer = strict.post(url(case), {"typist": writer, TEXT: TYPED, "revision": "1"})
        assert (answer.status_code, heading(answer)) == (403, "頁面已過期，請重新送出"), writer


def test_files_are_not_kept_and_that_is_said(client: Client, case: Application, cast: Cast) -> None:
    data = {"typist": kept.typist(cast.preparer), TEXT: TYPED, "ev-2.2.9-file": SimpleUploadedFile("a.pdf", b"%PDF")}
    late = client.post(url(case), data)
    assert "您選取的檔案無法保留，請之後重新附上。" in late.content.decode()
    assert "您選取的檔案無法保留" in sign_in(client, cast.preparer, whole(late, "/accounts/login/")).content.decode()


def test_what_is_too_long_is_shown_to_be_copied(client: Client, case: Application, cast: Cast) -> None:
    late = client.post(url(case), {"typist": kept.typist(cast.preparer), TEXT: "字" * kept.LARGEST})
    assert [node.get("name") for node in pages.parse(late).iter("input") if node.get("name") == "kept"] == []
    assert "請先複製" in late.content.decode()


def test_it_is_not_kept_for_ever(client: Client, case: Application, cast: Cast, clock: Any) -> None:
    late = whole(client.post(url(case), {"typist": kept.typist(cast.preparer), TEXT: TYPED}), "/accounts/login/")
    clock.shift(kept.LONGEST + timedelta(seconds=1))
    assert sign_in(client, cast.preparer, late).status_code == 302


def test_passwords_are_not_kept(strict: Client, cast: Cast) -> None:
    sign_in(strict, cast.preparer)
    data = {"typist": kept.typist(cast.preparer), "oldpassword": PASSWORD, "password1": TYPED, "password2": TYPED}
    answer = strict.post("/accounts/password/change/", data)
    assert (answer.status_code, PASSWORD in answer.content.decode()) == (403, False)


def test_a_page_that_saves_itself_is_told_that_nobody_is_signed_in(client: Client, case: Application) -> None:
    for data in ({"autosave": "1"}, {"autosave": "1", TEXT: TYPED}):
        assert client.post(url(case), data, headers={"HX-Request": "true"}).status_code == 403
