"""Readings, refusals, failed filings and sign-ins leave a trace; a firm sees its own failures alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from applications.models import Attachment, Event
from tests.applications.pages import with_checker
from tests.factories import FILED_AT, PASSWORD, Cast, draft, filed_case

pytestmark = pytest.mark.django_db

NOW = FILED_AT + timedelta(hours=1)


def traces(what: str) -> list[tuple[Any, ...]]:
    rows = Event.objects.filter(what=what).order_by("id")
    return [(row.application_id, row.actor, row.detail, row.shared) for row in rows]


def test_another_firms_case_is_404_and_on_its_record_once_an_hour(client: Client) -> None:
    case, _cast = filed_case()
    stranger = Cast().preparer
    client.force_login(stranger)
    path = f"/cases/{case.pk}/roster/"
    for minutes in (0, 30, 59, 61):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            assert client.get(path).status_code == 404
    with time_machine.travel(NOW, tick=False):
        assert client.post(f"/cases/{case.pk}/do/withdraw/").status_code == 404
        assert client.get(f"/files/{Attachment.objects.get(application=case).pk}/").status_code == 404
        assert client.get(f"/cases/{case.pk + 1000}/").status_code == 404  # no such case
        assert client.get("/cases/nonsense/").status_code == 404
    seen = (case.pk, stranger, {"of": "roster", "status": 404, "path": path}, False)
    assert traces("refused")[:2] == [seen, seen]
    assert [trace[2]["of"] for trace in traces("refused")] == ["roster", "roster", "act", "file"]
    events = Event.objects.filter(what="refused")
    assert {event.address for event in events} == {"127.0.0.1"}
    assert len({event.request_id for event in events}) == 4


def test_a_mistyped_address_within_ones_own_case_is_no_refusal(client: Client) -> None:
    case, cast = filed_case()
    client.force_login(cast.preparer)
    assert client.get(f"/cases/{case.pk}/submissions/9/").status_code == 404
    assert traces("refused") == []


def test_what_is_not_for_a_role_is_on_record(client: Client) -> None:
    case, cast = filed_case()
    client.force_login(cast.auditor)
    assert client.post(f"/review/{case.pk}/note/", {"text": "稽核"}).status_code == 403
    assert traces("refused") == [
        (case.pk, cast.auditor, {"of": "review-note", "status": 403, "path": f"/review/{case.pk}/note/"}, False)
    ]


def test_a_file_that_is_read_piece_by_piece_is_one_reading(client: Client) -> None:
    case, cast = filed_case()
    file = Attachment.objects.get(application=case)
    client.force_login(cast.officer)
    for minutes in (0, 1, 9, 11):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            assert len(b"".join(client.get(f"/files/{file.pk}/").streaming_content)) == file.size
    reading = (case.pk, cast.officer, {"of": f"{file.pk} 應變計畫.pdf"}, False)
    assert traces("file_read") == [reading, reading]


def test_a_filing_that_failed_in_time_is_proof_for_the_firm(client: Client) -> None:
    cast = Cast()
    case = with_checker(cast)
    case.sections.filter(section_id="2.2.9").delete()
    client.force_login(cast.checker)
    with time_machine.travel(NOW, tick=False):
        answer = client.post(f"/cases/{case.pk}/do/submit/", {"revision": case.revision, "key": "k", "declare": "yes"})
        assert answer.status_code == 200
    [(of, by, detail, shared)] = traces("failed")
    assert (of, by, shared) == (case.pk, cast.checker, True)
    assert detail == {"action": "submit", "items": ["2.2.9"], "reason": ""}
    assert Event.objects.get(what="failed").at == NOW
    assert "送件未成" in client.get(f"/cases/{case.pk}/").content.decode()


def test_sign_ins_and_refused_ones_are_on_the_record_of_the_house(client: Client) -> None:
    cast = Cast()
    draft(cast)
    sign_in = {"login": cast.preparer.email, "password": "something else"}
    client.post("/accounts/login/", sign_in)
    client.post("/accounts/login/", sign_in | {"login": "nobody@example.com"})
    client.post("/accounts/login/", sign_in | {"password": PASSWORD})
    assert traces("sign_in_refused") == [
        (None, cast.preparer, {"known": True}, False),
        (None, None, {"known": False}, False),
    ]
    assert traces("sign_in") == [(None, cast.preparer, {}, False)]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address", "request_id"),
    [
        (0, "203.0.113.9", "127.0.0.1", False),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9", True),
        (2, "198.51.100.7, 203.0.113.9", "198.51.100.7", True),
    ],
)
def test_only_proxies_that_are_ours_are_believed(
    client: Client, settings: Any, proxies: int, forwarded: str, address: str, request_id: bool
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    case, cast = filed_case()
    client.force_login(cast.auditor)
    headers = {"X-Forwarded-For": forwarded, "X-Request-ID": "from-the-proxy-1"}
    client.post(f"/review/{case.pk}/note/", {"text": "稽核"}, headers=headers)
    event = Event.objects.get(what="refused")
    assert event.address == address
    assert (event.request_id == "from-the-proxy-1") is request_id
