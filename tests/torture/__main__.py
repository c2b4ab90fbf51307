"""``make torture``: DATABASE_URL names a PostgreSQL cluster of pg_virtualenv, which is restarted on the way."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection

from tests.bench.portal import portal
from tests.services import CeleryWorker, wait_until

KILLS = int(os.environ.get("KILLS", "50"))
A_DAY = 1500  # deadlines that fall on one day: four to six times as many reminders
FIRST = date(2026, 11, 2)
DAY = timedelta(days=1)
LEAD = 30
DOWN = 3  # what pg_ctlcluster says of a cluster that does not run


def restart_postgres() -> None:
    """Without a word of farewell: as after a loss of power, it has to recover."""
    cluster = subprocess.run(["pg_lsclusters", "-h"], check=True, capture_output=True, text=True).stdout.split()[:2]

    def is_down() -> bool:
        return subprocess.run(["pg_ctlcluster", *cluster, "status"], capture_output=True).returncode == DOWN

    subprocess.run(["pg_ctlcluster", *cluster, "stop", "-m", "immediate"], check=True)
    wait_until(is_down, seconds=60, what="PostgreSQL's end")
    subprocess.run(["pg_ctlcluster", *cluster, "start"], check=True)


def torture(folder: Path) -> bool:
    """Whether every reminder is there once."""
    # these import models, so that Django has to be set up
    rows: Any = import_module("tests.torture.rows")
    stage: Any = import_module("tests.torture.stage")
    models: Any = import_module("applications.models")
    start, today, chance = perf_counter(), FIRST, random.Random(115)

    days = KILLS + LEAD + 10
    first, _last = rows.cases(rows.template(datetime.fromisoformat(f"{FIRST}T00:00:00+08:00")), days * A_DAY)
    rows.deadlines(first, days * A_DAY, due=FIRST + LEAD * DAY, spread=days, since=FIRST)
    print(f"{days * A_DAY} deadlines over {days} days")

    redis = stage.Redis(folder)
    redis.start()
    name = connection.settings_dict["NAME"]
    environment = {"DATABASE_URL": f"postgres:///{name}", "REDIS_URL": redis.url, "EMAIL_URL": "dummymail://"}
    workers = [CeleryWorker(env=dict(environment), log=folder / f"worker{number}.log") for number in (1, 2)]
    one, _other = workers
    try:
        cut = inside = kept = 0
        for number in range(KILLS):
            today = FIRST + number * DAY
            stage.on_day(one, today)
            before = models.Outbox.objects.count()
            was_cut, was_open = stage.kill_in_mid_sweep(one, redis, delay=chance.uniform(0, 0.25))
            cut += was_cut
            inside += was_open
            kept += was_cut and models.Outbox.objects.count() > before
        runs = models.SweepRun.objects.count()
        print(
            f"{KILLS} × kill -9: {cut} runs cut off, {inside} with the transaction open, {kept} just after its commit"
        )
        print(f"{runs} runs begun in all")

        redis.kill()
        redis.start()
        print("Redis killed and started again")
        restart_postgres()
        wait_until(stage.answers, seconds=60, what="PostgreSQL")
        print("PostgreSQL restarted without shutting down")

        today += 4 * DAY
        stage.on_day(one, today)
        stage.sweep_and_wait(redis)
        late = models.SweepRun.objects.order_by("-reminders")[0]
        missing, twice = compare(stage, today)
        print(f"after three days of downtime: {late.reminders} reminders in the largest run", end="; ")
        print(f"missing {missing}, more than once {twice}")
        one.stop()

        for _ in range(3):
            today += DAY
            for worker in workers:
                stage.on_day(worker, today)
            stage.sweep_and_wait(redis, times=4)
            for worker in workers:
                worker.stop()
        print("then three days with two workers and four sweeps at once")
    finally:
        for worker in workers:
            worker.kill()
        redis.kill()
    missing, twice = compare(stage, today)
    total, due = stage.written().total(), stage.expected(today).total()
    print(f"due up to {today}: {due}; written: {total}; missing {missing}; more than once {twice}")
    print(f"{perf_counter() - start:.0f} s")
    return not missing and not twice and total == due


def compare(stage: Any, today: date) -> tuple[int, int]:
    """How many reminders are missing, how many are there more than once or should not be."""
    expected: Counter[Any] = stage.expected(today)
    written: Counter[Any] = stage.written()
    return (expected - written).total(), (written - expected).total()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="torture-") as folder, portal():
        settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
        if not torture(Path(folder)):
            sys.exit("Reminders were lost or doubled")


if __name__ == "__main__":
    main()
