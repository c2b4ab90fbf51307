"""What an operator changes: days, years, our own parameters, mails to send again. Each change is on the record.

A change that dates hang on leaves a mark in its own transaction (``Heartbeat`` ``STALE``), which goes away when all
deadlines have been computed anew: no change is forgotten while the queue or the workers are down.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import holidays
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import clocks, lifecycle, policy
from applications.appending import append_to_house
from applications.deadlines import LEAD
from applications.enums import DayKind, DeadlineState
from applications.models import (
    Application,
    CalendarDay,
    CalendarYear,
    Deadline,
    Heartbeat,
    Notification,
    OperatorEvent,
    Setting,
)
from applications.workdays import SATURDAY
from guideline.catalogue import in_force

log = logging.getLogger(__name__)

CLEARING = "僅辦理結算交割"  # how the holidays package names such a day
YEARS_AHEAD = 5

DAYS = frozenset({"correction_days", "document_days", "ratification_days"})
MOST_DAYS = 365
REMINDERS = "reminder_days"
RETENTION = "retention_years"
MOST_YEARS = 30
MOST_LATE = 30  # days after the day
# What may be set. The other parameters are read from the version itself: a value set here would change nothing.
SETTABLE = DAYS | {REMINDERS, RETENTION}

STALE, AT_WORK = "stale", "reschedule"
BATCH = 500
PATIENCE = timedelta(minutes=10)  # after which a run that said nothing is taken for dead


class NotOperator(Exception):
    """This person does not run the system."""


class Changed(Exception):
    """It is no longer what the page was drawn from: HTTP 409. ``now`` is what it is."""

    def __init__(self, now: Any) -> None:
        super().__init__(now)
        self.now = now


class Refused(Exception):
    """It cannot be so. ``field`` is what is wrong, ``message`` says why in the reader's language."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Entry:
    """What the calendar says of a day that is not what its weekday says."""

    kind: str
    name: str = ""


def _note(what: str, subject: str, before: Any, after: Any, *, by: User, at: datetime, reason: str = "") -> None:
    row = OperatorEvent.objects.create(
        at=at,
        actor=by,
        actor_name=by.name,
        what=what,
        subject=subject,
        before=before,
        after=after,
        reason=reason,
    )
    append_to_house("operator", by=by, at=at, detail={"what": what, "subject": subject}, seals=[row])


def _mark(at: datetime) -> None:
    """Deadlines are older than what they hang on, from now until ``catch_up``."""
    Heartbeat.objects.update_or_create(name=STALE, defaults={"at": at})


def _require(by: User) -> None:
    if not policy.operates(by):
        raise NotOperator


def _locked_year(year: int) -> CalendarYear:
    """The year under its lock, which holds all of its days."""
    return CalendarYear.objects.select_for_update().get(pk=year)


# --- the calendar -------------------------------------------------------------


def set_day(*, day: date, entry: Entry | None, seen: Entry | None, reason: str, by: User, at: datetime) -> None:
    """Add, change or remove (``entry`` None: as its weekday says) a day.

    Args:
        seen: what the page showed of the day.

    Raises:
        NotOperator: not this person's to change.
        CalendarYear.DoesNotExist: the year is not in the calendar.
        Changed: the day is no longer as the page showed it; ``now`` is an ``Entry`` or None.
        Refused: nothing would change.
    """
    _require(by)
    with transaction.atomic():
        _locked_year(day.year)
        row = CalendarDay.objects.filter(pk=day).first()
        now = Entry(row.kind, row.name) if row else None
        if now != seen:
            raise Changed(now)
        if entry == now:
            raise Refused("kind", _("與目前的登錄相同，沒有變更"))
        if entry is None:
            CalendarDay.objects.filter(pk=day).delete()
        else:
            CalendarDay.objects.update_or_create(day=day, defaults=asdict(entry))
        before, after = (asdict(one) if one else None for one in (now, entry))
        _note("day", day.isoformat(), before, after, by=by, at=at, reason=reason)
        _mark(at)


