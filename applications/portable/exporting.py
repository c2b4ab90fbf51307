"""A case as a draft file: what the firm wrote now, or one submission as it was filed."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from applications import content, policy
from applications.actions.evidence import log_reading
from applications.models import Application, Attachment, Submission
from applications.portable import archive, people
from guideline.answers_schema import FORMAT, schema
from guideline.catalogue import Item, Version, load
from guideline.examine import row_is_empty
from guideline.stored import item_faults
from guideline.values import is_empty

README = """\
居家辦公申報系統：案件匯出檔

draft.json   填報內容（項目、欄位、名冊、佐證位置），格式見 schema.json
schema.json  draft.json 之 JSON Schema，由指引版本產生
files/       佐證檔案，以 SHA-256 為檔名；原檔名見 draft.json 之 evidence
本檔含人員名冊，屬個人資料，請依貴單位規定保管。

Work-from-home filings: a case as a file

draft.json   what was filled in (items, fields, roster, places of evidence), as schema.json says
schema.json  the JSON Schema of draft.json, generated from the version of the guideline
files/       the evidence, named by its SHA-256; its own names are in draft.json under evidence
It holds the roster, which is personal data: keep it as your rules for such data say.
"""


class Missing(LookupError):
    """There is no such case or submission that this person may read."""


class Broken(Exception):
    """A stored file is not there, is not what was stored, or is held by the scanner; ``str()`` is its name."""


@dataclass(frozen=True)
class Export:
    """What is to be written: the draft, and which stored file has which hash."""

    version: Version
    kind: str
    draft: Mapping[str, Any]
    files: Mapping[str, Attachment]


def find(name: str, *, by: User) -> Application:
    """The case of this number or primary key.

    Raises:
        Missing: none that this person may know of.
    """
    wanted = Q(number=name)
    if name.isascii() and name.isdigit() and len(name) < 19:
        wanted |= Q(pk=int(name))
    case = policy.visible_to(by).filter(wanted, destroyed_at=None).order_by("number").first() if by.is_active else None
    if case is None:
        raise Missing(name)
    return case


def export(case: Application, *, by: User, at: datetime, submission: int | None = None) -> Export:
    """The case for ``write``; that its roster was read is put on record.

    Args:
        case: as ``find`` gave it to this person.
        submission: its number; None for what is written now, or, to the exchange, for what was filed last.

    Raises:
        Missing: there is no such submission.
    """
    if submission is None and by.firm is not None:
        found = content.snapshot(content.read(case, today=timezone.localdate(at)))
    else:
        filed = Submission.objects.filter(application=case).order_by("-number")
        one = filed.filter(number=submission).first() if submission is not None else filed.first()
        if one is None:
            raise Missing(str(submission or ""))
        found = one.content
    version = load(found["version"])
    log_reading(case, len(found["roster"]), by=by, at=at)
    ids = {proof["file"] for proofs in found["evidence"].values() for proof in proofs}
    stored = Attachment.objects.filter(application=case, pk__in=ids).select_related("stored").order_by("-pk")
    return Export(version, found["kind"], draft_of(found, version), {file.sha256: file for file in stored})


def draft_of(found: Mapping[str, Any], version: Version) -> dict[str, Any]:
    """``content.snapshot`` as a draft file: what says nothing is left out, and so is what the portal itself adds."""
    answers = {item_id: _item(version.item(item_id), given) for item_id, given in found["answers"].items()}
    evidence = {
        item_id: [
            {"file": proof["sha256"], "name": proof["name"], **({"place": proof["place"]} if proof["place"] else {})}
            for proof in proofs
        ]
        for item_id, proofs in found["evidence"].items()
        if proofs
    }
    return {
        "format": FORMAT,
        "version": found["version"],
        "kind": found["kind"],
        "lines": found["lines"],
        **({"document_number": found["document_number"]} if found["document_number"] else {}),
        "answers": {item_id: given for item_id, given in answers.items() if given},
        "roster": people.plain(found["roster"]),
        "evidence": evidence,
    }


def _item(item: Item, given: Mapping[str, Any]) -> dict[str, Any]:
    tables = {field.name for field in item.fields if field.type == "table"}
    found = {name: _rows(value) if name in tables else _text(value) for name, value in given.items()}
    return {name: value for name, value in found.items() if not is_empty(value)}


def _rows(rows: Any) -> Any:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return rows
    said = [row for row in rows if not row_is_empty(row)]
    return [{key: _text(cell) for key, cell in row.items() if not is_empty(cell)} for row in said]


def _text(value: Any) -> Any:
    """With the line ends that the form would have kept."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def unreadable(found: Export) -> int:
    """How many answers stand as they were typed because they cannot be read; no import takes them."""
    answers = found.draft["answers"].items()
    return sum(1 for item_id, given in answers for _ in item_faults(found.version.item(item_id), given, found.version))


def write(found: Export, path: Path) -> None:
    """Write the archive, for its owner alone to read; a file that is there is replaced once the new one is whole.

    Raises:
        Broken: a file of the case cannot be read, or has changed.
        OSError: it cannot be written there.
    """
    texts = {
        archive.DRAFT: content.canonical(found.draft) + "\n",
        archive.SCHEMA: schema_text(found.version, found.kind),
        archive.README: README,
    }
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".export-")
    os.close(handle)
    unfinished = Path(name)
    try:
        archive.write(unfinished, texts, _files(found))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _files(found: Export) -> Iterator[tuple[str, bytes]]:
    for sha256, file in sorted(found.files.items()):
        if file.stored.held:
            raise Broken(file.name)
        try:
            with file.file.open("rb") as stored:
                data = stored.read()
        except OSError as error:
            raise Broken(file.name) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Broken(file.name)
        yield sha256, data


def schema_text(version: Version, kind: str) -> str:
    """The JSON Schema of a draft, as a file."""
    return json.dumps(schema(version, kind, people.person_schema(version)), ensure_ascii=False, indent=1) + "\n"
