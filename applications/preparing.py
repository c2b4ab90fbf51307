"""申請前請準備: what a kind of filing asks for, read from the guideline's data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.naming import named, words
from applications.present import clause_number
from guideline.catalogue import Item, Kind, Section, Version

# How a case of a kind goes, by the steps of its route; ``named`` fills in the exchange and the authority.
STEPS = {
    "notice": gettext_lazy("先行通報{exchange}，書件於期限內補具"),
    "review": gettext_lazy("{exchange}逐項審查"),
    "forward": gettext_lazy("專案轉報{authority}"),
    "authority": gettext_lazy("{authority}核准"),
    "endorse": gettext_lazy("{exchange}核備"),
    "record": gettext_lazy("{exchange}備查"),
    "opinion": gettext_lazy("{exchange}出具意見（非核准）"),
}


@dataclass(frozen=True)
class Wanted:
    """What one item asks for; ``papers``: each with whether it is always asked for."""

    number: str
    title: str
    said: tuple[str, ...]  # what has to be known to answer it
    papers: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Part:
    """A page of the filing; ``line``: the business line that alone asks for it."""

    number: str
    title: str
    line: str
    roster: bool
    items: tuple[Wanted, ...]


@dataclass(frozen=True)
class Stage:
    title: str  # empty where there is but one
    parts: tuple[Part, ...]


def context(version: Version, kind: Kind) -> dict[str, Any]:
    """What the page and the PDF are drawn from."""
    return {
        "version": version,
        "kind": kind,
        "steps": [named(STEPS[step], version) for step in kind.route],
        "stages": stages(version, kind),
    }


def stages(version: Version, kind: Kind) -> tuple[Stage, ...]:
    """Everything to prepare for a kind; for an emergency what the notice asks, then what the documents do."""
    pages = version.pages_of(kind.id)
    if not kind.by_notice:
        return (Stage("", _parts(pages, version)),)
    notice, later = [page for page in pages if page.notice], [page for page in pages if not page.notice]
    return Stage(_("通報時"), _parts(notice, version)), Stage(_("補具書件時"), _parts(later, version))


def _parts(pages: list[Section] | tuple[Section, ...], version: Version) -> tuple[Part, ...]:
    return tuple(
        Part(
            clause_number(page),
            words(page.title),
            words(version.line(page.line).name) if page.line else "",
            page.roster,
            tuple(_wanted(item) for item in page.items),
        )
        for page in pages
    )


def _wanted(item: Item) -> Wanted:
    said = tuple(words(one.label) for one in item.fields if one.required or one.type == "table")
    papers = tuple((words(one.label), one.required and one.needs is None) for one in item.evidence)
    return Wanted(clause_number(item), words(item.title), said, papers)
