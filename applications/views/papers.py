"""PDFs as answers: issued ones by their row, drafts drawn anew."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header

from accounts.http import Request
from applications import issuing
from applications.actions.watching import log_opening
from applications.documents import Copy, PdfUnavailable
from applications.models import Application, Issued
from applications.printing import CHINESE, ENGLISH


def _language(request: Request) -> str:
    """Chinese, unless the translation is asked for (``?lang=en``)."""
    return ENGLISH if request.GET.get("lang") == ENGLISH else CHINESE


def issued(request: Request, case: Application, what: Issued.What, part: int, draw: issuing.Draw) -> HttpResponse:
    """The document that ``draw`` draws, issued; 503 where nothing can be drawn. See ``issuing.issue``."""
    language = _language(request)
    try:
        found = issuing.issue(case, what, part, draw=draw, language=language, at=timezone.now())
        data = issuing.read(found, draw)
    except PdfUnavailable as unavailable:
        return _unavailable(request, case, unavailable)
    name = f"{case.number}-{part}-{what}" if part else f"{case.number}-{what}"
    log_opening(case.pk, "pdf_read", name, by=request.user, at=timezone.now())
    return _answer(data, name, language)


def draft(request: Request, case: Application | None, what: str, draw: issuing.Draw) -> HttpResponse:
    """The document that ``draw`` draws, of a case or of none, without a code: it may change tomorrow."""
    language = _language(request)
    try:
        data = draw(Copy(language))
    except PdfUnavailable as unavailable:
        return _unavailable(request, case, unavailable)
    return _answer(data, f"{case.number or 'draft'}-0-{what}" if case else what, language)


def _unavailable(request: Request, case: Application | None, why: PdfUnavailable) -> HttpResponse:
    return render(request, "applications/no_pdf.html", {"case": case, "reason": str(why)}, status=503)


def _answer(data: bytes, name: str, language: str) -> HttpResponse:
    name += "-en.pdf" if language == ENGLISH else ".pdf"
    disposition = content_disposition_header(False, name) or "inline"
    return HttpResponse(data, content_type="application/pdf", headers={"Content-Disposition": disposition})
