"""Sign-off, submission, correction, withdrawal: what sends a case on its way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import clocks, ledger, policy
from applications.actions import versions
from applications.actions.copying import filed
from applications.actions.drafting import NotOpen
from applications.ageing import aged
from applications.content import Whole, keep, read, snapshot
from applications.enums import Action, Status
from applications.ledger import Answer
from applications.lifecycle import Conflict, lock, move
from applications.models import Application, CaseCounter, Correction, Submission
from applications.present import show_date, words
from applications.trail import canonical, digest
from guideline.shape import EXTENSION
from guideline.values import YEAR_OFFSET

# By the status from which it is done, where it is not that of a draft.
SENDING = {Status.RETURNED: Action.SEND_CORRECTION, Status.NOTICED: Action.SEND_DOCUMENTS}
RETURNING = {Status.CORRECTION_REVIEW: Action.RETURN_CORRECTION, Status.DOCUMENTS_REVIEW: Action.RETURN_DOCUMENTS}
UNSIGNED: dict[str, Any] = {"signed_by": None, "signed_at": None, "prepared_by": None}


class Incomplete(Exception):
    """The case cannot be sent yet; ``whole.problems`` says what is missing."""

    def __init__(self, whole: Whole) -> None:
        super().__init__(str(whole.case))
        self.whole = whole


class Closed(Exception):
    """It cannot be asked for; ``answer`` says why, by which clause, and which way is open instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.why)
        self.answer = answer


def lock_visible(case_id: int, *, by: User, revision: int | None = None, related: Iterable[str] = ()) -> Application:
    """``lifecycle.lock`` for a deed of ``by``, with what ``may`` asks of the case besides, in one look-up.

    That is as it was before the lock was waited for, so compare the revision before it is used: nobody writes what
    may be signed without taking it back, which counts it up.

    Raises:
        NotOpen: ``by`` may not know of the case.
        Conflict: the case has moved on since.
    """
    try:
        return lock(case_id, revision=revision, related=related, among=policy.listed_for(by))
    except Application.DoesNotExist as missing:
        raise NotOpen from missing


def _allowed(case: Application, action: Action, by: User) -> None:
    if not policy.may(by, action, case):
        if policy.knows(action, case):
            raise NotOpen
        raise Conflict(case)


def _complete(case: Application, at: datetime) -> Whole:
    whole = read(case, today=timezone.localdate(at))
    if not whole.complete:
        raise Incomplete(whole)
    return whole


def send_to_checker(*, case_id: int, revision: int, by: User, at: datetime, document_number: str = "") -> Application:
    """送內部覆核, of a draft, of a correction, or of the documents of a notice. Only a complete case can be sent.

    Raises:
        Incomplete, Conflict, NotOpen.
    """
    with transaction.atomic():
        case = lock_visible(case_id, by=by, revision=revision)
        action = SENDING.get(Status(case.status), Action.SEND_TO_CHECKER)
        _allowed(case, action, by)
        hold_to_version(case, at)
        _complete(case, at)
        fields = UNSIGNED | {"prepared_by": by, "document_number": document_number.strip()[:40]}
        move(case, action, by=by, at=at, **fields)  # who signed the submission before may prepare this one
    return case


def reopen(*, case_id: int, revision: int, by: User, at: datetime) -> Application:
    """取回修改: take the case back from the checker; a sign-off that was given is void."""
    with transaction.atomic():
        case = lock_visible(case_id, by=by, revision=revision)
        _allowed(case, Action.REOPEN, by)
        move(case, Action.REOPEN, by=by, at=at, **UNSIGNED)
    return case


def return_to_preparer(*, case_id: int, revision: int, by: User, at: datetime, reason: str) -> Application:
    """退回修改, of a draft, of a correction or of the documents of a notice, with a reason that the preparer reads."""
    with transaction.atomic():
        case = lock_visible(case_id, by=by, revision=revision)
        action = RETURNING.get(Status(case.status), Action.RETURN_TO_PREPARER)
        _allowed(case, action, by)
        unsigned = {} if action == Action.RETURN_CORRECTION else UNSIGNED
        move(case, action, by=by, at=at, detail={"reason": reason}, **unsigned)
    return case


def sign_off(*, case_id: int, revision: int, by: User, at: datetime) -> Application:
    """覆核 without sending: the firm files later; any edit voids it."""
    with transaction.atomic():
        case = lock_visible(case_id, by=by, revision=revision)
        _allowed(case, Action.SIGN_OFF, by)
        hold_to_version(case, at)
        _complete(case, at)
        move(case, Action.SIGN_OFF, by=by, at=at, signed_by=by, signed_at=at)
    return case


