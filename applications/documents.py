"""What is printed of a case: contingency plan, checklist, receipt and letters.

All are drawn from a content dict (``content.snapshot``, ``Submission.content``) and the version that
it was filed under: the same content gives the same bytes. Without ``submitted_at`` it is a draft, and
says so on every page. Every maker raises ``PdfUnavailable`` where WeasyPrint cannot run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from unicodedata import east_asian_width

from django.utils import timezone

from applications.content import canonical, digest
from applications.present import ItemView, PageView, Shown, show_date, show_pages
from applications.printing import PdfUnavailable, Refused, available, merge, render
from applications.roster import summary
from applications.roster_columns import COLUMNS, PLACES, Row
from applications.templatetags.portal import place_words
from guideline.catalogue import Item, Version

__all__ = [
    "PdfUnavailable",
    "Refused",
    "available",
    "checklist_pdf",
    "letter_pdf",
    "merge",
    "plan_pdf",
    "receipt_pdf",
]

Content = Mapping[str, Any]

ANSWERS = ("是", "否", "不適用")
TRIGGER_ANSWERS = ("為申請條件", "不適用")
VERDICTS = ("符合", "須補正", "不適用")
SHORT = 22  # half-width columns: two answers up to this long share a line
EXCERPT = 60  # characters of an answer that the checklist shows where there is no note
PAGE_WIDTH = 108  # half-width columns of a table in the plan
SMALL_PRINT = 128  # the same in the roster, which is set smaller
KEPT_WHOLE = 16  # half-width columns up to which a table cell is kept on one line where it can be
NAMED_ITEMS = 6  # items that the list of files names for each file
LONG_ROW = 500  # characters in a cell from which a table row may be split over two pages


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


@dataclass(frozen=True)
class PlanItem:
    view: ItemView
    lines: tuple[tuple[Shown, ...], ...]  # simple fields, one or two a line
    grids: tuple[Grid, ...]
    proofs: tuple[Proof, ...]

    @property
    def long(self) -> bool:
        """A simple field may be split over two pages."""
        return any(len(shown.text) > LONG_ROW for line in self.lines for shown in line)

    @property
    def empty(self) -> bool:
        view = self.view
        return not (view.answer or view.text or view.note or self.lines or self.grids or self.proofs)


@dataclass(frozen=True)
class PlanSection:
    id: str
    number: str
    title: str
    items: tuple[PlanItem, ...]
    roster: bool

    @property
    def alone(self) -> bool:
        """One item: the section's heading is the item's."""
        return len(self.items) == 1


@dataclass(frozen=True)
class Box:
    label: str
    ticked: bool


@dataclass(frozen=True)
class CheckRow:
    position: int
    item: Item
    heading: str  # the section's title, where it has several items
    answers: tuple[Box, ...]
    proofs: tuple[Proof, ...]
    remark: str
    cut: bool  # the remark is the beginning of a text that the plan has in full
    verdicts: tuple[Box, ...]
    comment: str
    long: bool


@dataclass(frozen=True)
class CheckGroup:
    title: str
    rows: tuple[CheckRow, ...]


@dataclass(frozen=True)
class Line:
    """A line of a letter: its marker (主旨：, 一、) hangs; ``depth`` is how far it is indented, in characters."""

    marker: str
    text: str
    depth: int

    @property
    def hang(self) -> int:
        return len(self.marker)


def plan_pdf(content: Content, version: Version) -> bytes:
    """應變計畫: cover, contents, every answer as typed, roster and files."""
    files = _files(content, version)
    sections = [_plan_section(page, files) for page in show_pages(content, version)]
    rows = [Row(position=n, **_tuples(entry)) for n, entry in enumerate(content["roster"], 1)]
    context = _heading(content, version, "應變計畫") | {
        "sections": sections,
        "files": files,
        "roster": _roster(content["roster"], version),
        "people": summary(rows, version),
        "line_names": {line.id: line.short.zh for line in version.lines},
    }
    return render("plan.html", context)


def checklist_pdf(
    content: Content, version: Version, verdicts: Mapping[str, tuple[str, str]] | None = None
) -> bytes:
    """案件檢查表 in 系統擬制格式.

    Args:
        verdicts: item id -> label (符合、須補正、不適用) and comment; without, the columns are left open.
    """
    files = _files(content, version)
    groups = _check_groups(show_pages(content, version), files, verdicts or {})
    context = _heading(content, version, "案件檢查表") | {"groups": groups, "reviewed": bool(verdicts)}
    return render("checklist.html", context)


def receipt_pdf(content: Content, version: Version, sha256: str, submitted_at: datetime | str) -> bytes:
    """送件收執: what was filed and when, with the hashes that prove it.

    Args:
        sha256: the submission's.
        submitted_at: the server's time (aware, or ISO text with its offset); shown in Taipei time to the second.
    """
    pages = [version.section(section_id) for section_id in content["pages"]]
    context = _heading(content, version, "送件收執") | {
        "at": _moment(submitted_at),
        "sha256": sha256,
        "hashes": [(page.number, page.title.zh, content["hashes"].get(page.id, "")) for page in pages],
        "files": _files(content, version),
        "route": version.kind(content["kind"]).route,
    }
    return render("receipt.html", context)


def letter_pdf(
    title: str,
    paragraphs: Iterable[str],
    content: Content,
    version: Version,
    *,
    number: str = "",
    dated: date | str | None = None,
    recipients: Sequence[str] = (),
) -> bytes:
    """A letter of the exchange in the official layout, marked 稿.

    Args:
        title: what it is about (退請補正通知, 專案轉報主管機關核准).
        paragraphs: of one or more lines; 主旨：, 說明：, 一、, （一） and 1. at the start of a line hang.
        number: 發文字號, where it has been given.
        recipients: 正本; the first is the 受文者. Without: the firm.
    """
    addressed = tuple(recipients) or (content["firm"]["name"],)
    day = date.fromisoformat(dated) if isinstance(dated, str) and dated else dated
    context = _heading(content, version, title) | {
        "title": title,
        "lines": [_letter_line(line) for paragraph in paragraphs for line in _lines_of(paragraph)],
        "document_number": number,
        "dated": show_date(day) if isinstance(day, date) else "",
        "recipients": addressed,
    }
    return render("letter.html", context)


def _heading(content: Content, version: Version, document: str) -> dict[str, Any]:
    """What every document says of its case."""
    draft = not content.get("submitted_at")
    by_id = {line.id: line.name.zh for line in version.lines}
    return {
        "document": document,
        "content": content,
        "firm": content["firm"],
        "version": version,
        "kind": version.kind(content["kind"]).name.zh,
        "lines_asked": [by_id[line] for line in content["lines"]],
        "draft": draft,
        "filed_at": "" if draft else _moment(content["submitted_at"]),
        "sha256": "" if draft else digest(canonical(content)),
    }


def _moment(at: datetime | str) -> datetime:
    return timezone.localtime(datetime.fromisoformat(at) if isinstance(at, str) else at)


def _files(content: Content, version: Version) -> list[Listed]:
    """The files cited, in the order in which the items cite them."""
    cited: dict[tuple[str, str], tuple[Mapping[str, Any], list[str]]] = {}
    for section_id in content["pages"]:
        for item in version.section(section_id).items:
            for proof in content["evidence"].get(item.id, ()):
                numbers = cited.setdefault((proof["sha256"], proof["name"]), (proof, []))[1]
                if numbers[-1:] != [item.number]:
                    numbers.append(item.number)
    return [
        Listed(n, proof["name"], proof["sha256"], proof["size"], proof.get("pages"), tuple(numbers))
        for n, (proof, numbers) in enumerate(cited.values(), 1)
    ]


def _proofs(evidence: Iterable[Mapping[str, Any]], files: Iterable[Listed]) -> tuple[Proof, ...]:
    positions = {(file.sha256, file.name): file.position for file in files}
    return tuple(Proof(positions[proof["sha256"], proof["name"]], proof["name"], place_words(proof)) for proof in evidence)


def _plan_section(page: PageView, files: Sequence[Listed]) -> PlanSection:
    items = tuple(
        PlanItem(
            view=view,
            lines=_paired(shown for shown in view.fields if not shown.rows),
            grids=tuple(_grid(shown) for shown in view.fields if shown.rows),
            proofs=_proofs(view.evidence, files),
        )
        for view in page.items
    )
    # a section of one item is headed by it
    title = page.title if len(items) > 1 else items[0].view.title
    return PlanSection(page.page.id, page.page.number, title, items, page.page.roster)


def _width(text: str) -> int:
    """Half-width columns that the longest line of ``text`` takes."""
    lines = text.splitlines() or [""]
    return max(sum(2 if east_asian_width(c) in "WFA" else 1 for c in line) for line in lines)


def _paired(fields: Iterable[Shown]) -> tuple[tuple[Shown, ...], ...]:
    """Fields on lines, in order: two short ones share a line."""
    lines: list[tuple[Shown, ...]] = []
    waiting: Shown | None = None
    for shown in fields:
        short = not shown.long and "\n" not in shown.text and max(_width(shown.text), _width(shown.label)) <= SHORT
        if waiting is not None:
            lines.append((waiting, shown) if short else (waiting,))
            if not short:
                lines.append((shown,))
            waiting = None
        elif short:
            waiting = shown
        else:
            lines.append((shown,))
    if waiting is not None:
        lines.append((waiting,))
    return tuple(lines)


def _usual(cells: Iterable[str]) -> int:
    """The width that all but the widest tenth of the cells keep to."""
    widths = sorted(_width(cell) for cell in cells)
    return widths[len(widths) * 9 // 10] if widths else 0


def _grid(shown: Shown, room: int = PAGE_WIDTH) -> Grid:
    """A table with the share of the width that each column's content asks for."""
    usual = [_usual(row[n] for row in shown.rows) for n in range(len(shown.head))]
    needs = [max(min(_width(head), 8), min(own, 48)) + 3 for head, own in zip(shown.head, usual, strict=True)]
    # where they do not all fit, columns of words give way to those of dates, numbers and single words
    spare = room - sum(need for need, own in zip(needs, usual, strict=True) if own <= KEPT_WHOLE)
    wordy = sum(need for need, own in zip(needs, usual, strict=True) if own > KEPT_WHOLE)
    if wordy > spare > 0:
        needs = [
            need if own <= KEPT_WHOLE else max(need * spare // wordy, 10)
            for need, own in zip(needs, usual, strict=True)
        ]
    widths = tuple(f"{need * 100 / sum(needs):.2f}%" for need in needs)
    long = any(len(cell) > LONG_ROW for row in shown.rows for cell in row)
    return Grid(shown.label, shown.head, shown.rows, widths, long)


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


def _roster(people: Sequence[Mapping[str, Any]], version: Version) -> Grid:
    """The roster as a table; a column that nobody fills (branches, devices) is left out."""
    names = {line.id: line.short.zh for line in version.lines}
    rows = []
    for position, entry in enumerate(people, 1):
        cells = {
            "lines": "、".join(names.get(line, line) for line in entry["lines"]),
            "place": PLACES.get(entry["place"], entry["place"]),
            "agents": "、".join(entry["agents"]),
            "senior": "是" if entry["senior"] else "",
            "supervisor": "是" if entry["supervisor"] else "",
        }
        rows.append((str(position), *(cells.get(column.key, entry.get(column.key) or "") for column in COLUMNS)))
    head = ("序", *(column.header.removeprefix("是否") for column in COLUMNS))
    kept = [n for n in range(len(head)) if any(row[n] for row in rows)]
    shown = tuple(tuple(row[n] for n in kept) for row in rows)
    return _grid(Shown("roster", "人員名冊", head=tuple(head[n] for n in kept), rows=shown), SMALL_PRINT)


def _check_groups(
    pages: Iterable[PageView], files: Sequence[Listed], verdicts: Mapping[str, tuple[str, str]]
) -> list[CheckGroup]:
    """The rows under the part of the guideline that they stand in (貳、二; 參、一)."""
    parts: dict[str, list[PageView]] = {}
    for page in pages:
        parts.setdefault(page.page.number.split("（")[0], []).append(page)
    groups, position = [], 0
    for part, members in parts.items():
        rows = []
        for page in members:
            heading = page.title if len(members) > 1 and len(page.items) > 1 else ""
            for view in page.items:
                position += 1
                rows.append(_check_row(position, view, heading, files, verdicts.get(view.item.id, ("", ""))))
        first, last = members[0], members[-1]
        title = f"{part}　{first.title}" if first is last else f"{first.page.number}至{last.page.number.removeprefix(part)}"
        groups.append(CheckGroup(title, tuple(rows)))
    return groups


def _check_row(
    position: int, view: ItemView, heading: str, files: Sequence[Listed], verdict: tuple[str, str]
) -> CheckRow:
    label, comment = verdict
    whole = view.note or view.text
    remark, cut = (whole, False) if view.note else _excerpt(whole)
    return CheckRow(
        position=position,
        item=view.item,
        heading=heading,
        answers=_boxes(TRIGGER_ANSWERS if view.item.trigger else ANSWERS, view.answer),
        proofs=_proofs(view.evidence, files),
        remark=remark,
        cut=cut,
        verdicts=_boxes(VERDICTS, label),
        comment=comment,
        long=max(len(remark), len(comment)) > LONG_ROW,
    )


def _boxes(labels: Sequence[str], chosen: str) -> tuple[Box, ...]:
    known = labels if not chosen or chosen in labels else (*labels, chosen)
    return tuple(Box(label, label == chosen) for label in known)


def _excerpt(text: str) -> tuple[str, bool]:
    """The first words of an answer, and whether more follow."""
    flat = " ".join(text.split())
    return (flat, False) if len(flat) <= EXCERPT else (flat[:EXCERPT], True)


_MARKER = re.compile(r"((?:主旨|說明|擬辦|辦法|正本|副本|附件)[:：]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|\d{1,2}[.、])\s*")
_DEPTHS = {"、": 1, "）": 3, ")": 3, ".": 4}


def _lines_of(paragraph: str) -> list[str]:
    return [line.strip() for line in paragraph.splitlines() if line.strip()]


def _letter_line(line: str) -> Line:
    match = _MARKER.match(line)
    if not match:
        return Line("", line, 0)
    marker = match[1]
    depth = 5 if marker[0].isdigit() else _DEPTHS.get(marker[-1], 0)
    return Line(marker, line[match.end() :], depth)
