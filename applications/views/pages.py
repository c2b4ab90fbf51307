"""Pages that show: home, the case, check your answers, receipt, files, PDF."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import Request
from applications import documents, ledger, policy
from applications.actions import following, versions
from applications.content import Whole, read, snapshot
from applications.enums import CAME_TO_NOTHING, ENDED, FIRM_WRITES, GRANTED, WITH_CHECKER, Action, Mark, Status
from applications.facts import latest_day
from applications.forms.section import key
from applications.models import Application, ApprovedPeriod, Attachment, Submission
from applications.present import about, clause_number, message, show_pages, words
from guideline.catalogue import Section as Page
from guideline.catalogue import Version, in_force

INLINE = frozenset({"application/pdf", "image/png", "image/jpeg"})
FIRM_IS_UP = FIRM_WRITES | {Status.RETURNED, Status.NOTICED}
CHECKER_IS_UP = WITH_CHECKER | {Status.CORRECTION_REVIEW}


RETURNS = (Action.RETURN_TO_PREPARER, Action.RETURN_CORRECTION, Action.RETURN_DOCUMENTS)


def get_case(request: Request, pk: int) -> Application:
    """The case, or a 404 where this person may not know of it."""
    return get_object_or_404(policy.visible_to(request.user), pk=pk)


@require_GET
def home(request: Request) -> HttpResponse:
    """What is to be done, and every case of the firm."""
    user = request.user
    if user.firm is None:
        if policy.may(user, "see_internal"):
            return redirect("queue")
        return redirect("operator") if policy.operates(user) else render(request, "applications/nothing.html")
    today = timezone.localdate()
    cases = list(policy.listed_for(user).select_related("officer")[:200])
    waiting = [case for case in cases if policy.is_up(user, case)]
    periods = list(ApprovedPeriod.objects.filter(firm=user.firm).select_related("application"))
    return render(
        request,
        "applications/home.html",
        {
            "waiting": waiting,
            "cases": cases,
            "periods": [
                (period, words(period.application.version.line(period.line).name))
                for period in periods
                if period.until >= today
            ],
            "phases": ledger.phases_of_cases(periods, today),
            "may_create": policy.may(user, "create"),
            "today": today,
        },
    )


@require_GET
def start(request: Request) -> HttpResponse:
    """申請前請準備."""
    if not policy.may(request.user, "create"):
        raise Http404
    version = in_force(timezone.localdate())
    return render(request, "applications/start.html", {"version": version, "needed": _needed(version)})


def _needed(version: Version) -> list[tuple[str, str]]:
    return [
        (clause_number(item), words(proof.label))
        for section in version.pages_of("first")
        for item in section.items
        for proof in item.evidence
        if proof.required
    ]


@require_GET
def case(request: Request, pk: int) -> HttpResponse:
    """The task list while the firm writes, else how the case stands."""
    found = get_case(request, pk)
    if request.user.firm is None:
        return redirect("review-case", pk=pk)
    sections = {s.section_id: s for s in found.sections.select_related("saved_by").defer("answers")}
    correction = found.corrections.filter(answered_at=None).first()
    writing = found.status in FIRM_IS_UP | CHECKER_IS_UP
    version = found.version
    context: dict[str, Any] = {
        "case": found,
        "version": version,
        "kind": version.kind(found.kind),
        "actions": policy.available_actions(request.user, found),
        "A": Action,
        "correction": correction,
        "writing": writing,
        "groups": _groups(found, sections, correction.items if correction else None) if writing else [],
        "last_saved": max(sections.values(), key=lambda s: s.saved_at, default=None),
        "events": found.events.filter(shared=True),
        "submissions": found.submissions.all() if found.number else [],
        "decision": getattr(found, "decision", None) if found.status in ENDED else None,
        "periods": [(p, words(version.line(p.line).name)) for p in found.periods.all()]
        if found.status in GRANTED
        else [],
        "lines": [words(version.line(line).name) for line in found.lines],
        "returned": found.events.filter(what__in=RETURNS).last() if found.status in FIRM_IS_UP else None,
        "latest": latest_day(found),
        "newer": versions.pending(found, today=timezone.localdate()),
        **_following(request, found),
    }
    tasks = [task for group in context["groups"] for task in group["tasks"]]
    context["done"] = sum(task["mark"] == Mark.COMPLETE for task in tasks)
    context["asked"] = sum(task["applies"] for task in tasks)
    context["not_asked"] = len(tasks) - context["asked"]
    return render(request, "applications/case.html", context)


def _following(request: Request, case: Application) -> dict[str, Any]:
    """What an extension takes over; whether one can be asked for; whether the period before has ended meanwhile."""
    version, now = case.version, timezone.now()
    context: dict[str, Any] = {}
    if case.status in GRANTED:
        context["extension"] = ledger.extension_open(case, now)
        context["may_extend"] = policy.may(request.user, "create")
        context["extensions"] = case.following.exclude(status__in=CAME_TO_NOTHING)
    if case.inherits:
        context["inherited"] = [(page, words(page.title)) for page in map(version.section, following.inherited(case))]
        context["may_change"] = case.status in FIRM_WRITES and policy.may(request.user, "edit", case)
        context["lapsed"] = ledger.lapsed(case, now)
    return context


def _groups(case: Application, sections: dict[str, Any], named: dict[str, str] | None) -> list[dict[str, Any]]:
    version, asked = case.version, {page.id for page in case.pages}
    pages = version.pages_of(case.kind, case.opened)
    groups = []
    for group in version.groups:
        tasks = [_task(page, page.id in asked, sections, named) for page in pages if page.group == group.id]
        if tasks:
            groups.append({"title": words(group.label), "tasks": tasks})
    return groups


def _task(page: Page, applies: bool, sections: dict[str, Any], named: dict[str, str] | None) -> dict[str, Any]:
    row = sections.get(page.id)
    mark = Mark(row.mark) if row else Mark.EMPTY
    text, tone = str(mark.label), {Mark.COMPLETE: "green", Mark.STARTED: "blue", Mark.EMPTY: "grey"}[mark]
    return {
        "page": page,
        "title": words(page.task),
        "applies": applies,
        "mark": mark,
        "text": text,
        "tone": tone,
        "correct": named is not None and any(item.id in named for item in page.items),
        "locked": named is not None and not any(item.id in named for item in page.items),
        "row": row,
    }


@require_GET
def check(request: Request, pk: int) -> HttpResponse:
    """Check your answers: all that was written, what is missing, what deserves a look, and who does what next."""
    found = get_case(request, pk)
    if request.user.firm is None:
        raise Http404
    return render(request, "applications/check.html", check_context(request, found))


def check_context(request: Request, found: Application, **more: Any) -> dict[str, Any]:
    whole = read(found, today=timezone.localdate())
    version = found.version
    return {
        "case": found,
        "version": version,
        "kind": version.kind(found.kind),
        "whole": whole,
        "views": show_pages(snapshot(whole), version),
        "missing": missing(whole),
        "warnings": [
            {"message": message(problem), "items": [version.item(item) for item in problem.items or (problem.item,)]}
            for problem in whole.warnings
        ],
        "actions": policy.available_actions(request.user, found),
        "A": Action,
        "key": uuid4().hex,
        "newer": versions.pending(found, today=timezone.localdate()),
        "people": len(whole.roster),
        **more,
    }


def missing(whole: Whole) -> list[dict[str, str]]:
    """A line for each section that is not complete, linking to its page with the errors shown."""
    lines = []
    for page in whole.pages:
        if page.id not in whole.sections:
            untouched = _("{number} {title}：尚未填寫").format(number=clause_number(page), title=words(page.title))
            lines.append({"section": page.id, "anchor": "main", "message": untouched})
            continue
        for problem in whole.problems[page.id]:
            anchor = f"item-{problem.item.replace('.', '_')}"
            if problem.field:
                anchor = f"id_{key(problem.item, problem.field)}"
            lines.append(
                {
                    "section": page.id,
                    "anchor": anchor if problem.field != "evidence" else f"ev-{problem.item}-file",
                    "message": about(whole.case.version.item(problem.item), message(problem)),
                }
            )
    return lines


@require_GET
def receipt(request: Request, pk: int, number: int) -> HttpResponse:
    """What was received, when by the server's clock, and what happens next."""
    found = get_case(request, pk)
    submission = get_object_or_404(found.submissions, number=number)
    return render(
        request,
        "applications/receipt.html",
        {"case": found, "submission": submission, "version": found.version, "content": submission.content},
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
        {"case": found, "submission": submission, "views": views, "version": found.version},
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
    try:
        data = _draw(what, content, found.version, submission)
    except documents.PdfUnavailable as unavailable:
        return render(request, "applications/no_pdf.html", {"case": found, "reason": str(unavailable)}, status=503)
    name = f"{found.number or 'draft'}-{number}-{what}.pdf"
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
    attached = found.content_type not in INLINE
    response = FileResponse(found.file.open("rb"), content_type=found.content_type)
    response["Content-Disposition"] = content_disposition_header(attached, found.name) or "attachment"
    response["Content-Length"] = str(found.size)
    return response
