"""Two submissions side by side: what was added, removed and changed, down to the word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from applications.content import changed_items
from applications.present import ItemView, Shown, clause_number, line_names, listed, show_date, show_pages
from applications.roster_columns import COLUMNS, PLACES
from applications.templatetags.portal import place_words
from guideline.catalogue import load
from guideline.values import as_date

T = TypeVar("T")
Content = Mapping[str, Any]

# a Latin word or number, white space, or one character: Chinese has no spaces between its words
_WORDS = re.compile(r"[0-9A-Za-z\u00c0-\u024f]+(?:[.,:/@_-][0-9A-Za-z]+)*|\s+|.", re.DOTALL)
_SENTENCES = re.compile(r"[^。；！？\n]*[。；！？\n]|[^。；！？\n]+$")
MOST = 1_000_000  # parts of the old text times parts of the new one, up to which they are matched one by one
ALIKE = 0.3  # share of a passage that stands, below which it is marked as a whole


@dataclass(frozen=True)
class Piece:
    """A run of text; ``changed``: the other side does not have it."""

    text: str
    changed: bool = False


Marked = tuple[Piece, ...]


@dataclass(frozen=True)
class Said:
    """One thing that is said of an item: a text, or a table."""

    label: str
    text: Marked = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Marked, ...], ...] = ()


@dataclass(frozen=True)
class ItemChange:
    """An item that differs; None where a submission does not have it."""

    view: ItemView
    old: tuple[Said, ...] | None
    new: tuple[Said, ...] | None


@dataclass(frozen=True)
class Person:
    """Somebody who was added, removed or changed; ``cells``: header, before, after of what differs."""

    staff_no: str
    name: str
    added: bool
    removed: bool
    cells: tuple[tuple[str, Marked, Marked], ...] = ()


@dataclass(frozen=True)
class File:
    name: str
    sha256: str
    items: tuple[str, ...]  # numbers of the items that cite it


@dataclass(frozen=True)
class Comparison:
    facts: tuple[tuple[str, Marked, Marked], ...]  # of the case as a whole: label, before, after
    items: tuple[ItemChange, ...]
    files_added: tuple[File, ...]
    files_removed: tuple[File, ...]
    people: tuple[Person, ...]

    @property
    def same(self) -> bool:
        return not (self.facts or self.items or self.files_added or self.files_removed or self.people)


def compare(old: Content, new: Content) -> Comparison:
    """What differs between two submissions' content, each read under the version that it was filed under."""
    before, after = _views(old), _views(new)
    changed = changed_items(dict(old), dict(new)) | (before.keys() - after.keys())
    order = {item.id: n for n, item in enumerate([*load(new["version"]).items(), *load(old["version"]).items()])}
    items = [_item(before.get(one), after.get(one)) for one in sorted(changed, key=lambda one: order[one])]
    added, removed = _files(old, new)
    return Comparison(
        facts=tuple((label, *mark(*both)) for label, *both in _facts(old, new) if both[0] != both[1]),
        items=tuple(one for one in items if one.old != one.new),
        files_added=added,
        files_removed=removed,
        people=_people(old, new),
    )


def _views(content: Content) -> dict[str, ItemView]:
    return {view.item.id: view for page in show_pages(content, load(content["version"])) for view in page.items}


def _facts(old: Content, new: Content) -> list[tuple[str, str, str]]:
    def said(content: Content) -> list[str]:
        names = line_names(load(content["version"]))
        return [
            content["firm"]["name"],
            content["document_number"],
            listed(names.get(line, line) for line in content["lines"]),
            show_date(as_date(content["first_day"])),
            show_date(as_date(content["last_day"])),
        ]

    labels = (_("證券商"), _("公司文號"), _("業務項目"), _("起日"), _("迄日"))
    return list(zip(labels, said(old), said(new), strict=True))


# --- items ------------------------------------------------------------------


def _item(old: ItemView | None, new: ItemView | None) -> ItemChange:
    view = new or old
    assert view is not None
    before, after = _said(old), _said(new)
    sides: tuple[list[Said], list[Said]] = ([], [])
    for name in dict.fromkeys([*before, *after]):
        for side, one in zip(sides, _both(before.get(name), after.get(name)), strict=True):
            if one is not None:
                side.append(one)
    return ItemChange(view, tuple(sides[0]) if old else None, tuple(sides[1]) if new else None)


def _said(view: ItemView | None) -> dict[str, Shown]:
    """Everything that is said of an item, by name."""
    if view is None:
        return {}
    said = [Shown(" answer", _("證券商填報"), view.answer), Shown(" text", "", view.text), *view.fields]
    said.append(Shown(" note", _("說明"), view.note))
    proofs = tuple((proof["name"], place_words(proof), proof["sha256"][:16]) for proof in view.evidence)
    said.append(Shown(" evidence", _("附件及頁次"), head=(_("附件"), _("頁次"), "SHA-256"), rows=proofs))
    return {one.name: one for one in said if one.text or one.rows}


def _both(old: Shown | None, new: Shown | None) -> tuple[Said | None, Said | None]:
    texts = mark(old.text if old else "", new.text if new else "")
    rows = _rows(old.rows if old else (), new.rows if new else ())
    sides = [
        Said(one.label, text, one.head, found) if one else None
        for one, text, found in zip((old, new), texts, rows, strict=True)
    ]
    return sides[0], sides[1]


Rows = tuple[tuple[Marked, ...], ...]


