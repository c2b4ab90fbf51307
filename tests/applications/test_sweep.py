"""The sweep writes each reminder once: late, twice, two at once, beside somebody who moves the case."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext

from applications import deadlines, sweep
from applications.enums import DeadlineState
from applications.lifecycle import lock
from applications.models import Application, Deadline, Outbox, Setting, SweepRun
from applications.parameters import parameters
from tests.factories import FirmFactory, UserFactory

pytestmark = pytest.mark.django_db

DUE = date(2026, 12, 31)
SET = date(2026, 11, 1)
ALL = [30, 14, 7, 1, 0, -1]


def at(day: date) -> datetime:
    return datetime.fromisoformat(f"{day}T00:05:00+08:00")


def a_case() -> Application:
    return Application.objects.create(
        firm=FirmFactory.create(),
        kind="first",
        version_id="112-10-03",
        created_by=UserFactory.create(),
        created_at=at(SET),
        changed_at=at(SET),
    )


def deadline(
    case: Application | None = None,
    *,
    what: str = "expiry",
    due: date = DUE,
    lead: int = 30,
    since: date = SET,
    **more: Any,
) -> Deadline:
    case = case or a_case()
    return Deadline.objects.create(
        application=case,
        what=what,
        key=f"{what}:{due}",
        due_on=due,
        lead=lead,
        set_on=since,
        **{"next_on": deadlines.reminder_day(due, lead, ALL, since=since)} | more,
    )


def run(today: date) -> SweepRun:
    return sweep.sweep(today=today, at=at(today))


def days(row: Deadline) -> list[int]:
    return list(Outbox.objects.filter(deadline=row).order_by("-threshold").values_list("threshold", flat=True))


def next_on(row: Deadline) -> date | None:
    return Deadline.objects.values_list("next_on", flat=True).get(pk=row.pk)


def test_sweep_day_by_day_reminds_on_each_day_of_the_list() -> None:
    row = deadline()
    found = {}
    for number in range(70):
        today = SET + timedelta(days=number)
        if run(today).reminders:
            found[today] = days(row)[-1]
    assert found == {DUE - timedelta(days=number): number for number in ALL}
    assert next_on(row) is None


def test_row_says_what_and_when() -> None:
    row = deadline(what="training")
    today = DUE - timedelta(days=30)
    found = run(today)
    assert (found.started_at, found.today, found.finished_at) == (at(today), today, None)
    assert (found.deadlines, found.reminders) == (1, 1)
    one = Outbox.objects.get()
    assert (one.application_id, one.what, one.key) == (row.application_id, "due:training", f"deadline:{row.pk}:30")
    assert (one.threshold, one.created_at, one.expanded_at) == (30, at(today), None)
    assert next_on(row) == DUE - timedelta(days=14)


def test_the_day_after_is_overdue() -> None:
    row = deadline()
    run(DUE)
    run(DUE + timedelta(days=1))
    assert list(Outbox.objects.filter(deadline=row, threshold__lte=0).order_by("id").values_list("what", "key")) == [
        ("due:expiry", f"deadline:{row.pk}:0"),
        ("overdue:expiry", f"deadline:{row.pk}:-1"),
    ]


def test_sweep_twice_writes_once() -> None:
    row = deadline()
    first, second = run(DUE), run(DUE)
    assert days(row) == [30, 14, 7, 1, 0]
    assert [(one.deadlines, one.reminders) for one in (first, second)] == [(1, 5), (0, 0)]
    assert next_on(row) == DUE + timedelta(days=1)


def test_sweep_three_days_late_loses_none() -> None:
    row = deadline()
    run(DUE - timedelta(days=2))
    assert days(row) == [30, 14, 7]
    late = run(DUE + timedelta(days=1))  # the three days in which -1, 0 and the day after fell
    assert (late.deadlines, late.reminders) == (1, 3)
    assert days(row) == ALL


def test_what_lies_before_the_deadline_was_set_is_left_out() -> None:
    row = deadline(since=DUE - timedelta(days=10))
    run(DUE + timedelta(days=9))
    assert days(row) == [7, 1, 0, -1]


def test_what_lies_beyond_the_lead_is_left_out() -> None:
    row = deadline(lead=6)
    run(DUE + timedelta(days=9))
    assert days(row) == [1, 0, -1]


def test_next_day_is_never_one_beyond_the_lead() -> None:
    row = deadline(lead=6, next_on=SET)
    assert (run(SET).reminders, next_on(row)) == (0, DUE - timedelta(days=1))


@pytest.mark.parametrize("state", [DeadlineState.DONE, DeadlineState.VOID])
def test_closed_deadline_reminds_nobody(state: str) -> None:
    deadline(state=state, next_on=None, done_on=DUE if state == DeadlineState.DONE else None)
    assert run(DUE).reminders == 0


def test_nothing_is_due_before_its_day() -> None:
    row = deadline()
    assert (run(DUE - timedelta(days=31)).reminders, next_on(row)) == (0, DUE - timedelta(days=30))


def test_sweep_with_a_clock_that_went_back_does_nothing() -> None:
    row = deadline()
    run(DUE)
    assert run(DUE - timedelta(days=20)).reminders == 0
    assert next_on(row) == DUE + timedelta(days=1)


def test_what_the_exchange_set_is_what_counts() -> None:
    Setting.objects.create(name="reminder_days", value=[10, -3])
    row = deadline(next_on=DUE - timedelta(days=10))
    run(DUE + timedelta(days=1))
    assert (days(row), next_on(row)) == ([10], DUE + timedelta(days=3))
    run(DUE + timedelta(days=3))
    assert (days(row), next_on(row)) == ([10, -3], None)


def test_reminder_that_is_there_already_is_not_written_again() -> None:
    """A case that moves on a day that was swept has its reminder of that day set anew."""
    row = deadline()
    run(DUE)
    Deadline.objects.update(next_on=DUE)
    again = run(DUE)
    assert (again.deadlines, again.reminders) == (1, 0)
    assert (days(row), next_on(row)) == ([30, 14, 7, 1, 0], DUE + timedelta(days=1))


def test_next_day_is_the_one_that_deadlines_computes() -> None:
    rows = [deadline(due=DUE + timedelta(days=number), lead=lead) for number in range(40) for lead in (3, 13, 30)]
    today = DUE + timedelta(days=3)
    run(today)
    for row in rows:
        expected = deadlines.reminder_day(row.due_on, row.lead, ALL, since=today + timedelta(days=1))
        assert next_on(row) == expected
        assert days(row) == [n for n in ALL if n <= row.lead and row.due_on - timedelta(days=n) <= today]


def test_queries_are_flat_in_the_number_due() -> None:
    case = a_case()
    counts = []
    for number in (0, 1, 40):
        for more in range(number):
            deadline(case, due=DUE + timedelta(days=100 * number + more), next_on=SET)
        with CaptureQueriesContext(connection) as captured:
            run(SET)
        counts.append(len(captured))
    assert len(set(counts)) == 1
    assert counts[0] <= 10


def test_thresholds_are_those_of_the_version() -> None:
    assert parameters(a_case().version)["reminder_days"] == ALL


# --- two at once, on real connections -----------------------------------------


@pytest.fixture
def together() -> Iterator[Callable[..., None]]:
    """Run these in threads of their own, each on its own connection."""

    def start(*deeds: Callable[[], Any]) -> None:
        barrier, faults = threading.Barrier(len(deeds)), []

        def one(deed: Callable[[], Any]) -> None:
            try:
                barrier.wait(10)
                deed()
            except Exception as error:
                faults.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=(deed,)) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert faults == []

    yield start
    close_old_connections()


@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_write_each_reminder_once(together: Callable[..., None]) -> None:
    case = a_case()
    rows = [deadline(case, due=DUE + timedelta(days=number)) for number in range(200)]
    together(*[lambda: run(DUE)] * 4)
    run(DUE)  # what one left to another that had not begun
    for row in rows:
        assert days(row) == [n for n in ALL if row.due_on - timedelta(days=n) <= DUE]
    assert sum(SweepRun.objects.values_list("reminders", flat=True)) == Outbox.objects.count()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_case_that_somebody_moves_is_left_to_the_next_run(together: Callable[..., None]) -> None:
    held, free = deadline(), deadline()
    begun, swept = threading.Event(), threading.Event()

    def move() -> None:
        with transaction.atomic():
            lock(held.application_id)
            begun.set()
            assert swept.wait(20), "the sweep waits for the case"
            # the days of the case are written anew, as of today
            Deadline.objects.filter(pk=held.pk).update(due_on=DUE + timedelta(days=1), next_on=DUE)

    def pass_by() -> None:
        begun.wait(20)
        run(DUE)
        swept.set()

    together(move, pass_by)
    assert (days(free), days(held)) == ([30, 14, 7, 1, 0], [])
    run(DUE)
    assert days(held) == [1]
