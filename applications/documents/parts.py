"""What several documents show: the case, its files, tables with widths of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import east_asian_width

from django.utils import timezone
from django.utils.functional import Promise

from applications.naming import words
from applications.present import Shown, clause_number, line_names, unsent
from applications.templatetags.portal import place_words
from applications.trail import canonical, digest
from guideline.catalogue import Version

Content = Mapping[str, Any]
Label = str | Promise  # 符合、須補正、不適用: put into words when it is drawn

NAMED_ITEMS = 6  # items that the list of files names for each file
LONG_ROW = 500  # characters in a cell from which a table row may be split over two pages
PAGE_WIDTH = 108  # half-width columns of a table in the plan
SMALL_PRINT = 128  # the same in the roster, which is set smaller
KEPT_WHOLE = 18  # half-width columns up to which a table cell is kept on one line where it can be


@dataclass(frozen=True)
class Listed:
    """A file of the case, with the number that plan, checklist and receipt call it by."""

    position: int
    name: str
    sha256: str
    size: int
    pages: int | None
    items: tuple[str, ...]  # numbers of the items that cite it

    @property
    def more(self) -> bool:
        """Cited by more items than the list of files names."""
        return len(self.items) > NAMED_ITEMS


@dataclass(frozen=True)
class Proof:
    position: int
    name: str
    place: str


@dataclass(frozen=True)
class Grid:
    label: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[str, ...]  # per cent, of each column
    long: bool  # a row may be split over two pages


def heading(content: Content, version: Version, document: str) -> dict[str, Any]:
    """What every document says of its case."""
    draft = not content.get("submitted_at")
    kind = version.kind(content["kind"])
    by_id = line_names(version)
    return {
        "document": document,
        "content": content,
        "firm": content["firm"],
        "version": version,
        "kind": words(kind.name),
        "for_opinion": kind.for_opinion,
        "unsent": unsent(content, version),
        "inherits": bool(content.get("previous")) and kind.own_pages,
        "lines_asked": [by_id.get(line, line) for line in content["lines"]],
        "draft": draft,
        "filed_at": "" if draft else moment(content["submitted_at"]),
        "sha256": "" if draft else digest(canonical(content)),
    }


def moment(at: datetime | str) -> datetime:
    return timezone.localtime(datetime.fromisoformat(at) if isinstance(at, str) else at)


def files(content: Content, version: Version) -> list[Listed]:
    """The files cited, in the order in which the items cite them."""
    cited: dict[tuple[str, str], tuple[Mapping[str, Any], list[str]]] = {}
    for section_id in content["pages"]:
        for item in version.section(section_id).items:
            for proof in content["evidence"].get(item.id, ()):
                numbers = cited.setdefault((proof["sha256"], proof["name"]), (proof, []))[1]
                if numbers[-1:] != [clause_number(item)]:
                    numbers.append(clause_number(item))
    return [
        Listed(n, proof["name"], proof["sha256"], proof["size"], proof.get("pages"), tuple(numbers))
        for n, (proof, numbers) in enumerate(cited.values(), 1)
    ]


def proofs(evidence: Iterable[Mapping[str, Any]], listed: Iterable[Listed]) -> tuple[Proof, ...]:
    positions = {(file.sha256, file.name): file.position for file in listed}
    return tuple(
        Proof(positions[proof["sha256"], proof["name"]], proof["name"], place_words(proof)) for proof in evidence
    )


def width(text: str) -> int:
    """Half-width columns that the longest line of ``text`` takes."""
    lines = text.splitlines() or [""]
    return max(sum(2 if east_asian_width(c) in "WFA" else 1 for c in line) for line in lines)


def usual(cells: Iterable[str]) -> int:
    """The width that all but the widest tenth of the cells keep to."""
    widths = sorted(width(cell) for cell in cells)
    return widths[len(widths) * 9 // 10] if widths else 0


def grid(shown: Shown, room: int = PAGE_WIDTH) -> Grid:
    """A table with the share of the width that each column's content asks for."""
    columns = [(width(head), usual(row[n] for row in shown.rows)) for n, head in enumerate(shown.head)]
    needs = [(max(min(head, 8), min(own, 48)) + 3, own > KEPT_WHOLE) for head, own in columns]
    # where they do not all fit, columns of words give way to those of dates, numbers and single words
    spare = room - sum(need for need, wordy in needs if not wordy)
    words = sum(need for need, wordy in needs if wordy)
    tight = words > spare > 0
    shares = [max(need * spare // words, 10) if wordy and tight else need for need, wordy in needs]
    widths = tuple(f"{share * 100 / sum(shares):.2f}%" for share in shares)
    long = any(len(cell) > LONG_ROW for row in shown.rows for cell in row)
    return Grid(shown.label, shown.head, shown.rows, widths, long)
