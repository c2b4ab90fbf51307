"""The only code that writes an event: one statement that finds the end of its chain and hangs the event on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import translation

from accounts.enums import role_names
from accounts.models import User
from accounts.origin import origin
from applications import trail
from applications.models import Event

TRIES = 20  # two at once at the end of the chain of no case: the later one asks again

HASH = {"postgresql": "encode(sha256(convert_to({}, 'UTF8')), 'hex')", "sqlite": "SHA256({})"}
APPEND = """
WITH tip AS (SELECT number, hash FROM {table} WHERE {chain} ORDER BY number DESC LIMIT 1),
place AS (SELECT COALESCE((SELECT number FROM tip), 0) + 1 AS number, COALESCE((SELECT hash FROM tip), %s) AS previous)
INSERT INTO {table} (application_id, at, actor_id, actor_name, actor_role, what, before, after, detail, shared,
    request_id, address, number, previous, hash)
SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, number, previous, {hash} FROM place
"""


def append(
    case_id: int | None,
    what: str,
    *,
    by: User | None,
    at: datetime,
    before: str = "",
    after: str = "",
    detail: Mapping[str, Any] | None = None,
    shared: bool = True,
    seals: Iterable[Any] = (),
) -> None:
    """Append an event to the chain of a case, which the caller has locked; one statement.

    Args:
        case_id: the case; None for what is of no case, by ``append_to_house`` alone.
        by: None for what the system does by itself.
        detail: what the event keeps besides; JSON without fractions.
        seals: rows of the kinds in ``trail.SEALED`` that are written with it, as they are from now on.

    Raises:
        IntegrityError: somebody else appended in between: the case was not locked.
    """
    come = origin.get()
    said: dict[str, Any] = {
        "actor": by.pk if by else None,
        "actor_name": by.name if by else "",
        "actor_role": _on_record(by.roles_held) if by else "",
        "address": come.address,
        "after": after,
        "application": case_id,
        "at": trail.moment(at),
        "before": before,
        "detail": {**(detail or {}), **trail.seals(*seals)},
        "request_id": come.request_id,
        "shared": shared,
        "what": what,
    }
    head, tail = trail.around(said)
    on = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(connection.vendor, case_id is None),
            [
                *([] if case_id is None else [case_id]),
                *(trail.FIRST, case_id, on, said["actor"], said["actor_name"], said["actor_role"]),
                *(what, before, after, trail.canonical(said["detail"]), shared),
                *(come.request_id, come.address, head, tail),
            ],
        )


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
                append(None, what, by=by, at=at, detail=detail, shared=False, seals=seals)
            return
        except IntegrityError:
            if not left:
                raise


@cache
def _statement(vendor: str, house: bool) -> str:
    sha256 = HASH[vendor]
    said = sha256.format("%s || CAST(number AS text) || %s")
    chain = "application_id IS NULL" if house else "application_id = %s"
    return APPEND.format(table=Event._meta.db_table, chain=chain, hash=sha256.format(f"previous || {said}"))


@cache
def _on_record(roles: tuple[str, ...]) -> str:
    """The names of roles as a record keeps them: it does not depend on the language of the page."""
    with translation.override("zh-hant"):
        return role_names(roles)
