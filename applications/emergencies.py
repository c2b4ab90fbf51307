"""Emergencies (特殊個案通報, clause 2.1.1): what is due after a notice, what is overdue, what goes on unrecorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import DateField, OuterRef, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications import calendar, deadlines
from applications.deadlines import DOCUMENTS, RATIFICATION, Clocks, Due, Emergency
from applications.enums import ENDED, DeadlineState
from applications.facts import latest_day
from applications.models import Application, Deadline, EmergencyNotice, FirmNotice
from applications.parameters import parameters
from applications.present import words
from guideline.catalogue import Version
from guideline.shape import EMERGENCY

OVERDUE: dict[str, Promise] = {DOCUMENTS: _("逾期未補件"), RATIFICATION: _("逾期未追認")}


def foreseen(version: Version, *, on: date) -> dict[str, Due]:
    """What would be due of a notice that is received ``on`` this day: documents, and ratification where it is promised.

    Our own days: 本系統參數，非指引所定.
    """
    received = Emergency(received_on=on, ratification_promised=True)
    clocks = Clocks(version=version, emergency=received, parameters=parameters(version))
    return {one.what: one for one in deadlines.due(clocks, calendar.current())}


def by_notice(case: Application) -> bool:
    """Whether a notice was given in this case."""
    return case.number is not None and case.version.kind(case.kind).by_notice


def overdue(cases: Iterable[Application], *, today: date) -> Mapping[int, list[Promise]]:
    """逾期未補件 and 逾期未追認, by case; by the day alone, whether or not a sweep has run. One query where needed."""
    ids = [case.pk for case in cases if by_notice(case)]
    found: dict[int, list[Promise]] = defaultdict(list)
    if ids:
        late = Deadline.objects.filter(
            application__in=ids, what__in=OVERDUE, state=DeadlineState.OPEN, due_on__lt=today
        )
        for pk, what in late.order_by("id").values_list("application_id", "what"):
            found[pk].append(OVERDUE[what])
    return dict(found)


@dataclass(frozen=True)
class Given:
    """A notice as both sides see it, and what has become of what it made due."""

    notice: EmergencyNotice
    documents: Deadline | None
    ratification: Deadline | None
    ratified: FirmNotice | None
    overdue: list[Promise]


def given(case: Application, *, today: date) -> Given | None:
    """The notice of a case, None where none was given. Three queries where there is one, else none."""
    if not by_notice(case):
        return None
    due = {
        row.what: row
        for row in Deadline.objects.filter(application=case, what__in=OVERDUE).exclude(state=DeadlineState.VOID)
    }
    late = [row.what for row in due.values() if row.state == DeadlineState.OPEN and row.due_on < today]
    return Given(
        notice=EmergencyNotice.objects.select_related("given_by").get(application=case),
        documents=due.get(DOCUMENTS),
        ratification=due.get(RATIFICATION),
        ratified=ratified(case),
        overdue=[label for what, label in OVERDUE.items() if what in late],
    )


def ratified(case: Application) -> FirmNotice | None:
    """The ratification that was supplied, or None."""
    found = FirmNotice.objects.filter(application=case, what=FirmNotice.What.RATIFICATION)
    return found.select_related("by", "attachment").first()


@dataclass(frozen=True)
class Ongoing:
    """緊急通報實施中，尚未備查: what a firm does at home by its notice alone. Not a right that the ledger knows."""

    case: Application
    lines: list[str]
    documents_due: date | None  # None once they were supplied


def ongoing(cases: QuerySet[Application], *, day: date) -> list[Ongoing]:
    """The emergencies that go on on ``day`` and are not on record yet, by firm and start. One query.

    A notice names no end; until the documents ask for one, the three months that a period may last count.

    Args:
        cases: those that the reader may know of (``policy.visible_to``).
    """
    due = Deadline.objects.filter(application=OuterRef("pk"), what=DOCUMENTS, state=DeadlineState.OPEN)
    found = (
        cases.filter(kind=EMERGENCY, number__isnull=False, first_day__lte=day)
        .exclude(status__in=ENDED)
        .annotate(documents_due=Subquery(due.values("due_on")[:1], output_field=DateField()))
        .order_by("firm__broker_code", "first_day", "id")
    )
    return [
        Ongoing(case, [words(case.version.line(line).name) for line in case.lines], case.documents_due)
        for case in found
        if (last := case.last_day or latest_day(case)) is None or day <= last
    ]