def submit(*, case_id: int, revision: int, key: str, by: User, at: datetime) -> Submission:
    """送件: 覆核並送件, 送件 of a case signed off before, or 送出補正.

    Args:
        revision: the case's revision that the person read.
        key: made with the page; the same key a second time gives the first submission back.
        at: the server's time; it counts.

    Raises:
        Incomplete, Conflict, NotOpen.
        Closed: an extension whose time has passed, or a draft under a version that is no longer in force.
    """
    with transaction.atomic():
        case = lock_visible(case_id, by=by, related=("prepared_by", "signed_by"))
        first = case.number is None or case.status == Status.DOCUMENTS_REVIEW
        done = None if first else case.submissions.filter(idempotency_key=key).first()
        if done is not None:
            return done
        if case.revision != revision:
            raise Conflict(case)
        if case.status == Status.CORRECTION_REVIEW:
            actions = [Action.SUBMIT_CORRECTION]
        elif case.status == Status.DOCUMENTS_REVIEW:
            actions = [Action.SUBMIT_DOCUMENTS]
        elif case.status == Status.INTERNAL_REVIEW:
            actions = [Action.SIGN_OFF, Action.SUBMIT]
        else:
            actions = [Action.SUBMIT]
        _allowed(case, actions[0], by)
        hold_to_version(case, at)
        if first:
            _in_time(case, at)
        whole = _complete(case, at)
        signed_before = case.status == Status.SIGNED_OFF
        signer = cast(User, case.signed_by) if signed_before else by
        signed_at = case.signed_at if signed_before else at
        numbered = case.number is not None  # by the notice that came before
        if not numbered:
            case.number = next_number(at)
            case.submitted_at = at
        submission = _freeze(whole, signer=signer, by=by, at=at, key=key, first=first)
        sealed: list[Any] = [submission]
        fields: dict[str, Any] = {"signed_by": signer, "signed_at": signed_at}
        if not numbered:
            fields |= {"number": case.number, "submitted_at": at}
        if not first:
            sealed += _answer(case, at)
        detail = {"submission": submission.number, "sha256": submission.sha256}
        move(case, *actions, by=by, at=at, detail=detail, seals=sealed, **fields)
        if first and case.previous_id:
            clocks.schedule(lock(case.previous_id), at=at)
    return submission


def hold_to_version(case: Application, at: datetime) -> None:
    """Nothing is filed for the first time, nor notified, under a version that is no longer in force.

    Raises:
        Closed: the draft has to be brought under the new one first.
    """
    new = versions.pending(case, today=timezone.localdate(at))
    if new is not None:
        text = _("本案依 {old} 版指引填寫；{new} 版已自 {day} 起適用，送件前須改依新版。")
        names = {"old": words(case.version.label), "new": words(new.label), "day": show_date(new.announced)}
        raise Closed(Answer(False, text.format(**names), next="version"))


def _in_time(case: Application, at: datetime) -> None:
    """What has to be filed by a day is filed by then; the whole day is in time.

    An extension before the period has ended (clause 2.1.2), a recordation within the days that its kind gives.
    """
    kind = case.version.kind(case.kind)
    if kind.filed_within_days is not None and case.first_day:
        latest = case.first_day + timedelta(days=kind.filed_within_days)
        if timezone.localdate(at) > latest:
            text = _("申報應於起日後 {days} 日內為之，最遲為 {day}。")
            why = text.format(days=kind.filed_within_days, day=show_date(latest))
            raise Closed(Answer(False, why, kind.clause))
    if case.kind == EXTENSION and case.previous_id:
        answer = ledger.extension_open(lock(case.previous_id), at, but=case.pk)
        if not answer.open:
            raise Closed(answer)


def _freeze(whole: Whole, *, signer: User, by: User, at: datetime, key: str, first: bool) -> Submission:
    case = whole.case
    number = 1 if first else case.submissions.count() + 1
    preparer = cast(User, case.prepared_by)  # nothing is signed off that was not sent to the checker
    since: dict[str, Any] = {}
    if case.from_pre_review and case.previous is not None:
        since = {"aged": keep(aged(whole, filed(case.previous)))}
    content = snapshot(
        whole,
        **since,
        submission=number,
        prepared_by={"name": preparer.name, "title": preparer.title},
        signed_by={"name": signer.name, "title": signer.title},
        submitted_at=timezone.localtime(at).isoformat(),
    )
    payload = canonical(content)
    return Submission.objects.create(
        application=case,
        number=number,
        payload=payload,
        sha256=digest(payload),
        prepared_by=preparer,
        signed_by=signer,
        submitted_by=by,
        submitted_at=at,
        idempotency_key=key,
    )


def _answer(case: Application, at: datetime) -> list[Correction]:
    """The corrections that the exchange waits for wait no longer."""
    waiting = list(Correction.objects.filter(application=case, answered_at=None))
    for one in waiting:
        one.answered_at = at
        one.save(update_fields=["answered_at"])
    return waiting


def next_number(at: datetime) -> str:
    """The next case number of the 民國 year, without gaps: WFH-115-00001. Call inside the filing's transaction."""
    year = timezone.localdate(at).year - YEAR_OFFSET
    table = connection.ops.quote_name(CaseCounter._meta.db_table)
    with connection.cursor() as cursor:
        # one statement that takes the counter's row lock until the transaction ends
        cursor.execute(
            f"INSERT INTO {table} (year, last) VALUES (%s, 1) "  # noqa: S608
            f"ON CONFLICT (year) DO UPDATE SET last = {table}.last + 1 RETURNING last",
            [year],
        )
        (last,) = cursor.fetchone()
    return f"WFH-{year}-{last:05}"


def withdraw(*, case_id: int, revision: int, by: User, at: datetime, reason: str) -> Application:
    """撤回, before a decision."""
    with transaction.atomic():
        case = lock_visible(case_id, by=by, revision=revision)
        _allowed(case, Action.WITHDRAW, by)
        move(case, Action.WITHDRAW, by=by, at=at, detail={"reason": reason}, seals=_answer(case, at))
    return case
