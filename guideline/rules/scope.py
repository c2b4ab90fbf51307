"""Rules on the conditions, the people and the lines of an application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guideline.catalogue import Item, Section
from guideline.facts import Facts, Problem, Problems, gettext_noop
from guideline.rules.common import Values, asked, rows


def trigger_or_alternative(
    section: Section, values: Mapping[str, Values], facts: Facts, *, triggers: Sequence[str], alternative: str
) -> Problems:
    """Part One: at least one trigger, or else the assessment of other premises is compulsory."""
    chosen = [values[trigger].get("chosen") for trigger in triggers]
    if all(answer == "no" for answer in chosen) and values[alternative].get("answer") in {"no", "na"}:
        yield Problem(
            alternative,
            "answer",
            gettext_noop("請至少選取一款啟動條件；未選取任何一款者，「{label}」請選「是」並說明"),
            {"label": next(item.title for item in section.items if item.id == alternative)},
        )


def both_hit(
    item: Item,
    values: Values,
    facts: Facts,
    *,
    table: str,
    person_column: str,
    agent_column: str,
    counted_column: str,
) -> Problems:
    """Trigger three: the person in charge and the agent are both affected, in at least one counted role."""
    met = wrong = False
    for number, row in rows(item, values, table):
        if row.get(counted_column) == "no":
            continue
        if row.get(person_column) == row.get(agent_column) == "yes":
            met = True
        elif "no" in (row.get(person_column), row.get(agent_column)):
            wrong = True
            column = person_column if row.get(person_column) == "no" else agent_column
            yield Problem(
                item.id,
                table,
                gettext_noop("承辦人及代理人均受措施始得列計；僅一方受措施者，請於「{label}」選「否」"),
                {"label": item.field(table).column(counted_column).label},
                row=number,
                column=column,
            )
    if not met and not wrong and values.get(table):
        yield Problem(item.id, table, gettext_noop("請至少填寫一個承辦人及代理人均受措施且列計之職務"))


def staff_at_home_listed(item: Item, values: Values, facts: Facts) -> Problems:
    """Clause 2.2.2: the roster names somebody who works from home."""
    if facts.staff_at_home < 1:
        yield Problem(item.id, "", gettext_noop("請上傳或填寫名冊，至少列一名居家辦公人員"))


def senior_manager_listed(item: Item, values: Values, facts: Facts) -> Problems:
    """Clause 2.2.2: the roster marks at least one senior manager."""
    if not facts.has_senior:
        yield Problem(item.id, "", gettext_noop("請於名冊標示至少一名高階經理人"))


def roster_lines_asked_for(item: Item, values: Values, facts: Facts) -> Problems:
    """Clauses 2.2.2 and 2.2.3: the lines of staff at home are asked for, or run already (where the roster is known)."""
    if not facts.lines:
        return
    held = {line for person in facts.people if person.at_home for line in person.lines}
    for line in facts.version.lines:
        if line.id in held - facts.running.union(facts.lines):
            yield Problem(
                item.id,
                "",
                gettext_noop("名冊有「{line}」人員居家辦公，請更正名冊，或於業務項目增列該業務"),
                {"line": line.name},
            )


def lines_licensed(item: Item, values: Values, facts: Facts, *, field: str) -> Problems:
    """Clause 2.2.3: the lines asked for are within the firm's licences."""
    allowed = {line.id for line in facts.version.lines_for(facts.licences)}
    for line_id in values.get(field) or []:
        if line_id not in allowed:
            yield Problem(
                item.id,
                field,
                gettext_noop("公司許可證照未涵蓋「{line}」，請取消選取"),
                {"line": facts.version.line(line_id).name},
            )


def lines_as_noticed(item: Item, values: Values, facts: Facts, *, field: str, kinds: Sequence[str]) -> Problems:
    """Clause 2.1.1: the documents of an emergency are for the lines that its notice named."""
    chosen = values.get(field)
    if facts.kind in kinds and chosen and set(chosen) != set(facts.lines):
        names = tuple(line.name.zh for line in facts.version.lines if line.id in facts.lines)
        yield Problem(item.id, field, gettext_noop("業務項目應與通報相同：{lines}"), {"lines": names})


def lines_not_running(item: Item, values: Values, facts: Facts, *, field: str, kinds: Sequence[str]) -> Problems:
    """Clause 2.2.3: a line that is added is none for which a period runs or is to come."""
    if facts.kind not in kinds:
        return
    for line_id in values.get(field) or []:
        if line_id in facts.running:
            yield Problem(
                item.id,
                field,
                gettext_noop("「{line}」已有進行中或尚未開始之期間，不是新增業務，請取消選取；期間之延長請申請延展"),
                {"line": facts.version.line(line_id).name},
            )


def headcount_covers_staff(item: Item, values: Values, facts: Facts, *, field: str) -> Problems:
    """Clause 2.2.5.2: all who work from home have been told."""
    count: Any = values.get(field)
    if asked(item, values, field) and count is not None and count < facts.staff_at_home:
        yield Problem(
            item.id,
            field,
            gettext_noop("名冊之居家辦公人員為 {count} 人，請補辦告知或更正「{label}」"),
            {"count": facts.staff_at_home, "label": item.field(field).label},
        )
