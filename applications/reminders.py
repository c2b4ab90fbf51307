"""Deadlines in words: what each is called, why it is on that day, when people are reminded of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications import deadlines
from applications.enums import DeadlineState
from applications.models import Deadline
from applications.present import clause_number, listed, show_date, words
from applications.workdays import Calendar
from guideline.catalogue import Version
from guideline.values import as_date

NAMES: dict[str, Promise] = {
    deadlines.EXPIRY: _("使用期間屆滿"),
    deadlines.FILING: _("申請延展之最晚送件日"),
    deadlines.CORRECTION: _("補正期限"),
    deadlines.DOCUMENTS: _("補具書件期限"),
    deadlines.RATIFICATION: _("董事會追認期限"),
}
SOON = 30  # days


def name_of(what: str, version: Version) -> str:
    """What the deadline is called; of a duty, as the version calls it."""
    return str(NAMES[what]) if what in NAMES else words(version.duty(what).name)


def why_of(row: Deadline, version: Version) -> str:
    """The sentence of why the day is that day."""
    params = {name: _shown(name, value, version) for name, value in row.why["params"].items()}
    text = row.why["text"]
    sentence = gettext(text) if text else words(version.duty(row.what).why)
    return sentence.format(**params)


def _shown(name: str, value: Any, version: Version) -> Any:
    if name == "lines":
        return listed(words(version.line(line).short) for line in value)
    if name == "interval":
        item_id, field, chosen = value.split("/")
        return next(words(one.label) for one in version.item(item_id).field(field).options if one.id == chosen)
    if isinstance(value, str) and (day := as_date(value)):
        return show_date(day)
    return value


def _days(row: Deadline) -> list[date]:
    """The days that the calendar was asked about; none where days off make no difference."""
    if row.what not in {deadlines.FILING, deadlines.DOCUMENTS, deadlines.RATIFICATION}:
        return []
    given = as_date(row.why["params"].get("last"))
    return [row.due_on, given] if given else [row.due_on]


def clause_of(row: Deadline, version: Version) -> str:
    """The number of the clause; nothing where the guideline gives none."""
    if not row.clause:
        return ""
    quoted = dict(version.premises)
    return row.clause if row.clause in quoted else clause_number(version.item(row.clause))


def reminder_days(row: Deadline, thresholds: Iterable[int]) -> list[tuple[date, int]]:
    """The days on which people are reminded, with how many days ahead (-1: the day after), the earliest first."""
    days = ((row.due_on - timedelta(days=number), number) for number in thresholds if number <= row.lead)
    return sorted(one for one in days if one[0] >= row.set_on)


@dataclass(frozen=True)
class Shown:
    """One deadline as a page shows it on a day."""

    row: Deadline
    name: str
    why: str
    clause: str
    known: bool  # whether the calendar that it depends on has been announced
    reminders: tuple[tuple[date, int], ...]
    text: str
    tone: str
    left: int  # days from the day looked at
    duty: bool  # done by the firm's own word


def show(row: Deadline, version: Version, calendar: Calendar, thresholds: Sequence[int], *, today: date) -> Shown:
    """``row`` as it stands on ``today``, which may be a past or a future day."""
    left = (row.due_on - today).days
    if row.state == DeadlineState.VOID:
        text, tone = str(DeadlineState.VOID.label), "plain"
    elif row.done_on and row.done_on <= today:
        text, tone = str(DeadlineState.DONE.label), "green"
    elif left < 0:
        text, tone = (gettext("已屆滿") if row.what == deadlines.EXPIRY else gettext("逾期")), "red"
    elif left == 0:
        text, tone = gettext("今日到期"), "red"
    elif left <= SOON:
        text, tone = gettext("剩 {days} 日").format(days=left), "amber"
    else:
        text, tone = gettext("剩 {days} 日").format(days=left), "grey"
    return Shown(
        row=row,
        name=name_of(row.what, version),
        why=why_of(row, version),
        clause=clause_of(row, version),
        known=all(map(calendar.known, _days(row))),
        reminders=tuple(reminder_days(row, thresholds)) if row.state == DeadlineState.OPEN else (),
        text=text,
        tone=tone,
        left=left,
        duty=row.what not in NAMES,
    )
