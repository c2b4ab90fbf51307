"""The auditor's pages: the trail searched and shown, who read which roster, saved searches, files of what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications import policy
from applications.appending import append_to_house
from applications.keyset import newest_first
from applications.models import Application, Event, Job
from applications.trail import canonical, content
from applications.verifying import faults_of
from applications.views.jobs import begin
from reviews import comparing, exports, searching
from reviews.forms import SearchForm, SearchNameForm
from reviews.models import LegalHold, SavedSearch
from reviews.searching import Search
from reviews.timeline import INSIDE_FIRM
from reviews.views.common import Request, find_case

View = Callable[..., HttpResponseBase]


def for_auditor(view: View) -> View:
    """A page of the auditor: for anybody else it does not exist (404)."""

    @wraps(view)
    def page(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.firm is not None or not policy.may(request.user, "audit"):
            raise Http404
        return view(request, *args, **kwargs)

    return page


def _tabs(current: str) -> list[dict[str, Any]]:
    pages = (
        ("audit-events", _("事件查詢")),
        ("audit-rosters", _("名冊閱覽")),
        ("audit-house", _("案件以外之事件")),
        ("operator-events", _("營運紀錄")),
        ("retention", _("保存與銷毀")),
    )
    return [{"url": reverse(name), "label": label, "current": name == current} for name, label in pages]


def _query(asked: QueryDict) -> str:
    """What is asked, as it stands in an address, without the place in the list."""
    known = [(name, text) for name, many in asked.lists() if name in SearchForm.base_fields for text in many if text]
    return urlencode(known)


def _found(request: Request, here: str, form: SearchForm, **fixed: Any) -> dict[str, Any]:
    """One page of what the form asks for; nothing where the form is wrong."""
    context: dict[str, Any] = {"form": form, "errors": form.errors, "tabs": _tabs(here), "query": _query(request.GET)}
    if not form.is_valid():
        return context
    search = replace(form.search, **fixed)
    try:
        found = searching.page(
            request.user, search, before=request.GET.get("before", ""), after=request.GET.get("after", "")
        )
    except ValueError as error:
        raise Http404 from error
    base = f"{reverse(here)}?{context['query']}&"
    return context | {
        "rows": found.rows,
        "newer_url": f"{base}after={found.newer}" if found.newer else "",
        "older_url": f"{base}before={found.older}" if found.older else "",
    }


@require_safe
@for_auditor
def events(request: Request) -> HttpResponseBase:
    """The trail. 4 queries, session and person included; one more for each name that is looked up."""
    context = _found(request, "audit-events", SearchForm(request.GET)) | {
        "naming": SearchNameForm(),
        "export_url": f"{reverse('audit-export')}?{_query(request.GET)}",
        "export_key": uuid4().hex,
        "searches": SavedSearch.objects.select_related("user"),
    }
    return render(request, "reviews/audit/events.html", context)


@require_safe
@for_auditor
def rosters(request: Request) -> HttpResponseBase:
    """Who read which roster: how often each, and every reading. As many queries as ``events``."""
    form = SearchForm(request.GET)
    context = _found(request, "audit-rosters", form, kinds=searching.ROSTERS)
    if form.is_valid():
        context["readers"] = searching.readers(request.user, form.search)
    return render(request, "reviews/audit/rosters.html", context)


@require_safe
@for_auditor
def event(request: Request, pk: int) -> HttpResponseBase:
    """One event: who, when, from where, what before and after."""
    known = searching.find(request.user, Search()).select_related("application__firm")
    found = get_object_or_404(known, pk=pk)
    case = found.application
    inside = found.what in INSIDE_FIRM
    context = {
        "event": found,
        "case": case,
        "around": comparing.around(found, case) if case else None,
        "filed": comparing.filed_with(found, case) if case else None,
        "verdicts": comparing.verdicts(found, case) if case else [],
        "inside": inside,
        "record": "" if inside else canonical(content(found)),
        "tabs": _tabs(""),
    }
    return render(request, "reviews/audit/event.html", context)


@require_safe
@for_auditor
def trail(request: Request, pk: int) -> HttpResponseBase:
    """The chain of a case, whether it holds, and its legal holds."""
    case = find_case(request, pk)
    holds = LegalHold.objects.filter(application=case).select_related("set_by", "lifted_by")
    return _chain(request, case, reverse("audit-case", args=[pk]), holds=holds)


@require_safe
@for_auditor
def house(request: Request) -> HttpResponseBase:
    """The chain of what is of no case."""
    return _chain(request, None, reverse("audit-house"))


def _chain(request: Request, case: Application | None, here: str, **more: Any) -> HttpResponse:
    rows = Event.objects.filter(application=case)
    try:
        found = newest_first(
            rows, before=request.GET.get("before", ""), after=request.GET.get("after", ""), size=searching.PAGE
        )
    except ValueError as error:
        raise Http404 from error
    context = {
        "case": case,
        "rows": found.rows,
        "newer_url": f"{here}?after={found.newer}" if found.newer else "",
        "older_url": f"{here}?before={found.older}" if found.older else "",
        "last": rows.order_by("number").last(),
        "faults": faults_of(case.pk if case else None),
        "tabs": _tabs("" if case else "audit-house"),
        **more,
    }
    return render(request, "reviews/audit/case.html", context)


@require_POST
@for_auditor
def export(request: Request) -> HttpResponseBase:
    """Have a worker make a file of what a search finds; that it is taken out is an event itself."""
    form, kind = SearchForm(request.GET), request.POST.get("format", "")
    if kind not in exports.TYPES:
        raise Http404
    if not form.is_valid():
        return redirect(f"{reverse('audit-events')}?{_query(request.GET)}")
    query = _query(request.GET)
    answer = begin(request, Job.Kind.EVENTS, query=query, format=kind)
    append_to_house("trail_export", by=request.user, at=timezone.now(), detail={"of": kind, "query": query})
    return answer


# --- saved searches -----------------------------------------------------------


@require_POST
@for_auditor
def save(request: Request) -> HttpResponseBase:
    """Keep a search under a name; the same name again is the new search."""
    form = SearchNameForm(request.POST)
    query = _query(QueryDict(request.POST.get("query", "")[:2000]))
    if not form.is_valid() or len(query) > SavedSearch._meta.get_field("query").max_length:  # type: ignore[operator]
        text = _("請填寫名稱（最多 60 字），再儲存查詢。") if not form.is_valid() else _("查詢條件過長，未儲存。")
        messages.error(request, text)
        return redirect(f"{reverse('audit-events')}?{query}")
    found, _new = SavedSearch.objects.update_or_create(
        user=request.user,
        name=form.cleaned_data["name"],
        defaults={"query": query, "created_at": timezone.now()},
    )
    messages.success(request, _("已儲存查詢「{name}」；以其網址可分享予其他稽核人員。").format(name=found.name))
    return redirect(found)


@require_safe
@for_auditor
def search(request: Request, pk: int) -> HttpResponseBase:
    """A saved search, of whichever auditor: what it finds now."""
    found = get_object_or_404(SavedSearch, pk=pk)
    return redirect(f"{reverse('audit-events')}?{found.query}")


@require_POST
@for_auditor
def forget(request: Request, pk: int) -> HttpResponseBase:
    """Delete a search of one's own."""
    get_object_or_404(SavedSearch, pk=pk, user=request.user).delete()
    messages.success(request, _("已刪除查詢。"))
    return redirect("audit-events")
