"""The inspection pack of a case, with what the exchange's side knows: letters, findings, mails, notes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import transaction

from accounts.models import User
from applications import heads
from applications.inspection import archive
from applications.inspection.archive import Member, drawn, text
from applications.inspection.members import KEY, Pack, sealed, stored
from applications.jobs import Made, Run, Unfit
from applications.lifecycle import lock
from applications.models import Application, Correction, Job, Submission
from applications.printing import PdfUnavailable, in_chinese
from applications.views import preliminary
from reviews import verdicts
from reviews.bundle import draw_letter
from reviews.letters import LETTERS
from reviews.models import Bundle, InternalNote, MailNotice, Recommendation, Verdict


def make(run: Run) -> Made:
    """The pack that was asked for, as a file in the run's folder.

    Raises:
        Unfit: no document can be drawn here.
    """
    pack = take(run.job)
    total, path = pack.weight, run.folder / "pack.zip"
    try:
        archive.write(path, pack.members(), sign=sign, progress=lambda done: run.tell(done, total))
    except PdfUnavailable as error:
        raise Unfit(str(error)) from error
    return Made(path, name=f"{pack.case}-{run.job.pk}.zip", content_type="application/zip")


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
    letters: list[Member] = []
    paths: dict[str, str] = {}
    for member, row in _letters(case, rows, by):
        letters.append(member)
        if row:
            paths[row] = member.name
    return Pack(case, by, job.asked_at, upto, rows, letters, paths, partial(_findings, by), signed)


def _internal(case: Application) -> Iterator[Any]:
    """The sealed rows that no firm sees."""
    yield from Verdict.objects.filter(submission__application=case).order_by("pk")
    yield from Recommendation.objects.filter(submission__application=case).order_by("pk")
    yield from Bundle.objects.filter(recommendation__submission__application=case).order_by("pk")
    yield from InternalNote.objects.filter(application=case).order_by("pk")
    yield from MailNotice.objects.filter(application=case).order_by("pk")


def _letters(case: Application, rows: list[Any], by: User) -> Iterator[tuple[Member, str]]:
    """Letters as they were issued or drawn, mails as they came; with each the row that names its SHA-256."""
    for row in rows:
        if isinstance(row, Correction):
            yield text(f"letters/補正通知-{row.pk}.txt", row.letter + "\n"), ""
        elif isinstance(row, MailNotice):
            yield stored(f"mails/{row.pk}.eml", str(row.raw.name), row.size), f"mailnotice:{row.pk}"
        elif isinstance(row, Recommendation) and row.released and row.outcome in LETTERS:
            yield drawn(f"letters/函稿-{row.pk}.pdf", partial(draw_letter, row)), ""
        elif isinstance(row, Bundle):
            yield stored(f"letters/轉報-{row.pk}.pdf", str(row.file.name), row.file.size), f"bundle:{row.pk}"

    if opinion := preliminary.opinion_of(case):
        yield drawn("letters/預審意見.pdf", partial(_opinion, opinion, case)), ""


def _opinion(opinion: preliminary.Opinion, case: Application) -> bytes:
    return preliminary.draw(opinion, case.submissions.get(number=opinion.of))


def _findings(by: User, submission: Submission) -> dict[str, tuple[str, str]] | None:
    """For the checklist: what the exchange found, which the firm's does not show."""
    if by.firm is not None:
        return None
    with in_chinese():
        found = verdicts.read(submission.application, number=submission.number).findings.values()
        return {one.item_id: (one.label, one.comment) for one in found if one.verdict}
