"""The period of an emergency gives way to that of an approval which begins after it, whichever is written first."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from applications import clocks, ledger
from applications.ledger import Overlap
from applications.models import Application, ApprovedPeriod, Deadline, Event, Outbox
from tests.applications.ledgers import AT, People, day
from tests.factories import said

pytestmark = pytest.mark.django_db

EMERGENCY: Any = {"kind": "emergency", "status": "recorded"}
THREE_MONTHS = ("2026-11-05", "2027-02-04")


def add(people: People, case: Application, first: str, last: str, line: str = "dealer") -> list[ApprovedPeriod]:
    return ledger.add(case=case, spans={line: (day(first), day(last))}, by=people.checker, at=AT)


def recorded(people: People) -> Application:
    return people.approved(("dealer", *THREE_MONTHS), case=people.case(**EMERGENCY))


def until(case: Application) -> list[date]:
    return [row.until for row in ApprovedPeriod.objects.filter(application=case)]


def test_an_approval_that_begins_within_an_emergency_ends_it_on_the_day_before() -> None:
    people = People()
    emergency, case = recorded(people), people.case()
    clocks.schedule(emergency, at=AT)
    revision = emergency.revision
    add(people, case, "2026-12-01", "2027-02-28")
    assert (until(emergency), until(case)) == ([day("2026-11-30")], [day("2027-02-28")])
    event = Event.objects.get(application=emergency)
    assert (event.what, event.actor, event.shared) == ("give_way", people.checker, True)
    assert said(event) == {
        "for": case.number,
        "periods": {"dealer": ["2026-11-05", "2026-11-30"]},
        "instead_of": {"dealer": "2027-02-04"},
    }
    emergency.refresh_from_db()
    assert emergency.revision == revision + 1
    expiry = Deadline.objects.filter(application=emergency, what="expiry", state="open")
    assert [row.due_on for row in expiry] == [day("2026-11-30")]
    assert Outbox.objects.filter(application=emergency, what="give_way").count() == 1


@pytest.mark.parametrize(
    ("first", "ends"),
    [("2026-11-06", "2026-11-05"), ("2027-02-04", "2027-02-03"), ("2027-02-05", "2027-02-04")],
)
def test_to_the_day(first: str, ends: str) -> None:
    people = People()
    emergency = recorded(people)
    add(people, people.case(), first, "2027-04-30")
    assert until(emergency) == [day(ends)]


@pytest.mark.parametrize("first", ["2026-11-05", "2026-11-01"])
def test_one_that_begins_on_or_before_its_first_day_overlaps(first: str) -> None:
    people = People()
    emergency = recorded(people)
    with pytest.raises(Overlap) as overlap:
        add(people, people.case(), first, "2027-01-31")
    assert [(line, row.application) for line, row in overlap.value.clashes] == [("dealer", emergency)]
    assert until(emergency) == [day("2027-02-04")]
    assert not Event.objects.exists()


def test_an_emergency_recorded_after_the_approval_ends_where_that_begins() -> None:
    people = People()
    approved = people.approved(("dealer", "2026-12-01", "2027-02-28"))
    emergency = people.case(**EMERGENCY)
    [row] = add(people, emergency, *THREE_MONTHS)
    assert (row.last_day, row.ended_on) == (day("2027-02-04"), day("2026-11-30"))
    assert until(approved) == [day("2027-02-28")]


def test_an_emergency_within_an_approved_period_overlaps() -> None:
    people = People()
    people.approved(("dealer", "2026-11-05", "2027-01-31"))
    with pytest.raises(Overlap):
        add(people, people.case(**EMERGENCY), "2026-11-05", "2027-02-04")


def test_two_emergencies_overlap() -> None:
    people = People()
    emergency = recorded(people)
    with pytest.raises(Overlap):
        add(people, people.case(**EMERGENCY), "2026-12-01", "2027-02-28")
    assert until(emergency) == [day("2027-02-04")]


def test_another_line_goes_on() -> None:
    people = People()
    emergency = people.approved(("dealer", *THREE_MONTHS), ("clearing", *THREE_MONTHS), case=people.case(**EMERGENCY))
    add(people, people.case(), "2026-12-01", "2027-02-28", "clearing")
    rows = ApprovedPeriod.objects.filter(application=emergency)
    assert {row.line: row.until for row in rows} == {"dealer": day("2027-02-04"), "clearing": day("2026-11-30")}


def test_one_clash_leaves_everything_as_it_was() -> None:
    """Clearing would give way, the dealers' line overlaps an approval: nothing is written."""
    people = People()
    emergency = people.approved(("clearing", *THREE_MONTHS), case=people.case(**EMERGENCY))
    people.approved(("dealer", "2026-11-05", "2027-01-31"))
    spans = {line: (day("2026-12-01"), day("2027-02-28")) for line in ("clearing", "dealer")}
    with pytest.raises(Overlap):
        ledger.add(case=people.case(), spans=spans, by=people.checker, at=AT)
    assert until(emergency) == [day("2027-02-04")]
    assert ApprovedPeriod.objects.count() == 2


def test_after_an_emergency_an_extension_is_open() -> None:
    people = People()
    emergency = recorded(people)
    assert ledger.extension_open(emergency, AT).open
    [standing] = ledger.standings(
        ApprovedPeriod.objects.select_related("application", "firm"),
        day=day("2027-01-15"),
        calendar=clocks.calendar.current(),
        among=Application.objects.all(),
    )
    assert standing.extension.open
