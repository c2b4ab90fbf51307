"""The version file: the wording to the letter, and every name in it known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from guideline import catalogue
from guideline.catalogue import Field, Item, Version, Words
from guideline.checks import CHECKS
from guideline.rules import RULES

GOVERNING = Path(__file__).resolve().parents[2] / "docs" / "guideline-2023-10-03.zh.md"
NUMBERING = re.compile(r"[(（][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、|\d+\.")
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


def test_every_rule_and_check_is_used() -> None:
    rules = {rule.name for item in VERSION.items() for rule in item.rules}
    rules |= {rule.name for section in VERSION.sections for rule in section.rules}
    assert rules == set(RULES)
    assert {check.name for check in VERSION.checks} == set(CHECKS)


# --- the version before it, rebuilt from what is known ------------------------------------------------------------

BEFORE = catalogue.load("111-10-06")


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2022, 10, 6), "111-10-06"),
        (date(2023, 10, 2), "111-10-06"),
        (date(2023, 10, 3), "112-10-03"),
        (date(2026, 11, 22), "112-10-03"),
    ],
)
def test_the_version_in_force_is_the_last_one_announced(day: date, version: str) -> None:
    assert catalogue.in_force(day).id == version


def test_nothing_is_in_force_before_the_first_version() -> None:
    with pytest.raises(LookupError):
        catalogue.in_force(date(2022, 10, 5))


def test_the_reconstruction_says_that_it_is_one() -> None:
    assert VERSION.reconstruction is None
    assert dict(VERSION.borrowed) == {}
    assert BEFORE.reconstruction is not None
    assert "歷史重建" in BEFORE.reconstruction.zh
    assert "reconstruction" in BEFORE.label.en
    assert BEFORE.document == "文號未詳"


def test_every_clause_of_the_reconstruction_is_borrowed_and_to_the_letter() -> None:
    clauses = {item.id: item.text.zh for item in BEFORE.items()} | {name: text.zh for name, text in BEFORE.premises}
    assert dict(BEFORE.borrowed) == dict.fromkeys(clauses, "112-10-03")
    now = {item.id: item.text.zh for item in VERSION.items()} | {name: text.zh for name, text in VERSION.premises}
    assert clauses == {clause: now[clause] for clause in clauses}


def test_what_is_known_of_the_version_of_111() -> None:
    routes = {kind.id: kind.route for kind in BEFORE.kinds}
    assert routes == {
        "first": ("review", "forward", "authority"),
        "emergency": ("notice", "review", "record"),
        "extension": ("review", "forward", "authority"),
        "recordation": ("review", "record"),
    }
    recordation = BEFORE.kind("recordation")
    assert (recordation.lines, recordation.filed_within_days, recordation.outcome.zh) == (("other",), 3, "備查")
    assert (BEFORE.kind("extension").outcome.zh, BEFORE.kind("extension").by_authority) == ("核准", True)
    assert (VERSION.kind("extension").outcome.zh, VERSION.kind("extension").by_authority) == ("核備", False)
    assert (BEFORE.months, BEFORE.period_clause, VERSION.period_clause) == (3, "2.2.1", "2.1.2")
    measures = {option.id for option in BEFORE.item("1.3").field("hit").column("measure").options}
    assert measures == {"isolation", "quarantine", "self_management"}


def test_the_kinds_of_112_and_who_decides() -> None:
    assert {kind.id: (kind.route, kind.outcome.zh) for kind in VERSION.kinds} == {
        "first": (("review", "forward", "authority"), "核准"),
        "pre_review": (("review", "opinion"), "預審完成"),
        "emergency": (("notice", "review", "record"), "備查"),
        "extension": (("review", "endorse"), "核備"),
        "renewal": (("review", "forward", "authority"), "核准"),
        "added_line": (("review", "forward", "authority"), "核准"),
    }
