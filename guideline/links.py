"""What the keys of a version file say of each other: ids used once, names that lead somewhere, routes that end.

Reads the raw tables, which fit ``guideline.format``; every fault has the path of the key that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import Any

from guideline.format import MOST_ROWS, PARAMETERS
from guideline.rule_links import check_faults, item_rule_faults, section_rule_faults
from guideline.shape import DECIDING, INTERVALS
from guideline.specs import Fault, Path
from guideline.tables import Raw, Tables

RESERVED = {"answer", "chosen", "text", "note", "evidence"}  # beside the fields of an item
RESERVED_COLUMNS = {"key", "remove", "rows"}  # beside the columns of a table
WHY = {"since", "months", "interval", "first", "last"}  # what the sentence of a duty may use
YES_NO, ANSWERS = ("yes", "no"), ("yes", "no", "na")


def faults(raw: Raw) -> Iterator[Fault]:
    """Everything that does not fit together.

    Args:
        raw: the file as tomllib reads it, without a fault by ``guideline.format.FORMAT``.
    """
    tables = Tables(raw)
    for key in ("line", "kind", "parameter", "duty", "group", "premise", "section"):
        yield from _once(raw.get(key, ()), (key,))
    for name, options in raw.get("choices", {}).items():
        yield from _once(options, ("choices", name))
    items = [((*path, "id"), item["id"]) for path, item in tables.placed_items()]
    seen: set[str] = set()
    for path, item_id in items:
        if item_id in seen:
            yield _doubled(path, item_id)
        seen.add(item_id)
    yield from _kinds(tables)
    yield from _sections(tables)
    yield from _meaning(tables, raw["meaning"], ("meaning",))
    yield from _own_pages(tables)
    yield from _notices(tables)
    yield from _parameters(tables)
    for number, duty in enumerate(raw.get("duty", ())):
        yield from _duty(tables, duty, ("duty", number))
    yield from check_faults(tables)


def _doubled(path: Path, name: str) -> Fault:
    return Fault(path, f"「{name}」重複，請改用其他代號")


def _once(entries: Iterable[Raw], path: Path, key: str = "id") -> Iterator[Fault]:
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        if entry[key] in seen:
            yield _doubled((*path, number, key), entry[key])
        seen.add(entry[key])


# --- filing kinds -------------------------------------------------------------------------------------------------


def _clause(tables: Tables, clause: str, path: Path) -> Iterator[Fault]:
    if clause not in tables.items and clause not in tables.premises:
        yield Fault(path, f"沒有條文 {clause}，請填 [[premise]] 或項目之 id")


def _kinds(tables: Tables) -> Iterator[Fault]:
    raw = tables.raw
    words: dict[str, str] = {}  # of the outcome -> the step that gives it
    for number, kind in enumerate(raw["kind"]):
        path: Path = ("kind", number)
        yield from _clause(tables, kind["clause"], (*path, "clause"))
        yield from _route(kind["route"], (*path, "route"))
        for place, line in enumerate(kind.get("lines", ())):
            if line not in tables.lines:
                yield Fault((*path, "lines", place), f"沒有業務 {line}，請填 [[line]] 之 id")
        outcome, step = kind["outcome"]["zh"], kind["route"][-1]
        if words.setdefault(outcome, step) != step:
            message = f"「{outcome}」已用於末步為 {words[outcome]} 之類型；不同決定之用語不得相同，請改寫"
            yield Fault((*path, "outcome"), message)
    known = {kind["id"] for kind in raw["kind"]}
    if "first" not in known:
        yield Fault(("kind",), "缺少 first（首次申請），請補上")
    if ("extension" in known) != (raw["period"]["extensions"] > 0):
        yield Fault(
            ("period", "extensions"), "與 [[kind]] 不符：得延展者須有類型 extension，不得延展者（0）不得有，請更正其一"
        )
    yield from _clause(tables, raw["period"]["clause"], ("period", "clause"))


def _own_pages(tables: Tables) -> Iterator[Fault]:
    """A kind that asks its own sections alone has some, and a section of some kinds is of kinds that there are."""
    known = {kind["id"] for kind in tables.raw["kind"]}
    named: set[str] = set()
    for number, section in enumerate(tables.raw["section"]):
        for place, kind in enumerate(section.get("kinds", ())):
            named.add(kind)
            if kind not in known:
                yield Fault(("section", number, "kinds", place), f"沒有類型 {kind}，請填 [[kind]] 之 id")
    ids = {section["id"] for section in tables.raw["section"]}
    for number, kind in enumerate(tables.raw["kind"]):
        path: Path = ("kind", number)
        yield from _meaning(tables, kind.get("meaning", {}), (*path, "meaning"))
        if kind.get("own_pages") and kind["id"] not in named and "asks" not in kind:
            yield Fault((*path, "own_pages"), "沒有任何一節之 kinds 含此類型，請補上、填 asks 或刪除 own_pages")
        if "asks" in kind and not kind.get("own_pages"):
            yield Fault((*path, "asks"), "只有 own_pages = true 之類型有 asks，請更正其一")
        for place, section_id in enumerate(kind.get("asks", ())):
            if section_id not in ids:
                yield Fault((*path, "asks", place), f"沒有章節 {section_id}，請填 [[section]] 之 id")
        if kind.get("own_pages") and kind.get("open_when", "always") == "always":
            yield Fault((*path, "open_when"), "own_pages 之類型沿用原案，須有 open_when 指明何時得申請，請補上")


def _notices(tables: Tables) -> Iterator[Fault]:
    """A kind whose route begins with a notice has pages for it, and finds first day and lines there; no other has."""
    sections = tables.raw["section"]
    routes = {kind["id"]: kind["route"] for kind in tables.raw["kind"]}
    for number, section in enumerate(sections):
        if section.get("notice") and not all(
            routes.get(kind, ["notice"])[0] == "notice" for kind in section.get("kinds", ("",))
        ):
            yield Fault(("section", number, "notice"), "通報之章節須以 kinds 指明程序含 notice 之類型，請更正")
    for number, kind in enumerate(tables.raw["kind"]):
        if kind["route"][0] != "notice":
            continue
        mine = [one for one in sections if one.get("notice") and kind["id"] in one.get("kinds", ())]
        if not mine:
            yield Fault(("kind", number, "route"), "程序含 notice（通報）者，須有 notice = true 之章節，請補上")
        items = {item["id"] for section in mine for item in section["item"]}
        for key in ("first_day", "lines"):
            if kind.get("meaning", {}).get(key, "").partition("/")[0] not in items:
                yield Fault(("kind", number), f"meaning.{key} 須在通報之章節內，請補上")


def _route(route: list[str], path: Path) -> Iterator[Fault]:
    if [step for step in route if step != "notice"][:1] != ["review"] or "notice" in route[1:]:
        yield Fault((*path, 0), "程序之首步須為 review（審查），或 notice（通報）而後 review，請更正")
    if route[-1] not in DECIDING:
        yield Fault(path, f"程序沒有終點：末步須為作成決定者（{'、'.join(DECIDING)}），請補上")
    if len(set(route)) < len(route) or any(step in DECIDING for step in route[:-1]):
        yield Fault(path, "各步至多一次，且作成決定之步驟僅得在末步，請更正")
    if ("forward" in route) != ("authority" in route):
        yield Fault(path, "forward（轉報）與 authority（主管機關決定）須同時存在，請更正")


# --- sections and items -------------------------------------------------------------------------------------------


def _sections(tables: Tables) -> Iterator[Fault]:
    groups = {group["id"] for group in tables.raw["group"]}
    rosters = 0
    for number, section in enumerate(tables.raw["section"]):
        path: Path = ("section", number)
        if section["group"] not in groups:
            yield Fault((*path, "group"), f"沒有群組 {section['group']}，請填 [[group]] 之 id")
        if "line" in section and section["line"] not in tables.lines:
            yield Fault((*path, "line"), f"沒有業務 {section['line']}，請填 [[line]] 之 id")
        rosters += section.get("roster", False)
        yield from section_rule_faults(tables, section, path)
        for place, item in enumerate(section["item"]):
            yield from _item(tables, item, (*path, "item", place))
    if rosters != 1:
        yield Fault(("section",), f"須恰有一節 roster = true（名冊），現有 {rosters} 節，請更正")


def _item(tables: Tables, item: Raw, path: Path) -> Iterator[Fault]:
    if item.get("trigger") and item.get("always"):
        yield Fault((*path, "always"), "trigger 與 always 不得並用，請刪除其一")
    if item.get("plain") and not item.get("always"):
        yield Fault((*path, "plain"), "plain 之項目一律填寫，須並有 always = true，請補上")
    own = "chosen" if item.get("trigger") else "answer"
    states = {} if item.get("plain") else {own: YES_NO if item.get("trigger") else ANSWERS}
    yield from _fields(tables, item.get("field", []), (*path, "field"), states, RESERVED)
    fields = {field["name"]: field for field in item.get("field", ())}
    for number, proof in enumerate(item.get("evidence", ())):
        if "needs" in proof:
            yield from _needs(tables, proof["needs"], (*path, "evidence", number, "needs"), fields, states)
    yield from item_rule_faults(tables, item, path)


def _fields(
    tables: Tables, fields: list[Raw], path: Path, states: Mapping[str, tuple[str, ...]], reserved: set[str]
) -> Iterator[Fault]:
    yield from _once(fields, path, "name")
    named = {field["name"]: field for field in fields}
    for number, field in enumerate(fields):
        here: Path = (*path, number)
        if field["name"] in reserved:
            yield Fault((*here, "name"), f"{field['name']} 為保留名稱，請改用其他名稱")
        yield from _field(tables, field, here)
        if "needs" in field:
            others = {name: other for name, other in named.items() if other is not field}
            yield from _needs(tables, field["needs"], (*here, "needs"), others, states)
        if "column" in field:
            yield from _fields(tables, field["column"], (*here, "column"), {}, RESERVED_COLUMNS)


def _field(tables: Tables, field: Raw, path: Path) -> Iterator[Fault]:
    kind, rows = field["type"], field.get("rows", "free")
    picked, listed = kind in {"choice", "choices"}, [key for key in ("options", "options_from") if key in field]
    if picked and len(listed) != 1:
        yield Fault(path, f"{kind} 須有 options 或 options_from 其中一個，請更正")
    if not picked and listed:
        yield Fault((*path, listed[0]), f"{kind} 沒有選項，請刪除 {listed[0]}，或將 type 改為 choice、choices")
    if isinstance(field.get("options"), list):
        yield from _once(field["options"], (*path, "options"))
    elif "options" in field and field["options"] not in tables.choices:
        yield Fault((*path, "options"), f"[choices] 沒有 {field['options']}，請補上或更正")
    if (kind == "table") != ("column" in field):
        yield Fault(path, "表格（table）與 column 須同時存在，請更正")
    if kind != "table" and "rows" in field:
        yield Fault((*path, "rows"), "只有表格有 rows，請刪除")
    if (rows == "fixed") != ("row" in field):
        yield Fault(path, 'rows = "fixed" 與 row 須同時存在，請更正')
    yield from _once(field.get("row", ()), (*path, "row"))
    if "minimum" in field and kind not in {"int", "table"}:
        yield Fault((*path, "minimum"), "只有 int 及 table 有 minimum，請刪除")
    if kind == "table" and field.get("minimum", 0) > (MOST_ROWS if rows == "free" else 0):
        yield Fault((*path, "minimum"), f"列數過多：自由列至多 {MOST_ROWS}，固定列不得設 minimum，請更正")


def _needs(
    tables: Tables, needs: Raw, path: Path, fields: Mapping[str, Raw], states: Mapping[str, tuple[str, ...]]
) -> Iterator[Fault]:
    name = needs["field"]
    if name in fields:
        values = tables.values_of(fields[name])
        if values is None:
            yield Fault((*path, "field"), f"{name} 不是選項或是非欄位，不能作為條件，請更正")
            return
    elif name in states:
        values = states[name]
    else:
        yield Fault((*path, "field"), f"沒有欄位 {name}，請填同一項目（或同一列）之其他欄位")
        return
    for number, value in enumerate(needs["is"]):
        if value not in values:
            yield Fault((*path, "is", number), f"{name} 沒有選項 {value}，可用：{'、'.join(values)}")


# --- what others look up ------------------------------------------------------------------------------------------


def _meaning(tables: Tables, raw: Raw, where: Path) -> Iterator[Fault]:
    for key, place in raw.items():
        path: Path = (*where, key)
        if place.count("/") != 1:
            yield Fault(path, "須為 項目/欄位，請更正")
            continue
        yield from tables.place_faults(place, tables.meanings[key], path, lines=key == "lines")


def _parameters(tables: Tables) -> Iterator[Fault]:
    for number, parameter in enumerate(tables.raw["parameter"]):
        if parameter["id"] in PARAMETERS:
            yield from PARAMETERS[parameter["id"]].faults(parameter["value"], ("parameter", number, "value"))
    for name in PARAMETERS:
        if name not in tables.parameters:
            yield Fault(("parameter",), f"缺少 {name}，請補上（本系統參數）")


def _duty(tables: Tables, duty: Raw, path: Path) -> Iterator[Fault]:
    if duty["item"] not in tables.items:
        yield Fault((*path, "item"), f"沒有項目 {duty['item']}，請更正")
    elif "needs" in duty:
        fields = {field["name"]: field for field in tables.items[duty["item"]].get("field", ())}
        yield from _needs(tables, duty["needs"], (*path, "needs"), fields, {"answer": ANSWERS})
    if "answer" in duty:
        yield from tables.place_faults(duty["answer"], ("date",), (*path, "answer"))
    elif duty["since"] == "answer":
        yield Fault(path, 'since = "answer" 時須有 answer，請補上')
    if "interval" in duty:
        yield from tables.place_faults(duty["interval"], ("choice",), (*path, "interval"), within=tuple(INTERVALS))
        if duty["interval"].count("/") != 1:
            yield Fault((*path, "interval"), "須為 項目/欄位，請更正")
        if "months" in duty:
            yield Fault((*path, "months"), "months 與 interval 不得並用，請刪除其一")
    for language, sentence in duty["why"].items():
        yield from _sentence(sentence, duty, (*path, "why", language))


def _sentence(sentence: str, duty: Raw, path: Path) -> Iterator[Fault]:
    try:
        parts: list[Any] = list(Formatter().parse(sentence))
    except ValueError:
        yield Fault(path, "大括號不成對，請更正")
        return
    known = WHY if "interval" in duty else WHY - {"interval"}
    for _text, name, spec, conversion in parts:
        if name is not None and (name not in known or spec or conversion):
            yield Fault(path, f"不認得 {{{name}}}，可用：{'、'.join(sorted(known))}")
