"""Content as people read it: the one place that turns stored values into words, for pages and PDF alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from applications.naming import words
from guideline.catalogue import Field, Item, Section, Version, Words
from guideline.facts import Problem
from guideline.values import YEAR_OFFSET, as_date, is_empty, roc_words

ANSWERS = {"yes": "是", "no": "否", "na": "不適用"}


def english() -> bool:
    return (get_language() or "").startswith("en")


def clause_number(one: Item | Section) -> str:
    """貳、二（五）1; 2.2.5.1, which is the same place, for readers of English."""
    return ".".join(part for part in one.id.split(".") if part.isdigit()) if english() else one.number


def about(one: Item | Section, text: str) -> str:
    """What is said of an item, under its number."""
    return f"{clause_number(one)}{gettext('：')}{text}"


def listed(names: Iterable[str]) -> str:
    """甲、乙; a, b for readers of English."""
    return gettext("、").join(names)


def line_names(version: Version) -> dict[str, str]:
    """Business lines by id, in the guideline's order."""
    return {line.id: words(line.name) for line in version.lines}


def show_date(day: date | None) -> str:
    """115 年 3 月 2 日; 2 March 2026 for readers of English."""
    if day is None:
        return ""
    return date_format(day, "j F Y") if english() else roc_words(day)


def short_date(day: date | None) -> str:
    """115.03.02; 2026-03-02 for readers of English."""
    if day is None:
        return ""
    return day.isoformat() if english() else f"{day.year - YEAR_OFFSET}.{day:%m.%d}"


def message(problem: Problem) -> str:
    """A problem in the reader's language, its dates and labels written out."""
    params = {}
    for name, value in problem.params.items():
        if isinstance(value, Words):
            params[name] = words(value)
        elif isinstance(value, date):
            params[name] = show_date(value)
        elif isinstance(value, tuple):
            params[name] = listed(value)
        else:
            params[name] = value
    return gettext(problem.message).format(**params)


def show_value(field_: Field, value: Any, version: Version) -> str:
    """One simple value in words; text as it was typed."""
    if is_empty(value):
        return ""
    if field_.type == "date":
        day = as_date(value)
        return show_date(day) if day else str(value)
    if field_.type == "yesno":
        return gettext("是") if value == "yes" else gettext("否") if value == "no" else str(value)
    if field_.type in {"choice", "choices"}:
        chosen = value if isinstance(value, list) else [value]
        names = _names(field_, version)
        return listed(names.get(one, str(one)) for one in chosen)
    return str(value)


def _names(field_: Field, version: Version) -> dict[str, str]:
    if field_.options_from == "lines":
        return line_names(version)
    return {option.id: words(option.label) for option in field_.options}


@dataclass(frozen=True)
class Shown:
    """One field: a text, or a table with its head and rows."""

    name: str
    label: str
    text: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    long: bool = False


@dataclass(frozen=True)
class ItemView:
    item: Item
    title: str
    clause: str
    answer: str  # 是／否／不適用, or 適用／不適用 of a trigger, or ""
    text: str
    note: str
    fields: tuple[Shown, ...]
    evidence: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class PageView:
    page: Section
    title: str
    items: tuple[ItemView, ...]
    roster: tuple[Mapping[str, Any], ...] = field(default=())


def show_table(field_: Field, rows: Iterable[Mapping[str, Any]], version: Version) -> Shown:
    keys: dict[str, str] = {}
    if field_.rows == "lines":
        keys = line_names(version)
    elif field_.rows == "fixed":
        keys = {option.id: words(option.label) for option in field_.row}
    columns = field_.columns
    head = (*(("",) if keys else ()), *(words(column.label) for column in columns))
    body = []
    for row in rows:
        cells = tuple(show_value(column, row.get(column.name), version) for column in columns)
        if any(cells):
            body.append((keys.get(row.get("key", ""), ""), *cells) if keys else cells)
    return Shown(field_.name, words(field_.label), head=head, rows=tuple(body))


def show_item(
    item: Item, answers: Mapping[str, Any], evidence: Iterable[Mapping[str, Any]], version: Version
) -> ItemView:
    """An item as it was answered; fields without an answer are left out."""
    shown = []
    for field_ in item.fields:
        value = answers.get(field_.name)
        if is_empty(value):
            continue
        if field_.type == "table":
            one = show_table(field_, value if isinstance(value, list) else [], version)
            if one.rows:
                shown.append(one)
        else:
            text = show_value(field_, value, version)
            shown.append(Shown(field_.name, words(field_.label), text, long=field_.type == "text"))
    if item.trigger:
        answer = {"yes": gettext("為申請條件"), "no": gettext("不適用")}.get(answers.get("chosen", ""), "")
    else:
        answer = {"yes": gettext("是"), "no": gettext("否"), "na": gettext("不適用")}.get(answers.get("answer", ""), "")
    return ItemView(
        item=item,
        title=words(item.title),
        clause=words(item.text),
        answer=answer,
        text=answers.get("text") or "",
        note=answers.get("note") or "",
        fields=tuple(shown),
        evidence=tuple(evidence),
    )


def unsent(content: Mapping[str, Any], version: Version) -> list[Section]:
    """The sections that a pre-review was filed without (未送審); none of any other kind."""
    if not version.kind(content["kind"]).for_opinion:
        return []
    pages = version.pages(content["kind"], content["lines"])
    return [page for page in pages if page.id not in content["pages"]]


def show_pages(content: Mapping[str, Any], version: Version, *, only: str = "") -> list[PageView]:
    """The pages of a snapshot (``content.snapshot`` or ``Submission.content``), or the one named ``only``."""
    views = []
    for section_id in content["pages"]:
        if only and section_id != only:
            continue
        page = version.section(section_id)
        items = tuple(
            show_item(item, content["answers"].get(item.id, {}), content["evidence"].get(item.id, ()), version)
            for item in page.items
        )
        roster = tuple(content["roster"]) if page.roster else ()
        views.append(PageView(page, words(page.title), items, roster))
    return views
