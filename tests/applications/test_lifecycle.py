"""The transition table, cell by cell, against one that is written out here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from applications import policy
from applications.enums import Action, Status
from applications.lifecycle import Conflict, lock, move
from applications.models import Application, Event, Outbox
from tests.factories import Cast, person, said, taken_case

pytestmark = [pytest.mark.once, pytest.mark.django_db]

AT = datetime.fromisoformat("2026-11-09T10:00:00+08:00")

# status -> action -> (status after, who may). "holder" is the officer who has the case in hand, "officer" another.
# What is not in here must not be possible, for anybody.
TABLE: dict[str, dict[str, tuple[str, str]]] = {
    "draft": {
        "send_to_checker": ("internal_review", "preparer"),
        "withdraw": ("withdrawn", "preparer checker"),
    },
    "internal_review": {
        "reopen": ("draft", "preparer"),
        "return_to_preparer": ("internal_returned", "checker"),
        "sign_off": ("signed_off", "checker"),
        "withdraw": ("withdrawn", "preparer checker"),
    },
    "internal_returned": {
        "send_to_checker": ("internal_review", "preparer"),
        "withdraw": ("withdrawn", "preparer checker"),
    },
    "signed_off": {
        "reopen": ("draft", "preparer"),
        "return_to_preparer": ("internal_returned", "checker"),
        "submit": ("submitted", "preparer checker"),
        "withdraw": ("withdrawn", "preparer checker"),
    },
    "submitted": {
        "take": ("under_review", "holder officer"),
        "withdraw": ("withdrawn", "checker"),
    },
    "under_review": {
        "return": ("returned", "holder"),
        "recommend": ("awaiting_signoff", "holder"),
        "withdraw": ("withdrawn", "checker"),
    },
    "returned": {
        "send_correction": ("correction_review", "preparer"),
        "withdraw": ("withdrawn", "checker"),
    },
    "correction_review": {
        "return_correction": ("returned", "checker"),
        "submit_correction": ("corrected", "checker"),
        "withdraw": ("withdrawn", "checker"),
    },
    "corrected": {
        "return": ("returned", "holder"),
        "recommend": ("awaiting_signoff", "holder"),
        "withdraw": ("withdrawn", "checker"),
    },
    "awaiting_signoff": {
        "send_back": ("under_review", "supervisor"),
        "forward": ("forwarded", "supervisor"),
        "reject": ("rejected", "supervisor"),
        "withdraw": ("withdrawn", "checker"),
    },
    "forwarded": {
        "record_approval": ("approved", "holder officer supervisor"),
        "record_refusal": ("refused", "holder officer supervisor"),
        "withdraw": ("withdrawn", "checker"),
    },
    "noticed": {},
    "documents_review": {},
    "approved": {},
    "pre_reviewed": {},
    "recorded": {},
    "refused": {},
    "endorsed": {},
    "declined": {},
    "rejected": {},
    "withdrawn": {},
}
# An extension is decided by the exchange: in place of the forwarding.
ENDORSING = {"endorse": ("endorsed", "supervisor"), "decline": ("declined", "supervisor")}
OF_EXTENSION = TABLE | {
    "awaiting_signoff": {k: v for k, v in TABLE["awaiting_signoff"].items() if k != "forward"} | ENDORSING,
    "forwarded": {"withdraw": ("withdrawn", "checker")},
}
# A notice comes before its documents, and one person gives it; the exchange takes the documents on record.
AWAITING = {k: v for k, v in TABLE["awaiting_signoff"].items() if k != "forward"}
OF_EMERGENCY = OF_EXTENSION | {
    "draft": {
        "notify": ("noticed", "preparer checker"),
        "log_notice": ("noticed", "holder officer"),
        "withdraw": ("withdrawn", "preparer checker"),
    },
    "internal_review": {"withdraw": ("withdrawn", "preparer checker")},
    "internal_returned": {"withdraw": ("withdrawn", "preparer checker")},
    "signed_off": {"withdraw": ("withdrawn", "preparer checker")},
    "noticed": {
        "take": ("noticed", "holder officer"),
        "send_documents": ("documents_review", "preparer"),
        "withdraw": ("withdrawn", "checker"),
    },
    "documents_review": {
        "reopen": ("noticed", "preparer"),
        "return_documents": ("noticed", "checker"),
        "submit_documents": ("submitted", "checker"),
        "withdraw": ("withdrawn", "checker"),
    },
    "awaiting_signoff": AWAITING | {"record": ("recorded", "supervisor")},
}
OF_PRE_REVIEW = OF_EXTENSION | {"awaiting_signoff": AWAITING | {"give_opinion": ("pre_reviewed", "supervisor")}}
TABLES = {
    "first": TABLE,
    "extension": OF_EXTENSION,
    "emergency": OF_EMERGENCY,
    "pre_review": OF_PRE_REVIEW,
    "renewal": TABLE,
    "added_line": TABLE,
}
CELLS = [(kind, status) for kind in TABLES for status in TABLE]


def test_tables_here_name_every_status_and_action() -> None:
    assert {tuple(sorted(table)) for table in TABLES.values()} == {tuple(sorted(Status.values))}
    assert {action for table in TABLES.values() for row in table.values() for action in row} == set(Action.values)


@pytest.fixture(scope="module")
def stage(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """A case that an officer has in hand, and somebody of every role; made once, undone at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        case, cast = taken_case()
        elsewhere = Cast()
        people = {
            "preparer": cast.preparer,
            "checker": cast.checker,
            "firm_admin": person(Role.FIRM_ADMIN, firm=cast.firm),
            "holder": cast.officer,
            "officer": cast.other_officer,
            "supervisor": cast.supervisor,
            "auditor": cast.auditor,
            "operator": person(Role.OPERATOR),
            "other firm's preparer": elsewhere.preparer,
            "other firm's checker": elsewhere.checker,
            "nobody": person(Role.OFFICER, is_active=False),
        }
        yield case, people
        transaction.set_rollback(True)


