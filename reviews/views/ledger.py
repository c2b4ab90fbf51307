"""The exchange's ledger as of any day: a page and a file."""

from __future__ import annotations

from uuid import uuid4

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from applications import calendar, charts, emergencies, policy
from applications.forms.fields import tidy
from applications.ledger import EXPIRING
from applications.models import Job
from applications.views.jobs import begin
from applications.views.ledger import day_asked
from reviews import exports, ledger
from reviews.views.common import Request, of_exchange

LONGEST = 100


def _asked(request: Request) -> tuple[str, str]:
    """What is searched for and the filter.

    Raises:
        Http404: there is no such filter.
    """
    phase = request.GET.get("phase", "")
    if phase not in ledger.FILTERS:
        raise Http404
    return tidy(request.GET.get("q", "")).strip()[:LONGEST], phase


@require_GET
@of_exchange
def page(request: Request) -> HttpResponseBase:
    """居家辦公台帳 of all firms. 9 queries, session and person included."""
    return _page(request)


def _page(request: Request) -> HttpResponse:
    search, phase = _asked(request)
    day, typed, problem = day_asked(request)
    found = ledger.page(
        request.user,
        day=day,
        calendar=calendar.current(),
        search=search,
        phase=phase,
        before=tidy(request.GET.get("before", ""))[:4],
        after=tidy(request.GET.get("after", ""))[:4],
    )
    query = {"day": "" if problem else typed, "q": search, "phase": phase}

    def url(name: str, **more: str) -> str:
        chosen = {key: value for key, value in (query | more).items() if value}
        return reverse(name) + (f"?{urlencode(chosen)}" if chosen else "")

    context = {
        "day": day,
        "today": timezone.localdate(),
        "typed": typed,
        "problem": problem,
        "search": search,
        "phase": phase,
        "filters": ledger.FILTERS.items(),
        "totals": ledger.totals(request.user, day),
        "entries": found.entries,
        "ongoing": emergencies.ongoing(policy.visible_to(request.user), day=day),
        "window": EXPIRING,
        "timeline": charts.timeline([entry.one for entry in found.entries if entry.one], day=day, firms=True),
        "previous_url": url("review-ledger", before=found.previous) if found.previous else "",
        "next_url": url("review-ledger", after=found.next) if found.next else "",
        "export_url": url("review-ledger-export"),
        "export_key": uuid4().hex,
        "today_url": url("review-ledger", day=""),
    }
    return render(request, "reviews/ledger.html", context)


@require_POST
@of_exchange
def export(request: Request) -> HttpResponseBase:
    """Have a worker make a file of all that the page's filter leaves; the page itself where the day cannot be read."""
    search, phase = _asked(request)
    day, _typed, problem = day_asked(request)
    kind = request.POST.get("format", "")
    if kind not in exports.TYPES:
        raise Http404
    if problem:
        return _page(request)
    return begin(request, Job.Kind.LEDGER, day=day.isoformat(), search=search, phase=phase, format=kind)
