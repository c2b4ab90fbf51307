"""Who has the case in hand, and notes among colleagues."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications import notify, policy
from applications.actions.drafting import NotOpen, Unmet
from applications.enums import Action
from applications.lifecycle import Conflict, lock, move, record
from applications.models import Application
from reviews import policy as rules
from reviews.models import Assignment, InternalNote, Recommendation


def allowed(case: Application, action: str, by: User, recommendation: Recommendation | None = None) -> None:
    """Nothing where ``by`` may do this to the locked case now.

    Raises:
        Conflict: the case has moved on, or is in another officer's hands by now.
        NotOpen: it is not this person's to do.
    """
    if rules.may(by, action, case, recommendation):
        return
    if not rules.ever(by, action):
        raise NotOpen
    if action in policy.PLAIN:
        statuses = policy.PLAIN[action][1]
        open_now = statuses is None or case.status in statuses
    else:
        open_now = policy.knows(Action(action), case)
    taken = (
        case.officer_id is not None if action == Action.TAKE else action in policy.OWN_CASE and case.officer_id != by.pk
    )
    if not open_now or taken:
        raise Conflict(case)
    raise NotOpen


def take(*, case_id: int, revision: int, by: User, at: datetime) -> Application:
    """受理: the officer takes the case in hand; the firm is told that review has begun.

    Of an emergency first the notice is taken, and once its documents have come, these, by the same officer.

    Raises:
        Conflict: somebody else took it, or the firm withdrew it.
        NotOpen: not an officer.
    """
    with transaction.atomic():
        case = lock(case_id, revision=revision)
        allowed(case, Action.TAKE, by)
        assign(case, by=by, at=at)
        move(case, Action.TAKE, by=by, at=at, officer=by)
    return case


def assign(case: Application, *, by: User, at: datetime) -> None:
    """Note that ``by`` has the locked case in hand from now on, where nobody has yet."""
    if not Assignment.objects.filter(application=case, until=None).exists():
        Assignment.objects.create(application=case, officer=by, assigned_by=by, since=at)


def hand_over(*, case_id: int, held_by: int | None, to: User, by: User, at: datetime, remark: str = "") -> Application:
    """移交: put the case in another officer's hands. The firm is not told.

    Args:
        held_by: id of the officer whom the page showed.

    Raises:
        Conflict: somebody handed it over in between, or the case is closed.
        NotOpen: neither the officer in charge nor a supervisor.
        Unmet: ``to`` is no officer, or has it already.
    """
    with transaction.atomic():
        case = lock(case_id)
        if case.officer_id != held_by:
            raise Conflict(case)
        allowed(case, "hand_over" if case.officer_id == by.pk else "reassign", by)
        if not rules.officers().filter(pk=to.pk).exists() or to.pk == case.officer_id:
            raise Unmet(("to", _("請選擇另一位承辦人")))
        before = case.officer
        Assignment.objects.filter(application=case, until=None).update(until=at)
        assignment = Assignment.objects.create(application=case, officer=to, assigned_by=by, since=at)
        case.officer = to
        case.save(update_fields=["officer"])
        detail = {"from": before.name if before else "", "to": to.name, "remark": remark}
        record(case, "hand_over", by=by, at=at, detail=detail, shared=False)
        notify.tell(case, "hand_over", key=f"hand_over:{assignment.pk}", at=at)
    return case


def add_note(*, case_id: int, text: str, by: User, at: datetime) -> InternalNote:
    """內部註記: seen by people of the exchange alone.

    Raises:
        NotOpen: an auditor, or somebody of a firm.
        Unmet: nothing was written.
    """
    with transaction.atomic():
        case = lock(case_id)
        allowed(case, "note", by)
        if not text.strip():
            raise Unmet(("text", _("請填寫註記內容")))
        note = InternalNote.objects.create(application=case, text=text, by=by, at=at)
        record(case, "note", by=by, at=at, shared=False, seals=[note])
    return note
