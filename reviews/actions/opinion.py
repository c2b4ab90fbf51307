"""預審完成: the exchange's opinion on a pre-review, by two people. It gives no right."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from applications.enums import Action
from applications.lifecycle import move
from reviews import verdicts
from reviews.actions.deciding import decided
from reviews.models import Recommendation


def give(*, case_id: int, revision: int, by: User, at: datetime, remark: str = "") -> Recommendation:
    """覆核並完成預審, of what was put up as 擬預審完成.

    The firm is told every verdict with its comment, and the officer's conclusion. What it is told is kept with the
    event, in its case: ``findings`` (item id -> verdict, comment) and ``reason``.

    Args:
        remark: the supervisor's, for people of the exchange alone.

    Raises:
        Conflict: another supervisor was first, or the firm withdrew.
        NotOpen: no supervisor, the one who put it up, or it was put up for something else.
    """
    with transaction.atomic():
        case, found = decided(case_id, revision, Action.GIVE_OPINION, by, at, [], remark)
        found.save()
        now = verdicts.read(case, number=found.submission.number)
        findings = {one.item_id: [one.verdict, one.comment] for one in now.findings.values()}
        detail = {"submission": found.submission.number, "reason": found.reasons, "findings": findings}
        move(case, Action.GIVE_OPINION, by=by, at=at, detail=detail, seals=[found])
    return found
