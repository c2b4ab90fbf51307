"""The calendar and our own parameters, through the pages: a stale or doubled page changes nothing and loses nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from accounts.enums import Role
from accounts.models import User
from applications import health
from applications.actions import operating
from applications.actions.operating import STALE, Entry
from applications.models import CalendarDay, CalendarYear, Heartbeat, OperatorEvent, Setting
from applications.tasks import reschedule
from tests.applications import pages
from tests.applications.operators import (
    ADD,
    CORRECTION,
    DAY,
    HOME,
    ONE,
    OTHER,
    PARAMETERS,
    TYPED,
    YEAR,
    hidden,
    set_day,
    text,
)
from tests.factories import FILED_AT, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def ordered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often a worker was asked to compute the deadlines anew."""
    times: list[int] = []
    monkeypatch.setattr(reschedule, "delay_on_commit", lambda: times.append(1))
    return times


@pytest.fixture
def operator(client: Client) -> User:
    one = person(Role.OPERATOR, name="鄭管理")
    client.force_login(one)
    return one


# --- the calendar -------------------------------------------------------------


def test_a_year_is_listed_with_both_dates(client: Client, operator: User) -> None:
    assert client.get("/operator/calendar/").headers["Location"] == YEAR
    shown = text(client.get(YEAR))
    assert "115 年（2026）行事曆" in shown
    assert "115 年 10 月 9 日" in shown
    assert "2026-10-09" in shown
    assert "僅辦理結算交割" in shown
    assert "已公告 交易日 " in shown
    assert "未公告年度之日期" in text(client.get("/operator/calendar/2027/"))
    assert client.get("/operator/calendar/2040/").status_code == 404


def test_trading_days_are_counted(client: Client, operator: User) -> None:
    CalendarDay.objects.filter(day__year=2026).delete()
    assert "交易日 261 日，僅辦理結算交割 0 日。" in text(client.get(YEAR))
    CalendarDay.objects.create(day=DAY, kind="clearing")
    assert "交易日 260 日，僅辦理結算交割 1 日。" in text(client.get(YEAR))


def test_a_typhoon_day_is_added(client: Client, operator: User, ordered: list[int]) -> None:
    data = hidden(client.get(ADD))
    done = client.post(ADD, data | TYPED | {"day": "115/7/10"}, follow=True)
    assert "已登錄 115 年 7 月 10 日。各案期限將以背景作業重算。" in text(done)
    assert "115 年 7 月 10 日（星期五） 2026-07-10 休市 颱風停止交易" in text(done)
    assert ordered == [1]
    event = OperatorEvent.objects.get()
    assert (event.before, event.after) == (None, {"kind": "closed", "name": "颱風停止交易"})
    assert (event.reason, event.actor, event.at) == ("人事行政總處公告", operator, FILED_AT)


def test_what_is_missing_is_said_and_what_was_typed_is_kept(client: Client, operator: User) -> None:
    answer = client.post(ADD, {"day": "115/13/1", "name": "風災", "seen": "null"})
    assert pages.problems(answer) == ["請輸入日期，例如 115/11/30", "請選擇該日性質", "請填寫變更理由"]
    assert 'value="風災"' in answer.content.decode()
    assert "<title>錯誤：新增登錄" in answer.content.decode()
    assert pages.problems(client.post(ADD, TYPED | {"day": "130/7/10", "seen": "null"})) == [
        "行事曆沒有這一年，請先新增年度"
    ]
    assert pages.problems(client.post(ADD, TYPED | {"seen": "null"})) == ["請填寫日期"]
    assert not OperatorEvent.objects.exists()


def test_a_day_is_changed_and_then_struck_out(client: Client, operator: User) -> None:
    assert client.get(ONE).status_code == 404
    assert client.get("/operator/calendar/day/2026-02-30/").status_code == 404
    set_day(operator)
    page = client.get(ONE)
    assert 'value="風災"' in page.content.decode()
    assert client.post(ONE, hidden(page) | TYPED).status_code == 302
    assert client.post(ONE, hidden(client.get(ONE)) | {"kind": "weekday", "reason": "取消"}).status_code == 302
    assert not CalendarDay.objects.filter(pk=DAY).exists()
    assert OperatorEvent.objects.count() == 3


def test_a_stale_day_is_a_409_with_both_values_that_keeps_what_was_typed(client: Client, operator: User) -> None:
    set_day(operator)
    page = hidden(client.get(ONE))
    newer = Entry("trading", "照常交易")
    set_day(operator, newer, OTHER)
    answer = client.post(ONE, page | TYPED)
    assert answer.status_code == 409
    assert "您的內容休市 颱風停止交易 目前的內容交易日 照常交易" in text(answer)
    assert 'value="人事行政總處公告"' in answer.content.decode()
    assert CalendarDay.objects.get(pk=DAY).name == "照常交易"
    assert OperatorEvent.objects.count() == 2
    # one's own after all
    assert client.post(ONE, hidden(answer)).status_code == 302
    assert CalendarDay.objects.get(pk=DAY).name == "颱風停止交易"
    assert OperatorEvent.objects.latest("id").before == {"kind": "trading", "name": "照常交易"}


def test_a_day_added_twice_is_a_409(client: Client, operator: User) -> None:
    data = hidden(client.get(ADD)) | TYPED | {"day": "2026-07-10"}
    assert client.post(ADD, data).status_code == 302
    assert client.post(ADD, data).status_code == 409
    assert OperatorEvent.objects.count() == 1


