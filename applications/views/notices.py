"""通知: what this person has been told, newest first, and how mail is to come."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from applications import notify
from applications.actions import notices
from applications.models import Notification
from applications.reminders import name_of
from applications.templatetags.portal import event_name


@require_GET
def listing(request: Request) -> HttpResponse:
    """A page of the list. 4 queries, session and person included."""
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    try:
        page = notices.page(request.user, before=before, after=after)
    except ValueError as error:
        raise Http404 from error
    address = reverse("notices")
    return render(
        request,
        "applications/notices.html",
        {
            "rows": [_row(note) for note in page.rows],
            "unread": any(note.read_at is None for note in page.rows),
            "upto": page.rows[0].pk if page.rows else 0,
            "of_firm": request.user.firm is not None,
            "query": f"?{request.GET.urlencode()}" if request.GET else "",
            "newer_url": f"{address}?after={page.newer}" if page.newer else "",
            "older_url": f"{address}?before={page.older}" if page.older else "",
        },
    )


def _row(note: Notification) -> dict[str, Any]:
    row = note.outbox
    unfiled = row.application is None and row.what in notify.AUDIENCE  # of a mail that may become a case
    return {"note": note, "case": row.application, "at": row.created_at, "unfiled": unfiled, **_words(note)}


def _words(note: Notification) -> dict[str, Any]:
    """What happened, and the day that it is about."""
    row = note.outbox
    if row.deadline is None or row.application is None:
        return {"text": event_name(row.what), "day": None}
    name = name_of(row.deadline.what, row.application.version)
    late = row.what.partition(":")[0] == notify.OVERDUE
    text = _("期限已過：{name}") if late else _("期限將至：{name}")
    return {"text": text.format(name=name), "day": row.deadline.due_on}


def _back(request: Request) -> HttpResponse:
    """To the page of the list from which it was posted."""
    query = request.GET.urlencode()
    return redirect(reverse("notices") + (f"?{query}" if query else ""))


@require_POST
def one(request: Request, pk: int) -> HttpResponse:
    """It has been read; ``open`` goes on to what it is about."""
    try:
        note = notices.read(pk=pk, by=request.user, at=timezone.now())
    except Notification.DoesNotExist as error:
        raise Http404 from error
    return redirect(notify.path(note.outbox)) if "open" in request.POST else _back(request)


@require_POST
def all_read(request: Request) -> HttpResponse:
    """Everything that the page showed, and what is older, has been read."""
    upto = request.POST.get("upto", "")
    if not (upto.isascii() and upto.isdigit()) or len(upto) > 18:
        raise Http404
    notices.mark_read(by=request.user, at=timezone.now(), upto=int(upto))
    return _back(request)


@require_POST
def mail(request: Request) -> HttpResponse:
    """One mail for each thing, or one a day."""
    choice = request.POST.get("mail", "")
    if choice not in {"each", "daily"}:
        raise Http404
    notices.choose_mail(by=request.user, digest=choice == "daily")
    return _back(request)
