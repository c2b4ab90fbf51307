"""The format of a version file: every key, what it may hold, and the closed sets. See docs/guideline-format.md.

``FORMAT`` is what one key may say by itself; what keys say of each other is in ``guideline.links``.
"""

from __future__ import annotations

from collections.abc import Mapping

from guideline import arguments
from guideline.shape import DECIDING, KINDS, LICENCES, OPEN_WHEN, ROWS, SIMPLE_TYPES, SINCE, STEPS, TYPES
from guideline.specs import Day, Either, Flag, Json, ListOf, Named, Names, OneOf, Spec, Table, Text, Whole

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
MOST_MONTHS, MOST_EXTENSIONS = 36, 12
MOST_ROWS = 200

NAME = Text("[a-z][a-z0-9]*(?:_[a-z0-9]+)*", "小寫英文、數字及底線，以英文起首", 40)
SHORT_NAME = Text(NAME.pattern, NAME.say, 20)
CLAUSE = Text(r"[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*", "英數字，以「.」分層，例如 2.2.5.1", 20)
PLACE = Text(r"[0-9A-Za-z.]+(?:/[a-z0-9_]+){1,2}", "項目/欄位 或 項目/表格/欄，例如 2.2.12/sessions/held_on", 90)
VERSION_ID = Text("[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*", "英數字及連字號，例如 112-10-03", 40)
CODE = Text("[A-Za-z0-9]+", "英數字", 20)
TEXT = Text()
WORDS = Table({"zh": TEXT, "en": Text(blank=True)}, ("zh",))
ID = NAME
OPTION = Table({"id": ID, "zh": TEXT, "en": Text(blank=True)}, ("id", "zh"))
OPTIONS = ListOf(OPTION, 1, 100)
NEEDS = Table({"field": NAME, "is": ListOf(Text(longest=100), 1)}, ("field", "is"))


def _sorted(values: frozenset[str]) -> OneOf:
    return OneOf(tuple(sorted(values)))


def _field(types: frozenset[str], more: Mapping[str, Spec]) -> Table:
    keys: dict[str, Spec] = {
        "name": NAME,
        "type": _sorted(types),
        "label": WORDS,
        "hint": WORDS,
        "required": Flag(),
        "needs": NEEDS,
        "options": Either((NAME, OPTIONS), "[choices] 內之名稱，或選項清單"),
        "options_from": OneOf(("lines",)),
        "minimum": Whole(0, 999_999_999),
    }
    return Table(keys | dict(more), ("name", "type", "label"))


FIELD = _field(TYPES, {"rows": _sorted(ROWS), "row": OPTIONS, "column": ListOf(_field(SIMPLE_TYPES, {}), 1, 20)})

_ARGUMENT: Mapping[str, Spec] = {
    "field": NAME,
    "column": NAME,
    "option": NAME,
    "place": PLACE,
    "item": CLAUSE,
    "line": SHORT_NAME,
    "kind": OneOf(KINDS),
    "parameter": NAME,
    "months": Whole(1, 120),
}


def _argument(arg: arguments.Arg) -> Spec:
    one = _ARGUMENT[arg.names]
    # only a list of kinds or lines may be empty: nothing is excepted
    return ListOf(one, 0 if arg.names in {"kind", "line"} else 1) if arg.many else one


def _rules(takes: arguments.Takes, also: Mapping[str, Spec] | None = None) -> Named:
    return Named(
        {
            name: Table(
                {key: _argument(arg) for key, arg in args.items()},
                tuple(key for key, arg in args.items() if not arg.optional),
            )
            for name, args in sorted(takes.items())
        },
        also or {},
    )


ITEM = Table(
    {
        "id": CLAUSE,
        "number": Text(longest=40),
        "title": WORDS,
        "zh": TEXT,
        "en": Text(blank=True),
        "wording": VERSION_ID,
        "trigger": Flag(),
        "always": Flag(),
        "plain": Flag(),
        "note_hint": WORDS,
        "field": ListOf(FIELD),
        "evidence": ListOf(
            Table({"kind": NAME, "label": WORDS, "required": Flag(), "needs": NEEDS}, ("kind", "label")),
        ),
        "rule": ListOf(_rules(arguments.ITEM_RULES)),
    },
    ("id", "number", "title", "zh"),
)

SECTION = Table(
    {
        "id": CLAUSE,
        "group": NAME,
        "number": Text(longest=40),
        "title": WORDS,
        "task": WORDS,
        "intro": WORDS,
        "line": SHORT_NAME,
        "kinds": ListOf(OneOf(KINDS), 1),
        "notice": Flag(),
        "roster": Flag(),
        "rule": ListOf(_rules(arguments.SECTION_RULES)),
        "item": ListOf(ITEM, 1),
    },
    ("id", "group", "number", "title", "task", "item"),
)

