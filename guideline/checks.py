"""Checks across items: what deserves a look before anyone reviews. They warn, and name every place.

``fn(items, facts, **args)``; places in the arguments are written "item/field" or "item/table/column".
People are named by staff number: a warning is read by more eyes than the roster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from guideline.catalogue import Line
from guideline.facts import Facts, Person, Problem, Problems, gettext_noop
from guideline.periods import last_day
from guideline.values import as_date, is_empty

AFTER_START = gettext_noop("「{label}」為 {day}，晚於居家辦公起日 {first_day}，請確認")


def _value(facts: Facts, place: str) -> Any:
    """The cleaned value at "item/field"; None where the item is not answered 是."""
    item_id, name = place.split("/")
    values = facts.values.get(item_id, {})
    item = facts.version.item(item_id)
    if not item.always and values.get("answer") != "yes" and values.get("chosen") != "yes":
        return None
    needs = item.field(name).needs
    return values.get(name) if needs is None or needs.met(values) else None


def _cells(facts: Facts, place: str) -> Iterator[tuple[int, Any]]:
    """The numbered cells of "item/table/column" that are not empty."""
    item_id, table, column = place.split("/")
    for number, row in enumerate(_value(facts, f"{item_id}/{table}") or []):
        if not is_empty(row.get(column)):
            yield number, row[column]


def _warn(items: Sequence[str], message: str, field: str = "", row: int | None = None, **params: Any) -> Problem:
    return Problem(items[0], field, message, params, row=row, warning=True, items=tuple(items))


def _numbers(people: Iterable[Person]) -> tuple[str, ...]:
    return tuple(person.staff_no or person.name for person in people)


def _line(facts: Facts, line_id: str) -> Line:
    return facts.version.line(line_id)


# --- people ---------------------------------------------------------------


def supervisor_at_home(items: Sequence[str], facts: Facts, *, field: str) -> Problems:
    """Clause 2.2.5.1: a supervisor is on the at-home roster."""
    found = [person for person in facts.people if person.supervisor and person.at_home]
    if not found:
        return
    if _value(facts, field) == "no":
        message = gettext_noop("名冊列有居家辦公之監理人員（{staff}），與所填「監理人員未居家辦公」不符")
    else:
        message = gettext_noop("名冊列有居家辦公之監理人員（{staff}），請確認無礙執行審查監理作業")
    yield _warn(items, message, staff=_numbers(found))


def contact_not_senior(items: Sequence[str], facts: Facts, *, field: str) -> Problems:
    """Clauses 2.2.2 and 3.5.3: the person named is not marked as a senior manager on the roster."""
    name = _value(facts, field)
    if not facts.people or is_empty(name):
        return
    item_id, field_name = field.split("/")
    label = facts.version.item(item_id).field(field_name).label
    same = [person for person in facts.people if person.name.strip() == name.strip()]
    if not same:
        yield _warn(items, gettext_noop("「{label}」未列於名冊，請確認"), field_name, label=label)
    elif not any(person.senior for person in same):
        yield _warn(items, gettext_noop("「{label}」於名冊未標示為高階經理人，請確認"), field_name, label=label)


def line_not_asked_for(items: Sequence[str], facts: Facts) -> Problems:
    """Clauses 2.2.2 and 2.2.3: staff at home hold a line that is not asked for and does not run already."""
    if not facts.lines:
        return
    for line in facts.version.lines:
        found = [person for person in facts.people if person.at_home and line.id in person.lines]
        if found and line.id not in facts.running.union(facts.lines):
            yield _warn(
                items,
                gettext_noop("名冊有 {count} 名「{line}」人員居家辦公，但業務項目未申請該業務"),
                count=len(found),
                line=line.name,
            )


def traders_uncovered(items: Sequence[str], facts: Facts, *, line: str, fields: Sequence[str]) -> Problems:
    """Clause 3.2.4: traders at home who are neither filmed nor under a substitute."""
    if line not in facts.lines:
        return
    at_home = sum(1 for person in facts.people if person.at_home and line in person.lines)
    covered = sum(_value(facts, field) or 0 for field in fields)
    if covered < at_home:
        yield _warn(
            items,
            gettext_noop("名冊有 {count} 名「{line}」人員居家辦公，全程錄影及替代措施合計僅 {covered} 人"),
            count=at_home,
            covered=covered,
            line=_line(facts, line).name,
        )


def substitute_in_use(items: Sequence[str], facts: Facts, *, line: str, video: str, substitute: str) -> Problems:
    """Clause 3.2.4: a substitute for video is allowed after a risk assessment; to be looked at."""
    count = _value(facts, substitute) or 0
    if line in facts.lines and count:
        yield _warn(
            items,
            gettext_noop("{total} 名交易員中 {count} 名未全程錄影而採替代措施，請留意風險評估及保密檢核是否足以支持"),
            substitute.split("/")[1],
            count=count,
            total=count + (_value(facts, video) or 0),
        )


def own_device_of_line(items: Sequence[str], facts: Facts, *, line: str, column: str) -> Problems:
    """Clauses 3.1.2 and 3.2.2: an own device of a person who also holds the line that refuses it."""
    holders = {person.staff_no for person in facts.people if line in person.lines}
    for number, staff_no in _cells(facts, column):
        if staff_no in holders:
            yield _warn(
                items,
                gettext_noop("{staff} 之業務含「{line}」，不得使用非公司提供之電腦"),
                column.split("/")[1],
                row=number,
                staff=staff_no,
                line=_line(facts, line).name,
            )


# --- dates ----------------------------------------------------------------


def weekend_last_day(items: Sequence[str], facts: Facts) -> Problems:
    """Clause 2.2.1: an expiry on a weekend does not roll over (ours)."""
    if facts.last_day and facts.last_day.isoweekday() > 5:
        yield _warn(
            items,
            gettext_noop("迄日 {last_day} 為星期六或星期日，期間不因假日順延；延展申請請於其前之營業日送達"),
            last_day=facts.last_day,
        )


def _after_start(items: Sequence[str], facts: Facts, place: str, day: date | None, row: int | None = None) -> Problems:
    if day and facts.first_day and day > facts.first_day:
        item_id, name, *column = place.split("/")
        field = facts.version.item(item_id).field(name)
        label = field.column(column[0]).label if column else field.label
        yield _warn(items, AFTER_START, name, row, label=label, day=day, first_day=facts.first_day)


def dated_after_start(items: Sequence[str], facts: Facts, *, field: str, unless_kind: Sequence[str]) -> Problems:
    """Clauses 2.2.5.5 and 2.2.10: a date that should come before the first day comes after it."""
    if facts.kind not in unless_kind:
        yield from _after_start(items, facts, field, as_date(_value(facts, field)))


def rows_dated_after_start(
    items: Sequence[str], facts: Facts, *, columns: Sequence[str], unless_kind: Sequence[str]
) -> Problems:
    """Clause 2.2.6: a test after the first day."""
    if facts.kind in unless_kind:
        return
    for column in columns:
        for number, cell in _cells(facts, column):
            yield from _after_start(items, facts, column, as_date(cell), number)


def training_old_at_start(items: Sequence[str], facts: Facts, *, column: str, months: int) -> Problems:
    """Clause 2.2.12: the half year since the latest session is over when working from home begins."""
    held = [day for _, cell in _cells(facts, column) if (day := as_date(cell))]
    if not held or not facts.first_day:
        return
    until = last_day(max(held), months=months, count_first_day=False)
    if until < facts.first_day:
        yield _warn(
            items,
            gettext_noop("最近一次教育訓練之 {months} 個月期間於 {until} 屆滿，早於居家辦公起日 {first_day}"),
            column.split("/")[1],
            months=months,
            until=until,
            first_day=facts.first_day,
        )


def training_missed(items: Sequence[str], facts: Facts, *, field: str) -> Problems:
    """Clause 2.2.12: some of those at home attended no session."""
    count = _value(facts, field)
    if count is not None and count < facts.staff_at_home:
        yield _warn(
            items,
            gettext_noop("居家辦公人員 {total} 人，完成教育訓練者 {count} 人，請安排補訓"),
            field.split("/")[1],
            count=count,
            total=facts.staff_at_home,
        )


def statement_old(items: Sequence[str], facts: Facts, *, field: str, parameter: str) -> Problems:
    """Clause 2.2.8: the statement is older at submission than our parameter."""
    months, day = facts.version.parameter(parameter), as_date(_value(facts, field))
    if day and last_day(day, months=months, count_first_day=False) < facts.today:
        yield _warn(
            items,
            gettext_noop("聲明書日期 {day} 距送件日已逾 {months} 個月（本系統參數，非指引所定），請確認是否重新出具"),
            field.split("/")[1],
            day=day,
            months=months,
        )


# --- scope and hours ------------------------------------------------------


def consent_too_narrow(items: Sequence[str], facts: Facts, *, field: str) -> Problems:
    """Clause 2.2.10: the consent, where its lines are given, leaves out one that is asked for."""
    covered = _value(facts, field)
    if not covered:
        return
    for line in facts.version.lines:
        if line.id in facts.lines and line.id not in covered:
            yield _warn(
                items, gettext_noop("董事會或總公司之同意未涵蓋「{line}」"), field.split("/")[1], line=line.name
            )


def consent_too_short(items: Sequence[str], facts: Facts, *, from_field: str, to_field: str) -> Problems:
    """Clause 2.2.10: the consent, where its period is given, leaves out days that are asked for."""
    begins, ends = as_date(_value(facts, from_field)), as_date(_value(facts, to_field))
    message = gettext_noop("董事會或總公司之同意所涵蓋之期間未及於 {day}")
    if begins and facts.first_day and facts.first_day < begins:
        yield _warn(items, message, from_field.split("/")[1], day=facts.first_day)
    if ends and facts.last_day and ends < facts.last_day:
        yield _warn(items, message, to_field.split("/")[1], day=facts.last_day)


def _hours(facts: Facts, table: str, line: str, line_column: str = "") -> list[tuple[int, Any]]:
    """The numbered rows of a table of hours, those of one line where it has a column for it."""
    column = line_column.rpartition("/")[2]
    rows = enumerate(_value(facts, table) or [])
    return [(number, row) for number, row in rows if not column or row.get(column) == line]


def hours_outside_window(
    items: Sequence[str],
    facts: Facts,
    *,
    table: str,
    from_column: str,
    to_column: str,
    line: str,
    parameter: str,
    line_column: str = "",
) -> Problems:
    """Clauses 2.2.7.2 and 3.2.5: dealers' login hours reach beyond the trading window (ours)."""
    if line not in facts.lines:
        return
    opens, closes = facts.version.parameter(parameter)
    start_name, end_name = from_column.rpartition("/")[2], to_column.rpartition("/")[2]
    for number, row in _hours(facts, table, line, line_column):
        start, end = row.get(start_name), row.get(end_name)
        if start and end and not opens <= start <= end <= closes:
            yield _warn(
                items,
                gettext_noop("「{line}」登入時段 {start}–{end} 超出 {opens}–{closes}（本系統參數，非指引所定）"),
                table.split("/")[1],
                row=number,
                line=_line(facts, line).name,
                start=start,
                end=end,
                opens=opens,
                closes=closes,
            )


