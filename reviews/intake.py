"""A mail comes in: kept as it arrived, once, whatever it is. Both doors end here."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounts.models import User
from applications import notify
from applications.enums import Door
from reviews import claims
from reviews.actions.mailing import note
from reviews.models import MailNotice

TRIES = 5
LENGTH = 400  # characters of a sender and a subject in lists


def take_in(
    *,
    raw: bytes,
    received_at: datetime,
    door: Door,
    by: User | None = None,
    at: datetime,
    size: int | None = None,
) -> MailNotice:
    """Keep a mail. The same bytes a second time are the row that is there, from whichever door and at once or not.

    A mail with the Message-ID of one that is there joins it and is kept all the same; where it reads differently,
    it waits for an officer's look as well, since anybody can write any Message-ID.

    Args:
        raw: the mail as it arrived; its headers alone where it is too big to be fetched.
        received_at: the mailbox server's time of arrival, or that of the officer's entry.
        by: the officer who uploads it.
        size: of the whole mail in bytes, where ``raw`` is not all of it.
    """
    received_at = min(received_at, at)  # a mail server's clock may be ahead of ours
    digest = hashlib.sha256(raw).hexdigest()
    partial = size is not None and size > len(raw)
    if found := _again(digest, received_at=received_at, door=door, by=by, at=at):
        return found
    said, unreadable = claims.read(raw, partial=partial)
    path = default_storage.save(f"mail/{uuid4().hex}.eml", ContentFile(raw))
    mail = MailNotice(
        raw=path,
        sha256=digest,
        size=size if size is not None else len(raw),
        partial=partial,
        message_id=said.get("message_id", ""),
        sender=said.get("sender", {}).get("text", "")[:LENGTH],
        subject=said.get("subject", "")[:LENGTH],
        said=said,
        unreadable=unreadable,
        door=door,
        received_at=received_at,
        uploaded_by=by,
    )
    for tries_left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return _keep(mail, by=by, at=at)
        except IntegrityError:  # the same bytes, or the first of this Message-ID, a moment ago
            mail.pk = None
            if found := _again(digest, received_at=received_at, door=door, by=by, at=at):
                default_storage.delete(path)
                return found
            if not tries_left:
                raise
    raise AssertionError


def _keep(mail: MailNotice, *, by: User | None, at: datetime) -> MailNotice:
    head = MailNotice.objects.filter(message_id=mail.message_id, joins=None).first() if mail.message_id else None
    mail.joins = head
    content = mail.said.get("content")
    if head and content and content == head.said.get("content"):
        mail.status = MailNotice.Status.JOINED
    else:
        mail.status = MailNotice.Status.UNREADABLE if mail.unreadable else MailNotice.Status.WAITING
    mail.save()
    note(mail, "received", by=by, at=at, detail={"door": mail.door, "sha256": mail.sha256})
    if mail.door == Door.MAILBOX and mail.status != MailNotice.Status.JOINED:  # else somebody has it before him
        notify.tell_of("mail_waiting", path=mail.get_absolute_url(), key=f"mail:{mail.pk}", at=at)
    if head:
        note(head, "joined", by=by, at=at, detail={"mail": mail.pk, "same": mail.status == MailNotice.Status.JOINED})
    return mail


def _again(digest: str, *, received_at: datetime, door: Door, by: User | None, at: datetime) -> MailNotice | None:
    """The mail of these bytes, if it is there; that it came another time is noted."""
    found = MailNotice.objects.select_related("joins").filter(sha256=digest).first()
    if found and (found.door, found.received_at) != (door, received_at):
        note(found, "again", by=by, at=at, detail={"door": door, "received_at": received_at.isoformat()})
    return found
