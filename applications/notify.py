"""Who is told what. Rows in the outbox; a task turns them into mail."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import User
from applications.enums import Action
from applications.models import Application, Outbox

FIRM = (Role.PREPARER, Role.CHECKER)

# action -> roles of the firm, roles of the exchange, the case officer
AUDIENCE: dict[str, tuple[tuple[Role, ...], tuple[Role, ...], bool]] = {
    Action.SEND_TO_CHECKER: ((Role.CHECKER,), (), False),
    Action.RETURN_TO_PREPARER: ((Role.PREPARER,), (), False),
    Action.SUBMIT: (FIRM, (Role.OFFICER,), False),
    Action.TAKE: (FIRM, (), False),
    Action.RETURN: (FIRM, (), False),
    Action.SEND_CORRECTION: ((Role.CHECKER,), (), False),
    Action.RETURN_CORRECTION: ((Role.PREPARER,), (), False),
    Action.SUBMIT_CORRECTION: (FIRM, (), True),
    Action.RECOMMEND: ((), (Role.SUPERVISOR,), False),
    Action.SEND_BACK: ((), (), True),
    Action.FORWARD: (FIRM, (), True),
    Action.REJECT: (FIRM, (), True),
    Action.RECORD_APPROVAL: (FIRM, (), True),
    Action.RECORD_REFUSAL: (FIRM, (), True),
    "hand_over": ((), (), True),
    Action.WITHDRAW: ((Role.PREPARER,), (), True),
}


def tell(case: Application, what: str, *, key: str, at: datetime) -> None:
    """Note that people are to be told of ``what``; ``key`` makes it once."""
    if what in AUDIENCE:
        Outbox.objects.create(application=case, what=what, key=key, created_at=at)


def audience(row: Outbox) -> QuerySet[User]:
    """The people whom an outbox row is for, as of now."""
    firm_roles, exchange_roles, officer = AUDIENCE[row.what]
    people = User.objects.none()
    active = User.objects.filter(is_active=True)
    if firm_roles:
        people |= active.filter(memberships__firm=row.application.firm_id, memberships__role__in=firm_roles)
    if exchange_roles:
        people |= active.filter(memberships__firm=None, memberships__role__in=exchange_roles)
    if officer and row.application.officer_id:
        people |= active.filter(pk=row.application.officer_id)
    return people.distinct().order_by("pk")
