"""The PDF bundle that goes to the authority: cover letter, plan and checklist in one file."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from applications import documents
from applications.lifecycle import lock, record
from applications.printing import in_chinese
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
    with in_chinese():  # whoever asks for it
        data = _draw(recommendation)
    with transaction.atomic():
        case = lock(recommendation.submission.application_id)
        if found := Bundle.objects.filter(recommendation=recommendation).first():
            return found
        name = default_storage.save(f"bundles/{uuid4().hex}.pdf", ContentFile(data))
        bundle = Bundle.objects.create(
            recommendation=recommendation, file=name, sha256=hashlib.sha256(data).hexdigest(), made_at=at
        )
        record(case, "bundle", by=None, at=at, detail={"sha256": bundle.sha256}, shared=False, seals=[bundle])
    return bundle


def _draw(recommendation: Recommendation) -> bytes:
    submission = recommendation.submission
    found = verdicts.read(submission.application, number=submission.number)
    version = found.version
    findings = {one.item_id: (one.label, one.comment) for one in found.findings.values() if one.verdict}
    parts = [
        _letter(recommendation, found),
        documents.plan_pdf(found.content, version),
        documents.checklist_pdf(found.content, version, findings),
    ]
    return documents.merge(parts)


def draw_letter(recommendation: Recommendation) -> bytes:
    """The letter of an outcome, as it is put up or was released, marked 稿."""
    submission = recommendation.submission
    with in_chinese():
        return _letter(recommendation, verdicts.read(submission.application, number=submission.number))


def _letter(recommendation: Recommendation, found: Round) -> bytes:
    title, paragraphs = LETTERS[Recommendation.Outcome(recommendation.outcome)](found, recommendation.reasons)
    decided = recommendation.decided_at if recommendation.released else None
    forwarded = recommendation.outcome == Recommendation.Outcome.FORWARD
    return documents.letter_pdf(
        title,
        paragraphs,
        found.content,
        found.version,
        number=recommendation.document_number,
        dated=timezone.localdate(decided) if decided else None,
        recipients=(found.version.authority.name.zh,) if forwarded else (),
    )
