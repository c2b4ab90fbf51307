"""What a new case takes over from one that was filed before: answers, roster, files and where they prove what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from applications.actions.drafting import remark
from applications.actions.evidence import record_files
from applications.content import ROSTER_FIELDS
from applications.enums import Carry, Mark
from applications.facts import AT_HOME
from applications.models import Application, Attachment, Citation, RosterEntry, Section, Submission
from applications.standing import filed
from guideline.catalogue import Item


def take_over(
    case: Application, *, sections: Collection[str], carry: Carry, by: User, at: datetime, doer: User | None = None
) -> None:
    """Fill these sections of ``case`` as they were last filed in ``case.previous``, with their evidence.

    The bytes of a file are not written again: the new case has a row of its own that points to them. What the
    version of ``case`` does not ask is left behind, and so are the rows of lines that it does not ask for.

    Args:
        case: a new draft, locked or just made; nothing of these sections is written yet.
        carry: ``OFFERED`` where the firm has to confirm each of them, else ``NONE``.
        by: whose writing it is from now on.
        doer: who did it, for the record, where that is somebody else.
    """
    assert case.previous is not None
    try:
        before = filed(case.previous)
    except Submission.DoesNotExist:  # a notice whose documents are still to come
        return
    pages = [page for page in case.version.sections if page.id in sections and page.id in before["pages"]]
    Section.objects.bulk_create(
        Section(
            application=case,
            section_id=page.id,
            answers={item.id: _answers(case, item, before["answers"].get(item.id, {})) for item in page.items},
            mark=Mark.STARTED,
            carry=carry,
            revision=1,
            saved_by=by,
            saved_at=at,
        )
        for page in pages
    )
    if any(page.roster for page in pages):
        put_roster(case, before)
    copies = _cite(case, before, [item.id for page in pages for item in page.items], by=by, at=at)
    if copies:
        record_files(case, copies, by=doer or by, at=at)
    remark(case, today=timezone.localdate(at))


def _answers(case: Application, item: Item, values: dict[str, Any]) -> dict[str, Any]:
    tables = {field.name for field in item.fields if field.rows == "lines"} if case.lines else set()
    return {
        name: [row for row in value if row.get("key") in case.lines] if name in tables else value
        for name, value in values.items()
    }


def put_roster(case: Application, before: dict[str, Any]) -> None:
    """The people of a submission as the roster of ``case``, which has none yet."""
    RosterEntry.objects.bulk_create(
        RosterEntry(application=case, position=n, **{name: row[name] for name in ROSTER_FIELDS})
        for n, row in enumerate(before["roster"], start=1)
    )
    case.staff_at_home = sum(row["place"] in AT_HOME for row in before["roster"])
    case.save(update_fields=["staff_at_home"])


def _cite(case: Application, before: dict[str, Any], items: list[str], *, by: User, at: datetime) -> list[Attachment]:
    """The files of the new case."""
    proofs = [(item, proof) for item in items for proof in before["evidence"].get(item, ())]
    copies: dict[int, Attachment] = {}
    for row in Attachment.objects.filter(pk__in={proof["file"] for _item, proof in proofs}).order_by("id"):
        old, row.pk = row.pk, None
        row._state.adding = True
        row.application, row.superseded_by = case, None
        row.uploaded_by, row.uploaded_at = by, at
        row.save()
        copies[old] = row
    Citation.objects.bulk_create(
        Citation(application=case, item_id=item, attachment=copies[proof["file"]], place=proof["place"])
        for item, proof in proofs
    )
    return list(copies.values())
