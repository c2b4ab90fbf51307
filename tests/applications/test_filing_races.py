"""Many at once, on real connections."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from applications.actions import drafting, filing
from applications.actions.drafting import Stale
from applications.actions.filing import next_number
from applications.lifecycle import Conflict
from applications.models import Application, CaseCounter, Event, Outbox, Section, Submission
from tests.factories import FILED_AT, Cast, draft

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    """What each gave or raised, all started together on a connection of their own."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(60)
            return deed()
        except (Conflict, Stale, ZeroDivisionError) as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def ready(cast: Cast) -> Application:
    case = draft(cast)
    return filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)


@pytest.mark.postgres
def test_numbers_of_twenty_at_once_have_no_gap() -> None:
    at = datetime.fromisoformat("2026-12-31T23:59:59+08:00")

    def take(n: int) -> Callable[[], str]:
        def deed() -> str:
            with transaction.atomic():
                number = next_number(at)
                if n % 4 == 0:
                    raise ZeroDivisionError
                return number

        return deed

    given = at_once([take(n) for n in range(20)])
    assert given.count("ZeroDivisionError") == 5
    numbers = sorted(number for number in given if number != "ZeroDivisionError")
    assert numbers == [f"WFH-115-{n:05}" for n in range(1, 16)]
    assert CaseCounter.objects.get().last == 15


@pytest.mark.postgres
def test_submitting_twenty_times_at_once_with_one_key_files_once() -> None:
    cast = Cast()
    case = ready(cast)

    def deed() -> int:
        return filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.checker, at=FILED_AT).pk

    assert len(set(at_once([deed] * 20))) == 1
    case.refresh_from_db()
    assert (case.number, Submission.objects.count(), CaseCounter.objects.get().last) == ("WFH-115-00001", 1, 1)
    assert Event.objects.filter(what="submit").count() == 1
    assert Outbox.objects.filter(what="submit").count() == 1


@pytest.mark.postgres
def test_submitting_and_taking_back_at_once_has_one_winner() -> None:
    cast = Cast()
    case = ready(cast)
    common: dict[str, Any] = {"case_id": case.pk, "revision": case.revision, "at": FILED_AT}
    found = at_once(
        [
            lambda: filing.submit(key="k", by=cast.checker, **common).number,
            lambda: filing.reopen(by=cast.preparer, **common).status,
        ]
    )
    case.refresh_from_db()
    assert found.count("Conflict") == 1
    assert case.status == ("submitted" if found[1] == "Conflict" else "draft")
    assert Submission.objects.count() == (1 if case.status == "submitted" else 0)


@pytest.mark.postgres
def test_saving_one_page_twenty_times_at_once_keeps_the_first_and_tells_the_others() -> None:
    cast = Cast()
    case = drafting.create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)

    def save(n: int) -> Callable[[], int]:
        return lambda: (
            drafting.save_section(
                case_id=case.pk,
                section_id="2.2.9",
                answers={"2.2.9": {"text": str(n)}},
                revision=0,
                by=cast.preparer,
                at=FILED_AT,
            ).revision
        )

    found = at_once([save(n) for n in range(20)])
    assert (found.count("Stale"), found.count(1)) == (19, 1)
    section = Section.objects.get()
    assert (section.revision, section.answers) == (1, {"2.2.9": {"text": str(found.index(1))}})