def publish_year(*, year: int, published: bool, seen: bool, reason: str, by: User, at: datetime) -> None:
    """Say that the calendar of a year has been announced, or that it has not.

    Raises:
        NotOperator: not this person's to change.
        CalendarYear.DoesNotExist: the year is not in the calendar.
        Changed: the year is no longer as the page showed it; ``now`` is a bool.
    """
    _require(by)
    with transaction.atomic():
        row = _locked_year(year)
        if row.published != seen or row.published == published:
            raise Changed(row.published)
        row.published = published
        row.save(update_fields=["published"])
        _note("year", str(year), {"published": seen}, {"published": published}, by=by, at=at, reason=reason)
        _mark(at)


def add_year(*, year: int, by: User, at: datetime) -> None:
    """Add the year after the last one as expected, not announced: the holidays that the law gives.

    Raises:
        NotOperator: not this person's to change.
        Changed: the year is there already; ``now`` is whether it was announced.
        Refused: it is not the next one, or too far ahead.
    """
    _require(by)
    with transaction.atomic():
        last = CalendarYear.objects.select_for_update().order_by("-year").first()
        is_next = last is None or year == last.year + 1
        there = CalendarYear.objects.filter(year=year).exists()
        if not there and (not is_next or year > timezone.localdate(at).year + YEARS_AHEAD):
            raise Refused("year", _("只能新增最後一年的次一年，且最多為 {years} 年後").format(years=YEARS_AHEAD))
        row, created = CalendarYear.objects.get_or_create(year=year)
        if not created:
            raise Changed(row.published)
        days = expected_days(year)
        CalendarDay.objects.bulk_create(days)
        _note("year_added", str(year), None, {"published": False, "days": len(days)}, by=by, at=at)
        _mark(at)


def expected_days(year: int) -> list[CalendarDay]:
    """The weekdays of a year on which no trading is expected, by the ``holidays`` package."""
    named = holidays.financial_holidays("XTAI", years=year, language="zh_TW")
    return [
        CalendarDay(day=day, kind=DayKind.CLEARING if CLEARING in name else DayKind.CLOSED, name=name[:100])
        for day, name in sorted(named.items())
        if day.weekday() < SATURDAY
    ]


# --- our own parameters -------------------------------------------------------


def set_parameter(*, name: str, value: Any, seen: Any, reason: str, by: User, at: datetime) -> None:
    """Set a parameter instead of the version's own value; ``value`` None: go back to that.

    Args:
        seen: what the page showed to be set, None where nothing was.

    Raises:
        NotOperator: not this person's to change.
        KeyError: there is no such parameter, or it cannot be set.
        Changed: something else is set by now; ``now`` is what, or None.
        Refused: the value will not do, or nothing would change.
    """
    _require(by)
    if name not in SETTABLE or name not in {one.id for one in in_force(timezone.localdate(at)).parameters}:
        raise KeyError(name)
    if value is not None:
        check_parameter(name, value)
    with transaction.atomic():
        row = Setting.objects.select_for_update().filter(pk=name).first()
        now = row.value if row else None
        if now != seen:
            raise Changed(now)
        if value == now:
            raise Refused("value", _("與目前的設定相同，沒有變更"))
        if row is None:
            row, created = Setting.objects.get_or_create(name=name, defaults={"value": value})
            if not created:
                raise Changed(row.value)
        elif value is None:
            row.delete()
        else:
            row.value = value
            row.save(update_fields=["value"])
        _note("parameter", name, now, value, by=by, at=at, reason=reason)
        _mark(at)


