"""Pre-reviews with an opinion, and formal cases made from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from applications.actions import drafting, filing
from applications.actions.formal import make_formal
from applications.enums import Carry
from applications.models import Application, Section, Submission
from guideline.shape import PRE_REVIEW
from reviews.actions import judging, opinion
from reviews.models import Recommendation
from tests.factories import Cast, judge_all, taken_case

OPINION = Recommendation.Outcome.OPINION
FAILING = {"2.2.5.3": "請補充遮罩之範圍", "3.5.4": "請說明抽樣方法"}
LEFT_OUT = ("2.2.11", "3.6")
REASONS = "大致妥適。"


def put_up(
    cast: Cast | None = None, failing: Mapping[str, str] | None = None, reasons: str = REASONS, **more: Any
) -> tuple[Application, Cast]:
    """A pre-review put up for an opinion; ``more`` as for ``factories.draft``."""
    case, cast = taken_case(cast, kind=PRE_REVIEW, **more)
    at = case.changed_at + timedelta(hours=1)
    judge_all(case, by=cast.officer, at=at, failing=failing)
    judging.recommend(case_id=case.pk, revision=case.revision, outcome=OPINION, reasons=reasons, by=cast.officer, at=at)
    case.refresh_from_db()
    return case, cast


def pre_reviewed(
    cast: Cast | None = None, failing: Mapping[str, str] | None = None, reasons: str = REASONS, **more: Any
) -> tuple[Application, Cast]:
    case, cast = put_up(cast, failing, reasons, **more)
    at = case.changed_at + timedelta(hours=1)
    opinion.give(case_id=case.pk, revision=case.revision, by=cast.supervisor, at=at)
    case.refresh_from_db()
    return case, cast


def formal(case: Application, cast: Cast, *, at: datetime | None = None) -> Application:
    return make_formal(case_id=case.pk, by=cast.preparer, at=at or case.changed_at + timedelta(hours=1))


def write(case: Application, cast: Cast, changes: Mapping[str, Mapping[str, Any]], *, at: datetime) -> None:
    """Merge these values (item -> field -> value) into what stands on their pages."""
    pages = {case.version.section_of(item_id).id for item_id in changes}
    for page_id in sorted(pages):
        row = Section.objects.filter(application=case, section_id=page_id).first()
        answers = dict(row.answers) if row else {}
        for item in case.version.section(page_id).items:
            answers[item.id] = answers.get(item.id, {}) | dict(changes.get(item.id, {}))
        revision = row.revision if row else 0
        drafting.save_section(
            case_id=case.pk, section_id=page_id, answers=answers, revision=revision, by=cast.preparer, at=at
        )


def confirm(case: Application, cast: Cast, *, at: datetime) -> None:
    """沿用 of every page that is offered."""
    for row in Section.objects.filter(application=case, carry=Carry.OFFERED):
        drafting.save_section(
            case_id=case.pk,
            section_id=row.section_id,
            answers=row.answers,
            revision=row.revision,
            by=cast.preparer,
            at=at,
        )


def file(case: Application, cast: Cast, *, at: datetime) -> Submission:
    case.refresh_from_db()
    sent = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=at)
    return filing.submit(case_id=case.pk, revision=sent.revision, key=f"f{case.pk}", by=cast.checker, at=at)
