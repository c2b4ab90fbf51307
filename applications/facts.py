"""From rows to what the rules may know: the only bridge between the database and ``guideline``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F

from applications import calendar
from applications.chains import chain_start, year_on
from applications.models import Application, ApprovedPeriod, Attachment, RosterEntry
from guideline.catalogue import Section as Page
from guideline.facts import Facts, Person
from guideline.periods import last_day
from guideline.shape import ADDED_LINE

AT_HOME = frozenset({"home", "rotating"})

# Rules of the guideline that look beyond their page and the case's own columns.
ON_PEOPLE = frozenset({"own_devices_cleared", "roster_lines_asked_for", "senior_manager_listed"})
ON_HISTORY = frozenset({"lines_not_running", "risk_assessment_due"})


@dataclass(frozen=True)
class Cited:
    """One piece of evidence as pages show it."""

    id: int
    item_id: str
    place: str
    attachment_id: int
    name: str
    sha256: str
    size: int
    pages: int | None
    text_layer: bool | None
    content_type: str
    scan: str
    signature: str


@dataclass
class Files:
    """All files of a case and what cites them, read in one query."""

    attachments: dict[int, Attachment] = field(default_factory=dict)
    citations: list[Cited] = field(default_factory=list)

    @property
    def cited(self) -> frozenset[str]:
        return frozenset(citation.item_id for citation in self.citations)

    def of(self, item_id: str) -> list[Cited]:
        return [citation for citation in self.citations if citation.item_id == item_id]

    @property
    def current(self) -> list[Attachment]:
        """Files that can still be cited, the newest first."""
        return [a for a in reversed(self.attachments.values()) if a.superseded_by_id is None]


def files_of(case: Application) -> Files:
    found = Files()
    rows = (
        Attachment.objects.filter(application=case)
        .select_related("stored")
        .annotate(citation=F("citations__id"), item=F("citations__item_id"), place=F("citations__place"))
        .order_by("id", "citation")
    )
    for row in rows:
        found.attachments.setdefault(row.pk, row)
        if row.citation is not None:
            found.citations.append(
                Cited(
                    id=row.citation,
                    item_id=row.item,
                    place=row.place,
                    attachment_id=row.pk,
                    name=row.name,
                    sha256=row.sha256,
                    size=row.size,
                    pages=row.pages,
                    text_layer=row.text_layer,
                    content_type=row.content_type,
                    scan=row.stored.scan,
                    signature=row.stored.signature,
                )
            )
    found.citations.sort(key=lambda citation: citation.id)
    return found


def entries_of(case: Application) -> Iterable[Any]:
    """The roster with what ``person`` reads, as plain rows: half the time of models."""
    names = ("staff_no", "name", "lines", "place", "senior", "supervisor", "agents")
    return RosterEntry.objects.filter(application=case).values_list(*names, named=True)


def person(entry: RosterEntry) -> Person:
    return Person(
        staff_no=entry.staff_no,
        name=entry.name,
        lines=tuple(entry.lines),
        at_home=entry.place in AT_HOME,
        senior=entry.senior,
        supervisor=entry.supervisor,
        agents=tuple(entry.agents),
    )


def has_rule(page: Page, names: frozenset[str], kind: str) -> bool:
    """Whether one of these rules is asked on the page of a case of this kind."""
    return any(
        rule.name in names and kind in rule.args.get("kinds", (kind,))
        for rules in (page.rules, *(item.rules for item in page.items))
        for rule in rules
    )


def asks_history(case: Application, pages: Iterable[Page], entries: Iterable[RosterEntry] | None) -> bool:
    """Whether the rules of these pages need the firm's other periods, for its lines or for the people of its roster."""
    if any(has_rule(page, ON_HISTORY, case.kind) for page in pages):
        return True
    held = {line for entry in entries or () if entry.place in AT_HOME for line in entry.lines}
    return not held <= set(case.lines)


def latest_day(case: Application) -> date | None:
    """The latest last day that the period of this case may have (2.1.2), once its first day is known."""
    if case.first_day is None:
        return None
    return last_day(case.first_day, months=case.version.months, count_first_day=case.version.count_first_day)


def followed(case: Application) -> dict[str, date]:
    """Line -> the last day that the case before gave; empty where nothing is taken over from one."""
    if not case.inherits:
        return {}
    return {row.line: row.until for row in ApprovedPeriod.objects.filter(application=case.previous_id)}


def aligned_day(case: Application) -> date | None:
    """The day on which an added line may be made to end, with the lines that run beside it (our reading); else None."""
    days = followed(case).values() if case.kind == ADDED_LINE else ()
    last = max(days, default=None)
    if last is None or (case.first_day and last < case.first_day):
        return None
    latest = latest_day(case)
    return last if latest is None or last <= latest else None


def facts_of(
    case: Application,
    *,
    today: date,
    cited: frozenset[str] = frozenset(),
    entries: Iterable[RosterEntry] | None = None,
    history: bool = True,
) -> Facts:
    """The case as the rules see it.

    Args:
        today: the day on which it is looked at (Asia/Taipei).
        cited: items that have evidence.
        entries: the roster, where a rule needs the people themselves.
        history: read the firm's earlier periods, for the rules of ``ON_HISTORY``.
    """
    people = tuple(person(entry) for entry in entries or ())
    periods = list(ApprovedPeriod.objects.filter(firm=case.firm_id)) if history else []
    reached = None
    if history and case.first_day and case.last_day:
        spans = [(period.first_day, period.until) for period in periods if period.first_day < case.first_day]
        reached = year_on(chain_start(spans, case.first_day, calendar.current()) if spans else case.first_day)
        reached = reached if reached <= case.last_day else None
    start = case.first_day or today
    return Facts(
        version=case.version,
        followed=followed(case),
        running=frozenset(one.line for one in periods if one.until >= start and one.application_id != case.pk),
        kind=case.kind,
        today=today,
        licences=frozenset(case.firm.licences),
        lines=tuple(case.lines),
        first_day=case.first_day,
        last_day=case.last_day,
        staff_at_home=sum(1 for p in people if p.at_home) if entries is not None else case.staff_at_home,
        has_senior=any(p.senior for p in people),
        year_reached_on=reached,
        cited=cited,
        people=people,
    )
