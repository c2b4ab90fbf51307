"""Rules on dates. A missing date is another rule's business: what is not there is not judged here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from guideline.catalogue import Item, Section
from guideline.facts import Facts, Problem, Problems, gettext_noop
from guideline.periods import extension_first_day, last_day
from guideline.rules.common import Values, asked_date, rows
from guideline.values import as_date

NOT_AFTER = gettext_noop("請輸入「{label}」，最遲為 {latest}")
ORDER = gettext_noop("「{label}」不得早於 {earliest}，請重新輸入")


def period_within_cap(item: Item, values: Values, facts: Facts, *, first: str, last: str) -> Problems:
    """Clauses 2.1.2 and 2.2.1: the period is in order and no longer than the version allows."""
    start, end = asked_date(item, values, first), asked_date(item, values, last)
    if not start or not end:
        return
    version = facts.version
    latest = last_day(start, months=version.months, count_first_day=version.count_first_day)
    if end < start:
        yield Problem(item.id, last, ORDER, {"label": item.field(last).label, "earliest": start})
    elif end > latest:
        yield Problem(
            item.id,
            last,
            gettext_noop("申請期間不得超過 {months} 個月，請輸入迄日，最遲為 {latest}"),
            {"months": version.months, "latest": latest},
        )


def follows_previous(item: Item, values: Values, facts: Facts, *, first: str, field: str) -> Problems:
    """Clause 2.1.2: an extension begins on the day after the period before, for lines that were allowed in it."""
    lines = [line.id for line in facts.version.lines if line.id in (values.get(field) or ())]
    if strange := [line for line in lines if line not in facts.followed]:
        names = tuple(facts.version.line(line).short.zh for line in strange)
        message = gettext_noop("「{lines}」不在原期間之業務內；延展得減少業務，不得增加")
        yield Problem(item.id, field, message, {"lines": names})
    starts = {extension_first_day(facts.followed[line]) for line in lines if line in facts.followed}
    start = asked_date(item, values, first)
    if start and starts and starts != {start}:
        message = gettext_noop("延展自原期間屆滿之翌日起算，起日應為 {day}")
        yield Problem(item.id, first, message, {"day": min(starts)})


def as_noticed(item: Item, values: Values, facts: Facts, *, field: str, kinds: Sequence[str]) -> Problems:
    """Clause 2.1.1: the period of an emergency begins on the day that its notice named."""
    day = asked_date(item, values, field)
    if facts.kind in kinds and day and facts.first_day and day != facts.first_day:
        message = gettext_noop("起日應為通報之開始居家辦公日 {day}")
        yield Problem(item.id, field, message, {"day": facts.first_day})


def dates_in_order(item: Item, values: Values, facts: Facts, *, first: str, last: str) -> Problems:
    """The second date is not before the first."""
    start, end = asked_date(item, values, first), asked_date(item, values, last)
    if start and end and end < start:
        yield Problem(item.id, last, ORDER, {"label": item.field(last).label, "earliest": start})


def rows_in_order(
    item: Item, values: Values, facts: Facts, *, table: str, first_column: str, last_column: str
) -> Problems:
    """In every row, the second date is not before the first."""
    label = item.field(table).column(last_column).label
    for number, row in rows(item, values, table):
        start, end = as_date(row.get(first_column)), as_date(row.get(last_column))
        if start and end and end < start:
            yield Problem(item.id, table, ORDER, {"label": label, "earliest": start}, row=number, column=last_column)


def not_after_submission(item: Item, values: Values, facts: Facts, *, field: str) -> Problems:
    """What the firm says it has done is dated no later than the day of submission."""
    day = asked_date(item, values, field)
    if day and day > facts.today:
        yield Problem(item.id, field, NOT_AFTER, {"label": item.field(field).label, "latest": facts.today})


def by_first_day(item: Item, values: Values, facts: Facts, *, field: str, unless_kind: Sequence[str] = ()) -> Problems:
    """Done on or before the first day, except in the kinds named."""
    day = asked_date(item, values, field)
    if day and facts.first_day and day > facts.first_day and facts.kind not in unless_kind:
        yield Problem(item.id, field, NOT_AFTER, {"label": item.field(field).label, "latest": facts.first_day})


def notice_dated(
    item: Item, values: Values, facts: Facts, *, field: str, state_field: str, unless_kind: Sequence[str] = ()
) -> Problems:
    """Clause 2.2.5.5: posted by today, or planned for a day to come; by the first day either way."""
    day, state = asked_date(item, values, field), values.get(state_field)
    if not day:
        return
    if state == "posted" and day > facts.today:
        yield Problem(item.id, field, gettext_noop("日期尚未屆至；尚未公告者，請改選「預定公告」"))
    elif state == "planned" and day < facts.today:
        yield Problem(item.id, field, gettext_noop("預定公告日期已過，請改選「已公告」，或輸入新的預定日期"))
    yield from by_first_day(item, values, facts, field=field, unless_kind=unless_kind)


def own_devices_cleared(
    item: Item,
    values: Values,
    facts: Facts,
    *,
    table: str,
    columns: Sequence[str],
    staff_column: str,
    refused_line: str,
) -> Problems:
    """Clause 3.1.2: an own device is approved and tested by the first day, and never used for the refused line."""
    refused = {person.staff_no for person in facts.people if refused_line in person.lines}
    for number, row in rows(item, values, table):
        for column in columns:
            day = as_date(row.get(column))
            if day and facts.first_day and day > facts.first_day:
                label = item.field(table).column(column).label
                params = {"label": label, "latest": facts.first_day}
                yield Problem(item.id, table, NOT_AFTER, params, row=number, column=column)
        if row.get(staff_column) in refused:
            yield Problem(
                item.id,
                table,
                gettext_noop("該人員之業務含「{line}」，不得使用非公司提供之電腦，請改由公司配發"),
                {"line": facts.version.line(refused_line).name},
                row=number,
                column=staff_column,
            )


def last_test_passed(
    item: Item,
    values: Values,
    facts: Facts,
    *,
    table: str,
    from_column: str,
    to_column: str,
    result_column: str,
    retest_column: str,
    retest_result_column: str,
    unless_kind: Sequence[str] = (),
) -> Problems:
    """Clause 2.2.6: every test is in order and done; the last one is passed, before the first day."""
    last: tuple[date, int, Values] | None = None
    for number, row in rows(item, values, table):
        begun = as_date(row.get(from_column))
        if not begun:
            continue
        ended = as_date(row.get(to_column)) or begun
        done = as_date(row.get(retest_column)) or ended
        columns = item.field(table)
        if ended < begun:
            params = {"label": columns.column(to_column).label, "earliest": begun}
            yield Problem(item.id, table, ORDER, params, row=number, column=to_column)
        if done < ended:
            params = {"label": columns.column(retest_column).label, "earliest": ended}
            yield Problem(item.id, table, ORDER, params, row=number, column=retest_column)
        if max(ended, done) > facts.today:
            message = gettext_noop("測試須於送件日 {latest} 以前完成，請重新輸入")
            yield Problem(item.id, table, message, {"latest": facts.today}, row=number, column=from_column)
        if last is None or (ended, number) > last[:2]:
            last = (ended, number, row)
    if last is None:
        return
    ended, number, row = last
    result, retest, retested = row.get(result_column), row.get(retest_result_column), as_date(row.get(retest_column))
    if retest == "failed":
        yield Problem(
            item.id, table, gettext_noop("最後一次複測未通過，請於通過後填寫"), row=number, column=retest_result_column
        )
    elif result in {"partly", "failed"} and not (retested and retest == "passed"):
        yield Problem(
            item.id,
            table,
            gettext_noop("最後一次測試未全數通過，請填寫複測日期及通過之複測結果"),
            row=number,
            column=retest_column if not retested else retest_result_column,
        )
    if facts.first_day and (retested or ended) >= facts.first_day and facts.kind not in unless_kind:
        yield Problem(
            item.id,
            table,
            gettext_noop("測試須於居家辦公起日前完成，最遲為 {latest}"),
            {"latest": facts.first_day - timedelta(days=1)},
            row=number,
            column=retest_column if retested else from_column,
        )


def trained_within(item: Item, values: Values, facts: Facts, *, table: str, column: str, months: int) -> Problems:
    """Clause 2.2.12: every session is held, the latest within the half year before submission."""
    held = [(day, number) for number, row in rows(item, values, table) if (day := as_date(row.get(column)))]
    for day, number in held:
        if day > facts.today:
            params = {"label": item.field(table).column(column).label, "latest": facts.today}
            yield Problem(item.id, table, NOT_AFTER, params, row=number, column=column)
    if not held:
        return
    until = last_day(max(held)[0], months=months, count_first_day=False)
    if until < facts.today:
        yield Problem(
            item.id,
            table,
            gettext_noop("最近一次教育訓練之 {months} 個月期間已於 {until} 屆滿，請補辦並填寫新場次"),
            {"months": months, "until": until},
        )


def risk_assessment_due(
    section: Section, values: Mapping[str, Values], facts: Facts, *, item: str, field: str, months: int
) -> Problems:
    """Clause 2.2.11: compulsory where the chain of periods reaches a year; then no older than ``months``."""
    reached = facts.year_reached_on
    if not reached or not facts.last_day or reached > facts.last_day:
        return
    answers = values[item]
    if answers.get("answer") in {"no", "na"}:
        yield Problem(
            item,
            "answer",
            gettext_noop("連續居家辦公期間將於 {reached} 滿一年，請選「是」並填寫風險評估"),
            {"reached": reached},
        )
    day = as_date(answers.get(field))
    if day and (until := last_day(day, months=months, count_first_day=False)) < facts.today:
        yield Problem(
            item,
            field,
            gettext_noop("最近一次風險評估之 {months} 個月期間已於 {until} 屆滿，請重新評估"),
            {"months": months, "until": until},
        )
