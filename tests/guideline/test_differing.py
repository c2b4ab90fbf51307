"""What changes between versions, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from guideline import catalogue
from guideline.catalogue import Version, Words
from guideline.differing import Change, differences, dropped_places

SOURCE = (catalogue.FOLDER / "112-10-03.toml").read_text(encoding="utf-8")
NOW = catalogue.load("112-10-03")
BEFORE = catalogue.load("111-10-06")


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Version:
    text = SOURCE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    return catalogue.read(path)


def test_a_version_does_not_differ_from_itself() -> None:
    assert differences(NOW, NOW) == ()
    assert dropped_places(NOW, NOW) == frozenset()


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("months = 3\n", "months = 2\n", Change("期間", "上限由「3 個月」改為「2 個月」")),
        (
            'route = ["review", "endorse"]\noutcome = { zh = "核備"',
            'route = ["review", "forward", "authority"]\noutcome = { zh = "核准"',
            Change("申請類型及程序", "「延展」之程序由「審查→交易所核備」改為「審查→轉報→主管機關決定」"),
        ),
        (
            'zh = "臺灣證券交易所"',
            'zh = "證券櫃檯買賣中心"',
            Change("公告", "交易所名稱修正文字", "臺灣證券交易所", "證券櫃檯買賣中心"),
        ),
        (
            "營業處所員工有發生確診病例。",
            "營業處所員工有發生確診病例者。",
            Change(
                "項目",
                "項目 壹、二（1.2）條文修正文字",
                "營業處所員工有發生確診病例。",
                "營業處所員工有發生確診病例者。",
            ),
        ),
        (
            '  { name = "region", type = "line", label = { zh = "影響地區", en = "Region" } },\n',
            "",
            Change("項目", "項目 壹、一（1.1）刪除欄位 region「影響地區」"),
        ),
        (
            '{ name = "region", type = "line",',
            '{ name = "region", type = "text", required = true,',
            Change("項目", "項目 壹、一（1.1）欄位 region「影響地區」必填由「否」改為「是」"),
        ),
        (
            'id = "weekly", zh = "每週"',
            'id = "weekly", zh = "每星期"',
            Change(
                "項目", "項目 參、一（五）（3.1.5）欄位 interval「確認頻率」之選項 weekly修正文字", "每週", "每星期"
            ),
        ),
        (
            "months = 6\n\n[[duty]]",
            "months = 12\n\n[[duty]]",
            Change("定期義務", "義務「居家辦公教育訓練及宣導」之頻率由「每 6 個月」改為「每 12 個月」"),
        ),
        (
            "value = 10\n",
            "value = 14\n",
            Change("本系統參數，非指引所定", "參數「補正期限（日曆天）」由「10」改為「14」"),
        ),
        (
            'licences = ["broker"]',
            'licences = ["broker", "dealer"]',
            Change("業務", "業務「受託買賣作業及交易作業」所需許可證照由「broker」改為「broker、dealer」"),
        ),
        (
            'rule = [{ name = "not_after_submission", field = "event_on" }]\n',
            "",
            Change("項目", "項目 壹、一（1.1）刪除規則 not_after_submission（field=event_on）"),
        ),
    ],
)
def test_a_change_is_said_in_words(tmp_path: Path, old: str, new: str, change: Change) -> None:
    assert change in differences(NOW, changed(tmp_path, (old, new)))


def test_an_item_that_is_added_is_dropped_the_other_way_round(tmp_path: Path) -> None:
    start = SOURCE.index('[[section.item]]\nid = "3.4.4"')
    item = SOURCE[start : SOURCE.index("[[section]]", start)]
    less = changed(tmp_path, (item, ""))
    text = "居家辦公者如須進行視訊會議，應強化遠距連線安全控管。"
    assert differences(NOW, less) == (Change("項目", "刪除項目 參、四（四）（3.4.4）「視訊會議安全」", old=text),)
    assert differences(less, NOW) == (Change("項目", "新增項目 參、四（四）（3.4.4）「視訊會議安全」", new=text),)
    names = {"answer", "chosen", "text", "note", "platform", "waiting_room", "local_recording", "link_hours"}
    assert dropped_places(NOW, less) == {("3.4.4", name) for name in names}
    assert dropped_places(less, NOW) == frozenset()


def test_a_moved_entry_is_a_change(tmp_path: Path) -> None:
    first, second = (
        '  { id = "daily", zh = "每日", en = "Daily" },\n',
        '  { id = "weekly", zh = "每週", en = "Weekly" },\n',
    )
    moved = changed(tmp_path, (first + second, second + first))
    assert differences(NOW, moved) == (Change("其他", "僅次序有調整"),)


def variants(value: Any) -> Iterator[Any]:
    """The same with one leaf changed, for every leaf in it."""
    if isinstance(value, str):
        yield value + "x"
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, Words):
        yield replace(value, zh=value.zh + "甲")
        yield replace(value, en=value.en + "x")
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.name == "wording":  # said once for the whole version
                continue
            for other in variants(getattr(value, field.name)):
                yield replace(value, **{field.name: other})
    elif isinstance(value, tuple) and value:
        yield value[1:]
        for other in variants(value[0]):
            yield (other, *value[1:])


def test_every_leaf_that_changes_is_said() -> None:
    """Of each kind of thing the first; ids and places may change into something that nothing leads to."""
    silent = []
    for field in fields(Version):
        if field.name in {"meaning", "borrowed", "reconstruction", "premises"}:
            continue
        for other in variants(getattr(NOW, field.name)):
            try:
                said = differences(NOW, replace(NOW, **{field.name: other}))
            except (KeyError, StopIteration):  # no version that was read: its lines, kinds and steps lead somewhere
                continue
            if not said or said[0].heading == "其他":
                silent.append((field.name, other))
    assert silent == []


def test_from_111_to_112() -> None:
    said = [change.text for change in differences(BEFORE, NOW)]
    assert "「延展」之程序由「審查→轉報→主管機關決定」改為「審查→交易所核備」" in said
    assert "刪除業務「其他業務」" in said
    assert "刪除類型「申報備查」" in said
    assert "期間規定之條次由「2.2.1」改為「2.1.2」" in said
    assert f"舊版有 {len(BEFORE.borrowed)} 條條文借用他版之文字，文字有無修正無從比較" in said
    option = "項目 壹、三（1.3）欄位 hit「受影響之職務」欄位 measure「措施」新增選項「其他主管機關所為之措施」"
    assert option in said
