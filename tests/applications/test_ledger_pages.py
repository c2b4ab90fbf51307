"""The ledgers as pages: any day, what is typed, what is counted, who sees what; and the notice of an early end."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.enums import Role
from accounts.models import User
from applications.enums import Status
from applications.models import Application, Job
from reviews import exports
from reviews import ledger as lists
from reviews.tasks import export_ledger
from tests.applications.ledgers import AT, People
from tests.applications.pages import parse, problems, text_of
from tests.bench.timing import statements
from tests.factories import FirmFactory, person

pytestmark = [pytest.mark.once, pytest.mark.django_db]

FIRM, EXCHANGE = "/ledger/", "/review/ledger/"
DEALER = "自行買賣作業及交易作業"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def look(client: Client, user: User, address: str, **query: str) -> Any:
    client.force_login(user)
    return client.get(address, query)


def table(response: Any) -> list[list[str]]:
    """The text of each cell of the table's body."""
    return [
        [text_of(cell) for cell in row if cell.tag in {"th", "td"}]
        for body in parse(response).iter("tbody")
        for row in body.iter("tr")
    ]


def headline(response: Any) -> str:
    main = next(node for node in parse(response).iter("main"))
    return text_of(next(main.iter("p"))) if not problems(response) else ""


# --- the firm -------------------------------------------------------------------


def test_the_firms_ledger_today(client: Client) -> None:
    people = People()
    case = people.approved(("dealer", "2026-09-01", "2026-11-30"), ("clearing", "2026-09-01", "2027-02-28"))
    People().approved(("brokerage", "2026-09-01", "2026-11-30"))  # another firm's
    page = look(client, people.preparer, FIRM)
    said = text_of(parse(page))
    assert "115 年 11 月 20 日，2 項業務得居家辦公，其中 1 項於 30 日內屆滿；0 項期間尚未開始。" in said
    assert "受託買賣" not in said
    assert table(page) == [
        [
            DEALER,
            "即將屆滿 尚餘 10 日",
            f"115.09.01–115.11.30{case}",
            "115.09.01–116.02.28（181 日） 未滿一年；持續相連則於 116.08.31 滿一年",
            "115.11.30",
            "可申請 115 年 11 月 30 日 24 時前送出者，仍屬期限內。",
        ],
        [
            "結算及申報作業",
            "進行中 尚餘 100 日",
            f"115.09.01–116.02.28{case}",
            "115.09.01–116.02.28（181 日） 未滿一年；持續相連則於 116.08.31 滿一年",
            "116.02.26該年休市日尚未公告，屆時可能調整",
            "可申請 116 年 2 月 28 日 24 時前送出者，仍屬期限內。",
        ],
    ]
    assert f'href="/cases/{case.pk}/"' in page.content.decode()
    assert "本系統參數，非指引所定" in said


@pytest.mark.parametrize(
    ("typed", "phase"),
    [
        ("2026-08-31", "尚未開始"),
        ("115.09.01", "進行中 尚餘 90 日"),
        ("民國115年11月30日", "即將屆滿 今日為末日"),
        ("１１５／１２／０１", "屆滿"),
    ],
)
def test_any_past_or_future_day(client: Client, typed: str, phase: str) -> None:
    people = People()
    people.approved(("dealer", "2026-09-01", "2026-11-30"))
    page = look(client, people.checker, FIRM, day=typed)
    assert [row[1] for row in table(page)] == [phase]
    assert f'value="{typed}"' in page.content.decode()


@pytest.mark.parametrize("typed", ["昨天", "115/02/30", "0", "99999999/1/1", "<b>", "\x00", "9" * 200])
def test_a_day_that_cannot_be_read_is_said_and_kept(client: Client, typed: str) -> None:
    people = People()
    people.approved(("dealer", "2026-09-01", "2026-11-30"))
    for user, address in ((people.preparer, FIRM), (person(Role.OFFICER), EXCHANGE)):
        page = look(client, user, address, day=typed)
        assert page.status_code == 200
        assert page.context["typed"] == typed.replace("\x00", "\ufffd")[:40]
        assert problems(page) == [] or "看不懂日期" in problems(page)[0]
        assert "看不懂日期" in text_of(parse(page))
        assert text_of(next(parse(page).iter("title"))).startswith("錯誤：")
        assert "尚餘 10 日" in text_of(parse(page))  # as of today


