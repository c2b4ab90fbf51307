"""Probes for whatever watches over the processes, the heartbeat, and what ended in an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from socket import AF_UNIX, socket
from threading import Thread
from typing import Any

import pytest
import redis
import time_machine
from celery import current_app
from django.conf import settings as portal
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications import health
from applications.models import Heartbeat, TaskFailure
from applications.tasks import heartbeat, reschedule
from tests.factories import FILED_AT, UserFactory
from tests.services import wait_until
from wfh_portal import failures

NOW = FILED_AT
ALL = {"database": True, "redis": True, "migrations": True, "beat": True}


@pytest.fixture
def up(db: None, clock: None, redis_server: Path) -> Iterator[redis.Redis]:
    """Everything is there; yields Redis, with an empty queue."""
    health.beat(at=NOW)
    with redis.Redis(unix_socket_path=str(redis_server)) as server:
        server.delete("celery")
        yield server
        server.delete("celery")


# --- /healthz -----------------------------------------------------------------


def test_healthz_asks_nothing_but_the_process(client: Client, db: None, settings: Any) -> None:
    one = UserFactory.create()
    client.force_login(one)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"ok", "text/plain")
    assert "no-store" in answer["Cache-Control"]
    assert captured.captured_queries == []
    assert not answer.cookies


def test_healthz_without_a_database_at_all(client: Client) -> None:
    """No ``db`` fixture: a query would end the test."""
    assert client.get("/healthz").status_code == 200
    assert client.head("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_not_sent_on_to_https(client: Client, settings: Any, up: Any, path: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path).status_code == 200
    assert client.get("/accounts/login/").status_code == 301
    assert client.get(path, headers={"Host": "elsewhere.example"}).status_code == 400


# --- /readyz ------------------------------------------------------------------


def test_readyz_when_everything_is_there(client: Client, up: Any) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, ALL)
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert client.post("/readyz").status_code == 405


@pytest.mark.parametrize(("age", "ready"), [(timedelta(minutes=3), True), (timedelta(minutes=3, seconds=1), False)])
def test_readyz_and_the_age_of_the_beat(client: Client, up: Any, age: timedelta, ready: bool) -> None:
    Heartbeat.objects.update(at=NOW - age)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200 if ready else 503, ALL | {"beat": ready})


def test_readyz_before_the_first_beat(client: Client, up: Any) -> None:
    Heartbeat.objects.all().delete()
    assert client.get("/readyz").json() == ALL | {"beat": False}


def test_readyz_with_a_migration_to_come(client: Client, up: Any) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied(*max(one for one in recorder.applied_migrations() if one[0] == "applications"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, ALL | {"migrations": False})


def test_readyz_without_redis(client: Client, up: Any, settings: Any, tmp_path: Path) -> None:
    settings.REDIS_URL = f"redis+socket://{tmp_path}/nobody.sock"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, ALL | {"redis": False})
    assert str(tmp_path) not in answer.content.decode()


def test_readyz_without_a_database(client: Client, up: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("connection to server at 10.0.0.1, user portal, failed")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", gone)
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {"database": False, "redis": True, "migrations": False, "beat": False},
    )


# --- Redis --------------------------------------------------------------------


def test_the_queue_is_counted(up: redis.Redis) -> None:
    assert health.queue_length() == 0
    up.rpush(current_app.conf.task_default_queue, "one", "two")
    assert health.queue_length() == 2


def test_redis_that_takes_a_call_and_says_nothing_is_not_waited_for(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    with socket(AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen()
        settings.REDIS_URL = f"redis+socket://{tmp_path}/silent.sock"
        found: list[Any] = []
        asking = Thread(target=lambda: found.append(health.queue_length()))
        asking.start()
        asking.join(5)
    assert found == [None]


# --- the heartbeat ------------------------------------------------------------


@pytest.mark.django_db
def test_the_heartbeat_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reschedule, "delay", lambda: pytest.fail("nothing has changed"))
    for late in (timedelta(), timedelta(minutes=1), timedelta(days=3)):
        with time_machine.travel(NOW + late, tick=False):
            heartbeat()
            heartbeat()
        assert list(Heartbeat.objects.values_list("name", "at")) == [("beat", NOW + late)]


@pytest.mark.django_db
def test_a_heartbeat_that_was_overtaken_does_not_set_the_clock_back() -> None:
    health.beat(at=NOW)
    health.beat(at=NOW - timedelta(minutes=5))
    assert health.last_beat() == NOW


def test_beat_gives_the_heartbeat_every_minute_and_it_does_not_pile_up() -> None:
    entry = portal.CELERY_BEAT_SCHEDULE["heartbeat"]
    assert entry == {"task": heartbeat.name, "schedule": 60.0, "options": {"expires": 120}}


# --- failures -----------------------------------------------------------------


def failure(message: str) -> Exception:
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


@pytest.mark.django_db
def test_a_failure_is_kept_with_where_it_was_and_nothing_of_any_row(clock: None) -> None:
    error = failure('duplicate key value violates unique constraint "x"\nDETAIL: Key (name)=(王小明) already exists.')
    failures.keep(sender=heartbeat, task_id="abc", exception=error, args=("王小明",), kwargs={}, einfo=None)
    row = TaskFailure.objects.get()
    assert (row.task, row.task_id, row.at) == ("applications.tasks.heartbeat", "abc", NOW)
    first, *places = row.error.splitlines()
    assert first == 'ValueError: duplicate key value violates unique constraint "x"'
    assert len(places) == 1
    assert places[0].startswith("test_health.py:")
    assert places[0].endswith(" failure")
    assert "王小明" not in row.error


@pytest.mark.django_db
def test_a_failure_without_much_to_say(clock: None) -> None:
    failures.keep(sender=None, task_id=None, exception=None)
    failures.keep(sender=heartbeat, task_id="x" * 200, exception=DatabaseError("y" * 9000))
    assert list(TaskFailure.objects.order_by("id").values_list("task", "task_id")) == [
        ("", ""),
        ("applications.tasks.heartbeat", "x" * 60),
    ]
    assert len(TaskFailure.objects.latest("id").error) < 300


@pytest.mark.django_db
def test_failures_go_after_ninety_days() -> None:
    for age in (timedelta(days=90, seconds=1), timedelta(days=90)):
        health.record_failure(task=str(age), task_id="", error="", at=NOW - age)
    health.record_failure(task="now", task_id="", error="", at=NOW)
    assert list(TaskFailure.objects.order_by("id").values_list("task", flat=True)) == [str(timedelta(days=90)), "now"]


@pytest.mark.django_db(transaction=True)
def test_a_task_that_fails_in_a_real_worker_is_kept(celery_worker_process: Any) -> None:
    current_app.send_task("reviews.tasks.draw_bundle", args=[987654])
    kept = TaskFailure.objects.filter(task="reviews.tasks.draw_bundle")
    wait_until(kept.exists, seconds=30, what="the failure")
    assert kept.get().error.startswith("DoesNotExist: ")
