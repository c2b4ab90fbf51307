"""Files of a case, the places in them that an item cites, and the roster."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import IO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from applications import evidence, files, policy
from applications.actions.drafting import NotOpen, Stale, open_for, open_items, remark
from applications.enums import Carry
from applications.lifecycle import lock, record
from applications.models import Application, Attachment, Citation, RosterEntry, Section
from applications.roster import Row


def examine(upload: UploadedFile) -> evidence.Recognised:
    """What an upload is, by its content. It may take seconds: better done before a case is locked.

    Raises:
        evidence.Refused: with a message that names the file and the reason.
    """
    return evidence.recognise(
        upload.name or "", cast(IO[bytes], upload.file), limits=evidence.Limits(file_bytes=settings.UPLOAD_LIMIT)
    )


def store(
    case: Application, upload: UploadedFile, *, by: User, at: datetime, known: evidence.Recognised | None = None
) -> Attachment:
    """Keep a file of a locked case; the same bytes are stored once.

    Args:
        known: what ``examine`` said of it; None: it is asked here.

    Raises:
        evidence.Refused: with a message that names the file and the reason.
    """
    known = known or examine(upload)
    name, data = known.name, cast(IO[bytes], upload.file)
    data.seek(0)
    digest = hashlib.file_digest(data, "sha256").hexdigest()  # type: ignore[arg-type]  # any open file will do
    stored = files.keep(name, data, size=known.size, sha256=digest, extension=known.extension)
    row = Attachment.objects.create(
        application=case,
        name=name,
        stored=stored,
        file=stored.path,
        sha256=digest,
        size=known.size,
        content_type=known.content_type,
        pages=known.pages,
        text_layer=known.text_layer,
        uploaded_by=by,
        uploaded_at=at,
    )
    record_files(case, [row], by=by, at=at)
    return row


def record_files(case: Application, rows: Sequence[Attachment], *, by: User, at: datetime) -> None:
    """Put new files of a locked case on record, sealed."""
    detail = {"files": [[row.name, row.sha256] for row in rows]}
    record(case, "file", by=by, at=at, detail=detail, shared=False, seals=rows)


def keep(*, case_id: int, item_id: str, upload: UploadedFile, by: User, at: datetime) -> Attachment:
    """Put a file among those of the case, cited nowhere yet: so it is safe whatever becomes of the page.

    It changes nothing that was signed, and so needs no ``reopen``.

    Raises:
        evidence.Refused: the file is not accepted.
        NotOpen: the item is not open to this person.
    """
    known = examine(upload)
    with transaction.atomic():
        case = lock(case_id)
        named = open_items(case)
        if not policy.may(by, "edit", case) or (named is not None and item_id not in named):
            raise NotOpen
        return store(case, upload, by=by, at=at, known=known)


def cite(
    *,
    case_id: int,
    item_id: str,
    by: User,
    at: datetime,
    upload: UploadedFile | None = None,
    attachment_id: int | None = None,
    place: str = "",
    reopen: bool = False,
) -> Citation | None:
    """Add evidence to an item: a new file, or one that the case has, at a place. None where neither is given.

    The same file at the same place a second time is the citation that is there.

    Raises:
        evidence.Refused: the file is not accepted.
        NotOpen, Conflict: as for ``save_section``.
        Attachment.DoesNotExist: the file is not one of this case.
    """
    with transaction.atomic():
        case = lock(case_id)
        page = case.version.section_of(item_id)
        if item_id not in open_for(case, page, by=by, at=at, reopen=reopen):
            return None
        if upload is not None:
            attachment = store(case, upload, by=by, at=at)
        elif attachment_id is not None:
            attachment = Attachment.objects.get(application=case, pk=attachment_id)
        else:
            return None
        new = Citation(application=case, item_id=item_id, attachment=attachment, place=place[:100])
        same = Citation.objects.filter(application=case, item_id=item_id, attachment=attachment, place=new.place)
        citation = same.first()
        if citation is not None:
            return citation
        citation = new
        citation.save()
        detail = {"item": item_id, "file": attachment.name, "sha256": attachment.sha256, "place": place[:100]}
        record(case, "cite", by=by, at=at, detail=detail, shared=False)
        _updated(case, page.id)
        remark(case, today=timezone.localdate(at), only=page.id)
    return citation


def _updated(case: Application, section_id: str) -> None:
    """A section that was filled in from the case before is another one with other evidence."""
    carried = Section.objects.filter(application=case, section_id=section_id).exclude(carry=Carry.NONE)
    carried.update(carry=Carry.UPDATED)


def change_citation(
    *,
    case_id: int,
    citation_id: int,
    by: User,
    at: datetime,
    place: str | None = None,
    remove: bool = False,
    reopen: bool = False,
) -> None:
    """Name another place, or withdraw the evidence from the item; the file itself is kept.

    Raises:
        NotOpen, Conflict: as for ``save_section``.
        Citation.DoesNotExist: it is not one of this case.
    """
    with transaction.atomic():
        case = lock(case_id)
        citation = Citation.objects.select_related("attachment").get(application=case, pk=citation_id)
        page = case.version.section_of(citation.item_id)
        if citation.item_id not in open_for(case, page, by=by, at=at, reopen=reopen):
            return
        detail = {"item": citation.item_id, "file": citation.attachment.name, "place": citation.place}
        if remove:
            citation.delete()
            record(case, "uncite", by=by, at=at, detail=detail, shared=False)
        elif place is not None and place[:100] != citation.place:
            citation.place = place[:100]
            citation.save(update_fields=["place"])
            record(case, "cite", by=by, at=at, detail=detail | {"place": citation.place}, shared=False)
        else:
            return
        _updated(case, page.id)
        remark(case, today=timezone.localdate(at), only=page.id)


def replace(
    *, case_id: int, citation_id: int, attachment_id: int, by: User, at: datetime, reopen: bool = False
) -> None:
    """Put another file of the case in the place of the one that is cited, wherever it is cited and that is open.

    The old file stays as it is, and points to the new one; what was filed with it still shows it.

    Raises:
        NotOpen, Conflict: as for ``save_section``.
        Citation.DoesNotExist, Attachment.DoesNotExist: it is not one of this case.
    """
    with transaction.atomic():
        case = lock(case_id)
        citation = Citation.objects.select_related("attachment").get(application=case, pk=citation_id)
        page = case.version.section_of(citation.item_id)
        if citation.item_id not in open_for(case, page, by=by, at=at, reopen=reopen):
            return
        old, new = citation.attachment, Attachment.objects.get(application=case, pk=attachment_id)
        if old == new:
            return
        if old.superseded_by is None:
            old.superseded_by = new
            old.save(update_fields=["superseded_by"])
        named = open_items(case)
        citing = Citation.objects.filter(application=case, attachment=old)
        citing = citing if named is None else citing.filter(item_id__in=named)
        items = sorted(set(citing.values_list("item_id", flat=True)))
        citing.update(attachment=new)
        detail = {"items": items, "file": new.name, "sha256": new.sha256, "was": old.name, "was_sha256": old.sha256}
        record(case, "replace_file", by=by, at=at, detail=detail, shared=False)
        for section_id in dict.fromkeys(case.version.section_of(item).id for item in items):
            _updated(case, section_id)
            remark(case, today=timezone.localdate(at), only=section_id)


def replace_roster(
    *, case_id: int, rows: Sequence[Row], revision: int, by: User, at: datetime, reopen: bool = False
) -> None:
    """Put these people in the place of the roster that is there (2.2.2).

    Raises:
        NotOpen, Conflict, Stale: as for ``save_section``; the roster shares its section's revision.
    """
    with transaction.atomic():
        case = lock(case_id)
        page = next(section for section in case.version.sections if section.roster)
        open_for(case, page, by=by, at=at, reopen=reopen)
        section = roster_section(case, page.id, revision)
        RosterEntry.objects.filter(application=case).delete()
        RosterEntry.objects.bulk_create(entry(case, position, row) for position, row in enumerate(rows, 1))
        case.staff_at_home = sum(row.at_home for row in rows)
        case.save(update_fields=["staff_at_home"])
        section.revision += 1
        section.saved_by, section.saved_at = by, at
        section.carry = Carry.UPDATED if section.carry else Carry.NONE
        section.save()
        record(case, "roster", by=by, at=at, detail={"people": len(rows)}, shared=False)
        remark(case, today=timezone.localdate(at))


def log_reading(case: Application, people: int, *, by: User, at: datetime) -> None:
    """Rosters are read by few, and each reading is on record (requirements §6)."""
    if people:
        with transaction.atomic():
            record(lock(case.pk), "roster_read", by=by, at=at, detail={"people": people}, shared=False)


def roster_section(case: Application, section_id: str, revision: int) -> Section:
    """The section row that guards the roster, if it still has the revision that the page showed."""
    section = Section.objects.filter(application=case, section_id=section_id).first()
    section = section or Section(application=case, section_id=section_id)
    if section.revision != revision:
        raise Stale(section)
    return section


def entry(case: Application, position: int, row: Row) -> RosterEntry:
    return RosterEntry(
        application=case,
        position=position,
        staff_no=row.staff_no,
        name=row.name,
        department=row.department,
        title=row.title,
        branch=row.branch,
        lines=list(row.lines),
        place=row.place,
        agents=list(row.agents),
        senior=row.senior,
        supervisor=row.supervisor,
        device=row.device,
    )