def test_the_first_and_last_days_that_can_be_typed(client: Client) -> None:
    people = People()
    people.approved(("dealer", "2026-09-01", "2026-11-30"))
    for typed in ("10/1/1", "999/12/31"):
        assert look(client, people.preparer, FIRM, day=typed).status_code == 200
        assert look(client, person(Role.OFFICER), EXCHANGE, day=typed).status_code == 200


def test_a_chain_that_reaches_a_year(client: Client) -> None:
    people = People()
    people.approved(("clearing", "2025-12-01", "2026-05-29"))
    people.approved(("dealer", "2026-06-01", "2026-11-30"))
    (dealer, clearing) = table(look(client, people.preparer, FIRM))
    assert dealer[3] == "114.12.01–115.11.30（365 日） 115.11.30 滿一年，須辦理風險評估"
    assert clearing[1] == "屆滿"


def test_an_early_end_is_shown(client: Client) -> None:
    people = People()
    case = people.approved(("dealer", "2026-09-01", "2027-02-28/2026-11-25"))
    (row,) = table(look(client, people.preparer, FIRM))
    assert row[1:3] == ["即將屆滿 尚餘 5 日", f"115.09.01–115.11.25{case} 原迄日 116.02.28"]
    assert row[5].startswith("不得申請 已提前終止，最後居家日為 115 年 11 月 25 日。期滿後仍有必要者")
    (row,) = table(look(client, people.preparer, FIRM, day="2026-11-26"))
    assert row[1] == "提前終止"
    home = text_of(parse(look(client, people.preparer, "/")))
    assert "提前終止，最後居家日為 115 年 11 月 25 日" in home


def test_home_and_the_list_of_cases_show_the_phase(client: Client) -> None:
    people = People()
    people.approved(("dealer", "2026-09-01", "2026-11-30"))
    assert table(look(client, people.preparer, "/"))[-1][3] == "核准 即將屆滿"
    with time_machine.travel(datetime.fromisoformat("2026-12-01T00:00:00+08:00"), tick=False):
        page = look(client, people.preparer, "/")
        assert table(page)[-1][3] == "核准 屆滿"
        assert "目前沒有尚未屆滿之得居家辦公期間" in text_of(parse(page))


def test_a_firm_without_a_period_and_its_colleagues_draft(client: Client) -> None:
    people = People()
    page = look(client, people.preparer, FIRM)
    assert "尚無得居家辦公之期間" in text_of(parse(page))
    assert look(client, person(Role.FIRM_ADMIN, firm=people.firm), FIRM).status_code == 200


def test_whose_ledger(client: Client) -> None:
    people = People()
    client.logout()
    assert client.get(FIRM).status_code == 302
    assert look(client, people.preparer, EXCHANGE).status_code == 404
    assert client.post("/review/ledger/export/", {"key": "k", "format": "csv"}).status_code == 404
    officer, operator = person(Role.OFFICER), person(Role.OPERATOR)
    assert look(client, officer, FIRM).headers["Location"] == EXCHANGE
    assert look(client, operator, FIRM).status_code == 404
    assert look(client, operator, EXCHANGE).status_code == 404
    for role in (Role.SUPERVISOR, Role.AUDITOR):
        assert look(client, person(role), EXCHANGE).status_code == 200
    assert client.post(EXCHANGE).status_code == 405


# --- the exchange ------------------------------------------------------------------


