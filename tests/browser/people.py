"""The people of the browser tests: two firms and the exchange, on the day of the sample filing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import BrowserContext

from accounts.enums import Role
from accounts.models import Firm, Membership, User
from tests.browser.person import Person

PASSWORD = "a-long-pass-phrase"
FILING_DAY = datetime(2026, 11, 6, 14, 0, tzinfo=ZoneInfo("Asia/Taipei"))

PEOPLE = {
    "preparer": ("甲專員", "法令遵循室專員", [Role.PREPARER], "9Z01"),
    "colleague": ("丙專員", "法令遵循室專員", [Role.PREPARER], "9Z01"),
    "checker": ("王擬𠮷", "協理", [Role.CHECKER], "9Z01"),
    "officer": ("李審查", "承辦人", [Role.OFFICER], ""),
    "supervisor": ("陳主管", "主管", [Role.SUPERVISOR], ""),
}


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """The time of the server goes on from the afternoon on which the sample was filed."""
    with time_machine.travel(FILING_DAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def firm(transactional_db: None, clock: object) -> Firm:
    """甲山證券 and everybody in PEOPLE."""
    firm = Firm.objects.create(
        name="甲山證券股份有限公司",
        name_en="Jia-Shan Securities Co., Ltd.",
        broker_code="9Z01",
        business_number="99000105",
        licences=["broker", "dealer", "underwriter"],
    )
    for who, (name, title, roles, code) in PEOPLE.items():
        user = User.objects.create_user(f"{who}@portal.example", PASSWORD, name=name, title=title)
        for role in roles:
            Membership.objects.create(user=user, role=role, firm=firm if code else None)
    return firm


@pytest.fixture
def enter(firm: Firm, base_url: str, new_context: Callable[..., BrowserContext]) -> Callable[..., Person]:
    """``enter("checker")``: that person signs in with a browser of their own."""

    def open_browser(who: str, **options: object) -> Person:
        return Person(new_context(**options), f"{who}@portal.example", PASSWORD)

    return open_browser


@pytest.fixture
def api(firm: Firm) -> Callable[[str], Client]:
    """The same person without a browser."""

    def sign_in(who: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(email=f"{who}@portal.example"))
        return client

    return sign_in
