"""What was filed and what was drawn of it: receipt, submission, PDF. Pages that show."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import Request
from applications import comparing, documents, emergencies
from applications.actions.evidence import log_reading
from applications.content import hashes, read, snapshot
from applications.forms.fields import whole_number
from applications.models import Issued, Submission
from applications.present import show_pages, unsent, words
from applications.trail import digest
from applications.views import papers, preliminary
from applications.views.pages import get_case
from guideline.catalogue import Version, load


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
    """Submission ``number`` as it was filed, for ever, with its hashes compared with its content. Two queries."""
    found = get_case(request, pk)
    submission = get_object_or_404(found.submissions, number=number)
    content = submission.content
    version = load(content["version"])
    again = hashes(content, version)
    context = {
        "case": found,
        "submission": submission,
        "views": show_pages(content, version),
        "version": version,
        "unsent": preliminary.titled(unsent(content, version)),
        "hashes": [
            (page, words(page.title), said, said == again[page.id])
            for page, said in ((version.section(one), content["hashes"].get(one)) for one in content["pages"])
        ],
        "files": documents.files(content, version),
        "intact": submission.sha256 == digest(submission.payload),
    }
    return render(request, "applications/submitted.html", context)


@require_GET
def compare(request: Request, pk: int) -> HttpResponse:
    """Any two submissions of a case side by side; the last two, where none are chosen. Three queries at most."""
    found = get_case(request, pk)
    numbers = list(found.submissions.values_list("number", flat=True))
    if not numbers:
        raise Http404
    context: dict[str, Any] = {"case": found}
    if len(numbers) > 1:
        old = whole_number(request.GET.get("old", str(numbers[-2])))
        new = whole_number(request.GET.get("new", str(numbers[-1])))
        contents = {one.number: one.content for one in found.submissions.filter(number__in=(old, new))}
        if old not in contents or new not in contents:
            raise Http404
        compared = comparing.compare(contents[old], contents[new])
        log_reading(found, len(compared.people), by=request.user, at=timezone.now())
        context |= {
            "numbers": numbers,
            "old": old,
            "new": new,
            "compared": compared,
            "before": _("第 {number} 次送件").format(number=old),
            "after": _("第 {number} 次送件").format(number=new),
        }
    return render(request, "applications/compare.html", context)


@require_GET
def pdf(request: Request, pk: int, number: int, what: str) -> HttpResponse:
    """The plan, the checklist or the receipt of submission ``number``; 0 is the draft as it stands."""
    found = get_case(request, pk)
    if number:
        submission = get_object_or_404(found.submissions, number=number)
        content = submission.content
        draw = partial(_draw, what, content, load(content["version"]), submission)
        return papers.issued(request, found, Issued.What(what), number, draw)
    if request.user.firm is None or what == "receipt":
        raise Http404
    content = snapshot(read(found, today=timezone.localdate()))
    return papers.draft(request, found, what, partial(_draw, what, content, found.version, None))


@require_GET
def opinion_pdf(request: Request, pk: int) -> HttpResponse:
    """The exchange's opinion on a pre-review: its letter (稿), and the checklist with what was found."""
    found = get_case(request, pk)
    opinion = preliminary.opinion_of(found)
    if opinion is None:
        raise Http404
    submission = get_object_or_404(found.submissions, number=opinion.of)
    return papers.issued(
        request, found, Issued.What.OPINION, opinion.of, partial(preliminary.draw, opinion, submission)
    )


def _draw(
    what: str, content: dict[str, Any], version: Version, submission: Submission | None, copy: documents.Copy
) -> bytes:
    if what == "receipt" and submission is not None:
        return documents.receipt_pdf(content, version, submission.sha256, submission.submitted_at, copy)
    if what == "checklist":
        return documents.checklist_pdf(content, version, copy=copy)
    return documents.plan_pdf(content, version, copy)
