"""An emergency notice once it was given: confirmation, as it was said, as PDF; and its ratification."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import Request
from applications import documents, emergencies, policy
from applications.actions import ratifying
from applications.actions.drafting import NotOpen, Unmet
from applications.enums import Door
from applications.evidence import Refused
from applications.forms.fields import tidy
from applications.forms.ratifying import RatifyForm
from applications.lifecycle import Conflict
from applications.models import Application, EmergencyNotice, Issued
from applications.present import show_pages
from applications.views import papers
from applications.views.pages import get_case


def _notice(case: Application) -> EmergencyNotice:
    return get_object_or_404(EmergencyNotice.objects.select_related("given_by"), application=case)


@require_GET
def given(request: Request, pk: int) -> HttpResponse:
    """What was received, when by the server's clock, what is due by when, and how to supply it."""
    case = get_case(request, pk)
    if request.user.firm is None:
        raise Http404
    notice = _notice(case)
    context = {
        "case": case,
        "version": case.version,
        "notice": notice,
        "foreseen": emergencies.foreseen(case.version, on=timezone.localdate(notice.received_at)),
        "given": emergencies.given(case, today=timezone.localdate()),
    }
    return render(request, "applications/notice_given.html", context)


@require_GET
def said(request: Request, pk: int) -> HttpResponse:
    """The notice as it was given, for ever."""
    case = get_case(request, pk)
    notice = _notice(case)
    views = show_pages(notice.content, case.version)
    return render(request, "applications/notice.html", {"case": case, "notice": notice, "views": views})


@require_GET
def pdf(request: Request, pk: int) -> HttpResponse:
    """通報書."""
    case = get_case(request, pk)
    notice = _notice(case)
    draw = partial(documents.notice_pdf, notice.content, case.version, notice.sha256, Door(notice.door).label)
    return papers.issued(request, case, Issued.What.NOTICE, 0, draw)


@require_http_methods(["GET", "HEAD", "POST"])
def ratify(request: Request, pk: int) -> HttpResponse:
    """登錄董事會追認."""
    case = get_case(request, pk)
    known = emergencies.given(case, today=timezone.localdate())
    if not policy.may(request.user, ratifying.WHAT) or known is None or known.ratification is None:
        raise Http404
    posted = request.method == "POST"
    if not posted and (known.ratified or not policy.may(request.user, ratifying.WHAT, case)):
        messages.info(request, _("本案目前沒有待登錄之追認。"))
        return redirect("case", pk=pk)
    form = RatifyForm(
        request.POST if posted else None, request.FILES if posted else None, initial={"revision": case.revision}
    )
    if posted and form.is_valid():
        try:
            ratifying.ratify(case_id=case.pk, **form.cleaned_data, by=request.user, at=timezone.now())
        except (Conflict, NotOpen):
            return _conflict(request, pk, form)
        except Unmet as error:
            form.take(error.problems)
        except Refused as error:
            form.add_error("minutes", _(error.message).format(**error.params))
        else:
            messages.success(request, _("已登錄董事會追認，並已通知雙方。"))
            return redirect("case", pk=pk)
    context = {"case": case, "form": form, "errors": form.errors, "given": known, "again": posted}
    return render(request, "applications/ratify.html", context)


def _conflict(request: Request, pk: int, form: RatifyForm) -> HttpResponse:
    case = get_case(request, pk)
    kept = [tidy(form.data.get(name, "")).strip() for name in ("held_on", "text")]
    context = {
        "case": case,
        "why": "moved",
        "typed": [],
        "text": "\n".join(filter(None, kept)),
        "back": case.get_absolute_url(),
    }
    return render(request, "applications/conflict.html", context, status=409)
