"""The inspection pack of a case, with what the exchange's side knows: letters, findings, mails, notes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from applications import documents, heads, issuing
from applications.apart import apart
from applications.enums import Door
from applications.inspection import archive
from applications.inspection.archive import DRAWN, Member, text
from applications.inspection.members import KEY, Pack, path_of, sealed, stored
from applications.jobs import Made, Run, Unfit
from applications.lifecycle import lock
from applications.models import Application, Correction, EmergencyNotice, Issued, Job, Submission
from applications.printing import CHINESE, ORIGINAL, Copy, PdfUnavailable
from applications.views import preliminary
from guideline.catalogue import Version, load
from reviews import verdicts
from reviews.bundle import draw_letter
from reviews.letters import LETTERS
from reviews.models import Bundle, InternalNote, MailNotice, Recommendation, Verdict


def make(run: Run) -> Made:
    """The pack that was asked for, as a file in the run's folder.

    Its documents are issued first, so that each bears its code and is the one that anybody else gets.

    Raises:
        Unfit: no document can be drawn here.
    """
    case, by = run.job.application, run.job.asked_by
    assert case is not None
    try:
        wanted = list(_wanted(case, by))
        ahead, path = DRAWN * len(wanted), run.folder / "pack.zip"
        size = case.attachments.aggregate(size=Sum("size"))["size"] or 0
        for number, (what, part, draw) in enumerate(wanted):
            run.tell(DRAWN * number, ahead + size)
            apart(partial(_issue, case, what, part, draw, run.now()))
        pack = take(run.job)
        total = ahead + pack.weight
        archive.write(path, pack.members(), sign=sign, progress=lambda done: run.tell(ahead + done, total))
    except PdfUnavailable as error:
        raise Unfit(str(error)) from error
    return Made(path, name=f"{pack.case}-{run.job.pk}.zip", content_type="application/zip")


def _wanted(case: Application, by: User) -> Iterator[tuple[Issued.What, int, issuing.Draw]]:
    """The documents that this person's pack has to have: which, of which submission or recommendation, and how."""
    what = Issued.What
    for one in case.submissions.all():
        if not one.content["pages"]:
            continue  # destroyed
        version = load(one.content["version"])
        yield what.PLAN, one.number, partial(documents.plan_pdf, one.content, version)
        yield what.CHECKLIST, one.number, partial(_checklist, one.content, version)
        yield (
            what.RECEIPT,
            one.number,
            partial(documents.receipt_pdf, one.content, version, one.sha256, one.submitted_at),
        )
    if (notice := EmergencyNotice.objects.filter(application=case).first()) and notice.content["pages"]:
        door = Door(notice.door).label
        yield what.NOTICE, 0, partial(documents.notice_pdf, notice.content, case.version, notice.sha256, door)
    if case.destroyed_at is None and (opinion := preliminary.opinion_of(case)):
        yield what.OPINION, opinion.of, partial(preliminary.draw, opinion, case.submissions.get(number=opinion.of))
    if case.destroyed_at is None and by.firm is None:
        released = Recommendation.objects.filter(submission__application=case, released=True, outcome__in=LETTERS)
        for recommendation in released.order_by("pk"):
            yield what.LETTER, recommendation.pk, partial(draw_letter, recommendation)


def _checklist(content: dict[str, Any], version: Version, copy: Copy) -> bytes:
    return documents.checklist_pdf(content, version, copy=copy)


def _issue(case: Application, what: Issued.What, part: int, draw: issuing.Draw, at: datetime) -> bytes:
    return issuing.issue(case, what, part, draw=draw, language=CHINESE, at=at).code.encode()


def sign(data: bytes) -> str | None:
    """A signature by the key of the trail; None while there is none."""
    signed = heads.signature(data)
    return signed[1] if signed else None


def _heads(case_id: int, by: User) -> Iterator[Member]:
    """The public key; to the exchange the signed heads too, which name the cases of other firms."""
    if signed := heads.signature(b""):
        yield text(KEY, signed[0])
        for name, data in heads.changes_of(case_id) if by.firm is None else ():
            yield text(f"heads/{name}", data.decode())


def take(job: Job) -> Pack:
    """What is to be in it, as the case is now: rows and events are read under its lock."""
    by = job.asked_by
    assert job.application_id is not None
    signed = list(_heads(job.application_id, by))  # before the events: a head is never of more than these
    with transaction.atomic():
        case = lock(job.application_id)
        upto = case.events.latest("number").number
        rows = [case, *sealed(case, by=by), *(_internal(case) if by.firm is None else ())]
    letters = list(_letters(rows))
    paths = {f"mailnotice:{row.pk}": f"mails/{row.pk}.eml" for row in rows if isinstance(row, MailNotice)}
    issued = {row.part: path_of(row) for row in rows if isinstance(row, Issued) and row.what == Issued.What.BUNDLE}
    paths |= {f"bundle:{row.pk}": issued[row.recommendation_id] for row in rows if isinstance(row, Bundle)}
    return Pack(case, by, job.asked_at, upto, rows, letters, paths, partial(_findings, by), signed)


def _internal(case: Application) -> Iterator[Any]:
    """The sealed rows that no firm sees."""
    yield from Verdict.objects.filter(submission__application=case).order_by("pk")
    yield from Recommendation.objects.filter(submission__application=case).order_by("pk")
    yield from Bundle.objects.filter(recommendation__submission__application=case).order_by("pk")
    yield from InternalNote.objects.filter(application=case).order_by("pk")
    yield from MailNotice.objects.filter(application=case).order_by("pk")


def _letters(rows: list[Any]) -> Iterator[Member]:
    """Letters of correction as they were sent, mails as they came."""
    for row in rows:
        if isinstance(row, Correction):
            yield text(f"letters/補正通知-{row.pk}.txt", row.letter + "\n")
        elif isinstance(row, MailNotice):
            yield stored(f"mails/{row.pk}.eml", str(row.raw.name), row.size)


def _findings(by: User, submission: Submission) -> dict[str, tuple[str, str]] | None:
    """For the checklist: what the exchange found, which the firm's does not show."""
    if by.firm is not None:
        return None
    with ORIGINAL.tongue():
        found = verdicts.read(submission.application, number=submission.number).findings.values()
        return {one.item_id: (one.label, one.comment) for one in found if one.verdict}