def _rows(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> tuple[Rows, Rows]:
    """Both tables; a row that took the place of another is marked inside, one that came or went as a whole."""
    left: list[tuple[Marked, ...]] = []
    right: list[tuple[Marked, ...]] = []
    for tag, before, after in _opcodes(old, new):
        pairs = min(len(before), len(after)) if tag != "equal" else len(before)
        for one, other in zip(before[:pairs], after[:pairs], strict=True):
            width = max(len(one), len(other))
            marked = [mark(a, b) for a, b in zip(_wide(one, width), _wide(other, width), strict=True)]
            left.append(tuple(cell for cell, _cell in marked[: len(one)]))
            right.append(tuple(cell for _cell, cell in marked[: len(other)]))
        left += [tuple(whole(cell) for cell in row) for row in before[pairs:]]
        right += [tuple(whole(cell) for cell in row) for row in after[pairs:]]
    return tuple(left), tuple(right)


def _wide(row: tuple[str, ...], width: int) -> tuple[str, ...]:
    return row + ("",) * (width - len(row))


# --- texts ------------------------------------------------------------------


def whole(text: str) -> Marked:
    return (Piece(text, True),) if text else ()


def mark(old: str, new: str) -> tuple[Marked, Marked]:
    """Both texts with what the other does not have marked: first by sentences, then by words."""
    if old == new:
        return ((Piece(old),), (Piece(new),)) if old else ((), ())
    runs: list[tuple[bool, str, str]] = []
    for tag, before, after in _opcodes(_SENTENCES.findall(old), _SENTENCES.findall(new)):
        if tag == "equal":
            runs.append((False, "".join(before), "".join(after)))
        else:
            runs += _words("".join(before), "".join(after))
    return _side((changed, text) for changed, text, _new in runs), _side(
        (changed, text) for changed, _old, text in runs
    )


def _words(old: str, new: str) -> list[tuple[bool, str, str]]:
    ops = _opcodes(_WORDS.findall(old), _WORDS.findall(new))
    found = [(tag != "equal", "".join(x), "".join(y)) for tag, x, y in ops]
    stands = sum(len(x) for changed, x, _y in found if not changed)
    if stands < ALIKE * min(len(old), len(new)):
        return [(True, old, new)]
    # one character that happens to stand between two changes is no help to a reader
    last = len(found) - 1
    return [(changed or (0 < n < last and len(x.strip()) < 2), x, y) for n, (changed, x, y) in enumerate(found)]


def _side(runs: Iterable[tuple[bool, str]]) -> Marked:
    kept = (run for run in runs if run[1])
    return tuple(
        Piece("".join(text for _c, text in group), changed) for changed, group in groupby(kept, lambda run: run[0])
    )


def _opcodes(a: Sequence[T], b: Sequence[T]) -> list[tuple[str, Sequence[T], Sequence[T]]]:
    """How ``b`` came from ``a``. What both begin and end with is set aside, for the work grows with the square."""
    shorter = min(len(a), len(b))
    head = next((n for n in range(shorter) if a[n] != b[n]), shorter)
    tail = next((n for n in range(shorter - head) if a[-1 - n] != b[-1 - n]), shorter - head)
    x, y = a[head : len(a) - tail], b[head : len(b) - tail]
    if len(x) * len(y) > MOST:
        between = [("replace", x, y)]
    else:
        matcher = SequenceMatcher(None, x, y, autojunk=False)
        between = [(tag, x[i:j], y[k:n]) for tag, i, j, k, n in matcher.get_opcodes()]
    return [("equal", a[:head], b[:head]), *between, ("equal", a[len(a) - tail :], b[len(b) - tail :])]


# --- files and people -------------------------------------------------------


def _files(old: Content, new: Content) -> tuple[tuple[File, ...], tuple[File, ...]]:
    before, after = _cited(old), _cited(new)
    return (
        tuple(file for key, file in after.items() if key not in before),
        tuple(file for key, file in before.items() if key not in after),
    )


def _cited(content: Content) -> dict[tuple[str, str], File]:
    found: dict[tuple[str, str], list[str]] = {}
    version = load(content["version"])
    for item in version.items_among(content["evidence"]):
        for proof in content["evidence"][item.id]:
            found.setdefault((proof["sha256"], proof["name"]), []).append(clause_number(item))
    return {key: File(key[1], key[0], tuple(dict.fromkeys(items))) for key, items in found.items()}


def _people(old: Content, new: Content) -> tuple[Person, ...]:
    """The roster by staff number: those who left, then those who came or changed, in the new order."""
    before = {one["staff_no"]: _cells(one, old) for one in old["roster"]}
    after = {one["staff_no"]: _cells(one, new) for one in new["roster"]}
    found = [Person(no, cells["name"], False, True) for no, cells in before.items() if no not in after]
    for staff_no, cells in after.items():
        was = before.get(staff_no)
        if was is None:
            found.append(Person(staff_no, cells["name"], True, False))
        elif was != cells:
            differs = [column for column in COLUMNS if was[column.key] != cells[column.key]]
            rows = tuple((_(one.header), *mark(was[one.key], cells[one.key])) for one in differs)
            found.append(Person(staff_no, cells["name"], False, False, rows))
    return tuple(found)


def _cells(person: Mapping[str, Any], content: Content) -> dict[str, str]:
    names = line_names(load(content["version"]))
    words = {
        "lines": listed(names.get(line, line) for line in person["lines"]),
        "place": _(PLACES.get(person["place"], person["place"])),
        "agents": listed(person["agents"]),
        "senior": _("是") if person["senior"] else _("否"),
        "supervisor": _("是") if person["supervisor"] else _("否"),
    }
    return {column.key: words.get(column.key, person.get(column.key) or "") for column in COLUMNS}
