"""The officer's work on a case: verdicts, 退請補正, 陳核."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications.actions.drafting import Unmet, noticed_items
from applications.enums import Action
from applications.lifecycle import Conflict, lock, move, record
from applications.models import Application, Correction
from applications.present import clause_number
from applications.workdays import Calendar
from reviews import policy as rules
from reviews import verdicts
from reviews.actions.casework import allowed
from reviews.models import Recommendation, Verdict
from reviews.verdicts import Finding, Round, not_filed

FAVOURABLE = frozenset(
    {
        *(Recommendation.Outcome.FORWARD, Recommendation.Outcome.ENDORSE, Recommendation.Outcome.RECORD),
        Recommendation.Outcome.OPINION,
    }
)


@dataclass(frozen=True)
class Entry:
    """What the officer said of one item, and the revision of the finding that the page showed."""

    verdict: str
    comment: str
    revision: int


class Stale(Exception):
    """Findings were written after the page was drawn; ``standing`` has them as they are now, by item."""

    def __init__(self, standing: dict[str, Finding]) -> None:
        super().__init__(", ".join(standing))
        self.standing = standing


def judge(*, case_id: int, submission: int, entries: Mapping[str, Entry], by: User, at: datetime) -> Round:
    """Keep verdicts and comments, complete or not: a 須補正 without its comment is kept too.

    All or nothing. An item of which nothing was said, and one that says what stands already, is left alone.

    Args:
        submission: number of the submission that the page showed.
        entries: item id -> what was said.

    Returns:
        What stands now.

    Raises:
        Conflict: the case has moved on, a newer submission came in, or it is in another officer's hands.
        NotOpen: no officer.
        Stale: one of these items was judged in between.
        KeyError: there is no such item in the submission.
    """
    with transaction.atomic():
        case = lock(case_id)
        allowed(case, "judge", by)
        now = verdicts.read(case)
        if now.submission.number != submission:
            raise Conflict(case)
        changed: dict[str, Entry] = {}
        stale: dict[str, Finding] = {}
        for item_id, entry in entries.items():
            standing = now.findings[item_id]
            same = (entry.verdict, entry.comment) == (standing.verdict, standing.comment)
            fresh = entry.revision == standing.revision
            if same or not (fresh or entry.verdict or entry.comment):
                continue
            if fresh:
                changed[item_id] = entry
            else:
                stale[item_id] = standing
        if stale:
            raise Stale(stale)
        if not changed:
            return now
        rows = [
            Verdict(
                submission=now.submission,
                item_id=item_id,
                verdict=entry.verdict,
                comment=entry.comment,
                revision=entry.revision + 1,
                by=by,
                at=at,
            )
            for item_id, entry in changed.items()
        ]
        _write(rows)
        items = {item_id: [now.findings[item_id].verdict, entry.verdict] for item_id, entry in changed.items()}
        detail = {"submission": now.submission.number, "items": items}
        record(case, "judge", by=by, at=at, detail=detail, shared=False, seals=rows)
        return verdicts.read(case)


def _write(rows: list[Verdict]) -> None:
    Verdict.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["submission", "item_id"],
        update_fields=["verdict", "comment", "revision", "carried", "by", "at"],
    )


def propose_due(today: date, days: int, calendar: Calendar) -> date:
    """The due date that a correction is proposed: ``days`` calendar days on, or the last working day before.

    ``days`` is our own parameter (``correction_days``), not the guideline's.
    """
    day = calendar.on_or_before(today + timedelta(days=days))
    return day if day > today else today + timedelta(days=days)


def uncommented(found: Round) -> list[tuple[str, str]]:
    """A problem for each 須補正 that does not say what is to be mended."""
    return [
        (
            one.item_id,
            _("{number}：選「須補正」者，請填寫補正意見").format(number=clause_number(found.item(one.item_id))),
        )
        for one in found.failing
        if not one.comment.strip()
    ]


def unmendable(found: Round, case: Application) -> list[tuple[str, str]]:
    """A problem for each 須補正 in what a notice said, which stands as it was given (clause 2.1.1)."""
    said = noticed_items(case)
    return [
        (
            one.item_id,
            _("{number}：通報內容已定，無從補正；請改為其他審查結果，於意見敘明，或擬退件").format(
                number=clause_number(found.item(one.item_id))
            ),
        )
        for one in found.failing
        if one.item_id in said
    ]


def return_for_correction(
    *, case_id: int, revision: int, basis: str, letter: str, due_on: date, by: User, at: datetime
) -> Correction:
    """退請補正: the firm may change the failing items, and only those, until it resubmits.

    Where the case was reclassified since, it also has to fill in what its kind asks besides.

    Args:
        basis: ``Round.basis`` that the letter was written from.
        letter: the notice, as edited.
        due_on: the last day; our own parameter, not the guideline's.

    Raises:
        Conflict: the case has moved on, or verdicts changed after the letter was drawn up.
        NotOpen: it is not this officer's case.
        Unmet: no item fails, one fails that cannot be mended, a comment or the letter is missing, or the due date is
            not in the future.
    """
    with transaction.atomic():
        case = lock(case_id, revision=revision)
        allowed(case, Action.RETURN, by)
        now = verdicts.read(case)
        problems, besides = [*uncommented(now), *unmendable(now, case)], not_filed(case, now)
        if not now.failing and not besides:
            problems.append(("", _("沒有「須補正」之項目，無法退請補正")))
        if not letter.strip():
            problems.append(("letter", _("請填寫補正通知")))
        if due_on <= timezone.localdate(at):
            problems.append(("due_on", _("補正期限須晚於今日")))
        if problems:
            raise Unmet(*problems)
        if basis != now.basis:
            raise Conflict(case)
        items = {one.item_id: one.comment for one in now.failing} | besides
        correction = Correction.objects.create(
            application=case,
            submission=now.submission,
            items=items,
            letter=letter,
            due_on=due_on,
            issued_by=by,
            issued_at=at,
        )
        detail = {"submission": now.submission.number, "items": list(items), "due_on": due_on.isoformat()}
        move(case, Action.RETURN, by=by, at=at, detail=detail, seals=[correction])
    return correction


def unready(case: Application, found: Round) -> list[tuple[str, str]]:
    """A problem for each item that keeps a case from being put up favourably.

    An opinion (預審完成) may find fault, and says with what.
    """
    problems = [
        (
            item_id,
            _("{number}：類型變更後應填報，尚未送件；請退請補正").format(number=clause_number(found.item(item_id))),
        )
        for item_id in not_filed(case, found)
    ]
    if case.for_opinion:
        problems += uncommented(found)
    for one in found.findings.values():
        number = clause_number(found.item(one.item_id))
        if not one.verdict:
            problems.append((one.item_id, _("{number}：尚未審查").format(number=number)))
        elif one.fails and not case.for_opinion:
            problems.append((one.item_id, _("{number}：須補正，不得擬同意或轉報").format(number=number)))
    return problems


def recommend(*, case_id: int, revision: int, outcome: str, reasons: str, by: User, at: datetime) -> Recommendation:
    """陳核: put up 擬轉報, 擬預審完成, 擬退件 and so on for another person's decision; the firm does not see which.

    Raises:
        Conflict: the case has moved on.
        NotOpen: it is not this officer's case.
        Unmet: 擬轉報, 擬同意核備 or 擬同意備查 while an item has no verdict or 須補正; 擬預審完成 while one has no
            verdict, or 須補正 and no comment; 擬退件 without reasons.
    """
    with transaction.atomic():
        case = lock(case_id, revision=revision)
        allowed(case, Action.RECOMMEND, by)
        now = verdicts.read(case)
        if outcome not in rules.outcomes(case):
            problems = [("outcome", _("請選擇審查結論"))]
        elif outcome in FAVOURABLE:
            problems = unready(case, now)
        else:
            problems = [] if reasons.strip() else [("reasons", _("擬退件或不予核備者，請填寫理由"))]
        if problems:
            raise Unmet(*problems)
        carried = materialise(now)
        found = Recommendation.objects.create(submission=now.submission, outcome=outcome, reasons=reasons, by=by, at=at)
        detail = {"submission": now.submission.number, "outcome": outcome, "recommendation": found.pk}
        move(case, Action.RECOMMEND, by=by, at=at, detail=detail, shared=False, seals=[found, *carried])
    return found


def materialise(now: Round) -> list[Verdict]:
    """Write the findings that were carried from an earlier submission as rows of this one, for the event to seal."""
    own = set(now.submission.verdicts.values_list("item_id", flat=True))
    return Verdict.objects.bulk_create(
        Verdict(
            submission=now.submission,
            item_id=one.item_id,
            verdict=one.verdict,
            comment=one.comment,
            revision=0,
            carried=True,
            by=one.by,
            at=one.at,
        )
        for one in now.findings.values()
        if one.carried and one.at is not None and one.item_id not in own
    )
