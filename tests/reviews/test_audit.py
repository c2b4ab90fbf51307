"""The auditor's pages: the trail searched, shown side by side, saved and taken out."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.http import urlencode
from openpyxl import load_workbook

from accounts.enums import Role
from applications.actions.evidence import log_reading
from applications.enums import Status
from applications.lifecycle import record
from applications.models import Event, Job
from reviews import searching
from reviews.models import LegalHold, SavedSearch
from reviews.searching import Search
from reviews.tasks import export_events
from tests.applications import pages
from tests.applications.ledgers import AT, People
from tests.applications.test_drafting import FILED_AT
from tests.bench.timing import statements
from tests.factories import person, resubmit, returned_case
from tests.reviews.cases import text

pytestmark = [pytest.mark.once, pytest.mark.django_db]

HERE = "/review/audit/"


class World:
    """Two firms with a case and some events each, and people of the exchange."""

    def __init__(self) -> None:
        self.one, self.two = People(name="一號證券"), People(name="二號證券")
        self.case, self.other = self.one.case(status=Status.UNDER_REVIEW), self.two.case(status=Status.UNDER_REVIEW)
        self.auditor = person(Role.AUDITOR, name="吳稽核")
        self.officer = person(Role.OFFICER, name="李審查")
        self.supervisor = person(Role.SUPERVISOR, name="林主管")
        early = datetime.fromisoformat("2026-11-01T23:59:59+08:00")
        record(self.case, "take", by=self.officer, at=early)
        record(self.case, "note", by=self.officer, at=AT)
        log_reading(self.case, 85, by=self.officer, at=AT)
        log_reading(self.other, 12, by=self.two.preparer, at=AT)
        record(self.other, "save", by=self.two.preparer, at=AT, detail={"section": "2.2.9", "items": ["2.2.9"]})
        self.draft = self.two.case(status=Status.DRAFT)
        record(self.draft, "create", by=self.two.preparer, at=AT)


def found(user: Any, **asked: Any) -> list[str]:
    return [f"{one.application.firm.name[0]} {one.what}" for one in searching.page(user, Search(**asked)).rows]


def test_each_condition_and_all_of_them_together() -> None:
    world = World()
    by = world.auditor
    all_of_them = ["二 save", "二 roster_read", "一 roster_read", "一 note", "一 take"]
    assert found(by) == all_of_them
    assert found(by, case=str(world.case.number).lower()) == all_of_them[2:]
    assert found(by, firm=world.two.firm.broker_code) == all_of_them[:2]
    assert found(by, person=world.officer.email.upper()) == all_of_them[2:]
    assert found(by, person="李審查") == all_of_them[2:]
    assert found(by, kinds=("note", "save")) == ["二 save", "一 note"]
    assert found(by, until=date(2026, 11, 1)) == ["一 take"]
    assert found(by, since=date(2026, 11, 2), person="李審查", kinds=("take", "note")) == ["一 note"]
    assert found(by, case="WFH-000-00000") == found(by, person="沒有此人") == found(by, firm="ZZZZ") == []


def test_of_a_draft_that_was_not_sent_the_exchange_learns_nothing() -> None:
    world = World()
    event = Event.objects.get(application=world.draft)
    assert event not in searching.find(world.auditor, Search())
    assert event in searching.find(world.two.preparer, Search())
    client = Client()
    client.force_login(world.auditor)
    assert client.get(f"{HERE}events/{event.pk}/").status_code == 404
    assert client.get(f"{HERE}cases/{world.draft.pk}/").status_code == 404


def test_pages_go_by_time_though_rows_were_written_otherwise(client: Client) -> None:
    world = World()
    for second in range(120):
        record(world.case, "note", by=world.officer, at=AT.replace(hour=12, minute=second // 60, second=second % 60))
    record(world.case, "note", by=world.officer, at=datetime.fromisoformat("2026-01-01T10:00:00+08:00"))
    client.force_login(world.auditor)
    seen: list[int] = []
    address = HERE
    while address:
        page = client.get(address)
        seen += [event.pk for event in page.context["rows"]]
        address = page.context["older_url"]
    wanted = Event.objects.exclude(application=world.draft).order_by("-at", "-pk").values_list("pk", flat=True)
    assert seen == list(wanted)
    assert client.get(page.context["newer_url"]).context["older_url"]
    for cursor in ("x", "1-", "-1", "9" * 30 + "-1"):
        assert client.get(HERE, {"before": cursor}).status_code == 404


def test_a_day_that_cannot_be_read_is_said_and_what_was_typed_is_kept(client: Client) -> None:
    client.force_login(World().auditor)
    page = client.get(HERE, {"since": "昨天", "person": "李審查"})
    assert "<title>錯誤：" in text(page)
    assert 'value="昨天"' in text(page)
    assert 'value="李審查"' in text(page)
    assert client.post(f"{HERE}export/?since=昨天", {"key": "k", "format": "csv"}).status_code == 302


def test_queries_of_the_pages(client: Client) -> None:
    world = World()
    client.force_login(world.auditor)
    asked = {"person": "李審查", "firm": world.one.firm.broker_code, "case": world.case.number}
    for address, query, count in (
        (HERE, {}, 4),
        (HERE, asked, 7),
        (f"{HERE}rosters/", {}, 4),
        (f"{HERE}cases/{world.case.pk}/", {}, 24),
        (f"{HERE}house/", {}, 6),
    ):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address, query).status_code == 200
        assert len(statements(captured)) == count, (address, statements(captured))


def test_pages_are_the_auditor_s_alone(client: Client) -> None:
    world = World()
    event = Event.objects.filter(application=world.case).earliest("id")
    saved = SavedSearch.objects.create(user=world.auditor, name="x", query="", created_at=AT)
    reads = ("", f"events/{event.pk}/", f"cases/{world.case.pk}/", "house/", "rosters/")
    for user in (world.one.preparer, world.one.checker, world.officer, world.supervisor, person(Role.OPERATOR)):
        client.force_login(user)
        for path in (*reads, f"searches/{saved.pk}/"):
            assert client.get(HERE + path).status_code == 404, path
        for path in ("searches/", f"searches/{saved.pk}/delete/", "export/"):
            posted = client.post(HERE + path, {"name": "y", "key": "k", "format": "csv"})
            assert posted.status_code == 404, path
    assert SavedSearch.objects.get() == saved
    assert not Job.objects.exists()


def test_who_read_which_roster(client: Client) -> None:
    world = World()
    log_reading(world.case, 85, by=world.officer, at=AT)
    client.force_login(world.auditor)
    page = client.get(f"{HERE}rosters/")
    counts = [(one["actor_name"], one["times"]) for one in page.context["readers"]]
    assert counts == [("李審查", 2), (world.two.preparer.name, 1)]
    assert [(one.what, one.detail["people"]) for one in page.context["rows"]] == [
        ("roster_read", 85),
        ("roster_read", 12),
        ("roster_read", 85),
    ]
    assert "12 人" in text(page)


def test_a_saved_search_is_shared_by_its_address(client: Client) -> None:
    world = World()
    colleague = person(Role.AUDITOR, name="鄭稽核")
    client.force_login(world.auditor)
    query = urlencode({"person": "李審查", "kinds": "note", "before": "1-1", "evil": "1"})
    page = client.post(f"{HERE}searches/", {"name": "李審查之註記", "query": query}, follow=True)
    assert "已儲存查詢" in text(page)
    saved = SavedSearch.objects.get()
    assert saved.query == urlencode({"person": "李審查", "kinds": "note"})
    client.post(f"{HERE}searches/", {"name": "李審查之註記", "query": "person=x"})
    saved.refresh_from_db()
    assert saved.query == "person=x"
    assert client.post(f"{HERE}searches/", {"name": " ", "query": "person=x"}, follow=True).status_code == 200
    assert SavedSearch.objects.count() == 1
    client.force_login(colleague)
    assert client.get(saved.get_absolute_url())["Location"] == f"{HERE}?person=x"
    assert client.post(f"{HERE}searches/{saved.pk}/delete/").status_code == 404
    client.force_login(world.auditor)
    client.post(f"{HERE}searches/{saved.pk}/delete/")
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_files_hold_what_the_search_finds_and_no_formula(
    client: Client, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    world = World()
    evil = person(Role.OFFICER, name="=HYPERLINK(1)")
    record(world.case, "note", by=evil, at=AT)
    record(world.case, "take", by=evil, at=AT)
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **more: None)
    client.force_login(world.auditor)
    page = client.get(HERE, {"kinds": "note", "since": "115/11/1"})
    posted = client.post(page.context["export_url"], {"key": page.context["export_key"], "format": kind})
    job = Job.objects.get()
    assert posted["Location"] == f"/jobs/{job.pk}/"
    export_events(job.pk)
    job.refresh_from_db()
    assert (job.state, job.name) == (Job.State.DONE, f"trail-{timezone.localdate(job.asked_at)}.{kind}")
    data = b"".join(client.get(f"/jobs/{job.pk}/file/").streaming_content)  # type: ignore[attr-defined]
    if kind == "csv":
        head, *rows = csv.reader(StringIO(data.decode("utf-8-sig")))
    else:
        sheet = load_workbook(BytesIO(data)).active
        assert sheet is not None
        head, *rows = ([str(cell) for cell in row] for row in sheet.iter_rows(values_only=True))
    assert [row[4] for row in rows] == ["'=HYPERLINK(1)", "李審查"]
    event = Event.objects.filter(what="note").latest("id")
    assert dict(zip(head, rows[0], strict=True))["雜湊值"] == event.hash
    taken = Event.objects.get(what="trail_export")
    assert (taken.actor, taken.application) == (world.auditor, None)
    assert taken.detail == {"of": kind, "query": urlencode({"kinds": "note", "since": "115/11/1"})}
    assert client.post(f"{HERE}export/", {"key": "k", "format": "exe"}).status_code == 404
    client.force_login(world.officer)
    assert client.get(f"/jobs/{job.pk}/file/").status_code == 404
    world.auditor.memberships.update(role=Role.OFFICER)  # the file was his, but he audits no more
    client.force_login(world.auditor)
    assert client.get(f"/jobs/{job.pk}/file/").status_code == 404


def test_a_chain_that_was_tampered_with_says_where(client: Client) -> None:
    world = World()
    client.force_login(world.auditor)
    address = f"{HERE}cases/{world.case.pk}/"
    assert "軌跡相符：第 1 號至第 3 號事件" in text(client.get(address))
    if connection.vendor == "postgresql":  # as somebody would who owns the table
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        connection.cursor().execute("ALTER TABLE applications_event DISABLE TRIGGER event_stands")
    Event.objects.filter(application=world.case, number=2).update(actor_name="李審杳")
    page = text(client.get(address))
    assert "軌跡不相符" in page
    assert "第 2 筆紀錄（2026-11-20 10:00:00，李審杳，新增內部註記）遭變更" in page


def test_before_and_after_side_by_side(client: Client) -> None:
    with time_machine.travel(FILED_AT):
        case, cast = returned_case({"2.2.9": "請補充"})
        old = case.submissions.get().content["answers"]["2.2.9"]["text"]
        resubmit(case, cast, {"2.2.9": {"text": "補正後之內容"}})
        client.force_login(cast.auditor)
        save = Event.objects.filter(application=case, what="save", detail__items=["2.2.9"]).latest("id")
        filed = Event.objects.get(application=case, what="submit_correction")
        judged = Event.objects.filter(application=case, what="judge").earliest("id")
        for event in (save, filed):
            page = pages.parse(client.get(f"{HERE}events/{event.pk}/"))
            sides = [pages.text_of(one) for box in page.iter("div") if box.get("class") == "diff" for one in box]
            assert len(sides) == 2
            assert "第 1 次送件" in sides[0]
            assert " ".join(old.split())[:40] in sides[0]
            assert "第 2 次送件" in sides[1]
            assert "補正後之內容" in sides[1]
        page = client.get(f"{HERE}events/{judged.pk}/")
        assert "審查結果之變更" in text(page)
        inside = Event.objects.filter(application=case, what="send_to_checker").earliest("id")
        page = client.get(f"{HERE}events/{inside.pk}/")
        assert "證券商內部往來之用語不對外提供" in text(page)
        assert json.dumps(inside.detail) not in text(page)
        for event in Event.objects.filter(application=case):
            assert client.get(f"{HERE}events/{event.pk}/").status_code == 200, event.what


def test_hold_is_set_and_lifted_on_a_page_and_the_exchange_sees_it(client: Client) -> None:
    world = World()
    address = f"/review/{world.case.pk}/hold/"
    for user in (world.one.checker, world.officer, person(Role.OPERATOR)):
        client.force_login(user)
        assert client.get(address).status_code == 404
        assert client.post(address, {"reason": "x"}).status_code == 404
    client.force_login(world.supervisor)
    assert "請填寫理由" in text(client.post(address, {"do": "set", "reason": " "}))
    answer = client.post(address, {"do": "set", "reason": "檢查局\n調卷"})
    assert answer["Location"] == f"/review/{world.case.pk}/"
    assert LegalHold.objects.get().reason == "檢查局\n調卷"
    again = client.post(address, {"do": "set", "reason": "我的理由"})
    assert again.status_code == 409
    assert "我的理由" in text(again)
    client.force_login(world.auditor)
    assert "保全中" in text(client.get(f"{HERE}cases/{world.case.pk}/"))
    client.post(address, {"do": "lift", "reason": "調卷完畢"})
    assert LegalHold.objects.get().lifted_by == world.auditor
    assert "調卷完畢" in text(client.get(f"{HERE}cases/{world.case.pk}/"))


@pytest.mark.postgres
def test_searches_are_served_by_an_index() -> None:
    """Where tables are large the planner takes an index in the order of the list: nothing is sorted or read whole."""
    world = World()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")  # of few rows it is cheaper than any index
    for asked, index in (
        (Search(), "event_by_time"),
        (Search(person="李審查"), "event_by_actor"),
        (Search(kinds=("note",)), "event_by_kind"),
        (Search(since=AT.date(), until=AT.date()), "event_by_time"),
    ):
        rows = searching.find(world.auditor, asked).order_by("-at", "-pk")[:51]
        assert index in rows.explain(), asked
