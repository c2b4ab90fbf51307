"""Deadlines as a calendar that Outlook, Google and Apple read: of a firm, or of one officer's cases."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from accounts.enums import Role
from accounts.models import User
from applications.enums import DeadlineState
from applications.models import Deadline, Feed
from applications.reminders import name_of

BACK = timedelta(days=90)  # how long a day that has passed stays in the calendar
SEEN = timedelta(hours=1)  # how exactly it is noted when a calendar was read


def may_have(user: User) -> bool:
    """Whether this person can subscribe: people of firms, and those of the exchange who have cases in hand."""
    return user.firm is not None or bool(user.roles & {Role.OFFICER, Role.SUPERVISOR})


def _owner(user: User) -> dict[str, Any]:
    return {"firm": user.firm} if user.firm else {"user": user}


def of(user: User) -> Feed | None:
    """The feed of this person's firm, or of this person of the exchange."""
    return Feed.objects.filter(**_owner(user), revoked_at=None).first()


def find(token: str) -> Feed | None:
    return Feed.objects.select_related("firm", "user").filter(token=token, revoked_at=None).first()


def revoke(*, by: User, at: datetime) -> None:
    """Give the address up: whoever has it reads nothing any more."""
    Feed.objects.filter(**_owner(by), revoked_at=None).update(revoked_at=at)


def renew(*, by: User, at: datetime) -> Feed:
    """A new address in place of the old one."""
    with transaction.atomic():
        revoke(by=by, at=at)
        return Feed.objects.create(token=secrets.token_urlsafe(32), created_by=by, created_at=at, **_owner(by))


def draw(feed: Feed, *, at: datetime, address: str) -> bytes:
    """The calendar as RFC 5545 text: an all-day entry for each open deadline, with a link and nothing of the case.

    Args:
        address: of the portal, for links.
    """
    if feed.read_at is None or at - feed.read_at > SEEN:
        Feed.objects.filter(pk=feed.pk).update(read_at=at)
    rows = Deadline.objects.filter(state=DeadlineState.OPEN, due_on__gte=timezone.localdate(at) - BACK)
    owner = {"application__firm": feed.firm} if feed.firm else {"application__officer": feed.user}
    host = urlsplit(address).hostname or "localhost"
    calendar = Calendar()
    with translation.override(feed.user.reads if feed.user else settings.LANGUAGE_CODE):
        calendar.add("prodid", "-//wfh-portal//deadlines//ZH")
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", _("居家辦公申報期限"))
        calendar.add("x-wr-timezone", "Asia/Taipei")
        for row in rows.filter(**owner).select_related("application"):
            calendar.add_component(_entry(row, at, address, host))
    return calendar.to_ical()


def _entry(row: Deadline, at: datetime, address: str, host: str) -> Event:
    link = address.rstrip("/") + reverse("deadlines", args=[row.application_id])
    entry = Event()
    entry.add("uid", f"deadline-{row.pk}@{host}")
    entry.add("dtstamp", at)
    entry.add("dtstart", row.due_on)
    entry.add("dtend", row.due_on + timedelta(days=1))
    entry.add("summary", f"{name_of(row.what, row.application.version)}{_('（')}{row.application}{_('）')}")
    entry.add("description", _("請登入查看：{link}").format(link=link))
    entry.add("url", link)
    entry.add("transp", "TRANSPARENT")
    return entry
