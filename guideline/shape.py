"""The shape of a version: what a clause, a field, a rule or a route is. No reading, no rules."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

SIMPLE_TYPES = frozenset({"line", "text", "date", "time", "int", "yesno", "choice", "choices", "url", "email", "phone"})
TYPES = SIMPLE_TYPES | {"table"}
ROWS = frozenset({"free", "lines", "fixed"})
ANSWERS = ("yes", "no", "na")
LICENCES = ("broker", "dealer", "underwriter")

# What a kind of filing is called in the program, and the steps of its route. The last step decides; each of the
# deciding steps has an effect of its own in law, so none stands for another.
FIRST, PRE_REVIEW, EMERGENCY, EXTENSION = "first", "pre_review", "emergency", "extension"
RENEWAL, ADDED_LINE, RECORDATION = "renewal", "added_line", "recordation"
KINDS = (FIRST, PRE_REVIEW, EMERGENCY, EXTENSION, RENEWAL, ADDED_LINE, RECORDATION)
STEPS = ("notice", "review", "forward", "authority", "endorse", "record", "opinion")
DECIDING = ("authority", "endorse", "record", "opinion")
# When a kind can be asked for: at any time, while an approved period runs or is to come, once there has been one.
OPEN_WHEN = ("always", "period_running", "period_given")


class CatalogueError(ValueError):
    """A version file says something that this program does not understand.

    ``faults`` are all that were found, each with file, line, place and what to do; ``str()`` is all of them.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Words:
    """A text in both languages: ``zh`` is authoritative, ``en`` is our own."""

    zh: str
    en: str

    def get(self, language: str) -> str:
        """The text in ``language`` (any code that starts with ``en`` is English)."""
        return self.en if language.startswith("en") else self.zh


EMPTY = Words("", "")


@dataclass(frozen=True)
class Option:
    id: str
    label: Words


@dataclass(frozen=True)
class Needs:
    """A condition on another field of the same item (or the same row)."""

    field: str
    values: tuple[str, ...]

    def met(self, values: Mapping[str, Any]) -> bool:
        got = values.get(self.field)
        chosen = got if isinstance(got, list) else [got]
        return any(str(value) in self.values for value in chosen if value is not None)


@dataclass(frozen=True)
class Field:
    """One question. ``required`` holds only where the item is answered 是, or ``always``."""

    name: str
    type: str
    label: Words
    hint: Words = EMPTY
    required: bool = False
    needs: Needs | None = None
    options: tuple[Option, ...] = ()
    options_from: str = ""  # "lines": the business lines of the version
    rows: str = "free"
    row: tuple[Option, ...] = ()
    columns: tuple[Field, ...] = ()
    minimum: int = 0  # int: the least value; table: the least number of rows

    def column(self, name: str) -> Field:
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Rule:
    """A named rule with its arguments; the function is in rules.py or checks.py."""

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    kind: str
    label: Words
    required: bool = False
    needs: Needs | None = None


