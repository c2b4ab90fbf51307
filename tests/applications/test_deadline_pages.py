"""Pages of days, and the calendars that other programs read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
import vobject
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from applications.models import Application, Deadline, Feed
from tests.applications.pages import parse, problems, text_of
from tests.applications.test_clocks import approved
from tests.bench.timing import statements
from tests.factories import Cast, person

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def get(client: Client, user: User, name: str, *args: Any, **query: str) -> Any:
    client.force_login(user)
    return client.get(reverse(name, args=args), query)


def shown(response: Any) -> str:
    return text_of(parse(response))


def violation(case: Application) -> Deadline:
    return Deadline.objects.filter(application=case, what="violations").earliest("due_on")


def test_days_of_a_case_say_why(client: Client) -> None:
    case, cast = approved()
    for user in (cast.preparer, cast.officer):
        text = shown(get(client, user, "deadlines", case.pk))
        assert "使用期間之末日；末日為休假日者，不順延。" in text
        assert "依貴公司填報之檢查頻率（每月），自起日 115 年 11 月 30 日 起算。" in text
        assert "本系統參數，非指引所定" in text


def test_another_firms_days_are_not_there(client: Client) -> None:
    case, _cast = approved()
    assert get(client, Cast().preparer, "deadlines", case.pk).status_code == 404
    assert str(case) not in shown(get(client, Cast().preparer, "deadlines-overview"))


def test_a_year_that_is_not_announced_is_flagged(client: Client) -> None:
    case, cast = approved()
    text = shown(get(client, cast.preparer, "deadlines", case.pk))
    assert text.count("該年行事曆尚未公告，日期為預估") == 1  # the last filing day alone depends on days off


@pytest.mark.parametrize(
    ("day", "said"), [("116/02/28", "今日到期"), ("116.03.01", "已屆滿"), ("2027-02-21", "剩 7 日")]
)
def test_days_as_of_another_day(client: Client, day: str, said: str) -> None:
    case, cast = approved()
    (expiry,) = Deadline.objects.filter(application=case, what="expiry")
    assert expiry.due_on == date(2027, 2, 28)
    page = parse(get(client, cast.officer, "deadlines", case.pk, day=day))
    section = next(node for node in page.iter() if node.get("id") == f"deadline-{expiry.pk}")
    assert said in text_of(section)


def test_a_day_that_cannot_be_read(client: Client) -> None:
    case, cast = approved()
    response = get(client, cast.officer, "deadlines", case.pk, day="明天")
    assert problems(response) == ["看不懂日期「明天」，請輸入如 115/03/02；以下為今日之情形"]
    assert 'value="明天"' in response.content.decode()


def test_recording_that_a_duty_was_done(client: Client) -> None:
    case, cast = approved()
    row = violation(case)
    address = reverse("duty-done", args=[case.pk, row.pk])
    with time_machine.travel("2026-12-30T10:00:00+08:00", tick=False):
        client.force_login(cast.preparer)
        response = client.post(address, {"done_on": "某日", "note": "第 3 冊"})
        assert problems(response) == ["請輸入完成日期，例如 115/03/02"]
        assert 'value="第 3 冊"' in response.content.decode()
        response = client.post(address, {"done_on": "116/01/01", "note": "第 3 冊"})
        assert problems(response) == ["完成日期不得晚於今日"]
        assert client.get(address).status_code == 405
        assert client.post(address, {"done_on": "115/12/29", "note": "第 3 冊"}).status_code == 302
        response = client.post(address, {"done_on": "115/12/30", "note": "另一人所載"})
    assert response.status_code == 409
    assert 'value="另一人所載"' in response.content.decode()
    row.refresh_from_db()
    assert (row.state, row.done_on, row.note) == ("done", date(2026, 12, 29), "第 3 冊")


def test_overview_lists_what_will_be_sent(client: Client) -> None:
    case, cast = approved()
    text = shown(get(client, cast.preparer, "deadlines-overview", day="116/01/20"))
    assert "116 年 1 月 29 日 前 30 日 116 年 2 月 28 日 使用期間屆滿" in text
    assert str(case) in text
    assert "使用期間屆滿" not in shown(get(client, cast.preparer, "deadlines-overview", day="116/06/01"))


def test_operator_sees_how_many_and_nothing_of_the_cases(client: Client) -> None:
    case, _cast = approved()
    operator = person(Role.OPERATOR)
    text = shown(get(client, operator, "deadlines-overview", day="116/01/20"))
    assert "116 年 1 月 29 日使用期間屆滿前 30 日 1" in text
    assert str(case) not in text
    assert case.firm.name not in text
    assert get(client, operator, "deadlines", case.pk).status_code == 404


def test_queries_do_not_grow_with_the_days(client: Client) -> None:
    case, cast = approved()
    counts = []
    for _ in range(2):
        for name, args in (("deadlines", [case.pk]), ("deadlines-overview", [])):
            with CaptureQueriesContext(connection) as captured:
                get(client, cast.officer, name, *args)
            counts.append(len([one for one in statements(captured) if "django_session" not in one]))
        Deadline.objects.filter(application=case, what="violations").delete()
    assert counts == [COUNT_CASE, COUNT_ALL, COUNT_CASE, COUNT_ALL]


COUNT_CASE, COUNT_ALL = 7, 6


def test_feed_is_read_by_another_library(client: Client) -> None:
    case, cast = approved()
    client.force_login(cast.preparer)
    assert client.post(reverse("subscribe"), {"renew": "1"}).status_code == 302
    feed = Feed.objects.get()
    assert feed.path in client.get(reverse("subscription")).content.decode()
    response = Client().get(feed.path)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = vobject.readOne(response.content.decode())
    entries = {entry.summary.value: entry for entry in calendar.vevent_list}
    expiry = entries[f"使用期間屆滿（{case}）"]
    assert expiry.dtstart.value == date(2027, 2, 28)
    assert expiry.dtend.value == date(2027, 3, 1)
    assert expiry.url.value == f"http://testserver{reverse('deadlines', args=[case.pk])}"
    assert len(calendar.vevent_list) == Deadline.objects.filter(state="open").count()
    assert len({entry.uid.value for entry in calendar.vevent_list}) == len(calendar.vevent_list)
    assert max(len(line) for line in response.content.split(b"\r\n")) <= 75


def test_feed_of_a_firm_has_its_cases_alone(client: Client) -> None:
    case, cast = approved()
    other = Cast()
    for user in (other.preparer, cast.officer, cast.other_officer):
        client.force_login(user)
        client.post(reverse("subscribe"), {"renew": "1"})
    said = {
        feed.user or feed.firm: str(case) in Client().get(feed.path).content.decode() for feed in Feed.objects.all()
    }
    assert said == {other.firm: False, cast.officer: True, cast.other_officer: False}


def test_feed_that_was_given_up_is_gone(client: Client) -> None:
    _case, cast = approved()
    client.force_login(cast.checker)
    client.post(reverse("subscribe"), {"renew": "1"})
    old = Feed.objects.get()
    client.post(reverse("subscribe"), {"renew": "1"})
    new = Feed.objects.get(revoked_at=None)
    assert (Client().get(old.path).status_code, Client().get(new.path).status_code) == (404, 200)
    client.post(reverse("subscribe"), {"revoke": "1"})
    assert Client().get(new.path).status_code == 404
    assert Client().get(reverse("feed", args=["x" * 43])).status_code == 404


def test_feed_is_of_firms_and_officers(client: Client) -> None:
    auditor = person(Role.AUDITOR)
    assert get(client, auditor, "subscription").status_code == 404
    assert client.post(reverse("subscribe"), {"renew": "1"}).status_code == 404


def test_feed_keeps_a_day_that_passed_for_a_while(client: Client) -> None:
    _case, cast = approved()
    client.force_login(cast.preparer)
    client.post(reverse("subscribe"), {"renew": "1"})
    path = Feed.objects.get().path
    last = date(2027, 2, 28)
    for day, there in ((last + timedelta(days=90), True), (last + timedelta(days=91), False)):
        with time_machine.travel(f"{day}T10:00:00+08:00", tick=False):
            assert ("使用期間屆滿" in Client().get(path).content.decode()) == there
