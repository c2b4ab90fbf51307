"""緊急通報 (特殊個案方式通報, clause 2.1.1): a notice comes first, its documents follow."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Firm, User
from applications import policy
from applications.actions.drafting import NotOpen, Unmet, create_draft, fill
from applications.actions.filing import Incomplete, hold_to_version, lock_visible, next_number
from applications.content import read, snapshot
from applications.enums import Action, Door, Status
from applications.lifecycle import Conflict, move, record
from applications.models import Application, EmergencyNotice
from applications.trail import canonical, digest
from guideline.catalogue import governing, in_force
from guideline.examine import Answers
from guideline.shape import EMERGENCY

FILLED = ("first_day", "lines")  # what the documents repeat of the notice


def start(*, firm: Firm, by: User, at: datetime) -> Application:
    """通報緊急情況: a draft of a notice, by a preparer or a checker. Pressed twice, it is the same while it is empty.

    Raises:
        NotOpen: somebody else.
    """
    with transaction.atomic():
        if policy.may(by, "report") and by.firm == firm:
            Firm.objects.select_for_update(of=("self",)).get(pk=firm.pk)
            mine = Application.objects.filter(firm=firm, kind=EMERGENCY, status=Status.DRAFT, created_by=by)
            begun = mine.filter(version_id=in_force(timezone.localdate(at)).id, sections=None).first()
            if begun is not None:
                return begun
        return create_draft(firm=firm, by=by, at=at, kind=EMERGENCY)


def notify(*, case_id: int, revision: int, key: str, by: User, at: datetime) -> EmergencyNotice:
    """送出通報: the notice is given, by one person. The pages of the notice alone have to be complete.

    Args:
        revision: the case's revision that the person read.
        key: made with the page, at most 40 characters; the same key a second time gives the first notice back.
        at: the server's time, which is that of receipt.

    Raises:
        Incomplete, Conflict.
        Closed: the draft is under a version that is no longer in force.
        NotOpen: neither preparer nor checker of the firm.
    """
    key = f"{case_id}:{key}"
    with transaction.atomic():
        case = lock_visible(case_id, by=by)
        given = EmergencyNotice.objects.filter(application=case, idempotency_key=key).first()
        if given is not None:
            return given
        if case.revision != revision:
            raise Conflict(case)
        if not policy.may(by, Action.NOTIFY, case):
            raise NotOpen if policy.knows(Action.NOTIFY, case) else Conflict(case)
        hold_to_version(case, at)
        return _give(case, Action.NOTIFY, door=Door.PORTAL, received_at=at, key=key, by=by, at=at)


def log(
    *, firm: Firm, answers: Answers, received_at: datetime, door: Door, key: str, by: User, at: datetime
) -> Application:
    """登錄電子郵件通報: an officer makes the case of a notice that came another way, and has it in hand.

    The caller writes the assignment, in the same transaction; a case that was made before has one.

    Args:
        answers: item id -> field -> value, as the officer confirmed them.
        received_at: when the notice came in, not after ``at``.
        key: of what came in; the same key a second time gives the first case back. At most 64 characters.

    Raises:
        Incomplete: with what is missing; nothing was written.
        NotOpen: no officer.
        Unmet: ``received_at`` is in the future.
    """
    try:
        with transaction.atomic():
            given = EmergencyNotice.objects.filter(idempotency_key=key).first()
            return given.application if given else _log(firm, answers, received_at, door, key, by, at)
    except IntegrityError:  # a colleague was logging the same at this moment
        return EmergencyNotice.objects.get(idempotency_key=key).application


def _log(
    firm: Firm, answers: Answers, received_at: datetime, door: Door, key: str, by: User, at: datetime
) -> Application:
    version = governing(timezone.localdate(received_at))
    case = Application(firm=firm, kind=EMERGENCY, version_id=version.id, created_by=by, created_at=at, changed_at=at)
    if not policy.may(by, Action.LOG_NOTICE, case):
        raise NotOpen
    if received_at > at:
        raise Unmet(("received_at", _("收件時間不得晚於現在")))
    case.save()
    record(case, "create", by=by, at=at)
    said = {item.id: answers[item.id] for page in case.pages for item in page.items if item.id in answers}
    fill(case, said, by=by, at=at)
    _give(case, Action.LOG_NOTICE, door=door, received_at=received_at, key=key, by=by, at=at, officer=by)
    return case


def _give(
    case: Application,
    action: Action,
    *,
    door: Door,
    received_at: datetime,
    key: str,
    by: User,
    at: datetime,
    **fields: Any,
) -> EmergencyNotice:
    """Freeze the notice, number the case and begin its documents."""
    whole = read(case, today=timezone.localdate(received_at))
    if not whole.complete:
        raise Incomplete(whole)
    case.number, case.submitted_at = next_number(received_at), received_at
    content = snapshot(
        whole,
        door=door,
        given_by={"name": by.name, "title": by.title},
        received_at=timezone.localtime(received_at).isoformat(),
    )
    payload = canonical(content)
    notice = EmergencyNotice.objects.create(
        application=case,
        door=door,
        payload=payload,
        sha256=digest(payload),
        received_at=received_at,
        given_by=by,
        idempotency_key=key,
    )
    detail = {"door": door, "sha256": notice.sha256}
    fields |= {"number": case.number, "submitted_at": received_at}
    move(case, action, by=by, at=at, detail=detail, seals=[notice], **fields)
    _begin_documents(case, by=by, at=at)
    return notice


def _begin_documents(case: Application, *, by: User, at: datetime) -> None:
    """Repeat the start and the lines of the notice where the documents ask for them (clauses 2.2.1 and 2.2.3)."""
    asked: dict[str, dict[str, Any]] = {}
    for column in FILLED:
        item_id, name = case.version.meaning[column]
        value = getattr(case, column)
        typed = value if isinstance(value, list) else value.isoformat()
        asked.setdefault(item_id, {"answer": "yes"})[name] = typed
    fill(case, asked, by=by, at=at)
