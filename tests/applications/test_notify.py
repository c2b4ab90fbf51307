"""Who is told of what: one outbox row for a move, and the people whom it is for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.enums import Role
from accounts.models import Membership, User
from applications import notify, outbox
from applications.enums import Action
from applications.lifecycle import lock, move
from applications.models import Application, Deadline, Notification, Outbox
from applications.reminders import NAMES
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
    "endorse": ("awaiting_signoff", "checker officer preparer"),
    "decline": ("awaiting_signoff", "checker officer preparer"),
    "withdraw": ("under_review", "officer preparer"),
    "notify": ("draft", "checker officer other_officer preparer supervisor"),
    "log_notice": ("draft", "checker preparer"),
    "send_documents": ("noticed", "checker"),
    "return_documents": ("documents_review", "preparer"),
    "submit_documents": ("documents_review", "checker officer other_officer preparer"),
    "record": ("awaiting_signoff", "checker officer preparer"),
    "give_opinion": ("awaiting_signoff", "checker officer preparer"),
}
KINDS = dict.fromkeys(("endorse", "decline"), "extension") | {"give_opinion": "pre_review"}
KINDS |= dict.fromkeys(
    ("notify", "log_notice", "send_documents", "return_documents", "submit_documents", "record"), "emergency"
)


# reminder -> who is told
REMINDED = {
    "due:expiry": "checker officer preparer",
    "due:filing": "checker preparer",
    "due:correction": "checker officer preparer",
    "due:documents": "checker preparer",
    "due:ratification": "checker preparer",
    "due:training": "checker preparer",
    "overdue:expiry": "checker officer preparer",
    "overdue:filing": "checker officer preparer",
    "overdue:correction": "checker officer preparer",
    "overdue:documents": "checker officer preparer supervisor",
    "overdue:ratification": "checker officer preparer supervisor",
    "overdue:training": "checker officer preparer",
}


def told_of(row: Outbox) -> list[User]:
    """The people whom a row of the outbox turned out to be for."""
    return [one.user for one in Notification.objects.filter(outbox=row).order_by("user_id").select_related("user")]


def by_pk(users: Iterable[User]) -> list[User]:
    return sorted(users, key=lambda user: user.pk)


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
    kind = KINDS.get(action, case.kind)
    Application.objects.filter(pk=case.pk).update(status=status, kind=kind)
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
    outbox.expand(at=at + timedelta(seconds=20))
    assert told_of(rows[0]) == by_pk(people[who] for who in told.split())


@pytest.mark.parametrize("what", REMINDED)
def test_reminder_is_for_these_people(stage: tuple[Application, dict[str, User]], what: str) -> None:
    case, people = stage
    deadline = Deadline.objects.create(
        application=case,
        what=what.partition(":")[2],
        key="k",
        due_on=date(2026, 12, 1),
        lead=30,
        set_on=date(2026, 11, 1),
    )
    row = Outbox.objects.create(
        application=case, what=what, deadline=deadline, threshold=1, key="k", created_at=case.changed_at
    )
    outbox.expand(at=case.changed_at)
    assert told_of(row) == by_pk(people[who] for who in REMINDED[what].split())


def test_every_deadline_of_a_case_is_in_the_table_here() -> None:
    assert {f"{kind}:{what}" for kind in ("due", "overdue") for what in NAMES} <= set(REMINDED)


def test_many_rows_are_expanded_in_four_statements(
    stage: tuple[Application, dict[str, User]], django_assert_num_queries: Any
) -> None:
    case, _people = stage
    for number in range(30):
        notify.tell(case, Action.TAKE, key=f"take:{number}", at=case.changed_at)
    with django_assert_num_queries(8):  # with the savepoints, and the look that finds no more
        outbox.expand(at=case.changed_at)
    assert Notification.objects.count() == 60
    assert set(Outbox.objects.values_list("expanded_at", flat=True)) == {case.changed_at}


def test_row_that_is_for_nobody_is_done_with(stage: tuple[Application, dict[str, User]]) -> None:
    case, _people = stage
    row = Outbox.objects.create(application=case, what="of old", key="k", created_at=case.changed_at)
    outbox.expand(at=case.changed_at)
    row.refresh_from_db()
    assert (told_of(row), row.expanded_at) == ([], case.changed_at)


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
    outbox.expand(at=case.changed_at)
    assert told_of(Outbox.objects.get()).count(hats) == 1


def test_officer_who_is_told_by_role_too_is_told_once(stage: tuple[Application, dict[str, User]]) -> None:
    case, people = stage
    Membership.objects.create(user=people["officer"], role=Role.SUPERVISOR)
    Outbox.objects.create(application=case, what="overdue:documents", key="k", created_at=case.changed_at)
    outbox.expand(at=case.changed_at)
    assert told_of(Outbox.objects.get()).count(people["officer"]) == 1


def test_withdrawal_before_filing_tells_nobody_at_the_exchange() -> None:
    case, cast = taken_case()
    Application.objects.filter(pk=case.pk).update(officer=None)
    Outbox.objects.all().delete()
    notify.tell(case, Action.WITHDRAW, key="withdraw:9", at=case.changed_at)
    outbox.expand(at=case.changed_at)
    assert told_of(Outbox.objects.get()) == [cast.preparer]
