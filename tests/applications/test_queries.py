"""How many statements each page of the firm takes, session and person included, BEGIN and savepoints not."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from applications.actions import filing
from applications.facts import ON_HISTORY, ON_PEOPLE
from applications.models import Application, Attachment, Section
from guideline.rules import RULES
from tests.bench.cases import TWELVE, long_answers, typed
from tests.bench.cases import draft as plain_draft
from tests.bench.timing import statements
from tests.factories import FILED_AT, Cast, draft, filed_case

pytestmark = [pytest.mark.once, pytest.mark.django_db]

Count = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    """The sample is complete on its own day."""
    with time_machine.travel(FILED_AT):
        yield


@pytest.fixture
def ask(client: Client) -> Count:
    """Ask for a page as somebody, or post to it; the statements that it took."""

    def call(user: User, name: str, *args: Any, data: dict[str, Any] | None = None, status: int = 200) -> list[str]:
        client.force_login(user)
        address = reverse(name, args=args)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address) if data is None else client.post(address, data)
            b"".join(response)
        assert response.status_code == status
        return statements(captured)

    return call


def save(ask: Count, cast: Cast, case: Application, section_id: str) -> list[str]:
    section = Section.objects.filter(application=case, section_id=section_id).first()
    data = typed(case, section_id, long_answers(section_id)) | {"revision": section.revision if section else 0}
    return ask(cast.preparer, "section", case.pk, section_id, data=data, status=302)


def with_checker(cast: Cast) -> Application:
    case = draft(cast)
    return filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)


@pytest.mark.parametrize("cases", [1, 3])
def test_home(ask: Count, cases: int) -> None:
    cast = Cast()
    for _ in range(cases):
        with_checker(cast)
    assert len(ask(cast.preparer, "home")) == 5  # one for the unread notices
    assert len(ask(cast.checker, "home")) == 5


def test_task_list(ask: Count) -> None:
    cast = Cast()
    case = draft(cast)
    assert len(ask(cast.preparer, "case", case.pk)) == 7


def test_task_list_of_the_checker(ask: Count) -> None:
    cast = Cast()
    case = with_checker(cast)
    assert len(ask(cast.checker, "case", case.pk)) == 7


@pytest.mark.parametrize("section_id", TWELVE)
def test_opening_a_section_takes_as_many_with_one_filled_as_with_twelve(ask: Count, section_id: str) -> None:
    cast = Cast()
    one, twelve = plain_draft(cast, [section_id]), plain_draft(cast, TWELVE)
    counts = [len(ask(cast.preparer, "section", case.pk, section_id)) for case in (one, twelve)]
    assert counts == [5, 5]


def test_opening_a_section_of_the_whole_sample(ask: Count) -> None:
    cast = Cast()
    case = draft(cast)
    assert len(ask(cast.preparer, "section", case.pk, "2.2.6")) == 5


# beyond five: the evidence that the answers demand, the roster, the firm's earlier periods
MORE = {"2.2.2": 1, "2.2.5": 1, "2.2.6": 1, "2.2.8": 1, "2.2.10": 1, "2.2.11": 1, "2.2.12": 1}


@pytest.mark.parametrize("section_id", TWELVE)
def test_saving_a_section_takes_as_many_with_one_filled_as_with_twelve(ask: Count, section_id: str) -> None:
    cast = Cast()
    one, twelve = plain_draft(cast, [section_id]), plain_draft(cast, TWELVE)
    counts = [len(save(ask, cast, case, section_id)) for case in (one, twelve)]
    assert counts == [5 + MORE.get(section_id, 0)] * 2


@pytest.mark.parametrize(("answer", "count"), [("yes", 6), ("na", 5)])
def test_saving_looks_for_evidence_where_the_answer_asks_for_it(ask: Count, answer: str, count: int) -> None:
    cast = Cast()
    case = plain_draft(cast, ["2.2.6"])
    data = typed(case, "2.2.6", long_answers("2.2.6")) | {"2_2_6__answer": [answer], "revision": ["1"]}
    assert len(ask(cast.preparer, "section", case.pk, "2.2.6", data=data, status=302)) == count


def test_saving_a_section_that_others_depend_on(ask: Count) -> None:
    cast = Cast()
    case = plain_draft(cast, TWELVE)
    Application.objects.filter(pk=case.pk).update(first_day=None)
    assert len(save(ask, cast, case, "2.2.1")) == 11


def test_roster(ask: Count) -> None:
    cast = Cast()
    case = draft(cast)
    assert len(ask(cast.preparer, "roster", case.pk)) == 7  # the case is locked for the reading to be put on record


def test_check(ask: Count) -> None:
    cast = Cast()
    case = with_checker(cast)
    assert len(ask(cast.preparer, "check", case.pk)) == 7
    assert len(ask(cast.checker, "check", case.pk)) == 8


def test_submit(ask: Count) -> None:
    cast = Cast()
    case = with_checker(cast)
    data = {"revision": case.revision, "key": "k", "declare": "yes"}
    events = 1 if connection.vendor == "postgresql" else 2  # statements for two events
    assert len(ask(cast.checker, "act", case.pk, "submit", data=data, status=302)) == 11 + events


def test_receipt_submitted_and_file(ask: Count) -> None:
    case, cast = filed_case()
    file = Attachment.objects.get(application=case)
    assert default_storage.exists(file.file.name)
    assert len(ask(cast.preparer, "receipt", case.pk, 1)) == 4
    assert len(ask(cast.preparer, "submitted", case.pk, 1)) == 4
    assert len(ask(cast.preparer, "file", file.pk)) == 7  # the first time: that it was read is put on record
    assert len(ask(cast.preparer, "file", file.pk)) == 4


@pytest.mark.parametrize("name", sorted(RULES))
def test_rules_that_need_a_query_are_named(name: str) -> None:
    """``facts`` reads people and earlier periods only for the pages of these rules."""
    source = inspect.getsource(RULES[name])
    assert (name in ON_PEOPLE) == any(word in source for word in ("facts.people", "facts.has_senior"))
    # of the roster only where somebody at home has a line that the case does not ask for: see ``asks_history``
    on_history = name in ON_HISTORY or name == "roster_lines_asked_for"
    assert on_history == any(word in source for word in ("facts.year_reached_on", "facts.running"))


def test_which_kind(ask: Count) -> None:
    """Two for what is known of a firm without periods, however many cases it has."""
    cast = Cast()
    assert len(ask(cast.preparer, "start")) == 2
    for _ in range(3):
        draft(cast)
    client = Client()
    client.force_login(cast.preparer)
    query = {"lines": ["brokerage", "dealer"], "first_day": "115/12/01", "emergency": "no", "opinion": "no"}
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse("start"), query).status_code == 200
    assert len(statements(captured)) == 4
