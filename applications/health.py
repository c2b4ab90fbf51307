"""Whether what runs by itself does run: beat, worker, sweep, queue, mail. Read by probes and by the operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import QuerySet
from redis.backoff import NoBackoff
from redis.retry import Retry

from applications.enums import Scan
from applications.models import Heartbeat, Notification, Outbox, StoredFile, SweepRun, TaskFailure

BEAT = "beat"
MAILBOX = "mailbox"
TRAIL = "trail"
HEADS = "heads"
SCANNER = "scanner"
TASKS = {
    MAILBOX: "reviews.tasks.poll_mailbox",
    SCANNER: "applications.tasks.scan_files",
    TRAIL: "applications.tasks.verify_trail",
}
LATE = timedelta(minutes=3)  # a beat older than this is a fault; it comes every minute
KEPT = timedelta(days=90)  # failures
PATIENCE = 1.0  # seconds that we wait for Redis
LONGEST = 2000  # characters of an error
SHOWN = 50  # rows of a list


def beat(*, at: datetime) -> None:
    """Beat gave a task and a worker ran it."""
    _heard(BEAT, at)


def _heard(name: str, at: datetime) -> None:
    """Of two that overtake each other, the later one counts."""
    _row, created = Heartbeat.objects.get_or_create(name=name, defaults={"at": at})
    if not created:
        Heartbeat.objects.filter(name=name, at__lt=at).update(at=at)


def _last(name: str) -> datetime | None:
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def last_beat() -> datetime | None:
    return _last(BEAT)


def late(last: datetime | None, now: datetime) -> bool:
    """Whether a beat is too old, or there was none."""
    return last is None or now - last > LATE


def record_failure(*, task: str, task_id: str, error: str, at: datetime) -> None:
    """Keep that a task ended in an error; those older than ``KEPT`` go."""
    TaskFailure.objects.filter(at__lt=at - KEPT).delete()
    TaskFailure.objects.create(task=task[:100], task_id=task_id[:60], error=error[:LONGEST], at=at)


def heard(name: str, *, at: datetime) -> None:
    """The mailbox was read, the scanner has nothing left to look at, the ends of the chains were signed."""
    _heard(name, at)


def failed(name: str, *, error: str, at: datetime) -> None:
    """It could not be asked. The same error is kept once, since when, until it has been heard of again."""
    trouble = _trouble(name, _last(name))
    if trouble is None or trouble.error != error:
        record_failure(task=TASKS[name], task_id="", error=error, at=at)


def trail_verified(faults: list[str], *, at: datetime) -> None:
    """The whole trail was walked; what was found broken is a failure that the operator sees."""
    if faults:
        record_failure(task=TASKS[TRAIL], task_id="", error="\n".join(faults), at=at)
    else:
        _heard(TRAIL, at)


@dataclass(frozen=True)
class Trail:
    """When the heads were last signed, when the trail was last found whole, and what was found broken since."""

    signed: datetime | None
    whole: datetime | None
    trouble: TaskFailure | None


def trail() -> Trail:
    """Three queries."""
    whole = _last(TRAIL)
    return Trail(_last(HEADS), whole, _trouble(TRAIL, whole))


def _trouble(name: str, last: datetime | None) -> TaskFailure | None:
    failures = TaskFailure.objects.filter(task=TASKS[name])
    return (failures.filter(at__gt=last) if last else failures).first()


# --- probes -------------------------------------------------------------------


def readiness(*, now: datetime) -> dict[str, bool]:
    """Whether requests can be answered and what runs by itself does: each check by name."""
    return {
        "database": _holds(_database),
        "redis": _holds(_redis),
        "migrations": _holds(_migrated),
        "beat": _holds(lambda: not late(last_beat(), now)),
    }


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, redis.RedisError, OSError):
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _redis() -> bool:
    with _server() as server:
        return bool(server.ping())


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _server() -> redis.Redis:
    """The broker, asked once and not for long. Celery writes a socket's address in a way of its own."""
    url = settings.REDIS_URL.replace("redis+socket://", "unix://", 1)
    return redis.Redis.from_url(
        url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
    )


# --- the operator -------------------------------------------------------------


def queue_length() -> int | None:
    """Tasks that wait for a worker; None where Redis does not answer."""
    try:
        with _server() as server:
            return int(server.llen(current_app.conf.task_default_queue))
    except (redis.RedisError, OSError):
        return None


@dataclass(frozen=True)
class Neighbour:
    """The mailbox for notices, or the virus scanner: when it was last heard of, and what has been wrong since then."""

    heard: datetime | None
    late: bool
    trouble: TaskFailure | None


@dataclass(frozen=True)
class State:
    """What the operator sees. Of the outbox: since when the oldest waits, None where nothing does.

    ``mailbox`` and ``scanner`` are None where none is set up; ``held`` are the files that wait for the scanner.
    """

    beat: datetime | None
    late: bool
    sweep: SweepRun | None
    queue: int | None
    unexpanded_since: datetime | None
    unsent_since: datetime | None
    dead: int
    dead_rows: list[Notification]
    failed: int
    failures: list[TaskFailure]
    mailbox: Neighbour | None
    scanner: Neighbour | None
    held: int


def state(*, now: datetime) -> State:
    """Everything that runs by itself, as it stands. Eight queries, two for a mailbox, three for a scanner."""
    last = last_beat()
    unsent = Notification.objects.filter(sent_at=None, dead_at=None).order_by("id")
    given_up = Notification.objects.exclude(dead_at=None)
    return State(
        beat=last,
        late=late(last, now),
        sweep=SweepRun.objects.first(),
        queue=queue_length(),
        unexpanded_since=_oldest(Outbox.objects.filter(expanded_at=None).order_by("id"), "created_at"),
        unsent_since=_oldest(unsent, "outbox__created_at"),
        dead=given_up.count(),
        dead_rows=list(given_up.select_related("user").order_by("-dead_at", "-id")[:SHOWN]),
        failed=TaskFailure.objects.count(),
        failures=list(TaskFailure.objects.all()[:SHOWN]),
        mailbox=_neighbour(MAILBOX, now) if settings.NOTICE_IMAP_URL else None,
        scanner=_neighbour(SCANNER, now) if settings.CLAMD_URL else None,
        held=StoredFile.objects.filter(scan=Scan.WAITING).count() if settings.CLAMD_URL else 0,
    )


def _neighbour(name: str, now: datetime) -> Neighbour:
    last = _last(name)
    return Neighbour(last, late(last, now), _trouble(name, last))


def _oldest(rows: QuerySet, moment: str) -> datetime | None:
    return rows.values_list(moment, flat=True).first()
