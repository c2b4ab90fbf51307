"""Which kind of filing? Pure: what the ledger knows of a firm and what it wants, in; the ways that are open, out.

What a kind is called, its clause, its lines and when it is open come from the version; here is only which kind fits
which situation (requirements §4 and §7, our reading where the text is silent).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from applications.ledger import Answer
from applications.present import listed, show_date, words
from guideline.periods import extension_first_day
from guideline.shape import ADDED_LINE, EMERGENCY, EXTENSION, FIRST, PRE_REVIEW, RECORDATION, RENEWAL, Kind, Version


@dataclass(frozen=True)
class Held:
    """A period of the firm, the case that gave it, and whether an extension of it can be filed."""

    case: int
    name: str  # of the case
    line: str
    first: date
    until: date
    extension: Answer


@dataclass(frozen=True)
class UnderWay:
    """A case of the firm that has not ended."""

    case: int
    name: str
    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """What is known of a firm on a day (Asia/Taipei)."""

    version: Version
    licences: frozenset[str]
    today: date
    held: tuple[Held, ...] = ()
    under_way: tuple[UnderWay, ...] = ()

    def kind(self, kind_id: str, line: str = "") -> Kind | None:
        """The kind, where the version has it and it is open to this line."""
        for kind in self.version.kinds:
            if kind.id == kind_id and (not line or not kind.lines or line in kind.lines):
                return kind
        return None

    def names(self, lines: Iterable[str]) -> str:
        asked = set(lines)
        return listed(words(line.name) for line in self.version.lines if line.id in asked)

    def of(self, line: str) -> list[Held]:
        """The periods of a line, the last one first."""
        return sorted((one for one in self.held if one.line == line), key=lambda one: one.until, reverse=True)

    @property
    def running(self) -> list[Held]:
        """What runs or is to come, the last to end first."""
        now = [one for one in self.held if one.until >= self.today]
        return sorted(now, key=lambda one: (one.until, one.case), reverse=True)


@dataclass(frozen=True)
class Wanted:
    """What a firm answers; ``emergency``: one that makes the normal procedure impossible, ``opinion``: nothing more."""

    lines: tuple[str, ...]
    first_day: date
    emergency: bool = False
    opinion: bool = False


@dataclass(frozen=True)
class Way:
    """A kind that is open for these lines; ``follows``: the case that it goes on from, whose period ends ``after``."""

    kind: Kind
    lines: tuple[str, ...]
    why: str
    follows: int | None = None
    after: date | None = None

    @property
    def clause(self) -> str:
        return self.kind.clause


@dataclass(frozen=True)
class Closed:
    """What is not open for these lines, why, by which clause; ``case`` is one that is under way instead."""

    lines: tuple[str, ...]
    why: str
    clause: str
    case: int | None = None


@dataclass(frozen=True)
class Finding:
    """The ways that are open, the one that fits first; and what is not open."""

    ways: tuple[Way, ...]
    closed: tuple[Closed, ...]

    def way(self, kind_id: str, follows: int | None) -> Way | None:
        return next((one for one in self.ways if (one.kind.id, one.follows) == (kind_id, follows)), None)


def open_to(kind: Kind, lines: Iterable[str], known: Known) -> bool:
    """Whether a kind can be asked for by ``open_when`` of the version and the lines that it is open to.

    ``period_running`` asks for a period of any line, ``period_given`` for one of every line asked for.
    """
    asked = list(lines)
    if kind.lines and not set(asked) <= set(kind.lines):
        return False
    if kind.open_when == "period_running":
        return bool(known.running)
    return kind.open_when != "period_given" or all(known.of(line) for line in asked)


def find(wanted: Wanted, known: Known) -> Finding:
    """The kinds that are open for what a firm wants, and why the others are not."""
    licensed = {line.id for line in known.version.lines_for(known.licences)}
    lines = [line.id for line in known.version.lines if line.id in wanted.lines]
    said: list[Way | Closed] = []
    if strange := tuple(line for line in lines if line not in licensed):
        why = _("公司許可證照未涵蓋「{lines}」，不得申請；取得許可後始得申請。")
        said.append(Closed(strange, why.format(lines=known.names(strange)), known.version.places(FIRST)["lines"][0]))
    for line in lines:
        if line in licensed:
            said += _of_line(line, wanted, known)
    ways = _merged(one for one in said if isinstance(one, Way))
    return _under_way(ways, [one for one in said if isinstance(one, Closed)], known)


def _of_line(line: str, wanted: Wanted, known: Known) -> Iterator[Way | Closed]:
    held = known.of(line)
    current = next((one for one in held if one.until >= wanted.first_day), None)
    if current is not None and wanted.emergency:  # 備查 gives way where a period to come begins
        current = next((one for one in held if one.first <= wanted.first_day <= one.until), None)
    if current is not None and not wanted.opinion:
        yield from _held(line, current, known)
        return
    if wanted.emergency:
        yield from _one(
            EMERGENCY, line, known, _("發生緊急情況致無法循正常程序申請者，得先通報，事後補具書件送備查。"), wanted
        )
        return
    if wanted.opinion:
        yield from _one(PRE_REVIEW, line, known, _("書件先送審查，僅得預審意見，不得據以實施居家辦公。"), wanted)
        return
    if held:
        yield from _again(line, held[0], wanted, known)
    else:
        yield from _new(line, wanted, known)


def _held(line: str, current: Held, known: Known) -> Iterator[Way | Closed]:
    """The line may be done at home on the day already: what comes after the period is all that can be asked for."""
    why = _("「{lines}」已有期間，自 {first}至 {last}（{case}），毋須再為申請。")
    text = why.format(
        lines=known.names([line]), first=show_date(current.first), last=show_date(current.until), case=current.name
    )
    yield Closed((line,), text, known.version.period_clause)
    yield from _after(line, current, known)


def _again(line: str, last: Held, wanted: Wanted, known: Known) -> Iterator[Way | Closed]:
    """The line has had a period that ends before the day."""
    yield from _after(line, last, known)
    if known.kind(RENEWAL, line) is None:
        yield from _new(line, wanted, known)


def _after(line: str, last: Held, known: Known) -> Iterator[Way | Closed]:
    """What follows a period: an extension while it is open, and a renewal."""
    if last.extension.open:
        yield from _extension(line, last, known)
    elif known.kind(EXTENSION, line):
        why = _("「{lines}」不得申請延展：{why}").format(lines=known.names([line]), why=last.extension.why)
        yield Closed((line,), why, last.extension.clause)
    kind = known.kind(RENEWAL, line)
    if kind is not None and open_to(kind, [line], known):
        if last.extension.open:
            why = _("不申請延展者，亦得於期滿後，經評估仍有必要，依首次申請之流程再提出申請（自 {day}起）。")
        elif last.until >= known.today:
            why = _("期滿後經評估仍有必要者，依首次申請之流程再提出申請（自 {day}起）。")
        else:
            why = _("期間已屆滿或終止；經評估仍有必要者，依首次申請之流程再提出申請。")
        day = extension_first_day(last.until)
        yield Way(kind, (line,), why.format(day=show_date(day)), last.case, last.until)


def _extension(line: str, last: Held, known: Known) -> Iterator[Way]:
    kind = known.kind(EXTENSION, line)
    if kind is not None:
        day = extension_first_day(last.until)
        text = _("期限屆滿前有正當理由者，得申請延展，以 {count} 次為限，自 {day}起。")
        why = text.format(count=known.version.extensions, day=show_date(day))
        yield Way(kind, (line,), why + last.extension.why, last.case, last.until)


def _new(line: str, wanted: Wanted, known: Known) -> Iterator[Way | Closed]:
    """A line that never had a period, or whose version knows no renewal."""
    added = known.kind(ADDED_LINE, line)
    if added is not None and not known.of(line) and open_to(added, [line], known):
        base = known.running[0]
        why = _("公司已有居家辦公之期間（{case}），本業務為新增；只填與本業務有關之各節，其餘沿用。")
        yield from _timely(Way(added, (line,), why.format(case=base.name), base.case), wanted, known)
        return
    first = known.kind(FIRST, line)
    if first is not None and open_to(first, [line], known):
        yield from _timely(Way(first, (line,), _("本業務首次申請居家辦公，須經核准後始得實施。")), wanted, known)
        return
    yield from _one(RECORDATION, line, known, _("本業務毋須申請核准，應申報備查。"), wanted)


def _one(kind_id: str, line: str, known: Known, why: str, wanted: Wanted) -> Iterator[Way | Closed]:
    kind = known.kind(kind_id, line)
    if kind is None or not open_to(kind, [line], known):
        text = _("「{lines}」依現行指引沒有此一程序。").format(lines=known.names([line]))
        yield Closed((line,), text, known.version.kind(FIRST).clause)
        return
    way = Way(kind, (line,), why)
    yield from [way] if kind.by_notice or kind_id == PRE_REVIEW else _timely(way, wanted, known)


def _timely(way: Way, wanted: Wanted, known: Known) -> Iterator[Way | Closed]:
    """The way, unless its first day is too far back."""
    within = way.kind.filed_within_days
    if within is None:
        if wanted.first_day < known.today:
            why = _("起日 {day}已過；居家辦公須先經{outcome}，請填今日以後之日期。")
            text = why.format(day=show_date(wanted.first_day), outcome=words(way.kind.outcome))
            yield Closed(way.lines, text, way.clause)
            return
        yield way
        return
    latest = wanted.first_day + timedelta(days=within)
    if known.today > latest:
        why = _("應於起日後 {days} 日內申報，最遲為 {day}，已逾期。").format(days=within, day=show_date(latest))
        yield Closed(way.lines, why, way.clause)
        return
    why = _("得於起日前，或起日後 {days} 日內（最遲 {day}）申報。").format(days=within, day=show_date(latest))
    yield Way(way.kind, way.lines, way.why + why, way.follows, way.after)


def _merged(ways: Iterable[Way]) -> list[Way]:
    """One way for all lines that go the same way, in the order in which they are to be looked at.

    Renewals of several lines are one case, which goes on from the one that ends last.
    """
    order = (EMERGENCY, PRE_REVIEW, EXTENSION, RENEWAL, ADDED_LINE, FIRST, RECORDATION)

    def rank(way: Way) -> tuple[int, int]:
        return order.index(way.kind.id), 0 if way.kind.id == RENEWAL else way.follows or 0

    found = []
    for _rank, group in groupby(sorted(ways, key=rank), key=rank):
        mine = list(group)
        last = max(mine, key=lambda way: (way.after or date.min, way.follows or 0))
        lines = tuple(line for way in mine for line in way.lines)
        found.append(Way(last.kind, lines, last.why, last.follows, last.after))
    return found


def _under_way(ways: Iterable[Way], closed: list[Closed], known: Known) -> Finding:
    """Without the lines for which a case of the same kind is under way: that one is to be gone on with."""
    left = []
    for way in ways:
        lines = set(way.lines)
        for one in known.under_way:
            shared = tuple(line for line in way.lines if line in lines and line in one.lines)
            if one.kind == way.kind.id and shared:
                why = _("「{lines}」已有辦理中之{kind}案 {case}，請接續辦理。")
                text = why.format(lines=known.names(shared), kind=words(way.kind.name), case=one.name)
                closed.append(Closed(shared, text, way.clause, one.case))
                lines -= set(shared)
        if lines:
            rest = tuple(line for line in way.lines if line in lines)
            left.append(Way(way.kind, rest, way.why, way.follows, way.after))
    return Finding(tuple(left), tuple(closed))
