"""The roster of a case (2.2.2): the list, an upload, one person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from applications import policy, roster
from applications.actions.drafting import NotOpen, Stale, open_items
from applications.actions.evidence import replace_roster
from applications.enums import Status
from applications.lifecycle import Conflict, record
from applications.models import Application, RosterEntry, Section
from applications.present import words
from applications.roster_columns import COLUMNS, Row, RowError
from applications.uploads import Refused
from applications.views.pages import get_case
from guideline.catalogue import Section as Page

MOST_ERRORS = 100


def _page(case: Application) -> Page:
    return next(page for page in case.version.sections if page.roster)


def row_of(entry: RosterEntry) -> Row:
    return Row(
        position=entry.position,
        staff_no=entry.staff_no,
        name=entry.name,
        department=entry.department,
        title=entry.title,
        branch=entry.branch,
        lines=tuple(entry.lines),
        place=entry.place,
        agents=tuple(entry.agents),
        senior=entry.senior,
        supervisor=entry.supervisor,
        device=entry.device,
    )


def _editable(request: HttpRequest, case: Application) -> bool:
    if not policy.may(request.user, "edit", case):
        return False
    named = open_items(case)
    return named is None or any(item.id in named for item in _page(case).items)


def _context(request: HttpRequest, case: Application, **more: Any) -> dict[str, Any]:
    version, page = case.version, _page(case)
    rows = [row_of(entry) for entry in RosterEntry.objects.filter(application=case)]
    section = Section.objects.filter(application=case, section_id=page.id).first()
    names = {line.id: words(line.short) for line in version.lines}
    figures = roster.summary(rows, version)
    return {
        "case": case,
        "page": page,
        "rows": [(row, "、".join(names.get(line, line) for line in row.lines)) for row in rows],
        "figures": figures,
        "lines": [(words(version.line(count.line).name), count) for count in figures.lines if count.total],
        "advice": [
            (position, _(text).format(**params)) for position, text, params in roster.row_warnings(rows, version)
        ],
        "revision": section.revision if section else 0,
        "columns": COLUMNS,
        "editable": _editable(request, case),
        "with_checker": case.status in {Status.INTERNAL_REVIEW, Status.SIGNED_OFF},
        **more,
    }


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else -1


def _say(error: RowError) -> str:
    return _(error.message).format(**error.params)


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest, pk: int) -> HttpResponse:
    """The people, with head counts; a POST puts an uploaded file in their place, or nothing where a row is wrong."""
    case = get_case(request, pk)
    if request.user.firm is None:
        raise Http404
    if request.method != "POST":
        return render(request, "applications/roster.html", _context(request, case))
    upload = request.FILES.get("file")
    if upload is None:
        problems = [{"href": "#file", "message": _("請選擇名冊檔案（CSV 或 XLSX）")}]
        return render(request, "applications/roster.html", _context(request, case, problems=problems, errors=True))
    try:
        rows, found = roster.read_upload(upload.name or "", upload.read(), case.version)
    except Refused as refused:
        problems = [{"href": "#file", "message": _(refused.message).format(**refused.params)}]
        return render(request, "applications/roster.html", _context(request, case, problems=problems, errors=True))
    wrong = [error for error in found if not error.warning]
    if wrong:
        context = _context(
            request,
            case,
            errors=True,
            problems=[
                {"href": "#row-errors", "message": _("名冊有 %(count)d 處需要更正，未匯入任何資料") % {"count": len(wrong)}}
            ],
            row_errors=[(error, _say(error)) for error in wrong[:MOST_ERRORS]],
            file_name=upload.name,
        )
        return render(request, "applications/roster.html", context)
    for notice in found:
        messages.warning(request, _say(notice))
    return _put(request, case, rows, _("已匯入 %(count)d 人。") % {"count": len(rows)})


def _put(request: HttpRequest, case: Application, rows: list[Row], done: str) -> HttpResponse:
    try:
        replace_roster(
            case_id=case.pk,
            rows=rows,
            revision=_number(request.POST.get("revision")),
            by=request.user,
            at=timezone.now(),
            reopen=request.POST.get("reopen") == "1",
        )
    except (Stale, Conflict, NotOpen) as error:
        why = "roster" if isinstance(error, Stale) else "with_checker" if isinstance(error, Conflict) else "closed"
        context = {"case": case, "why": why, "typed": [], "back": request.path}
        return render(request, "applications/conflict.html", context, status=409)
    messages.success(request, done)
    return redirect("roster", pk=case.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """One person: change, remove, or (position 0) add."""
    case = get_case(request, pk)
    if request.user.firm is None or not _editable(request, case):
        raise Http404
    rows = [row_of(entry) for entry in RosterEntry.objects.filter(application=case)]
    old = next((row for row in rows if row.position == position), None)
    if position and old is None:
        raise Http404
    if request.method == "POST" and "remove" in request.POST:
        return _put(request, case, [row for row in rows if row.position != position], _("已自名冊移除。"))
    typed = roster.as_typed(old, case.version) if old else {}
    errors: list[RowError] = []
    if request.method == "POST":
        typed = {column.key: request.POST.get(column.key, "") for column in COLUMNS}
        typed["lines"] = "；".join(request.POST.getlist("lines"))
        new, errors = roster.clean_row(typed, case.version, position or len(rows) + 1)
        if any(row.staff_no == typed["staff_no"].strip() and row.position != position for row in rows):
            text = _("員工編號「{value}」已在名冊中；請更正")
            errors.append(RowError(0, COLUMNS[0].header, typed["staff_no"], text, {"value": typed["staff_no"].strip()}))
        if new is not None and not errors:
            after = [new if row.position == position else row for row in rows] if position else [*rows, new]
            after = [replace(row, position=number) for number, row in enumerate(after, 1)]
            return _put(request, case, after, _("已儲存。"))
    by_column = {error.column: _say(error) for error in errors}
    fields = [
        {"column": column, "value": typed.get(column.key, ""), "error": by_column.get(column.header, "")}
        for column in COLUMNS
    ]
    chosen = set(old.lines) if old and request.method != "POST" else set(request.POST.getlist("lines"))
    context = _context(
        request,
        case,
        fields=fields,
        position=position,
        line_choices=[(line.id, words(line.name), line.id in chosen) for line in case.version.lines],
        problems=[{"href": f"#id_{f['column'].key}", "message": f["error"]} for f in fields if f["error"]],
        errors=bool(errors),
    )
    return render(request, "applications/person.html", context)


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The roster as CSV, or an empty one to fill in (?template)."""
    case = get_case(request, pk)
    if "template" in request.GET:
        return _csv(roster.template_csv(), "roster-template.csv")
    if request.user.firm is None:
        raise Http404
    rows = [row_of(entry) for entry in RosterEntry.objects.filter(application=case)]
    record(case, "roster_read", by=request.user, at=timezone.now(), detail={"people": len(rows)}, shared=False)
    return _csv(roster.write_csv(rows, case.version), f"roster-{case.pk}.csv")


def _csv(data: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)
