"""A new version of the guideline on a draft: what changes, what has no place, and taking it over."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from applications import policy
from applications.actions import versions
from applications.actions.drafting import NotOpen
from applications.forms.fields import whole_number
from applications.lifecycle import Conflict
from applications.models import Application
from applications.present import line_names, listed, show_item, words
from applications.views.deeds import moved
from applications.views.pages import get_case
from guideline.catalogue import Version
from guideline.differing import bearing


@require_http_methods(["GET", "HEAD", "POST"])
def version(request: Request, pk: int) -> HttpResponse:
    """What is new since the draft was begun; a POST brings it under the version in force."""
    case = get_case(request, pk)
    if request.user.firm is None:
        raise Http404
    if request.method == "POST":
        return _adopt(request, case)
    new = versions.pending(case, today=timezone.localdate())
    changes = bearing(case.version, new, case.kind, case.opened) if new else ()
    context = {
        "case": case,
        "version": case.version,
        "new": new,
        "knows": new is not None and new.knows(case.kind),
        "changes": [(heading, list(found)) for heading, found in groupby(changes, lambda change: change.heading)],
        "going": left(case.version, versions.preview(case, new).left) if new else [],
        "may_adopt": policy.may(request.user, "edit", case),
        "gone": gone(case),
        "proofs": versions.without_place(case),
    }
    return render(request, "applications/version.html", context)


def _adopt(request: Request, case: Application) -> HttpResponse:
    try:
        versions.adopt(
            case_id=case.pk,
            revision=whole_number(request.POST.get("revision")),
            version_id=request.POST.get("version", "")[:40],
            by=request.user,
            at=timezone.now(),
        )
    except NotOpen as error:
        raise Http404 from error
    except Conflict:
        return moved(request, case)
    messages.success(request, _("已改依新版指引；各節已重新檢核，請確認尚未完成之項目。"))
    return redirect("case", pk=case.pk)


def left(old: Version, values: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Answers that have no place, as they were called when they were written."""
    return [{"item": item, "view": show_item(item, values[item.id], (), old)} for item in old.items_among(values)]


def gone(case: Application) -> list[dict[str, Any]]:
    """What the draft lost its place of before, by the version under which it was written."""
    found = []
    for old, values, people in versions.left_over(case):
        names = line_names(old)
        lines = [(number, listed(names[line] for line in lines)) for number, lines in sorted(people.items())]
        if values or lines:
            found.append({"label": words(old.label), "items": left(old, values), "people": lines})
    return found