def check_parameter(name: str, value: Any) -> None:
    """Whether the value will do: days from 1 to ``MOST_DAYS``; years from 1 to ``MOST_YEARS``; reminders, each once,
    ``LEAD`` days before to after.

    Raises:
        Refused: it will not.
    """
    if name != REMINDERS:
        most = MOST_YEARS if name == RETENTION else MOST_DAYS
        if type(value) is not int or not 0 < value <= most:
            raise Refused("value", _("請輸入 1 至 {most} 之整數").format(most=most))
        return
    if not isinstance(value, list) or not value or not all(type(one) is int for one in value):
        raise Refused("value", _("請輸入至少一個整數，以頓號或逗號分隔"))
    if not all(-MOST_LATE <= one <= LEAD for one in value):
        raise Refused("value", _("每個數字應介於 -{late} 與 {lead} 之間").format(late=MOST_LATE, lead=LEAD))
    if len(set(value)) != len(value):
        raise Refused("value", _("同一個數字只能出現一次"))


# --- mails --------------------------------------------------------------------


def resend(*, notification_id: int, by: User, at: datetime) -> None:
    """Let a mail that was given up be tried again, from the beginning.

    Raises:
        NotOperator: not this person's to change.
        Notification.DoesNotExist: there is no such mail.
        Changed: it is not given up (any more).
    """
    _require(by)
    with transaction.atomic():
        row = Notification.objects.select_for_update().get(pk=notification_id)
        if row.dead_at is None:
            raise Changed(None)
        before = {"dead_at": row.dead_at.isoformat(), "attempts": row.attempts, "error": row.last_error}
        row.dead_at, row.try_after, row.attempts, row.last_error = None, None, 0, ""
        row.save(update_fields=["dead_at", "try_after", "attempts", "last_error"])
        _note("resend", str(notification_id), before, None, by=by, at=at)


# --- the deadlines that hang on it --------------------------------------------


def stale_since() -> datetime | None:
    """Since when deadlines may be older than what they hang on; None where they are not."""
    return Heartbeat.objects.filter(name=STALE).values_list("at", flat=True).first()


def waiting(*, at: datetime) -> bool:
    """Whether deadlines have to be computed anew and nobody is at it."""
    rows = dict(Heartbeat.objects.filter(name__in=[STALE, AT_WORK]).values_list("name", "at"))
    return STALE in rows and (AT_WORK not in rows or rows[AT_WORK] <= at - PATIENCE)


def catch_up(*, at: datetime) -> int | None:
    """``reschedule_all`` where something changed since it last ran; None where not, or where another run is at it."""
    if not waiting(at=at) or not _claim(at):
        return None
    done = reschedule_all(at=at)
    Heartbeat.objects.filter(name=AT_WORK, at=at).delete()
    return done


def _claim(at: datetime) -> bool:
    _row, created = Heartbeat.objects.get_or_create(name=AT_WORK, defaults={"at": at})
    return created or bool(Heartbeat.objects.filter(name=AT_WORK, at__lte=at - PATIENCE).update(at=at))


def reschedule_all(*, at: datetime) -> int:
    """Compute the deadlines of every case with open ones anew, and when to remind of them.

    Each case by itself under its lock: it can be broken off and run again, and two may run at once.

    Returns:
        How many cases.

    Raises:
        RuntimeError: some could not be computed; the others were, and the mark stays.
    """
    marked = stale_since()
    is_open = Deadline.objects.filter(application=OuterRef("pk"), state=DeadlineState.OPEN)
    cases = Application.objects.filter(Exists(is_open)).order_by("pk").values_list("pk", flat=True)
    done, failed, last = 0, [], 0
    while batch := list(cases.filter(pk__gt=last)[:BATCH]):
        for pk in batch:
            try:
                with transaction.atomic():
                    clocks.schedule(lifecycle.lock(pk), at=at, reset=True)
                done += 1
            except DatabaseError:
                raise
            except Exception:  # one case must not keep the others from their days
                log.exception("deadlines of case %s", pk)
                failed.append(pk)
        last = batch[-1]
    if failed:
        raise RuntimeError(f"deadlines of {len(failed)} cases could not be computed")
    # a change since then has marked it anew, and waits for the next run
    if marked is not None:
        Heartbeat.objects.filter(name=STALE, at=marked).delete()
    return done
