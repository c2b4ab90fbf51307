"""The PDF bundle that goes to the authority: cover letter, plan and checklist in one file."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from applications import documents, issuing
from applications.documents import ORIGINAL, Copy
from applications.models import Issued
from applications.naming import words
from reviews import verdicts
from reviews.letters import LETTERS
from reviews.models import Bundle, Recommendation
from reviews.verdicts import Round

PATIENCE = timedelta(minutes=10)  # a worker has drawn it by then, or never will


def being_made(recommendation: Recommendation, *, at: datetime) -> bool:
    """Forwarded so short a while ago that the task may still be at the bundle."""
    decided = recommendation.decided_at
    return decided is not None and at - decided < PATIENCE


def make_bundle(recommendation: Recommendation, *, at: datetime) -> Bundle:
    """The bundle of a released recommendation; made once, the first one is kept.

    Slow (three PDFs are drawn): call it outside of a transaction.
    """
    if found := Bundle.objects.filter(recommendation=recommendation).first():
        return found
    case = recommendation.submission.application
    issued = issuing.issue(
        case,
        Issued.What.BUNDLE,
        recommendation.pk,
        draw=partial(_draw, recommendation),
        language=ORIGINAL.language,  # whoever asks for it
        at=at,
    )
    made = {"file": issued.file.name, "sha256": issued.sha256, "made_at": issued.issued_at}
    return Bundle.objects.get_or_create(recommendation=recommendation, defaults=made)[0]


def _draw(recommendation: Recommendation, copy: Copy) -> bytes:
    submission = recommendation.submission
    found = verdicts.read(submission.application, number=submission.number)
    version = found.version
    with copy.tongue():
        findings = {one.item_id: (one.label, one.comment) for one in found.findings.values() if one.verdict}
    parts = [
        _letter(recommendation, found, copy),
        documents.plan_pdf(found.content, version, copy),
        documents.checklist_pdf(found.content, version, findings, copy),
    ]
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
