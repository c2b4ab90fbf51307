"""What has been found on a submission, item by item.

How verdicts carry over. A verdict row belongs to one submission and is written only while that
submission is the latest. On the next submission a finding stands unless the item's answer or
evidence changed (``content.changed_items``) or the item was named in the correction between the
two; a row of the new submission goes before what stands. That is computed from the rows, in one
place (``read``): nothing has to run when a firm resubmits, and what earlier rounds say never
changes. The submissions of a pre-review (預先審查) come before those of the formal case that was made from it, so
that its last round is what the first of the formal case is read against; an item that another version words
otherwise keeps nothing. ``actions.judging.recommend`` writes the findings that stand as rows with ``carried`` set,
so that what a supervisor signs is on record whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.content import changed_items
from applications.content import kept as kept_problems
from applications.enums import Verdict as Choice
from applications.models import Application, Correction, Event, Submission
from applications.present import words
from applications.trail import canonical, digest
from guideline.catalogue import Item, Section, Version, load
from guideline.facts import Problem
from reviews.models import Verdict


@dataclass(frozen=True)
class Finding:
    """The finding that stands on one item; ``verdict`` is "" while there is none.

    ``revision`` is that of the submission's own row, 0 where it has none or the row was carried. ``pre_review``: it was
    found in the pre-review that the case was made from (承預審).
    """

    item_id: str
    verdict: str = ""
    comment: str = ""
    revision: int = 0
    carried: bool = False
    pre_review: bool = False
    by: User | None = None
    at: datetime | None = None

    @property
    def label(self) -> str:
        return str(Choice(self.verdict).label) if self.verdict else str(_("未審"))

    @property
    def tone(self) -> str:
        return Choice(self.verdict).tone if self.verdict else "grey"

    @property
    def fails(self) -> bool:
        return self.verdict == Choice.CORRECT


@dataclass(frozen=True)
class Progress:
    """How far one section has been judged."""

    page: Section
    judged: int
    total: int
    text: str
    tone: str
    fresh: int = 0  # items that need the officer, see ``Round.attention``

    @property
    def done(self) -> bool:
        return self.judged == self.total


@dataclass(frozen=True)
class Round:
    """One submission under review, with what stands on each of its items."""

    submission: Submission
    previous: Submission | None
    findings: dict[str, Finding]  # every item that was asked, in the guideline's order
    changed: frozenset[str] = frozenset()  # against the previous submission
    # item -> comment of the correction answered by this, or of the pre-review where the item has changed since
    asked: dict[str, str] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()  # items whose finding stands from before, whatever was said of them since

    @property
    def content(self) -> dict[str, Any]:
        return self.submission.content

    @property
    def version(self) -> Version:
        return load(self.content["version"])

    @property
    def from_pre_review(self) -> bool:
        """Whether the previous submission is the pre-review's."""
        return self.previous is not None and self.previous.application_id != self.submission.application_id

    @cached_property
    def aged(self) -> dict[str, list[Problem]]:
        """Item -> what has aged since the pre-review, as of the day of the submission."""
        return _by_item(self.content.get("aged", ()))

    @cached_property
    def unready(self) -> dict[str, list[Problem]]:
        """Item -> what a pre-review leaves open (尚未備齊), as of the day of the submission."""
        return _by_item(self.content.get("unready", ()))

    @cached_property
    def folded(self) -> frozenset[str]:
        """Items that need nobody: their finding stands from before, none has aged, none is 須補正."""
        return frozenset(one for one in self.kept if one not in self.aged and not self.findings[one].fails)

    @cached_property
    def pages(self) -> tuple[Section, ...]:
        return tuple(self.version.section(section_id) for section_id in self.content["pages"])

    def item(self, item_id: str) -> Item:
        return self.version.item(item_id)

    @property
    def failing(self) -> list[Finding]:
        return [finding for finding in self.findings.values() if finding.fails]

    @property
    def unjudged(self) -> list[Finding]:
        return [finding for finding in self.findings.values() if not finding.verdict]

    @property
    def basis(self) -> str:
        """A digest of what a correction letter would be written from."""
        return digest(canonical([self.submission.number, *([f.item_id, f.comment] for f in self.failing)]))

    def progress(self) -> list[Progress]:
        return [self._progress(page) for page in self.pages]

    def _progress(self, page: Section) -> Progress:
        found = [self.findings[item.id].verdict for item in page.items]
        judged = sum(1 for verdict in found if verdict)
        if Choice.CORRECT in found:
            text, tone = Choice.CORRECT.label, "red"
        elif not judged:
            text, tone = _("未審"), "grey"
        elif judged < len(found):
            text, tone = _("審查中"), "blue"
        elif set(found) == {Choice.NA}:
            text, tone = Choice.NA.label, "plain"
        else:
            text, tone = Choice.OK.label, "green"
        fresh = sum(1 for item in page.items if item.id not in self.folded)
        return Progress(page, judged, len(found), str(text), tone, fresh)

    def next_page(self, after: str) -> Section | None:
        """The next section with an item not yet judged, looking from ``after`` on and round; None when all are."""
        progress = self.progress()
        start = next((n for n, one in enumerate(progress) if one.page.id == after), -1) + 1
        return next((one.page for one in progress[start:] + progress[:start] if not one.done), None)


