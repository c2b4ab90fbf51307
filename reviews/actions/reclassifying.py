"""改列: the officer in charge puts a case under the kind that it is, with a reason that the firm sees (our reading)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications import notify
from applications.actions.copying import take_over
from applications.actions.drafting import Unmet
from applications.actions.reasons import reason_problems
from applications.actions.starting import known
from applications.enums import Carry
from applications.finding import open_to
from applications.lifecycle import lock, record
from applications.models import Application, Section, Submission
from guideline.shape import ADDED_LINE, FIRST, PRE_REVIEW, RENEWAL, Kind
from reviews import verdicts
from reviews.actions.casework import allowed
from reviews.actions.judging import materialise

WHAT = "reclassify"
# What may be mistaken for one another. An extension is another procedure, with days that hang on its period, and what
# begins with a notice cannot have been anything else: neither is put under another kind, nor another under them.
ALIKE = {
    FIRST: (RENEWAL, ADDED_LINE, PRE_REVIEW),
    RENEWAL: (FIRST, ADDED_LINE),
    ADDED_LINE: (FIRST, RENEWAL),
    PRE_REVIEW: (FIRST,),
}


def targets(case: Application, at: datetime) -> list[tuple[Kind, int | None]]:
    """The kinds that a case can be put under by its version and the ledger, and the case that it would follow."""
    facts = known(case.firm, at, but=case.pk, under=case.version)
    lines = list(case.lines)
    found: list[tuple[Kind, int | None]] = []
    for kind in case.version.kinds:
        if kind.id not in ALIKE.get(case.kind, ()) or not lines or not open_to(kind, lines, facts):
            continue
        if kind.id == RENEWAL:
            ended = max((facts.of(line)[0] for line in lines), key=lambda one: (one.until, one.case))
            found.append((kind, ended.case))
        elif kind.id == ADDED_LINE:
            if not {one.line for one in facts.running} & set(lines):
                found.append((kind, facts.running[0].case))
        else:
            found.append((kind, None))
    return found


def reclassify(*, case_id: int, revision: int, kind: str, reason: str, by: User, at: datetime) -> Application:
    """Put a case under another kind. What was filed stays; what the kind asks besides comes by 退請補正.

    Where the new kind asks for pages that stood in a case before, they are filled in from there for the firm to look
    at; pages that were filed and that the new kind would not ask remain open.

    Args:
        kind: one of ``targets``.
        reason: at most 2,000 characters; the firm reads it.

    Raises:
        Conflict: the case has moved on, or is in another officer's hands.
        NotOpen: no officer.
        Unmet: problems of fields ``kind`` and ``reason``.
    """
    with transaction.atomic():
        case = lock(case_id, revision=revision, related=("previous", "prepared_by"))
        allowed(case, WHAT, by)
        problems = reason_problems(reason, _("請填寫改列之理由"))
        follows = {one.id: previous for one, previous in targets(case, at)}
        if kind not in follows:
            problems.append(("kind", _("請選擇可改列之類型")))
        if problems:
            raise Unmet(*problems)
        # one from a pre-review will not be known as made from it, and keeps what was found there
        carried = materialise(verdicts.read(case)) if case.from_pre_review else []
        before, source = case.kind, case.previous
        case.kind, case.previous_id = kind, follows[kind]
        _keep_pages(case)
        case.revision += 1
        case.changed_at = at
        case.save(update_fields=["kind", "previous", "opened", "revision", "changed_at"])
        _fill(case, source, by=by, at=at)
        detail = {"kinds": [before, kind], "reason": reason.strip()}
        record(case, WHAT, by=by, at=at, detail=detail, seals=[*carried, case])
        notify.tell(case, WHAT, key=f"{WHAT}:{case.revision}", at=at)
    return case


def _keep_pages(case: Application) -> None:
    """What was filed stays open, also where a kind with pages of its own would take it over."""
    case.opened = []
    if not case.inherits:
        return
    filed = Submission.objects.filter(application=case).latest("number").content["pages"]
    asked = {page.id for page in case.pages}
    case.opened = [page_id for page_id in filed if page_id not in asked]


def _fill(case: Application, source: Application | None, *, by: User, at: datetime) -> None:
    """Pages that are asked now and were not before, as they stood in the case before, under the preparer's name."""
    assert case.prepared_by is not None
    there = set(Section.objects.filter(application=case).values_list("section_id", flat=True))
    wanted = [page.id for page in case.pages if page.id not in there]
    own, case.previous = case.previous, case.previous or source
    if case.previous is not None and wanted:
        carry = Carry.OFFERED if case.kind == RENEWAL else Carry.NONE
        take_over(case, sections=wanted, carry=carry, by=case.prepared_by, at=at, doer=by)
    case.previous = own
