"""The zip of a draft: ``draft.json``, ``files/<sha256>``, and two texts for people that nobody reads back.

What comes in is hostile until shown otherwise: all is told from the directory before anything is unpacked, no name in
it is ever a path, nothing is written, and what is unpacked is never more than was announced.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from applications.uploads import MEGABYTE, Refused
from guideline.facts import gettext_noop
from guideline.stored import shown

DRAFT, README, SCHEMA, FOLDER = "draft.json", "README.txt", "schema.json", "files/"
MOST_ENTRIES = 300
MOST_BYTES = 250 * MEGABYTE  # of the archive, and again of what is in it
DRAFT_BYTES = 5 * MEGABYTE  # as much as a page may send
_END, _END_OF_ZIP64 = b"PK\x05\x06", b"PK\x06\x07"
_DIRECTORY_BYTES = MOST_ENTRIES * 400
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # no entry of ours tells when it was written
_FILE = re.compile(r"files/([0-9a-f]{64})")

NO_ZIP = gettext_noop("「{name}」不是可讀的 ZIP 檔，或已損毀；請重新產生")
TOO_BIG = gettext_noop("「{name}」或其內容超過 {megabytes} MB 的上限")
TOO_MANY = gettext_noop("「{name}」內含檔案過多，上限 {count} 個")
LOCKED = gettext_noop("「{name}」內之「{entry}」設有密碼；請勿加密")
METHOD = gettext_noop("「{name}」內之「{entry}」使用不支援的壓縮法；請用 Deflate 或不壓縮")
TWICE = gettext_noop("「{name}」內有重複的檔名「{entry}」")
STRANGE = gettext_noop(
    "「{name}」內有不認得的檔案「{entry}」；僅得有 draft.json、README.txt、schema.json 及 files/<SHA-256>"
)
MISSING = gettext_noop("「{name}」內沒有 draft.json")
DAMAGED = gettext_noop("「{name}」內之「{entry}」已損毀，或解開後與所載大小不符")
WRONG_HASH = gettext_noop("「{name}」內之「{entry}」與其 SHA-256 不符")
NO_JSON = gettext_noop("draft.json 不是可讀的 JSON（UTF-8）：{reason}")
TOO_DEEP = gettext_noop("draft.json 不是可讀的 JSON：層次過深")

# what zipfile raises on bytes that do not keep their promises
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    ValueError,
)


class Archive:
    """An archive whose directory is in order.

    Attributes:
        draft: what ``draft.json`` says, unchecked.
        hashes: the SHA-256 of the files that it says it has.
    """

    def __init__(self, name: str, data: IO[bytes]) -> None:
        self.name = shown(name)
        self._entries = self._directory(data)
        self.hashes = frozenset(match[1] for match in map(_FILE.fullmatch, self._entries) if match)
        self.draft = strict_json(self._read(DRAFT))

    def file(self, sha256: str) -> bytes:
        """The bytes of a file.

        Raises:
            Refused: it is damaged, or not the file of this hash.
        """
        data = self._read(FOLDER + sha256)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise self._refuse(WRONG_HASH, entry=FOLDER + sha256)
        return data

    def _refuse(self, message: str, **params: Any) -> Refused:
        return Refused(message, {"name": self.name, **params})

    def _directory(self, data: IO[bytes]) -> dict[str, zipfile.ZipInfo]:
        self._check_end(data)
        try:
            self._zip = zipfile.ZipFile(data)
        except _BROKEN as error:
            raise self._refuse(NO_ZIP) from error
        found: dict[str, zipfile.ZipInfo] = {}
        left = MOST_BYTES
        for entry in self._zip.infolist():
            self._check_entry(entry)
            if entry.filename in found:
                raise self._refuse(TWICE, entry=shown(entry.filename))
            left -= entry.file_size
            if left < 0:
                raise self._refuse(TOO_BIG, megabytes=MOST_BYTES // MEGABYTE)
            found[entry.filename] = entry
        if DRAFT not in found:
            raise self._refuse(MISSING)
        if min(entry.header_offset for entry in found.values()):  # something else stands before the archive
            raise self._refuse(NO_ZIP)
        return found

    def _check_end(self, data: IO[bytes]) -> None:
        """Size and number of entries, from the last bytes: a directory of millions is not even read."""
        size = data.seek(0, 2)
        if size > MOST_BYTES:
            raise self._refuse(TOO_BIG, megabytes=MOST_BYTES // MEGABYTE)
        data.seek(max(size - 42, 0))
        tail = data.read(42)
        end = tail[-22:]
        if len(end) < 22 or end[:4] != _END or end[20:] != b"\0\0":
            raise self._refuse(NO_ZIP)
        count, length = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
        if count > MOST_ENTRIES or length > _DIRECTORY_BYTES or tail.startswith(_END_OF_ZIP64):
            raise self._refuse(TOO_MANY, count=MOST_ENTRIES)

    def _check_entry(self, entry: zipfile.ZipInfo) -> None:
        name = entry.orig_filename
        params = {"entry": shown(name)}
        if name not in {DRAFT, README, SCHEMA, FOLDER} and not _FILE.fullmatch(name):
            raise self._refuse(STRANGE, **params)
        if entry.flag_bits & 0x41:
            raise self._refuse(LOCKED, **params)
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise self._refuse(METHOD, **params)
        limit = {FOLDER: 0}.get(name, settings.UPLOAD_LIMIT if _FILE.fullmatch(name) else DRAFT_BYTES)
        if entry.file_size > limit:
            raise self._refuse(TOO_BIG, megabytes=limit // MEGABYTE)

    def _read(self, name: str) -> bytes:
        """The bytes of an entry; what it unpacks to is bounded by what the directory says."""
        entry = self._entries[name]
        try:
            with self._zip.open(entry) as stream:
                data = stream.read(entry.file_size + 1)  # with a number: without one all of a bomb is unpacked
        except _BROKEN as error:
            raise self._refuse(DAMAGED, entry=name) from error
        if len(data) != entry.file_size:
            raise self._refuse(DAMAGED, entry=name)
        return data


def strict_json(data: bytes) -> Any:
    """JSON that has one meaning: no NaN, no key twice, no half of a character; 42.0 is 42.

    Raises:
        Refused: it is none.
    """
    try:
        found = json.loads(
            data.decode("utf-8-sig"),
            parse_constant=_no_constant,
            parse_float=_number,
            object_pairs_hook=_once,
        )
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise Refused(NO_JSON, {"name": DRAFT, "reason": "UTF-8"}) from error
    except RecursionError as error:
        raise Refused(TOO_DEEP, {"name": DRAFT}) from error
    except json.JSONDecodeError as error:
        raise Refused(NO_JSON, {"name": DRAFT, "reason": f"{error.lineno}:{error.colno}"}) from error
    except ValueError as error:
        raise Refused(NO_JSON, {"name": DRAFT, "reason": shown(str(error))}) from error
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        (twice, _count) = Counter(name for name, _value in pairs).most_common(1)[0]
        raise ValueError(twice)
    return found


def write(path: Path, texts: Mapping[str, str], files: Iterator[tuple[str, bytes]]) -> None:
    """An archive with the same bytes for the same content.

    Args:
        texts: entry -> what it says.
        files: hash and bytes of each file, in order.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(texts):
            archive.writestr(_entry(name, zipfile.ZIP_DEFLATED), texts[name].encode(), compresslevel=9)
        for sha256, data in files:
            archive.writestr(_entry(FOLDER + sha256, zipfile.ZIP_STORED), data)


def _entry(name: str, method: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.compress_type, entry.create_system, entry.external_attr = method, 3, 0o100600 << 16
    return entry


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive in a file.

    Raises:
        OSError: it cannot be read.
        Refused: it is not taken.
    """
    with path.open("rb") as data:
        yield Archive(path.name, data)
