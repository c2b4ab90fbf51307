"""Item by item: guideline, answer, evidence, verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import policy
from applications.actions.evidence import log_reading
from applications.autosave import saved, unsaved
from applications.content import changed_items
from applications.enums import Carry, Verdict
from applications.lifecycle import Conflict
from applications.models import Application
from applications.present import (
    ItemView,
    PageView,
    about,
    clause_number,
    english,
    listed,
    message,
    show_pages,
    words,
)
from applications.standing import filed
from applications.templatetags.portal import place_name
from guideline.catalogue import load
from guideline.values import as_date
from reviews import verdicts
from reviews.actions import judging
from reviews.actions.judging import Entry, Stale
from reviews.forms import VerdictForm
from reviews.verdicts import Finding, Round
from reviews.views.common import Request, conflict, context_of, get_case, of_exchange, shared


@dataclass
class Row:
    """One item on the page."""

    view: ItemView
    finding: Finding
    form: VerdictForm
    clause_en: str
    old: ItemView | None  # the earlier answer, where it changed
    later: bool  # there was an earlier submission
    changed: bool
    asked: str  # what the exchange asked to be mended
    folded: bool  # its finding stands from before and nothing about it needs the officer
    remarks: list[str]  # what a pre-review left open, or what has aged since
    theirs: Finding | None = None  # what somebody else wrote in between


def prefix_of(item_id: str) -> str:
    return f"v-{item_id}"


def anchor_of(item_id: str) -> str:
    """The id of the first radio of an item, for links."""
    return f"id_{prefix_of(item_id)}-verdict_0"


def comment_anchor_of(item_id: str) -> str:
    return f"id_{prefix_of(item_id)}-comment"


def _page(found: Round, section_id: str) -> PageView:
    views = show_pages(found.content, found.version, only=section_id)
    if not views:
        raise Http404
    return views[0]


def _form(finding: Finding, data: Any) -> VerdictForm:
    prefix = prefix_of(finding.item_id)
    if data is not None:
        return VerdictForm(data, prefix=prefix)
    initial = {"verdict": finding.verdict, "comment": finding.comment, "revision": finding.revision}
    if finding.fails and not finding.comment.strip():
        # bound, so that the error stands at its field
        form = VerdictForm({f"{prefix}-{name}": value for name, value in initial.items()}, prefix=prefix)
        form.add_error("comment", _("請填寫補正意見"))
        return form
    return VerdictForm(initial=initial, prefix=prefix)


def _carried(case: Application, found: Round, page: PageView) -> dict[str, Any] | None:
    """What the case before says on a page that the firm changed when it took it over; None for any other page."""
    said = found.content.get("carry", {}).get(page.page.id)
    return filed(case.previous) if said == Carry.UPDATED and case.previous else None


def _rows(case: Application, found: Round, page: PageView, data: Any = None) -> list[Row]:
    old: dict[str, ItemView] = {}
    changed = found.changed
    before = found.previous.content if found.previous else _carried(case, found, page)
    if before is not None:
        pages = show_pages(before, load(before["version"]), only=page.page.id)
        old = {view.item.id: view for one in pages for view in one.items}
    if before is not None and found.previous is None:
        changed = changed_items(before, found.content) & {view.item.id for view in page.items}
    return [
        Row(
            view=view,
            finding=found.findings[view.item.id],
            form=_form(found.findings[view.item.id], data),
            clause_en=words(view.item.text) if english() else "",
            old=old.get(view.item.id) if view.item.id in changed else None,
            later=before is not None,
            changed=view.item.id in changed,
            asked=found.asked.get(view.item.id, ""),
            folded=view.item.id in found.folded,
            remarks=[message(one) for one in (*found.unready.get(view.item.id, ()), *found.aged.get(view.item.id, ()))],
        )
        for view in page.items
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@of_exchange
def section(request: Request, pk: int, section_id: str) -> HttpResponse:
    """One section of the latest submission. 6 queries to show."""
    case = get_case(request, pk)
    now = verdicts.read(case)
    page = _page(now, section_id)
    if request.method == "POST":
        return _save(request, case, now, page)
    log_reading(case, len(page.roster), by=request.user, at=timezone.now())
    rows = _rows(case, now, page)
    problems = []
    if "missing" in request.GET:
        problems = [
            {"href": f"#{comment_anchor_of(item)}", "message": message}
            for item, message in judging.uncommented(now)
            if any(view.item.id == item for view in page.items)
        ]
    return _show(request, case, now, page, rows, problems=problems)


def _show(
    request: Request, case: Application, now: Round, page: PageView, rows: list[Row], status: int = 200, **more: Any
) -> HttpResponse:
    progress = now.progress()
    content = now.content
    context = context_of(
        case,
        round=now,
        page=page,
        rows=rows,
        **split(rows),
        first_day=as_date(content["first_day"]),
        last_day=as_date(content["last_day"]),
        lines=[words(now.version.line(line).name) for line in content["lines"]],
        progress=progress,
        **shared(now, progress),
        done=sum(1 for one in progress if one.done),
        judging=policy.may(request.user, "judge", case),
        people=_people(now, page),
        carry=_carry(content, page),
        revisions=_revisions(rows),
        old_title=_old_title(case, now),
        **more,
    )
    return render(request, "reviews/section.html", context, status=status)


def _revisions(rows: list[Row]) -> list[tuple[str, Any]]:
    """The finding that each item of the page stands on, as hidden inputs."""
    return [(row.form.add_prefix("revision"), row.form["revision"].value()) for row in rows]


def split(rows: list[Row]) -> dict[str, Any]:
    """The items that need the officer, and those that do not; where something is wrong, all are open."""
    folded = [row for row in rows if row.folded]
    unfold = any(row.form.errors or row.theirs for row in folded)
    return {"open_rows": [row for row in rows if not row.folded], "folded_rows": folded, "unfold": unfold}


def _carry(content: dict[str, Any], page: PageView) -> str:
    said = content.get("carry", {}).get(page.page.id)
    return str(Carry(said).label) if said else ""


def _old_title(case: Application, now: Round) -> str:
    """Over what stood before: the submission before, or the case before."""
    if now.previous is not None:
        return _("第 {number} 次送件").format(number=now.previous.number)
    return _("前案 {case}").format(case=case.previous) if case.previous else ""


def _people(now: Round, page: PageView) -> list[dict[str, Any]]:
    """The roster as filed, where this page has it."""
    names = {line.id: words(line.short) for line in now.version.lines}
    return [
        {
            **person,
            "line_names": listed(names.get(line, line) for line in person["lines"]),
            "place_name": place_name(person["place"]),
        }
        for person in page.roster
    ]


def _save(request: Request, case: Application, now: Round, page: PageView) -> HttpResponse:
    rows = _rows(case, now, page, request.POST)
    kept = [(row.view.title, _spoken(row.form)) for row in rows]
    bad = [row for row in rows if not row.form.is_valid()]
    unasked = request.POST.get("autosave") == "1"
    if bad and unasked:
        return _unsaved(request, rows, "invalid")
    if bad:
        problems = [
            {"href": f"#{row.form[name].auto_id}", "message": about(row.view.item, str(message))}
            for row in bad
            for name, found in row.form.errors.items()
            for message in found
        ]
        return _show(request, case, now, page, rows, problems=problems)
    entries = {
        row.view.item.id: Entry(
            row.form.cleaned_data["verdict"], row.form.cleaned_data["comment"], row.form.cleaned_data["revision"]
        )
        for row in rows
        if row.form.cleaned_data["keep"] != "theirs"
    }
    number = request.POST.get("submission", "")
    try:
        now = judging.judge(
            case_id=case.pk,
            submission=int(number) if number.isascii() and number.isdigit() else 0,
            entries=entries,
            by=request.user,
            at=timezone.now(),
        )
    except Conflict as error:
        return _unsaved(request, rows, "moved") if unasked else conflict(request, error, kept=kept)
    except Stale as error:
        return _unsaved(request, rows, "judged") if unasked else _stale(request, case, page, error)
    if unasked:
        found = [(f"{prefix_of(row.view.item.id)}-revision", now.findings[row.view.item.id].revision) for row in rows]
        return saved(request, found)
    return _go_on(request, case, now, page)


def _unsaved(request: Request, rows: list[Row], why: str) -> HttpResponse:
    return unsaved(request, _revisions(rows), why=why, button="then", button_value="stay")


def _spoken(form: VerdictForm) -> str:
    """What was said of an item, as text to be copied."""
    verdict = form.data.get(form.add_prefix("verdict"), "")
    label = str(Verdict(verdict).label) if verdict in Verdict.values else ""
    comment = form.data.get(form.add_prefix("comment"), "")
    return _("：").join(part for part in (label, comment) if part)


def _stale(request: Request, case: Application, page: PageView, error: Stale) -> HttpResponse:
    """The page again with what was typed, beside what somebody else wrote: keep mine, or take theirs."""
    now = verdicts.read(case)
    data = request.POST.copy()
    for item_id, theirs in error.standing.items():
        data[f"{prefix_of(item_id)}-revision"] = str(theirs.revision)
        data.setdefault(f"{prefix_of(item_id)}-keep", "mine")
    rows = _rows(case, now, page, data)
    problems = []
    for row in rows:
        row.theirs = error.standing.get(row.view.item.id)
        if row.theirs:
            text = _("{number}：{name} 已另行儲存，請選擇要保留哪一個")
            name = row.theirs.by.name if row.theirs.by else ""
            message = text.format(number=clause_number(row.view.item), name=name)
            problems.append({"href": f"#{row.form['keep'].auto_id}", "message": message})
    return _show(request, case, now, page, rows, status=409, problems=problems, stale=True)


def _go_on(request: Request, case: Application, now: Round, page: PageView) -> HttpResponse:
    here = reverse("review-section", args=[case.pk, page.page.id])
    ids = {view.item.id for view in page.items}
    if any(item in ids for item, _message in judging.uncommented(now)):
        messages.warning(request, _("已儲存。有項目選「須補正」但尚未填寫意見。"))
        return redirect(f"{here}?missing=1")
    then = request.POST.get("then")
    if then == "return":
        return redirect("review-return", pk=case.pk)
    if then == "stay":
        messages.success(request, _("已儲存。"))
        return redirect(here)
    following = now.next_page(page.page.id)
    if following is not None:
        return redirect("review-section", pk=case.pk, section_id=following.id)
    if now.failing:
        text = _("各項均已審查，其中 {count} 項須補正。下一步：退請補正。")
        messages.success(request, text.format(count=len(now.failing)))
    else:
        messages.success(request, _("各項均已審查，無須補正之項目。下一步：陳核。"))
    return redirect("review-case", pk=case.pk)
