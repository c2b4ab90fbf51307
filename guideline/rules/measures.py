"""Rules on control measures, recording, hours and devices."""

from __future__ import annotations

from collections.abc import Sequence

from guideline.catalogue import Item
from guideline.facts import Facts, Problem, Problems, gettext_noop
from guideline.rules.common import Values, asked, rows
from guideline.values import as_date, is_empty


def must_be_yes(item: Item, values: Values, facts: Facts, *, field: str) -> Problems:
    """The clause demands it: whoever cannot say yes answers the item 否 with a note."""
    if asked(item, values, field) and values.get(field) == "no":
        yield Problem(
            item.id,
            field,
            gettext_noop("指引要求「{label}」：請改為「是」，或將本項改答「否」並說明"),
            {"label": item.field(field).label},
        )


def senior_named(item: Item, values: Values, facts: Facts, *, field: str) -> Problems:
    """Clauses 2.2.2 and 3.5.3: the person named is a senior manager."""
    if asked(item, values, field) and values.get(field) == "no":
        yield Problem(item.id, field, gettext_noop("指引要求由高階經理人擔任，請改指定高階經理人"))


def own_device_refused(item: Item, values: Values, facts: Facts, *, field: str) -> Problems:
    """Clause 3.2.2: dealers use computers issued by the firm, without exception."""
    if asked(item, values, field) and values.get(field) == "no":
        yield Problem(
            item.id, field, gettext_noop("自行買賣業務人員不得使用非公司配發之電腦，請全數改由公司配發後改為「是」")
        )


def only_for_kinds(
    item: Item, values: Values, facts: Facts, *, field: str, value: str, kinds: Sequence[str]
) -> Problems:
    """Clause 2.2.10: a choice that is open to some kinds of filing only."""
    if values.get(field) == value and facts.kind not in kinds:
        label = next(option.label for option in item.field(field).options if option.id == value)
        yield Problem(item.id, field, gettext_noop("本申請類型不得選「{option}」，請改選其他形式"), {"option": label})


def hours_for_every_line(
    item: Item,
    values: Values,
    facts: Facts,
    *,
    table: str,
    line_column: str,
    duty_column: str,
    from_column: str,
    to_column: str,
) -> Problems:
    """Clause 2.2.7.2: permitted hours are given for each line asked for."""
    given = set()
    for number, row in rows(item, values, table):
        given.add(row.get(line_column))
        if is_empty(row.get(line_column)) and is_empty(row.get(duty_column)):
            yield Problem(item.id, table, gettext_noop("請選擇業務，或填寫職掌"), row=number, column=line_column)
        if row.get(from_column) and row.get(from_column) == row.get(to_column):
            yield Problem(item.id, table, gettext_noop("起時與迄時相同，請重新輸入"), row=number, column=to_column)
    for line in facts.version.lines:
        if line.id in facts.lines and line.id not in given:
            yield Problem(item.id, table, gettext_noop("請填寫「{line}」之可開放連線時段"), {"line": line.name})


def substitutes_justified(
    item: Item,
    values: Values,
    facts: Facts,
    *,
    table: str,
    method_column: str,
    head_columns: Sequence[str],
    substitute_column: str,
    reason_column: str,
    assessed_column: str,
    log_lines: Sequence[str],
) -> Problems:
    """Clause 2.2.5.6: a substitute needs a reason and a dated risk assessment; a mix needs its head counts."""

    def problem(number: int, column: str, message: str) -> Problem:
        return Problem(item.id, table, message, row=number, column=column)

    for number, row in rows(item, values, table):
        method = row.get(method_column)
        if method == "log" and row.get("key") not in log_lines:
            yield problem(
                number, method_column, gettext_noop("作業紀錄或螢幕側錄於本業務屬替代措施，請改選「替代措施」")
            )
        if method == "mixed" and sum(1 for column in head_columns if row.get(column)) < 2:
            yield problem(number, head_columns[0], gettext_noop("並用者，請填寫各方式之人數，至少二種"))
        if method != "substitute" and not (method == "mixed" and row.get(substitute_column)):
            continue
        if is_empty(row.get(reason_column)):
            yield problem(number, reason_column, gettext_noop("採替代措施者，請填寫理由"))
        day = as_date(row.get(assessed_column))
        if day is None:
            yield problem(number, assessed_column, gettext_noop("採替代措施者，請填寫風險評估日期"))
        elif day > facts.today:
            yield Problem(
                item.id,
                table,
                gettext_noop("風險評估須於送件前完成，請輸入日期，最遲為 {latest}"),
                {"latest": facts.today},
                row=number,
                column=assessed_column,
            )
