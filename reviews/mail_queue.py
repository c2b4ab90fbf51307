"""The lists of mails that came in: tabs, counts, pages."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications import policy
from applications.keyset import Slice, newest_first
from reviews import queue
from reviews.models import MailNotice
from reviews.queue import CAP, PAGE, CappedCount

Status = MailNotice.Status
LABELS: dict[str, Promise] = {
    "waiting": _("待確認"),
    "confirmed": _("已確認"),
    "set_aside": _("非緊急通報"),
    "all": _("全部"),
}
STATUSES: dict[str, frozenset[Status]] = {
    "waiting": MailNotice.OPEN,
    "confirmed": frozenset({Status.CONFIRMED}),
    "set_aside": frozenset({Status.SET_ASIDE}),
    "all": frozenset(Status),
}


def visible_to(user: User) -> QuerySet[MailNotice]:
    """The mails that this person may know of: all of them at the exchange, none at a firm."""
    return MailNotice.objects.all() if policy.may(user, "see_internal") else MailNotice.objects.none()


def mails_in(user: User, tab: str) -> QuerySet[MailNotice]:
    """The mails of one tab; what they say is left where it is."""
    return visible_to(user).filter(status__in=sorted(STATUSES[tab])).defer("said")


def count_of(user: User, tab: str = "waiting") -> CappedCount:
    """How many mails a tab has, for another query."""
    return CappedCount(mails_in(user, tab).order_by().values("pk")[: CAP + 1])


def counts(user: User) -> dict[str, int]:
    """How many mails each tab has, up to ``CAP + 1``. One query."""
    return queue.counts(user, [], **{tab: count_of(user, tab) for tab in LABELS})


def page(user: User, tab: str, *, before: str = "", after: str = "", size: int = PAGE) -> Slice[MailNotice]:
    """One page of a tab, the last that came in first. One query.

    Args:
        before, after: a cursor of an earlier page; at most one of them.

    Raises:
        ValueError: the cursor is none of ours.
    """
    mails = mails_in(user, tab).select_related("application", "uploaded_by", "joins")
    mails = mails.defer("said", "joins__said")
    return newest_first(mails, before=before, after=after, size=size)
