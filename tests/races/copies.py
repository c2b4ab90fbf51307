"""The database put back as it was, sequences included, and what has become of it since. PostgreSQL alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, transaction

SCHEMA = "before_the_race"
TRIED = ('"what": "failed"', '"what": "refused"')  # events which say that somebody tried, and could not
EVENTS = "applications_event"
CHANCE = "'file', 'request_id', 'previous', 'hash'"
COUNTED = CHANCE + ", 'id', 'number'"  # of events: those that say that somebody tried count too
APPS = ("accounts", "applications", "reviews")

Picture = list[tuple[str, str]]


def _tables() -> list[str]:
    return sorted({model._meta.db_table for app in APPS for model in apps.get_app_config(app).get_models()})


def _execute(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(";\n".join(statements))


class Copy:
    """Every row of the portal's tables as it was when this was made. Sessions are not touched."""

    def __init__(self) -> None:
        tables = _tables()
        _execute(*(f"CREATE TABLE {SCHEMA}.{one} AS TABLE public.{one}" for one in tables))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT schemaname || '.' || sequencename, start_value, last_value FROM pg_sequences "
                "WHERE schemaname = 'public'"
            )
            sequences = cursor.fetchall()
        self._sequences = [
            f"SELECT setval('{name}', {last or first}, {str(last is not None).lower()})"
            for name, first, last in sequences
        ]
        self._touched = set(tables)
        # where a file lies is chosen at random, and so are the ids of requests, on which the hashes of events hang
        sides = [(f"public.{one}", f"{SCHEMA}.{one}", one, COUNTED if one == EVENTS else CHANCE) for one in tables]
        self._changes = " UNION ALL ".join(
            f"(SELECT '{sign}{one}', (to_jsonb(x) - ARRAY[{chance}])::text FROM {here} x "  # noqa: S608
            f"EXCEPT ALL SELECT '{sign}{one}', (to_jsonb(y) - ARRAY[{chance}])::text FROM {there} y)"
            for new, old, one, chance in sides
            for sign, here, there in (("+", new, old), ("-", old, new))
        )

    def restore(self) -> None:
        """Put back the tables in which ``changes`` has seen some: the others would only fill with dead rows."""
        back = [
            f"DELETE FROM public.{one}; INSERT INTO public.{one} SELECT * FROM {SCHEMA}.{one}"  # noqa: S608
            for one in self._touched
        ]
        # the rows are those that were there: nothing to check
        _execute("SET LOCAL session_replication_role = replica", *back, *self._sequences)
        self._touched = set()

    def changes(self) -> Picture:
        """Rows that are new (+) and rows that are gone (-), a changed one as both, each as JSON."""
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")  # it takes longer to compile than to run
            cursor.execute(self._changes)
            found = sorted(cursor.fetchall())
        self._touched |= {name[1:] for name, _row in found}
        return [(name, row) for name, row in found if not (name[1:] == EVENTS and any(what in row for what in TRIED))]


@contextmanager
def copied() -> Iterator[Copy]:
    """A copy that is dropped at the end, the database as it was put back."""
    _execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE", f"CREATE SCHEMA {SCHEMA}")
    copy = Copy()
    try:
        yield copy
    finally:
        copy.changes()
        copy.restore()
        _execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def shown(picture: Picture, expected: Picture) -> dict[str, Any]:
    """Where two pictures differ."""
    return {
        "too much": [row for row in picture if row not in expected],
        "missing": [row for row in expected if row not in picture],
    }
