"""Deadlines as rows, kept in step with the case; and a duty that the firm records as done."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from applications import clocks
from applications.actions import duties
from applications.actions.drafting import NotOpen
from applications.lifecycle import Conflict
from applications.models import Application, ApprovedPeriod, Deadline, Event, Outbox, Setting
from tests.factories import FILED_AT, Cast, returned_case
from tests.reviews.cases import decide, forwarded

pytestmark = pytest.mark.django_db

TODAY = FILED_AT.date()


def approved() -> tuple[Application, Cast]:
    case, cast = forwarded()
    decide(case, cast)
    case.refresh_from_db()
    return case, cast


def rows(case: Application) -> dict[str, tuple[date, str, date | None]]:
    return {row.key: (row.due_on, row.state, row.next_on) for row in Deadline.objects.filter(application=case)}


def at_of(case: Application) -> datetime:
    return case.changed_at + timedelta(minutes=1)


def test_returned_case_has_its_correction_as_a_deadline() -> None:
    case, _cast = returned_case({"2.2.4": "請補充"})
    correction = case.corrections.get()
    (row,) = Deadline.objects.filter(application=case)
    assert (row.what, row.due_on, row.own, row.state) == ("correction", correction.due_on, True, "open")
    assert row.next_on is not None
    assert TODAY <= row.next_on <= correction.due_on


def test_corrected_case_has_done_its_deadline() -> None:
    case, _cast = returned_case({"2.2.4": "請補充"})
    answered = at_of(case)
    case.corrections.update(answered_at=answered)
    clocks.schedule(case, at=answered)
    (row,) = Deadline.objects.filter(application=case)
    assert (row.state, row.done_on, row.next_on) == ("done", answered.date(), None)


def test_approval_sets_the_days_of_the_period() -> None:
    case, _cast = approved()
    last = case.periods.get(line="brokerage").last_day
    found = rows(case)
    assert found[f"expiry:{last}"] == (last, "open", last - timedelta(days=30))
    kinds = {"expiry", "filing", "recording_brokerage", "recording_dealer", "violations"}
    assert {key.partition(":")[0] for key in found} == kinds  # the next training is due after the period


def test_scheduling_again_changes_nothing(django_assert_num_queries: object) -> None:
    case, _cast = approved()
    before = list(Deadline.objects.values())
    clocks.schedule(case, at=at_of(case) + timedelta(days=3))
    assert list(Deadline.objects.values()) == before


def test_early_end_moves_the_days() -> None:
    case, _cast = approved()
    period = case.periods.get(line="brokerage")
    last, ended = period.last_day, period.last_day - timedelta(days=20)
    ApprovedPeriod.objects.filter(application=case).update(ended_on=ended)
    clocks.schedule(case, at=at_of(case))
    found = rows(case)
    assert found[f"expiry:{last}"][1:] == ("void", None)
    assert found[f"expiry:{ended}"][:2] == (ended, "open")


def test_what_was_void_opens_again() -> None:
    case, _cast = approved()
    last = case.periods.get(line="brokerage").last_day
    ApprovedPeriod.objects.filter(application=case).update(ended_on=last - timedelta(days=20))
    clocks.schedule(case, at=at_of(case))
    ApprovedPeriod.objects.filter(application=case).update(ended_on=None)
    clocks.schedule(case, at=at_of(case))
    assert rows(case)[f"expiry:{last}"] == (last, "open", last - timedelta(days=30))


def test_days_of_the_exchange_replace_the_versions_own() -> None:
    Setting.objects.create(name="reminder_days", value=[5])
    case, _cast = approved()
    last = case.periods.get(line="brokerage").last_day
    assert rows(case)[f"expiry:{last}"][2] == last - timedelta(days=5)


def test_duty_that_was_done() -> None:
    case, cast = approved()
    first = Deadline.objects.filter(application=case, what="violations").earliest("due_on")
    at = at_of(case)
    duties.complete(
        case_id=case.pk, deadline_id=first.pk, done_on=at.date(), note="檢查紀錄第 3 冊", by=cast.preparer, at=at
    )
    first.refresh_from_db()
    assert (first.state, first.done_on, first.done_by, first.next_on) == ("done", at.date(), cast.preparer, None)
    event = Event.objects.filter(application=case).latest("pk")
    assert (event.what, event.detail["note"]) == ("duty_done", "檢查紀錄第 3 冊")
    with pytest.raises(Conflict):
        duties.complete(case_id=case.pk, deadline_id=first.pk, done_on=at.date(), note="", by=cast.checker, at=at)


def test_duty_is_not_done_tomorrow_nor_by_others() -> None:
    case, cast = approved()
    duty = Deadline.objects.filter(application=case, what="violations").earliest("due_on")
    expiry = Deadline.objects.get(application=case, what="expiry")
    at = at_of(case)
    deed = {"case_id": case.pk, "deadline_id": duty.pk, "done_on": at.date(), "note": "", "by": cast.preparer, "at": at}
    with pytest.raises(duties.Unusable):
        duties.complete(**(deed | {"done_on": at.date() + timedelta(days=1)}))  # type: ignore[arg-type]
    for change in ({"by": cast.officer}, {"by": Cast().preparer}, {"deadline_id": expiry.pk}):
        with pytest.raises(NotOpen):
            duties.complete(**(deed | change))  # type: ignore[arg-type]
    assert Deadline.objects.get(pk=duty.pk).state == "open"
    assert not Outbox.objects.filter(what="duty_done").exists()
