"""Old against new, down to the word."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from applications.comparing import Marked, Piece, compare, mark
from applications.models import Event
from tests.applications.printed import filed
from tests.factories import filed_case, resubmit, returned_case

pytestmark = pytest.mark.once

TEXTS = st.text(st.sampled_from("甲乙丙。，\nab1 "), max_size=60)


def joined(side: Marked, *, changed: bool | None = None) -> str:
    return "".join(piece.text for piece in side if changed is None or piece.changed is changed)


@given(TEXTS, TEXTS)
def test_sides_are_the_texts_and_what_is_not_marked_is_in_both(old: str, new: str) -> None:
    left, right = mark(old, new)
    assert (joined(left), joined(right)) == (old, new)
    assert joined(left, changed=False) == joined(right, changed=False)
    assert (old == new) == (not any(piece.changed for piece in (*left, *right)))
    for side in (left, right):
        assert all(one.changed != other.changed for one, other in pairwise(side))


def test_words_and_characters_are_marked() -> None:
    left, right = mark("居家 12 人，由資訊部連線。每日稽核。", "居家 115 人，由資訊部連線。每週稽核。")
    assert [piece.text for piece in left if piece.changed] == ["12", "日"]
    assert [piece.text for piece in right if piece.changed] == ["115", "週"]


def test_a_text_that_is_all_other_is_marked_as_a_whole() -> None:
    assert mark("保護措施另訂之", "補正後的新說明") == (
        (Piece("保護措施另訂之", True),),
        (Piece("補正後的新說明", True),),
    )


def test_long_texts_do_not_take_long() -> None:
    left, right = mark("甲。\n" * 100_000, "甲。\n" * 40_000 + "乙。\n" + "甲。\n" * 60_000)
    assert (joined(left, changed=True), joined(right, changed=True)) == ("", "乙。\n")
    left, right = mark("甲。\n" * 100_000, "乙。\n" + "甲。\n" * 100_000 + "丙")  # too much to be looked into
    assert (left[0].changed, right[0].changed) == (True, True)
    left, right = mark("ab" * 20_000, "ba" * 20_001)  # one word
    assert (left[0].changed, right[0].changed) == (True, True)


def changed(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(filed()) | changes


def test_same_content_is_the_same() -> None:
    assert compare(filed(), filed()).same


def test_items_files_people_and_facts_that_differ_are_found() -> None:
    old, new = filed(), changed(last_day="2027-01-31", submission=2)
    new["answers"]["2.2.9"]["text"] += "另設獨立專線。"
    new["answers"]["2.2.12"]["note"] = "補訓一場"
    proof = new["evidence"]["2.2.8"][0]
    new["evidence"]["2.2.8"] = [proof | {"sha256": "ab" * 32}]
    gone, moved = new["roster"].pop(0), new["roster"][0]
    moved |= {"place": "office" if moved["place"] != "office" else "home"}
    new["roster"].append(moved | {"staff_no": "X999", "name": "新到職"})
    found = compare(old, new)
    assert [(label, joined(after)) for label, _before, after in found.facts] == [("迄日", "116 年 1 月 31 日")]
    assert [one.view.item.id for one in found.items] == ["2.2.8", "2.2.9", "2.2.12"]
    text = found.items[1].new or ()
    assert [piece.text for said in text for piece in said.text if piece.changed] == ["另設獨立專線。"]
    note = {said.label: joined(said.text) for said in found.items[2].new or ()}["說明"]
    assert note == "補訓一場"
    assert [file.sha256 for file in found.files_added] == ["ab" * 32]
    assert [file.items for file in found.files_added] == [("貳、二（八）",)]
    people = [(one.staff_no, one.added, one.removed, [label for label, *_both in one.cells]) for one in found.people]
    assert people == [
        (gone["staff_no"], False, True, []),
        (moved["staff_no"], False, False, ["辦公方式"]),
        ("X999", True, False, []),
    ]
    back = compare(new, old)
    assert [one.staff_no for one in back.people if one.removed] == ["X999"]
    assert [one.view.item.id for one in back.items] == ["2.2.8", "2.2.9", "2.2.12"]


def test_a_row_of_a_table_is_marked_inside_and_a_new_one_as_a_whole() -> None:
    old, new = filed(), changed()
    rows = new["answers"]["2.2.12"]["sessions"]
    rows.append(dict(rows[0]))
    (one,) = compare(old, new).items
    (table,) = [said for said in one.new or () if len(said.rows) == len(rows)]
    marks = [{piece.changed for cell in row for piece in cell} for row in table.rows]
    assert marks == [*[{False}] * (len(rows) - 1), {True}]


def test_an_item_of_one_submission_alone_is_shown_with_its_side_empty() -> None:
    old, new = filed(), changed()
    new["pages"] = [page for page in new["pages"] if page != "2.2.9"]
    new["answers"].pop("2.2.9")
    (one,) = compare(old, new).items
    assert (one.view.item.id, one.new) == ("2.2.9", None)
    assert one.old


@pytest.mark.django_db
def test_page_compares_any_two_and_logs_who_read_of_people(client: Client, django_assert_num_queries: Any) -> None:
    case, cast = returned_case({"2.2.5.3": "請補充"})
    resubmit(case, cast, {"2.2.5.3": {"text": "補正後的新說明"}})
    address = f"/cases/{case.pk}/submissions/compare/"
    for user in (cast.checker, cast.officer):
        client.force_login(user)
        with django_assert_num_queries(5):  # session, person, case, numbers, two submissions
            page = client.get(address).content.decode()
        assert page.count('class="diff"') == 1
        assert '<ins><span class="visually-hidden">［新增：</span>補正後的新說明' in page
        assert '<del><span class="visually-hidden">［刪除：</span>' in page
    backwards = client.get(address, {"old": 2, "new": 1}).content.decode()
    assert '<del><span class="visually-hidden">［刪除：</span>補正後的新說明' in backwards
    assert "兩次送件之內容相同" in client.get(address, {"old": 1, "new": 1}).content.decode()
    for query in ({"old": 3}, {"new": "x"}, {"old": 0}):
        assert client.get(address, query).status_code == 404
    assert not Event.objects.filter(what="roster_read").exists()
    second = case.submissions.get(number=2)
    person = second.content["roster"][0]["name"]
    case.submissions.filter(number=2).update(payload=second.payload.replace(person, f"{person}改"))
    assert f"{person}<ins>" in client.get(address).content.decode()
    assert Event.objects.get(what="roster_read").detail == {"people": 1}


@pytest.mark.django_db
def test_one_submission_has_nothing_to_be_compared_with(client: Client) -> None:
    case, cast = filed_case()
    client.force_login(cast.preparer)
    assert "本案僅有一次送件" in client.get(f"/cases/{case.pk}/submissions/compare/").content.decode()
