"""What an officer does with a mail: make it a case, put it with a case, set it aside, take that back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Firm, User
from applications import policy
from applications.actions import notifying
from applications.actions.drafting import NotOpen, Unmet
from applications.actions.evidence import store
from applications.enums import Door
from applications.evidence import Refused
from applications.lifecycle import lock, record
from applications.messages import Attachment
from applications.models import Application
from guideline.examine import Answers
from reviews import claims
from reviews.models import Assignment, MailEvent, MailNotice

Status = MailNotice.Status


class Moved(Exception):
    """A colleague was first, or the page is older than the mail: HTTP 409. ``mail`` is as it stands now."""

    def __init__(self, mail: MailNotice) -> None:
        super().__init__(str(mail))
        self.mail = mail


def note(mail: MailNotice, what: str, *, by: User | None, at: datetime, detail: Mapping[str, Any]) -> MailEvent:
    """Append to the record of a mail."""
    name = by.name if by else ""
    return MailEvent.objects.create(mail=mail, what=what, actor=by, actor_name=name, at=at, detail=dict(detail))


def raw_of(mail: MailNotice) -> bytes:
    """The bytes as they arrived."""
    with mail.raw.open("rb") as file:
        return file.read()


def confirm(
    *, mail_id: int, revision: int, firm: Firm, answers: Answers, by: User, at: datetime
) -> tuple[Application, list[str]]:
    """確認通報: the officer says what the mail means, and has its case in hand.

    The time of receipt is that of the first copy of this mail (clause 2.1.1). Its attachments become files of the
    case where files of that kind are taken.

    Args:
        revision: of the mail, as the page showed it.
        answers: item id -> field -> value, of the pages of the notice.

    Returns:
        The case, and the names of the attachments that stay with the mail alone.

    Raises:
        Moved: a colleague dealt with it, or it has changed.
        Incomplete: with what is missing; nothing was written.
        NotOpen: no officer.
        Unmet: as ``notifying.log``.
    """
    files = _files(mail_id)
    with transaction.atomic():
        mail = _lock(mail_id, revision=revision, by=by)
        first = first_copy(mail)
        case = notifying.log(
            firm=firm,
            answers=answers,
            received_at=first.received_at,
            door=Door(first.door),
            key=f"mail:{mail.pk}",
            by=by,
            at=at,
        )
        if not Assignment.objects.filter(application=case, until=None).exists():
            Assignment.objects.create(application=case, officer=by, assigned_by=by, since=at)
        return case, _put(mail, lock(case.pk), files, by=by, at=at)


def put_with(*, mail_id: int, revision: int, case_id: int, by: User, at: datetime) -> tuple[Application, list[str]]:
    """併入既有案件: the mail belongs to a case that is there; its attachments become files of it.

    Returns:
        As ``confirm``.

    Raises:
        Moved, NotOpen.
        Application.DoesNotExist: there is no such case among those that ``by`` may know of.
    """
    files = _files(mail_id)
    with transaction.atomic():
        mail = _lock(mail_id, revision=revision, by=by)
        case = lock(case_id, among=policy.visible_to(by))
        return case, _put(mail, case, files, by=by, at=at)


def set_aside(*, mail_id: int, revision: int, reason: str, by: User, at: datetime) -> MailNotice:
    """非緊急通報: it is kept, and no longer waits.

    Raises:
        Moved, NotOpen.
        Unmet: no reason was given.
    """
    with transaction.atomic():
        mail = _lock(mail_id, revision=revision, by=by)
        if not reason.strip():
            raise Unmet(("reason", _("請填寫非緊急通報之理由")))
        _close(mail, Status.SET_ASIDE, reason=reason.strip())
        note(mail, "set_aside", by=by, at=at, detail={"reason": mail.reason})
    return mail


def merge(*, mail_id: int, revision: int, by: User, at: datetime) -> MailNotice:
    """與前一郵件為同一通報: of a mail that joins another by its Message-ID and reads differently.

    Raises:
        Moved: it has changed, or joins none.
        NotOpen: no officer.
    """
    with transaction.atomic():
        mail = _lock(mail_id, revision=revision, by=by)
        if mail.joins is None:
            raise Moved(mail)
        _close(mail, Status.JOINED)
        note(mail, "merged", by=by, at=at, detail={"mail": mail.joins_id})
    return mail


def reopen(*, mail_id: int, revision: int, by: User, at: datetime) -> MailNotice:
    """改為待確認: what was set aside or joined waits again.

    Raises:
        Moved: it has changed, or is neither.
        NotOpen: no officer.
    """
    with transaction.atomic():
        mail = _lock(mail_id, revision=revision, by=by, among=(Status.SET_ASIDE, Status.JOINED))
        was = mail.status
        _close(mail, Status.UNREADABLE if mail.unreadable else Status.WAITING)
        note(mail, "reopened", by=by, at=at, detail={"was": was})
    return mail


def first_copy(mail: MailNotice) -> MailNotice:
    """Of the mail and its copies that read the same, the one that arrived first."""
    return min((mail, *mail.joined.filter(status=Status.JOINED)), key=lambda one: (one.received_at, one.pk))


def _lock(mail_id: int, *, revision: int, by: User, among: Iterable[str] = MailNotice.OPEN) -> MailNotice:
    if not policy.may(by, "log_mail"):
        raise NotOpen
    mail = MailNotice.objects.select_for_update(of=("self",)).select_related("joins", "application").get(pk=mail_id)
    if mail.revision != revision or mail.status not in among:
        raise Moved(mail)
    return mail


def _close(mail: MailNotice, status: Status, *, reason: str = "", application: Application | None = None) -> None:
    mail.status, mail.reason, mail.application = status, reason, application
    mail.revision += 1
    mail.save(update_fields=["status", "reason", "application", "revision"])


def _files(mail_id: int) -> tuple[Attachment, ...]:
    """The attachments, read before anything is locked."""
    mail = MailNotice.objects.get(pk=mail_id)
    return () if mail.unreadable else claims.files(raw_of(mail))


def _put(mail: MailNotice, case: Application, files: Iterable[Attachment], *, by: User, at: datetime) -> list[str]:
    """The mail is with this case from now on, and so are its files; the names of those that are not taken."""
    kept, refused = [], []
    acceptable = claims.acceptable(mail.said)
    for one in files:
        if one.sha256 not in acceptable:
            refused.append(one.name)
            continue
        try:
            store(case, SimpleUploadedFile(one.name, one.data), by=by, at=at)
        except Refused:
            refused.append(one.name)
        else:
            kept.append(one.name)
    _close(mail, Status.CONFIRMED, application=case)
    detail = {"mail": mail.pk, "files": kept, "left": refused}
    note(mail, "confirmed", by=by, at=at, detail=detail | {"case": case.number})
    record(case, "mail", by=by, at=at, detail=detail, shared=False, seals=[mail])
    return refused
