"""A real worker is killed in mid-sweep, Redis dies, three days go by: no reminder is lost, none is there twice.

``make torture`` does the same for longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from applications import deadlines
from applications.models import Application, Deadline, Notification, Outbox, SweepRun
from applications.tasks import send_outbox, sweep_deadlines
from tests.conftest import on_sqlite
from tests.factories import filed_case
from tests.services import CeleryWorker, MailServer
from tests.torture import stage

DAY = timedelta(days=1)
FIRST = date(2026, 12, 1)
SET = date(2026, 11, 1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[stage.Redis]:
    server = stage.Redis(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def worker(redis: stage.Redis, tmp_path: Path) -> Iterator[CeleryWorker]:
    """Not started; its broker is ``redis``."""
    name = django_settings.DATABASES["default"]["NAME"]
    address = f"sqlite:///{name}" if on_sqlite() else f"postgres:///{name}"
    environment = {"DATABASE_URL": address, "REDIS_URL": redis.url, "EMAIL_URL": "dummymail://"}
    one = CeleryWorker(env=environment, log=tmp_path / "worker.log")
    yield one
    one.kill()


def many_deadlines(case: Application, count: int) -> None:
    """Over ten days from ``FIRST`` + 30 days on."""
    found = []
    for number in range(count):
        due = FIRST + timedelta(days=30 + number % 10)
        day = deadlines.reminder_day(due, 30, stage.THRESHOLDS, since=SET)
        found.append(
            Deadline(application=case, what="expiry", key=str(number), due_on=due, lead=30, set_on=SET, next_on=day)
        )
    Deadline.objects.bulk_create(found)


def test_killed_workers_and_days_of_downtime_lose_and_double_nothing(worker: CeleryWorker, redis: stage.Redis) -> None:
    case, _cast = filed_case()
    many_deadlines(case, 3000)
    cut = 0
    for number in range(3):
        stage.on_day(worker, FIRST + number * DAY)
        with stage.held_up():
            was_cut, _is_open = stage.kill_in_mid_sweep(worker, redis, delay=0.01 * number)
        cut += was_cut
    assert cut == 3 or on_sqlite()  # there the sweep may have been quicker
    assert SweepRun.objects.filter(finished_at=None).count() == cut
    redis.kill()
    redis.start()
    today = FIRST + 3 * DAY
    stage.on_day(worker, today)
    stage.sweep_and_wait(redis)
    worker.stop()
    assert stage.written() == stage.expected(today)
    assert stage.written().total() == 4 * 300
    today += 30 * DAY  # and nothing ran in between
    stage.on_day(worker, today)
    stage.sweep_and_wait(redis, times=2)
    assert stage.written() == stage.expected(today)
    assert stage.written().total() > 3 * 3000


def test_worker_sweeps_tells_and_mails_in_chinese(celery_worker_process: CeleryWorker, smtp_sink: MailServer) -> None:
    case, cast = filed_case()
    Outbox.objects.all().delete()
    today = timezone.localdate()  # the worker's clock is the real one
    Deadline.objects.create(
        application=case,
        what="correction",
        key="k",
        due_on=today - 40 * DAY,
        lead=30,
        set_on=SET - 400 * DAY,
        next_on=today - 41 * DAY,
    )
    sweep_deadlines.delay()
    send_outbox.delay()
    mails = smtp_sink.wait_for(6)
    mine = [mail for mail in mails if mail["To"] == cast.preparer.email]
    assert sorted(str(mail["Subject"]).strip() for mail in mine) == [
        "證券商居家辦公申報系統：期限將至",
        "證券商居家辦公申報系統：期限將至",
        "證券商居家辦公申報系統：期限已過",
    ]
    for mail in mine:
        assert f"http://127.0.0.1:8000/cases/{case.pk}/deadlines/\n" in mail.get_content().replace("\r\n", "\n")
        assert "甲填報 您好：" in mail.get_content()
    assert Notification.objects.filter(user=cast.preparer).count() == 3