# What the program asks of a version by name: the fields behind it.
MEANINGS: Mapping[str, tuple[str, ...]] = {
    "first_day": ("date",),
    "last_day": ("date",),
    "lines": ("choices",),
    "contact_name": ("line",),
    "contact_title": ("line",),
    "contact_phone": ("phone",),
    "contact_email": ("email",),
    "notice_state": ("choice",),
    "notice_on": ("date",),
    "statement_on": ("date",),
    "consent_form": ("choice",),
    "risk_assessed_on": ("date",),
    "training_sessions": ("table",),
}

KIND = Table(
    {
        "id": OneOf(KINDS),
        "name": WORDS,
        "clause": CLAUSE,
        "route": ListOf(OneOf(STEPS), 1, len(STEPS)),
        "outcome": WORDS,
        "lines": ListOf(SHORT_NAME, 1),
        "filed_within_days": Whole(0, 366),
        "own_pages": Flag(),
        "asks": ListOf(CLAUSE, 1),
        "open_when": OneOf(OPEN_WHEN),
        "meaning": Table(dict.fromkeys(MEANINGS, PLACE)),
    },
    ("id", "name", "clause", "route", "outcome"),
)

DUTY = Table(
    {
        "id": SHORT_NAME,
        "item": CLAUSE,
        "name": WORDS,
        "why": WORDS,
        "since": _sorted(SINCE),
        "answer": PLACE,
        "months": Whole(1, 120),
        "interval": PLACE,
        "needs": NEEDS,
    },
    ("id", "item", "name", "why", "since"),
)

_NUMBER = Whole(-100_000, 100_000)
VALUE = Either(
    (_NUMBER, Text(longest=400), ListOf(_NUMBER, 1), ListOf(Text(longest=100), 1)),
    "整數、文字、整數清單或文字清單",
)
BODY = Table({"code": CODE, "name": WORDS, "short": WORDS}, ("code", "name", "short"))

# The numbers of our own that the program asks for.
PARAMETERS: Mapping[str, Spec] = {
    "correction_days": Whole(0, 366),
    "document_days": Whole(0, 366),
    "ratification_days": Whole(0, 366),
    "reminder_days": ListOf(Whole(-366, 366), 1, 20),
    "retention_years": Whole(1, 100),
}

FORMAT = Table(
    {
        "announcement": Table(
            {
                "id": VERSION_ID,
                "label": WORDS,
                "document": Text(longest=80),
                "announced": Day(),
                "title": WORDS,
                "exchange": BODY,
                "authority": BODY,
            },
            ("id", "label", "document", "announced", "title", "exchange", "authority"),
        ),
        "reconstruction": Table({"note": WORDS}, ("note",)),
        "period": Table(
            {
                "clause": CLAUSE,
                "months": Whole(1, MOST_MONTHS),
                "extensions": Whole(0, MOST_EXTENSIONS),
                "count_first_day": Flag(),
            },
            ("clause", "months", "extensions"),
        ),
        "line": ListOf(
            Table(
                {"id": SHORT_NAME, "name": WORDS, "short": WORDS, "licences": ListOf(OneOf(LICENCES), 1)},
                ("id", "name", "short", "licences"),
            ),
            1,
            20,
        ),
        "kind": ListOf(KIND, 1, len(KINDS)),
        "parameter": ListOf(Table({"id": NAME, "value": VALUE, "label": WORDS}, ("id", "value", "label"))),
        "duty": ListOf(DUTY),
        "group": ListOf(OPTION, 1, 20),
        "meaning": Table(dict.fromkeys(MEANINGS, PLACE), ("first_day", "last_day", "lines")),
        "choices": Names(OPTIONS, NAME.pattern, NAME.say),
        "premise": ListOf(
            Table({"id": CLAUSE, "zh": TEXT, "en": Text(blank=True), "wording": VERSION_ID}, ("id", "zh")),
        ),
        "section": ListOf(SECTION, 1, 100),
        "check": ListOf(_rules(arguments.CHECKS, {"items": ListOf(CLAUSE, 0, 20)})),
    },
    ("announcement", "period", "line", "kind", "parameter", "group", "meaning", "section"),
)


def schema() -> Json:
    """The format as a JSON Schema, for editors and for others' checkers (docs/guideline.schema.json)."""
    return {
        "$schema": SCHEMA,
        "$id": "guideline.schema.json",
        "title": "指引版本檔",
        "description": "由 guideline/format.py 產生（manage.py check_guideline --schema），請勿手改。"
        f"程序之末步須為 {'、'.join(DECIDING)} 之一等跨欄規定，見 docs/guideline-format.md。",
    } | FORMAT.schema()
