"""保存與銷毀: what is over, what was put up, who released it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from kombu.exceptions import OperationalError

from applications import policy
from applications.actions.drafting import NotOpen, Unmet
from applications.models import Application
from applications.present import words
from reviews import retention
from reviews.actions import disposing
from reviews.forms import HoldForm, RemarkForm
from reviews.models import Disposal, DisposalCase, LegalHold
from reviews.tasks import destroy_released
from reviews.views.common import Request, context_of, get_case, typed

log = logging.getLogger(__name__)
SHOWN = 100

View = Callable[..., HttpResponseBase]


def _page(view: View) -> View:
    """For those who see disposals; for anybody else it does not exist (404), for lack of right it is 403."""

    @wraps(view)
    def page(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.firm is not None or not policy.may(request.user, "see_disposals"):
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except NotOpen as error:
            raise PermissionDenied from error
        except disposing.Changed:
            return _changed(request, typed(RemarkForm(request.POST), "remark"), reverse("retention"))

    return page


def _changed(request: Request, kept: list[tuple[str, str]], back: str) -> HttpResponse:
    context = {
        "what_happened": _("您要辦理的事項在您開啟本頁之後已有變更，本次未辦理；請核對最新內容後再辦理。"),
        "kept": [{"label": label, "text": text} for label, text in kept if text],
        "back_url": back,
    }
    return render(request, "409.html", context, status=409)


@require_http_methods(["GET", "HEAD", "POST"])
@_page
def hold(request: Request, pk: int) -> HttpResponse:
    """Hold a case, or let it go; with a reason."""
    case = get_case(request, pk)
    standing = LegalHold.objects.filter(application=case, lifted_at=None).select_related("set_by").first()
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deed = disposing.lift if request.POST.get("do") == "lift" else disposing.hold
        try:
            deed(case_id=case.pk, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        except disposing.Changed:
            return _changed(request, typed(form, "reason"), reverse("review-hold", args=[pk]))
        except Unmet as error:
            form.take(error.problems)
        else:
            text = _("已解除法律保全。") if deed is disposing.lift else _("已設定法律保全；本案及相連各案不予銷毀。")
            messages.success(request, text)
            return redirect("review-case", pk=pk)
    return render(request, "reviews/hold.html", context_of(case, form=form, errors=form.errors, hold=standing))


@require_safe
@_page
def listing(request: Request) -> HttpResponse:
    """The chains whose time is over, and every disposal. 12 queries, session and person included."""
    chains = retention.over(today=timezone.localdate())
    candidates = disposing.candidates(chains)
    known = policy.visible_to(request.user).filter(pk__in=[case.pk for one in chains for case in one.cases])
    visible = set(known.values_list("pk", flat=True))
    context = {
        "years": retention.years(today=timezone.localdate()),
        "rows": [_row(one, visible) for one in chains[:SHOWN]],
        "more": max(0, len(chains) - SHOWN),
        "count": len(candidates),
        "basis": retention.basis(candidates),
        "may": policy.may(request.user, disposing.MAY),
        "disposals": Disposal.objects.select_related("proposed_by", "released_by", "cancelled_by")[:SHOWN],
    }
    return render(request, "reviews/retention.html", context)


def _row(chain: retention.Chain, visible: set[int]) -> dict[str, Any]:
    known = [case for case in chain.cases if case.pk in visible]
    return {"chain": chain, "cases": [_case(case) for case in known], "drafts": len(chain.cases) - len(known)}


def _case(case: Application) -> dict[str, Any]:
    return {"case": case, "kind": words(case.version.kind(case.kind).name)}


@require_POST
@_page
def propose(request: Request) -> HttpResponse:
    """Put up what the page showed."""
    found = disposing.propose(basis=request.POST.get("basis", ""), by=request.user, at=timezone.now())
    messages.success(request, _("已提出銷毀案；須由另一位主管覆核後，始行銷毀。"))
    return redirect(found)


@require_safe
@_page
def disposal(request: Request, pk: int) -> HttpResponse:
    """One disposal, its cases and how far it is. 7 queries, session and person included."""
    return _disposal(request, pk, RemarkForm())


def _disposal(request: Request, pk: int, form: RemarkForm) -> HttpResponse:
    found = get_object_or_404(Disposal.objects.select_related("proposed_by", "released_by", "cancelled_by"), pk=pk)
    rows = list(found.cases.select_related("application__firm"))
    known = policy.visible_to(request.user).filter(pk__in=[row.application_id for row in rows])
    visible = set(known.values_list("pk", flat=True))
    may = found.waiting and policy.may(request.user, disposing.MAY)
    context = {
        "disposal": found,
        "rows": [{"row": row, **_case(row.application)} for row in rows if row.application_id in visible],
        "drafts": sum(row.application_id not in visible for row in rows),
        "total": len(rows),
        "done": sum(row.done_at is not None for row in rows),
        "kept": sum(row.outcome == DisposalCase.Outcome.KEPT for row in rows),
        "may_release": may and found.proposed_by_id != request.user.pk,
        "may_cancel": may,
        "form": form,
        "errors": form.errors,
    }
    return render(request, "reviews/disposal.html", context)


@require_POST
@_page
def release(request: Request, pk: int) -> HttpResponse:
    """覆核: a worker destroys from now on; where the queue is away, the next hour's run does."""
    get_object_or_404(Disposal, pk=pk)
    disposing.release(disposal_id=pk, by=request.user, at=timezone.now())
    try:
        destroy_released.delay_on_commit()
    except (OperationalError, OSError):
        log.exception("destroying is not on order")
    messages.success(request, _("已覆核，將於背景銷毀；銷毀前如設定法律保全，該案即予保留。"))
    return redirect("disposal", pk=pk)


@require_POST
@_page
def cancel(request: Request, pk: int) -> HttpResponse:
    """Not released, or taken back."""
    get_object_or_404(Disposal, pk=pk)
    form = RemarkForm(request.POST)
    if form.is_valid():
        try:
            disposing.cancel(disposal_id=pk, remark=form.cleaned_data["remark"], by=request.user, at=timezone.now())
        except Unmet as error:
            form.take(error.problems)
        else:
            messages.success(request, _("本案不予銷毀，各案續予保存。"))
            return redirect("disposal", pk=pk)
    return _disposal(request, pk, form)
