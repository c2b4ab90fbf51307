"""The operator's pages: who sees them, what runs by itself, mails that were given up, the record."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from accounts.models import User
from applications import health
from applications.actions import operating
from applications.models import (
    Notification,
    OperatorEvent,
    Outbox,
    SweepRun,
    TaskFailure,
)
from applications.templatetags.portal import unpublished
from applications.workdays import Calendar
from tests.applications import pages
from tests.applications.operators import (
    ADD,
    CORRECTION,
    HOME,
    ONE,
    OTHER,
    PARAMETERS,
    RECORD,
    TYPED,
    YEAR,
    set_day,
    text,
)
from tests.bench.timing import statements
from tests.factories import FILED_AT, Cast, filed_case, person

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("clock")]

READ = [HOME, RECORD, "/operator/calendar/", YEAR, ADD, ONE, PARAMETERS, CORRECTION]
WRITE = [ADD, ONE, CORRECTION, "/operator/calendar/2027/publish/", "/operator/calendar/2029/new/"]


@pytest.fixture(autouse=True)
def _queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "queue_length", lambda: 3)


@pytest.fixture
def operator(client: Client) -> User:
    one = person(Role.OPERATOR, name="鄭管理")
    client.force_login(one)
    return one


# --- who ----------------------------------------------------------------------


@pytest.mark.parametrize("who", ["preparer", "checker", "firm_admin", "officer", "supervisor", "auditor"])
def test_for_anybody_else_there_are_no_such_pages(client: Client, who: str) -> None:
    case, cast = filed_case()
    set_day(person(Role.OPERATOR))
    note = dead_mail(case, cast.officer)
    people = {"firm_admin": person(Role.FIRM_ADMIN, firm=cast.firm)}
    client.force_login(people.get(who) or getattr(cast, who))
    before = pages.database()
    allowed = [RECORD] if who == "auditor" else []
    assert [path for path in READ if client.get(path).status_code != 404] == allowed
    posted = [*WRITE, f"/operator/notifications/{note.pk}/resend/"]
    assert {path: client.post(path, TYPED).status_code for path in posted} == dict.fromkeys(posted, 404)
    assert pages.database() == before


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    for path in READ:
        assert client.get(path).headers["Location"].startswith("/accounts/login/")


def test_only_a_post_changes_anything(client: Client, operator: User) -> None:
    set_day(operator)
    before = pages.database()
    for path in [*READ, *WRITE]:
        client.get(path)
    assert client.get("/operator/calendar/2027/publish/").status_code == 405
    assert client.get("/operator/calendar/2029/new/").status_code == 405
    assert pages.database() == before


def test_operators_find_their_pages_in_the_menu(client: Client, operator: User) -> None:
    assert '<a href="/operator/" aria-current="page">' in client.get("/", follow=True).content.decode()
    client.force_login(Cast().auditor)
    record = client.get(RECORD).content.decode()
    assert HOME + '"' not in record
    assert '<a href="/operator/events/" aria-current="page">' in record


# --- what runs by itself ------------------------------------------------------


def dead_mail(case: Any, user: User) -> Notification:
    outbox = Outbox.objects.filter(application=case).first()
    return Notification.objects.create(
        outbox=outbox, user=user, attempts=8, dead_at=FILED_AT, last_error="550 5.1.1 No such user"
    )


def test_the_state_of_what_runs_by_itself(client: Client, operator: User) -> None:
    case, cast = filed_case()
    dead_mail(case, cast.officer)
    Outbox.objects.update(expanded_at=FILED_AT)
    Outbox.objects.filter(what="submit").update(expanded_at=None)
    health.beat(at=FILED_AT - timedelta(minutes=2))
    SweepRun.objects.create(started_at=FILED_AT - timedelta(hours=1), today=FILED_AT.date(), deadlines=7, reminders=5)
    health.record_failure(task="applications.tasks.send_outbox", task_id="x", error="OSError: no", at=FILED_AT)
    shown = text(client.get(HOME))
    for part in (
        "背景作業最後回報 115 年 11 月 6 日 16:46:27 正常",
        "115 年 11 月 6 日 15:48:27：掃描至 115 年 11 月 6 日，處理期限 7 項，產生提醒 5 則 未完成",
        "工作佇列 3 項待處理",
        "待分派之通知 最早一則自 115 年 11 月 6 日 16:48:27 起等候",
        "待寄送之通知信 無",
        "寄送失敗之通知信（1）",
        f"{cast.officer.name}{cast.officer.email} 115 年 11 月 6 日 16:48 8 550 5.1.1 No such user 重新寄送",
        "執行失敗之工作（1）",
        "115 年 11 月 6 日 16:48:27 applications.tasks.send_outbox OSError: no",
    ):
        assert part in shown
    for secret in (case.number, case.firm.name, case.firm.broker_code + " "):
        assert secret not in shown


def test_the_state_when_all_is_down(client: Client, operator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "queue_length", lambda: None)
    health.beat(at=FILED_AT - timedelta(minutes=3, seconds=1))
    shown = text(client.get(HOME))
    assert "超過 3 分鐘未回報" in shown
    assert "工作佇列 無法連線" in shown
    assert "最近一次到期掃描 尚無紀錄" in shown


def test_the_state_takes_eleven_queries_however_much_there_is(client: Client, operator: User) -> None:
    case, cast = filed_case()
    for one in (cast.officer, cast.auditor, cast.supervisor):
        dead_mail(case, one)
        health.record_failure(task="t", task_id="x", error="e", at=FILED_AT)
    with CaptureQueriesContext(connection) as captured:
        client.get(HOME)
    assert len(statements(captured)) == 11  # three of them are session, person and roles


def test_a_dead_mail_is_sent_again_once(client: Client, operator: User) -> None:
    case, cast = filed_case()
    note = dead_mail(case, cast.officer)
    path = f"/operator/notifications/{note.pk}/resend/"
    assert client.post(path).status_code == 302
    note.refresh_from_db()
    assert (note.dead_at, note.attempts) == (None, 0)
    assert client.post(path).status_code == 409
    assert client.post("/operator/notifications/999999/resend/").status_code == 404
    assert OperatorEvent.objects.count() == 1


# --- the record ---------------------------------------------------------------


def test_the_record_says_who_changed_what_from_what_to_what(client: Client, operator: User) -> None:
    set_day(operator)
    set_day(operator, None, OTHER)
    operating.set_parameter(name="reminder_days", value=[7, 0], seen=None, reason="決議", by=operator, at=FILED_AT)
    operating.add_year(year=2029, by=operator, at=FILED_AT)
    operating.publish_year(year=2029, published=True, seen=False, reason="公告", by=operator, at=FILED_AT)
    case, cast = filed_case()
    operating.resend(notification_id=dead_mail(case, cast.officer).pk, by=operator, at=FILED_AT)
    client.force_login(cast.auditor)
    shown = text(client.get(RECORD))
    for part in (
        "115 年 11 月 6 日 16:48:27 鄭管理 行事曆 115 年 7 月 10 日 依星期認定 僅辦理結算交割 風災 先前",
        "行事曆 115 年 7 月 10 日 僅辦理結算交割 風災 依星期認定 先前",
        "系統參數 提醒時點（到期前日數；0 為當日，-1 為逾期翌日） 版本預設值 7、0 決議",
        "新增年度 2029 — 未公告，預估",
        "年度公告 2029 未公告 已公告 公告",
        "寄送 8 次未成功：550 5.1.1 No such user 重新寄送",
    ):
        assert part in shown


def test_the_record_is_paged(client: Client, operator: User) -> None:
    rows = [
        OperatorEvent(at=FILED_AT, actor=operator, actor_name="鄭管理", what="year", subject=f"Y{number:03}",
                      before={"published": False}, after={"published": True})
        for number in range(120)
    ]  # fmt: skip
    OperatorEvent.objects.bulk_create(rows)
    seen: list[list[str]] = []
    path: str | None = RECORD
    while path:
        node = pages.parse(client.get(path))
        rows_shown = [pages.text_of(one) for one in node.iter("td") if one.get("data-label") == "項目"]
        seen.append([one[-4:] for one in rows_shown])
        path = next((one.get("href") for one in node.iter("a") if one.get("rel") == "next"), None)
        newer = next((one.get("href") for one in node.iter("a") if one.get("rel") == "prev"), None)
    assert [len(page) for page in seen] == [50, 50, 20]
    assert [one for page in seen for one in page] == [f"Y{number:03}" for number in range(119, -1, -1)]
    assert newer is not None
    back = [pages.text_of(one) for one in pages.parse(client.get(newer)).iter("td") if one.get("data-label") == "項目"]
    assert [one[-4:] for one in back] == seen[1]


# --- for others ---------------------------------------------------------------


def test_a_date_of_a_year_that_was_not_announced_is_flagged() -> None:
    calendar = Calendar({}, frozenset({2026}))
    flagged = '<span class="hint">該年行事曆尚未公告，日期為預估</span>'
    assert unpublished(date(2027, 1, 4), calendar) == flagged
    assert unpublished("2027-01-04", calendar) == flagged
    assert [unpublished(one, calendar) for one in (date(2026, 12, 31), "2026-12-31", None, "")] == [""] * 4


def test_failures_that_are_shown_are_the_latest(client: Client, operator: User) -> None:
    for number in range(60):
        health.record_failure(task=f"t{number:02}", task_id="x", error="e", at=FILED_AT + timedelta(seconds=number))
    shown = text(client.get(HOME))
    assert "執行失敗之工作（60）" in shown
    assert "t59" in shown
    assert "t09" not in shown
    assert TaskFailure.objects.count() == 60
