"""S1 and S2: the sweep of 1,000,000 cases with 10,000 due, beside the same by hand; twice, two at once, idle."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.http import HttpResponse

from applications import sweep
from applications.models import Deadline, Outbox
from tests.bench.report import Line
from tests.bench.timing import Contender, Request, measure
from tests.torture import rows

CASES = int(os.environ.get("BENCH_CASES", "1000000"))
DUE, FEW = 10_000, 100
ROUNDS = 7
TODAY = date(2026, 11, 6)
AT = datetime.fromisoformat("2026-11-06T00:05:00+08:00")
DAY = timedelta(days=1)

Work = Callable[[], None]

# What somebody would write who sweeps once by hand: no version, no second sweep beside it, nobody who moves a case.
INSERT = """INSERT INTO applications_outbox (application_id, what, deadline_id, threshold, key, created_at)
SELECT d.application_id, CASE WHEN t.days < 0 THEN 'overdue:' ELSE 'due:' END || d.what,
  d.id, t.days, 'deadline:' || d.id || ':' || t.days, %(at)s
FROM applications_deadline d, (VALUES (30), (14), (7), (1), (0), (-1)) t(days)
WHERE d.next_on <= %(today)s AND t.days <= d.lead AND d.due_on - t.days BETWEEN d.next_on AND %(today)s
ON CONFLICT DO NOTHING"""
UPDATE = """UPDATE applications_deadline d SET next_on = (
  SELECT min(d.due_on - t.days) FROM (VALUES (30), (14), (7), (1), (0), (-1)) t(days)
  WHERE t.days <= d.lead AND d.due_on - t.days > %(today)s
) WHERE d.next_on <= %(today)s"""


def by_hand() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, {"at": AT, "today": TODAY})
        cursor.execute(UPDATE, {"at": AT, "today": TODAY})


def ours() -> None:
    sweep.sweep(today=TODAY, at=AT)


def twice() -> None:
    ours()
    ours()


def two_at_once() -> None:
    def other() -> None:
        ours()
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    ours()
    thread.join()


class Stage:
    """The rows. Each time, deadlines that were not due before are made due, off the clock."""

    def __init__(self) -> None:
        first, _last = rows.cases(rows.template(AT), CASES)
        rows.deadlines(first, CASES, due=TODAY + 60 * DAY, spread=300, since=TODAY)
        self.first = Deadline.objects.order_by("pk").values_list("pk", flat=True)[0]
        self.used = 0
        self.wanted = 0
        self.vacuum()

    def vacuum(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE applications_deadline")

    def task(self, work: Work, due: int) -> Callable[[], Request]:
        """Make so many due: one reminder each, of yesterday; and work."""

        def ready() -> Request:
            start = self.first + self.used
            self.used += due
            self.wanted += due
            due_now = Deadline.objects.filter(pk__range=(start, start + due - 1))
            due_now.update(due_on=TODAY + 13 * DAY, next_on=TODAY - DAY)
            self.vacuum()  # as autovacuum has done between two real sweeps

            def run() -> HttpResponse:
                work()
                return HttpResponse(status=200)

            return run

        return ready


@dataclass
class Sweeper(Contender):
    """Each reminder must be there once."""

    stage: Stage

    def check(self, response: HttpResponse, number: int) -> None:
        found = Outbox.objects.filter(deadline__isnull=False).count()
        if found != self.stage.wanted:
            raise RuntimeError(f"{self.name}: {found} reminders, not {self.stage.wanted}")


def run() -> list[Line]:
    stage = Stage()

    def sweeper(name: str, work: Work, due: int = DUE) -> Sweeper:
        return Sweeper(name, [stage.task(work, due)], 200, stage)

    one, hand = sweeper("one sweep", ours), sweeper("two statements by hand", by_hand)
    few, idle = sweeper("100 due", ours, FEW), sweeper("nothing due", ours, 0)
    again, both = sweeper("twice", twice), sweeper("two at once", two_at_once)
    measure([one, hand, few, idle, again, both], ROUNDS)
    return [
        Line("S1", f"sweep of {CASES:,} cases, {DUE:,} due", one, hand, goal=3, most_queries=25),
        Line("S1", f"the same, and {FEW} due", one, few, more_queries=0),
        Line("S2", "the sweep twice", again, one, goal=2),
        Line("S2", "two sweeps at once", both, one, goal=2),
        Line("S2", "a sweep with nothing due", idle, one, goal=0.5),
    ]
