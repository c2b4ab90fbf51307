"""改列申請類型: the officer says of what kind the case is, and why."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import policy
from applications.actions.drafting import Unmet
from applications.lifecycle import Conflict
from applications.present import words
from reviews import policy as rules
from reviews.actions import reclassifying
from reviews.forms import ReclassifyForm
from reviews.views.common import Request, conflict, context_of, get_case, of_exchange, typed


@require_http_methods(["GET", "HEAD", "POST"])
@of_exchange
def page(request: Request, pk: int) -> HttpResponse:
    """The kinds that are open to the case, and the reason."""
    case = get_case(request, pk)
    posted = request.method == "POST"
    if not posted and not policy.may(request.user, reclassifying.WHAT, case):
        if not rules.ever(request.user, reclassifying.WHAT) or case.officer_id != request.user.pk:
            raise PermissionDenied
        text = _("案件目前為「{status}」，無法改列申請類型。")
        messages.info(request, text.format(status=case.get_status_display()))
        return redirect("review-case", pk=pk)
    now = timezone.now()
    kinds = [(kind.id, words(kind.name)) for kind, _follows in reclassifying.targets(case, now)]
    # a page that is older than the case may name any kind: a conflict, not an error
    offered = [(kind.id, words(kind.name)) for kind in case.version.kinds] if posted else kinds
    form = ReclassifyForm(request.POST if posted else None, kinds=offered, initial={"revision": case.revision})
    if posted and form.is_valid():
        data = form.cleaned_data
        try:
            found = reclassifying.reclassify(case_id=pk, **data, by=request.user, at=now)
        except Conflict as error:
            return conflict(request, error, kept=typed(form, "reason"))
        except Unmet as error:
            form.take(error.problems)
        else:
            name = words(found.version.kind(found.kind).name)
            messages.success(request, _("已改列為「{kind}」，並已通知證券商。").format(kind=name))
            return redirect("review-case", pk=pk)
    form.fields["kind"].choices = kinds  # type: ignore[attr-defined]
    context = context_of(case, form=form, kinds=kinds, errors=form.errors)
    return render(request, "reviews/reclassify.html", context)
