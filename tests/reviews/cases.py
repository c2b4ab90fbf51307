"""Cases brought as far as a test of the exchange's side needs them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from applications.models import Application, Decision
from reviews import verdicts
from reviews.actions import casework, deciding, judging
from reviews.actions.judging import Entry
from tests.factories import PDF, Cast, judge_all, taken_case

ITEM, SECTION = "2.2.5.3", "2.2.5"
NUMBER = "臺證輔字第1150001234號"


def later(case: Application, **more: int) -> datetime:
    return case.changed_at + timedelta(**(more or {"hours": 1}))


def put_up(outcome: str = "forward", *, reasons: str = "符合規定") -> tuple[Application, Cast]:
    case, cast = taken_case()
    if outcome == "forward":
        judge_all(case, by=cast.officer, at=later(case))
    judging.recommend(
        case_id=case.pk, revision=case.revision, outcome=outcome, reasons=reasons, by=cast.officer, at=later(case)
    )
    case.refresh_from_db()
    return case, cast


def forwarded() -> tuple[Application, Cast]:
    case, cast = put_up()
    deciding.forward(
        case_id=case.pk, revision=case.revision, document_number=NUMBER, by=cast.supervisor, at=later(case)
    )
    case.refresh_from_db()
    return case, cast


def forward(case: Application, cast: Cast, at: datetime) -> None:
    """Taken, judged 符合 throughout, put up and forwarded at once."""
    case.refresh_from_db()
    casework.take(case_id=case.pk, revision=case.revision, by=cast.officer, at=at)
    judge_all(case, by=cast.officer, at=at)
    case.refresh_from_db()
    judging.recommend(
        case_id=case.pk, revision=case.revision, outcome="forward", reasons="各項符合", by=cast.officer, at=at
    )
    case.refresh_from_db()
    deciding.forward(case_id=case.pk, revision=case.revision, document_number=NUMBER, by=cast.supervisor, at=at)
    case.refresh_from_db()


def scan(name: str = "復函.pdf", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF.read_bytes() if data is None else data)


def decide(case: Application, cast: Cast, **changes: Any) -> Decision:
    first, last = case.first_day, case.last_day
    given: dict[str, Any] = {
        "case_id": case.pk,
        "revision": case.revision,
        "approved": True,
        "document_number": "金管證券字第1150009999號",
        "dated": case.changed_at.date(),
        "conditions": "",
        "periods": dict.fromkeys(case.lines, (first, last)),
        "scan": scan(),
        "by": cast.officer,
        "at": later(case),
    }
    return deciding.record_decision(**given | changes)


def judge(case: Application, cast: Cast, entry: Entry, by: Any = None, submission: int = 1) -> verdicts.Round:
    return judging.judge(
        case_id=case.pk, submission=submission, entries={ITEM: entry}, by=by or cast.officer, at=later(case)
    )


def text(response: Any) -> str:
    return response.content.decode()


def verdict_form(case: Application, section_id: str = SECTION, **said: tuple[str, str]) -> dict[str, str]:
    """What the browser would post of a section; ``said`` item (with _ for .) -> verdict, comment."""
    now = verdicts.read(case)
    data = {"submission": str(now.submission.number)}
    for item in now.version.section(section_id).items:
        standing = now.findings[item.id]
        verdict, comment = said.get(f"i{item.id.replace('.', '_')}", (standing.verdict, standing.comment))
        data[f"v-{item.id}-verdict"] = verdict
        data[f"v-{item.id}-comment"] = comment
        data[f"v-{item.id}-revision"] = str(standing.revision)
    return data
