"""個人資料: what is kept of one person, on a page and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import Request
from accounts.models import Firm
from applications import policy
from applications.actions import personal
from applications.forms.fields import tidy
from applications.present import line_names, listed

LONGEST = 254
SHOWN = 200  # events on the page; the file has them all
View = Callable[..., HttpResponse]


def _page(view: View) -> View:
    """For those who may give an account of a person; for anybody else it does not exist (404)."""

    @wraps(view)
    def page(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy.may(request.user, personal.MAY):
            raise Http404
        return view(request, *args, **kwargs)

    return page


def _asked(request: Request, name: str) -> str:
    return tidy(request.GET.get(name, "")).strip()[:LONGEST]


def _firm(request: Request) -> Firm | None:
    """One's own firm, or the one with the code that was typed."""
    found = personal.firms(request.user)
    return found.first() if request.user.firm else found.filter(broker_code__iexact=_asked(request, "firm")).first()


@require_safe
@_page
def search(request: Request) -> HttpResponse:
    """Whom it is about: a staff number or name of a roster, or the address of an account."""
    text, code = _asked(request, "q"), _asked(request, "firm")
    firm = _firm(request)
    accounts = personal.accounts(request.user)
    problem = _("查無此證券商代號，請輸入四位英數字，例如 1020") if code and firm is None else ""
    context = {
        "q": text,
        "code": code,
        "firm": firm,
        "problems": [{"href": "#firm", "message": problem}] if problem else [],
        "people": personal.look_up(firm, text, by=request.user) if firm and text else [],
        "accounts": (accounts.filter(email__iexact=text) | accounts.filter(name=text)) if text else [],
        "asked": bool(text),
    }
    return render(request, "applications/personal.html", context)


@require_safe
@_page
def person(request: Request) -> HttpResponse:
    """All on a person of a firm's rosters; ``as=json`` is the same as a file. The reading is put on record."""
    firm, staff_no = _firm(request), _asked(request, "staff_no")
    if firm is None:
        raise Http404
    try:
        found = personal.of_roster(firm, staff_no, by=request.user, at=timezone.now())
    except LookupError as error:
        raise Http404 from error
    if request.GET.get("as") == "json":
        return _json(personal.person_json(found), f"person-{firm.broker_code}.json")
    names = {one.case.version_id: line_names(one.case.version) for one in found.kept}
    rows = [
        (one, listed(names[one.case.version_id].get(line, line) for line in one.row["lines"])) for one in found.kept
    ]
    mentions = [(one, one.case.version.item(one.item)) for one in found.mentions]
    context = {"person": found, "rows": rows, "mentions": mentions}
    return render(request, "applications/personal_roster.html", context)


@require_safe
@_page
def account(request: Request, pk: int) -> HttpResponse:
    """All on an account; ``as=json`` is the same as a file. The reading is put on record."""
    user = get_object_or_404(personal.accounts(request.user), pk=pk)
    found = personal.of_account(user, by=request.user, at=timezone.now())
    if request.GET.get("as") == "json":
        return _json(found, f"account-{user.pk}.json")
    context = {"person": user, "found": found, "events": found["events"][-SHOWN:][::-1]}
    return render(request, "applications/personal_account.html", context)


def _json(value: dict[str, Any], name: str) -> HttpResponse:
    return HttpResponse(
        json.dumps(value, ensure_ascii=False, indent=2),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name) or "attachment"},
    )
