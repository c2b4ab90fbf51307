"""The second person's decision on what was put up, and the authority's letter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import ledger
from applications.actions.drafting import Unmet
from applications.actions.evidence import store
from applications.enums import Action
from applications.lifecycle import lock, move
from applications.models import Application, Decision, Submission
from applications.present import show_date, words
from guideline.periods import last_day
from reviews import policy as rules
from reviews.actions.casework import allowed
from reviews.models import Recommendation

NUMBER_LENGTH = 40
_USUAL_NUMBER = re.compile(r".+字第[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]+號")

Span = tuple[date, date]


def is_usual_number(text: str) -> bool:
    """Whether a 文號 looks like 「臺證輔字第1120503225號」: some text, 字第, letters or digits, 號."""
    return _USUAL_NUMBER.fullmatch(text.strip()) is not None


def number_problems(text: str) -> list[tuple[str, str]]:
    if not text.strip():
        return [("document_number", _("請填寫文號"))]
    if len(text.strip()) > NUMBER_LENGTH:
        return [("document_number", _("文號最多 {count} 字").format(count=NUMBER_LENGTH))]
    return []


def decided(
    case_id: int, revision: int, action: Action, by: User, at: datetime, problems: list[tuple[str, str]], remark: str
) -> tuple[Application, Recommendation]:
    """The locked case and its recommendation, marked as decided by ``by``."""
    case = lock(case_id, revision=revision)
    recommendation = rules.waiting(case)
    allowed(case, action, by, recommendation)
    assert recommendation is not None
    if problems:
        raise Unmet(*problems)
    recommendation.decided_by, recommendation.decided_at = by, at
    recommendation.released = action != Action.SEND_BACK
    recommendation.remark = remark
    return case, recommendation


def send_back(*, case_id: int, revision: int, remark: str, by: User, at: datetime) -> Recommendation:
    """退回承辦人, with a remark; the firm does not see it.

    Raises:
        Conflict: another supervisor was first.
        NotOpen: no supervisor, or the one who put it up.
        Unmet: no remark.
    """
    problems = [] if remark.strip() else [("remark", _("請填寫退回承辦人之意見"))]
    with transaction.atomic():
        case, found = decided(case_id, revision, Action.SEND_BACK, by, at, problems, remark)
        found.save()
        detail = {"remark": remark, "recommendation": found.pk}
        move(case, Action.SEND_BACK, by=by, at=at, detail=detail, shared=False, seals=[found])
    return found


def forward(
    *, case_id: int, revision: int, document_number: str, by: User, at: datetime, remark: str = ""
) -> Recommendation:
    """覆核並轉報: what was put up as 擬轉報 goes to the authority.

    Args:
        document_number: 轉報文號, typed by a person, at most 40 characters.

    Raises:
        Conflict: another supervisor was first, or the firm withdrew.
        NotOpen: no supervisor, the one who put it up, or it was put up for 退件.
        Unmet: no number, or too long a one.
    """
    with transaction.atomic():
        problems = number_problems(document_number)
        case, found = decided(case_id, revision, Action.FORWARD, by, at, problems, remark)
        found.document_number = document_number.strip()
        found.save()
        detail = {"document_number": found.document_number, "submission": found.submission.number}
        move(case, Action.FORWARD, by=by, at=at, detail=detail, seals=[found])
    return found


def reject(*, case_id: int, revision: int, by: User, at: datetime, remark: str = "") -> Recommendation:
    """覆核並退件: what was put up as 擬退件 goes back to the firm unforwarded, with the officer's reasons.

    Raises:
        Conflict, NotOpen: as for ``forward``.
    """
    with transaction.atomic():
        case, found = decided(case_id, revision, Action.REJECT, by, at, [], remark)
        found.save()
        detail = {"reason": found.reasons, "submission": found.submission.number}
        move(case, Action.REJECT, by=by, at=at, detail=detail, seals=[found])
    return found


def latest_last_day(case: Application, first_day: date) -> date:
    """The latest day on which a period that begins on ``first_day`` may end (clause 2.1.2)."""
    version = case.version
    return last_day(first_day, months=version.months, count_first_day=version.count_first_day)


def record_decision(
    *,
    case_id: int,
    revision: int,
    approved: bool,
    document_number: str,
    dated: date,
    conditions: str,
    periods: Mapping[str, Span],
    scan: UploadedFile,
    by: User,
    at: datetime,
) -> Decision:
    """登錄主管機關復函: 核准 with its lines and days, or 駁回. The authority decides; this records it.

    Args:
        dated: 發文日期, not in the future.
        periods: business line -> first and last day; only on approval, within the lines that were asked for.
        scan: the letter; kept as a file of the case.

    Raises:
        Conflict: somebody recorded it, or the firm withdrew.
        NotOpen: not this person's to do.
        Unmet: problems of fields ``document_number``, ``dated``, ``periods``, ``<line>``.
        evidence.Refused: the scan is not accepted.
    """
    action = Action.RECORD_APPROVAL if approved else Action.RECORD_REFUSAL
    with transaction.atomic():
        case = lock(case_id, revision=revision)
        allowed(case, action, by)
        problems = number_problems(document_number)
        if dated > timezone.localdate(at):
            problems.append(("dated", _("發文日期不得晚於今日")))
        spans = dict(periods) if approved else {}
        if approved:
            problems += _period_problems(case, spans) or _written(case, spans, by, at)
        if problems:
            raise Unmet(*problems)
        decision = Decision.objects.create(
            application=case,
            approved=approved,
            document_number=document_number.strip(),
            dated=dated,
            conditions=conditions,
            scan=(stored := store(case, scan, by=by, at=at)),
            recorded_by=by,
            recorded_at=at,
        )
        detail = {
            "document_number": decision.document_number,
            "dated": dated.isoformat(),
            "periods": {line: [first.isoformat(), last.isoformat()] for line, (first, last) in spans.items()},
            "sha256": stored.sha256,
        }
        move(case, action, by=by, at=at, detail=detail, seals=[decision, *case.periods.all()])
    return decision


def _period_problems(case: Application, periods: Mapping[str, Span]) -> list[tuple[str, str]]:
    if not periods:
        return [("periods", _("核准者，請至少選擇一項業務及其期間"))]
    submission = Submission.objects.filter(application=case).latest("number")
    problems = []
    for line, (first, last) in periods.items():
        if line not in submission.content["lines"]:
            problems.append((line, _("不在申請之業務項目內")))
            continue
        name = words(case.version.line(line).name)
        latest = latest_last_day(case, first)
        if last < first:
            problems.append((line, _("「{line}」之迄日不得早於起日").format(line=name)))
        elif last > latest:
            message = _("「{line}」之迄日最遲為 {day}（期間最長 {months} 個月）")
            problems.append((line, message.format(line=name, day=show_date(latest), months=case.version.months)))
    return problems


def _written(case: Application, spans: Mapping[str, Span], by: User, at: datetime) -> list[tuple[str, str]]:
    """Write the periods into the ledger; or, where that is refused, why."""
    try:
        ledger.add(case=case, spans=spans, by=by, at=at)
    except ledger.Overlap as overlap:
        return overlap_problems(case, overlap)
    return []


def overlap_problems(case: Application, overlap: ledger.Overlap) -> list[tuple[str, str]]:
    """A problem for each line that has a period on one of these days."""
    message = _("「{line}」與 {case} 之期間 {first}至 {last}重疊")
    return [
        (
            line,
            message.format(
                line=words(case.version.line(line).name),
                case=row.application,
                first=show_date(row.first_day),
                last=show_date(row.until),
            ),
        )
        for line, row in overlap.clashes
    ]