@pytest.mark.parametrize("seen", ["", "{", "[]", "{}", '{"kind": 1}', "3"])
def test_a_page_that_was_tampered_with_is_a_409(client: Client, operator: User, seen: str) -> None:
    set_day(operator)
    assert client.post(ONE, TYPED | {"seen": seen}).status_code == 409


def test_a_year_is_announced(client: Client, operator: User, ordered: list[int]) -> None:
    path = "/operator/calendar/2027/"
    data = pages.form(client.get(path), path + "publish/")
    assert pages.problems(client.post(path + "publish/", data)) == ["請填寫變更理由"]
    data |= {"reason": ["臺證交字第1150000001號"]}
    assert client.post(path + "publish/", data).status_code == 302
    assert CalendarYear.objects.get(pk=2027).published
    doubled = client.post(path + "publish/", data)
    assert doubled.status_code == 409
    assert "您的內容已公告 目前的內容已公告" in text(doubled)
    assert "採用我的內容" not in text(doubled)
    assert ordered == [1]
    assert client.post(path + "publish/", {"published": "maybe", "reason": "x"}).status_code == 200
    assert client.post("/operator/calendar/2040/publish/", data).status_code == 404


def test_the_next_year_is_added(client: Client, operator: User) -> None:
    path = "/operator/calendar/2029/new/"
    assert "新增 118 年（2029）" in text(client.get(YEAR))
    assert "118 年（2029）行事曆" in text(client.post(path, follow=True))
    assert client.post(path).status_code == 409
    assert "只能新增最後一年的次一年" in text(client.post("/operator/calendar/2040/new/", follow=True))
    assert OperatorEvent.objects.count() == 1


# --- our own parameters -------------------------------------------------------


def test_parameters_are_listed_as_ours(client: Client, operator: User) -> None:
    Setting.objects.create(name="correction_days", value=15)
    shown = text(client.get(PARAMETERS))
    assert "本系統參數，非指引所定" in shown
    assert "補正期限（日曆天） 10 15 15 變更" in shown
    assert "提醒時點（到期前日數；0 為當日，-1 為逾期翌日） 30、14、7、1、0、-1 未設定" in shown
    assert "自行買賣人員得登入之時段 08:30、14:30 未設定 08:30、14:30 隨版本" in shown
    for name in ("dealer_window", "nothing"):
        assert client.get(f"{PARAMETERS}{name}/").status_code == 404
        assert client.post(f"{PARAMETERS}{name}/", {"value": "3", "reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("correction_days", " １５ ", 15),
        ("reminder_days", "30、7，１, 0 -1；−3", [30, 7, 1, 0, -1, -3]),
    ],
)
def test_a_parameter_is_set(client: Client, operator: User, name: str, typed: str, value: Any) -> None:
    path = f"{PARAMETERS}{name}/"
    page = hidden(client.get(path))
    assert client.post(path, page | {"value": typed, "reason": "決議"}).status_code == 302
    assert Setting.objects.get().value == value
    back = hidden(client.get(path)) | {"default": "1", "reason": "恢復"}
    assert client.post(path, back).status_code == 302
    assert not Setting.objects.exists()
    assert list(OperatorEvent.objects.order_by("id").values_list("before", "after")) == [(None, value), (value, None)]


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("correction_days", "0", "請輸入 1 至 365 之整數"),
        ("correction_days", "1_0", "請輸入 1 至 365 之整數"),
        ("correction_days", "9" * 199, "請輸入 1 至 365 之整數"),
        ("correction_days", "", "請填寫設定值"),
        ("reminder_days", "、", "請輸入至少一個整數，以頓號或逗號分隔"),
        ("reminder_days", "7、七", "請輸入至少一個整數，以頓號或逗號分隔"),
        ("reminder_days", "7、7", "同一個數字只能出現一次"),
        ("reminder_days", "31", "每個數字應介於 -30 與 30 之間"),
    ],
)
def test_a_parameter_that_will_not_do(client: Client, operator: User, name: str, typed: str, said: str) -> None:
    answer = client.post(f"{PARAMETERS}{name}/", {"value": typed, "reason": "決議", "seen": "null"})
    assert pages.problems(answer) == [said]
    both = client.post(f"{PARAMETERS}{name}/", {"value": typed})
    assert pages.problems(both) == [said, "請填寫變更理由"]
    assert not Setting.objects.exists()


def test_a_stale_parameter_is_a_409_with_both_values(client: Client, operator: User) -> None:
    page = hidden(client.get(CORRECTION))
    operating.set_parameter(name="correction_days", value=20, seen=None, reason="x", by=operator, at=FILED_AT)
    answer = client.post(CORRECTION, page | {"value": "15", "reason": "決議"})
    assert answer.status_code == 409
    assert "您的內容15 目前的內容20" in text(answer)
    assert client.post(CORRECTION, hidden(answer)).status_code == 302
    assert Setting.objects.get().value == 15


def test_while_the_queue_is_away_the_change_stands_and_the_page_says_so(
    client: Client, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("Error 111 connecting to Redis")

    monkeypatch.setattr(reschedule, "delay_on_commit", away)
    monkeypatch.setattr(health, "queue_length", lambda: None)
    page = hidden(client.get(CORRECTION))
    shown = text(client.post(CORRECTION, page | {"value": "15", "reason": "決議"}, follow=True))
    assert "目前無法連線至工作佇列；背景作業恢復後，將自動重算各案期限。" in shown
    assert Setting.objects.get().value == 15
    assert Heartbeat.objects.get(name=STALE).at == FILED_AT
    assert "各案期限尚未全部重算" in text(client.get(HOME))
