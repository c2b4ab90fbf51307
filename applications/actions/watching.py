"""What is put on record though it changes nothing: files and PDFs opened, doors tried in vain, filings that failed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from applications.appending import append_to_house
from applications.enums import Action
from applications.lifecycle import lock, record
from applications.models import Application, Event

OPENED = timedelta(minutes=10)  # a viewer asks for a file piece by piece: one reading
REFUSED = timedelta(hours=1)  # whoever rattles at a door again and again does not flood the trail


def log_opening(case_id: int | None, what: str, of: str, *, by: User, at: datetime) -> None:
    """Somebody opened or saved a file or a PDF; once in ten minutes for the same person and thing.

    Args:
        case_id: None for a mail that is of no case yet.
        what: ``file_read`` or ``pdf_read``.
        of: which file or document.
    """
    _once(case_id, what, of, {}, within=OPENED, by=by, at=at)


def log_refusal(case_id: int, door: str, *, status: int, path: str, by: User, at: datetime) -> None:
    """Somebody asked for what is not for them; once an hour for the same person, case and page.

    Neither firm is told. Nothing where there is no such case.

    Args:
        door: the name of the page.
        status: what was answered, 403 or 404.
    """
    try:
        _once(case_id, "refused", door, {"status": status, "path": path[:200]}, within=REFUSED, by=by, at=at)
    except Application.DoesNotExist:
        return


def log_failure(
    case_id: int, action: Action, *, items: Iterable[str] = (), reason: str = "", by: User, at: datetime
) -> None:
    """A firm tried to file and could not: that it tried, when, and what was missing. The firm sees it.

    Args:
        items: what was missing.
        reason: or why it was too late, in words.
    """
    detail = {"action": action, "items": list(dict.fromkeys(items)), "reason": reason}
    with transaction.atomic():
        record(lock(case_id), "failed", by=by, at=at, detail=detail)


def _once(
    case_id: int | None, what: str, of: str, more: dict[str, object], *, within: timedelta, by: User, at: datetime
) -> None:
    lately = Event.objects.filter(application=case_id, actor=by, what=what, at__gt=at - within, detail__of=of)
    if lately.exists():
        return
    detail = {"of": of, **more}
    if case_id is None:
        append_to_house(what, by=by, at=at, detail=detail)
        return
    with transaction.atomic():
        case = lock(case_id)
        if not lately.exists():
            record(case, what, by=by, at=at, detail=detail, shared=False)
