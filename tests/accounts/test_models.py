"""Firms, people and roles, and what the database itself refuses."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from accounts.enums import EXCHANGE_ROLES, FIRM_ROLES, Role
from accounts.models import ONE_PLACE, Firm, Membership, User
from tests.factories import PASSWORD, FirmFactory, UserFactory, person

pytestmark = pytest.mark.django_db


def test_roles_are_of_a_firm_or_of_the_exchange() -> None:
    assert {"preparer", "checker", "firm_admin"} == FIRM_ROLES
    assert {"officer", "supervisor", "auditor", "operator"} == EXCHANGE_ROLES


def test_broker_code_keeps_its_case_and_is_unique_without_it() -> None:
    FirmFactory(broker_code="779c")
    assert Firm.objects.get().broker_code == "779c"
    with pytest.raises(IntegrityError), transaction.atomic():
        FirmFactory(broker_code="779C")


@pytest.mark.parametrize(
    ("language", "english", "shown"),
    [("zh-hant", "A Co., Ltd.", "甲證券"), ("en", "A Co., Ltd.", "A Co., Ltd."), ("en", "", "甲證券")],
)
def test_a_firm_is_shown_in_the_language_of_the_page(language: str, english: str, shown: str) -> None:
    with translation.override(language):
        assert Firm(name="甲證券", name_en=english).shown_name == shown


def test_short_names_of_firms() -> None:
    firm = Firm(name="甲證券股份有限公司", name_en="Alpha Securities Co., Ltd.")
    assert firm.short_name == "甲證券"
    with translation.override("en"):
        assert firm.short_name == "Alpha Securities"


def test_business_number_is_unique() -> None:
    FirmFactory(business_number="04595257")
    with pytest.raises(IntegrityError), transaction.atomic():
        FirmFactory(business_number="04595257")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("broker_code", "12", "證券商代號為四位英數字，例如 1020 或 9A00"),
        ("business_number", "04595258", "統一編號檢查碼不符，請核對八位數字"),
        ("licences", "broker", "請至少選擇一項許可業務：經紀、自營、承銷"),
        ("licences", ["bank"], "請至少選擇一項許可業務：經紀、自營、承銷"),
    ],
)
def test_firm_refused(field: str, value: Any, message: str) -> None:
    firm = FirmFactory.build(**{field: value})
    with pytest.raises(ValidationError) as refused:
        firm.full_clean()
    assert message in refused.value.message_dict[field]


@pytest.mark.parametrize("role", sorted(FIRM_ROLES))
def test_firm_role_without_a_firm_is_refused_by_the_database(role: str) -> None:
    user = UserFactory()
    with pytest.raises(IntegrityError, match="membership_role_fits_firm"), transaction.atomic():
        Membership.objects.create(user=user, role=role)
    assert Membership.objects.create(user=user, role=role, firm=FirmFactory()).pk


@pytest.mark.parametrize("role", sorted(EXCHANGE_ROLES))
def test_exchange_role_with_a_firm_is_refused_by_the_database(role: str) -> None:
    user = UserFactory()
    with pytest.raises(IntegrityError, match="membership_role_fits_firm"), transaction.atomic():
        Membership.objects.create(user=user, role=role, firm=FirmFactory())
    assert Membership.objects.create(user=user, role=role).pk


def test_role_twice_is_refused_by_the_database() -> None:
    user = person(Role.OFFICER)
    # PostgreSQL names the constraint, SQLite its columns
    once = r"membership_once|accounts_membership\.user_id, accounts_membership\.role"
    with pytest.raises(IntegrityError, match=once), transaction.atomic():
        Membership.objects.create(user=user, role=Role.OFFICER)


@pytest.mark.parametrize("other", ["another firm", "the exchange"])
def test_membership_in_two_places_is_refused(other: str) -> None:
    user = person(Role.PREPARER, firm=FirmFactory())
    more = Membership(user=user, role=Role.CHECKER, firm=FirmFactory())
    if other == "the exchange":
        more = Membership(user=user, role=Role.OFFICER)
    with pytest.raises(ValidationError) as refused:
        more.full_clean()
    assert refused.value.messages == [str(ONE_PLACE)]


def inline(*rows: tuple[str, Firm | None]) -> dict[str, Any]:
    data: dict[str, Any] = {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": 0}
    for number, (role, firm) in enumerate(rows):
        data |= {f"memberships-{number}-role": role, f"memberships-{number}-firm": firm.pk if firm else ""}
    return data


def test_admin_refuses_two_places_given_at_once(client: Client) -> None:
    assert admin.site.is_registered(User)
    client.force_login(User.objects.create_superuser("root@example.com", PASSWORD, name="root"))
    one, two = FirmFactory(), FirmFactory()
    fields = {"email": "new@example.com", "name": "新人", "language": "zh-hant", "is_active": "on"}
    answer = client.post("/admin/accounts/user/add/", fields | inline(("preparer", one), ("checker", two)))
    assert answer.status_code == 200
    assert str(ONE_PLACE) in answer.content.decode()
    assert not User.objects.filter(email="new@example.com").exists()
    answer = client.post("/admin/accounts/user/add/", fields | inline(("preparer", one), ("checker", one)))
    assert answer.status_code == 302
    assert User.objects.get(email="new@example.com").roles == {"preparer", "checker"}


def test_user_with_two_hats() -> None:
    firm = FirmFactory()
    user = person(Role.PREPARER, Role.CHECKER, firm=firm)
    assert user.roles == {"preparer", "checker"}
    assert user.firm == firm
    assert not user.at_exchange
    assert user.role_names == "填報人、覆核主管"


def test_user_of_the_exchange_has_no_firm() -> None:
    user = person(Role.SUPERVISOR)
    assert user.firm is None
    assert user.at_exchange


def test_user_without_a_role_is_nowhere() -> None:
    user = UserFactory()
    assert (user.roles, user.firm, user.at_exchange) == (frozenset(), None, False)


def test_email_is_unique() -> None:
    UserFactory(email="one@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="one@example.com")
