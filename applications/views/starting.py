"""Which kind? A few questions (GET), what is open and why; a POST starts the case."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from accounts.models import Firm
from applications import documents, policy, preparing
from applications.actions import starting
from applications.finding import Finding, Way, find
from applications.forms.fields import whole_number
from applications.forms.starting import WhichForm
from applications.present import clause_number, words
from applications.views import papers
from guideline.catalogue import Kind, Version, in_force
from guideline.shape import EXTENSION

QUESTIONS = ("lines", "first_day", "emergency", "opinion")


def _firm(request: Request) -> Firm:
    """The firm for which this person may start a case, else a 404."""
    if request.user.firm is None or not policy.may(request.user, "create"):
        raise Http404
    return request.user.firm


@require_GET
def start(request: Request) -> HttpResponse:
    """The questions; once they are answered, the kind."""
    firm = _firm(request)
    now = timezone.now()
    version = in_force(timezone.localdate(now))
    asked = any(name in request.GET for name in ("first_day", "emergency", "opinion"))
    form = _form(request.GET if asked else None, version, firm, initial=_initial(request.GET))
    found = None
    if asked and form.is_valid():
        found = find(form.wanted(), starting.known(firm, now))
    return _show(request, form, version, found)


def _initial(query: QueryDict) -> dict[str, Any]:
    return {"lines": query.getlist("lines"), "emergency": "no", "opinion": "no"}


def _form(data: Any, version: Version, firm: Firm, **more: Any) -> WhichForm:
    return WhichForm(data, version=version, licences=list(firm.licences), **more)


def _show(
    request: Request, form: WhichForm, version: Version, found: Finding | None, *, status: int = 200
) -> HttpResponse:
    names = {line.id: words(line.name) for line in version.lines}
    context = {
        "version": version,
        "form": form,
        "errors": form.errors,
        "found": found,
        "ways": [_way(one, form, version, names) for one in found.ways] if found else [],
        "closed": [(one, [names[line] for line in one.lines]) for one in found.closed] if found else [],
        "changed": status == 409,
        "needed": _needed(version),
        "kinds": version.kinds,
    }
    return render(request, "applications/start.html", context, status=status)


def _way(one: Way, form: WhichForm, version: Version, names: dict[str, str]) -> dict[str, Any]:
    """A way for the page, and what its button sends."""
    typed = form.data
    sends = [("kind", one.kind.id), ("follows", str(one.follows or "")), *(("lines", line) for line in one.lines)]
    sends += [(name, typed.get(name, "")) for name in QUESTIONS if name != "lines"]
    return {
        "way": one,
        "lines": [names[line] for line in one.lines],
        "sends": sends,
        "extends": one.kind.id == EXTENSION,
        "by_notice": one.kind.by_notice,
        "decides": version.authority.name if one.kind.by_authority else version.exchange.name,
    }


def _needed(version: Version) -> list[tuple[str, str]]:
    """Evidence that a first application has to have."""
    return [
        (clause_number(item), words(proof.label))
        for section in version.pages_of("first")
        for item in section.items
        for proof in item.evidence
        if proof.required
    ]


@require_GET
def prepare(request: Request, kind: str) -> HttpResponse:
    """申請前請準備: what a filing of this kind will ask for, under the version in force."""
    version, found = _kind(request, kind)
    may_start = request.user.firm is not None and policy.may(request.user, "create")
    context = {"kinds": version.kinds, "may_start": may_start, **preparing.context(version, found)}
    return render(request, "applications/prepare.html", context)


@require_GET
def prepare_pdf(request: Request, kind: str) -> HttpResponse:
    """The same to take along."""
    version, found = _kind(request, kind)
    return papers.draft(request, None, f"prepare-{found.id}", partial(documents.prepare_pdf, version, found))


def _kind(request: Request, kind: str) -> tuple[Version, Kind]:
    """A kind of filing of the version in force; a 404 where there is none, or nothing to ask for it."""
    version = in_force(timezone.localdate())
    if (request.user.firm is None and not policy.may(request.user, "see_internal")) or not version.knows(kind):
        raise Http404
    return version, version.kind(kind)


@require_POST
def create(request: Request) -> HttpResponse:
    """Start the case of the kind that was found; 409 with what is open where that has changed meanwhile."""
    firm = _firm(request)
    now = timezone.now()
    version = in_force(timezone.localdate(now))
    form = _form(request.POST, version, firm)
    if not form.is_valid():
        return _show(request, form, version, None)
    follows = request.POST.get("follows", "")
    try:
        case = starting.start(
            firm=firm,
            wanted=form.wanted(),
            kind=request.POST.get("kind", ""),
            follows=whole_number(follows) if follows else None,
            by=request.user,
            at=now,
        )
    except starting.Changed as changed:
        return _show(request, form, version, changed.found, status=409)
    return redirect("case", pk=case.pk)
