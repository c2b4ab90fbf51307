"""A Redis that can be killed, sweeps as beat asks for them, and what there should be at the end."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from celery import Celery
from django.db import DatabaseError, connection, transaction

from applications.models import Deadline, Outbox, SweepRun
from tests.services import ROOT, CeleryWorker, wait_until

THRESHOLDS = (30, 14, 7, 1, 0, -1)
SWEEP = "applications.tasks.sweep_deadlines"
CLOCK = Path(__file__).parent / "clock"


class Redis:
    """A redis-server in a folder of its own; what it keeps outlives it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"redis+socket://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen([ROOT / ".ci/redis", self.folder, self.socket], stdout=log, stderr=log)
        wait_until(self.socket.exists, seconds=20, what="redis-server")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(20)


def ask(redis: Redis) -> None:
    """Ask for a sweep, as beat does."""
    with Celery(broker=redis.url, set_as_current=False) as app:
        app.send_task(SWEEP)


def on_day(worker: CeleryWorker, today: date) -> None:
    """Start a worker for whom it is eight minutes past midnight of this day."""
    worker.env |= {"PYTHONPATH": str(CLOCK), "WFH_NOW": f"{today}T00:08:00+08:00"}
    worker.start()


def kill_in_mid_sweep(worker: CeleryWorker, redis: Redis, *, delay: float) -> tuple[bool, bool]:
    """Ask for a sweep; ``delay`` seconds after one has begun, kill -9 the worker.

    Returns:
        Whether a run was cut off; whether PostgreSQL had its transaction open at that moment.
    """
    before = set(SweepRun.objects.values_list("pk", flat=True))
    ask(redis)
    new = SweepRun.objects.exclude(pk__in=before)
    wait_until(new.exists, seconds=60, what="sweep")
    time.sleep(delay)
    is_open = transaction_is_open()
    worker.kill()
    return new.filter(finished_at=None).exists(), is_open


@contextmanager
def held_up() -> Iterator[None]:
    """No sweep gets past its first reminder meanwhile. On SQLite, which locks all or nothing, it does."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Outbox._meta.db_table} IN SHARE MODE")
        yield


def transaction_is_open() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'WITH remind%' AND xact_start IS NOT NULL")
        return cursor.fetchone() is not None


def sweep_and_wait(redis: Redis, *, times: int = 1) -> None:
    """Ask for as many sweeps at once, and wait until they have ended."""
    before = SweepRun.objects.exclude(finished_at=None).count()
    for _ in range(times):
        ask(redis)
    wait_until(lambda: SweepRun.objects.exclude(finished_at=None).count() >= before + times, seconds=120, what="sweeps")


def expected(today: date) -> Counter[tuple[int, int]]:
    """Every reminder up to a day, as (deadline, threshold), by a reckoning of its own."""
    found: Counter[tuple[int, int]] = Counter()
    for pk, due_on, lead, set_on in Deadline.objects.values_list("pk", "due_on", "lead", "set_on"):
        for days in THRESHOLDS:
            if days <= lead and set_on <= due_on - timedelta(days=days) <= today:
                found[pk, days] += 1
    return found


def written() -> Counter[tuple[int, int]]:
    return Counter(Outbox.objects.exclude(deadline=None).values_list("deadline_id", "threshold"))


def answers() -> bool:
    """Whether the database does, on a new connection."""
    connection.close()
    try:
        connection.ensure_connection()
    except DatabaseError:
        return False
    return True
