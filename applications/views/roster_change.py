"""人員異動: the notice of a new roster, and the rosters that were told."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import Request
from applications import policy, roster, rosters
from applications.actions import roster_change
from applications.actions.drafting import NotOpen, Unmet
from applications.actions.evidence import log_reading
from applications.enums import GRANTED
from applications.forms.fields import tidy
from applications.forms.roster_change import RosterChangeForm
from applications.lifecycle import Conflict
from applications.models import Application, FirmNotice
from applications.present import words
from applications.roster_columns import RowError
from applications.views.pages import get_case
from applications.views.roster import MOST_ERRORS, WRONG, csv_answer, say


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, pk: int) -> HttpResponse:
    """The form; a POST tells the change, or says what is wrong and changes nothing."""
    case = get_case(request, pk)
    if request.user.firm is None or not policy.may(request.user, roster_change.MAY):
        raise Http404
    posted = request.method == "POST"
    until = roster_change.last_day(case, today=timezone.localdate()) if case.status in GRANTED else None
    if not posted and until is None:
        messages.info(request, _("本案沒有進行中或尚未開始之期間，毋須通知人員異動。"))
        return redirect("case", pk=pk)
    form = RosterChangeForm(
        request.POST if posted else None, request.FILES if posted else None, initial={"revision": case.revision}
    )
    wrong: list[RowError] = []
    if posted and form.is_valid():
        upload = form.cleaned_data["file"]
        rows, found = roster.read_upload(upload.name or "", upload.read(), case.version)
        wrong = [error for error in found if not error.warning]
        if wrong:
            form.add_error("file", WRONG % {"count": len(wrong)})
        else:
            try:
                _change(request, case, form, rows)
            except (Conflict, NotOpen):
                return _conflict(request, pk, form)
            except Unmet as error:
                form.take(error.problems)
            else:
                for notice in found:
                    messages.warning(request, say(notice))
                messages.success(request, _("已登錄人員異動（{count} 人），並已通知雙方。").format(count=len(rows)))
                return redirect("case", pk=pk)
    return render(request, "applications/roster_change.html", _context(case, form, wrong, until))


def _context(case: Application, form: RosterChangeForm, wrong: list[RowError], until: Any) -> dict[str, Any]:
    people = rosters.rosters(case.firm_id).get(case.pk, [])
    counts = rosters.at_home(people)
    return {
        "case": case,
        "form": form,
        "errors": form.errors,
        "row_errors": [(error, say(error)) for error in wrong[:MOST_ERRORS]],
        "until": until,
        "people": len(people),
        "counts": [(words(line.name), counts[line.id]) for line in case.version.lines if counts[line.id]],
    }


def _change(request: Request, case: Application, form: RosterChangeForm, rows: Any) -> FirmNotice:
    data = form.cleaned_data
    return roster_change.change(
        case_id=case.pk,
        revision=data["revision"],
        effective_on=data["effective_on"],
        reason=data["reason"],
        rows=rows,
        by=request.user,
        at=timezone.now(),
    )


def _conflict(request: Request, pk: int, form: RosterChangeForm) -> HttpResponse:
    kept = [tidy(form.data.get(name, "")).strip() for name in ("effective_on", "reason")]
    case = get_case(request, pk)
    text = "\n".join(filter(None, kept))
    context = {"case": case, "why": "moved", "typed": [], "text": text, "back": request.path}
    return render(request, "applications/conflict.html", context, status=409)


@require_GET
def last(request: Request, pk: int) -> HttpResponse:
    """The last roster that is known of a case, to start from."""
    case = get_case(request, pk)
    if request.user.firm is None or case.status not in GRANTED:
        raise Http404
    people = rosters.rosters(case.firm_id).get(case.pk, [])
    return _csv(request, case, people, f"roster-{case.pk}.csv")


@require_GET
def download(request: Request, pk: int, notice: int) -> HttpResponse:
    """The roster of one notice. For both sides; the reading is logged."""
    case = get_case(request, pk)
    told = get_object_or_404(FirmNotice, application=case, what=FirmNotice.What.ROSTER_CHANGE, pk=notice)
    return _csv(request, case, told.detail["roster"], f"roster-{case.pk}-{told.effective_on.isoformat()}.csv")


def _csv(request: Request, case: Application, people: rosters.People, name: str) -> HttpResponse:
    log_reading(case, len(people), by=request.user, at=timezone.now())
    return csv_answer(roster.write_csv(rosters.rows(people), case.version), name)
