"""What every page of the exchange begins and ends with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.http import Request
from applications import policy
from applications.actions.drafting import NotOpen
from applications.actions.erasing import Destroyed
from applications.enums import Action
from applications.lifecycle import Conflict
from applications.models import Application, Submission
from applications.present import words
from applications.templatetags.portal import event_name, minute
from reviews import policy as rules
from reviews.verdicts import Progress, Round

View = Callable[..., HttpResponseBase]


def of_exchange(view: View) -> View:
    """A page of the exchange: for anybody else it does not exist (404); for lack of right it is 403."""

    @wraps(view)
    def page(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.firm is not None or not policy.may(request.user, "see_internal"):
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except NotOpen as error:
            raise PermissionDenied from error
        except Submission.DoesNotExist as error:  # a notice whose documents have not come
            raise Http404 from error

    return page


def find_case(request: Request, pk: int) -> Application:
    """The case, destroyed or not, or a 404 where this person may not know of it."""
    return get_object_or_404(policy.visible_to(request.user).select_related("officer", "previous"), pk=pk)


def get_case(request: Request, pk: int) -> Application:
    """The case, or a 404 where this person may not know of it.

    Raises:
        Destroyed: its content has gone.
    """
    found = find_case(request, pk)
    if found.destroyed_at:
        raise Destroyed(found)
    return found


def shared(now: Round, progress: list[Progress]) -> dict[str, Any]:
    """The list of sections: those with something that needs the officer, and those where all stands from before."""
    return {
        "open_progress": [one for one in progress if one.fresh],
        "folded_progress": [one for one in progress if not one.fresh],
        "fresh": len(now.findings) - len(now.folded),
    }


def context_of(case: Application, **more: Any) -> dict[str, Any]:
    """What the layout and every page of a case show."""
    version = case.version
    return {
        "case": case,
        "version": version,
        "kind": words(version.kind(case.kind).name),
        "guideline_version": words(version.label),
        **more,
    }


def require(request: Request, case: Application, action: Action, may: bool) -> HttpResponse | None:
    """None where the page of this action can be shown; a way back where the case has moved on.

    Raises:
        PermissionDenied: it is not for this person's role, or not for this person.
    """
    if may:
        return None
    if not rules.ever(request.user, action) or policy.knows(action, case):
        raise PermissionDenied
    text = _("案件目前為「{status}」，無法辦理「{action}」。")
    messages.info(request, text.format(status=case.get_status_display(), action=action.label))
    return redirect("review-case", pk=case.pk)


def what_happened(case: Application, revision: int | None = None) -> str:
    """One sentence on what the case met since a page was drawn."""
    if revision is not None and case.revision == revision:
        return _("審查內容或承辦人在您開啟本頁之後已有變更；案件目前為「{status}」。").format(
            status=case.get_status_display()
        )
    last = case.events.filter(~Q(after="") | Q(what="reclassify")).last()
    if last is None:
        return _("案件目前為「{status}」。").format(status=case.get_status_display())
    label = event_name(last.what)
    return _("{name} 已於 {time} 辦理「{action}」，案件目前為「{status}」。").format(
        name=last.actor_name, time=plain_minute(last.at), action=label, status=case.get_status_display()
    )


def plain_minute(at: datetime) -> str:
    """A time as it stands in a sentence."""
    tag = minute(at)
    return tag[tag.index(">") + 1 : tag.rindex("<")] if "<" in tag else tag


def conflict(
    request: Request,
    error: Conflict,
    *,
    kept: Iterable[tuple[str, str]] = (),
    revision: int | None = None,
) -> HttpResponse:
    """The 409 page: what happened, and what was typed."""
    return render(
        request,
        "409.html",
        {
            "case": error.case,
            "what_happened": what_happened(error.case, revision),
            "kept": [{"label": label, "text": text} for label, text in kept if text],
            "back_url": reverse("review-case", args=[error.case.pk]),
        },
        status=409,
    )


def typed(form: Any, *names: str) -> list[tuple[str, str]]:
    """Label and text of these fields as they were posted."""
    return [(str(form.fields[name].label), str(form.data.get(form.add_prefix(name), ""))) for name in names]
