"""The exchange's own decisions, by two people: 核備 of an extension or not, 備查 of an emergency's documents."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import clocks, ledger
from applications.actions.drafting import Unmet
from applications.enums import Action
from applications.lifecycle import lock, move
from applications.models import Application, Decision
from applications.present import show_date
from guideline.values import as_date
from reviews.actions.deciding import Span, decided, number_problems, overlap_problems
from reviews.models import Recommendation

GIVING = frozenset({Action.ENDORSE, Action.RECORD})


def decide(
    *,
    case_id: int,
    revision: int,
    action: Action,
    document_number: str,
    by: User,
    at: datetime,
    remark: str = "",
    conditions: str = "",
) -> Decision:
    """覆核並同意核備, 不予核備 or 同意備查, of what was put up as such (clauses 2.1.1 and 2.1.2).

    The period of an extension begins on the day after the one before has ended; where that is past, on the day of the
    decision, since nothing was allowed in between. Its last day stays. That of an emergency began with the notice, and
    is recorded as it was, even where it is over.

    Args:
        action: ``ENDORSE``, ``DECLINE`` or ``RECORD``.
        document_number: 文號 of the exchange's letter, typed by a person, at most 40 characters.

    Raises:
        Conflict: another supervisor was first, or the firm withdrew.
        NotOpen: no supervisor, the one who put it up, or it was put up for something else.
        Unmet: no number, no day left to allow, or days that overlap others.
    """
    given = action in GIVING
    with transaction.atomic():
        problems = number_problems(document_number)
        case, found = decided(case_id, revision, action, by, at, problems, remark)
        found.document_number = document_number.strip()
        found.save()
        today = timezone.localdate(at)
        spans = _spans(found, today, since_notice=action == Action.RECORD) if given else {}
        decision = Decision.objects.create(
            application=case,
            approved=given,
            document_number=found.document_number,
            dated=today,
            conditions=conditions,
            recorded_by=by,
            recorded_at=at,
        )
        try:
            written = ledger.add(case=case, spans=spans, by=by, at=at)
        except ledger.Overlap as overlap:
            raise Unmet(*(("document_number", text) for _line, text in overlap_problems(case, overlap))) from overlap
        detail = {
            "document_number": found.document_number,
            "reason": "" if given else found.reasons,
            "submission": found.submission.number,
            "periods": {one.line: [one.first_day.isoformat(), one.until.isoformat()] for one in written},
        }
        move(case, action, by=by, at=at, detail=detail, seals=[found, decision, *written])
        reschedule_previous(case, at=at)
    return decision


def _spans(found: Recommendation, today: date, *, since_notice: bool) -> dict[str, Span]:
    content = found.submission.content
    first, last = as_date(content["first_day"]), as_date(content["last_day"])
    assert first is not None
    assert last is not None
    if since_notice:
        return dict.fromkeys(content["lines"], (first, last))
    if last < today:
        text = _("延展期間已於 {day} 屆滿，無從核備").format(day=show_date(last))
        raise Unmet(("document_number", text))
    return dict.fromkeys(content["lines"], (max(first, today), last))


def reschedule_previous(case: Application, *, at: datetime) -> None:
    """The days of the case before change with what follows it."""
    if case.previous_id:
        clocks.schedule(lock(case.previous_id), at=at)
