"""A draft file becomes a draft: through the same deeds as a preparer's own work, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Firm, User
from applications import evidence, policy
from applications.actions.drafting import NotOpen, create_draft, remark, save_section
from applications.actions.evidence import cite, replace_roster
from applications.lifecycle import record
from applications.models import Application, Section
from applications.portable.archive import FOLDER, Archive
from applications.portable.reading import Draft, Fault, of_item, read
from applications.uploads import Refused
from guideline.catalogue import in_force
from guideline.facts import gettext_noop
from guideline.stored import shown

NO_FILE = gettext_noop("壓縮檔內沒有「{name}」（{entry}）")
NOT_CITED = gettext_noop("沒有任何項目引用此檔案，請自壓縮檔移除，或於 evidence 引用")


class Faulty(Exception):
    """The file cannot become a draft; ``faults`` are all that was found, and nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def import_draft(*, archive: Archive, firm: Firm, by: User, at: datetime) -> Application:
    """A new draft of this firm with all that the archive says, under the version in force.

    Raises:
        NotOpen: the person is no preparer of this firm.
        Faulty: something cannot be stored as it is.
    """
    if not policy.may(by, "create") or by.firm != firm:
        raise NotOpen
    draft, faults = read(archive.draft, in_force(timezone.localdate(at)))
    faults += _file_faults(archive, draft) if draft else []
    if draft is None or faults:
        raise Faulty(faults)
    with transaction.atomic():
        return _write(draft, archive, firm=firm, by=by, at=at)


def _file_faults(archive: Archive, draft: Draft) -> Iterator[Fault]:
    """Files that are not there, not what their hash says, not taken, or cited by nothing; each is said once."""
    limits = evidence.Limits(file_bytes=settings.UPLOAD_LIMIT)
    seen: set[tuple[str, str]] = set()
    for proof in draft.proofs:
        if (proof.sha256, proof.name) in seen:
            continue
        seen.add((proof.sha256, proof.name))
        item = draft.version.item(proof.item)
        if proof.sha256 not in archive.hashes:
            yield of_item(item, gettext(NO_FILE).format(name=shown(proof.name), entry=FOLDER + proof.sha256))
            continue
        try:
            evidence.recognise(proof.name, archive.file(proof.sha256), limits=limits)
        except Refused as refused:
            yield of_item(item, gettext(refused.message).format(**refused.params))
    for sha256 in sorted(archive.hashes - {sha256 for sha256, _name in seen}):
        yield Fault(FOLDER + sha256, gettext(NOT_CITED))


def _write(draft: Draft, archive: Archive, *, firm: Firm, by: User, at: datetime) -> Application:
    case = create_draft(firm=firm, by=by, at=at, kind=draft.kind.id)
    record(case, "import", by=by, at=at, detail={"people": len(draft.rows), "files": len(archive.hashes)}, shared=False)
    for page in draft.version.pages_of(draft.kind.id):
        answers = {item.id: draft.answers[item.id] for item in page.items if item.id in draft.answers}
        if any(answers.values()):
            save_section(case_id=case.pk, section_id=page.id, answers=answers, revision=0, by=by, at=at)
    kept: dict[tuple[str, str], int] = {}
    for proof in draft.proofs:
        one = (proof.sha256, proof.name)
        new = None if one in kept else SimpleUploadedFile(proof.name, archive.file(proof.sha256))
        made = cite(
            case_id=case.pk,
            item_id=proof.item,
            by=by,
            at=at,
            upload=new,
            attachment_id=kept.get(one),
            place=proof.place,
        )
        assert made is not None
        kept[one] = made.attachment_id
    if draft.rows:
        page = next(one for one in draft.version.sections if one.roster)
        section = Section.objects.filter(application=case, section_id=page.id).first()
        revision = section.revision if section else 0
        replace_roster(case_id=case.pk, rows=draft.rows, revision=revision, by=by, at=at)
    case.refresh_from_db()
    if draft.document_number:
        case.document_number = draft.document_number
        case.save(update_fields=["document_number"])
    remark(case, today=timezone.localdate(at))
    return case
