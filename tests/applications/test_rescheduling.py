"""After a change of the calendar or of parameters every open deadline follows, whatever is down meanwhile."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from applications import clocks
from applications.actions import operating
from applications.actions.operating import STALE, Entry
from applications.calendar import current
from applications.enums import DeadlineState
from applications.models import Application, Deadline, Heartbeat
from applications.tasks import heartbeat, reschedule
from tests.factories import FILED_AT, Cast, filed_case, person
from tests.reviews.cases import decide, forwarded

pytestmark = pytest.mark.django_db

AT = FILED_AT


@pytest.fixture
def operator() -> User:
    return person(Role.OPERATOR, name="鄭管理")


def close(by: User, day: date, at: datetime = AT) -> None:
    operating.set_day(day=day, entry=Entry("closed", "颱風"), seen=None, reason="颱風", by=by, at=at)


def put(by: User, name: str, value: Any) -> None:
    operating.set_parameter(name=name, value=value, seen=None, reason="決議", by=by, at=AT)


@pytest.fixture
def approved() -> Application:
    """Approved from 2026-12-01, so that its last day is 2027-02-28: a Sunday, and 02-26 the last working day."""
    case, cast = forwarded()
    decide(case, cast)
    case.refresh_from_db()
    return case


def filing(case: Application) -> Deadline:
    return Deadline.objects.get(application=case, what="filing", state=DeadlineState.OPEN)


def test_a_closed_day_moves_the_last_filing_day(operator: User, approved: Application) -> None:
    before = filing(approved).due_on
    at = AT + timedelta(days=30)
    close(operator, before, at)
    assert filing(approved).due_on == before
    assert operating.stale_since() == at
    assert operating.reschedule_all(at=at) == 1
    row = filing(approved)
    assert row.due_on == current().on_or_before(before - timedelta(days=1)) < before
    assert row.set_on == timezone.localdate(at)
    assert operating.stale_since() is None


def test_other_reminder_days_move_the_next_reminder(operator: User, approved: Application) -> None:
    row = filing(approved)
    assert row.next_on == row.due_on - timedelta(days=30)
    at = AT + timedelta(days=5)
    put(operator, "reminder_days", [10, 0])
    operating.reschedule_all(at=at)
    assert filing(approved).next_on == row.due_on - timedelta(days=10)
    assert filing(approved).set_on == row.set_on


def test_a_reminder_that_no_sweep_has_taken_is_not_lost(operator: User, approved: Application) -> None:
    row = filing(approved)
    late = timezone.make_aware(timezone.datetime.combine(row.next_on + timedelta(days=3), timezone.datetime.min.time()))
    operating.reschedule_all(at=late)
    assert filing(approved).next_on == row.next_on
    Deadline.objects.filter(pk=row.pk).update(next_on=None)  # as when all had gone out
    operating.reschedule_all(at=late)
    assert filing(approved).next_on == row.due_on - timedelta(days=14)


def test_rescheduling_twice_changes_nothing_more(operator: User, approved: Application) -> None:
    close(operator, filing(approved).due_on)
    operating.reschedule_all(at=AT)
    once = list(Deadline.objects.order_by("pk").values())
    operating.reschedule_all(at=AT)
    assert list(Deadline.objects.order_by("pk").values()) == once


def test_rescheduling_goes_in_batches_and_leaves_other_cases_alone(
    approved: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed_case(Cast())  # nothing is due in it
    case, cast = forwarded()
    decide(case, cast)
    monkeypatch.setattr(operating, "BATCH", 1)
    assert operating.reschedule_all(at=AT) == 2


def test_one_case_that_fails_does_not_keep_the_others(
    operator: User, approved: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, cast = forwarded()
    decide(case, cast)
    close(operator, filing(approved).due_on)
    schedule, done = clocks.schedule, []

    def fails(one: Application, **more: Any) -> None:
        if one.pk == approved.pk:
            raise KeyError("broken")
        schedule(one, **more)
        done.append(one.pk)

    monkeypatch.setattr(clocks, "schedule", fails)
    with pytest.raises(RuntimeError):
        operating.reschedule_all(at=AT)
    assert done == [case.pk]
    assert operating.stale_since() == AT


def test_a_change_during_a_run_waits_for_the_next_one(
    operator: User, approved: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(operator, date(2026, 7, 10))
    schedule = clocks.schedule

    def changes(one: Application, **more: Any) -> None:
        schedule(one, **more)
        put(operator, "correction_days", 15)
        Heartbeat.objects.filter(name=STALE).update(at=AT + timedelta(seconds=1))

    monkeypatch.setattr(clocks, "schedule", changes)
    operating.reschedule_all(at=AT)
    assert operating.stale_since() == AT + timedelta(seconds=1)


def test_catching_up_happens_once_and_not_twice_at_a_time(
    operator: User, approved: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert operating.catch_up(at=AT) is None  # nothing changed
    close(operator, date(2026, 7, 10))
    inside: list[Any] = []
    schedule = clocks.schedule

    def second(one: Application, **more: Any) -> None:
        inside.append(operating.catch_up(at=AT + timedelta(minutes=1)))
        schedule(one, **more)

    monkeypatch.setattr(clocks, "schedule", second)
    assert operating.catch_up(at=AT) == 1
    assert inside == [None]
    assert operating.catch_up(at=AT) is None
    assert not Heartbeat.objects.exists()


def test_a_run_that_died_is_taken_over(operator: User, approved: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    close(operator, filing(approved).due_on)

    def dies(one: Application, **more: Any) -> None:
        raise OperationalError("the server went away")

    with monkeypatch.context() as patched:
        patched.setattr(clocks, "schedule", dies)
        with pytest.raises(OperationalError):
            operating.catch_up(at=AT)
    assert operating.catch_up(at=AT + timedelta(minutes=9)) is None
    assert operating.catch_up(at=AT + timedelta(minutes=10)) == 1
    assert not Heartbeat.objects.exists()


def test_the_heartbeat_takes_up_what_was_not_ordered(
    operator: User, approved: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered: list[int] = []
    monkeypatch.setattr(reschedule, "delay", lambda: ordered.append(1))
    heartbeat()
    assert ordered == []
    close(operator, filing(approved).due_on)
    heartbeat()
    assert ordered == [1]
    before = filing(approved).due_on
    reschedule()
    assert filing(approved).due_on < before
    heartbeat()
    assert ordered == [1]
