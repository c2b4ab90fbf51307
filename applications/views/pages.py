"""Pages that show: home, the case, check your answers, receipt, files, PDF."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.http import Request
from applications import emergencies, ledger, policy
from applications.actions import ending, following, roster_change, versions
from applications.actions.drafting import open_items
from applications.actions.erasing import Destroyed
from applications.actions.evidence import log_reading
from applications.content import Whole, read, snapshot
from applications.enums import CAME_TO_NOTHING, ENDED, FIRM_WRITES, GRANTED, WITH_CHECKER, Action, Carry, Mark, Status
from applications.facts import latest_day
from applications.forms.section import key
from applications.matrix import matrix_of
from applications.models import Application, ApprovedPeriod, Event, FirmNotice
from applications.present import about, clause_number, message, show_pages, words
from applications.standing import filed
from applications.views import preliminary
from applications.views.gone import skeleton
from guideline.catalogue import Section as Page
from guideline.catalogue import Version

FIRM_IS_UP = FIRM_WRITES | {Status.RETURNED, Status.NOTICED}
CHECKER_IS_UP = WITH_CHECKER | {Status.CORRECTION_REVIEW}


RETURNS = (Action.RETURN_TO_PREPARER, Action.RETURN_CORRECTION, Action.RETURN_DOCUMENTS)


def find_case(request: Request, pk: int) -> Application:
    """The case, destroyed or not, or a 404 where this person may not know of it."""
    return get_object_or_404(policy.visible_to(request.user), pk=pk)


def get_case(request: Request, pk: int) -> Application:
    """The case, or a 404 where this person may not know of it.

    Raises:
        Destroyed: its content has gone.
    """
    found = find_case(request, pk)
    if found.destroyed_at:
        raise Destroyed(found)
    return found


@require_GET
def home(request: Request) -> HttpResponse:
    """What is to be done, and every case of the firm."""
    user = request.user
    if user.firm is None:
        if policy.may(user, "see_internal"):
            return redirect("queue")
        return redirect("operator") if policy.operates(user) else render(request, "applications/nothing.html")
    today = timezone.localdate()
    cases = list(policy.listed_for(user).select_related("officer")[:200])
    waiting = [case for case in cases if policy.is_up(user, case)]
    periods = list(ApprovedPeriod.objects.filter(firm=user.firm).select_related("application"))
    return render(
        request,
        "applications/home.html",
        {
            "waiting": waiting,
            "cases": cases,
            "periods": [
                (period, words(period.application.version.line(period.line).name))
                for period in periods
                if period.until >= today
            ],
            "phases": ledger.phases_of_cases(periods, today),
            "overdue": emergencies.overdue(cases, today=today),
            "may_create": policy.may(user, "create"),
            "may_report": policy.may(user, "report"),
            "today": today,
        },
    )


@require_GET
def case(request: Request, pk: int) -> HttpResponse:
    """The task list while the firm writes, else how the case stands; of a notice, the next of its short pages."""
    found = find_case(request, pk)
    if request.user.firm is None:
        return redirect("review-case", pk=pk)
    if found.destroyed_at:
        return skeleton(request, found, found.events.filter(shared=True))
    if found.noticing and found.status in FIRM_WRITES:
        return _next_of_notice(found)
    sections = {s.section_id: s for s in found.sections.select_related("saved_by").defer("answers")}
    correction = found.corrections.filter(answered_at=None).first()
    writing = found.status in FIRM_IS_UP | CHECKER_IS_UP
    version = found.version
    context: dict[str, Any] = {
        "case": found,
        "version": version,
        "kind": version.kind(found.kind),
        "actions": policy.available_actions(request.user, found),
        "A": Action,
        "correction": correction,
        "writing": writing,
        "may_write": found.status in FIRM_WRITES and policy.may(request.user, "edit", found),
        "groups": _groups(found, sections, correction.items if correction else None) if writing else [],
        "last_saved": max(sections.values(), key=lambda s: s.saved_at, default=None),
        "events": (events := list(found.events.filter(shared=True))),
        "reclassified": _reclassified(version, events),
        "submissions": found.submissions.all() if found.number else [],
        "decision": getattr(found, "decision", None) if found.status in ENDED else None,
        "periods": [(p, words(version.line(p.line).name)) for p in found.periods.all()]
        if found.status in GRANTED
        else [],
        "lines": [words(version.line(line).name) for line in found.lines],
        "returned": found.events.filter(what__in=RETURNS).last() if found.status in FIRM_IS_UP else None,
        "latest": latest_day(found),
        "given": emergencies.given(found, today=timezone.localdate()),
        "may_pack": policy.may(request.user, "pack", found),
        "may_ratify": policy.may(request.user, "ratify", found),
        "newer": versions.pending(found, today=timezone.localdate()),
        **_following(request, found),
        **preliminary.context(request, found),
        **_notices(request, found),
    }
    if writing and found.from_pre_review:
        context |= preliminary.since_pre_review(read(found, today=timezone.localdate()))
    tasks = [task for group in context["groups"] for task in group["tasks"]]
    context["done"] = sum(task["mark"] == Mark.COMPLETE for task in tasks)
    context["asked"] = sum(task["applies"] for task in tasks)
    # a pre-review is filed as far as it is ready
    context["ready"] = context["done"] == context["asked"] or (found.for_opinion and bool(sections))
    context["not_asked"] = len(tasks) - context["asked"]
    return render(request, "applications/case.html", context)


def _next_of_notice(case: Application) -> HttpResponse:
    done = set(case.sections.filter(mark=Mark.COMPLETE).values_list("section_id", flat=True))
    step = next((page.id for page in case.pages if page.id not in done), "")
    return redirect("section", pk=case.pk, step=step) if step else redirect("check", pk=case.pk)


def _reclassified(version: Version, events: list[Event]) -> dict[str, Any] | None:
    """The last time that the exchange put the case under another kind."""
    found = next((one for one in reversed(events) if one.what == "reclassify"), None)
    if found is None:
        return None
    old, new = (words(version.kind(kind).name) for kind in found.detail["kinds"])
    return {"old": old, "new": new, "event": found}


def _notices(request: Request, case: Application) -> dict[str, Any]:
    """What the firm told after the decision, and what it can tell now."""
    if case.status not in GRANTED:
        return {}
    today = timezone.localdate()
    periods = list(ApprovedPeriod.objects.filter(application=case))
    lasting = any(one.until >= today for one in periods)
    return {
        "roster_changes": [
            (one, len(one.detail["roster"]))
            for one in FirmNotice.objects.filter(application=case, what=FirmNotice.What.ROSTER_CHANGE)
        ],
        "may_change_roster": lasting and policy.may(request.user, roster_change.MAY, case),
        "may_end": bool(ending.open_lines(periods, today=today)) and policy.may(request.user, ending.WHAT, case),
    }


@require_GET
def inherited(request: Request, pk: int) -> HttpResponse:
    """What the case takes over from the one before, as it stands there. For both sides."""
    found = get_case(request, pk)
    ids = following.standing(found)
    if not ids or found.previous is None:
        raise Http404
    content = filed(found.previous)
    views = [view for view in show_pages(content, found.version) if view.page.id in ids]
    people = sum(len(view.roster) for view in views)
    log_reading(found.previous, people, by=request.user, at=timezone.now())
    context = {"case": found, "views": views, "version": found.version, "previous": found.previous}
    return render(request, "applications/inherited.html", context)


def _following(request: Request, case: Application) -> dict[str, Any]:
    """What an extension takes over; whether one can be asked for; whether the period before has ended meanwhile."""
    version, now = case.version, timezone.now()
    context: dict[str, Any] = {}
    if case.status in GRANTED:
        context["extension"] = ledger.extension_open(case, now)
        context["may_extend"] = policy.may(request.user, "create")
        context["extensions"] = case.following.exclude(status__in=CAME_TO_NOTHING)
    if case.inherits:
        context["inherited"] = [(page, words(page.title)) for page in map(version.section, following.inherited(case))]
        context["stands"] = bool(following.standing(case))
        context["may_change"] = case.status in FIRM_WRITES and policy.may(request.user, "edit", case)
        context["lapsed"] = ledger.lapsed(case, now)
    return context


def _groups(case: Application, sections: dict[str, Any], named: dict[str, str] | None) -> list[dict[str, Any]]:
    version, asked = case.version, {page.id for page in case.pages}
    pages = version.pages_of(case.kind, case.opened)
    groups = []
    for group in version.groups:
        tasks = [_task(page, page.id in asked, sections, named) for page in pages if page.group == group.id]
        if tasks:
            groups.append({"title": words(group.label), "tasks": tasks})
    return groups


def _task(page: Page, applies: bool, sections: dict[str, Any], named: dict[str, str] | None) -> dict[str, Any]:
    row, said = sections.get(page.id), page.notice  # the list is not drawn before the notice is given
    mark = Mark(row.mark) if row else Mark.EMPTY
    carry = Carry(row.carry) if row else Carry.NONE
    text, tone = str(mark.label), {Mark.COMPLETE: "green", Mark.STARTED: "blue", Mark.EMPTY: "grey"}[mark]
    if row and row.carry == Carry.OFFERED:
        text, tone = str(Carry.OFFERED.label), "amber"
    return {
        "page": page,
        "title": words(page.task),
        "applies": applies,
        "mark": mark,
        "text": text,
        "tone": tone,
        "said": said,
        "correct": not said and named is not None and any(item.id in named for item in page.items),
        "locked": named is not None and not any(item.id in named for item in page.items),
        "row": row,
        "offered": carry == Carry.OFFERED,
        "carry": carry.label if carry in {Carry.KEPT, Carry.UPDATED} else "",
    }


@require_GET
def check(request: Request, pk: int) -> HttpResponse:
    """Check your answers: all that was written, what is missing, what deserves a look, and who does what next."""
    found = get_case(request, pk)
    if request.user.firm is None:
        raise Http404
    return check_page(request, found)


def check_page(request: Request, found: Application, **more: Any) -> HttpResponse:
    """The page on which what was written is checked and sent, with what went wrong there."""
    context = check_context(request, found)
    if found.noticing:
        context["foreseen"] = emergencies.foreseen(found.version, on=timezone.localdate())
        return render(request, "applications/notice_check.html", context | more)
    return render(request, "applications/check.html", context | more)


@require_GET
def evidence(request: Request, pk: int) -> HttpResponse:
    """The evidence matrix of what is written. 7 queries, session and person included."""
    found = get_case(request, pk)
    if request.user.firm is None:
        raise Http404
    whole = read(found, today=timezone.localdate())
    uncited = [(file.pk, file.name) for file in whole.files.current]
    context = {
        "case": found,
        "version": found.version,
        "kind": found.version.kind(found.kind),
        "matrix": matrix_of(snapshot(whole), found.version, uncited=uncited),
        "changeable": _changeable(found, whole),
    }
    return render(request, "applications/evidence.html", context)


# What the page offers: the first of these that the person may do.
SENDING = (Action.SEND_TO_CHECKER, Action.SEND_CORRECTION, Action.SEND_DOCUMENTS)
SIGNING = {
    Action.SIGN_OFF: (Action.SUBMIT, gettext_lazy("覆核並送件")),  # both at once
    Action.SUBMIT: (Action.SUBMIT, gettext_lazy("覆核並送件")),
    Action.SUBMIT_CORRECTION: (Action.SUBMIT_CORRECTION, Action.SUBMIT_CORRECTION.label),
    Action.SUBMIT_DOCUMENTS: (Action.SUBMIT_DOCUMENTS, Action.SUBMIT_DOCUMENTS.label),
}


def check_context(request: Request, found: Application) -> dict[str, Any]:
    whole = read(found, today=timezone.localdate())
    version, actions = found.version, policy.available_actions(request.user, found)
    sign = _first(SIGNING, actions)
    views = show_pages(snapshot(whole), version)
    return {
        "case": found,
        "version": version,
        "kind": version.kind(found.kind),
        "document_number": found.document_number,
        "whole": whole,
        "views": views,
        "shown": {one.item.id for view in views for one in view.items},
        "missing": missing(whole),
        "warnings": [
            {"message": message(problem), "items": [version.item(item) for item in problem.items or (problem.item,)]}
            for problem in whole.warnings
        ],
        "actions": actions,
        "A": Action,
        "send": _first(SENDING, actions),
        "sign": SIGNING[sign] if sign else None,
        "give_back": _first(RETURNS, actions),
        "changeable": _changeable(found, whole),
        "key": uuid4().hex,
        "newer": versions.pending(found, today=timezone.localdate()),
        "people": len(whole.roster),
        "unsent": preliminary.titled(whole.unsent),
        **preliminary.since_pre_review(whole),
    }


def _first(some: Iterable[Action], open_now: list[Action]) -> Action | None:
    return next((action for action in some if action in open_now), None)


def _changeable(case: Application, whole: Whole) -> set[str]:
    """The sections that can be changed from here: all of a draft, those that are open of what was sent."""
    if case.number and case.status not in {Status.RETURNED, Status.NOTICED}:
        return set()
    named = open_items(case)
    return {page.id for page in whole.pages if named is None or any(item.id in named for item in page.items)}


def missing(whole: Whole) -> list[dict[str, str]]:
    """A line for each section that is not complete, linking to its page with the errors shown."""
    lines = []
    for page in whole.pages:
        if page.id not in whole.sections:
            untouched = _("{number} {title}：尚未填寫").format(number=clause_number(page), title=words(page.title))
            lines.append({"section": page.id, "anchor": "main", "message": untouched})
            continue
        for problem in whole.problems[page.id]:
            anchor = f"item-{problem.item.replace('.', '_')}"
            if problem.field:
                anchor = key(problem.item, problem.field)
            lines.append(
                {
                    "section": page.id,
                    "anchor": anchor if problem.field != "evidence" else f"ev-{problem.item}-file",
                    "message": about(whole.case.version.item(problem.item), message(problem)),
                }
            )
    return lines
