"""The operator's pages of what dates hang on: the exchange's calendar, our own parameters."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import kept
from accounts.http import Request
from applications.actions import operating
from applications.actions.operating import Changed, Entry, Refused
from applications.calendar import current
from applications.enums import DayKind
from applications.forms.fields import tidy
from applications.forms.operating import WEEKDAY, DayForm, ParameterForm, YearForm
from applications.models import CalendarDay, CalendarYear, Setting
from applications.parameters import parameters
from applications.present import english, show_date, words
from applications.views.operator import for_operator, order_reschedule, show_parameter, tabs, told
from guideline.catalogue import Parameter, in_force
from guideline.values import YEAR_OFFSET

BOTH = ["GET", "HEAD", "POST"]
TONES = {DayKind.TRADING: "green", DayKind.CLEARING: "amber", DayKind.CLOSED: "grey"}


def _done(request: Request, text: str, *where: Any) -> HttpResponse:
    messages.success(request, text + _("各案期限將以背景作業重算。"))
    order_reschedule(request)
    return redirect(*where)


def _conflict(request: Request, *, mine: str, theirs: str, now: Any, back: str, caption: str) -> HttpResponse:
    """The 409 page: both values, and a form that keeps what was typed and now knows what there is."""
    typed = [(name, tidy(value)) for name, value in request.POST.items() if name not in kept.NOT_TYPED | {"seen"}]
    context = {
        "mine": mine,
        "theirs": theirs,
        "seen": json.dumps(now),
        "typed": typed,
        "reason": tidy(request.POST.get("reason", "")),
        "back": back,
        "caption": caption,
    }
    return render(request, "operator/conflict.html", context, status=409)


# --- the calendar -------------------------------------------------------------


def year_words(year: int) -> str:
    """115 年（2026）; 2026 for readers of English."""
    return str(year) if english() else f"{year - YEAR_OFFSET} 年（{year}）"


@require_safe
@for_operator
def calendar(request: Request, year: int = 0) -> HttpResponse:
    """A year of the calendar: the days that are not what their weekday says; without a year, the one it is."""
    if not year:
        return redirect("operator-year", year=timezone.localdate().year)
    return _calendar(request, get_object_or_404(CalendarYear, pk=year), YearForm())


def _calendar(request: Request, row: CalendarYear, form: YearForm) -> HttpResponse:
    days = current()
    beside = {one.year: {"row": one, "label": year_words(one.year)} for one in CalendarYear.objects.all()}
    next_year = max(beside) + 1
    first = date(row.year, 1, 1)
    span = (date(row.year + 1, 1, 1) - first).days
    kinds = [days.kind(first + timedelta(days=number)) for number in range(span)]
    listed_days = CalendarDay.objects.filter(day__year=row.year)
    context = {
        "year": row,
        "form": form,
        "errors": form.errors,
        "label": year_words(row.year),
        "years": list(beside.values()),
        "previous": beside.get(row.year - 1),
        "following": beside.get(row.year + 1),
        "next_year": next_year if next_year <= timezone.localdate().year + operating.YEARS_AHEAD else None,
        "next_label": year_words(next_year),
        "days": [{"row": one, "tone": TONES[DayKind(one.kind)]} for one in listed_days],
        "trading": kinds.count(DayKind.TRADING),
        "clearing": kinds.count(DayKind.CLEARING),
        "tabs": tabs(request, "operator-calendar"),
    }
    return render(request, "operator/calendar.html", context)


@require_http_methods(BOTH)
@for_operator
def day(request: Request, year: int = 0, iso: str = "") -> HttpResponse:
    """A day of the calendar: a new one of ``year``, or the one that is ``iso``."""
    try:
        when = date.fromisoformat(iso) if iso else None
    except ValueError:
        raise Http404 from None
    found = get_object_or_404(CalendarYear, pk=when.year if when else year)
    row = get_object_or_404(CalendarDay, pk=when) if when and request.method != "POST" else None
    if request.method != "POST":
        entry = Entry(row.kind, row.name) if row else None
        initial = {"seen": json.dumps(asdict(entry) if entry else None), **(asdict(entry) if entry else {})}
        form = DayForm(new=when is None, initial=initial)
    else:
        form = DayForm(request.POST, new=when is None)
        if form.is_valid() and (answer := _set_day(request, form, when or form.cleaned_data["day"])):
            return answer
    context = {
        "year": found,
        "day": when,
        "form": form,
        "errors": form.errors,
        "tabs": tabs(request, "operator-calendar"),
    }
    return render(request, "operator/day.html", context)


def _set_day(request: Request, form: DayForm, when: date) -> HttpResponse | None:
    """The way on after the change, the 409 page, or None where the form says what is wrong."""
    try:
        operating.set_day(
            day=when,
            entry=form.entry,
            seen=form.saw,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
        )
    except Refused as error:
        form.add_error(error.field, error.message)
    except CalendarYear.DoesNotExist:
        form.add_error("day" if "day" in form.fields else None, _("行事曆沒有這一年，請先新增年度"))
    except Changed as error:
        return _conflict(
            request,
            mine=told("day", asdict(form.entry) if form.entry else None),
            theirs=told("day", asdict(error.now) if error.now else None),
            now=asdict(error.now) if error.now else None,
            back=reverse("operator-year", args=[when.year]),
            caption=show_date(when),
        )
    else:
        text = _("已取消 {day} 之登錄。") if form.cleaned_data["kind"] == WEEKDAY else _("已登錄 {day}。")
        return _done(request, text.format(day=show_date(when)), "operator-year", when.year)
    return None


@require_POST
@for_operator
def publish(request: Request, year: int) -> HttpResponse:
    """Mark a year as announced, or as not announced."""
    row = get_object_or_404(CalendarYear, pk=year)
    form = YearForm(request.POST)
    if not form.is_valid():
        return _calendar(request, row, form)
    published = form.cleaned_data["published"]
    try:
        operating.publish_year(
            year=year,
            published=published,
            seen=form.saw,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
        )
    except Changed as error:
        return _conflict(
            request,
            mine=told("year", {"published": published}),
            theirs=told("year", {"published": error.now}),
            now=error.now,
            back=reverse("operator-year", args=[year]),
            caption=year_words(year),
        )
    return _done(request, _("已變更年度公告狀態。"), "operator-year", year)


@require_POST
@for_operator
def add_year(request: Request, year: int) -> HttpResponse:
    """Add the next year, expected and not announced."""
    try:
        operating.add_year(year=year, by=request.user, at=timezone.now())
    except Refused as error:
        messages.error(request, error.message)
        return redirect("operator-calendar")
    except Changed:
        context = {"what_happened": _("這一年已由他人新增。"), "back_url": reverse("operator-year", args=[year])}
        return render(request, "operator/moved.html", context, status=409)
    return _done(request, _("已新增年度，為預估、未公告。"), "operator-year", year)


# --- our own parameters -------------------------------------------------------


@require_safe
@for_operator
def listing(request: Request) -> HttpResponse:
    """Our own parameters: as the version gives them, as they are set, as they count."""
    version = in_force(timezone.localdate())
    stored = dict(Setting.objects.values_list("name", "value"))
    values = parameters(version)
    rows = [
        {
            "id": one.id,
            "label": words(one.label),
            "default": show_parameter(one.value),
            "set": show_parameter(stored[one.id]) if one.id in stored else "",
            "counts": show_parameter(values[one.id]),
            "settable": one.id in operating.SETTABLE,
        }
        for one in version.parameters
    ]
    context = {"rows": rows, "version": version, "tabs": tabs(request, "operator-parameters")}
    return render(request, "operator/parameters.html", context)


def _parameter(name: str) -> Parameter:
    for one in in_force(timezone.localdate()).parameters:
        if one.id == name and name in operating.SETTABLE:
            return one
    raise Http404


@require_http_methods(BOTH)
@for_operator
def parameter(request: Request, name: str) -> HttpResponse:
    """Set one of our own parameters, or go back to the version's value."""
    found = _parameter(name)
    row = Setting.objects.filter(pk=name).first()
    stored = row.value if row else None
    if request.method == "POST":
        form = ParameterForm(request.POST, name=name, back_to_default="default" in request.POST)
        if form.is_valid() and (answer := _set_parameter(request, form, found)):
            return answer
    else:
        value = show_parameter(found.value if stored is None else stored)
        form = ParameterForm(name=name, initial={"value": value, "seen": json.dumps(stored)})
    context = {
        "name": name,
        "label": words(found.label),
        "default": show_parameter(found.value),
        "stored": None if stored is None else show_parameter(stored),
        "form": form,
        "errors": form.errors,
        "tabs": tabs(request, "operator-parameters"),
    }
    return render(request, "operator/parameter.html", context)


def _set_parameter(request: Request, form: ParameterForm, found: Parameter) -> HttpResponse | None:
    """The way on after the change, the 409 page, or None where the form says what is wrong."""
    try:
        operating.set_parameter(
            name=found.id,
            value=form.wanted,
            seen=form.saw,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
        )
    except Refused as error:
        form.add_error(error.field, error.message)
    except Changed as error:
        return _conflict(
            request,
            mine=told("parameter", form.wanted),
            theirs=told("parameter", error.now),
            now=error.now,
            back=reverse("operator-parameters"),
            caption=words(found.label),
        )
    else:
        return _done(request, _("已變更設定。"), "operator-parameters")
    return None
