"""Pages of days: of a case, of a firm or the exchange; and the calendars that other programs read."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.enums import Role
from accounts.http import Request
from applications import calendar, feeds, policy
from applications.actions import duties
from applications.actions.drafting import NotOpen
from applications.deadlines import EXPIRY, FILING
from applications.enums import DeadlineState
from applications.forms.fields import tidy
from applications.lifecycle import Conflict
from applications.models import Deadline
from applications.parameters import parameters
from applications.reminders import name_of, reminder_days, show
from applications.views.ledger import day_asked
from applications.views.pages import get_case
from guideline.catalogue import load
from guideline.values import Malformed, parse_date

AHEAD = 90  # days of the preview
MOST = 500  # rows of a page


@require_GET
def of_case(request: Request, pk: int) -> HttpResponse:
    """期限: every day of the case, why it is that day, and when people are reminded."""
    return _of_case(request, pk)


def _of_case(request: Request, pk: int, status: int = 200, **more: Any) -> HttpResponse:
    case = get_case(request, pk)
    today, typed, problem = day_asked(request)
    days, thresholds = calendar.current(), parameters(case.version)["reminder_days"]
    rows = case.deadlines.select_related("done_by")
    context = {
        "case": case,
        "kind": case.version.kind(case.kind),
        "rows": [show(row, case.version, days, thresholds, today=today) for row in rows],
        "day": today,
        "typed": typed,
        "problem": problem,
        "may_complete": policy.may(request.user, "complete_duty", case),
        "firm_side": request.user.firm is not None,
    }
    return render(request, "applications/deadlines.html", context | more, status=status)


@require_POST
def complete(request: Request, pk: int, deadline: int) -> HttpResponse:
    """登錄完成."""
    case = get_case(request, pk)
    if not policy.may(request.user, "complete_duty", case):
        raise Http404
    note, typed = tidy(request.POST.get("note", "")).strip(), tidy(request.POST.get("done_on", "")).strip()
    kept = {"id": deadline, "note": note, "done_on": typed}
    try:
        done_on = parse_date(typed)
        duties.complete(
            case_id=pk, deadline_id=deadline, done_on=done_on, note=note, by=request.user, at=timezone.now()
        )
    except Malformed:
        return _of_case(request, pk, kept=kept, complete_problem=_("請輸入完成日期，例如 115/03/02"))
    except duties.Unusable as error:
        return _of_case(request, pk, kept=kept, complete_problem=str(error))
    except (Deadline.DoesNotExist, NotOpen) as error:
        raise Http404 from error
    except Conflict:
        problem = _("這個期限已登錄完成或不再適用，請核對下表；您輸入的內容仍在下方。")
        return _of_case(request, pk, 409, kept=kept, complete_problem=problem)
    messages.success(request, _("已登錄完成，下一次期限已重新計算。"))
    return redirect("deadlines", pk=case.pk)


@require_GET
def overview(request: Request) -> HttpResponse:
    """What is due, and what people will be reminded of within 90 days, as of any day."""
    today, typed, problem = day_asked(request)
    operator = Role.OPERATOR in request.user.roles
    if not operator and not policy.may(request.user, "see_internal") and request.user.firm is None:
        raise Http404
    context: dict[str, Any] = {
        "day": today,
        "until": today + timedelta(days=AHEAD),
        "typed": typed,
        "problem": problem,
        "ahead": AHEAD,
    }
    if operator:  # how many of each, and nothing of the cases
        context["counts"] = _counts(Deadline.objects.all(), today)
    else:
        context |= _rows(Deadline.objects.filter(policy.scope(request.user, "application__")), today)
    return render(request, "applications/deadlines_overview.html", context)


def _rows(seen: QuerySet[Deadline], today: date) -> dict[str, Any]:
    """Open deadlines up to the end of the preview, with their reminders from ``today`` on."""
    until = today + timedelta(days=AHEAD)
    open_ = seen.filter(state=DeadlineState.OPEN, due_on__lte=until + timedelta(days=AHEAD)).order_by("due_on", "id")
    open_ = open_.exclude(what__in=(EXPIRY, FILING), due_on__lt=today)  # these pass by themselves
    found = list(open_.select_related("application__firm")[: MOST + 1])
    days = calendar.current()
    thresholds = cache(_thresholds)
    shown = [
        show(row, row.application.version, days, thresholds(row.application.version_id), today=today)
        for row in found[:MOST]
    ]
    coming = sorted(
        ((day, number, one) for one in shown for day, number in one.reminders if today <= day <= until),
        key=lambda entry: (entry[0], entry[2].row.pk),
    )
    due = [one for one in shown if one.row.due_on <= until]
    return {"due": due, "coming": coming, "more": len(found) > MOST}


def _thresholds(version_id: str) -> list[int]:
    return parameters(load(version_id))["reminder_days"]


def _counts(rows: QuerySet[Deadline], today: date) -> list[tuple[date, str, int, int]]:
    """Day, name, days ahead and how many reminders."""
    until = today + timedelta(days=AHEAD)
    counts: Counter[tuple[date, str, int]] = Counter()
    soon = rows.filter(state=DeadlineState.OPEN, due_on__gte=today - timedelta(days=1))
    soon = soon.filter(due_on__lte=until + timedelta(days=AHEAD)).select_related("application")
    thresholds = cache(_thresholds)
    for row in soon.iterator(chunk_size=2000):
        version = row.application.version
        for day, number in reminder_days(row, thresholds(version.id)):
            if today <= day <= until:
                counts[day, name_of(row.what, version), number] += 1
    return [(*key, count) for key, count in sorted(counts.items())]


@login_not_required
@require_GET
def feed(request: Request, token: str) -> HttpResponse:
    """The calendar behind a private address: no sign-in, for whoever has the address."""
    found = feeds.find(token)
    if found is None:
        raise Http404
    response = HttpResponse(
        feeds.draw(found, at=timezone.now(), address=request.build_absolute_uri("/")),
        content_type="text/calendar; charset=utf-8",
    )
    response["Content-Disposition"] = 'attachment; filename="deadlines.ics"'
    response["Cache-Control"] = "private, max-age=900"
    return response


@require_GET
def subscription(request: Request) -> HttpResponse:
    """行事曆訂閱: the address, and how to take another one."""
    if not feeds.may_have(request.user):
        raise Http404
    found = feeds.of(request.user)
    address = request.build_absolute_uri(found.path) if found else ""
    return render(request, "applications/subscription.html", {"feed": found, "address": address})


@require_POST
def subscribe(request: Request) -> HttpResponse:
    """Take a new address; the old one stops working. Or only give the old one up."""
    if not feeds.may_have(request.user):
        raise Http404
    if "revoke" in request.POST:
        feeds.revoke(by=request.user, at=timezone.now())
        messages.success(request, _("已停用訂閱網址，行事曆軟體將無法再讀取。"))
    else:
        feeds.renew(by=request.user, at=timezone.now())
        messages.success(request, _("已產生新的訂閱網址；先前的網址已失效。"))
    return redirect("subscription")
