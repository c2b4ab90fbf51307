"""The roster of a case (2.2.2): the list, an upload, one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts import kept
from accounts.http import Request
from applications import imports, policy, roster
from applications.actions.drafting import NotOpen, Stale, open_items
from applications.actions.evidence import log_reading, replace_roster
from applications.enums import WITH_CHECKER
from applications.forms.fields import tidy, whole_number
from applications.lifecycle import Conflict
from applications.models import Application, Job, RosterEntry, Section
from applications.present import listed, words
from applications.roster_columns import COLUMNS, Row, RowError
from applications.views.jobs import begin
from applications.views.pages import get_case
from guideline.catalogue import Section as Page

MOST_ERRORS = 100
WRONG = gettext_lazy("名冊有 %(count)d 處需要更正，未匯入任何資料")
GONE = gettext_lazy("這位人員已由同仁自名冊移除；您填寫的內容保留在下方，儲存即新增一人")
LATE = gettext_lazy("名冊在您開啟這一頁之後已由同仁更新，因此尚未儲存；您填寫的內容保留在下方，請核對後再儲存")


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


def _editable(request: Request, case: Application) -> bool:
    if not policy.may(request.user, "edit", case):
        return False
    named = open_items(case)
    return named is None or any(item.id in named for item in _page(case).items)


def _context(request: Request, case: Application, **more: Any) -> dict[str, Any]:
    version, page = case.version, _page(case)
    rows = [row_of(entry) for entry in RosterEntry.objects.filter(application=case)]
    section = Section.objects.filter(application=case, section_id=page.id).first()
    names = {line.id: words(line.short) for line in version.lines}
    figures = roster.summary(rows, version)
    return {
        "case": case,
        "page": page,
        "rows": [(row, listed(names.get(line, line) for line in row.lines)) for row in rows],
        "figures": figures,
        "lines": [(words(version.line(count.line).name), count) for count in figures.lines if count.total],
        "advice": [
            (position, _(text).format(**params)) for position, text, params in roster.row_warnings(rows, version)
        ],
        "revision": section.revision if section else 0,
        "key": uuid4().hex,
        "columns": COLUMNS,
        "editable": _editable(request, case),
        "with_checker": case.status in WITH_CHECKER,
        **more,
    }


def say(error: RowError) -> str:
    return _(error.message).format(**error.params)


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: Request, pk: int) -> HttpResponse:
    """The people, with head counts; a POST puts an uploaded file in their place, or nothing where a row is wrong."""
    case = get_case(request, pk)
    if request.user.firm is None:
        raise Http404
    if request.method != "POST":
        context = _context(request, case)
        log_reading(case, len(context["rows"]), by=request.user, at=timezone.now())
        return render(request, "applications/roster.html", context)
    upload, kept = request.FILES.get("file"), request.POST.get("table", "")
    if upload is None and not kept:
        problems = [{"href": "#file", "message": _("請選擇名冊檔案（CSV 或 XLSX）")}]
        return render(request, "applications/roster.html", _context(request, case, problems=problems, errors=True))
    if upload is not None and (upload.size or 0) > imports.AT_ONCE and _editable(request, case):
        return begin(
            request,
            Job.Kind.ROSTER,
            case,
            upload=imports.put_aside(upload.read(), f"{request.user.pk} {request.POST.get('key', '')}"),
            name=upload.name or "",
            revision=_revision(request),
            reopen=_reopen(request),
        )
    name, data = (upload.name or "", upload.read()) if upload else ("roster.csv", kept.encode("utf-8-sig"))
    rows, found = roster.read_upload(name, data, case.version)
    wrong = [error for error in found if not error.warning]
    if wrong:
        context = _context(
            request,
            case,
            errors=True,
            problems=[{"href": "#row-errors", "message": WRONG % {"count": len(wrong)}}],
            row_errors=[(error, say(error)) for error in wrong[:MOST_ERRORS]],
            file_name=name,
        )
        return render(request, "applications/roster.html", context)
    for notice in found:
        messages.warning(request, say(notice))
    table = roster.write_csv(rows, case.version).decode("utf-8-sig")  # sent again by the page of a conflict
    return _put(request, case, rows, _("已匯入 %(count)d 人。") % {"count": len(rows)}, [("table", table)])


def _put(request: Request, case: Application, rows: list[Row], done: str, typed: list[tuple[str, str]]) -> HttpResponse:
    """Put these people on the roster; where that cannot be, 409 with ``typed`` kept in the page."""
    try:
        _replace(request, case, rows)
    except (Stale, Conflict, NotOpen) as error:
        return _refuse(request, case, error, typed)
    messages.success(request, done)
    return redirect("roster", pk=case.pk)


def _refuse(request: Request, case: Application, error: Exception, typed: list[tuple[str, str]]) -> HttpResponse:
    context: dict[str, Any] = {"case": case, "typed": typed, "back": request.path, "why": "closed"}
    if isinstance(error, Stale):
        context |= {"why": "roster", "revision": error.section.revision, "reopen": _reopen(request)}
    elif isinstance(error, Conflict):
        # the revision stays that of the page: it may be stale besides
        context |= {"why": "with_checker", "case": error.case, "revision": _revision(request), "reopen": True}
    return render(request, "applications/conflict.html", context, status=409)


def _replace(request: Request, case: Application, rows: list[Row]) -> None:
    replace_roster(
        case_id=case.pk,
        rows=rows,
        revision=_revision(request),
        by=request.user,
        at=timezone.now(),
        reopen=_reopen(request),
    )


def _revision(request: Request) -> int:
    return whole_number(request.POST.get("revision"))


def _reopen(request: Request) -> bool:
    return request.POST.get("reopen") == "1"


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: Request, pk: int, position: int) -> HttpResponse:
    """One person: change, remove, or (position 0) add."""
    case = get_case(request, pk)
    if request.user.firm is None or not _editable(request, case):
        raise Http404
    rows = [row_of(entry) for entry in RosterEntry.objects.filter(application=case)]
    old = _meant(request, rows, position)
    if request.method != "POST":
        if position and old is None:
            raise Http404
        return _person(request, case, old, roster.as_typed(old, case.version) if old else {})
    typed = {column.key: tidy(request.POST.get(column.key, "")) for column in COLUMNS}
    typed["lines"] = "；".join(tidy(request.POST.getlist("lines")))
    if position and old is None:
        return _person(request, case, None, typed, late=str(GONE))
    if old and "remove" in request.POST:
        return _put(request, case, [row for row in rows if row is not old], _("已自名冊移除。"), [])
    new, errors = roster.clean_row(typed, case.version, old.position if old else len(rows) + 1)
    if new and any(roster.fold(row.staff_no) == roster.fold(new.staff_no) for row in rows if row is not old):
        text = _("員工編號「{value}」已在名冊中；請更正")
        errors.append(RowError(0, COLUMNS[0].header, new.staff_no, text, {"value": new.staff_no}))
    if new is None or errors:
        return _person(request, case, old, typed, errors=errors)
    after = [new if row is old else row for row in rows] if old else [*rows, new]
    after = [replace(row, position=number) for number, row in enumerate(after, 1)]
    try:
        _replace(request, case, after)
    except Stale:
        return _person(request, case, old, typed, late=str(LATE))
    except (Conflict, NotOpen) as error:
        return _refuse(request, case, error, _posted(request))
    messages.success(request, _("已儲存。"))
    return redirect("roster", pk=case.pk)


def _meant(request: Request, rows: list[Row], position: int) -> Row | None:
    """Whom the page was about: by the staff number that it showed, for positions move when a colleague removes one."""
    was = request.POST.get("was")
    return next((row for row in rows if (row.staff_no == was if position and was else row.position == position)), None)


def _posted(request: Request) -> list[tuple[str, str]]:
    own = kept.NOT_TYPED | {"revision", "reopen"}
    return [(name, tidy(one)) for name, many in request.POST.lists() if name not in own for one in many]


def _person(
    request: Request,
    case: Application,
    old: Row | None,
    typed: dict[str, str],
    *,
    errors: Sequence[RowError] = (),
    late: str = "",
) -> HttpResponse:
    by_column = {error.column: say(error) for error in errors}
    fields: list[dict[str, Any]] = [
        {"column": column, "value": typed.get(column.key, ""), "error": by_column.get(column.header, "")}
        for column in COLUMNS
    ]
    chosen = set(request.POST.getlist("lines")) if request.method == "POST" else set(old.lines) if old else set()
    problems = [{"href": "", "message": late}] if late else []
    problems += [{"href": f"#id_{f['column'].key}", "message": f["error"]} for f in fields if f["error"]]
    context = _context(
        request,
        case,
        fields=fields,
        position=old.position if old else 0,
        old=old,
        line_choices=[(line.id, words(line.name), line.id in chosen) for line in case.version.lines],
        problems=problems,
        errors=bool(problems),
    )
    return render(request, "applications/person.html", context, status=409 if late else 200)


@require_GET
def download(request: Request, pk: int) -> HttpResponse:
    """The roster as CSV, or an empty one to fill in (?template)."""
    case = get_case(request, pk)
    if "template" in request.GET:
        return csv_answer(roster.template_csv(), "roster-template.csv")
    if request.user.firm is None:
        raise Http404
    rows = [row_of(entry) for entry in RosterEntry.objects.filter(application=case)]
    log_reading(case, len(rows), by=request.user, at=timezone.now())
    return csv_answer(roster.write_csv(rows, case.version), f"roster-{case.pk}.csv")


def csv_answer(data: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)
