"""銷毀: put up by one person, released by another, done by a worker; a legal hold wins up to the last moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import policy
from applications.actions.drafting import NotOpen, Unmet
from applications.actions.erasing import erase
from applications.actions.reasons import reason_problems
from applications.appending import append_to_house
from applications.lifecycle import lock, record
from applications.models import Application, Attachment, StoredFile
from reviews import retention
from reviews.models import Bundle, Disposal, DisposalCase, InternalNote, LegalHold, MailNotice, Recommendation, Verdict

MOST = 200  # chains in one disposal
MAY = "dispose"
Outcome = DisposalCase.Outcome


class Changed(Exception):
    """It is no longer what the page was drawn from: HTTP 409."""


def candidates(chains: Iterable[retention.Chain]) -> list[retention.Chain]:
    """Those that one disposal takes: neither held nor put up already."""
    return [chain for chain in chains if chain.free][:MOST]


def propose(*, basis: str, by: User, at: datetime) -> Disposal:
    """Put up what is over and free.

    Args:
        basis: ``retention.basis`` of what the page showed.

    Raises:
        NotOpen: not this person's to do.
        Changed: it is another list by now, or somebody put it up.
    """
    if not policy.may(by, MAY):
        raise NotOpen
    with transaction.atomic():
        chains = candidates(retention.over(today=timezone.localdate(at)))
        ids = [case.pk for chain in chains for case in chain.cases]
        list(Application.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
        taken = DisposalCase.objects.exclude(outcome=Outcome.KEPT).filter(application__in=ids).exists()
        if not chains or taken or retention.basis(chains) != basis:
            raise Changed
        disposal = Disposal.objects.create(proposed_by=by, proposed_at=at)
        DisposalCase.objects.bulk_create(
            DisposalCase(disposal=disposal, application=case, chain=chain.root, kept_until=chain.kept_until)
            for chain in chains
            for case in chain.cases
        )
        append_to_house("disposal_put_up", by=by, at=at, detail={"disposal": disposal.pk, "cases": ids})
    return disposal


def release(*, disposal_id: int, by: User, at: datetime) -> Disposal:
    """覆核: another person than the one who put it up. A worker destroys from now on.

    Raises:
        NotOpen: not this person's to do.
        Changed: somebody decided it before.
    """
    with transaction.atomic():
        disposal = _waiting(disposal_id, by)
        if disposal.proposed_by_id == by.pk:
            raise NotOpen
        disposal.released_by, disposal.released_at = by, at
        disposal.save(update_fields=["released_by", "released_at"])
        append_to_house("disposal_released", by=by, at=at, detail={"disposal": disposal.pk})
    return disposal


def cancel(*, disposal_id: int, remark: str, by: User, at: datetime) -> Disposal:
    """Not released, or taken back, with a reason; its cases are kept.

    Raises:
        NotOpen, Changed: as for ``release``.
        Unmet: problems of the field ``remark``.
    """
    with transaction.atomic():
        disposal = _waiting(disposal_id, by)
        if problems := reason_problems(remark, _("請填寫理由")):
            raise Unmet(*(("remark", text) for _field, text in problems))
        disposal.cancelled_by, disposal.cancelled_at, disposal.remark = by, at, remark.strip()
        disposal.save(update_fields=["cancelled_by", "cancelled_at", "remark"])
        disposal.cases.update(outcome=Outcome.KEPT)
        detail = {"disposal": disposal.pk, "reason": disposal.remark}
        append_to_house("disposal_cancelled", by=by, at=at, detail=detail)
    return disposal


def _waiting(disposal_id: int, by: User) -> Disposal:
    if not policy.may(by, MAY):
        raise NotOpen
    disposal = Disposal.objects.select_for_update().get(pk=disposal_id)
    if not disposal.waiting:
        raise Changed
    return disposal


def destroy_released(*, at: datetime) -> int:
    """Destroy what was released and is not done; it can be broken off anywhere and run again, and two may run at once.

    A case that is held meanwhile, or has been followed by another, is kept.

    Returns:
        How many cases were destroyed, or their files deleted, in this run.
    """
    waiting = DisposalCase.objects.filter(disposal__released_at__isnull=False, done_at=None).exclude(
        outcome=Outcome.KEPT
    )
    rows = list(waiting.order_by("id").values_list("pk", flat=True))
    if not rows:
        return 0
    over = {case.pk for chain in retention.over(today=timezone.localdate(at)) for case in chain.cases}
    return sum(_destroy(pk, over, at) for pk in rows)


def _destroy(pk: int, over: set[int], at: datetime) -> bool:
    with transaction.atomic():
        row = DisposalCase.objects.select_related("disposal__proposed_by", "disposal__released_by").get(pk=pk)
        case = lock(row.application_id)
        row.refresh_from_db(fields=["outcome", "files", "done_at"])
        if row.done_at or row.outcome == Outcome.KEPT:
            return False
        if row.outcome == Outcome.WAITING:
            linked = DisposalCase.objects.filter(disposal=row.disposal, chain=row.chain).values("application")
            held = LegalHold.objects.filter(lifted_at=None, application__in=linked).exists()
            if held or case.pk not in over:
                row.outcome = Outcome.KEPT
                row.save(update_fields=["outcome"])
                return False
            row.outcome, row.files = Outcome.DESTROYED, sorted(_take_out(case, row, at))
            row.save(update_fields=["outcome", "files"])
    for name in row.files:
        _delete(name)
    DisposalCase.objects.filter(pk=pk).update(done_at=at)
    return True


def _take_out(case: Application, row: DisposalCase, at: datetime) -> set[str]:
    went, names, rows = erase(case)
    verdicts = list(Verdict.objects.filter(submission__application=case))
    for verdict in verdicts:
        verdict.comment = ""
    Verdict.objects.bulk_update(verdicts, ["comment"])
    put_up = list(Recommendation.objects.filter(submission__application=case))
    for one in put_up:
        one.reasons = one.remark = ""
    Recommendation.objects.bulk_update(put_up, ["reasons", "remark"])
    notes = list(InternalNote.objects.filter(application=case))
    for note in notes:
        note.text = ""
    InternalNote.objects.bulk_update(notes, ["text"])
    bundles = list(Bundle.objects.filter(recommendation__submission__application=case))
    mails = list(MailNotice.objects.filter(Q(application=case) | Q(joins__application=case)))
    names |= {str(one.file) for one in bundles if one.file} | {str(one.raw) for one in mails if one.raw}
    for bundle in bundles:
        bundle.file.name = ""
    Bundle.objects.bulk_update(bundles, ["file"])
    for mail in mails:
        mail.raw.name, mail.sender, mail.subject, mail.said, mail.reason = "", "", "", {}, ""
    MailNotice.objects.bulk_update(mails, ["raw", "sender", "subject", "said", "reason"])
    case.destroyed_at = at
    case.save(update_fields=["destroyed_at"])
    disposal = row.disposal
    assert disposal.released_by is not None
    went["erased"] |= {f"bundle:{one.pk}": "" for one in bundles} | {f"mailnotice:{one.pk}": "" for one in mails}
    detail: dict[str, Any] = went | {
        "disposal": disposal.pk,
        "kept_until": row.kept_until.isoformat(),
        "proposed_by": disposal.proposed_by.name,
        "released_by": disposal.released_by.name,
    }
    sealed = [*rows, *verdicts, *put_up, *notes, *mails]
    record(case, "destroy", by=disposal.released_by, at=at, detail=detail, seals=sealed)
    return names


def _delete(name: str) -> None:
    """Delete a stored file that nothing points to any more; the same bytes may be of another case too."""
    with transaction.atomic():
        list(StoredFile.objects.select_for_update().filter(file=name))  # whoever uploads the same bytes waits
        used = (
            Attachment.objects.filter(file=name).exists()
            or Bundle.objects.filter(file=name).exists()
            or MailNotice.objects.filter(raw=name).exists()
        )
        if not used:
            default_storage.delete(name)


# --- legal hold ---------------------------------------------------------------


def hold(*, case_id: int, reason: str, by: User, at: datetime) -> LegalHold:
    """設定法律保全.

    Raises:
        NotOpen: not this person's to do, or the case was destroyed.
        Changed: it is held already.
        Unmet: problems of the field ``reason``.
    """
    with transaction.atomic():
        case = _locked(case_id, by)
        if LegalHold.objects.filter(application=case, lifted_at=None).exists():
            raise Changed
        _reason(reason)
        found = LegalHold.objects.create(application=case, reason=reason.strip(), set_by=by, set_at=at)
        record(case, "hold", by=by, at=at, detail={"reason": found.reason}, shared=False)
    return found


def lift(*, case_id: int, reason: str, by: User, at: datetime) -> LegalHold:
    """解除法律保全.

    Raises:
        NotOpen, Unmet: as for ``hold``.
        Changed: it is not held.
    """
    with transaction.atomic():
        case = _locked(case_id, by)
        found = LegalHold.objects.filter(application=case, lifted_at=None).first()
        if found is None:
            raise Changed
        _reason(reason)
        found.lifted_by, found.lifted_at, found.lift_reason = by, at, reason.strip()
        found.save(update_fields=["lifted_by", "lifted_at", "lift_reason"])
        record(case, "lift_hold", by=by, at=at, detail={"reason": found.lift_reason}, shared=False)
    return found


def _locked(case_id: int, by: User) -> Application:
    case = lock(case_id, among=policy.visible_to(by))
    if not policy.may(by, "hold", case):
        raise NotOpen
    return case


def _reason(text: str) -> None:
    if problems := reason_problems(text, _("請填寫理由")):
        raise Unmet(*problems)
