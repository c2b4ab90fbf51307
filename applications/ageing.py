"""What has aged since the pre-review: what the version's own rules and checks say of it now and did not say then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from applications.content import Whole, changed_items, snapshot
from guideline.examine import case_warnings, section_problems
from guideline.facts import Facts, Problem
from guideline.values import as_date


def filed_on(content: Mapping[str, Any]) -> date:
    """The day on which a submission was filed (Asia/Taipei)."""
    return datetime.fromisoformat(content["submitted_at"]).date()


def aged(whole: Whole, before: dict[str, Any]) -> list[Problem]:
    """What time alone, or the new period, has done to answers that stand as they were filed.

    No age is set here: the training's half year, a test before the first day, the age of a statement and so on are
    the version's rules, checks and parameters. An item that was written anew is not in the list.

    Args:
        whole: the formal case as it stands.
        before: content of the pre-review's last submission.
    """
    now, day, last = whole.facts, filed_on(before), as_date(before["last_day"])
    reached = now.year_reached_on if last and now.year_reached_on and now.year_reached_on <= last else None
    then = replace(now, today=day, first_day=as_date(before["first_day"]), last_day=last, year_reached_on=reached)
    known = {_place(problem) for problem in _found(whole, then)}
    changed = changed_items(before, snapshot(whole))
    return [one for one in _found(whole, now) if one.item not in changed and _place(one) not in known]


def _found(whole: Whole, facts: Facts) -> Iterator[Problem]:
    for page in whole.pages:
        yield from section_problems(page, whole.sections[page.id].answers if page.id in whole.sections else {}, facts)[
            1
        ]
    yield from case_warnings(facts)


def _place(problem: Problem) -> tuple[Any, ...]:
    return problem.item, problem.field, problem.message, problem.row, problem.column
