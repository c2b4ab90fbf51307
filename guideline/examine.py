"""Is a section, or a whole case, complete? Strict where saving is lenient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from guideline.catalogue import Field, Item, Section
from guideline.checks import CHECKS
from guideline.facts import Facts, Problem, gettext_noop
from guideline.rules import RULES
from guideline.shape import Evidence
from guideline.values import Malformed, clean, is_empty

Answers = Mapping[str, Mapping[str, Any]]

REQUIRED = gettext_noop("請填寫「{label}」")
CHOOSE = gettext_noop("請選擇「{label}」")
TOO_SMALL = gettext_noop("「{label}」至少為 {minimum}，請重新輸入")
PICKED = {"choice", "choices", "yesno"}


def row_keys(field: Field, facts: Facts) -> tuple[str, ...] | None:
    """The fixed rows that a table must have, or None where rows are free."""
    if field.rows == "lines":
        return tuple(line.id for line in facts.version.lines if line.id in facts.lines)
    if field.rows == "fixed":
        return tuple(option.id for option in field.row)
    return None


def affirmed(item: Item, values: Mapping[str, Any]) -> bool:
    """Whether the item is answered 是, is a trigger that is chosen, or has its fields alone."""
    return item.plain or values.get("chosen" if item.trigger else "answer") == "yes"


def demanded(item: Item, values: Mapping[str, Any]) -> bool:
    """Whether the item's fields are asked for: affirmed, or ``always``."""
    return item.always or affirmed(item, values)


def asks_evidence(item: Item, values: Mapping[str, Any]) -> bool:
    """Whether the item, answered so, may have to have evidence; what each proof ``needs`` besides is not asked."""
    return affirmed(item, values) and any(proof.required for proof in item.evidence)


def wanted_evidence(item: Item, values: Mapping[str, Any]) -> Evidence | None:
    """The evidence that the item, answered so, has to have; None where it may do without."""
    if not asks_evidence(item, values):
        return None
    return next(
        (proof for proof in item.evidence if proof.required and (not proof.needs or proof.needs.met(values))), None
    )


def row_is_empty(row: Mapping[str, Any]) -> bool:
    return all(is_empty(value) for name, value in row.items() if name != "key")


def _missing(item: Item, field: Field, row: int | None = None, column: str = "", *, of: Field | None = None) -> Problem:
    asked = of or field
    message = CHOOSE if asked.type in PICKED else REQUIRED
    return Problem(item.id, field.name, message, {"label": asked.label}, row=row, column=column)


def _table(item: Item, field: Field, raw: Any, facts: Facts, asked: bool) -> tuple[list[Any], list[Problem]]:
    rows = [row for row in raw or [] if isinstance(row, Mapping)] if isinstance(raw, list) else []
    keys = row_keys(field, facts)
    problems: list[Problem] = []
    if keys is None:
        rows = [row for row in rows if not row_is_empty(row)]
        if asked and field.required and len(rows) < max(field.minimum, 1):
            problems.append(
                Problem(
                    item.id,
                    field.name,
                    gettext_noop("請至少填寫 {count} 列「{label}」"),
                    {"count": max(field.minimum, 1), "label": field.label},
                )
            )
    else:
        given = {str(row.get("key")): row for row in rows}
        rows = [{**given.get(key, {}), "key": key} for key in keys]
    values = []
    for number, row in enumerate(rows):
        value: dict[str, Any] = {"key": row["key"]} if keys is not None else {}
        for column in field.columns:
            try:
                value[column.name] = clean(column, row.get(column.name), facts.version)
            except Malformed as error:
                value[column.name] = None
                problems.append(Problem(item.id, field.name, str(error), row=number, column=column.name))
        for column in field.columns:
            wanted = column.required and asked and (field.required or keys is None)
            if column.needs:
                wanted = wanted and column.needs.met(value)
            if wanted and is_empty(value[column.name]) and is_empty(row.get(column.name)):
                problems.append(_missing(item, field, number, column.name, of=column))
        values.append(value)
    return values, problems


def item_values(item: Item, answers: Mapping[str, Any], facts: Facts) -> tuple[dict[str, Any], list[Problem]]:
    """The cleaned values of an item and what is wrong with each field by itself."""
    problems: list[Problem] = []
    values: dict[str, Any] = {"text": answers.get("text") or "", "note": answers.get("note") or ""}
    if item.trigger:
        values["chosen"] = answers.get("chosen") or None
    else:
        values["answer"] = answers.get("answer") or None
    for field in item.fields:
        if field.type != "table":
            try:
                values[field.name] = clean(field, answers.get(field.name), facts.version)
            except Malformed as error:
                values[field.name] = None
                problems.append(Problem(item.id, field.name, str(error)))
    for field in item.fields:
        asked = demanded(item, values) and (field.needs is None or field.needs.met(values))
        if field.type == "table":
            values[field.name], found = _table(item, field, answers.get(field.name), facts, asked)
            problems += found
        elif asked and field.required and is_empty(values[field.name]) and is_empty(answers.get(field.name)):
            problems.append(_missing(item, field))
        elif asked and field.type == "int" and values[field.name] is not None and values[field.name] < field.minimum:
            params = {"label": field.label, "minimum": field.minimum}
            problems.append(Problem(item.id, field.name, TOO_SMALL, params))
    return values, problems


def _whole(item: Item, values: Mapping[str, Any], facts: Facts) -> Iterator[Problem]:
    if item.trigger:
        if values["chosen"] not in {"yes", "no"}:
            yield Problem(item.id, "chosen", gettext_noop("請選擇本款是否為本次申請之條件"))
    elif not item.plain:
        if values["answer"] not in {"yes", "no", "na"}:
            yield Problem(item.id, "answer", gettext_noop("請選擇是、否或不適用"))
        if values["answer"] in {"no", "na"} and is_empty(values["note"]):
            yield Problem(item.id, "note", gettext_noop("選「否」或「不適用」者，請填寫說明"))
    if not item.plain and affirmed(item, values) and is_empty(values["text"]):
        yield Problem(item.id, "text", gettext_noop("請說明辦理情形"))
    if item.id not in facts.cited and (proof := wanted_evidence(item, values)):
        yield Problem(item.id, "evidence", gettext_noop("請附「{label}」並填寫頁次或位置"), {"label": proof.label})


def section_problems(
    section: Section, answers: Answers, facts: Facts
) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """The cleaned values of a section and everything that keeps it from being complete.

    Args:
        section: the page.
        answers: item id -> field -> stored value, as typed where it could not be read.
        facts: the case; ``facts.values`` is not used.
    """
    values: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for item in section.items:
        values[item.id], found = item_values(item, answers.get(item.id, {}), facts)
        problems += found
        problems += _whole(item, values[item.id], facts)
        for rule in item.rules if demanded(item, values[item.id]) else ():
            problems += RULES[rule.name](item, values[item.id], facts, **rule.args)
    for rule in section.rules:
        problems += RULES[rule.name](section, values, facts, **rule.args)
    return values, problems


def case_warnings(facts: Facts) -> list[Problem]:
    """What the cross-item checks of the version point out. ``facts.values`` and ``people`` are needed."""
    checks = facts.version.checks
    return [problem for check in checks for problem in CHECKS[check.name](check.items, facts, **check.args)]
