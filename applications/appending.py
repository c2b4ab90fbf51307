"""The only code that writes an event: a statement that finds the end of its chain and hangs the event on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import translation

from accounts.enums import role_names
from accounts.models import User
from accounts.origin import origin
from applications import trail

TRIES = 20  # two at once at the end of the chain of no case: the later one asks again

SAID = (
    *("case", "at", "actor", "actor_name", "actor_role", "what", "before", "after", "detail", "shared"),
    *("request_id", "address", "head", "tail"),
)
# On PostgreSQL a function of the migration, whose plan the session keeps: that is half of what the statement costs.
CALL = f"applications_append_event({', '.join(['%s'] * len(SAID))})"
INSERT = """
    INSERT INTO applications_event (application_id, at, actor_id, actor_name, actor_role, what, before, after,
        detail, shared, request_id, address, number, previous, hash)
    SELECT %(case)s, %(at)s, %(actor)s, %(actor_name)s, %(actor_role)s, %(what)s, %(before)s, %(after)s,
        %(detail)s, %(shared)s, %(request_id)s, %(address)s, tip.number + 1, tip.hash,
        SHA256(tip.hash || SHA256(%(head)s || CAST(tip.number + 1 AS text) || %(tail)s))
    FROM (
        SELECT * FROM (
            SELECT number, hash FROM applications_event
            WHERE application_id IS %(case)s ORDER BY number DESC LIMIT 1
        )
        UNION ALL SELECT 0, %(first)s ORDER BY 1 DESC LIMIT 1
    ) tip
    """


@dataclass(frozen=True)
class Step:
    """What an event says was done, and between which statuses; "" where it is not a move."""

    what: str
    before: str = ""
    after: str = ""


def append(
    case_id: int | None,
    *steps: Step,
    by: User | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
    shared: bool = True,
    seals: Iterable[Any] = (),
) -> None:
    """Append events to the chain of a case, which the caller has locked; one statement on PostgreSQL.

    Args:
        case_id: the case; None for what is of no case, by ``append_to_house`` alone.
        steps: an event each, in order; what follows is said by each of them.
        by: None for what the system does by itself.
        detail: what the event keeps besides; JSON without fractions.
        seals: rows of the kinds in ``trail.SEALED`` that are written with it, as they are from now on.

    Raises:
        IntegrityError: somebody else appended in between: the case was not locked.
    """
    come = origin.get()
    common: dict[str, Any] = {
        "actor": by.pk if by else None,
        "actor_name": by.name if by else "",
        "actor_role": _on_record(by.roles_held) if by else "",
        "address": come.address,
        "application": case_id,
        "at": trail.moment(at),
        "detail": {**(detail or {}), **trail.seals(*seals)},
        "request_id": come.request_id,
        "shared": shared,
    }
    stored = {
        "case": case_id,
        "at": connection.ops.adapt_datetimefield_value(at),
        "detail": trail.canonical(common["detail"]),
        "first": trail.FIRST,
    }
    rows = []
    for step in steps:
        said = common | vars(step)
        head, tail = trail.around(said)
        rows.append(said | stored | {"head": head, "tail": tail})
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            calls = ", ".join([CALL] * len(rows))
            cursor.execute(f"SELECT {calls}", [row[name] for row in rows for name in SAID])
        else:
            for row in rows:
                cursor.execute(INSERT, row)


def append_to_house(
    what: str,
    *,
    by: User | None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
    seals: Iterable[Any] = (),
) -> None:
    """Append an event that is of no case to the chain of the house; no firm sees it."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                append(None, Step(what), by=by, at=at, detail=detail, shared=False, seals=seals)
            return
        except IntegrityError:
            if not left:
                raise


@cache
def _on_record(roles: tuple[str, ...]) -> str:
    """The names of roles as a record keeps them: it does not depend on the language of the page."""
    with translation.override("zh-hant"):
        return role_names(roles)