def many() -> dict[str, People]:
    """A firm in each phase, by its code."""
    firms = {code: People(broker_code=code, name=f"{name}證券") for code, name in
             zip(("Y101", "Y102", "Y103", "Y104", "Y105", "Y106"), "甲乙丙丁戊己", strict=True)}  # fmt: skip
    firms["Y101"].approved(("dealer", "2026-09-01", "2026-11-30"), ("clearing", "2026-11-01", "2027-01-31"))
    firms["Y102"].approved(("dealer", "2026-12-01", "2027-02-28"))
    firms["Y103"].approved(("dealer", "2026-06-01", "2026-08-31"))
    firms["Y104"].approved(("dealer", "2026-06-01", "2026-08-31/2026-07-15"))
    firms["Y105"].approved(("dealer", "2026-06-01", "2026-08-31"))
    firms["Y105"].approved(("dealer", "2026-11-01", "2027-01-31"))  # so the older one is not the last
    return firms


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        ("", [("Y101", "即將屆滿"), ("Y101", "進行中"), ("Y102", "尚未開始"), ("Y103", "屆滿"), ("Y104", "提前終止"),
              ("Y105", "進行中"), ("Y106", "尚無")]),
        ("home", [("Y101", "即將屆滿"), ("Y101", "進行中"), ("Y105", "進行中")]),
        ("expiring", [("Y101", "即將屆滿")]),
        ("upcoming", [("Y102", "尚未開始")]),
        ("expired", [("Y103", "屆滿")]),
        ("ended", [("Y104", "提前終止")]),
        ("none", [("Y103", "屆滿"), ("Y104", "提前終止"), ("Y106", "尚無")]),
    ],
)  # fmt: skip
def test_the_exchanges_ledger_by_phase(client: Client, phase: str, expected: list[tuple[str, str]]) -> None:
    many()
    page = look(client, person(Role.OFFICER), EXCHANGE, phase=phase)
    found = [(row[0].split()[0], row[1]) for row in table(page)]
    assert [(code, next(name for _c, name in [one] if said.startswith(name)))
            for (code, said), one in zip(found, expected, strict=True)] == expected  # fmt: skip
    assert "2 家證券商、3 項業務得居家辦公，其中 1 項於 30 日內屆滿；1 項期間尚未開始" in text_of(parse(page))


def test_the_exchanges_ledger_on_another_day(client: Client) -> None:
    many()
    page = look(client, person(Role.AUDITOR), EXCHANGE, day="115.07.15", phase="home")
    assert [row[0].split()[0] for row in table(page)] == ["Y103", "Y104", "Y105"]
    page = look(client, person(Role.AUDITOR), EXCHANGE, day="115.07.16", phase="home")
    assert [row[0].split()[0] for row in table(page)] == ["Y103", "Y105"]


@pytest.mark.parametrize(
    ("search", "codes"),
    [("丙", ["Y103"]), ("y10", ["Y101", "Y101", "Y102", "Y103", "Y104", "Y105", "Y106"]), ("103", []), ("無", []),
     ("%", []), ("\x00", [])],
)  # fmt: skip
def test_search_by_name_or_code(client: Client, search: str, codes: list[str]) -> None:
    many()
    page = look(client, person(Role.OFFICER), EXCHANGE, q=search)
    assert [row[0].split()[0] for row in table(page)] == codes
    assert ("沒有符合條件的證券商" in text_of(parse(page))) == (not codes)


def test_a_filter_that_there_is_not(client: Client) -> None:
    assert look(client, person(Role.OFFICER), EXCHANGE, phase="all").status_code == 404


