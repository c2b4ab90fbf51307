"""The version file: the wording to the letter, and every name in it known."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from guideline import catalogue
from guideline.catalogue import CatalogueError, Field, Item, Rule, Version, Words
from guideline.checks import CHECKS
from guideline.rules import RULES

GOVERNING = Path(__file__).resolve().parents[2] / "docs" / "guideline-2023-10-03.zh.md"
NUMBERING = re.compile(r"[(（][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、|\d+\.")
KINDS = {"first", "pre_review", "emergency", "extension", "renewal", "added_line"}
SECTIONS = ["1", *(f"2.2.{n}" for n in range(1, 13)), *(f"3.{n}" for n in range(1, 7))]
VERSION = catalogue.load("112-10-03")


def governing_text() -> dict[str, str]:
    """Clause id -> its words after the numbering."""
    found: dict[str, str] = {}
    heading = ""
    for line in GOVERNING.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = "".join(re.findall(r"`([^`]+)`", line))
        elif clause := re.match(r"\s*(?:- )?`([\d.a-z]+)`\s*(.*)$", line):
            words = clause[2]
            number = NUMBERING.match(words)
            found[clause[1]] = words[number.end() :].strip() if number else words
        elif line and heading:
            found.setdefault(heading, line)
    return found


TEXTS = governing_text()


def words_in(version: Version) -> Iterator[tuple[str, Words]]:
    def fields(where: str, found: tuple[Field, ...]) -> Iterator[tuple[str, Words]]:
        for field in found:
            yield f"{where}/{field.name}", field.label
            if field.hint != catalogue.EMPTY:
                yield f"{where}/{field.name}.hint", field.hint
            for option in (*field.options, *field.row):
                yield f"{where}/{field.name}/{option.id}", option.label
            yield from fields(f"{where}/{field.name}", field.columns)

    for group in version.groups:
        yield group.id, group.label
    for section in version.sections:
        yield section.id, section.title
        yield f"{section.id}.task", section.task
        for item in section.items:
            yield item.id, item.title
            yield f"{item.id}.text", item.text
            yield from fields(item.id, item.fields)
            for proof in item.evidence:
                yield f"{item.id}.{proof.kind}", proof.label


def test_there_are_51_items_in_19_sections() -> None:
    pages = VERSION.pages_of("first")
    assert [section.id for section in pages] == SECTIONS
    answered = set(TEXTS) - {"1", "2", "2.1", "2.2", "2.1.1", "2.1.2", "2.2.5", "2.2.7"}
    assert {item.id for section in pages for item in section.items} == answered
    assert len(answered) == 51


@pytest.mark.parametrize("item", list(VERSION.items()), ids=lambda item: item.id)
def test_item_has_the_official_wording(item: Item) -> None:
    if item.id in TEXTS:
        assert item.text.zh == TEXTS[item.id]
    else:  # a page of a kind that the guideline has no item for: a whole sentence of its clause
        clause = item.id.rpartition(".")[0]
        assert item.text.zh in TEXTS[clause]
        assert item.text.zh.endswith("。")


def test_premises_have_the_official_wording() -> None:
    assert [premise for premise, _ in VERSION.premises] == ["2.1.1", "2.1.2", "2.2"]
    assert all(words.zh == TEXTS[premise] for premise, words in VERSION.premises)


def test_every_text_is_in_both_languages() -> None:
    assert [where for where, words in words_in(VERSION) if not words.zh.strip() or not words.en.strip()] == []


def test_no_english_is_left_in_chinese_or_the_other_way_round() -> None:
    han = re.compile(r"[㐀-鿿]")
    assert [where for where, words in words_in(VERSION) if han.search(words.en)] == []


def test_display_numbers_are_those_of_the_clauses() -> None:
    numbers = {item.id: item.number for item in VERSION.items()}
    assert numbers["1.1"] == "壹、一"
    assert numbers["2.2.5.1"] == "貳、二（五）1"
    assert numbers["2.2.12"] == "貳、二（十二）"
    assert numbers["3.2.8"] == "參、二（八）"
    assert numbers["3.6"] == "參、六"


def test_head_of_the_version() -> None:
    assert (VERSION.id, VERSION.label.zh, VERSION.document) == ("112-10-03", "112.10.03", "臺證輔字第1120503225號")
    assert (VERSION.exchange.code, VERSION.authority.short.zh) == ("TWSE", "金管會")
    assert (VERSION.months, VERSION.extensions, VERSION.count_first_day) == (3, 1, True)
    assert VERSION.kind("first").route == ("review", "forward", "authority")
    assert VERSION.meaning["first_day"] == ("2.2.1", "first_day")
    assert [line.id for line in VERSION.lines_for(frozenset({"underwriter"}))] == []
    assert [line.id for line in VERSION.lines_for(frozenset({"dealer"}))] == ["dealer", "clearing"]


def test_the_hint_on_hours_says_the_parameter() -> None:
    hint = VERSION.item("3.2.5").field("hours").hint
    assert all(time in words for time in VERSION.parameter("dealer_window") for words in (hint.zh, hint.en))


def test_a_version_is_in_force_from_its_announcement() -> None:
    assert catalogue.in_force(date(2023, 10, 3)).id == "112-10-03"
    earliest = catalogue.every()[0].announced
    with pytest.raises(LookupError):
        catalogue.in_force(date(earliest.year - 1, 12, 31))


# --- every name in a rule is known --------------------------------------------------------------------------------

LINE_ARGS = {"line", "refused_line", "log_lines"}
KIND_ARGS = {"kinds", "unless_kind"}
FREE_ARGS = {"months"}


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def fits(function: Callable[..., Any], rule: Rule) -> None:
    """The function takes just these arguments, besides what examine hands it."""
    parameters = inspect.signature(function).parameters.values()
    named = {p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY}
    assert set(rule.args) <= set(named)
    assert {name for name, p in named.items() if p.default is p.empty} <= set(rule.args)


def common_arg(version: Version, name: str, value: Any) -> bool:
    """Whether the argument names no field; then what it names is known."""
    if name in LINE_ARGS:
        assert set(many(value)) <= {line.id for line in version.lines}
    elif name in KIND_ARGS:
        assert set(value) <= KINDS
    elif name == "parameter":
        assert version.parameter(value)
    else:
        return name in FREE_ARGS
    return True


def known_in_item(item: Item, rule: Rule, name: str, value: Any) -> None:
    fields = {field.name: field for field in item.fields}
    if name in {"column", "columns"} or name.endswith(("_column", "_columns")):
        assert set(many(value)) <= {column.name for column in fields[rule.args["table"]].columns}, (item.id, name)
    elif name == "value":
        assert value in {option.id for option in fields[rule.args["field"]].options}, item.id
    else:
        assert name in {"field", "table", "first", "last"} or name.endswith("_field"), (item.id, name)
        assert value in fields, (item.id, name)


@pytest.mark.parametrize("version", catalogue.every(), ids=lambda version: version.id)
def test_every_item_rule_is_known_and_names_what_exists(version: Version) -> None:
    for item in version.items():
        for rule in item.rules:
            fits(RULES[rule.name], rule)
            for name, value in rule.args.items():
                if not common_arg(version, name, value):
                    known_in_item(item, rule, name, value)


@pytest.mark.parametrize("version", catalogue.every(), ids=lambda version: version.id)
def test_every_section_rule_is_known_and_names_what_exists(version: Version) -> None:
    for section in version.sections:
        ids = {item.id for item in section.items}
        for rule in section.rules:
            fits(RULES[rule.name], rule)
            for name, value in rule.args.items():
                if name == "field":
                    assert version.item(rule.args["item"]).field(value)
                elif not common_arg(version, name, value):
                    assert set(many(value)) <= ids, (section.id, name)


@pytest.mark.parametrize("version", catalogue.every(), ids=lambda version: version.id)
def test_every_check_is_known_and_names_what_exists(version: Version) -> None:
    for check in version.checks:
        fits(CHECKS[check.name], check)
        for name, value in check.args.items():
            if common_arg(version, name, value):
                continue
            for place in many(value):
                item_id, field, *column = place.split("/")
                found = version.item(item_id).field(field)
                assert (found.type == "table") == (bool(column) or name in {"table", "other"})
                assert not column or found.column(column[0])


def test_every_rule_and_check_is_used() -> None:
    rules = {rule.name for item in VERSION.items() for rule in item.rules}
    rules |= {rule.name for section in VERSION.sections for rule in section.rules}
    assert rules == set(RULES)
    assert {check.name for check in VERSION.checks} == set(CHECKS)


# --- what the reader refuses --------------------------------------------------------------------------------------

SOURCE = (catalogue.FOLDER / "112-10-03.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('type = "yesno"', 'type = "boolean"'),
        ('options = "interval"', 'options = "intervals"'),
        ('rows = "lines"', 'rows = "line"'),
        ('group = "scope"', 'group = "scoop"'),
        ('line = "brokerage"\ntitle', 'line = "broking"\ntitle'),
        ('last_day = "2.2.1/last_day"', 'last_day = "2.2.1/end"'),
        ("trigger = true", "triger = true"),
        ('id = "3.1.2"', 'id = "3.1.1"'),
        ('needs = { field = "policy"', 'needs = { field = "polizy"'),
        ('items = ["2.2.2", "2.2.5.1"]', 'items = ["2.2.2", "2.2.5"]'),
        ("[announcement]", "[announcement"),
    ],
)
def test_a_mistake_in_the_file_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in SOURCE
    path = tmp_path / "x.toml"
    path.write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"^x\.toml: "):
        catalogue.read(path)
