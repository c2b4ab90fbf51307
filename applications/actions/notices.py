"""What a person has been told in the portal: the list, what is read, and how mail is to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from applications import policy
from applications.models import Notification

PAGE = 25
LARGEST = 1 << 63


@dataclass(frozen=True)
class Page:
    notes: list[Notification]
    newer: str  # cursor of ?after=, or ""
    older: str  # cursor of ?before=, or ""


def inbox(user: User) -> QuerySet[Notification]:
    """What this person was told of the cases that he may know of now."""
    return Notification.objects.filter(policy.scope(user, "outbox__application__"), user=user)


def page(user: User, *, before: str = "", after: str = "", size: int = PAGE) -> Page:
    """One page, the newest first. One query.

    Args:
        before, after: a cursor of an earlier page; at most one of them.

    Raises:
        ValueError: the cursor is none of ours.
    """
    notes = inbox(user).select_related("outbox__application__firm", "outbox__deadline")
    if after:
        found = list(notes.filter(pk__gt=_place(after)).order_by("id")[: size + 1])
        more_newer, more_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        if before:
            notes = notes.filter(pk__lt=_place(before))
        found = list(notes.order_by("-id")[: size + 1])
        more_newer, more_older = bool(before), len(found) > size
        found = found[:size]
    return Page(
        notes=found,
        newer=str(found[0].pk) if found and more_newer else "",
        older=str(found[-1].pk) if found and more_older else "",
    )


def _place(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit()) or len(cursor) > 19 or int(cursor) >= LARGEST:
        raise ValueError(cursor)
    return int(cursor)


def mark_read(*, by: User, at: datetime, upto: int) -> None:
    """Everything up to this one has been read; what came after the page was drawn has not."""
    Notification.objects.filter(user=by, read_at=None, pk__lte=upto).update(read_at=at)


def read(*, pk: int, by: User, at: datetime) -> Notification:
    """One has been read; the first time counts.

    Raises:
        Notification.DoesNotExist: there is no such one in this person's list.
    """
    note = inbox(by).select_related("outbox__application").get(pk=pk)
    if note.read_at is None:
        note.read_at = at
        note.save(update_fields=["read_at"])
    return note


def choose_mail(*, by: User, digest: bool) -> None:
    """One mail a day, or one for each thing; what has not been sent yet comes that way too."""
    by.digest = digest
    by.save(update_fields=["digest"])