def hours_disagree(
    items: Sequence[str],
    facts: Facts,
    *,
    table: str,
    line_column: str,
    from_column: str,
    to_column: str,
    other: str,
    other_from_column: str,
    other_to_column: str,
    line: str,
) -> Problems:
    """Clauses 2.2.7.2 and 3.2.5: the same hours are said in both places."""

    def ranges(rows: list[tuple[int, Any]], start: str, end: str) -> list[tuple[str, str]]:
        return sorted((row.get(start) or "", row.get(end) or "") for _, row in rows)

    here = ranges(_hours(facts, table, line, line_column), *(c.rpartition("/")[2] for c in (from_column, to_column)))
    there = ranges(_hours(facts, other, line), *(c.rpartition("/")[2] for c in (other_from_column, other_to_column)))
    if line in facts.lines and here and there and here != there:
        yield _warn(
            items,
            gettext_noop("兩處所填「{line}」登入時段不一致：{here}；{there}"),
            line=_line(facts, line).name,
            here=tuple("–".join(pair) for pair in here),
            there=tuple("–".join(pair) for pair in there),
        )


def evidence_missing(items: Sequence[str], facts: Facts) -> Problems:
    """Items answered 是 that could cite evidence and cite none (compulsory evidence is the rules' business)."""
    bare = [
        item.id
        for item in facts.version.items()
        if item.evidence
        and item.id not in facts.cited
        and "yes" in (facts.values.get(item.id, {}).get("answer"), facts.values.get(item.id, {}).get("chosen"))
    ]
    if bare:
        yield _warn(bare, gettext_noop("有 {count} 項填報「是」而未附佐證，請確認是否補附"), count=len(bare))


CHECKS: dict[str, Callable[..., Iterable[Problem]]] = {
    check.__name__: check
    for check in (
        consent_too_narrow,
        consent_too_short,
        contact_not_senior,
        dated_after_start,
        evidence_missing,
        hours_disagree,
        hours_outside_window,
        line_not_asked_for,
        own_device_of_line,
        rows_dated_after_start,
        statement_old,
        substitute_in_use,
        supervisor_at_home,
        training_missed,
        training_old_at_start,
        traders_uncovered,
        weekend_last_day,
    )
}
