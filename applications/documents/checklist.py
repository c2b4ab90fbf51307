"""案件檢查表: one row an item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.documents.parts import LONG_ROW, Label, Listed, Proof, proofs
from applications.enums import Verdict
from applications.present import ItemView, PageView, clause_number, english
from guideline.catalogue import Item

ANSWERS = (gettext_lazy("是"), gettext_lazy("否"), gettext_lazy("不適用"))
TRIGGER_ANSWERS = (gettext_lazy("為申請條件"), gettext_lazy("不適用"))
VERDICTS = tuple(one.label for one in Verdict)
EXCERPT = 60  # characters of an answer that the checklist shows where there is no note
NOTE = 300  # characters of a note that it shows; the plan has all of both


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


def check_groups(
    pages: Iterable[PageView], files: Sequence[Listed], verdicts: Mapping[str, tuple[Label, str]]
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
                rows.append(check_row(position, view, heading, files, verdicts.get(view.item.id, ("", ""))))
        groups.append(CheckGroup(_group(part, members[0], members[-1]), tuple(rows)))
    return groups


def _group(part: str, first: PageView, last: PageView) -> str:
    if first is last:
        return f"{clause_number(first.page) if english() else part}　{first.title}"
    end = clause_number(last.page).removeprefix("" if english() else part)
    return _("{first}至{last}").format(first=clause_number(first.page), last=end)


def check_row(
    position: int, view: ItemView, heading: str, files: Sequence[Listed], verdict: tuple[Label, str]
) -> CheckRow:
    label, comment = verdict
    said = view.text or _("；").join(f"{shown.label}{_('：')}{shown.text}" for shown in view.fields if view.item.plain)
    remark, cut = (view.note[:NOTE], len(view.note) > NOTE) if view.note else excerpt(said)
    return CheckRow(
        position=position,
        item=view.item,
        heading=heading,
        answers=() if view.item.plain else boxes(TRIGGER_ANSWERS if view.item.trigger else ANSWERS, view.answer),
        proofs=proofs(view.evidence, files),
        remark=remark,
        cut=cut,
        verdicts=boxes(VERDICTS, label),
        comment=comment,
        long=max(len(remark), len(comment)) > LONG_ROW,
    )


def boxes(labels: Sequence[Label], chosen: Label) -> tuple[Box, ...]:
    known = labels if not chosen or chosen in labels else (*labels, chosen)
    return tuple(Box(str(label), label == chosen) for label in known)


def excerpt(text: str) -> tuple[str, bool]:
    """The first words of an answer, and whether more follow."""
    flat = " ".join(text.split())
    return (flat, False) if len(flat) <= EXCERPT else (flat[:EXCERPT], True)
