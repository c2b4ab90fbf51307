"""Stored values in words, for readers of Chinese and of English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from applications.present import message, short_date, show_date, show_item, show_value, words
from guideline.catalogue import Field, Words, load
from guideline.examine import REQUIRED
from guideline.facts import Problem

VERSION = load("112-10-03")
FIELDS = {(item.id, field.name): field for item in VERSION.items() for field in item.fields}


def of_type(kind: str, **having: Any) -> Field:
    """The first field of the guideline of this type."""
    columns = [column for field in FIELDS.values() for column in field.columns]
    fits = (f for f in [*FIELDS.values(), *columns] if f.type == kind)
    return next(f for f in fits if all(getattr(f, name) == value for name, value in having.items()))


def test_every_type_of_the_guideline_is_shown_here() -> None:
    columns = [column for field in FIELDS.values() for column in field.columns]
    kinds = {field.type for field in [*FIELDS.values(), *columns]}
    assert kinds == {"date", "yesno", "choice", "choices", "table", *PLAIN}


PLAIN = {
    "line": " 王小明 ", "text": "一\n二", "int": 42, "time": "08:30", "url": "https://example.com/a",
    "email": "a@example.com", "phone": "(02)5550-1234",
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hant", "en"])
@pytest.mark.parametrize("kind", PLAIN)
def test_show_value_plain_is_as_it_was_typed(language: str, kind: str) -> None:
    with translation.override(language):
        assert show_value(of_type(kind), PLAIN[kind], VERSION) == str(PLAIN[kind])


@pytest.mark.parametrize(
    ("language", "value", "shown"),
    [
        ("zh-hant", "2026-11-30", "115 年 11 月 30 日"),
        ("en", "2026-11-30", "30 November 2026"),
        ("zh-hant", "十一月卅日", "十一月卅日"),
        ("zh-hant", "20261130", "20261130"),
        ("zh-hant", "2026-W48-1", "2026-W48-1"),
        ("zh-hant", None, ""),
        ("zh-hant", "  ", ""),
    ],
)
def test_show_value_date(language: str, value: Any, shown: str) -> None:
    with translation.override(language):
        assert show_value(of_type("date"), value, VERSION) == shown


@pytest.mark.parametrize(("value", "shown"), [("yes", "是"), ("no", "否"), ("maybe", "maybe"), (None, ""), ("", "")])
def test_show_value_yesno(value: Any, shown: str) -> None:
    assert show_value(of_type("yesno"), value, VERSION) == shown


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_show_value_choice(language: str) -> None:
    field = of_type("choice", options_from="")
    option = field.options[0]
    with translation.override(language):
        shown = show_value(field, option.id, VERSION)
        assert show_value(field, "unknown", VERSION) == "unknown"
    assert shown == (option.label.en or option.label.zh if language == "en" else option.label.zh)


@pytest.mark.parametrize(
    ("language", "shown"), [("zh-hant", ["受託買賣作業及交易作業", "結算及申報作業", "x"]), ("en", None)]
)
def test_show_value_choices_of_lines(language: str, shown: list[str] | None) -> None:
    field = of_type("choices", options_from="lines")
    expected = shown or [VERSION.line("brokerage").name.en, VERSION.line("clearing").name.en, "x"]
    with translation.override(language):
        comma = ", " if language == "en" else "、"
        assert show_value(field, ["brokerage", "clearing", "x"], VERSION) == comma.join(expected)
        assert show_value(field, [], VERSION) == ""


def item_of(item_id: str, answers: Mapping[str, Any]) -> Any:
    return show_item(VERSION.item(item_id), answers, (), VERSION)


def test_show_item_table_of_lines_names_its_rows_and_leaves_out_empty_ones() -> None:
    table = FIELDS["2.2.4", "procedures"]
    first, second = table.columns[:2]
    rows = [
        {"key": "brokerage", first.name: "在家", second.name: "差異"},
        {"key": "dealer", first.name: " ", second.name: None},
        {"key": "gone", first.name: "舊", second.name: ""},
    ]
    view = item_of("2.2.4", {"answer": "yes", "text": "說明", "note": "註", "procedures": rows})
    (shown,) = [one for one in view.fields if one.name == "procedures"]
    assert shown.head[:3] == ("", words(first.label), words(second.label))
    assert [row[:3] for row in shown.rows] == [("受託買賣作業及交易作業", "在家", "差異"), ("", "舊", "")]
    assert (view.answer, view.text, view.note) == ("是", "說明", "註")


def test_show_item_free_table_has_no_column_of_names() -> None:
    rows = [{"held_on": "2026-10-01", "session": "上午場"}, {}]
    (shown,) = [one for one in item_of("2.2.12", {"sessions": rows}).fields if one.name == "sessions"]
    assert shown.head[:2] == ("日期", "場次")
    assert [row[:2] for row in shown.rows] == [("115 年 10 月 1 日", "上午場")]


def test_show_item_of_an_empty_answer_is_empty() -> None:
    view = item_of("2.2.9", {})
    assert (view.answer, view.text, view.note, view.fields) == ("", "", "", ())


@pytest.mark.parametrize(
    ("item", "answers", "zh"),
    [("2.2.9", {"answer": "yes"}, "是"), ("2.2.9", {"answer": "no"}, "否"), ("2.2.9", {"answer": "na"}, "不適用"),
     ("2.2.9", {"answer": "也許"}, ""), ("1.1", {"chosen": "yes"}, "為申請條件"), ("1.1", {"chosen": "no"}, "不適用"),
     ("1.1", {"answer": "yes"}, "")],
)  # fmt: skip
def test_show_item_answer(item: str, answers: dict[str, str], zh: str) -> None:
    assert item_of(item, answers).answer == zh


@pytest.mark.parametrize(
    ("language", "long", "short"), [("zh-hant", "115 年 3 月 2 日", "115.03.02"), ("en", "2 March 2026", "2026-03-02")]
)
def test_dates(language: str, long: str, short: str) -> None:
    day = date(2026, 3, 2)
    with translation.override(language):
        assert (show_date(day), short_date(day)) == (long, short)
        assert (show_date(None), short_date(None)) == ("", "")


def test_message_of_a_problem_writes_out_labels_and_dates() -> None:
    problem = Problem("2.2.1", "first_day", REQUIRED, {"label": Words("首日", "First day")})
    assert message(problem) == "請填寫「首日」"
    late = Problem("2.2.1", "last_day", "迄日最遲為 {day}，「{name}」", {"day": date(2027, 2, 28), "name": "{x} & <b>"})
    assert message(late) == "迄日最遲為 116 年 2 月 28 日，「{x} & <b>」"
    with translation.override("en"):
        assert message(late) == "迄日最遲為 28 February 2027，「{x} & <b>」"
        assert "First day" in message(problem)


def test_words_without_english_are_chinese() -> None:
    with translation.override("en"):
        assert words(Words("中文", "")) == "中文"
        assert words(Words("中文", "English")) == "English"
    assert words(Words("中文", "English")) == "中文"
