"""The ledger against a model that knows nothing but days: any sequence of approvals, extensions and early ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications import ledger
from applications.actions import ending
from applications.enums import Status
from applications.ledger import Overlap, Period
from applications.models import Application, ApprovedPeriod
from tests.applications.ledgers import AT, People, at_home

pytestmark = pytest.mark.django_db

TODAY = AT.date()
START, HORIZON = TODAY - timedelta(days=20), 70
LINES = ("brokerage", "clearing", "dealer")
EVERY_DAY = [START + timedelta(days=n) for n in range(-2, HORIZON + 30)]
RELAXED = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)

offsets = st.integers(0, HORIZON)
lengths = st.integers(0, 25)
some_lines = st.sets(st.sampled_from(LINES), min_size=1)
deeds = st.one_of(
    st.tuples(st.just("approve"), st.integers(0, 1), some_lines, offsets, lengths),
    st.tuples(st.just("extend"), st.integers(0, 20), lengths),
    st.tuples(st.just("end"), st.integers(0, 20), some_lines, st.integers(-3, HORIZON)),
)


class Model:
    """(firm, line, day) -> case: each day by itself."""

    def __init__(self) -> None:
        self.days: dict[tuple[int, str, date], int] = {}

    def give(self, firm: int, line: str, first: date, last: date, case: int) -> None:
        for day in each(first, last):
            assert (firm, line, day) not in self.days
            self.days[firm, line, day] = case

    def taken(self, firm: int, line: str, first: date, last: date) -> bool:
        return any((firm, line, day) in self.days for day in each(first, last))

    def of(self, case: int, line: str) -> list[date]:
        return sorted(day for (_f, one, day), by in self.days.items() if (one, by) == (line, case))

    def drop_after(self, case: int, line: str, last: date) -> None:
        self.days = {key: by for key, by in self.days.items() if not (by == case and key[1] == line and key[2] > last)}


def each(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@RELAXED
@given(sequence=st.lists(deeds, max_size=14))
def test_the_ledger_is_what_a_model_of_single_days_says(sequence: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        run(sequence)
        transaction.set_rollback(True)


def run(sequence: list[tuple[Any, ...]]) -> None:
    firms, model, cases = [People(), People()], Model(), list[tuple[Application, People]]()
    for deed in sequence:
        if deed[0] == "approve":
            _name, number, lines, offset, length = deed
            people = firms[number]
            first = START + timedelta(days=offset)
            approve(model, cases, people, people.case(), {line: (first, first + timedelta(length)) for line in lines})
        elif deed[0] == "extend" and cases:
            before, people = cases[deed[1] % len(cases)]
            spans = {}
            for row in before.periods.all():
                first = row.until + timedelta(days=1)
                spans[row.line] = (first, first + timedelta(days=deed[2]))
            approve(model, cases, people, people.case(), spans)
        elif deed[0] == "end" and cases:
            case, people = cases[deed[1] % len(cases)]
            end(model, case, people, deed[2], TODAY + timedelta(days=deed[3]))
        agree(model)


def approve(
    model: Model,
    cases: list[tuple[Application, People]],
    people: People,
    case: Application,
    spans: dict[str, tuple[date, date]],
) -> None:
    taken = {line for line, (first, last) in spans.items() if model.taken(people.firm.pk, line, first, last)}
    refused: set[str] = set()
    try:
        ledger.add(case=case, spans=spans, by=people.preparer, at=AT)
    except Overlap as overlap:
        refused = {line for line, _row in overlap.clashes}
    assert refused == taken
    if refused:
        return
    for line, (first, last) in spans.items():
        model.give(people.firm.pk, line, first, last, case.pk)
    cases.append((case, people))


def end(model: Model, case: Application, people: People, lines: set[str], last: date) -> None:
    case.refresh_from_db()
    days = {line: model.of(case.pk, line) for line in lines}
    fits = last >= TODAY and all(mine and mine[0] <= last < mine[-1] for mine in days.values())
    try:
        ending.end_early(
            case_id=case.pk,
            revision=case.revision,
            lines=lines,
            last_day_at_home=last,
            reason="不再需要",
            by=people.checker,
            at=AT,
        )
    except (ending.Unmet, ending.Conflict):
        assert not fits
        return
    assert fits
    for line in lines:
        model.drop_after(case.pk, line, last)


def agree(model: Model) -> None:
    """Every day of the ledger, and of some by the query, is the model's; no right without a case that gives it."""
    periods = [ledger.plain(row) for row in ApprovedPeriod.objects.all()]
    granted = set(Application.objects.filter(status=Status.APPROVED).values_list("pk", flat=True))
    for day in EVERY_DAY:
        running = [one for one in periods if one.first <= day <= one.until]
        found = [(one.firm, one.line) for one in running]
        assert len(found) == len(set(found)), "two periods of a firm and line on one day"
        assert {(one.firm, one.line, day): one.case for one in running} == {
            key: by for key, by in model.days.items() if key[2] == day
        }
    for day in (TODAY, START + timedelta(days=HORIZON // 2)):
        rights = at_home(day)
        assert {(one.firm_id, one.line, day): one.application_id for one in rights} == {
            key: by for key, by in model.days.items() if key[2] == day
        }
        assert {one.application_id for one in rights} <= granted


days = st.integers(0, 12)
stored = st.tuples(days, days, st.none() | days)


def as_period(one: tuple[int, int, int | None], firm: int = 1) -> Period | None:
    """A period that the table would hold, or None."""
    first, length, ended = one
    start = START + timedelta(days=first)
    last = start + timedelta(days=length)
    end = None if ended is None else start + timedelta(days=ended)
    return Period(firm, 1, "dealer", start, last, end) if end is None or end < last else None


@pytest.mark.postgres
@settings(RELAXED, max_examples=150)
@given(there=stored, new=st.tuples(days, days), line=st.sampled_from(("dealer", "clearing")), same=st.booleans())
def test_the_constraint_of_postgresql_refuses_the_same_as_the_code(
    there: tuple[int, int, int | None], new: tuple[int, int], line: str, same: bool
) -> None:
    one = as_period(there)
    if one is None:
        return
    assert connection.vendor == "postgresql"
    with transaction.atomic():
        people = People()
        other = people if same else People()
        ApprovedPeriod.objects.create(
            firm=people.firm, application=people.case(), line="dealer",
            first_day=one.first, last_day=one.last, ended_on=one.ended,
        )  # fmt: skip
        first = START + timedelta(days=new[0])
        span = (first, first + timedelta(days=new[1]))
        case = other.case()
        why = ""
        try:
            with transaction.atomic():
                ApprovedPeriod.objects.create(
                    firm=other.firm, application=case, line=line, first_day=span[0], last_day=span[1]
                )
                transaction.set_rollback(True)
        except IntegrityError as error:
            why = str(error)
        try:
            ledger.add(case=case, spans={line: span}, by=other.preparer, at=AT)
            clash = False
        except Overlap:
            clash = True
        assert clash == ("period_no_overlap" in why) == bool(why)
        assert clash == (same and bool(ledger.overlapping([one], line, span)))
        transaction.set_rollback(True)
