"""應變計畫: every answer as typed, section by section, and the roster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from applications.documents.parts import LONG_ROW, SMALL_PRINT, Grid, Listed, Proof, grid, proofs, width
from applications.naming import words
from applications.present import ItemView, PageView, Shown, clause_number, listed
from applications.roster import Summary, summary
from applications.roster_columns import COLUMNS, PLACES
from applications.rosters import rows
from guideline.catalogue import Version

SHORT = 22  # half-width columns: two answers up to this long share a line


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


def plan_section(page: PageView, files: Sequence[Listed]) -> PlanSection:
    items = tuple(
        PlanItem(
            view=view,
            lines=paired(shown for shown in view.fields if not shown.rows),
            grids=tuple(grid(shown) for shown in view.fields if shown.rows),
            proofs=proofs(view.evidence, files),
        )
        for view in page.items
    )
    # a section of one item is headed by it
    title = page.title if len(items) > 1 else items[0].view.title
    return PlanSection(page.page.id, clause_number(page.page), title, items, page.page.roster)


def paired(fields: Iterable[Shown]) -> tuple[tuple[Shown, ...], ...]:
    """Fields on lines, in order: two short ones share a line."""
    lines: list[tuple[Shown, ...]] = []
    waiting: Shown | None = None
    for shown in fields:
        short = not shown.long and "\n" not in shown.text and max(width(shown.text), width(shown.label)) <= SHORT
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


def roster(people: Sequence[Mapping[str, Any]], version: Version) -> Grid:
    """The roster as a table; a column that nobody fills (branches, devices) is left out."""
    names = {line.id: words(line.short) for line in version.lines}
    found = []
    for position, entry in enumerate(people, 1):
        cells = {
            "lines": listed(names.get(line, line) for line in entry["lines"]),
            "place": _(PLACES.get(entry["place"], entry["place"])),
            "agents": listed(entry["agents"]),
            "senior": _("是") if entry["senior"] else "",
            "supervisor": _("是") if entry["supervisor"] else "",
        }
        found.append((str(position), *(cells.get(column.key, entry.get(column.key) or "") for column in COLUMNS)))
    head = (_("序"), *(_(column.header).removeprefix("是否") for column in COLUMNS))
    kept = [n for n in range(len(head)) if any(row[n] for row in found)]
    shown = tuple(tuple(row[n] for n in kept) for row in found)
    return grid(Shown("roster", _("人員名冊"), head=tuple(head[n] for n in kept), rows=shown), SMALL_PRINT)


def head_counts(people: Sequence[Mapping[str, Any]], version: Version) -> Summary:
    """The counts of clause 2.2.2 from the roster as it was filed."""
    return summary(rows(people), version)
