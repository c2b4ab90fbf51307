"""What was filed and what was drawn of it: receipt, submission, PDF, files. Pages that show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.http import Request
from applications import documents, emergencies, policy
from applications.actions.watching import log_opening
from applications.content import read, snapshot
from applications.models import Application, Attachment, Submission
from applications.present import show_pages, unsent
from applications.views import preliminary
from applications.views.pages import get_case
from guideline.catalogue import Version

INLINE = frozenset({"application/pdf", "image/png", "image/jpeg"})


@require_GET
def receipt(request: Request, pk: int, number: int) -> HttpResponse:
    """What was received, when by the server's clock, and what happens next."""
    found = get_case(request, pk)
    submission = get_object_or_404(found.submissions, number=number)
    return render(
        request,
        "applications/receipt.html",
        {
            "case": found,
            "submission": submission,
            "version": found.version,
            "kind": found.version.kind(found.kind),
            "content": submission.content,
            "given": emergencies.given(found, today=timezone.localdate()),
        },
    )


@require_GET
def submitted(request: Request, pk: int, number: int) -> HttpResponse:
    """Submission ``number`` as it was filed, for ever."""
    found = get_case(request, pk)
    submission = get_object_or_404(found.submissions, number=number)
    views = show_pages(submission.content, found.version)
    return render(
        request,
        "applications/submitted.html",
        {
            "case": found,
            "submission": submission,
            "views": views,
            "version": found.version,
            "unsent": preliminary.titled(unsent(submission.content, found.version)),
        },
    )


@require_GET
def pdf(request: Request, pk: int, number: int, what: str) -> HttpResponse:
    """The plan, the checklist or the receipt of submission ``number``; 0 is the draft as it stands."""
    found = get_case(request, pk)
    submission = None
    if number:
        submission = get_object_or_404(found.submissions, number=number)
        content = submission.content
    elif request.user.firm is not None and what != "receipt":
        content = snapshot(read(found, today=timezone.localdate()))
    else:
        raise Http404
    name = f"{found.number or 'draft'}-{number}-{what}.pdf"
    return send_pdf(request, found, name, lambda: _draw(what, content, found.version, submission))


@require_GET
def opinion_pdf(request: Request, pk: int) -> HttpResponse:
    """The exchange's opinion on a pre-review: its letter (稿), and the checklist with what was found."""
    found = get_case(request, pk)
    opinion = preliminary.opinion_of(found)
    if opinion is None:
        raise Http404
    submission = get_object_or_404(found.submissions, number=opinion.of)
    return send_pdf(request, found, f"{found.number}-opinion.pdf", lambda: preliminary.draw(opinion, submission))


def send_pdf(request: Request, case: Application, name: str, draw: Callable[[], bytes]) -> HttpResponse:
    """What ``draw`` gives, or a page that says why it cannot be drawn here. That it was read is on record."""
    try:
        data = draw()
    except documents.PdfUnavailable as unavailable:
        return render(request, "applications/no_pdf.html", {"case": case, "reason": str(unavailable)}, status=503)
    log_opening(case.pk, "pdf_read", name, by=request.user, at=timezone.now())
    return HttpResponse(
        data,
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(False, name) or "inline"},
    )


def _draw(what: str, content: dict[str, Any], version: Version, submission: Submission | None) -> bytes:
    if what == "plan":
        return documents.plan_pdf(content, version)
    if what == "checklist":
        return documents.checklist_pdf(content, version)
    if what == "receipt" and submission is not None:
        return documents.receipt_pdf(content, version, submission.sha256, submission.submitted_at)
    raise Http404


@require_GET
def file(request: Request, pk: int) -> FileResponse:
    """An attachment of a case that this person may see; the exchange sees what was filed."""
    found = get_object_or_404(
        Attachment.objects.filter(application__in=policy.visible_to(request.user)).select_related("application"), pk=pk
    )
    if request.user.firm is None and not policy.filed(found):
        raise Http404
    log_opening(found.application_id, "file_read", f"{found.pk} {found.name}", by=request.user, at=timezone.now())
    attached = found.content_type not in INLINE
    response = FileResponse(found.file.open("rb"), content_type=found.content_type)
    response["Content-Disposition"] = content_disposition_header(attached, found.name) or "attachment"
    response["Content-Length"] = str(found.size)
    return response
