"""沿用: a section of a renewal stands as it was filed in the case before."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from applications.actions.drafting import Stale, Unmet, examine_page, open_for
from applications.enums import FIRM_WRITES, Carry, Mark
from applications.lifecycle import Conflict, lock, record
from applications.models import Section
from applications.present import message


def keep(*, case_id: int, section_id: str, revision: int, by: User, at: datetime) -> Section:
    """Confirm a section that was filled in from the case before, as it stands.

    Args:
        revision: of the section, as the page showed it.

    Raises:
        NotOpen: the case is not open to this person.
        Conflict: the case has moved on, or the section has been confirmed or changed.
        Stale: somebody saved the section in between.
        Unmet: what stands there does not hold any more: items and why (a training older than six months).
    """
    with transaction.atomic():
        case = lock(case_id)
        page = case.version.section(section_id)
        if case.status not in FIRM_WRITES:
            raise Conflict(case)
        open_for(case, page, by=by, at=at, reopen=False)
        section = Section.objects.filter(application=case, section_id=section_id).first()
        if section is None or section.carry != Carry.OFFERED:
            raise Conflict(case)
        if section.revision != revision:
            raise Stale(section)
        problems = examine_page(case, page, section.answers, today=timezone.localdate(at))[1]
        if problems:
            raise Unmet(*((one.item, message(one)) for one in problems))
        section.carry, section.mark = Carry.KEPT, Mark.COMPLETE
        section.revision += 1
        section.saved_by, section.saved_at = by, at
        section.save()
        record(case, "keep_section", by=by, at=at, detail={"section": section_id}, shared=False)
    return section
