"""The notice of an early end as a page: from the ledger, what is missing, twice, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.enums import Role
from applications.actions import ending
from applications.models import ApprovedPeriod, Event
from tests.applications.ledgers import AT, People, day
from tests.applications.pages import form, parse, problems, text_of
from tests.applications.test_ledger_pages import DEALER, FIRM, look
from tests.factories import person

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def test_end_early_from_the_ledger(client: Client) -> None:
    people = People()
    case = people.approved(("dealer", "2026-09-01", "2027-02-28"), ("clearing", "2026-09-01", "2026-10-31"))
    address = f"/ledger/{case.pk}/end/"
    assert f'href="{address}"' in look(client, people.preparer, FIRM).content.decode()
    page = client.get(address)
    assert [text_of(node) for node in parse(page).iter("dt")] == [DEALER]  # of clearing nothing is left
    data: dict[str, Any] = dict(form_of(page))
    assert data == {"revision": ["0"], "lines": ["dealer"], "last_day": [""], "reason": [""]}
    done = client.post(address, data | {"last_day": "115.12.31", "reason": "已恢復營業處所辦公"}, follow=True)
    assert done.redirect_chain == [(FIRM, 302)]
    assert "已登錄提前終止" in text_of(parse(done))
    assert ApprovedPeriod.objects.get(line="dealer").ended_on == day("2026-12-31")
    case_page = text_of(parse(client.get(f"/cases/{case.pk}/")))
    assert "提前終止" in case_page
    assert "已恢復營業處所辦公" in case_page


def form_of(page: Any) -> dict[str, list[str]]:
    (address,) = {node.get("action") for node in parse(page).iter("form") if node.get("method") == "post"} - {
        "/i18n/setlang/", "/accounts/logout/", "/accounts/session/", "/help/first-steps/",
    }  # fmt: skip
    return form(page, address)


def test_end_early_says_what_is_missing_and_keeps_what_was_typed(client: Client) -> None:
    people = People()
    case = people.approved(("dealer", "2026-09-01", "2027-02-28"))
    client.force_login(people.checker)
    address = f"/ledger/{case.pk}/end/"
    page = client.post(address, {"revision": "0", "last_day": "明天", "reason": ""})
    assert problems(page) == ["請至少選擇一項業務", "請輸入日期，例如 115/11/30", "請填寫提前終止之理由"]
    assert 'value="明天"' in page.content.decode()
    page = client.post(address, {"revision": "0", "lines": "dealer", "last_day": "115/11/19", "reason": "理由"})
    assert problems(page) == ["最後居家日不得早於今日（115 年 11 月 20 日）"]
    assert not Event.objects.exists()


def test_end_early_doubled_or_stale_is_a_conflict_that_keeps_the_text(client: Client) -> None:
    people = People()
    case = people.approved(("dealer", "2026-09-01", "2027-02-28"))
    client.force_login(people.preparer)
    address = f"/ledger/{case.pk}/end/"
    data = {"revision": "0", "lines": "dealer", "last_day": "115/12/31", "reason": "已恢復營業處所辦公"}
    assert client.post(address, data).status_code == 302
    again = client.post(address, data)
    assert again.status_code == 409
    assert "115/12/31" in again.content.decode()
    assert "已恢復營業處所辦公" in again.content.decode()
    assert client.post(address, data | {"last_day": "x"}).status_code == 409
    assert Event.objects.count() == 1


def test_who_may_end_early(client: Client) -> None:
    people = People()
    case = people.approved(("dealer", "2026-09-01", "2027-02-28"))
    address = f"/ledger/{case.pk}/end/"
    for user, status in (
        (People().preparer, 404),
        (person(Role.OFFICER), 404),
        (person(Role.FIRM_ADMIN, firm=people.firm), 403),
    ):
        client.force_login(user)
        assert client.get(address).status_code == status
        assert client.post(address, {"revision": "0"}).status_code == status
    admin = person(Role.FIRM_ADMIN, firm=people.firm)
    assert address not in look(client, admin, FIRM).content.decode()
    assert address not in look(client, people.preparer, FIRM, day="2026-11-21").content.decode()


def test_a_get_ends_nothing_and_nothing_left_leads_back(client: Client) -> None:
    people = People()
    case = people.approved(("dealer", "2026-09-01", "2026-11-20"))
    client.force_login(people.preparer)
    assert client.get(f"/ledger/{case.pk}/end/").headers["Location"] == FIRM
    assert ending.open_lines(ApprovedPeriod.objects.all(), today=AT.date()) == []
    assert f"/ledger/{case.pk}/end/" not in client.get(FIRM).content.decode()
