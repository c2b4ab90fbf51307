"""董事會追認: what the documents of an emergency promised is supplied (clause 2.2.10)."""

from __future__ import annotations

from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import clocks, notify, policy
from applications.actions.drafting import NotOpen, Unmet
from applications.actions.evidence import store
from applications.actions.reasons import LENGTH
from applications.emergencies import ratified
from applications.lifecycle import Conflict, lock, record, touch
from applications.models import Application, FirmNotice
from applications.present import show_date

WHAT = "ratify"


def ratify(
    *,
    case_id: int,
    revision: int,
    held_on: date,
    text: str,
    minutes: UploadedFile,
    by: User,
    at: datetime,
) -> FirmNotice:
    """登錄追認: the day of the board's meeting, its resolution and its minutes. Once.

    Args:
        held_on: from the day of the notice up to today.
        text: the resolution, at most 2,000 characters.
        minutes: kept as a file of the case; the exchange may read it.

    Raises:
        Conflict: the page is older than the case, or it was ratified already.
        NotOpen: neither preparer nor checker of the firm, or nothing was promised.
        Unmet: problems of fields ``held_on`` and ``text``.
        evidence.Refused: the file is not accepted.
    """
    with transaction.atomic():
        case = lock(case_id)
        if by.firm != case.firm or not policy.may(by, WHAT):
            raise NotOpen
        if case.revision != revision or ratified(case) is not None:
            raise Conflict(case)
        if not policy.may(by, WHAT, case) or not clocks.promises_ratification(case):
            raise NotOpen
        if problems := [*_day_problems(case, held_on, timezone.localdate(at)), *_text_problems(text)]:
            raise Unmet(*problems)
        attachment = store(case, minutes, by=by, at=at)
        notice = FirmNotice.objects.create(
            application=case,
            what=FirmNotice.What.RATIFICATION,
            effective_on=held_on,
            text=text.strip(),
            detail={"file": attachment.name, "sha256": attachment.sha256},
            attachment=attachment,
            by=by,
            at=at,
        )
        touch(case, at=at)
        detail = {"held_on": held_on.isoformat(), "file": attachment.name, "sha256": attachment.sha256}
        record(case, WHAT, by=by, at=at, detail=detail, seals=[notice])
        clocks.schedule(case, at=at)
        notify.tell(case, WHAT, key=WHAT, at=at)
    return notice


def _day_problems(case: Application, day: date, today: date) -> list[tuple[str, str]]:
    received = timezone.localdate(case.notice.received_at)
    if day > today:
        return [("held_on", _("會議日期不得晚於今日（{day}）").format(day=show_date(today)))]
    if day < received:
        return [("held_on", _("追認應於通報後辦理，會議日期不得早於 {day}").format(day=show_date(received)))]
    return []


def _text_problems(text: str) -> list[tuple[str, str]]:
    if not text.strip():
        return [("text", _("請填寫董事會決議"))]
    if len(text.strip()) > LENGTH:
        return [("text", _("決議最多 {count} 字").format(count=LENGTH))]
    return []
