"""The PDF bundle that goes to the authority: cover letter, plan and checklist in one file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from applications import documents, issuing
from applications.apart import apart
from applications.documents import ORIGINAL, Copy
from applications.jobs import Made, Run, Unfit
from applications.lifecycle import lock, record
from applications.models import Application, Issued, Job
from applications.naming import words
from applications.printing import PdfUnavailable
from reviews import verdicts
from reviews.letters import LETTERS
from reviews.models import Bundle, Recommendation
from reviews.verdicts import Round

Tell = Callable[[int, int], None]


def being_made(case: Application) -> Job | None:
    """The job that is to draw the bundle of the case; None where nobody is at it."""
    return Job.objects.filter(application=case, kind=Job.Kind.BUNDLE, state__in=Job.OPEN).first()


def make(run: Run) -> Made:
    """The bundle that a job asks for; one that is there is kept.

    Raises:
        Unfit: no document can be drawn here.
    """
    recommendation = Recommendation.objects.get(pk=run.job.arguments["recommendation"])
    try:
        make_bundle(recommendation, at=run.now(), tell=run.tell)
    except PdfUnavailable as error:
        raise Unfit(str(error)) from error
    return Made(path=reverse("review-case", args=[recommendation.submission.application_id]))


def make_bundle(recommendation: Recommendation, *, at: datetime, tell: Tell) -> Bundle:
    """The bundle of a released recommendation; made once, the first one is kept.

    Slow (three PDFs are drawn): call it outside of a transaction.

    Args:
        tell: told of how many steps are done, of how many.
    """
    if found := Bundle.objects.filter(recommendation=recommendation).first():
        return found
    case = recommendation.submission.application
    issued = issuing.issue(
        case,
        Issued.What.BUNDLE,
        recommendation.pk,
        draw=partial(_draw, recommendation, tell),
        language=ORIGINAL.language,  # whoever asks for it
        at=at,
    )
    made = {"file": issued.file.name, "sha256": issued.sha256, "made_at": issued.issued_at}
    with transaction.atomic():
        case = lock(case.pk)
        bundle, is_new = Bundle.objects.get_or_create(recommendation=recommendation, defaults=made)
        if is_new:
            record(case, "bundle", by=None, at=at, detail={"sha256": bundle.sha256}, shared=False, seals=[bundle])
    return bundle


def _draw(recommendation: Recommendation, tell: Tell, copy: Copy) -> bytes:
    submission = recommendation.submission
    found = verdicts.read(submission.application, number=submission.number)
    version = found.version
    with copy.tongue():
        findings = {one.item_id: (one.label, one.comment) for one in found.findings.values() if one.verdict}
    steps = (
        partial(_letter, recommendation, found, copy),
        partial(documents.plan_pdf, found.content, version, copy),
        partial(documents.checklist_pdf, found.content, version, findings, copy),
    )
    parts = []
    for done, step in enumerate(steps):
        tell(done, len(steps) + 1)
        parts.append(apart(step))
    tell(len(steps), len(steps) + 1)
    return documents.merge(parts)


def draw_letter(recommendation: Recommendation, copy: Copy) -> bytes:
    """The letter of an outcome, as it is put up or was released, marked 稿."""
    submission = recommendation.submission
    return _letter(recommendation, verdicts.read(submission.application, number=submission.number), copy)


def _letter(recommendation: Recommendation, found: Round, copy: Copy) -> bytes:
    with copy.tongue():
        title, paragraphs = LETTERS[Recommendation.Outcome(recommendation.outcome)](found, recommendation.reasons)
        authority = words(found.version.authority.name)
    decided = recommendation.decided_at if recommendation.released else None
    forwarded = recommendation.outcome == Recommendation.Outcome.FORWARD
    return documents.letter_pdf(
        title,
        paragraphs,
        found.content,
        found.version,
        number=recommendation.document_number,
        dated=timezone.localdate(decided) if decided else None,
        recipients=(authority,) if forwarded else (),
        copy=copy,
    )