def at_status(stage: Any, status: str, kind: str = "first") -> tuple[Application, dict[str, User]]:
    case, people = stage
    officer = None if status in {"submitted", "noticed"} else people["holder"]  # nobody has taken it yet
    Application.objects.filter(pk=case.pk).update(status=status, kind=kind, officer=officer)
    return lock(case.pk), people


@pytest.mark.parametrize(("kind", "status"), CELLS)
def test_cells_who_may(stage: Any, kind: str, status: str) -> None:
    case, people = at_status(stage, status, kind)
    wrong = []
    for action in Action.values:
        _, allowed = TABLES[kind][status].get(action, ("", ""))
        found = {who for who, user in people.items() if policy.may(user, action, case)}
        if found != set(allowed.split()):
            wrong.append((action, found))
    assert wrong == []
    # the buttons are read from the same
    for user in people.values():
        offered = [action for action in Action if policy.may(user, action, case)]
        assert sorted(policy.available_actions(user, case)) == sorted(offered)


def test_documents_of_a_notice_are_taken_by_who_took_the_notice(stage: Any) -> None:
    case, people = at_status(stage, "submitted", "emergency")
    assert {who for who, user in people.items() if policy.may(user, Action.TAKE, case)} == {"holder", "officer"}
    case.officer = people["holder"]
    assert {who for who, user in people.items() if policy.may(user, Action.TAKE, case)} == {"holder"}
    case.status = Status.NOTICED
    assert not any(policy.may(user, Action.TAKE, case) for user in people.values())


@pytest.mark.parametrize(("kind", "status"), CELLS)
def test_cells_move(stage: Any, kind: str, status: str) -> None:
    for action in Action.values:
        with transaction.atomic():
            cell_move(stage, kind, status, action)
            transaction.set_rollback(True)


def cell_move(stage: Any, kind: str, status: str, action: str) -> None:
    """The move writes status, revision, time and one event; where the table has none, Conflict and nothing else."""
    case, people = at_status(stage, status, kind)
    table = TABLES[kind]
    revision, events, told = case.revision, Event.objects.count(), Outbox.objects.count()
    if action not in table[status]:
        before = Application.objects.filter(pk=case.pk).values().get()
        with pytest.raises(Conflict) as refused, transaction.atomic():
            move(case, Action(action), by=people["holder"], at=AT)
        assert refused.value.case is case
        assert case.status == status
        assert Application.objects.filter(pk=case.pk).values().get() == before
        assert (Event.objects.count(), Outbox.objects.count()) == (events, told)
        return
    move(case, Action(action), by=people["holder"], at=AT, detail={"reason": "因"})
    after = table[status][action][0]
    stored = Application.objects.get(pk=case.pk)
    assert (stored.status, stored.revision, stored.changed_at) == (after, revision + 1, AT)
    assert Event.objects.count() == events + 1
    event = Event.objects.last()
    assert event is not None
    assert (event.application_id, event.what, event.before, event.after) == (case.pk, action, status, after)
    assert (event.actor, event.actor_name, event.actor_role) == (people["holder"], "李審查", "承辦人")
    assert (event.at, said(event), event.shared) == (AT, {"reason": "因"}, True)


def test_move_of_two_at_once_writes_an_event_for_each(stage: Any) -> None:
    case, people = at_status(stage, "internal_review")
    revision = case.revision
    move(case, Action.SIGN_OFF, Action.SUBMIT, by=people["checker"], at=AT)
    last = list(Event.objects.filter(application=case).order_by("-id")[:2])[::-1]
    assert [(one.what, one.before, one.after) for one in last] == [
        ("sign_off", "internal_review", "signed_off"),
        ("submit", "signed_off", "submitted"),
    ]
    assert case.revision == revision + 1
    assert Outbox.objects.filter(application=case, key=f"submit:{revision + 1}").count() == 1
    assert not Outbox.objects.filter(application=case, what="sign_off").exists()


def test_move_of_two_of_which_the_second_is_unknown_changes_nothing(stage: Any) -> None:
    case, people = at_status(stage, "internal_review")
    events = Event.objects.count()
    with pytest.raises(Conflict):
        move(case, Action.SIGN_OFF, Action.TAKE, by=people["checker"], at=AT)
    assert Application.objects.get(pk=case.pk).status == "internal_review"
    assert Event.objects.count() == events


def test_move_that_the_route_lacks_is_unknown(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    case, people = at_status(stage, "awaiting_signoff")
    monkeypatch.setattr("applications.lifecycle.route_of", lambda case: ("review", "endorse"))
    with pytest.raises(Conflict):
        move(case, Action.FORWARD, by=people["supervisor"], at=AT)
    move(case, Action.SEND_BACK, by=people["supervisor"], at=AT)
    assert case.status == "under_review"


def test_lock_with_an_old_revision_is_a_conflict(stage: Any) -> None:
    case, _ = at_status(stage, "under_review")
    assert lock(case.pk, revision=case.revision).pk == case.pk
    with pytest.raises(Conflict):
        lock(case.pk, revision=case.revision - 1)
