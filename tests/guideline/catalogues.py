"""Random valid catalogues: a small announcement whose items ask for anything that the format knows."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from tests.guideline.changing import Raw, raw, words

SIMPLE = ("line", "text", "date", "time", "int", "yesno", "choice", "choices", "url", "email", "phone")
PICKED = ("yesno", "choice")
SECTION = "9"
LINES = ("brokerage", "dealer")
OFTEN = st.sampled_from([True, True, False])


def base() -> Raw:
    """The least that a version has to say: two lines, one kind of filing, a period; and no section of ours."""
    said = raw()
    scope = {
        "id": "1",
        "number": "一",
        "title": words("範圍", "Scope"),
        "zh": "申請之期間及業務。",
        "always": True,
        "plain": True,
        "field": [
            {"name": "first_day", "type": "date", "label": words("起日", "x")},
            {"name": "last_day", "type": "date", "label": words("迄日", "x")},
            {"name": "lines", "type": "choices", "options_from": "lines", "label": words("業務", "x")},
        ],
    }
    return {
        "announcement": said["announcement"] | {"id": "random", "announced": date(2027, 1, 1)},
        "period": {"clause": "1", "months": 3, "extensions": 0},
        "line": [line for line in said["line"] if line["id"] in LINES],
        "kind": [said["kind"][0] | {"clause": "1"}],
        "parameter": said["parameter"],
        "group": [{"id": "all", "zh": "全部"}],
        "meaning": {"first_day": "1/first_day", "last_day": "1/last_day", "lines": "1/lines"},
        "section": [
            {
                "id": "1",
                "group": "all",
                "number": "一",
                "title": words("範圍", "x"),
                "task": words("範圍", "x"),
                "roster": True,
                "item": [scope],
            }
        ],
    }


def _options(draw: Any) -> list[Raw]:
    return [{"id": f"o{n}", "zh": f"選項{n}"} for n in range(draw(st.integers(1, 4)))]


def _values(field: Raw) -> list[str]:
    return ["yes", "no"] if field["type"] == "yesno" else [one["id"] for one in field["options"]]


@st.composite
def _field(draw: Any, name: str, before: list[Raw], *, table: bool = True) -> Raw:
    """A field, or a column (``table=False``); it may depend on a choice among those ``before`` it."""
    kinds = st.sampled_from((*SIMPLE, "int", *["choice"] * 4, *["yesno"] * 2))  # others depend on a choice
    kind = draw(st.one_of(kinds, kinds, st.just("table")) if table else kinds)
    field: Raw = {"name": name, "type": kind, "label": words(f"欄{name}", name), "required": draw(OFTEN)}
    if kind in {"choice", "choices"}:
        if kind == "choices" and draw(st.booleans()):
            field["options_from"] = "lines"
        else:
            field["options"] = _options(draw)
    if kind == "int":
        field["minimum"] = draw(st.sampled_from([0, 1, 4, 5]))
    if kind == "table":
        field["rows"] = draw(st.sampled_from(["free", "lines", "fixed"]))
        if field["rows"] == "fixed":
            field["row"] = [{"id": f"r{n}", "zh": f"列{n}"} for n in range(draw(st.integers(1, 3)))]
        if field["rows"] == "free":
            field["minimum"] = draw(st.integers(0, 3))
        columns: list[Raw] = []
        for number in range(draw(st.integers(2, 4))):
            columns.append(draw(_field(f"c{number}", columns, table=False)))
        field["column"] = columns
    asked = [one for one in before if one["type"] in PICKED]
    if asked and draw(OFTEN):
        other = draw(st.sampled_from(asked))
        chosen = draw(st.lists(st.sampled_from(_values(other)), min_size=1, unique=True))
        field["needs"] = {"field": other["name"], "is": chosen}
    return field


@st.composite
def _item(draw: Any, number: int) -> Raw:
    shape = draw(st.sampled_from(["plain", "always", "trigger", "usual", "usual"]))
    fields: list[Raw] = []
    for place in range(draw(st.integers(1, 4))):
        fields.append(draw(_field(f"f{place}", fields)))
    item: Raw = {
        "id": f"{SECTION}.{number}",
        "number": f"九（{number}）",
        "title": words(f"項目{number}", f"Item {number}"),
        "zh": f"第{number}項。",
        "field": fields,
    }
    item |= {"plain": {"plain": True, "always": True}, "always": {"always": True}, "trigger": {"trigger": True}}.get(
        shape, {}
    )
    if draw(st.booleans()):
        item["evidence"] = [{"kind": "proof", "label": words("佐證", "Evidence"), "required": draw(st.booleans())}]
    return item


@st.composite
def catalogues(draw: Any) -> Raw:
    """A document that the checker accepts, with one random section."""
    said = base()
    items = [draw(_item(number)) for number in range(1, draw(st.integers(1, 3)) + 1)]
    said["period"]["months"] = draw(st.integers(1, 36))
    said["section"].append(
        {
            "id": SECTION,
            "group": "all",
            "number": "九",
            "title": words("隨機", "x"),
            "task": words("隨機", "x"),
            "item": items,
        }
    )
    return said


GOOD = {
    "line": ["一行"],
    "text": ["幾行\n字"],
    "date": ["115/11/30", "2026-11-30", "民國115年2月28日", "１１５.１１.３０"],
    "time": ["8:30", "24:00", "０８：３０"],
    "int": ["0", "1", "4", "1,000", "４２"],
    "yesno": ["yes", "no"],
    "url": ["https://example.com/a"],
    "email": ["name@example.com"],
    "phone": ["(02)5550-1234"],
}
BAD = {
    "date": ["115/02/30", "115-13-1", "昨天"],
    "time": ["24:01", "8", "早上"],
    "int": ["-1", "1.5", "十"],
    "yesno": ["na"],
    "choice": ["o9"],
    "choices": ["o9"],
    "url": ["http://example.com", "https://x"],
    "email": ["name", "a@b"],
    "phone": ["123"],
}


@st.composite
def typed(draw: Any, field: Raw) -> Any:
    """What a person types or presses: something, rarely nonsense, sometimes nothing."""
    kind, lot = field["type"], draw(st.integers(0, 9))
    if kind == "choices":
        known = list(LINES) if "options_from" in field else _values(field)
        return [*BAD[kind]] if lot == 0 else draw(st.lists(st.sampled_from(known), unique=True))
    if lot == 0 and kind in BAD:
        return draw(st.sampled_from(BAD[kind]))
    if lot < 4:
        return draw(st.sampled_from(["", "  "] if kind not in {*PICKED} else [""]))
    return draw(st.sampled_from(_values(field) if kind == "choice" else GOOD[kind]))


@st.composite
def rows(draw: Any, field: Raw) -> list[dict[str, Any]]:
    keys = {"lines": LINES, "fixed": tuple(one["id"] for one in field.get("row", ()))}.get(field["rows"])
    marks = [{"key": key} for key in keys] if keys else [{}] * draw(st.integers(0, 3))
    return [mark | {column["name"]: draw(typed(column)) for column in field["column"]} for mark in marks]


@st.composite
def answers(draw: Any, item: Raw) -> dict[str, Any]:
    """What a person says to an item, field by field, as a browser sends it."""
    said: dict[str, Any] = {}
    if not item.get("plain"):
        own = ["yes", "yes", "yes", "no", ""] if item.get("trigger") else ["yes", "yes", "yes", "no", "na", ""]
        said["chosen" if item.get("trigger") else "answer"] = draw(st.sampled_from(own))
        said |= {"text": draw(st.sampled_from(["說明", "說明", " "])), "note": draw(st.sampled_from(["註", ""]))}
    for field in item["field"]:
        said[field["name"]] = draw(rows(field) if field["type"] == "table" else typed(field))
    return said
