"""Who is told of what: one outbox row for a move, and the people whom it is for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.enums import Role
from accounts.models import User
from applications import notify
from applications.enums import Action
from applications.lifecycle import lock, move
from applications.models import Application, Outbox
from tests.factories import Cast, person, taken_case

pytestmark = pytest.mark.django_db

# action -> from which status, and who is told ("" where nobody is)
TOLD = {
    "send_to_checker": ("draft", "checker"),
    "reopen": ("internal_review", ""),
    "return_to_preparer": ("internal_review", "preparer"),
    "sign_off": ("internal_review", ""),
    "submit": ("signed_off", "checker officer other_officer preparer"),
    "take": ("submitted", "checker preparer"),
    "return": ("under_review", "checker preparer"),
    "send_correction": ("returned", "checker"),
    "return_correction": ("correction_review", "preparer"),
    "submit_correction": ("correction_review", "checker officer preparer"),
    "recommend": ("under_review", "supervisor"),
    "send_back": ("awaiting_signoff", "officer"),
    "forward": ("awaiting_signoff", "checker officer preparer"),
    "reject": ("awaiting_signoff", "checker officer preparer"),
    "record_approval": ("forwarded", "checker officer preparer"),
    "record_refusal": ("forwarded", "checker officer preparer"),
    "withdraw": ("under_review", "officer preparer"),
}


def test_every_move_is_in_the_table_here() -> None:
    assert set(TOLD) == set(Action.values)


@pytest.fixture
def stage() -> tuple[Application, dict[str, User]]:
    case, cast = taken_case()
    other = Cast()  # another firm, and more people at the exchange
    User.objects.filter(pk__in=[other.officer.pk, other.other_officer.pk, other.supervisor.pk]).update(is_active=False)
    person(Role.FIRM_ADMIN, firm=cast.firm)
    person(Role.OPERATOR)
    person(Role.CHECKER, firm=cast.firm, is_active=False)
    Outbox.objects.all().delete()
    people = {who: getattr(cast, who) for who in ("preparer", "checker", "officer", "other_officer", "supervisor")}
    return case, people


@pytest.mark.parametrize("action", TOLD)
def test_move_writes_its_outbox_row_once_for_these_people(
    stage: tuple[Application, dict[str, User]], action: str
) -> None:
    case, people = stage
    status, told = TOLD[action]
    Application.objects.filter(pk=case.pk).update(status=status)
    at = case.changed_at + timedelta(hours=1)
    locked = lock(case.pk)
    move(locked, Action(action), by=people["officer"], at=at)
    rows = list(Outbox.objects.all())
    if not told:
        assert rows == []
        return
    assert [(row.application_id, row.what, row.key, row.created_at, row.expanded_at) for row in rows] == [
        (case.pk, action, f"{action}:{locked.revision}", at, None)
    ]
    assert list(notify.audience(rows[0])) == sorted((people[who] for who in told.split()), key=lambda user: user.pk)


def test_move_that_is_undone_tells_nobody(stage: tuple[Application, dict[str, User]]) -> None:
    case, people = stage
    with transaction.atomic():
        move(lock(case.pk), Action.RECOMMEND, by=people["officer"], at=case.changed_at)
        transaction.set_rollback(True)
    assert not Outbox.objects.exists()


def test_outbox_row_twice_is_refused_by_the_database(stage: tuple[Application, dict[str, User]]) -> None:
    case, _people = stage
    notify.tell(case, Action.TAKE, key="take:9", at=case.changed_at)
    # PostgreSQL names the constraint, SQLite its columns
    once = r"outbox_once|applications_outbox\.application_id, applications_outbox\.key"
    with pytest.raises(IntegrityError, match=once), transaction.atomic():
        notify.tell(case, Action.TAKE, key="take:9", at=case.changed_at)


def test_person_with_two_roles_is_told_once(stage: tuple[Application, dict[str, User]]) -> None:
    case, _people = stage
    hats = person(Role.PREPARER, Role.CHECKER, firm=case.firm)
    notify.tell(case, Action.TAKE, key="take:9", at=case.changed_at)
    assert list(notify.audience(Outbox.objects.get())).count(hats) == 1


def test_withdrawal_before_filing_tells_nobody_at_the_exchange() -> None:
    case, cast = taken_case()
    Application.objects.filter(pk=case.pk).update(officer=None)
    Outbox.objects.all().delete()
    notify.tell(case, Action.WITHDRAW, key="withdraw:9", at=case.changed_at)
    assert list(notify.audience(Outbox.objects.get())) == [cast.preparer]
