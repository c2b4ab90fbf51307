"""Who sees which case, and who may do what: the only place that knows roles."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from accounts.enums import FIRM_ROLES, READERS_AT_EXCHANGE, Role
from accounts.models import User
from applications.enums import CAME_TO_NOTHING, FIRM_WRITES, GRANTED, SUPPLYING, UNSENT, Action, Status
from applications.lifecycle import MOVES, find, route_of
from applications.models import Application, Attachment, Event, FirmNotice

# While an officer has the case in hand.
IN_HAND = frozenset(
    {
        Status.UNDER_REVIEW,
        Status.RETURNED,
        Status.CORRECTION_REVIEW,
        Status.CORRECTED,
        Status.AWAITING_SIGNOFF,
        Status.FORWARDED,
    }
)

# What does not move a case: who may, while it is in which status (None: any).
PLAIN: dict[str, tuple[frozenset[Role], frozenset[Status] | None]] = {
    "create": (frozenset({Role.PREPARER}), None),
    "report": (frozenset({Role.PREPARER, Role.CHECKER}), frozenset({Status.DRAFT})),
    "edit": (
        frozenset({Role.PREPARER}),
        FIRM_WRITES | SUPPLYING | {Status.RETURNED, Status.INTERNAL_REVIEW, Status.SIGNED_OFF},
    ),
    "ratify": (
        frozenset({Role.PREPARER, Role.CHECKER}),
        frozenset(Status) - UNSENT - SUPPLYING - CAME_TO_NOTHING,
    ),
    "complete_duty": (frozenset({Role.PREPARER, Role.CHECKER}), GRANTED),
    "end_early": (frozenset({Role.PREPARER, Role.CHECKER}), GRANTED),
    "change_roster": (frozenset({Role.PREPARER, Role.CHECKER}), GRANTED),
    "note": (frozenset({Role.OFFICER, Role.SUPERVISOR}), None),
    "judge": (frozenset({Role.OFFICER}), frozenset({Status.UNDER_REVIEW, Status.CORRECTED})),
    "reclassify": (frozenset({Role.OFFICER}), frozenset({Status.UNDER_REVIEW, Status.CORRECTED})),
    "hand_over": (frozenset({Role.OFFICER}), IN_HAND | SUPPLYING | {Status.SUBMITTED}),
    "reassign": (frozenset({Role.SUPERVISOR}), IN_HAND | SUPPLYING | {Status.SUBMITTED}),
    "see_internal": (READERS_AT_EXCHANGE, None),
    "pack": (READERS_AT_EXCHANGE | {Role.CHECKER}, frozenset(Status) - UNSENT),
    "log_mail": (frozenset({Role.OFFICER}), None),
    "audit": (frozenset({Role.AUDITOR}), None),
    "hold": (frozenset({Role.AUDITOR, Role.SUPERVISOR}), None),
    "see_disposals": (frozenset({Role.AUDITOR, Role.SUPERVISOR}), None),
    "dispose": (frozenset({Role.SUPERVISOR}), None),
    "person": (frozenset({Role.FIRM_ADMIN, Role.CHECKER, Role.AUDITOR}), None),
}

# Events of somebody who wrote a part of the case.
WRITING = ("save", "cite", "uncite", "replace_file", "roster", "keep_section")

# What a second person of the firm answers for.
SIGNING = frozenset({Action.SIGN_OFF, Action.SUBMIT_CORRECTION, Action.SUBMIT_DOCUMENTS})

# Moves and deeds of the exchange that belong to the officer who has the case in hand.
OWN_CASE = frozenset({"judge", "reclassify", "hand_over", Action.RETURN, Action.RECOMMEND})


def scope(user: User, case: str = "") -> Q:
    """The condition on rows of the cases that this person may know of.

    Args:
        case: the way from the row to its case, ``"application__"``; nothing where the row is the case.
    """
    if user.firm and user.roles & FIRM_ROLES:
        return Q(**{f"{case}firm": user.firm})
    if user.roles & READERS_AT_EXCHANGE:
        return Q(**{f"{case}number__isnull": False}) & ~Q(**{f"{case}status__in": UNSENT})
    return Q(pk__in=[])


def visible_to(user: User) -> QuerySet[Application]:
    """The cases that this person may know of: every list and every look-up starts here, or at ``scope``."""
    return Application.objects.select_related("firm").filter(scope(user))


def listed_for(user: User) -> QuerySet[Application]:
    """``visible_to`` for a list: with what ``may`` would have to ask of each case by itself."""
    mine = Event.objects.filter(application=OuterRef("pk"), actor=user, what__in=WRITING)
    return visible_to(user).annotate(wrote=Exists(mine), wrote_by=Value(user.pk))


def may(user: User, action: str, case: Application | None = None) -> bool:
    """Whether this person may do this to this case now.

    Args:
        action: an ``Action``, or a key of ``PLAIN``.
        case: None only for what needs no case (``create``).
    """
    if not user.is_active:
        return False
    if case is None:
        return bool(user.roles & PLAIN[action][0])
    if case.destroyed_at is not None:
        return False
    side = user.firm is not None and user.firm.pk == case.firm_id
    if user.firm is not None and not side:
        return False
    if action == "edit" and case.noticing:
        action = "report"  # in an emergency one person is enough (clause 2.1.1)
    if action in PLAIN:
        roles, statuses = PLAIN[action]
        if statuses is not None and case.status not in statuses:
            return False
    else:
        found = find(action, case.status, route_of(case))
        if found is None:
            return False
        roles = frozenset(found.roles)
    # a firm's role counts in that firm alone, an exchange role never there
    if not (user.roles & roles & (FIRM_ROLES if side else frozenset(set(Role)) - FIRM_ROLES)):
        return False
    if action in SIGNING and _wrote(user, case):
        return False
    if action in {"hand_over", "reassign"} and case.status == Status.SUBMITTED:
        return case.officer_id is not None and (action == "reassign" or case.officer_id == user.pk)
    if action == Action.TAKE and case.officer_id is not None:
        return case.officer_id == user.pk and case.status == Status.SUBMITTED  # the documents of a notice that he took
    return not (action in OWN_CASE and case.officer_id != user.pk)


def is_up(user: User, case: Application) -> bool:
    """Whether the case waits for this person: some action other than withdrawing or taking back is open."""
    waiting = [action for action in available_actions(user, case) if action not in {Action.WITHDRAW, Action.REOPEN}]
    writing = FIRM_WRITES | {Status.RETURNED, Status.NOTICED}
    return bool(waiting) or (case.status in writing and may(user, "edit", case))


def filed(attachment: Attachment) -> bool:
    """Whether a file belongs to something that was sent to the exchange, or came from it."""
    if attachment.uploaded_by.at_exchange or FirmNotice.objects.filter(attachment=attachment).exists():
        return True
    return any(
        proof["file"] == attachment.pk
        for submission in attachment.application.submissions.all()
        for proofs in submission.content["evidence"].values()
        for proof in proofs
    )


def knows(action: Action, case: Application) -> bool:
    """Whether the table has this move from where the case is, whoever may make it."""
    return find(action, case.status, route_of(case)) is not None


def _wrote(user: User, case: Application) -> bool:
    """Nobody signs off what he sent for sign-off or wrote himself, even where a colleague wrote over it since."""
    if case.prepared_by_id == user.pk:
        return True
    if getattr(case, "wrote_by", None) == user.pk:
        return bool(case.wrote)  # type: ignore[attr-defined]  # ``listed_for`` has asked it of all cases at once
    return case.events.filter(actor=user, what__in=WRITING).exists()


def operates(user: User) -> bool:
    """Whether this person keeps the calendar, our own parameters, and what runs by itself."""
    return user.is_active and user.firm is None and Role.OPERATOR in user.roles


def reads_record(user: User) -> bool:
    """Whether this person may read what operators changed."""
    return operates(user) or (user.is_active and user.firm is None and Role.AUDITOR in user.roles)


def available_actions(user: User, case: Application) -> list[Action]:
    """The moves that this person may make now, in the order of the table."""
    seen = {move.action: None for move in MOVES}
    return [action for action in seen if may(user, action, case)]
