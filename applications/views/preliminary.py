"""What pages show of a pre-review, of its opinion, and of the formal case made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.http import Request
from applications import documents, policy
from applications.actions.copying import filed
from applications.actions.formal import formal_of
from applications.ageing import aged, filed_on
from applications.content import Whole
from applications.enums import Action, Status, Verdict
from applications.models import Application, Event, Submission
from applications.present import about, message, words
from guideline.catalogue import Item, Section, Version
from guideline.facts import Problem


@dataclass(frozen=True)
class OpinionRow:
    """What the exchange found on one item."""

    item: Item
    title: str
    verdict: Verdict
    comment: str


@dataclass(frozen=True)
class Opinion:
    """預審意見 as it was given; ``of`` is the number of the submission."""

    given: Event
    of: int
    conclusion: str
    rows: tuple[OpinionRow, ...]

    @property
    def remarked(self) -> list[OpinionRow]:
        """The items that the exchange has something to say of."""
        return [row for row in self.rows if row.comment]


def opinion_of(case: Application) -> Opinion | None:
    """The opinion on a pre-review, or None while there is none. One query where there is."""
    if case.status != Status.PRE_REVIEWED:
        return None
    event = case.events.filter(what=Action.GIVE_OPINION).latest("id")
    findings = event.detail["findings"]
    rows = tuple(
        OpinionRow(item, words(item.title), Verdict(findings[item.id][0]), findings[item.id][1])
        for item in case.version.items_among(findings)
    )
    return Opinion(event, event.detail["submission"], event.detail["reason"], rows)


def draw(opinion: Opinion, submission: Submission, copy: documents.Copy) -> bytes:
    """The opinion as PDF.

    Raises:
        PdfUnavailable: nothing can be drawn here.
    """
    findings = {row.item.id: (row.verdict.label, row.comment) for row in opinion.rows}
    version, given_on = submission.application.version, timezone.localdate(opinion.given.at)
    return documents.opinion_pdf(submission.content, version, findings, opinion.conclusion, given_on, copy)


def context(request: Request, case: Application) -> dict[str, Any]:
    """For the page of a pre-review that has ended: the opinion, and what was or can be made of it."""
    opinion = opinion_of(case)
    if opinion is None:
        return {}
    formal = formal_of(case)
    return {
        "opinion": opinion,
        "formal": formal,
        "may_convert": formal is None and policy.may(request.user, "create"),
    }


def since_pre_review(whole: Whole) -> dict[str, Any]:
    """For a formal case in writing: what has aged since the pre-review, each with a link to its page."""
    case = whole.case
    if not case.from_pre_review or case.previous is None:
        return {}
    before = filed(case.previous)
    return {"aged": links(aged(whole, before), case.version), "pre_review_on": filed_on(before)}


def links(problems: list[Problem], version: Version) -> list[dict[str, str]]:
    """A line for each problem, with the section where it is mended."""
    return [
        {
            "section": version.section_of(one.item).id,
            "anchor": f"item-{one.item.replace('.', '_')}",
            "message": about(version.item(one.item), message(one)),
        }
        for one in problems
    ]


def titled(pages: tuple[Section, ...] | list[Section]) -> list[tuple[Section, str]]:
    return [(page, words(page.title)) for page in pages]
