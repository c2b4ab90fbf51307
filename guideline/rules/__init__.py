"""The rules that a version names, by name.

An item rule is ``fn(item, values, facts, **args)``: it is called only where the item's fields are
demanded, with ``values`` as cleaned by examine. A section rule is ``fn(section, values, facts, **args)``
with the values of every item of the section. Clause ids come from the version, never from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from guideline.facts import Problem
from guideline.rules import dates, measures, scope

RULES: dict[str, Callable[..., Iterable[Problem]]] = {
    rule.__name__: rule
    for rule in (
        dates.as_noticed,
        dates.by_first_day,
        dates.dates_in_order,
        dates.follows_previous,
        dates.last_test_passed,
        dates.not_after_submission,
        dates.notice_dated,
        dates.own_devices_cleared,
        dates.period_within_cap,
        dates.risk_assessment_due,
        dates.rows_in_order,
        dates.trained_within,
        measures.hours_for_every_line,
        measures.must_be_yes,
        measures.only_for_kinds,
        measures.own_device_refused,
        measures.senior_named,
        measures.substitutes_justified,
        scope.both_hit,
        scope.headcount_covers_staff,
        scope.lines_as_noticed,
        scope.lines_not_running,
        scope.lines_licensed,
        scope.roster_lines_asked_for,
        scope.senior_manager_listed,
        scope.staff_at_home_listed,
        scope.trigger_or_alternative,
    )
}

__all__ = ["RULES"]