def test_pages_of_firms(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    many()
    officer = person(Role.OFFICER)
    seen, address = [], EXCHANGE + "?q=y10"
    for _ in range(3):
        page = look(client, officer, address)
        seen.append(sorted({row[0].split()[0] for row in table(page)}))
        address = page.context["next_url"]
    assert seen == [["Y101", "Y102"], ["Y103", "Y104"], ["Y105", "Y106"]]
    assert address == ""
    back = look(client, officer, page.context["previous_url"])
    assert sorted({row[0].split()[0] for row in table(back)}) == ["Y103", "Y104"]
    first = look(client, officer, back.context["previous_url"])
    assert first.context["previous_url"] == ""
    assert sorted({row[0].split()[0] for row in table(first)}) == ["Y101", "Y102"]


def exported(client: Client, officer: User, kind: str, **query: str) -> list[list[str]]:
    """What the worker's file has, row by row, every cell a text."""
    page = look(client, officer, EXCHANGE, **query)
    posted = client.post(page.context["export_url"], {"key": page.context["export_key"], "format": kind})
    job = Job.objects.latest("pk")
    assert posted["Location"] == f"/jobs/{job.pk}/"
    export_ledger(job.pk)
    data = b"".join(client.get(f"/jobs/{job.pk}/file/").streaming_content)  # type: ignore[attr-defined]
    job.refresh_from_db()
    assert job.name == f"ledger-{job.arguments['day']}.{kind}"
    if kind == "csv":
        assert data.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(StringIO(data.decode("utf-8-sig"))))
    sheet = load_workbook(BytesIO(data)).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    return [[cell.value or "" for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_by_a_worker(client: Client, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    firms = many()
    FirmFactory.create(broker_code="Y107", name="=cmd|'/c calc'!A1")
    monkeypatch.setattr(exports, "FIRMS", 3)
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **more: None)
    officer = person(Role.OFFICER)
    rows = exported(client, officer, kind, q="y10", day="115/11/20")
    assert rows[0][:6] == ["基準日", "證券商代號", "證券商", "業務項目", "案號", "狀態"]
    assert {len(row) for row in rows} == {17}
    assert [row[1] for row in rows[1:]] == ["Y101", "Y101", "Y102", "Y103", "Y104", "Y105", "Y106", "Y107"]
    case = Application.objects.get(firm=firms["Y101"].firm)
    assert rows[1] == [
        "2026-11-20", "Y101", "甲證券", DEALER, str(case), "即將屆滿", "2026-09-01", "2026-11-30", "", "10",
        "2026-09-01", "2027-01-31", "2027-08-31", "否",
        "2026-11-30", "是", "115 年 11 月 30 日 24 時前送出者，仍屬期限內。",
    ]  # fmt: skip
    assert rows[5][8] == "2026-07-15"
    assert rows[8][2] == "'=cmd|'/c calc'!A1"
    assert [row[1] for row in exported(client, officer, kind, phase="ended")[1:]] == ["Y104"]


def test_export_asks_for_a_day_and_a_format_that_it_knows(client: Client) -> None:
    client.force_login(person(Role.OFFICER))
    unread = client.post("/review/ledger/export/?day=%3F", {"key": "k", "format": "csv"})
    assert "看不懂日期" in text_of(parse(unread))
    assert client.post("/review/ledger/export/", {"key": "k", "format": "exe"}).status_code == 404
    assert not Job.objects.exists()


def test_an_extension_under_way_is_shown_but_no_draft_to_the_exchange(client: Client) -> None:
    people = People()
    case = people.approved(("dealer", "2026-09-01", "2026-11-30"))
    extension = people.case("extension", Status.DRAFT, previous=case)
    Application.objects.filter(pk=extension.pk).update(number=None, submitted_at=None)
    officer = person(Role.OFFICER)
    assert table(look(client, people.preparer, FIRM))[0][5].startswith(f"不得申請 延展案 草稿 {extension.pk} 辦理中")
    page = look(client, officer, EXCHANGE)
    assert table(page)[0][5].startswith("可申請")
    assert f"草稿 {extension.pk}" not in page.content.decode()
    Application.objects.filter(pk=extension.pk).update(
        number="WFH-115-77777", submitted_at=AT, status=Status.UNDER_REVIEW
    )
    assert table(look(client, officer, EXCHANGE))[0][5] == "不得申請 延展案 WFH-115-77777 辦理中，不得重複申請。"


# --- queries -------------------------------------------------------------------


def asked(client: Client, user: User, address: str, **query: str) -> int:
    client.force_login(user)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, query).status_code == 200
    return len(statements(captured))


def grow(people: People, years: int) -> None:
    for year in range(2000, 2000 + years):
        people.approved(("dealer", f"{year}-01-01", f"{year}-03-31"), ("clearing", f"{year}-01-01", f"{year}-03-31"))


def test_queries_are_flat_in_the_number_of_periods(client: Client) -> None:
    officer = person(Role.OFFICER)
    people = People()
    people.approved(("dealer", "2026-09-01", "2026-11-30"))
    pages = [(people.preparer, FIRM), (people.preparer, "/"), (officer, EXCHANGE)]
    few = [asked(client, user, address) for user, address in pages]
    grow(people, 20)
    grow(People(), 20)
    assert [asked(client, user, address) for user, address in pages] == few
    assert [few[0], few[2]] == [10, 9]  # three of the first for who is at home
