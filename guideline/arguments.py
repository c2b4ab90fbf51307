"""What the rules and checks take: each argument, what it names, and what that has to be.

The functions are in ``guideline.rules`` and ``guideline.checks``; a test holds this table to their signatures. A
version whose rules fit it can be examined without a surprise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DATE, TIME, INT, YESNO, LINE, CHOICE, CHOICES, TABLE = (
    ("date",), ("time",), ("int",), ("yesno",), ("line",), ("choice",), ("choices",), ("table",),
)  # fmt: skip


@dataclass(frozen=True)
class Arg:
    """One argument.

    ``names`` says what it names: a "field" of the rule's item, a "column" of the table that argument ``of`` names,
    an "option" of the field that ``of`` names, a "place" ("item/field", "item/table/column"), an "item" of the
    rule's section, a "line", a "kind", a "parameter", or nothing ("months").
    """

    names: str
    types: tuple[str, ...] = ()  # of the field or column
    of: str = ""
    options: tuple[str, ...] = ()  # that the field or column must offer, since the rule asks for them
    lines: bool = False  # its options are the business lines
    rows: str = ""  # the rows that the table must have
    trigger: bool = False  # item: a trigger, or else none
    shape: str = ""  # parameter: "months", "window"
    many: bool = False
    optional: bool = False


def field(*types: str, **more: object) -> Arg:
    return Arg("field", types, **more)  # type: ignore[arg-type]


def column(*types: str, of: str = "table", **more: object) -> Arg:
    return Arg("column", types, of, **more)  # type: ignore[arg-type]


def place(*types: str, **more: object) -> Arg:
    return Arg("place", types, **more)  # type: ignore[arg-type]


DAY = field(*DATE)
YES = field(*YESNO)
A_TABLE = field(*TABLE)
A_LINE = Arg("line")
MONTHS = Arg("months")
KINDS_BUT = Arg("kind", many=True, optional=True)
KINDS_BUT_SAID = Arg("kind", many=True)
DONE = ("passed", "partly", "failed")

Takes = Mapping[str, Mapping[str, Arg]]

ITEM_RULES: Takes = {
    "as_noticed": {"field": DAY, "kinds": KINDS_BUT_SAID},
    "both_hit": {
        "table": A_TABLE,
        "person_column": column(*YESNO),
        "agent_column": column(*YESNO),
        "counted_column": column(*YESNO),
    },
    "by_first_day": {"field": DAY, "unless_kind": KINDS_BUT},
    "dates_in_order": {"first": DAY, "last": DAY},
    "follows_previous": {"first": DAY, "field": field(*CHOICES, lines=True)},
    "headcount_covers_staff": {"field": field(*INT)},
    "hours_for_every_line": {
        "table": A_TABLE,
        "line_column": column(*CHOICE, lines=True),
        "duty_column": column(*LINE),
        "from_column": column(*TIME),
        "to_column": column(*TIME),
    },
    "last_test_passed": {
        "table": A_TABLE,
        "from_column": column(*DATE),
        "to_column": column(*DATE),
        "result_column": column(*CHOICE, options=DONE),
        "retest_column": column(*DATE),
        "retest_result_column": column(*CHOICE, options=("passed", "failed")),
        "unless_kind": KINDS_BUT,
    },
    "lines_as_noticed": {"field": field(*CHOICES, lines=True), "kinds": KINDS_BUT_SAID},
    "lines_licensed": {"field": field(*CHOICES, lines=True)},
    "lines_not_running": {"field": field(*CHOICES, lines=True), "kinds": KINDS_BUT_SAID},
    "must_be_yes": {"field": YES},
    "not_after_submission": {"field": DAY},
    "notice_dated": {
        "field": DAY,
        "state_field": field(*CHOICE, options=("posted", "planned")),
        "unless_kind": KINDS_BUT,
    },
    "only_for_kinds": {
        "field": field(*CHOICE),
        "value": Arg("option", of="field"),
        "kinds": KINDS_BUT_SAID,
    },
    "own_device_refused": {"field": YES},
    "own_devices_cleared": {
        "table": A_TABLE,
        "columns": column(*DATE, many=True),
        "staff_column": column(*LINE),
        "refused_line": A_LINE,
    },
    "period_within_cap": {"first": DAY, "last": DAY},
    "roster_lines_asked_for": {},
    "rows_in_order": {"table": A_TABLE, "first_column": column(*DATE), "last_column": column(*DATE)},
    "senior_manager_listed": {},
    "senior_named": {"field": YES},
    "staff_at_home_listed": {},
    "substitutes_justified": {
        "table": field(*TABLE, rows="lines"),
        "method_column": column(*CHOICE, options=("log", "mixed", "substitute")),
        "head_columns": column(*INT, many=True),
        "substitute_column": column(*INT),
        "reason_column": column(*LINE, "text"),
        "assessed_column": column(*DATE),
        "log_lines": Arg("line", many=True),
    },
    "trained_within": {"table": A_TABLE, "column": column(*DATE), "months": MONTHS},
}

SECTION_RULES: Takes = {
    "risk_assessment_due": {"item": Arg("item"), "field": Arg("field", DATE, of="item"), "months": MONTHS},
    "trigger_or_alternative": {
        "triggers": Arg("item", trigger=True, many=True),
        "alternative": Arg("item"),
    },
}

HOURS: Mapping[str, Arg] = {"table": place(*TABLE), "from_column": place(*TIME), "to_column": place(*TIME)}

CHECKS: Takes = {
    "consent_too_narrow": {"field": place(*CHOICES, lines=True)},
    "consent_too_short": {"from_field": place(*DATE), "to_field": place(*DATE)},
    "contact_not_senior": {"field": place(*LINE)},
    "dated_after_start": {"field": place(*DATE), "unless_kind": KINDS_BUT_SAID},
    "evidence_missing": {},
    "hours_disagree": {
        **HOURS,
        "line_column": place(*CHOICE, lines=True),
        "other": place(*TABLE),
        "other_from_column": place(*TIME),
        "other_to_column": place(*TIME),
        "line": A_LINE,
    },
    "hours_outside_window": {
        **HOURS,
        "line": A_LINE,
        "parameter": Arg("parameter", shape="window"),
        "line_column": place(*CHOICE, lines=True, optional=True),
    },
    "line_not_asked_for": {},
    "own_device_of_line": {"line": A_LINE, "column": place(*LINE)},
    "rows_dated_after_start": {"columns": place(*DATE, many=True), "unless_kind": KINDS_BUT_SAID},
    "statement_old": {"field": place(*DATE), "parameter": Arg("parameter", shape="months")},
    "substitute_in_use": {"line": A_LINE, "video": place(*INT), "substitute": place(*INT)},
    "supervisor_at_home": {"field": place(*YESNO)},
    "training_missed": {"field": place(*INT)},
    "training_old_at_start": {"column": place(*DATE), "months": MONTHS},
    "traders_uncovered": {"line": A_LINE, "fields": place(*INT, many=True)},
    "weekend_last_day": {},
}
