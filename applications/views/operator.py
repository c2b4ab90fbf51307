"""The operator's pages: what runs by itself, mails that were given up, the record."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

from accounts.http import Request
from applications import health, policy
from applications.actions import operating
from applications.enums import DayKind
from applications.forms.fields import whole_number
from applications.models import Notification, OperatorEvent
from applications.present import listed, show_date, words
from applications.tasks import reschedule
from guideline.catalogue import every

log = logging.getLogger(__name__)
PAGE = 50

WHAT = {
    "day": gettext_lazy("行事曆"),
    "year": gettext_lazy("年度公告"),
    "year_added": gettext_lazy("新增年度"),
    "parameter": gettext_lazy("系統參數"),
    "resend": gettext_lazy("重新寄送通知信"),
}

View = Callable[..., HttpResponse]


def for_operator(view: View) -> View:
    """A page of the operator: for anybody else it does not exist (404)."""

    @wraps(view)
    def page(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.operates(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return page


def tabs(request: Request, current: str) -> list[dict[str, Any]]:
    """The operator's pages; somebody who only reads the record has that one."""
    pages = [("operator-events", _("變更紀錄")), ("trail", _("紀錄查核"))]
    if policy.operates(request.user):
        others = [
            ("operator", _("運作狀態")),
            ("operator-calendar", _("行事曆")),
            ("operator-parameters", _("系統參數")),
        ]
        pages = [*others, *pages]
    return [{"url": reverse(name), "label": label, "current": name == current} for name, label in pages]


def order_reschedule(request: Request) -> None:
    """Have a worker compute the deadlines anew. Where the queue is away, the next heartbeat of beat does."""
    try:
        reschedule.delay_on_commit()
    except (OperationalError, OSError):
        log.exception("rescheduling is not on order")
        later = _("目前無法連線至工作佇列；背景作業恢復後，將自動重算各案期限。")
        messages.warning(request, later)


@require_safe
@for_operator
def home(request: Request) -> HttpResponse:
    """What runs by itself, and whether it does."""
    now = timezone.now()
    context = {"state": health.state(now=now), "stale": operating.stale_since(), "tabs": tabs(request, "operator")}
    return render(request, "operator/home.html", context)


@require_POST
@for_operator
def resend(request: Request, pk: int) -> HttpResponse:
    """Try a mail again that was given up."""
    try:
        operating.resend(notification_id=pk, by=request.user, at=timezone.now())
    except Notification.DoesNotExist:
        raise Http404 from None
    except operating.Changed:
        context = {
            "what_happened": _("這封通知信已重新排入寄送，或已寄出。"),
            "back_url": reverse("operator"),
        }
        return render(request, "operator/moved.html", context, status=409)
    messages.success(request, _("已排入重新寄送。"))
    return redirect("operator")


@require_safe
def trail(request: Request) -> HttpResponse:
    """Whether the trail is whole, as the last walk over it found; auditors read it too."""
    if not policy.reads_record(request.user):
        raise Http404
    context = {"trail": health.trail(), "tabs": tabs(request, "trail")}
    return render(request, "operator/trail.html", context)


@require_safe
def events(request: Request) -> HttpResponse:
    """What operators changed, the latest first; auditors read it too."""
    if not policy.reads_record(request.user):
        raise Http404
    before, after = (whole_number(request.GET.get(name)) for name in ("before", "after"))
    rows = OperatorEvent.objects.all()
    if after >= 0:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        more, found = found[PAGE:], found[:PAGE][::-1]
        newer, older = bool(more), bool(found)
    else:
        found = list((rows.filter(pk__lt=before) if before >= 0 else rows)[: PAGE + 1])
        newer, older = before >= 0 and bool(found), len(found) > PAGE
        found = found[:PAGE]
    here = reverse("operator-events")
    context = {
        "rows": [_told(row) for row in found],
        "newer_url": f"{here}?after={found[0].pk}" if newer and found else "",
        "older_url": f"{here}?before={found[-1].pk}" if older and found else "",
        "tabs": tabs(request, "operator-events"),
    }
    return render(request, "operator/events.html", context)


def _told(row: OperatorEvent) -> dict[str, Any]:
    return {
        "event": row,
        "what": WHAT.get(row.what, row.what),
        "subject": _subject(row),
        "before": told(row.what, row.before),
        "after": told(row.what, row.after),
    }


def _subject(row: OperatorEvent) -> str:
    if row.what == "day":
        return show_date(date.fromisoformat(row.subject))
    if row.what == "parameter":
        names = {one.id: words(one.label) for version in every() for one in version.parameters}
        return names.get(row.subject, row.subject)
    return row.subject


def told(what: str, value: Any) -> str:
    """What was there before or after a change, in words."""
    if what == "day":
        return f"{DayKind(value['kind']).label} {value['name']}".strip() if value else _("依星期認定")
    if what == "parameter":
        return show_parameter(value) if value is not None else _("版本預設值")
    if value is None:
        return {"year_added": "—", "resend": _("重新寄送")}.get(what, "")
    if what == "resend":
        return _("寄送 {count} 次未成功：{error}").format(count=value["attempts"], error=value["error"])
    state = _("已公告") if value["published"] else _("未公告")
    return _("{state}，預估 {count} 日").format(state=state, count=value["days"]) if "days" in value else state


def show_parameter(value: Any) -> str:
    """A number, or a list of them or of times."""
    return listed(str(one) for one in value) if isinstance(value, list) else str(value)
