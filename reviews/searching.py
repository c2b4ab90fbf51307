"""The trail as an auditor searches it: by case, firm, person, time and kind, in any combination."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Firm, User
from applications import policy
from applications.keyset import Slice, newest_first
from applications.models import Application, Event
from applications.roster_files import safe_cell
from applications.templatetags.portal import event_name
from applications.trail import canonical
from applications.workdays import DAY
from reviews.timeline import INSIDE_FIRM

PAGE = 50
MOST = 1_000_000  # rows of an export: a sheet holds no more
MOST_READERS = 50
ROSTERS = ("roster_read",)


@dataclass(frozen=True)
class Search:
    """What is asked for; what is empty is not asked. ``since`` and ``until`` are days in Taipei, both included."""

    case: str = ""
    firm: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None
    kinds: tuple[str, ...] = ()


def find(user: User, search: Search) -> QuerySet[Event]:
    """The events of cases that this person may know of; for an auditor those of no case too.

    One query to look up each name.
    """
    known = policy.scope(user, "application__")
    rows = Event.objects.filter(known | Q(application=None) if policy.may(user, "audit") else known)
    if search.case:
        rows = rows.filter(application__in=_ids(Application.objects.filter(number__iexact=search.case)))
    if search.firm:
        rows = rows.filter(application__firm__in=_ids(Firm.objects.filter(broker_code__iexact=search.firm)))
    if search.person:
        people = User.objects.filter(Q(email__iexact=search.person) | Q(name=search.person))
        rows = rows.filter(actor__in=_ids(people))
    if search.kinds:
        rows = rows.filter(what__in=search.kinds)
    if search.since:
        rows = rows.filter(at__gte=_midnight(search.since))
    if search.until:
        rows = rows.filter(at__lt=_midnight(search.until + DAY))
    return rows


def page(user: User, search: Search, *, before: str = "", after: str = "", size: int = PAGE) -> Slice[Event]:
    """One page, the latest first. One query besides those of ``find``.

    Args:
        before, after: a cursor of an earlier page; at most one of them.

    Raises:
        ValueError: the cursor is none of ours.
    """
    rows = find(user, search).select_related("application__firm")
    return newest_first(rows, by="at", before=before, after=after, size=size)


def readers(user: User, search: Search) -> list[Any]:
    """Who read rosters, how often and when last, the most eager first. One query besides those of ``find``."""
    rows = find(user, replace(search, kinds=ROSTERS)).order_by()
    counted = rows.values("actor_name", "actor_role").annotate(times=Count("pk"), last=Max("at"))
    return list(counted.order_by("-times", "actor_name")[:MOST_READERS])


def count(user: User, search: Search) -> int:
    """How many rows ``table`` gives besides its head."""
    return find(user, search)[:MOST].count()


def table(user: User, search: Search) -> Iterator[list[str]]:
    """The head and at most ``MOST`` rows, the latest first, for a spreadsheet; no text is a formula there."""
    yield [
        *(_("時間"), _("案號"), _("序號"), _("證券商"), _("姓名"), _("角色"), _("事件"), _("事件代碼")),
        *(_("變更前狀態"), _("變更後狀態"), _("內容"), _("對外"), _("請求識別碼"), _("位址"), _("雜湊值")),
    ]
    rows = find(user, search).select_related("application__firm").order_by("-at", "-pk")
    for event in rows[:MOST].iterator(chunk_size=2000):
        case = event.application
        cells = [
            timezone.localtime(event.at).isoformat(timespec="microseconds"),
            str(case) if case else "",
            str(event.number),
            case.firm.broker_code if case else "",
            event.actor_name,
            event.actor_role,
            event_name(event.what),
            event.what,
            event.before,
            event.after,
            said(event),
            _("是") if event.shared else _("否"),
            event.request_id,
            event.address,
            event.hash,
        ]
        yield [safe_cell(cell) for cell in cells]


def said(event: Event) -> str:
    """What an event keeps, as it is hashed; the words of a firm among its own people are not for the exchange."""
    return "" if event.what in INSIDE_FIRM else canonical(event.detail)


def _ids(rows: QuerySet) -> list[int]:
    return list(rows.order_by().values_list("pk", flat=True))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
