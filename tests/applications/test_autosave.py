"""A page that saves itself: kept as by a button, told in one line, recorded once; nothing of a colleague is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.enums import Role
from applications.actions import filing
from applications.models import Application, Attachment, Event, Section
from tests.applications import pages
from tests.applications.test_wizard_conflicts import opened, pdf, text, url
from tests.factories import FILED_AT, Cast, draft, person

pytestmark = pytest.mark.django_db

TEXT = "2_2_9__text"
AUTO = {"autosave": "1"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(FILED_AT, tick=False) as traveller:
        yield traveller


def said(answer: Any) -> str:
    """The line at the foot of the page."""
    found = [node for node in pages.parse(answer).iter("p") if node.get("class") == "autosave__state"]
    return pages.text_of(found[0])


def revision(answer: Any) -> str:
    return next(node.get("value", "") for node in pages.parse(answer).iter("input") if node.get("name") == "revision")


def events(case: Application) -> list[Any]:
    return list(Event.objects.filter(application=case, what="save").order_by("id").values_list("actor__name", "detail"))


def test_it_is_kept_and_the_page_goes_on_from_there(client: Client, case: Application, clock: Any) -> None:
    page = opened(client, case)
    answer = client.post(url(case), page | AUTO | {TEXT: "一半的句子"})
    assert (answer.status_code, said(answer), revision(answer)) == (200, "已儲存 16:48", "1")
    assert text(case) == "一半的句子"
    clock.shift(timedelta(minutes=1))
    answer = client.post(url(case), page | AUTO | {TEXT: "整個句子", "revision": "1"})
    assert (said(answer), revision(answer), text(case)) == ("已儲存 16:49", "2", "整個句子")
    assert client.post(url(case), page | {TEXT: "整個句子。", "revision": "2", "next": "1"}).status_code == 302


def test_what_cannot_be_read_is_kept_as_typed(client: Client, case: Application) -> None:
    typed = {"revision": "0", "2_2_5_2__explained_on": "115/13/45"}
    assert said(client.post(url(case, "2.2.5"), AUTO | typed)) == "已儲存 16:48"
    assert pages.stored(case, "2.2.5").answers["2.2.5.2"]["explained_on"] == "115/13/45"


def test_one_piece_of_work_is_one_event(client: Client, case: Application, cast: Cast, clock: Any) -> None:
    page = opened(client, case)

    def type_in(what: str, **more: str) -> None:
        data = page | AUTO | {TEXT: what, "revision": str(Section.objects.get().revision)} | more
        assert client.post(url(case), data).status_code == 200

    client.post(url(case), page | AUTO | {TEXT: "甲"})
    for what in ("甲乙", "甲乙丙", "甲乙丙"):
        type_in(what)
    mine = ("甲填報", {"section": "2.2.9", "items": ["2.2.9"]})
    assert events(case) == [mine]
    assert Section.objects.get().revision == 3  # the last of them said nothing new
    clock.shift(timedelta(minutes=10))
    type_in("甲乙丙丁")
    assert events(case) == [mine, mine]
    client.post(url(case), page | {TEXT: "甲乙丙丁", "revision": "4", "next": "1"})
    assert events(case)[2:] == [("甲填報", {"section": "2.2.9", "items": []})]  # a button is recorded always
    type_in("甲乙丙丁戊")
    assert events(case)[3:] == [mine]  # the button's says nothing of this item


def test_another_item_and_another_person_are_recorded(client: Client, case: Application, cast: Cast) -> None:
    client.post(url(case, "2.2.5"), AUTO | {"revision": "0", "2_2_5_1__text": "甲"})
    client.post(url(case, "2.2.5"), AUTO | {"revision": "1", "2_2_5_1__text": "甲", "2_2_5_3__text": "乙"})
    client.force_login(person(Role.PREPARER, firm=cast.firm, name="丙同仁"))
    client.post(url(case, "2.2.5"), AUTO | {"revision": "2", "2_2_5_1__text": "丙", "2_2_5_3__text": "乙"})
    assert events(case) == [
        ("甲填報", {"section": "2.2.5", "items": ["2.2.5.1"]}),
        ("甲填報", {"section": "2.2.5", "items": ["2.2.5.3"]}),
        ("丙同仁", {"section": "2.2.5", "items": ["2.2.5.1"]}),
    ]


def test_a_colleagues_text_is_not_written_over(client: Client, case: Application, cast: Cast) -> None:
    mine = opened(client, case)
    client.force_login(person(Role.PREPARER, firm=cast.firm, name="丙同仁"))
    client.post(url(case), opened(client, case) | {TEXT: "同仁的內容", "next": "1"})
    client.force_login(cast.preparer)
    answer = client.post(url(case), mine | AUTO | {TEXT: "我的內容"})
    assert (answer.status_code, revision(answer)) == (409, "0")
    assert said(answer) == "未儲存：丙同仁 於 115 年 11 月 6 日 16:48 更新了這一頁。"
    assert text(case) == "同仁的內容"
    button = next(pages.parse(answer).iter("button"))
    there = client.post(url(case), mine | {TEXT: "我的內容", button.get("name", ""): button.get("value", "")})
    assert there.status_code == 409
    keep = pages.form(there, url(case))
    assert (keep[TEXT], keep["revision"]) == (["我的內容"], ["1"])


def test_a_save_whose_answer_was_lost_is_no_conflict(client: Client, case: Application) -> None:
    page = opened(client, case)
    for _ in range(2):
        answer = client.post(url(case), page | AUTO | {TEXT: "送出後斷線"})
        assert (answer.status_code, revision(answer)) == (200, "1")
    assert len(events(case)) == 1


def test_a_signed_off_case_is_not_taken_back(client: Client, cast: Cast) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    page = opened(client, case)
    filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
    answer = client.post(url(case), page | AUTO | {TEXT: "改", "reopen": "1"})
    assert (answer.status_code, said(answer)) == (409, "未儲存：本案已送內部覆核。")
    case.refresh_from_db()
    assert case.status == "internal_review"
    assert b"hx-post" not in client.get(url(case)).content


def test_a_file_waits_for_a_button(client: Client, case: Application) -> None:
    data = opened(client, case) | AUTO | {TEXT: "文字", "ev-2.2.9-file": pdf(), "ev-2.2.9-place": "3"}
    assert client.post(url(case), data).status_code == 200
    assert (text(case), Attachment.objects.count()) == ("文字", 0)


def test_it_is_for_whoever_may_write(client: Client, case: Application, cast: Cast) -> None:
    client.force_login(cast.checker)
    assert b"hx-post" not in client.get(url(case)).content
    assert client.post(url(case), AUTO | {"revision": "0", TEXT: "x"}).status_code == 409
    client.force_login(Cast().preparer)
    assert client.post(url(case), AUTO | {"revision": "0", TEXT: "x"}).status_code == 404
    assert not Section.objects.exists()


def test_a_page_taken_over_is_confirmed_by_a_button_alone(client: Client, cast: Cast) -> None:
    case = draft(cast)
    Section.objects.filter(application=case, section_id="2.2.9").update(carry="offered")
    client.force_login(cast.preparer)
    page = opened(client, case)
    assert client.post(url(case), page | AUTO).status_code == 200
    assert pages.stored(case, "2.2.9").carry == "offered"
