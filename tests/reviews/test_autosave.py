"""Verdicts and comments save themselves while the officer types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from applications.models import Application, Event
from reviews.models import Verdict
from tests.applications import pages
from tests.applications.test_autosave import said
from tests.factories import Cast, taken_case
from tests.reviews.cases import later

pytestmark = pytest.mark.django_db
AUTO = {"autosave": "1"}
ITEM = "v-2.2.9"


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def case(cast: Cast, client: Client) -> Iterator[Application]:
    case, _ = taken_case(cast)
    client.force_login(cast.officer)
    with time_machine.travel(later(case), tick=False):
        yield case


def url(case: Application) -> str:
    return f"/review/{case.pk}/2.2.9/"


def recorded(case: Application) -> list[Any]:
    return list(Event.objects.filter(application=case, what="judge").order_by("id").values_list("detail", flat=True))


def test_verdict_and_comment_are_kept_and_sealed_each_time(client: Client, case: Application) -> None:
    page = pages.form(client.get(url(case)), url(case))
    for number, comment in enumerate(("請", "請補", "請補充作業方式。")):
        data = page | AUTO | {f"{ITEM}-verdict": "correct", f"{ITEM}-comment": comment, f"{ITEM}-revision": str(number)}
        answer = client.post(url(case), data)
        assert (answer.status_code, said(answer)[:3]) == (200, "已儲存")
        inputs = {node.get("name"): node.get("value") for node in pages.parse(answer).iter("input")}
        assert inputs == {f"{ITEM}-revision": str(number + 1)}
    assert list(Verdict.objects.values_list("verdict", "comment")) == [("correct", "請補充作業方式。")]
    verdicts = [["", "correct"], ["correct", "correct"], ["correct", "correct"]]
    assert [one["items"] for one in recorded(case)] == [{"2.2.9": change} for change in verdicts]
    client.post(url(case), page | AUTO | {f"{ITEM}-verdict": "ok", f"{ITEM}-comment": "", f"{ITEM}-revision": "3"})
    assert [one["items"] for one in recorded(case)][3:] == [{"2.2.9": ["correct", "ok"]}]


def test_what_another_tab_said_is_not_written_over(client: Client, case: Application) -> None:
    page = pages.form(client.get(url(case)), url(case))
    client.post(url(case), page | {f"{ITEM}-verdict": "ok", "then": "stay"})
    answer = client.post(url(case), page | AUTO | {f"{ITEM}-verdict": "correct", f"{ITEM}-comment": "另一個意見"})
    assert (answer.status_code, said(answer)) == (409, "未儲存：有項目已由他人另行儲存。")
    assert Verdict.objects.get().verdict == "ok"
    both = client.post(
        url(case), page | {f"{ITEM}-verdict": "correct", f"{ITEM}-comment": "另一個意見", "then": "stay"}
    )
    assert both.status_code == 409
    assert "另一個意見" in both.content.decode()
    assert b"hx-post" not in both.content  # it would keep mine without being asked


def test_a_case_that_moved_on_and_a_comment_too_long(client: Client, case: Application, cast: Cast) -> None:
    page = pages.form(client.get(url(case)), url(case))
    answer = client.post(url(case), page | AUTO | {f"{ITEM}-comment": "字" * 10_001})
    assert (answer.status_code, said(answer)) == (409, "未儲存：內容有誤，須更正。")
    Application.objects.update(officer=cast.other_officer)
    client.force_login(cast.other_officer)
    answer = client.post(url(case), page | AUTO | {"submission": "7", f"{ITEM}-verdict": "ok"})
    assert (answer.status_code, said(answer)) == (409, "未儲存：這一頁目前不能修改。")
    assert not Verdict.objects.exists()