def read(case: Application, *, number: int | None = None) -> Round:
    """What stands on the latest submission of a case, or on the one with this number.

    3 queries; one more to look at the case before, where there is one and it has not been read.

    Raises:
        Submission.DoesNotExist: nothing was filed, or there is no such number.
    """
    chain = [case.pk, case.previous_id] if case.from_pre_review else [case.pk]
    submissions = list(Submission.objects.filter(application__in=chain))
    submissions.sort(key=lambda one: (one.application_id == case.pk, one.number))
    if number is not None:
        submissions = [one for one in submissions if one.application_id != case.pk or one.number <= number]
    last = submissions[-1] if submissions else None
    if last is None or last.application_id != case.pk or (number is not None and last.number != number):
        raise Submission.DoesNotExist
    rows: dict[int, list[Verdict]] = {}
    for row in Verdict.objects.filter(submission__application__in=chain).select_related("by"):
        rows.setdefault(row.submission_id, []).append(row)
    corrections = {one.submission_id: one for one in Correction.objects.filter(application__in=chain)}
    return _fold(submissions, rows, corrections)


def _fold(submissions: list[Submission], rows: dict[int, list[Verdict]], corrections: dict[int, Correction]) -> Round:
    found: Round | None = None
    for submission in submissions:
        found = _next(found, submission, rows.get(submission.pk, ()), corrections)
    assert found is not None
    return found


def _next(
    before: Round | None, submission: Submission, rows: Iterable[Verdict], corrections: dict[int, Correction]
) -> Round:
    content = submission.content
    version = load(content["version"])
    items = [item.id for section_id in content["pages"] for item in version.section(section_id).items]
    findings = {item_id: Finding(item_id) for item_id in items}
    changed: frozenset[str] = frozenset()
    asked: dict[str, str] = {}
    kept: set[str] = set()
    if before is not None:
        formal = before.submission.application_id != submission.application_id
        changed = changed_items(before.content, content)
        correction = corrections.get(before.submission.pk)
        asked = dict(correction.items) if correction else {}
        for item_id in items:
            stood = before.findings.get(item_id)
            if stood is None or not stood.verdict or item_id in asked:
                continue
            if item_id in changed or before.item(item_id) != version.item(item_id):
                if formal and stood.comment:
                    asked[item_id] = stood.comment
                continue
            kept.add(item_id)
            findings[item_id] = replace(stood, revision=0, carried=True, pre_review=formal or stood.pre_review)
    for row in rows:
        findings[row.item_id] = Finding(
            row.item_id,
            row.verdict,
            row.comment,
            row.revision,
            row.carried,
            row.carried and findings[row.item_id].pre_review,
            row.by,
            row.at,
        )
    return Round(submission, before.submission if before else None, findings, changed, asked, frozenset(kept))


def _by_item(rows: Iterable[dict[str, Any]]) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in kept_problems(rows):
        found.setdefault(problem.item, []).append(problem)
    return found


def not_filed(case: Application, found: Round) -> dict[str, str]:
    """Items that the case asks for now and that were not filed, each with what the firm is told; see ``reclassify``.

    A pre-review is filed as far as it is ready, so it lacks none; one that was put under another kind lacks also what
    it left open (尚未備齊) on the pages that it sent.
    """
    if case.for_opinion:
        return {}
    filed = set(found.content["pages"])
    name = words(case.version.kind(case.kind).name)
    text = gettext("本案改列為「{kind}」，請填報本項。").format(kind=name)
    return {
        item.id: text for page in case.pages for item in page.items if page.id not in filed or item.id in found.unready
    }


def reclassified(case: Application) -> Event | None:
    """The last time that an officer put the case under another kind; None where nobody did. One query."""
    return Event.objects.filter(application=case, what="reclassify").last()