@dataclass(frozen=True)
class Item:
    """One clause that a firm answers and the exchange judges.

    ``wording`` is the version that the clause's words were taken from, where its own are not known.
    """

    id: str
    number: str
    title: Words
    text: Words
    trigger: bool = False
    always: bool = False
    plain: bool = False  # its fields alone: no 是／否／不適用, text or note; always asked for
    note_hint: Words = EMPTY
    fields: tuple[Field, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    rules: tuple[Rule, ...] = ()
    wording: str = ""

    def field(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)


@dataclass(frozen=True)
class Section:
    """One page of the wizard."""

    id: str
    group: str
    number: str
    title: Words
    task: Words
    items: tuple[Item, ...]
    line: str = ""  # only where this business line is asked for
    kinds: tuple[str, ...] = ()  # only in these kinds of filing
    notice: bool = False  # asked when a notice is given, before the documents; fixed from then on
    roster: bool = False
    intro: Words = EMPTY
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Line:
    id: str
    name: Words
    short: Words
    licences: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of filing and the way that it goes.

    ``lines`` are the business lines that it is open to (all, where empty); ``filed_within_days`` the calendar days
    after the first day within which it may still be filed (None: before the first day, or as other rules say).
    ``own_pages``: it follows a case and asks only the sections that name it, those in ``asks``, and of the others those
    that the firm opens; the rest stands in the case before. ``open_when``: one of ``OPEN_WHEN``.
    ``meaning`` says where its answers are, where that is not where the version says.
    """

    id: str
    name: Words
    clause: str
    route: tuple[str, ...]
    outcome: Words
    lines: tuple[str, ...] = ()
    filed_within_days: int | None = None
    own_pages: bool = False
    asks: tuple[str, ...] = ()
    open_when: str = "always"
    meaning: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def by_authority(self) -> bool:
        """Whether the authority decides; else the exchange does."""
        return self.route[-1] == "authority"

    @property
    def for_opinion(self) -> bool:
        """Whether it ends in an opinion (預先審查): filed as far as it is ready, and no right comes of it."""
        return self.route[-1] == "opinion"

    @property
    def by_notice(self) -> bool:
        """Whether a notice comes first and the documents follow it."""
        return self.route[0] == "notice"


SINCE = frozenset({"answer", "period", "year"})
# The intervals that a duty knows how to count, as months and days: options of the field that ``interval`` names.
INTERVALS = {"daily": (0, 1), "weekly": (0, 7), "biweekly": (0, 14), "monthly": (1, 0), "quarterly": (3, 0)}


@dataclass(frozen=True)
class Duty:
    """Something that comes due again and again while a period runs.

    ``since`` says what it is counted from: an answer (the latest date where a table gives several), the first
    day of the period, or the day on which the adjoining periods reach a year. It recurs after ``months``, or
    after the interval that the firm itself chose in ``interval``; with neither it is due once.
    """

    id: str
    item: str
    name: Words
    why: Words
    since: str
    answer: tuple[str, ...] = ()  # item id, field, and column of a table
    months: int = 0
    interval: tuple[str, ...] = ()  # item id, field
    needs: Needs | None = None  # a condition on the item's own answers


@dataclass(frozen=True)
class Parameter:
    """A number or list that the guideline does not give: 「本系統參數，非指引所定」."""

    id: str
    value: Any
    label: Words


@dataclass(frozen=True)
class Body:
    code: str
    name: Words
    short: Words


@dataclass(frozen=True)
class Version:
    id: str
    label: Words
    document: str
    announced: date
    title: Words
    exchange: Body
    authority: Body
    months: int
    extensions: int
    count_first_day: bool
    lines: tuple[Line, ...]
    kinds: tuple[Kind, ...]
    groups: tuple[Option, ...]
    sections: tuple[Section, ...]
    checks: tuple[Rule, ...]
    meaning: Mapping[str, tuple[str, str]]  # "first_day" -> (item id, field name)
    parameters: tuple[Parameter, ...] = ()
    duties: tuple[Duty, ...] = ()
    premises: tuple[tuple[str, Words], ...] = ()  # clauses that are quoted, not answered
    period_clause: str = ""  # the clause that gives the cap and the extensions
    reconstruction: Words | None = None  # what is not known of a version that was rebuilt from what is known
    borrowed: Mapping[str, str] = field(default_factory=dict)  # clause -> the version that its words are from

    @cached_property
    def _sections(self) -> dict[str, Section]:
        return {section.id: section for section in self.sections}

    @cached_property
    def _items(self) -> dict[str, tuple[Section, Item]]:
        return {item.id: (section, item) for section in self.sections for item in section.items}

    @cached_property
    def _kinds(self) -> dict[str, Kind]:
        return {kind.id: kind for kind in self.kinds}

    def section(self, section_id: str) -> Section:
        """The section with this id; KeyError where there is none."""
        return self._sections[section_id]

    def item(self, item_id: str) -> Item:
        """The item with this id; KeyError where there is none."""
        return self._items[item_id][1]

    def section_of(self, item_id: str) -> Section:
        return self._items[item_id][0]

    def items(self) -> Iterator[Item]:
        for section in self.sections:
            yield from section.items

    def items_among(self, ids: Container[str]) -> list[Item]:
        """Those of these items that there are, in the guideline's order: a stored JSON object has none of its own."""
        return [item for item in self.items() if item.id in ids]

    def line(self, line_id: str) -> Line:
        return next(line for line in self.lines if line.id == line_id)

    def kind(self, kind_id: str) -> Kind:
        """The kind with this id; KeyError where there is none."""
        return self._kinds[kind_id]

    def knows(self, kind_id: str) -> bool:
        """Whether there is a kind of filing with this id."""
        return any(kind.id == kind_id for kind in self.kinds)

    @property
    def extension_clause(self) -> str:
        """The clause on extensions; that of the period where there is no such kind."""
        return self.kind(EXTENSION).clause if self.knows(EXTENSION) else self.period_clause

    def duty(self, duty_id: str) -> Duty:
        return next(duty for duty in self.duties if duty.id == duty_id)

    def parameter(self, name: str) -> Any:
        return next(p.value for p in self.parameters if p.id == name)

    def pages(
        self, kind: str, lines: Collection[str], opened: Collection[str] = (), *, noticing: bool = False
    ) -> tuple[Section, ...]:
        """The pages of a case of this kind and these lines, in order.

        Args:
            opened: sections that the firm opened though its kind does not ask for them.
            noticing: the notice is not given yet, so its pages alone are asked.
        """
        found = self.kind(kind)
        known = {*opened, *found.asks}

        def asked(section: Section) -> bool:
            if noticing and not section.notice:
                return False
            if section.kinds:
                return kind in section.kinds
            if found.own_pages and section.id not in known:
                return False
            return not section.line or section.line in lines

        return tuple(filter(asked, self.sections))

    def pages_of(self, kind: str, opened: Collection[str] = ()) -> tuple[Section, ...]:
        """Every page that a case of this kind can have, whatever its lines; see ``pages``."""
        return self.pages(kind, [line.id for line in self.lines], opened)

    def places(self, kind: str) -> Mapping[str, tuple[str, str]]:
        """``meaning`` as it holds for this kind."""
        return {**self.meaning, **self.kind(kind).meaning}

    def lines_for(self, licences: frozenset[str] | tuple[str, ...]) -> tuple[Line, ...]:
        """The business lines that a firm with these licence lines may ask for."""
        return tuple(line for line in self.lines if set(line.licences) & set(licences))
