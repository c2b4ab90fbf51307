"""The floor: plain views over ``Draft``, the way a ModelForm view is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from applications.facts import facts_of
from applications.forms.section import SectionForm
from applications.models import Application, Citation, RosterEntry
from guideline.catalogue import Section as Page
from guideline.examine import Answers, section_problems
from tests.bench.models import Draft, Filing


def pages_of(case: Application) -> list[Page]:
    return list(case.pages)


def form_kwargs(case: Application, page: Page) -> dict[str, Any]:
    """What ``SectionForm`` has to be told; the same for all contenders."""
    version = case.version
    return {
        "page": page,
        "version": version,
        "lines": tuple(case.lines),
        "licensed": tuple(line.id for line in version.lines_for(tuple(case.firm.licences))),
        "allowed": frozenset(item.id for item in page.items),
    }


def page_context(case: Application, page: Page, form: SectionForm) -> dict[str, Any]:
    """What the template draws. No marks, no files: a plain view has neither."""
    steps = [one.id for one in pages_of(case)]
    position = steps.index(page.id)
    return {
        "case": case,
        "page": page,
        "items": [{"fields": fields, "evidence": [], "view": None, "comment": ""} for fields in form.items()],
        "row": {"revision": 0},
        "attachments": [],
        "editable": True,
        "with_checker": False,
        "closed_because": "",
        "marks": {},
        "position": position + 1,
        "count": len(steps),
        "previous": steps[position - 1] if position else None,
        "wizard": {"steps": {"all": steps}},
    }


def section(request: HttpRequest, pk: int) -> HttpResponse:
    """W1 and W2: session, user, one row that is looked up within the firm, the form, one UPDATE, a redirect.

    A GET draws the portal's template from the row. No lock, no revision, no mark, no event, no rules
    beyond the form's own.
    """
    rows = Draft.objects.select_related("application__firm").filter(application__firm=request.user.firm)
    draft = get_object_or_404(rows, pk=pk)
    case = draft.application
    page = case.version.section(draft.section_id)
    kwargs = form_kwargs(case, page)
    if request.method == "POST":
        form = SectionForm(request.POST, request.FILES, **kwargs)
        if form.is_valid():
            draft.answers = form.answers()
            draft.save()
            return redirect("bench-section", pk=pk)
    else:
        form = SectionForm(initial=SectionForm.initial_of(draft.answers), **kwargs)
    return render(request, "applications/section.html", page_context(case, page, form))


def revalidate(case: Application, answers: Mapping[str, Answers]) -> list[Any]:
    """The rules of every page on its answers, with the facts that they need: roster, evidence, earlier periods."""
    cited = frozenset(Citation.objects.filter(application=case).values_list("item_id", flat=True))
    facts = facts_of(
        case, today=timezone.localdate(), cited=cited, entries=RosterEntry.objects.filter(application=case)
    )
    return [problem for page in pages_of(case) for problem in section_problems(page, answers[page.id], facts)[1]]


def file(case: Application, answers: Mapping[str, Answers]) -> Filing:
    payload = json.dumps(answers, ensure_ascii=False)
    return Filing.objects.create(application=case, payload=payload, filed_at=timezone.now())


def submit(request: HttpRequest, pk: int, forms: bool) -> HttpResponse:
    """W3: session, user, the case within the firm, all its rows; validates all, writes one row, redirects.

    No lock, no number, no check of who wrote what, no status, no event, no mail, no snapshot of roster,
    files and firm, no hash.

    Args:
        forms: validate by binding every page's form to what was posted, then by the rules, as a ModelForm
            view or formtools does; else by the rules alone, on the stored answers.
    """
    cases = Application.objects.select_related("firm").filter(firm=request.user.firm)
    case = get_object_or_404(cases, pk=pk)
    rows = {row.section_id: row for row in Draft.objects.filter(application=case)}
    answers: dict[str, Answers] = {}
    for page in pages_of(case):
        row = rows[page.id]
        if forms:
            form = SectionForm(MultiValueDict(row.typed), **form_kwargs(case, page))
            if not form.is_valid():
                return HttpResponseBadRequest(page.id)
            answers[page.id] = form.answers()
        else:
            answers[page.id] = row.answers
    if problems := revalidate(case, answers):
        return HttpResponseBadRequest(str(problems))
    file(case, answers)
    return redirect("case", pk=pk)
