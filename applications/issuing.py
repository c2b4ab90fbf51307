"""Issued documents: each is drawn once, kept, and known by a short code printed on it.

Issuing happens when a document is first asked for. Like a reading of the roster it goes on record, and changes nothing
of the case. Whoever asks again, in either language, gets the bytes that were given out first, whatever became of the
firm's name, the catalogue, the templates or the fonts since.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext

from applications.lifecycle import lock, record
from applications.models import Application, Issued
from applications.printing import Copy, PdfUnavailable

# No two of these 23 are taken for one another in print: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V are not among them.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
GROUPS, LETTERS = 4, 4
CODE = re.compile(rb"(?:[%b]{4}-){3}[%b]{4}" % ((ALPHABET.encode(),) * 2))


def new_code() -> str:
    """A code that nobody can guess: ACDE-FGHJ-KMNP-QRTW."""
    return _grouped("".join(secrets.choice(ALPHABET) for _n in range(GROUPS * LETTERS)))


def tidy_code(typed: str) -> str:
    """The code as it is stored, from what a person typed: any case, width and dashes, with or without spaces."""
    return _grouped(re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", typed[:200])).upper())


def _grouped(letters: str) -> str:
    return "-".join(letters[n : n + LETTERS] for n in range(0, len(letters), LETTERS))


Draw = Callable[[Copy], bytes]


def issue(case: Application, what: Issued.What, part: int, *, draw: Draw, language: str, at: datetime) -> Issued:
    """The document as it was first given out; drawn, kept and given a code where it never was.

    Slow the first time (a plan takes seconds): call it outside of a transaction.

    Args:
        part: of which it is: the number of a submission, the id of a recommendation; 0 where there can be but one.
        draw: draws it; raises ``PdfUnavailable`` where that cannot be done.
        language: "zh-hant" or "en"; each has a code of its own.
        at: when it is issued, if it is now.
    """
    key = {"application": case, "what": what, "part": part, "language": language}
    if found := Issued.objects.filter(**key).first():
        return found
    code = new_code()
    data = _drawn(draw, language, code)
    name = default_storage.save(f"issued/{uuid4().hex}.pdf", ContentFile(data))
    try:
        with transaction.atomic():
            locked = lock(case.pk)
            made = Issued.objects.create(**key, code=code, file=name, sha256=_sha256(data), issued_at=at)
            record(locked, "issued", by=None, at=at, detail={"code": code}, shared=False, seals=[made])
            return made
    except IntegrityError:  # somebody else asked for it at the same time and was first
        default_storage.delete(name)
        return Issued.objects.get(**key)


def read(issued: Issued, draw: Draw) -> bytes:
    """The bytes that were issued. Where the file has been lost it is drawn again, and kept if it comes out the same.

    Raises:
        PdfUnavailable: it is lost, and cannot be drawn as it was.
    """
    try:
        with issued.file.open() as file:
            return file.read()
    except FileNotFoundError:
        data = _drawn(draw, issued.language, issued.code)
    if _sha256(data) != issued.sha256:
        raise PdfUnavailable(gettext("原核發之檔案遺失，重新繪製者與之不同；請系統管理員自備份還原。"))
    default_storage.save(str(issued.file.name), ContentFile(data))
    return data


def _drawn(draw: Draw, language: str, code: str) -> bytes:
    """The PDF, with its code behind its end, where comments may stand.

    There it is in plain bytes, so that it is found in a copy that was tampered with; twice, since a change may hit one.
    """
    return draw(Copy(language, code)) + f"%{code} {code}\n".encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def by_code(typed: str) -> Issued | None:
    """The document with this code, as a person typed it. One query, whatever was typed."""
    return Issued.objects.filter(code=tidy_code(typed)).select_related("application").first()


def by_content(sha256: str, codes: Iterable[str]) -> Issued | None:
    """The document whose bytes these are; failing that, the one whose code stands in them. One query."""
    found = list(Issued.objects.filter(Q(sha256=sha256) | Q(code__in=list(codes))).select_related("application"))
    return next((one for one in found if one.sha256 == sha256), found[0] if found else None)
