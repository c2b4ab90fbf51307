"""What is due after a notice, what is late, what goes on without being on record."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import emergencies
from applications.actions import filing
from applications.models import Application, Deadline
from guideline.catalogue import load
from tests.applications.emergencies import AT, noticed, supplied
from tests.factories import VERSION, Cast, filed_case

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
DUE = date(2026, 11, 19)  # 14 days after the notice


def test_what_is_foreseen_is_what_becomes_due() -> None:
    case, _ = supplied(ratified_later=True)
    foreseen = emergencies.foreseen(load(VERSION), on=date(2026, 11, 5))
    rows = {row.what: row.due_on for row in Deadline.objects.filter(application=case)}
    assert (
        {what: one.on for what, one in foreseen.items()} == rows == {"documents": DUE, "ratification": date(2027, 1, 4)}
    )
    assert all(one.own for one in foreseen.values())


def test_a_notice_makes_the_documents_due_and_they_are_done_when_sent() -> None:
    case, _cast = noticed()
    row = Deadline.objects.get(application=case)
    assert (row.what, row.due_on, row.state, row.own) == ("documents", DUE, "open", True)
    supplied_case, _ = supplied(Cast())
    row = Deadline.objects.get(application=supplied_case)
    assert (row.what, row.state, row.done_on) == ("documents", "done", date(2026, 11, 6))


def test_overdue_the_day_after() -> None:
    case, _ = noticed()
    assert emergencies.overdue([case], today=DUE) == {}
    assert emergencies.overdue([case], today=DUE + DAY) == {case.pk: ["逾期未補件"]}


def test_overdue_is_not_what_was_withdrawn() -> None:
    case, cast = noticed()
    case = filing.withdraw(case_id=case.pk, revision=case.revision, by=cast.checker, at=AT, reason="解除封鎖")
    assert emergencies.overdue([case], today=DUE + DAY) == {}


def test_lists_without_a_notice_ask_nothing() -> None:
    case, _ = filed_case()
    with CaptureQueriesContext(connection) as captured:
        assert emergencies.overdue([case], today=DUE) == {}
        assert emergencies.given(case, today=DUE) is None
    assert len(captured) == 0


def ongoing(day: date) -> list[tuple[int, date | None]]:
    found = emergencies.ongoing(Application.objects.select_related("firm"), day=day)
    return [(one.case.pk, one.documents_due) for one in found]


def test_ongoing_from_the_first_day_to_the_longest_period() -> None:
    case, _ = noticed()
    days = [date(2026, 11, 4), date(2026, 11, 5), date(2027, 2, 4), date(2027, 2, 5)]
    assert [ongoing(day) for day in days] == [[], [(case.pk, DUE)], [(case.pk, DUE)], []]


def test_ongoing_until_it_is_on_record_or_came_to_nothing() -> None:
    case, _ = supplied()
    assert ongoing(date(2026, 12, 1)) == [(case.pk, None)]
    for status in ("recorded", "rejected", "withdrawn"):
        Application.objects.filter(pk=case.pk).update(status=status)
        assert ongoing(date(2026, 12, 1)) == []


def test_ongoing_takes_one_query() -> None:
    noticed()
    noticed()
    with CaptureQueriesContext(connection) as captured:
        assert len(emergencies.ongoing(Application.objects.select_related("firm"), day=date(2026, 11, 6))) == 2
    assert len(captured) == 1
