"""Whether the arguments of rules and checks name what exists, and what the functions can work with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from guideline.arguments import CHECKS, ITEM_RULES, SECTION_RULES, Arg
from guideline.specs import Fault, Path
from guideline.tables import Raw, Tables

_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")

Look = Callable[[Raw, Arg, str, Path], Iterator[Fault]]


def item_rule_faults(tables: Tables, item: Raw, path: Path) -> Iterator[Fault]:
    """What is wrong with the rules of an item."""

    def look(rule: Raw, arg: Arg, value: str, here: Path) -> Iterator[Fault]:
        yield from _in_item(tables, item, rule, arg, value, here)

    for number, rule in enumerate(item.get("rule", ())):
        yield from _arguments(tables, rule, ITEM_RULES[rule["name"]], (*path, "rule", number), look)


def section_rule_faults(tables: Tables, section: Raw, path: Path) -> Iterator[Fault]:
    """What is wrong with the rules of a section."""
    items = {item["id"]: item for item in section["item"]}

    def look(rule: Raw, arg: Arg, value: str, here: Path) -> Iterator[Fault]:
        if arg.names != "item":
            if rule[arg.of] in items:
                yield from _in_item(tables, items[rule[arg.of]], rule, arg, value, here)
        elif value not in items:
            yield Fault(here, f"本節沒有項目 {value}，請更正")
        elif bool(items[value].get("trigger")) != arg.trigger:
            yield Fault(here, f"項目 {value} {'須為' if arg.trigger else '不得為'}啟動條件（trigger），請更正")

    for number, rule in enumerate(section.get("rule", ())):
        yield from _arguments(tables, rule, SECTION_RULES[rule["name"]], (*path, "rule", number), look)


def check_faults(tables: Tables) -> Iterator[Fault]:
    """What is wrong with the checks across items."""

    def look(rule: Raw, arg: Arg, value: str, here: Path) -> Iterator[Fault]:
        key = str(here[2])  # check, number, argument
        if value.count("/") != (2 if "column" in key else 1):
            yield Fault(here, f"須為 {'項目/表格/欄' if 'column' in key else '項目/欄位'}，請更正")
            return
        yield from tables.place_faults(value, arg.types, here, lines=arg.lines)
        table = rule.get("other" if key.startswith("other_") else "table")
        if key.endswith("_column") and value.rpartition("/")[0] != table:
            yield Fault(here, f"須為 {table} 之欄，請更正")

    for number, check in enumerate(tables.raw.get("check", ())):
        path: Path = ("check", number)
        takes = CHECKS[check["name"]]
        for place, item in enumerate(check["items"]):
            if item not in tables.items:
                yield Fault((*path, "items", place), f"沒有項目 {item}，請更正")
        if not check["items"] and takes is not CHECKS["evidence_missing"]:
            yield Fault((*path, "items"), "至少須指明一個項目，請補上")
        yield from _arguments(tables, check, takes, path, look)


def _arguments(tables: Tables, rule: Raw, takes: Any, path: Path, look: Look) -> Iterator[Fault]:
    for key, arg in takes.items():
        if key not in rule:
            continue
        many: list[tuple[Path, Any]] = [((*path, key), rule[key])]
        if arg.many:
            many = [((*path, key, number), value) for number, value in enumerate(rule[key])]
        for here, value in many:
            if arg.names == "line":
                if value not in tables.lines:
                    yield Fault(here, f"沒有業務 {value}，請填 [[line]] 之 id")
            elif arg.names == "parameter":
                yield from _parameter(tables, arg, value, here)
            elif arg.names not in {"kind", "months"}:
                yield from look(rule, arg, value, here)


def _parameter(tables: Tables, arg: Arg, name: str, path: Path) -> Iterator[Fault]:
    if name not in tables.parameters:
        yield Fault(path, f"沒有參數 {name}，請填 [[parameter]] 之 id")
        return
    value = tables.parameters[name]
    if arg.shape == "months" and not (isinstance(value, int) and 1 <= value <= 120):
        yield Fault(path, f"參數 {name} 須為月數（1 至 120），請更正")
    elif arg.shape == "window" and not (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(time, str) and _TIME.fullmatch(time) for time in value)
        and value[0] < value[1]
    ):
        yield Fault(path, f'參數 {name} 須為起迄時間，例如 ["08:30", "14:30"]，請更正')


def _in_item(tables: Tables, item: Raw, rule: Raw, arg: Arg, value: str, path: Path) -> Iterator[Fault]:
    fields = {field["name"]: field for field in item.get("field", ())}
    if arg.names == "option":
        if rule[arg.of] in fields and value not in (tables.values_of(fields[rule[arg.of]]) or ()):
            yield Fault(path, f"{rule[arg.of]} 沒有選項 {value}，請更正")
        return
    if arg.names == "column":
        if rule[arg.of] not in fields:
            return  # the table itself is reported
        fields = {column["name"]: column for column in fields[rule[arg.of]].get("column", ())}
    if value not in fields:
        where = f"表格 {rule[arg.of]} 沒有欄" if arg.names == "column" else f"項目 {item['id']} 沒有欄位"
        yield Fault(path, f"{where} {value}，請更正")
        return
    found = fields[value]
    yield from tables.type_faults(found, arg.types, path, lines=arg.lines, options=arg.options)
    if arg.rows and found["type"] == "table" and found.get("rows", "free") != arg.rows:
        yield Fault(path, f'{value} 之 rows 須為 "{arg.rows}"，請更正')
