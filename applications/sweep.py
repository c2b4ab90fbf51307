"""The sweep: every reminder that has come due becomes a row of the outbox, once.

A run takes all reminders up to its day, so the next one makes up for days of downtime. A row is unique for its
deadline and threshold, and a deadline's next reminder moves on in the transaction that writes its rows: a run that is
killed has done nothing, and a second one at the same time finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from applications.models import SweepRun
from applications.parameters import parameters
from guideline.catalogue import every

# remind: days before a deadline, by version. due: the deadlines with a reminder up to today.
WITH = """WITH remind(version, days) AS (VALUES {values}),
due AS (
  SELECT d.id, d.application_id, d.what, d.due_on, d.lead, d.next_on, a.version_id
  FROM applications_deadline d JOIN applications_application a ON a.id = d.application_id
  WHERE d.next_on <= %(today)s {lock}
)"""
INSERT = """INSERT INTO applications_outbox (application_id, what, deadline_id, threshold, key, created_at)
  SELECT due.application_id, CASE WHEN remind.days < 0 THEN 'overdue:' ELSE 'due:' END || due.what,
    due.id, remind.days, 'deadline:' || due.id || ':' || remind.days, %(at)s
  FROM due JOIN remind ON remind.version = due.version_id AND remind.days <= due.lead
  WHERE {day} BETWEEN due.next_on AND %(today)s
  ON CONFLICT DO NOTHING"""
NEXT = """SELECT min({day}) FROM remind
    WHERE remind.version = due.version_id AND remind.days <= due.lead AND {day} > %(today)s"""

# One statement, because under READ COMMITTED a second one would see deadlines that the first did not see.
# What somebody else holds (another sweep, a person who moves the case) is left to the next run: a sweep waits for
# nobody, so nobody waits for it in a circle. The case is held too: whoever moves it writes its deadlines anew.
POSTGRESQL = """{with_},
made AS ({insert} RETURNING 1),
moved AS (UPDATE applications_deadline d SET next_on = ({next}) FROM due WHERE d.id = due.id RETURNING 1)
SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM made)"""
LOCK = "FOR UPDATE OF d SKIP LOCKED FOR KEY SHARE OF a SKIP LOCKED"

# SQLite cannot write inside WITH; its transactions have the right to write to themselves from the start.
SQLITE = (
    "{with_} {insert}",
    """{with_} UPDATE applications_deadline SET next_on = (
  SELECT ({next}) FROM due WHERE due.id = applications_deadline.id
)
WHERE next_on <= %(today)s""",
)


def sweep(*, today: date, at: datetime) -> SweepRun:
    """Write an outbox row for every reminder up to ``today`` that has none, and set when the next one is.

    The thresholds are ``reminder_days`` of the case's version, or what the exchange set instead; one beyond a
    deadline's ``lead`` does not count. Three statements and one for each version, however much is due.

    Args:
        at: the moment that the rows give as their own.

    Returns:
        The run, on the record since before it began; when it ended is the caller's to write.
    """
    thresholds = {version.id: parameters(version)["reminder_days"] for version in every()}
    run = SweepRun.objects.create(started_at=at, today=today)
    with transaction.atomic():
        run.deadlines, run.reminders = _remind(thresholds, today, at)
        run.save(update_fields=["deadlines", "reminders"])
    return run


def _remind(thresholds: Mapping[str, Sequence[int]], today: date, at: datetime) -> tuple[int, int]:
    """How many deadlines were looked at, how many reminders written."""
    pairs = [(version, days) for version, many in thresholds.items() for days in many]
    params: dict[str, Any] = {
        "today": connection.ops.adapt_datefield_value(today),
        "at": connection.ops.adapt_datetimefield_value(at),
    }
    for number, (version, days) in enumerate(pairs):
        params |= {f"version{number}": version, f"days{number}": days}
    values = ", ".join(f"(%(version{number})s, %(days{number})s)" for number in range(len(pairs)))
    postgres = connection.vendor == "postgresql"
    day = "due.due_on - remind.days" if postgres else "date(due.due_on, -remind.days || ' days')"
    parts = {
        "with_": WITH.format(values=values, lock=LOCK if postgres else ""),
        "insert": INSERT.format(day=day),
        "next": NEXT.format(day=day),
    }
    with connection.cursor() as cursor:
        if postgres:
            cursor.execute(POSTGRESQL.format(**parts), params)
            return cursor.fetchone()
        done = []
        for statement in SQLITE:
            cursor.execute(statement.format(**parts), params)
            cursor.execute("SELECT changes()")
            done += cursor.fetchone()
        made, moved = done
        return moved, made
