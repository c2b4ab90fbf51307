"""What a person has been told in the portal: the list, what is read, and how mail is to come."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from applications import policy
from applications.keyset import Slice, newest_first
from applications.models import Notification

PAGE = 25


def inbox(user: User) -> QuerySet[Notification]:
    """What this person was told: of the cases that he may know of now, and of what is no case yet."""
    known = policy.scope(user, "outbox__application__") | Q(outbox__application=None)
    return Notification.objects.filter(known, user=user)


def page(user: User, *, before: str = "", after: str = "", size: int = PAGE) -> Slice[Notification]:
    """One page, the newest first. One query.

    Args:
        before, after: a cursor of an earlier page; at most one of them.

    Raises:
        ValueError: the cursor is none of ours.
    """
    notes = inbox(user).select_related("outbox__application__firm", "outbox__deadline")
    return newest_first(notes, before=before, after=after, size=size)


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
