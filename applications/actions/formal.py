"""轉為正式申請: a formal case that starts from a pre-review."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from applications import policy
from applications.actions.copying import filed, take_over
from applications.actions.drafting import NotOpen
from applications.enums import CAME_TO_NOTHING, Carry, Mark, Status
from applications.lifecycle import Conflict, lock, record
from applications.models import Application, Section
from guideline.catalogue import Version, in_force
from guideline.shape import FIRST
from guideline.values import as_date


class AlreadyFormal(Conflict):
    """There is a formal case from this pre-review; ``case`` is that one."""


def make_formal(*, case_id: int, by: User, at: datetime) -> Application:
    """Start a first application with everything that was filed for the pre-review, under the version in force today.

    What decides the case anew is offered and has to be confirmed: the ground, the period. What was not sent is empty.
    The rest is carried as it was filed; every page is judged by today's rules.

    Raises:
        NotOpen: the person is no preparer of the firm.
        AlreadyFormal: one was made before and has not come to nothing.
        Conflict: no opinion has been given on this case.
    """
    with transaction.atomic():
        previous = lock(case_id)
        if by.firm != previous.firm or not policy.may(by, "create"):
            raise NotOpen
        if previous.status != Status.PRE_REVIEWED:
            raise Conflict(previous)
        if (live := formal_of(previous)) is not None:
            raise AlreadyFormal(live)
        version, before = in_force(timezone.localdate(at)), filed(previous)
        case = Application.objects.create(
            firm=previous.firm,
            kind=FIRST,
            version_id=version.id,
            previous=previous,
            lines=[line.id for line in version.lines if line.id in before["lines"]],
            first_day=as_date(before["first_day"]),
            last_day=as_date(before["last_day"]),
            staff_at_home=previous.staff_at_home,
            created_by=by,
            created_at=at,
            changed_at=at,
        )
        record(case, "create", by=by, at=at, detail={"previous": previous.number})
        take_over(case, sections=before["pages"], carry=Carry.NONE, by=by, at=at)
        offered = Section.objects.filter(application=case, section_id__in=to_confirm(version))
        offered.update(carry=Carry.OFFERED, mark=Mark.STARTED)
    return case


def formal_of(case: Application) -> Application | None:
    """The formal case that was made from this pre-review and has not come to nothing."""
    return case.following.exclude(status__in=CAME_TO_NOTHING).order_by("id").last()


def to_confirm(version: Version) -> set[str]:
    """The sections whose answers are of their day: the ground and the period."""
    places = version.places(FIRST)
    items = {places[name][0] for name in ("first_day", "last_day")} | {one.id for one in version.items() if one.trigger}
    return {version.section_of(item_id).id for item_id in items}
