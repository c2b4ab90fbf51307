"""Recurring duties: a firm records that one was done."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import clocks, policy
from applications.actions.drafting import NotOpen
from applications.enums import DeadlineState
from applications.lifecycle import Conflict, lock, record
from applications.models import Deadline


class Unusable(Exception):
    """What was typed cannot be kept; the text says what to do."""


def complete(*, case_id: int, deadline_id: int, done_on: date, note: str, by: User, at: datetime) -> Deadline:
    """登錄完成: the duty was done on ``done_on``; the next time is counted from there.

    Args:
        done_on: not in the future.
        note: where the record is kept, at most 200 characters.

    Raises:
        NotOpen: not this person's to do, or not a duty of the firm.
        Conflict: somebody recorded it, or it no longer applies.
        Unusable: the day is in the future, or the note is too long.
        Deadline.DoesNotExist: the case has no such deadline.
    """
    if done_on > timezone.localdate(at):
        raise Unusable(_("完成日期不得晚於今日"))
    if len(note) > Deadline._meta.get_field("note").max_length:  # type: ignore[operator]
        raise Unusable(_("紀錄存放處最多 200 字"))
    with transaction.atomic():
        case = lock(case_id)
        row = Deadline.objects.get(application=case, pk=deadline_id)
        if not policy.may(by, "complete_duty", case) or row.what not in {duty.id for duty in case.version.duties}:
            raise NotOpen
        if row.state != DeadlineState.OPEN:
            raise Conflict(case)
        row.state, row.done_on, row.done_by, row.note, row.next_on = DeadlineState.DONE, done_on, by, note, None
        row.save(update_fields=["state", "done_on", "done_by", "note", "next_on"])
        clocks.schedule(case, at=at)
        detail = {"duty": row.what, "due_on": row.due_on.isoformat(), "done_on": done_on.isoformat(), "note": note}
        record(case, "duty_done", by=by, at=at, detail=detail)
    return row
