"""Who is told what. Rows in the outbox; a task turns them into mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import connection
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from applications.deadlines import CORRECTION, DOCUMENTS, EXPIRY, RATIFICATION
from applications.enums import Action
from applications.models import Application, Notification, Outbox

FIRM = (Role.PREPARER, Role.CHECKER)

# action -> roles of the firm, roles of the exchange, the case officer
AUDIENCE: dict[str, tuple[tuple[Role, ...], tuple[Role, ...], bool]] = {
    Action.SEND_TO_CHECKER: ((Role.CHECKER,), (), False),
    Action.RETURN_TO_PREPARER: ((Role.PREPARER,), (), False),
    Action.SUBMIT: (FIRM, (Role.OFFICER,), False),
    Action.TAKE: (FIRM, (), False),
    Action.NOTIFY: (FIRM, (Role.OFFICER, Role.SUPERVISOR), False),
    Action.LOG_NOTICE: (FIRM, (), False),
    Action.SEND_DOCUMENTS: ((Role.CHECKER,), (), False),
    Action.RETURN_DOCUMENTS: ((Role.PREPARER,), (), False),
    Action.SUBMIT_DOCUMENTS: (FIRM, (Role.OFFICER,), False),
    Action.RECORD: (FIRM, (), True),
    Action.GIVE_OPINION: (FIRM, (), True),
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
    Action.ENDORSE: (FIRM, (), True),
    Action.DECLINE: (FIRM, (), True),
    "hand_over": ((), (), True),
    "heads_signed": ((), (Role.AUDITOR,), False),
    "trail_broken": ((), (Role.OPERATOR, Role.AUDITOR), False),
    "mail_waiting": ((), (Role.OFFICER, Role.SUPERVISOR), False),
    Action.WITHDRAW: ((Role.PREPARER,), (), True),
    "end_early": (FIRM, (), True),
    "give_way": (FIRM, (), True),
    "ratify": (FIRM, (), True),
    "roster_change": (FIRM, (), True),
    "reclassify": (FIRM, (), False),
    "file_found": (FIRM, (), True),
}

NOBODY: tuple[tuple[Role, ...], tuple[Role, ...], bool] = ((), (), False)

# Reminders go to the firm. The case officer is told of these, and of whatever is overdue;
# supervisors of the last ones, once they are overdue.
DUE, OVERDUE = "due", "overdue"
OFFICERS = frozenset({EXPIRY, CORRECTION})
ESCALATED = frozenset({DOCUMENTS, RATIFICATION})

# ``case_officer`` stands for a role. A membership without a firm is of the exchange, and no role is of both.
NOTIFY = """WITH told(what, role) AS (VALUES {told})
INSERT INTO applications_notification (outbox_id, user_id, attempts, last_error)
SELECT o.id, u.id, 0, ''
FROM applications_outbox o
LEFT JOIN applications_application a ON a.id = o.application_id
JOIN told ON told.what = o.what
JOIN accounts_membership m ON m.role = told.role AND (m.firm_id = a.firm_id OR m.firm_id IS NULL)
JOIN accounts_user u ON u.id = m.user_id AND u.is_active
WHERE o.id IN ({rows})
UNION
SELECT o.id, u.id, 0, ''
FROM applications_outbox o
JOIN applications_application a ON a.id = o.application_id
JOIN told ON told.what = o.what AND told.role = 'case_officer'
JOIN accounts_user u ON u.id = a.officer_id AND u.is_active
WHERE o.id IN ({rows})
ORDER BY 1, 2
ON CONFLICT DO NOTHING"""


def tell(case: Application, what: str, *, key: str, at: datetime) -> None:
    """Note that people are to be told of ``what``; ``key`` makes it once."""
    if what in AUDIENCE:
        Outbox.objects.create(application=case, what=what, key=key, created_at=at)


def tell_of(what: str, *, path: str, key: str, at: datetime) -> None:
    """``tell`` of something that is no case yet; ``path`` is where it is to be seen."""
    Outbox.objects.create(what=what, path=path, key=key, created_at=at)


def tell_person(user: User, what: str, *, case: Application | None, path: str, key: str, at: datetime) -> None:
    """Tell one person of what he asked for himself."""
    row = Outbox.objects.create(application=case, what=what, path=path, key=key, created_at=at, expanded_at=at)
    Notification.objects.create(outbox=row, user=user)


def tell_once(what: str, *, path: str, key: str, at: datetime) -> None:
    """``tell_of``, unless it was told before."""
    if not Outbox.objects.filter(application=None, key=key).exists():
        tell_of(what, path=path, key=key, at=at)


def path(row: Outbox) -> str:
    """Where a row of the outbox is to be seen: what it names itself, the days of the case, or the case."""
    if row.path or row.application is None:
        return row.path
    return reverse("deadlines", args=[row.application_id]) if row.deadline_id else row.application.get_absolute_url()


def told(what: str) -> tuple[tuple[Role, ...], tuple[Role, ...], bool]:
    """Whom a row of the outbox is for, as ``AUDIENCE`` has it; a reminder is ``due:`` or ``overdue:`` a deadline."""
    kind, _colon, deadline = what.partition(":")
    if kind not in {DUE, OVERDUE}:
        return AUDIENCE.get(what, NOBODY)
    late = kind == OVERDUE
    return FIRM, (Role.SUPERVISOR,) if late and deadline in ESCALATED else (), late or deadline in OFFICERS


def write_notifications(ids: Sequence[int], whats: Iterable[str]) -> None:
    """One notification for each person whom these rows of the outbox are for; none twice, none for who has left.

    Args:
        ids: the rows.
        whats: every ``what`` that they have.
    """
    pairs = [(what, role) for what in whats for role in _roles(what)]
    if not pairs:
        return
    rows, told_values = ", ".join(["%s"] * len(ids)), ", ".join(["(%s, %s)"] * len(pairs))
    with connection.cursor() as cursor:
        cursor.execute(
            NOTIFY.format(told=told_values, rows=rows), [*(word for pair in pairs for word in pair), *ids, *ids]
        )


def _roles(what: str) -> Iterator[str]:
    firm, exchange, officer = told(what)
    yield from (*firm, *exchange)
    if officer:
        yield "case_officer"
