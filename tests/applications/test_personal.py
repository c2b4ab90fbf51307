"""What is kept of one person: whole, for those who may, and on record."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.enums import Role
from applications.models import Event, FirmNotice, RosterEntry
from applications.trail import moment
from tests.applications import pages
from tests.factories import FILED_AT, Cast, filed_case, person, roster

pytestmark = pytest.mark.django_db

ROSTER = "/personal/roster/"


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel(FILED_AT):
        yield


def test_all_that_is_kept_of_a_person_of_a_roster(client: Client) -> None:
    case, cast = filed_case()
    one = next(
        row
        for row in roster()
        if row.name in json.dumps(case.submissions.get().content["answers"]["2.2.2"], ensure_ascii=False)
    )
    other = roster()[5]
    FirmNotice.objects.create(
        application=case, what="roster_change", effective_on=FILED_AT.date(), by=cast.checker, at=FILED_AT,
        detail={"roster": [case.submissions.get().content["roster"][one.position - 1]]},
    )  # fmt: skip
    RosterEntry.objects.filter(application=case, staff_no=other.staff_no).delete()  # it stands in what was filed alone
    client.force_login(cast.checker)
    page = client.get("/personal/", {"q": one.name})
    links = [link.get("href") for link in pages.parse(page).iter("a")]
    assert f"{ROSTER}?firm={cast.firm.broker_code}&staff_no={one.staff_no}" in links
    assert not Event.objects.filter(what="person_read").exists()
    found = client.get(ROSTER, {"staff_no": one.staff_no, "as": "json"}).json()
    assert [(row["where"], row["submission"]) for row in found["rosters"]] == [
        ("current", None),
        ("submission", 1),
        ("roster_change", None),
    ]
    assert {row["name"] for row in found["rosters"]} == {one.name}
    assert {"case": case.number, "submission": 1, "item": "2.2.2"} in found["mentions"]
    page = client.get(ROSTER, {"staff_no": other.staff_no})
    assert other.name in page.content.decode()
    told = Event.objects.filter(what="person_read").order_by("id")
    assert [(event.application, event.actor, event.detail, event.shared) for event in told] == [
        (case, cast.checker, {"staff_no": one.staff_no}, False),
        (case, cast.checker, {"staff_no": other.staff_no}, False),
    ]
    assert client.get(ROSTER, {"staff_no": "沒有"}).status_code == 404

    # the same people by nobody else's door
    stranger = Cast()
    for user in (stranger.checker, person(Role.FIRM_ADMIN, firm=stranger.firm)):
        client.force_login(user)
        assert client.get(ROSTER, {"firm": cast.firm.broker_code, "staff_no": one.staff_no}).status_code == 404
        assert (
            one.staff_no
            not in client.get("/personal/", {"firm": cast.firm.broker_code, "q": one.name}).content.decode()
        )
    for user in (cast.preparer, cast.officer, cast.supervisor, person(Role.OPERATOR)):
        client.force_login(user)
        for path in ("/personal/", ROSTER, f"/personal/accounts/{cast.preparer.pk}/"):
            assert client.get(path, {"firm": cast.firm.broker_code, "staff_no": one.staff_no}).status_code == 404
    client.force_login(cast.auditor)
    assert client.get(ROSTER, {"firm": cast.firm.broker_code, "staff_no": one.staff_no}).status_code == 200
    assert "查無此證券商代號" in client.get("/personal/", {"firm": "????", "q": "x"}).content.decode()


def test_all_that_is_kept_of_an_account(client: Client) -> None:
    cast, stranger = Cast(), Cast()
    client.force_login(cast.checker)
    page = client.get("/personal/", {"q": cast.preparer.email.upper()})
    assert f"/personal/accounts/{cast.preparer.pk}/" in page.content.decode()
    assert stranger.preparer.email not in client.get(
        "/personal/", {"q": stranger.preparer.email}
    ).content.decode().split("<main")[1].replace(f'value="{stranger.preparer.email}"', "")
    found = client.get(f"/personal/accounts/{cast.preparer.pk}/", {"as": "json"}).json()
    assert found["account"]["email"] == cast.preparer.email
    assert found["account"]["roles"] == ["preparer"]
    assert found["account"]["second_factor_since"] is None
    assert "兩步驟驗證未啟用" in pages.text_of(pages.parse(client.get(f"/personal/accounts/{cast.preparer.pk}/")))
    factor = TOTP.activate(cast.preparer, "JBSWY3DPEHPK3PXP").instance
    assert "兩步驟驗證已啟用" in pages.text_of(pages.parse(client.get(f"/personal/accounts/{cast.preparer.pk}/")))
    found = client.get(f"/personal/accounts/{cast.preparer.pk}/", {"as": "json"}).json()
    assert found["account"]["second_factor_since"] == moment(factor.created_at)
    event = Event.objects.filter(what="person_read").earliest("id")
    assert (event.application, event.actor, event.detail) == (None, cast.checker, {"user": cast.preparer.pk})
    for pk in (stranger.preparer.pk, cast.officer.pk):
        assert client.get(f"/personal/accounts/{pk}/").status_code == 404
    client.force_login(cast.auditor)
    assert client.get(f"/personal/accounts/{cast.officer.pk}/").status_code == 200
