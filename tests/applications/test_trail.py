"""The chain of events: what the database writes is what the pure rules say."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.origin import Origin, origin
from applications import appending, trail
from applications.appending import Step
from applications.models import Event
from tests.factories import FILED_AT, Cast, draft, filed_case

ODD = "甲\"\\\n\u2028é😀''%s"  # quotes, a backslash, what JavaScript and SQL trip over

pytestmark = pytest.mark.django_db


def test_canonical_text_is_sorted_and_bare() -> None:
    assert trail.canonical({"b": [1, None, True], "a": "臺\u2028"}) == '{"a":"臺\u2028","b":[1,null,true]}'


def test_around_is_the_canonical_text_with_the_number_in_it() -> None:
    said = {"actor": 1, "detail": {"number": 3}, "request_id": "", "what": "x"}
    head, tail = trail.around(said)
    assert f"{head}12{tail}" == trail.canonical(said | {"number": 12})


def test_events_of_a_case_hang_on_one_another() -> None:
    case = filed_case()[0]
    events = list(Event.objects.filter(application=case))
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert [event.previous for event in events] == [trail.FIRST, *(event.hash for event in events[:-1])]
    assert [event.hash for event in events] == [trail.link(one.previous, trail.content(one)) for one in events]
    assert len(events) == 8


def test_append_keeps_every_character_and_where_it_came_from() -> None:
    cast = Cast()
    case = draft(cast)
    detail = {"text": ODD, "numbers": [1, -2, 10**12], "none": None, "Z": {"臺": [], "a": {}}, "a": True}
    token = origin.set(Origin("req-1", "2001:db8::1"))
    try:
        with transaction.atomic():
            appending.append(case.pk, Step(ODD[:20]), by=cast.preparer, at=FILED_AT, detail=detail, shared=False)
    finally:
        origin.reset(token)
    event = Event.objects.latest("id")
    assert event.detail == detail
    assert (event.request_id, event.address, event.shared) == ("req-1", "2001:db8::1", False)
    assert (event.actor, event.actor_name, event.actor_role) == (cast.preparer, "甲填報", "填報人")
    said = trail.content(event)
    assert (said["at"], said["application"]) == ("2026-11-06T08:48:27.000000+00:00", case.pk)
    assert event.hash == trail.link(event.previous, said)
    assert json.loads(trail.canonical(said)) == said


def test_append_is_one_statement_however_many_events(django_assert_num_queries) -> None:
    cast = Cast()
    case = draft(cast)
    assert cast.preparer.roles_held
    steps = [Step("save"), Step("sign_off", "internal_review", "signed_off"), Step("submit", "signed_off", "submitted")]
    with transaction.atomic(), django_assert_num_queries(1 if connection.vendor == "postgresql" else 3):
        appending.append(case.pk, *steps, by=cast.preparer, at=FILED_AT)
    *_, last = events = list(Event.objects.filter(application=case).order_by("number"))[-4:]
    assert [(one.what, one.before, one.after) for one in events[1:]] == [(s.what, s.before, s.after) for s in steps]
    assert [one.previous for one in events[1:]] == [one.hash for one in events[:-1]]
    assert last.hash == trail.link(last.previous, trail.content(last))


def test_the_house_has_a_chain_of_its_own() -> None:
    cast = Cast()
    draft(cast)
    for number in range(3):
        appending.append_to_house("sign_in_refused", by=None, at=FILED_AT, detail={"number": number})
    events = list(Event.objects.filter(application=None))
    assert [(event.number, event.actor, event.actor_name) for event in events] == [(n, None, "") for n in (1, 2, 3)]
    assert [event.previous for event in events] == [trail.FIRST, events[0].hash, events[1].hash]
    assert [event.hash for event in events] == [trail.link(one.previous, trail.content(one)) for one in events]
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.bulk_create([Event(number=3, at=FILED_AT, what="x", previous="", hash="")])


@pytest.mark.postgres
@pytest.mark.parametrize("change", ["UPDATE applications_event SET shared = true", "DELETE FROM applications_event"])
def test_postgres_refuses_to_change_or_delete_an_event(change: str) -> None:
    draft(Cast())
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_all_find_their_place_in_the_chain_of_the_house() -> None:
    start = threading.Barrier(4)

    def work(name: int) -> None:
        start.wait()
        for number in range(10):
            appending.append_to_house("test", by=None, at=FILED_AT, detail={"of": name, "number": number})
        connection.close()

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = list(Event.objects.filter(application=None).order_by("number"))
    assert [event.number for event in events] == list(range(1, 41))
    assert [event.previous for event in events] == [trail.FIRST, *(event.hash for event in events[:-1])]


def test_moment_is_the_same_in_every_zone() -> None:
    taipei = datetime.fromisoformat("2026-11-27T00:30:00.000001+08:00")
    assert trail.moment(taipei) == trail.moment(taipei.astimezone(UTC)) == "2026-11-26T16:30:00.000001+00:00"
    assert trail.moment(taipei - timedelta(microseconds=1)) == "2026-11-26T16:30:00.000000+00:00"
