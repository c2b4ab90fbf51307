"""Retention: what is over, who puts it up and who releases it; a legal hold wins."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from applications.actions.drafting import NotOpen, Unmet
from applications.actions.evidence import log_reading
from applications.enums import Status
from applications.lifecycle import record
from applications.models import (
    Application,
    Event,
    Setting,
)
from reviews import retention
from reviews.actions import disposing
from reviews.models import Disposal, DisposalCase, LegalHold
from tests.applications.ledgers import People
from tests.bench.timing import statements
from tests.factories import person
from tests.reviews.retained import KEPT_UNTIL, OVER, House, over, put_up, released

pytestmark = pytest.mark.django_db


# --- which, and when ----------------------------------------------------------


def test_kept_for_five_years_after_the_last_day_and_no_day_longer() -> None:
    house = House()
    assert over(KEPT_UNTIL) == []
    (chain,) = retention.over(today=KEPT_UNTIL + timedelta(days=1))
    assert (chain.ends_on, chain.kept_until, chain.cases) == (date(2027, 2, 28), KEPT_UNTIL, (house.case,))


def test_the_years_are_a_setting() -> None:
    House()
    Setting.objects.create(name="retention_years", value=7)
    assert over() == []
    assert len(over(date(2034, 3, 1))) == 1


def test_what_follows_goes_with_it_and_keeps_it() -> None:
    house = House()
    follower = house.follow()
    assert over() == [[house.case.pk, follower.pk]]
    late = datetime.fromisoformat("2029-05-05T10:00:00+08:00")
    record(follower, "save", by=house.firm.preparer, at=late)
    assert over() == []
    assert over(date(2034, 5, 5)) == []
    assert over(date(2034, 5, 6)) == [[house.case.pk, follower.pk]]


def test_a_follower_that_is_younger_than_the_time_of_keeping_keeps_the_chain() -> None:
    house = House()
    young = house.follow()
    Application.objects.filter(pk=young.pk).update(created_at=OVER - timedelta(days=30))
    assert over() == []
    young.delete()
    assert len(over()) == 1


def test_a_case_that_was_not_granted_counts_from_what_was_last_done_not_from_a_reading() -> None:
    firm = People()
    case = firm.case(status=Status.UNDER_REVIEW)
    auditor, officer = person(Role.AUDITOR), person(Role.OFFICER)
    record(case, "take", by=officer, at=datetime.fromisoformat("2027-01-04T23:59:59+08:00"))
    log_reading(case, 85, by=auditor, at=datetime.fromisoformat("2031-01-01T10:00:00+08:00"))
    assert over(date(2032, 1, 4)) == []
    assert over(date(2032, 1, 5)) == [[case.pk]]
    record(case, "note", by=officer, at=datetime.fromisoformat("2031-06-01T10:00:00+08:00"))
    assert over(date(2032, 1, 5)) == []


def test_looking_for_what_is_over_takes_as_many_queries_for_many_cases() -> None:
    counts = []
    for _ in range(2):
        House()
        with CaptureQueriesContext(connection) as captured:
            over()
        counts.append(len(statements(captured)))
    assert counts == [7, 7]


# --- two people ---------------------------------------------------------------


def test_who_puts_it_up_does_not_release_it() -> None:
    house = House()
    disposal = put_up(house)
    with pytest.raises(NotOpen):
        disposing.release(disposal_id=disposal.pk, by=house.supervisor, at=OVER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disposal.objects.filter(pk=disposal.pk).update(released_by=house.supervisor, released_at=OVER)
    assert disposing.destroy_released(at=OVER) == 0


def test_only_supervisors_may() -> None:
    house = House()
    for by in house.others:
        with pytest.raises(NotOpen):
            disposing.propose(basis="", by=by, at=OVER)
    disposal = put_up(house)
    for by in house.others:
        with pytest.raises(NotOpen):
            disposing.release(disposal_id=disposal.pk, by=by, at=OVER)
        with pytest.raises(NotOpen):
            disposing.cancel(disposal_id=disposal.pk, remark="x", by=by, at=OVER)


def test_a_case_is_put_up_once_and_a_list_that_changed_is_not_put_up() -> None:
    house = House()
    basis = retention.basis(disposing.candidates(retention.over(today=OVER.date())))
    House()
    with pytest.raises(disposing.Changed):
        disposing.propose(basis=basis, by=house.supervisor, at=OVER)
    put_up(house)
    with pytest.raises(disposing.Changed):
        disposing.propose(basis=basis, by=house.supervisor, at=OVER)
    row = DisposalCase.objects.earliest("id")
    with pytest.raises(IntegrityError), transaction.atomic():
        DisposalCase.objects.create(disposal=row.disposal, application=row.application, chain=1, kept_until=KEPT_UNTIL)


def test_what_was_not_released_is_kept_and_can_be_put_up_again() -> None:
    house = House()
    disposal = put_up(house)
    with pytest.raises(Unmet):
        disposing.cancel(disposal_id=disposal.pk, remark=" ", by=house.supervisor, at=OVER)
    disposing.cancel(disposal_id=disposal.pk, remark="訴訟中", by=house.supervisor, at=OVER)
    with pytest.raises(disposing.Changed):
        disposing.release(disposal_id=disposal.pk, by=house.other, at=OVER)
    assert disposing.destroy_released(at=OVER) == 0
    assert put_up(house).waiting


# --- legal hold ---------------------------------------------------------------


def test_a_hold_wins_before_and_after_the_release() -> None:
    house = House()
    case, follower = house.case, house.follow()
    disposing.hold(case_id=case.pk, reason="檢查局調卷", by=house.auditor, at=OVER)
    (chain,) = retention.over(today=OVER.date())
    assert chain.held
    with pytest.raises(disposing.Changed):
        put_up(house)
    disposing.lift(case_id=case.pk, reason="調卷完畢", by=house.auditor, at=OVER)
    released(house)
    disposing.hold(case_id=case.pk, reason="再調卷", by=house.supervisor, at=OVER)
    assert disposing.destroy_released(at=OVER) == 0
    assert set(DisposalCase.objects.values_list("application", "outcome")) == {
        (case.pk, "kept"),
        (follower.pk, "kept"),
    }
    assert not Application.objects.exclude(destroyed_at=None).exists()
    said = Event.objects.filter(what__in=["hold", "lift_hold"]).order_by("id")
    assert [(one.what, one.detail["reason"], one.shared) for one in said] == [
        ("hold", "檢查局調卷", False),
        ("lift_hold", "調卷完畢", False),
        ("hold", "再調卷", False),
    ]


def test_a_hold_is_one_at_a_time_and_says_why() -> None:
    house = House()
    case = house.case
    with pytest.raises(Unmet):
        disposing.hold(case_id=case.pk, reason=" ", by=house.auditor, at=OVER)
    with pytest.raises(disposing.Changed):
        disposing.lift(case_id=case.pk, reason="x", by=house.auditor, at=OVER)
    for by in (house.officer, house.operator):
        with pytest.raises((NotOpen, Application.DoesNotExist)):
            disposing.hold(case_id=case.pk, reason="x", by=by, at=OVER)
    disposing.hold(case_id=case.pk, reason="x", by=house.auditor, at=OVER)
    with pytest.raises(disposing.Changed):
        disposing.hold(case_id=case.pk, reason="x", by=house.auditor, at=OVER)
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalHold.objects.create(application=case, reason="x", set_by=house.auditor, set_at=OVER)
