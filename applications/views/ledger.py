"""The firm's ledger as of any day, and the notice that ends a period early."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import Request
from applications import calendar, charts, emergencies, ledger, policy, rosters
from applications.actions import ending
from applications.actions.drafting import NotOpen
from applications.forms.ending import EndingForm
from applications.forms.fields import tidy
from applications.ledger import AT_HOME, Phase, Standing
from applications.lifecycle import Conflict
from applications.models import Application, ApprovedPeriod
from applications.present import line_names
from applications.views.pages import get_case
from guideline.values import Malformed, parse_date


def day_asked(request: Request) -> tuple[date, str, str]:
    """The day that a ledger is asked for, what was typed, and what is wrong with it. Today where there is none."""
    typed = tidy(request.GET.get("day", "")).strip()[:40]
    today = timezone.localdate()
    if not typed:
        return today, "", ""
    try:
        return parse_date(typed), typed, ""
    except Malformed:
        return today, typed, _("看不懂日期「{text}」，請輸入如 115/03/02；以下為今日之情形").format(text=typed)


@require_GET
def page(request: Request) -> HttpResponse:
    """居家辦公台帳 of the firm. 7 queries, session and person included; 3 more for the people, where a line runs."""
    user = request.user
    if user.firm is None:
        if policy.may(user, "see_internal"):
            return redirect("review-ledger")
        raise Http404
    day, typed, problem = day_asked(request)
    today = timezone.localdate()
    rows = list(
        ApprovedPeriod.objects.filter(policy.scope(user, "application__")).select_related("firm", "application")
    )
    found = ledger.standings(rows, day=day, calendar=calendar.current(), among=policy.visible_to(user))
    context = {
        "day": day,
        "today": today,
        "typed": typed,
        "problem": problem,
        "rows": found,
        "at_home": sum(1 for one in found if one.phase in AT_HOME),
        "expiring": sum(1 for one in found if one.phase == Phase.EXPIRING),
        "upcoming": sum(1 for one in found if one.phase == Phase.UPCOMING),
        "window": ledger.EXPIRING,
        "timeline": charts.timeline(found, day=day, firms=False),
        "ongoing": emergencies.ongoing(policy.visible_to(user), day=day),
        "people": _people(user.firm.pk, found, day),
        "endable": _endable(request, found, today) if day == today else [],
    }
    return render(request, "applications/ledger.html", context)


def _people(firm: int, rows: Iterable[Standing], day: date) -> list[tuple[Standing, int]]:
    """How many may work at home on the day, of each line that runs: by the roster that holds then."""
    running = [one for one in rows if one.phase in AT_HOME]
    if not running:
        return []
    found = rosters.rosters(firm, day=day)
    counts = {case: rosters.at_home(people) for case, people in found.items()}
    return [(one, counts[one.row.application_id][one.row.line]) for one in running]


def _endable(request: Request, rows: Iterable[Standing], today: date) -> list[Application]:
    """The cases of which something can be ended early by this person."""
    open_ = {one.application_id: one.application for one in ending.open_lines([one.row for one in rows], today=today)}
    return [case for case in open_.values() if policy.may(request.user, ending.WHAT, case)]


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: Request, pk: int) -> HttpResponse:
    """提前終止 of lines of one case."""
    case = get_case(request, pk)
    if request.user.firm is None:
        raise Http404
    if not policy.may(request.user, ending.WHAT):
        raise PermissionDenied
    today, names = timezone.localdate(), line_names(case.version)
    mine = list(ApprovedPeriod.objects.filter(application=case))
    rows = ending.open_lines(mine, today=today)
    if request.method != "POST" and not (rows and policy.may(request.user, ending.WHAT, case)):
        messages.info(request, _("本案目前沒有可提前終止之期間。"))
        return redirect("ledger")
    # all lines: one that was ended in between is a conflict, not a line that we do not know
    offered = mine if request.method == "POST" else rows
    form = EndingForm(
        request.POST or None,
        lines=[(row.line, names[row.line]) for row in offered],
        initial={"revision": case.revision, "lines": [row.line for row in rows] if len(rows) == 1 else []},
    )
    if request.method == "POST" and (form.is_valid() or _stale(form, case)):
        try:
            _end(request, case, form)
        except (Conflict, NotOpen):
            return _conflict(request, pk, form)
        except ending.Unmet as error:
            form.take(error.problems)
        else:
            messages.success(request, _("已登錄提前終止，並已通知雙方；期限已重新計算。"))
            return redirect("ledger")
    context = {"case": case, "form": form, "errors": form.errors, "periods": rows, "names": names, "today": today}
    return render(request, "applications/ledger_end.html", context)


def _stale(form: EndingForm, case: Application) -> bool:
    """Whether the page is too old for its faults to matter."""
    return form.cleaned_data.get("revision") != case.revision


def _end(request: Request, case: Application, form: EndingForm) -> Application:
    data = form.cleaned_data
    if form.errors:
        raise Conflict(case)
    return ending.end_early(
        case_id=case.pk,
        revision=data["revision"],
        lines=data["lines"],
        last_day_at_home=data["last_day"],
        reason=data["reason"],
        by=request.user,
        at=timezone.now(),
    )


def _conflict(request: Request, pk: int, form: EndingForm) -> HttpResponse:
    kept = [tidy(form.data.get(name, "")).strip() for name in ("last_day", "reason")]
    context = {
        "case": get_case(request, pk),
        "why": "moved",
        "typed": [],
        "text": "\n".join(filter(None, kept)),
        "back": reverse("ledger"),
    }
    return render(request, "applications/conflict.html", context, status=409)
