"""What an operator changes is on the record, once; and every deadline that hangs on it follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from applications import policy
from applications.actions import operating
from applications.actions.operating import Changed, Entry, NotOperator, Refused
from applications.calendar import current
from applications.models import (
    Application,
    CalendarDay,
    CalendarYear,
    Notification,
    OperatorEvent,
    Outbox,
    Setting,
)
from applications.parameters import parameters
from guideline.catalogue import in_force
from tests.factories import FILED_AT, Cast, filed_case, person

pytestmark = pytest.mark.django_db

AT = FILED_AT
TYPHOON, CLOSED = date(2026, 7, 10), Entry("closed", "颱風停止交易")


@pytest.fixture
def operator() -> User:
    return person(Role.OPERATOR, name="鄭管理")


def day(by: User, **changes: Any) -> None:
    given = {"day": TYPHOON, "entry": CLOSED, "seen": None, "reason": "颱風", "by": by, "at": AT}
    operating.set_day(**given | changes)


def events() -> list[tuple[Any, ...]]:
    return list(OperatorEvent.objects.order_by("id").values_list("what", "subject", "before", "after", "reason"))


def stored(when: date = TYPHOON) -> tuple[str, str] | None:
    return CalendarDay.objects.filter(pk=when).values_list("kind", "name").first()


# --- the calendar -------------------------------------------------------------


def test_a_day_is_added_changed_and_removed_each_on_the_record(operator: User) -> None:
    day(operator)
    assert stored() == ("closed", "颱風停止交易")
    assert not current().works(TYPHOON)
    clearing = Entry("clearing", "")
    day(operator, entry=clearing, seen=CLOSED, reason="更正")
    assert stored() == ("clearing", "")
    day(operator, entry=None, seen=clearing, reason="取消")
    assert stored() is None
    shown = {"kind": "closed", "name": "颱風停止交易"}, {"kind": "clearing", "name": ""}
    assert events() == [
        ("day", "2026-07-10", None, shown[0], "颱風"),
        ("day", "2026-07-10", shown[0], shown[1], "更正"),
        ("day", "2026-07-10", shown[1], None, "取消"),
    ]
    last = OperatorEvent.objects.latest("id")
    assert (last.at, last.actor, last.actor_name) == (AT, operator, "鄭管理")


def test_a_saturday_can_be_made_up(operator: User) -> None:
    saturday = date(2026, 7, 18)
    day(operator, day=saturday, entry=Entry("trading", "補行交易"), reason="補行交易")
    assert current().works(saturday)


@pytest.mark.parametrize("seen", [None, Entry("closed", "別的"), "?"])
def test_a_stale_day_is_refused_with_what_it_is(operator: User, seen: Any) -> None:
    day(operator)
    with pytest.raises(Changed) as caught:
        day(operator, entry=Entry("trading"), seen=seen)
    assert caught.value.now == CLOSED
    assert stored() == ("closed", "颱風停止交易")
    assert len(events()) == 1


def test_a_day_that_stays_as_it_is_leaves_no_record(operator: User) -> None:
    day(operator)
    with pytest.raises(Refused):
        day(operator, seen=CLOSED)
    with pytest.raises(Refused):
        day(operator, day=date(2026, 7, 9), entry=None)
    assert len(events()) == 1


def test_a_day_of_a_year_that_is_not_there(operator: User) -> None:
    with pytest.raises(CalendarYear.DoesNotExist):
        day(operator, day=date(2031, 7, 10))
    assert stored(date(2031, 7, 10)) is None


def test_a_year_is_announced_and_taken_back(operator: User) -> None:
    def publish(published: bool, seen: bool) -> None:
        operating.publish_year(year=2027, published=published, seen=seen, reason="公告", by=operator, at=AT)

    publish(True, False)
    assert current().known(date(2027, 1, 4))
    with pytest.raises(Changed) as caught:  # doubled
        publish(True, False)
    assert caught.value.now is True
    with pytest.raises(Changed):
        publish(True, True)
    publish(False, True)
    assert not current().known(date(2027, 1, 4))
    assert events() == [
        ("year", "2027", {"published": False}, {"published": True}, "公告"),
        ("year", "2027", {"published": True}, {"published": False}, "公告"),
    ]


def test_the_next_year_is_added_as_expected(operator: User) -> None:
    with pytest.raises(Refused):
        operating.add_year(year=2030, by=operator, at=AT)
    operating.add_year(year=2029, by=operator, at=AT)
    assert CalendarYear.objects.get(pk=2029).published is False
    days = dict(CalendarDay.objects.filter(day__year=2029).values_list("day", "kind"))
    assert days[date(2029, 2, 8)] == "clearing"
    assert days[date(2029, 10, 10)] == "closed"
    assert all(one.weekday() < 5 for one in days)
    assert events() == [("year_added", "2029", None, {"published": False, "days": len(days)}, "")]
    with pytest.raises(Changed):  # doubled
        operating.add_year(year=2029, by=operator, at=AT)
    assert len(events()) == 1


def test_expected_days_are_those_that_the_migration_wrote() -> None:
    wrote = set(CalendarDay.objects.filter(day__year=2028).values_list("day", "kind", "name"))
    assert {(one.day, one.kind, one.name) for one in operating.expected_days(2028)} == wrote


def test_no_year_far_ahead(operator: User) -> None:
    CalendarYear.objects.create(year=2031)
    with pytest.raises(Refused):
        operating.add_year(year=2032, by=operator, at=AT)
    assert events() == []


# --- our own parameters -------------------------------------------------------


def put(by: User, name: str, value: Any, seen: Any = None) -> None:
    operating.set_parameter(name=name, value=value, seen=seen, reason="決議", by=by, at=AT)


def test_a_parameter_is_set_changed_and_given_back(operator: User) -> None:
    version = in_force(AT.date())
    put(operator, "correction_days", 15)
    assert parameters(version)["correction_days"] == 15
    put(operator, "correction_days", 20, seen=15)
    put(operator, "correction_days", None, seen=20)
    assert parameters(version)["correction_days"] == 10
    assert not Setting.objects.exists()
    assert events() == [
        ("parameter", "correction_days", None, 15, "決議"),
        ("parameter", "correction_days", 15, 20, "決議"),
        ("parameter", "correction_days", 20, None, "決議"),
    ]


def test_a_stale_parameter_is_refused_with_what_is_set(operator: User) -> None:
    put(operator, "document_days", 21)
    for seen in (None, 14):
        with pytest.raises(Changed) as caught:
            put(operator, "document_days", 30, seen=seen)
        assert caught.value.now == 21
    with pytest.raises(Refused):
        put(operator, "document_days", 21, seen=21)
    assert Setting.objects.get().value == 21
    assert len(events()) == 1


@pytest.mark.parametrize("value", [0, -1, 366, "十", 1.5, True, [1]])
def test_days_that_will_not_do(operator: User, value: Any) -> None:
    with pytest.raises(Refused):
        put(operator, "ratification_days", value)
    assert not Setting.objects.exists()
    assert events() == []


@pytest.mark.parametrize("value", [[], [7, 7], [31], [-31], [True], ["x", 7], 7])
def test_reminders_that_will_not_do(operator: User, value: Any) -> None:
    with pytest.raises(Refused):
        put(operator, "reminder_days", value)
    assert not Setting.objects.exists()


@pytest.mark.parametrize("name", ["dealer_window", "statement_months", "nothing"])
def test_what_is_read_from_the_version_cannot_be_set(operator: User, name: str) -> None:
    with pytest.raises(KeyError):
        put(operator, name, 3)


# --- who may ------------------------------------------------------------------


def dead_mail(cast: Cast, case: Application) -> Notification:
    outbox = Outbox.objects.filter(application=case).first()
    return Notification.objects.create(
        outbox=outbox, user=cast.auditor, attempts=8, dead_at=AT, try_after=AT, last_error="550 5.1.1 No such user"
    )


DEEDS: list[Callable[[User], None]] = [
    day,
    lambda by: operating.publish_year(year=2027, published=True, seen=False, reason="公告", by=by, at=AT),
    lambda by: operating.add_year(year=2029, by=by, at=AT),
    lambda by: put(by, "correction_days", 15),
    lambda by: operating.resend(notification_id=Notification.objects.get(dead_at=AT).pk, by=by, at=AT),
]


@pytest.mark.parametrize("deed", range(len(DEEDS)))
def test_nobody_but_an_operator(deed: int) -> None:
    case, cast = filed_case()
    dead_mail(cast, case)
    gone = person(Role.OPERATOR, is_active=False)
    for by in (cast.preparer, cast.checker, cast.officer, cast.supervisor, cast.auditor, gone):
        with pytest.raises(NotOperator):
            DEEDS[deed](by)
    assert events() == []
    DEEDS[deed](person(Role.OPERATOR, Role.OFFICER))
    assert len(events()) == 1


def test_who_reads_the_record() -> None:
    cast = Cast()
    reads = [one for one in (cast.preparer, cast.officer, cast.supervisor, cast.auditor) if policy.reads_record(one)]
    assert reads == [cast.auditor]
    assert policy.reads_record(person(Role.OPERATOR))
    assert not policy.reads_record(person(Role.AUDITOR, is_active=False))
    assert not AnonymousUser().is_active


# --- mails --------------------------------------------------------------------


def test_a_dead_mail_is_tried_again_from_the_beginning(operator: User) -> None:
    case, cast = filed_case()
    note = dead_mail(cast, case)
    operating.resend(notification_id=note.pk, by=operator, at=AT)
    note.refresh_from_db()
    assert (note.dead_at, note.try_after, note.attempts, note.last_error) == (None, None, 0, "")
    before = {"dead_at": AT.isoformat(), "attempts": 8, "error": "550 5.1.1 No such user"}
    before["dead_at"] = AT.astimezone(timezone.get_fixed_timezone(0)).isoformat()
    assert events() == [("resend", str(note.pk), before, None, "")]
    with pytest.raises(Changed):  # doubled
        operating.resend(notification_id=note.pk, by=operator, at=AT)
    with pytest.raises(Notification.DoesNotExist):
        operating.resend(notification_id=note.pk + 1, by=operator, at=AT)
    assert len(events()) == 1
