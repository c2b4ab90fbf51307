"""What an exchange's person may do, where it also depends on what was put up for sign-off.

Roles are known to ``applications.policy`` alone; this adds who recommended and what.
"""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import User
from applications import policy
from applications.enums import Action
from applications.lifecycle import MOVES, route_of
from applications.models import Application
from reviews.models import Recommendation

# Each release follows its recommendation.
RELEASES = {
    Action.FORWARD: Recommendation.Outcome.FORWARD,
    Action.REJECT: Recommendation.Outcome.REJECT,
    Action.ENDORSE: Recommendation.Outcome.ENDORSE,
    Action.DECLINE: Recommendation.Outcome.DECLINE,
    Action.RECORD: Recommendation.Outcome.RECORD,
    Action.GIVE_OPINION: Recommendation.Outcome.OPINION,
}
OF_SIGNOFF = frozenset(RELEASES) | {Action.SEND_BACK}


def may(user: User, action: str, case: Application, recommendation: Recommendation | None = None) -> bool:
    """Whether this person may do this to this case now.

    Args:
        recommendation: the one that waits for a decision, see ``waiting``; needed for the actions of
            sign-off, which another person than the recommender takes.
    """
    if not policy.may(user, action, case):
        return False
    if action in OF_SIGNOFF:
        if recommendation is None or recommendation.by_id == user.pk:
            return False
        return action not in RELEASES or recommendation.outcome == RELEASES[Action(action)]
    return True


def may_hand_over(user: User, case: Application) -> bool:
    """The officer who has it in hand may hand it over; a supervisor may hand over any."""
    return policy.may(user, "hand_over", case) or policy.may(user, "reassign", case)


def available_actions(user: User, case: Application, recommendation: Recommendation | None) -> list[Action]:
    """The moves that this person may make now, in the order of the table."""
    return [action for action in policy.available_actions(user, case) if may(user, action, case, recommendation)]


def ever(user: User, action: str) -> bool:
    """Whether this is an act of this person's roles at all, whatever the case and whoever has it."""
    if action in policy.PLAIN:
        return policy.may(user, action)
    return any(user.roles & set(move.roles) for move in MOVES if move.action == action)


def outcomes(case: Application) -> list[Recommendation.Outcome]:
    """What can be put up for this case, by the route of its kind."""
    steps = route_of(case)
    return [
        outcome
        for action, outcome in RELEASES.items()
        if any(move.action == action and move.on(steps) for move in MOVES)
    ]


def waiting(case: Application) -> Recommendation | None:
    """The recommendation that waits for a supervisor, or None. One query."""
    found = Recommendation.objects.filter(submission__application=case, decided_at=None)
    return found.select_related("by", "submission").order_by("id").last()


def officers() -> QuerySet[User]:
    """The people into whose hands a case can be put."""
    return User.objects.filter(is_active=True, memberships__firm=None, memberships__role=Role.OFFICER).order_by("name")
