"""The transition table, and the only code that writes a status.

``MOVES`` is read by the buttons, the checks, the tests and docs/states.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import User
from applications import clocks, notify
from applications.appending import Step, append
from applications.enums import CAME_TO_NOTHING, CORRECTING, GRANTED, SUPPLYING, Action, Status
from applications.models import Application

S, A, R = Status, Action, Role


@dataclass(frozen=True)
class Move:
    """One row: this action takes a case from one of these statuses to that one, by one of these roles.

    ``step`` is the step of the kind's route (catalogue) that the move belongs to; a kind
    whose route lacks it does not know the move, nor one whose route has ``but``.
    """

    action: Action
    sources: tuple[Status, ...]
    target: Status
    roles: tuple[Role, ...]
    step: str = ""
    but: str = ""

    def on(self, route: tuple[str, ...]) -> bool:
        """Whether a kind with this route knows the move."""
        return (not self.step or self.step in route) and (not self.but or self.but not in route)


MOVES = (
    Move(A.SEND_TO_CHECKER, (S.DRAFT, S.INTERNAL_RETURNED), S.INTERNAL_REVIEW, (R.PREPARER,), but="notice"),
    Move(A.REOPEN, (S.INTERNAL_REVIEW, S.SIGNED_OFF), S.DRAFT, (R.PREPARER,), but="notice"),
    Move(
        A.RETURN_TO_PREPARER,
        (S.INTERNAL_REVIEW, S.SIGNED_OFF),
        S.INTERNAL_RETURNED,
        (R.CHECKER,),
        but="notice",
    ),
    Move(A.SIGN_OFF, (S.INTERNAL_REVIEW,), S.SIGNED_OFF, (R.CHECKER,), but="notice"),
    Move(A.SUBMIT, (S.SIGNED_OFF,), S.SUBMITTED, (R.CHECKER, R.PREPARER), but="notice"),
    Move(A.NOTIFY, (S.DRAFT,), S.NOTICED, (R.PREPARER, R.CHECKER), "notice"),
    Move(A.LOG_NOTICE, (S.DRAFT,), S.NOTICED, (R.OFFICER,), "notice"),
    Move(A.TAKE, (S.NOTICED,), S.NOTICED, (R.OFFICER,), "notice"),
    Move(A.SEND_DOCUMENTS, (S.NOTICED,), S.DOCUMENTS_REVIEW, (R.PREPARER,), "notice"),
    Move(A.REOPEN, (S.DOCUMENTS_REVIEW,), S.NOTICED, (R.PREPARER,), "notice"),
    Move(A.RETURN_DOCUMENTS, (S.DOCUMENTS_REVIEW,), S.NOTICED, (R.CHECKER,), "notice"),
    Move(A.SUBMIT_DOCUMENTS, (S.DOCUMENTS_REVIEW,), S.SUBMITTED, (R.CHECKER,), "notice"),
    Move(A.TAKE, (S.SUBMITTED,), S.UNDER_REVIEW, (R.OFFICER,), "review"),
    Move(A.RETURN, (S.UNDER_REVIEW, S.CORRECTED), S.RETURNED, (R.OFFICER,), "review"),
    Move(A.SEND_CORRECTION, (S.RETURNED,), S.CORRECTION_REVIEW, (R.PREPARER,), "review"),
    Move(A.RETURN_CORRECTION, (S.CORRECTION_REVIEW,), S.RETURNED, (R.CHECKER,), "review"),
    Move(A.SUBMIT_CORRECTION, (S.CORRECTION_REVIEW,), S.CORRECTED, (R.CHECKER,), "review"),
    Move(A.RECOMMEND, (S.UNDER_REVIEW, S.CORRECTED), S.AWAITING_SIGNOFF, (R.OFFICER,), "review"),
    Move(A.SEND_BACK, (S.AWAITING_SIGNOFF,), S.UNDER_REVIEW, (R.SUPERVISOR,), "review"),
    Move(A.REJECT, (S.AWAITING_SIGNOFF,), S.REJECTED, (R.SUPERVISOR,), "review"),
    Move(A.FORWARD, (S.AWAITING_SIGNOFF,), S.FORWARDED, (R.SUPERVISOR,), "forward"),
    Move(A.ENDORSE, (S.AWAITING_SIGNOFF,), S.ENDORSED, (R.SUPERVISOR,), "endorse"),
    Move(A.DECLINE, (S.AWAITING_SIGNOFF,), S.DECLINED, (R.SUPERVISOR,), "endorse"),
    Move(A.RECORD, (S.AWAITING_SIGNOFF,), S.RECORDED, (R.SUPERVISOR,), "record"),
    Move(A.GIVE_OPINION, (S.AWAITING_SIGNOFF,), S.PRE_REVIEWED, (R.SUPERVISOR,), "opinion"),
    Move(A.RECORD_APPROVAL, (S.FORWARDED,), S.APPROVED, (R.OFFICER, R.SUPERVISOR), "authority"),
    Move(A.RECORD_REFUSAL, (S.FORWARDED,), S.REFUSED, (R.OFFICER, R.SUPERVISOR), "authority"),
    Move(
        A.WITHDRAW,
        (S.DRAFT, S.INTERNAL_RETURNED, S.INTERNAL_REVIEW, S.SIGNED_OFF),
        S.WITHDRAWN,
        (R.PREPARER, R.CHECKER),
    ),
    Move(
        A.WITHDRAW,
        (
            *(S.SUBMITTED, S.UNDER_REVIEW, S.RETURNED, S.CORRECTION_REVIEW, S.CORRECTED),
            *(S.AWAITING_SIGNOFF, S.FORWARDED),
        ),
        S.WITHDRAWN,
        (R.CHECKER,),
    ),
    Move(A.WITHDRAW, (S.NOTICED, S.DOCUMENTS_REVIEW), S.WITHDRAWN, (R.CHECKER,), "notice"),
)


# Statuses in which something is due by a day. A notice has days of its own until its case has ended.
CLOCKED = SUPPLYING | GRANTED | CORRECTING


class Conflict(Exception):
    """Somebody else was first, or the page is older than the case: HTTP 409. ``case`` is as it stands now."""

    def __init__(self, case: Application) -> None:
        super().__init__(str(case))
        self.case = case


def find(action: str, status: str, route: tuple[str, ...]) -> Move | None:
    """The move for this action from this status on this route, or None."""
    for move in MOVES:
        if move.action == action and status in move.sources and move.on(route):
            return move
    return None


def route_of(case: Application) -> tuple[str, ...]:
    return case.version.kind(case.kind).route


def lock(
    case_id: int,
    *,
    revision: int | None = None,
    related: Iterable[str] = (),
    among: QuerySet[Application] | None = None,
) -> Application:
    """The case under its row lock; everything that changes a case starts here.

    Args:
        case_id: the case.
        revision: the one that the page was drawn from; None where it does not matter.
        related: rows to read with it. They are as they were before the lock was waited for, so compare the
            revision before they are used.
        among: the cases to look among (``policy.visible_to``); None for all.

    Raises:
        Conflict: the case has moved on since.
        Application.DoesNotExist: there is no such case among them.
    """
    cases = Application.objects.all() if among is None else among
    case = cases.select_for_update(of=("self",)).select_related("firm", *related).get(pk=case_id)
    if revision is not None and case.revision != revision:
        raise Conflict(case)
    return case


def move(
    case: Application,
    *actions: Action,
    by: User,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
    shared: bool = True,
    seals: Iterable[Any] = (),
    **fields: Any,
) -> None:
    """Write the new status, the given fields, an event for each action and who is to be told.

    The case must be locked. Who may is asked of ``policy`` before; this only holds the table.

    Args:
        actions: one action, or several that happen at once (覆核並送件).
        detail: what the events keep besides (a reason, counts); JSON.
        shared: whether the firm sees the events.
        seals: rows that decide something and were written for it; see ``trail.SEALED``.
        fields: columns of the case that change with the move.

    Raises:
        Conflict: the table has no such move from the status in which the case now is.
    """
    moved = []
    started = case.status
    for action in actions:
        found = find(action, case.status, route_of(case))
        if found is None:
            raise Conflict(case)
        moved.append(Step(action, case.status, found.target))
        case.status = found.target
    case.revision += 1
    case.changed_at = at
    for name, value in fields.items():
        setattr(case, name, value)
    case.save(update_fields=["status", "revision", "changed_at", *fields])
    append(case.pk, *moved, by=by, at=at, detail=detail, shared=shared, seals=[*seals, case])
    if CLOCKED & {started, case.status} or case.version.kind(case.kind).by_notice:
        clocks.schedule(case, at=at)
    if case.status in CAME_TO_NOTHING and case.previous_id and case.number:
        clocks.schedule(lock(case.previous_id), at=at)  # what was to be filed by a day is to be filed again
    notify.tell(case, actions[-1], key=f"{actions[-1]}:{case.revision}", at=at)


def touch(case: Application, *, at: datetime) -> None:
    """A locked case has changed without a move: a page that was drawn before is stale now."""
    case.revision += 1
    case.changed_at = at
    case.save(update_fields=["revision", "changed_at"])


def record(
    case: Application,
    what: str,
    *,
    by: User | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
    shared: bool = True,
    seals: Iterable[Any] = (),
) -> None:
    """Append an event that is not a move; the case must be locked, or made in this transaction.

    Args:
        by: None for what the system does by itself.
    """
    append(case.pk, Step(what), by=by, at=at, detail=detail, shared=shared, seals=seals)
