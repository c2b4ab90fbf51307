"""通知: who sees what, in words; read once opened; pages; how mail is to come."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from applications import outbox
from applications.actions.notices import PAGE
from applications.models import Application, Deadline, Notification, Outbox
from applications.notify import AUDIENCE
from tests.applications.pages import form, parse, text_of
from tests.bench.timing import statements
from tests.factories import FILED_AT, Cast, FirmFactory, filed_case

pytestmark = pytest.mark.django_db

NOW = FILED_AT + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def filed(client: Client) -> tuple[Application, Cast]:
    """A case just filed, its preparer signed in, nobody told of anything yet."""
    case, cast = filed_case()
    Outbox.objects.all().delete()
    client.force_login(cast.preparer)
    return case, cast


def happen(case: Application, *whats: str, at: datetime = FILED_AT) -> None:
    for number, what in enumerate(whats):
        Outbox.objects.create(application=case, what=what, key=f"{what}:{number}", created_at=at)
    outbox.expand(at=at)


def remind(case: Application, kind: str, what: str, due: date, threshold: int) -> None:
    row = Deadline.objects.create(
        application=case, what=what, key=f"{what}:{due}", due_on=due, lead=30, set_on=due - timedelta(days=40)
    )
    Outbox.objects.create(
        application=case,
        what=f"{kind}:{what}",
        deadline=row,
        threshold=threshold,
        key=f"deadline:{row.pk}:{threshold}",
        created_at=FILED_AT,
    )
    outbox.expand(at=FILED_AT)


def rows(response: Any) -> list[list[str]]:
    """The cells of the list."""
    (body,) = parse(response).iter("tbody")
    return [[text_of(cell) for cell in line] for line in body]


def notes(user: User) -> list[Notification]:
    return list(Notification.objects.filter(user=user).order_by("id"))


def test_list_says_in_words_what_happened_newest_first(client: Client, filed: tuple[Application, Cast]) -> None:
    case, cast = filed
    happen(case, "take", "return")
    remind(case, "due", "correction", date(2026, 11, 16), 7)
    remind(case, "overdue", "training", date(2026, 11, 5), -1)
    case_cell = f"{case.number} 首次申請"
    time = "115 年 11 月 6 日 16:48"
    unread = f"未讀 標為已讀：{{}} {case.number}"
    training = "期限已過：居家辦公教育訓練及宣導"
    assert rows(client.get("/notices/")) == [
        [f"{training} 115 年 11 月 5 日", case_cell, time, unread.format(training)],
        ["期限將至：補正期限 115 年 11 月 16 日", case_cell, time, unread.format("期限將至：補正期限")],
        ["退請補正", case_cell, time, unread.format("退請補正")],
        ["受理", case_cell, time, unread.format("受理")],
    ]
    client.force_login(cast.officer)
    assert client.get("/notices/").context["rows"] == []


def test_every_kind_of_notice_has_words(client: Client, filed: tuple[Application, Cast]) -> None:
    case, cast = filed
    for what in AUDIENCE:
        row = Outbox.objects.create(application=case, what=what, key=what, created_at=FILED_AT, expanded_at=FILED_AT)
        Notification.objects.create(outbox=row, user=cast.preparer)
        shown = client.get("/notices/").context["rows"][0]["text"]  # the latest first
        assert not str(shown).isascii(), what


def test_exchange_sees_the_firm_too(client: Client, filed: tuple[Application, Cast]) -> None:
    case, cast = filed
    happen(case, "submit")
    client.force_login(cast.officer)
    ((_what, about, _at, _state),) = rows(client.get("/notices/"))
    assert about == f"{case.number} 首次申請{case.firm.broker_code} {case.firm.name}"  # on two lines


def test_opening_reads_it_and_goes_to_the_case(client: Client, filed: tuple[Application, Cast]) -> None:
    case, cast = filed
    happen(case, "take", "return")
    one, other = notes(cast.preparer)
    address = f"/notices/{one.pk}/"
    page = client.get("/notices/")
    buttons = [
        text_of(button)
        for node in parse(page).iter("form")
        if node.get("action") == address
        for button in node.iter("button")
        if button.get("name") == "open"
    ]
    assert buttons == ["受理"]
    assert client.get(address).status_code == 405
    answer = client.post(address, {"open": "1"})
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.pk}/")
    assert [note.read_at for note in notes(cast.preparer)] == [NOW, None]
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        client.post(address, {"open": "1"})
    assert [note.read_at for note in notes(cast.preparer)] == [NOW, None]
    assert other.read_at is None


def test_opening_a_reminder_goes_to_the_days_of_the_case(client: Client, filed: tuple[Application, Cast]) -> None:
    case, cast = filed
    remind(case, "due", "correction", date(2026, 11, 16), 7)
    (note,) = notes(cast.preparer)
    assert client.post(f"/notices/{note.pk}/", {"open": "1"})["Location"] == f"/cases/{case.pk}/deadlines/"


def test_one_is_marked_as_read_and_the_page_comes_back(client: Client, filed: tuple[Application, Cast]) -> None:
    case, cast = filed
    happen(case, "take", "return")
    one, other = notes(cast.preparer)
    answer = client.post(f"/notices/{one.pk}/?before={other.pk}")
    assert answer["Location"] == f"/notices/?before={other.pk}"
    assert [note.read_at for note in notes(cast.preparer)] == [NOW, None]
    assert "已讀" in rows(client.get("/notices/"))[1][3]


def test_all_are_marked_but_what_came_since(client: Client, filed: tuple[Application, Cast]) -> None:
    case, cast = filed
    happen(case, "take", "return")
    data = form(client.get("/notices/"), "/notices/read/")
    happen(case, "forward")
    assert client.post("/notices/read/", data)["Location"] == "/notices/"
    assert [note.read_at for note in notes(cast.preparer)] == [NOW, NOW, None]
    assert [note.read_at for note in notes(cast.checker)] == [None, None, None]
    for upto in ("", "x", "9" * 19, "-1"):
        assert client.post("/notices/read/", {"upto": upto}).status_code == 404
    assert client.get("/notices/read/").status_code == 405


def test_another_s_notice_is_a_404(client: Client, filed: tuple[Application, Cast]) -> None:
    case, cast = filed
    happen(case, "take")
    (note,) = notes(cast.checker)
    assert client.post(f"/notices/{note.pk}/", {"open": "1"}).status_code == 404
    assert [one.read_at for one in notes(cast.checker)] == [None]


def test_notice_of_a_firm_that_one_has_left_is_not_shown(client: Client, filed: tuple[Application, Cast]) -> None:
    case, cast = filed
    happen(case, "take")
    Membership.objects.filter(user=cast.preparer).update(firm=FirmFactory.create())
    (note,) = notes(cast.preparer)
    page = client.get("/notices/")
    assert page.context["rows"] == []
    assert case.number not in page.content.decode()
    assert client.post(f"/notices/{note.pk}/", {"open": "1"}).status_code == 404


def test_pages_by_keyset(client: Client, filed: tuple[Application, Cast]) -> None:
    case, _cast = filed
    for number in range(2 * PAGE + 3):
        Outbox.objects.create(application=case, what="take", key=str(number), created_at=FILED_AT)
    outbox.expand(at=FILED_AT)

    def keys(page: Any) -> list[int]:
        return [int(row["note"].outbox.key) for row in page.context["rows"]]

    everything = list(range(2 * PAGE + 2, -1, -1))
    first = client.get("/notices/")
    second = client.get(first.context["older_url"])
    third = client.get(second.context["older_url"])
    assert keys(first) + keys(second) + keys(third) == everything
    assert (first.context["newer_url"], third.context["older_url"]) == ("", "")
    assert keys(client.get(third.context["newer_url"])) == keys(second)
    back = client.get(second.context["newer_url"])
    assert (keys(back), back.context["newer_url"]) == (keys(first), "")
    for cursor in ("x", "-1", "9" * 19, "²"):
        assert client.get("/notices/", {"before": cursor}).status_code == 404
        assert client.get("/notices/", {"after": cursor}).status_code == 404


@pytest.mark.parametrize("number", [1, PAGE])
def test_list_takes_four_statements(client: Client, filed: tuple[Application, Cast], number: int) -> None:
    case, _cast = filed
    for key in range(number):
        Outbox.objects.create(application=case, what="take", key=str(key), created_at=FILED_AT)
    outbox.expand(at=FILED_AT)
    with CaptureQueriesContext(connection) as captured:
        client.get("/notices/")
    assert len(statements(captured)) == 4


def test_unread_are_counted_in_the_menu(client: Client, filed: tuple[Application, Cast]) -> None:
    case, cast = filed

    def count(page: Any) -> str:
        (entry,) = [entry for entry in page.context["nav"] if entry["url"] == "/notices/"]
        return entry["count"]

    assert count(client.get("/")) == ""
    happen(case, "take", "return")
    assert (count(client.get("/")), count(client.get("/notices/"))) == ("2", "2")
    client.post(f"/notices/{notes(cast.preparer)[0].pk}/")
    assert count(client.get("/")) == "1"
    for number in range(120):
        Outbox.objects.create(application=case, what="take", key=str(number), created_at=FILED_AT)
    outbox.expand(at=FILED_AT)
    assert count(client.get("/")) == "99+"


def test_mail_as_one_chooses(client: Client, filed: tuple[Application, Cast]) -> None:
    _case, cast = filed
    for choice, digest in (("daily", True), ("each", False)):
        assert client.post("/notices/mail/", {"mail": choice})["Location"] == "/notices/"
        cast.preparer.refresh_from_db()
        assert cast.preparer.digest is digest
        assert form(client.get("/notices/"), "/notices/mail/") == {"mail": [choice]}
    assert client.post("/notices/mail/", {"mail": "never"}).status_code == 404
    assert client.get("/notices/mail/").status_code == 405
    cast.checker.refresh_from_db()
    assert cast.checker.digest is False
