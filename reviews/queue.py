"""The exchange's lists of cases: tabs, counts and pages by keyset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications import policy
from applications.enums import CORRECTING, ENDED, SUPPLYING, Status
from applications.keyset import newest_first
from applications.models import Application, Submission
from applications.naming import named_lazy
from applications.present import listed, words
from guideline.values import as_date

PAGE = 25
CAP = 1000  # counts say 1000+ beyond this, and never count further

LABELS: dict[str, Promise | str] = {
    "mine": _("待我處理"),
    "unassigned": _("未分派"),
    "correction": _("待補正"),
    "signoff": _("待覆核"),
    "authority": named_lazy(_("待{authority}")),
    "emergency": _("緊急"),
    "closed": _("已結案"),
    "all": _("全部"),
}
STATUSES: dict[str, frozenset[Status]] = {
    "unassigned": frozenset({Status.SUBMITTED}),
    "correction": CORRECTING,
    "signoff": frozenset({Status.AWAITING_SIGNOFF}),
    "authority": frozenset({Status.FORWARDED}),
    "emergency": SUPPLYING,
    "closed": ENDED,
}


class CappedCount(Subquery):
    """How many rows a (sliced) query has, inside another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@dataclass(frozen=True)
class Row:
    """A line of the list, as filed."""

    case: Application
    kind: str
    lines: str
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    newer: str  # cursor of ?after=, or ""
    older: str  # cursor of ?before=, or ""


def tabs_for(user: User) -> list[str]:
    """The tabs in this person's order; the first is where the person lands."""
    tabs = list(LABELS)
    if not policy.may(user, "judge"):
        tabs.remove("mine")
    if policy.may(user, "reassign"):
        tabs.remove("signoff")
        tabs.insert(0, "signoff")
    elif not policy.may(user, "judge"):
        tabs.remove("all")
        tabs.insert(0, "all")
    return tabs


def cases_in(user: User, tab: str) -> QuerySet[Application]:
    """The cases of one tab that this person may know of."""
    cases = policy.visible_to(user)
    if tab == "mine":
        return cases.filter(officer=user, status__in=[Status.SUBMITTED, Status.UNDER_REVIEW, Status.CORRECTED])
    if tab == "unassigned":  # the documents of a notice have the officer who took the notice
        cases = cases.filter(officer=None)
    if tab == "all":
        return cases
    return cases.filter(status__in=sorted(STATUSES[tab]))


def counts(user: User, tabs: list[str], **more: CappedCount) -> dict[str, int]:
    """How many cases each tab has, up to ``CAP + 1``, and what ``more`` counts. One query."""
    parts = {tab: CappedCount(cases_in(user, tab).order_by().values("pk")[: CAP + 1]) for tab in tabs} | more
    found = User.objects.filter(pk=user.pk).values_list(*parts.values()).get()
    return dict(zip(parts, found, strict=True))


def show_count(count: int) -> str:
    return f"{CAP}+" if count > CAP else str(count)


def page(user: User, tab: str, *, before: str = "", after: str = "", size: int = PAGE) -> Page:
    """One page of a tab, the last changed first. Two queries at most.

    Args:
        before, after: a cursor of an earlier page; at most one of them.

    Raises:
        ValueError: the cursor is none of ours.
    """
    # deferred: who signed and so on is not for the list
    cases = cases_in(user, tab).select_related("firm", "officer")
    found = newest_first(cases, by="changed_at", before=before, after=after, size=size)
    return Page(rows=_rows(found.rows), newer=found.newer, older=found.older)


def _rows(cases: list[Application]) -> list[Row]:
    filed = _filed([case for case in cases if case.status in CORRECTING])
    return [_row(case, filed.get(case.pk)) for case in cases]


def _filed(cases: list[Application]) -> dict[int, dict[str, Any]]:
    """The content last filed of cases whose columns are a draft while the firm writes its correction."""
    if not cases:
        return {}
    submissions = Submission.objects.filter(application__in=cases).order_by("number")
    latest = {submission.application_id: submission for submission in submissions}
    return {pk: submission.content for pk, submission in latest.items()}


def _row(case: Application, content: dict[str, Any] | None) -> Row:
    version = case.version
    last = None if case.status in SUPPLYING else case.last_day  # the firm is still at the documents that ask for it
    lines = content["lines"] if content else case.lines
    return Row(
        case=case,
        kind=words(version.kind(case.kind).name),
        lines=listed(words(version.line(line).short) for line in lines),
        first_day=as_date(content["first_day"]) if content else case.first_day,
        last_day=as_date(content["last_day"]) if content else last,
    )
