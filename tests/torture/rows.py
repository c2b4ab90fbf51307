"""Cases and deadlines by the thousand, made by set-based SQL on PostgreSQL: a copy of one case each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from accounts.enums import Role
from applications.models import Application, Deadline
from tests.factories import FirmFactory, person


def template(at: datetime) -> Application:
    """One case of a firm that has its two people."""
    firm = FirmFactory.create()
    preparer = person(Role.PREPARER, firm=firm)
    person(Role.CHECKER, firm=firm)
    return Application.objects.create(
        firm=firm, kind="first", version_id="112-10-03", created_by=preparer, created_at=at, changed_at=at
    )


def _copy(model: Any, pk: int, count: int, **columns: str) -> None:
    """``count`` copies of a row; ``columns`` are SQL in ``n``, 0 for the first."""
    table = model._meta.db_table
    names = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    values = ", ".join(columns.get(name, f"one.{name}") for name in names)
    with connection.cursor() as cursor:
        # the rows are copies of one that is right: nothing to check
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608
            f"SELECT {values} FROM {table} one, generate_series(0, %s) n WHERE one.id = %s",
            [count - 1, pk],
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(f"ANALYZE {table}")


def cases(one: Application, count: int) -> tuple[int, int]:
    """Copies of a case without a number; the first and the last id."""
    _copy(Application, one.pk, count)
    last = Application.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return last - count + 1, last


def deadlines(first_case: int, count: int, *, due: date, spread: int, lead: int = 30, since: date) -> None:
    """An expiry for each of ``count`` cases from ``first_case`` on, over ``spread`` days from ``due`` on.

    Args:
        since: the day on which they were set; ``due`` must be at least ``lead`` days later.
    """
    one = Deadline.objects.create(
        application_id=first_case,
        what="expiry",
        key=f"expiry:{due}",
        due_on=due,
        lead=lead,
        set_on=since,
        next_on=due - timedelta(days=lead),
    )
    _copy(
        Deadline,
        one.pk,
        count - 1,
        application_id="one.application_id + n + 1",
        due_on=f"one.due_on + (n + 1) %% {spread}",
        next_on=f"one.next_on + (n + 1) %% {spread}",
    )
