"""The exchange's ledger: every firm as of a day, searched, filtered, by pages of firms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Firm, User
from applications import policy
from applications.ledger import AT_HOME, EXPIRING, OVER, Phase, Standing, lasting, over_before, running, standings
from applications.models import ApprovedPeriod
from applications.roster_files import safe_cell
from applications.workdays import Calendar

PAGE = 15  # firms
SOON = timedelta(days=EXPIRING + 1)
HOME, NONE = "home", "none"
FILTERS: dict[str, Promise | str] = {
    "": gettext_lazy("全部"),
    HOME: gettext_lazy("得居家辦公（含即將屆滿）"),
    Phase.EXPIRING: Phase.EXPIRING.label,
    Phase.UPCOMING: Phase.UPCOMING.label,
    Phase.EXPIRED: Phase.EXPIRED.label,
    Phase.ENDED: Phase.ENDED.label,
    NONE: gettext_lazy("無進行中或尚未開始之期間"),
}


@dataclass(frozen=True)
class Entry:
    """A line of the list; a firm that never had a period has one without ``one``."""

    firm: Firm
    one: Standing | None


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    previous: str  # code for ?before=, or ""
    next: str  # code for ?after=, or ""


@dataclass(frozen=True)
class Totals:
    firms: int
    at_home: int
    expiring: int
    upcoming: int


def totals(user: User, day: date) -> Totals:
    """The headline, of all firms. One query."""
    now = running(day)
    counts = _visible(user).aggregate(
        firms=Count("firm", distinct=True, filter=now),
        at_home=Count("pk", filter=now),
        expiring=Count("pk", filter=now & over_before(day + SOON)),
        upcoming=Count("pk", filter=Q(first_day__gt=day)),
    )
    return Totals(**counts)


def firms(user: User, *, day: date, search: str = "", phase: str = "") -> QuerySet[Firm]:
    """The firms that a filter leaves, by code.

    Args:
        search: a part of the name, or how the code begins.
        phase: a key of ``FILTERS``.
    """
    found = Firm.objects.order_by("broker_code")
    if search:
        found = found.filter(
            Q(name__icontains=search) | Q(name_en__icontains=search) | Q(broker_code__istartswith=search)
        )
    periods = _visible(user).filter(firm=OuterRef("pk"))
    now = periods.filter(running(day))
    # the last of its line: none of it begins later, and they do not overlap
    later = _visible(user).filter(firm=OuterRef("firm"), line=OuterRef("line"), first_day__gt=OuterRef("first_day"))
    over = periods.filter(over_before(day)).filter(~Exists(later))
    wanted: dict[str, Q] = {
        HOME: Q(Exists(now)),
        Phase.EXPIRING: Q(Exists(now.filter(over_before(day + SOON)))),
        Phase.UPCOMING: Q(Exists(periods.filter(first_day__gt=day))),
        Phase.EXPIRED: Q(Exists(over.filter(ended_on=None))),
        Phase.ENDED: Q(Exists(over.exclude(ended_on=None))),
        NONE: ~Q(Exists(periods.filter(lasting(day)))),
    }
    return found.filter(wanted[phase]) if phase else found


def page(
    user: User, *, day: date, calendar: Calendar, search: str = "", phase: str = "", before: str = "", after: str = ""
) -> Page:
    """One page of firms with what bears on ``day`` of each. Two queries.

    Args:
        before, after: the code of a firm; at most one of them.
    """
    found = firms(user, day=day, search=search, phase=phase)
    if before:
        some = list(found.filter(broker_code__lt=before).order_by("-broker_code")[: PAGE + 1])
        more_before, more_after = len(some) > PAGE, True
        some = some[:PAGE][::-1]
    else:
        some = list((found.filter(broker_code__gt=after) if after else found)[: PAGE + 1])
        more_before, more_after = bool(after), len(some) > PAGE
        some = some[:PAGE]
    return Page(
        entries=entries(user, some, day, calendar, phase),
        previous=some[0].broker_code if some and more_before else "",
        next=some[-1].broker_code if some and more_after else "",
    )


def _visible(user: User) -> QuerySet[ApprovedPeriod]:
    return ApprovedPeriod.objects.filter(policy.scope(user, "application__"))


def entries(user: User, some: list[Firm], day: date, calendar: Calendar, phase: str) -> list[Entry]:
    """What bears on ``day`` of these firms. One query."""
    rows = _visible(user).filter(firm__in=some).select_related("application", "firm") if some else ()
    by_firm: dict[int, list[Standing]] = {firm.pk: [] for firm in some}
    for one in standings(rows, day=day, calendar=calendar, among=policy.visible_to(user)):
        if _wanted(one.phase, phase):
            by_firm[one.row.firm_id].append(one)
    found = []
    for firm in some:
        found += [Entry(firm, one) for one in by_firm[firm.pk]] or [Entry(firm, None)]
    return found


def _wanted(phase: Phase, asked: str) -> bool:
    if asked == HOME:
        return phase in AT_HOME
    if asked == NONE:
        return phase in OVER
    return not asked or phase == asked


def table(entries: Iterable[Entry], day: date) -> list[list[str]]:
    """The list as rows of text with a header, days as ISO; safe to open in a spreadsheet."""
    head = [
        _("基準日"),
        _("證券商代號"),
        _("證券商"),
        _("業務項目"),
        _("案號"),
        _("狀態"),
        _("起日"),
        _("迄日"),
        _("提前終止之最後居家日"),
        _("尚餘日數"),
        _("連續期間起日"),
        _("連續期間迄日"),
        _("連續滿一年之日"),
        _("現有期間是否滿一年"),
        _("最晚送件日"),
        _("可否申請延展"),
        _("說明"),
    ]
    return [head, *([safe_cell(cell) for cell in _cells(entry, day)] for entry in entries)]


def _cells(entry: Entry, day: date) -> list[str]:
    firm, one = entry.firm, entry.one
    named = [day.isoformat(), firm.broker_code, firm.name]
    if one is None:
        return [*named, "", "", _("尚無得居家辦公之期間"), *[""] * 11]
    row, chain, extension = one.row, one.chain, one.extension
    return [
        *named,
        one.line_name,
        str(row.application),
        str(one.phase.label),
        row.first_day.isoformat(),
        row.last_day.isoformat(),
        row.ended_on.isoformat() if row.ended_on else "",
        "" if one.left is None else str(one.left),
        chain.first.isoformat(),
        chain.last.isoformat(),
        chain.year_on.isoformat(),
        _("是") if chain.reaches else _("否"),
        one.file_by.isoformat() if extension.open else "",
        _("是") if extension.open else _("否"),
        extension.why + extension.instead,
    ]
