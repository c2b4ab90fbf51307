"""Another firm's case is a 404, by every address; the exchange is not on the firm's pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from applications import urls
from applications.actions.evidence import store
from tests.applications import pages
from tests.applications.emergencies import supplied
from tests.factories import PDF, Cast, UserFactory, draft, filed_case, person

pytestmark = [pytest.mark.once, pytest.mark.django_db]

ALL = {pattern.name for pattern in urls.urlpatterns}
OF_NO_CASE = {
    "home", "start", "import", "create", "report", "ledger", "deadlines-overview", "subscription", "subscribe", "feed",
    "notices", "notice", "notices-read", "notices-mail", "verify", "verify-code", "prepare", "prepare-pdf",
    "help", "glossary", "guideline-now", "guideline", "styleguide",
    "personal", "personal-roster", "personal-account", "trail", "jobs", "job", "job-file",
    *(str(name) for name in ALL if str(name).startswith("operator")),
}  # fmt: skip
OF_A_NOTICE = {"notice-said", "notice-pdf"}
# what the exchange may see of a case that was filed
SHARED = OF_A_NOTICE | {
    "case", "deadlines", "submitted", "compare", "receipt", "plan-pdf", "checklist-pdf", "receipt-pdf", "file",
    "pack",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    with django_db_blocker.unblock(), transaction.atomic():
        cast = Cast()
        filed, _ = filed_case(cast)
        noticed, _ = supplied(cast, ratified_later=True)
        other = Cast()
        yield {"cast": cast, "filed": filed, "draft": draft(cast), "noticed": noticed, "other": other}
        transaction.set_rollback(True)


def addresses(case: Any, pk_of_file: int) -> dict[str, str]:
    """An address of this case for every name."""
    number = 1 if case.number else 0
    more: dict[str, list[Any]] = {
        "section": [case.pk, "2.2.9"],
        "person": [case.pk, 1],
        "act": [case.pk, "withdraw"],
        "change": [case.pk, "2.2.4"],
        "keep": [case.pk, "2.2.4"],
        "roster-change-csv": [case.pk, 1],
        "duty-done": [case.pk, 1],
        "file": [pk_of_file],
        **{name: [case.pk, number] for name in ("submitted", "receipt", "plan-pdf", "checklist-pdf", "receipt-pdf")},
    }
    return {str(name): reverse(str(name), args=more.get(str(name), [case.pk])) for name in ALL - OF_NO_CASE}


BODY = {"revision": "0", "reopen": "1", "2_2_9__text": "x", "key": "k", "declare": "yes", "reason": "x", "remove": "1"}


def strangers(world: dict[str, Any]) -> dict[str, User]:
    other = world["other"]
    return {
        "preparer": other.preparer,
        "checker": other.checker,
        "firm_admin": person(Role.FIRM_ADMIN, firm=other.firm),
        "operator": person(Role.OPERATOR),
        "nobody": UserFactory(),
    }


@pytest.mark.parametrize("which", ["draft", "filed", "noticed"])
@pytest.mark.parametrize("who", ["preparer", "checker", "firm_admin", "operator", "nobody"])
def test_another_firm_s_case_is_not_found_by_any_address(client: Client, world: Any, which: str, who: str) -> None:
    case = world[which]
    client.force_login(strangers(world)[who])
    before = pages.database()
    found = addresses(case, case.attachments.get().pk)
    assert len(found) == len(ALL) - len(OF_NO_CASE)
    for name, address in found.items():
        for answer in (client.get(address), client.post(address, BODY), client.head(address)):
            # 405: the address takes no such method from anybody
            assert answer.status_code in {404, 405}, (name, answer.request["REQUEST_METHOD"])
            assert case.firm.name not in answer.content.decode()
        assert 404 in {client.get(address).status_code, client.post(address, BODY).status_code}, name
    after = pages.database()
    assert {table for table in before if before[table] != after[table]} == set()


def test_exchange_is_not_on_firm_pages(client: Client, world: Any) -> None:
    for who in ("officer", "supervisor", "auditor"):
        client.force_login(getattr(world["cast"], who))
        before = pages.database()
        on_pages_of_firms(client, world)
        assert pages.database() == before


def on_pages_of_firms(client: Client, world: Any) -> None:
    unsent = world["draft"]
    for name, address in addresses(unsent, unsent.attachments.get().pk).items():
        assert client.get(address).status_code in {404, 405}, name
        assert client.post(address, BODY).status_code in {404, 405}, name
    for filed, shared in ((world["filed"], SHARED - OF_A_NOTICE), (world["noticed"], SHARED)):
        on_firm_pages(client, filed, shared)
    assert client.get("/start/").status_code == 404
    assert client.post("/cases/new/").status_code == 404
    assert client.post("/emergency/").status_code == 404


def on_firm_pages(client: Client, filed: Any, shared: set[str]) -> None:
    for name, address in addresses(filed, filed.attachments.get().pk).items():
        answer = client.get(address)
        if name in shared:
            assert answer.status_code in {200, 302}, name
            if answer.streaming:
                assert b"".join(answer.streaming_content) == PDF.read_bytes()  # type: ignore[attr-defined]
        else:
            assert answer.status_code in {404, 405}, name
        if name != "pack":  # which is theirs to ask for
            assert client.post(address, BODY).status_code in {404, 405}, name
    assert client.get(f"/cases/{filed.pk}/submissions/0/plan.pdf").status_code == 404


def test_lists_of_another_firm_hold_nothing_of_this_one(client: Client, world: Any) -> None:
    for user in (world["other"].preparer, world["other"].checker):
        client.force_login(user)
        page = client.get("/").content.decode()
        assert world["filed"].number not in page
        assert f"/cases/{world['draft'].pk}/" not in page
    client.force_login(world["cast"].preparer)
    assert world["filed"].number in client.get("/").content.decode()


def test_page_of_an_own_case_does_not_open_a_strangers_submission(client: Client, world: Any) -> None:
    """The number of a submission is looked up inside the case alone."""
    client.force_login(world["cast"].preparer)
    unsent = world["draft"]
    for name in ("submitted", "receipt", "receipt-pdf"):
        assert client.get(reverse(name, args=[unsent.pk, 1])).status_code == 404


def test_file_is_served_as_what_it_is_and_never_as_a_page(client: Client, world: Any) -> None:
    case, by = world["draft"], world["cast"].preparer
    client.force_login(by)
    upload = SimpleUploadedFile('名冊 "引號" 王.csv', "員工編號\r\n1\r\n".encode())
    file = store(case, upload, by=by, at=case.changed_at)
    answer = client.get(f"/files/{file.pk}/")
    assert b"".join(answer.streaming_content) == "員工編號\r\n1\r\n".encode()  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "text/csv"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    shown = client.get(f"/files/{case.attachments.earliest('id').pk}/?open")
    assert shown["Content-Disposition"].startswith("inline")
    assert b"".join(shown.streaming_content) == PDF.read_bytes()  # type: ignore[attr-defined]
