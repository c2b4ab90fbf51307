"""Office Open XML packages (XLSX, DOCX): looked at from the zip directory before anything is unpacked."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import IO
from xml.parsers import expat

from applications.uploads import MEGABYTE, Limits, Refused, display_name
from guideline.facts import gettext_noop

MAIN_PARTS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "XLSX",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "DOCX",
}
CONTENT_TYPES = "[Content_Types].xml"
LARGEST_INDEX = 4 * MEGABYTE  # of [Content_Types].xml or one .rels
ENTRY_BYTES = 512  # of the directory, for each entry; 46 and the name

ARCHIVE = gettext_noop("「{name}」是壓縮檔（{real}），請解壓縮後，將需要的檔案逐一上傳")
BROKEN = gettext_noop("「{name}」已損毀或不完整，無法開啟；請以原軟體開啟確認後重新另存，再上傳")
PASSWORD = gettext_noop("「{name}」設有密碼，無法開啟；請移除密碼後重新上傳")
TOO_MANY_PARTS = gettext_noop("「{name}」內含 {count} 個部分，超過上限 {limit} 個；請另存為 PDF 後上傳")
TOO_MANY_ROWS = gettext_noop("「{name}」超過 {limit} 列的上限；請刪減內容，或分成數個檔案後上傳")
TOO_LARGE_INSIDE = gettext_noop("「{name}」解開後超過 {megabytes} MB 的上限；請刪減內容，或另存為 PDF 後上傳")
MACRO = gettext_noop("「{name}」含有巨集；請另存為不含巨集的活頁簿（.xlsx）或文件（.docx），或另存為 PDF 後上傳")
EMBEDDED = gettext_noop("「{name}」內嵌其他程式的物件（OLE 或 ActiveX：{part}）；請刪除該物件，或另存為 PDF 後上傳")
REMOTE = gettext_noop("「{name}」會從外部位址載入內容（{part}）；請移除該連結，或另存為 PDF 後上傳")
OTHER_OFFICE = gettext_noop("「{name}」是簡報、範本或其他 Office 檔，不能直接上傳；請另存為 PDF 後上傳")

_MACRO_TYPE = re.compile(r"macroenabled|vbaproject|vbadata|macrosheet", re.IGNORECASE)
_MACRO_NAME = re.compile(r"(^|/)(vbaproject|vbadata|macrosheets/)", re.IGNORECASE)
_OBJECT_TYPE = re.compile(r"activex|oleobject", re.IGNORECASE)
_OBJECT_NAME = re.compile(r"(^|/)(activex/|oleobject|embeddings/(?!.*\.(xlsx|docx)$)[^/]+$)", re.IGNORECASE)
_EMBEDDED_FILE = re.compile(r"(^|/)embeddings/[^/]+\.(xlsx|docx)$", re.IGNORECASE)
_DDE = re.compile(rb"<(\w+:)?ddeLink|<(\w+:)?instrText[^>]*>\s*DDE|instr=\"\s*DDE", re.IGNORECASE)
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_SHEET = re.compile(r"(^|/)worksheets/[^/]+\.xml$", re.IGNORECASE)
_FETCHED = re.compile(r"^\s*(https?|ftp):", re.IGNORECASE)
_FETCHING = ("/attachedTemplate", "/frame", "/subDocument")

# what zipfile and expat raise on bytes that do not keep their promises
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    expat.ExpatError,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


class _Relations:
    """Counts the elements of all indexes of one package, and hands on their attributes."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limit, self.count = name, limits.relations, 0

    def read(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, visit: Callable[[dict[str, str]], None]) -> None:
        """Visit every element of this part.

        Raises:
            expat.ExpatError: no well-formed XML.
            ValueError: too large, or it declares a document type, which no Office program writes.
            Refused: too many of them.
        """

        def start(_tag: str, attributes: dict[str, str]) -> None:
            self.count += 1
            if self.count > self.limit:
                raise Refused(TOO_MANY_PARTS, {"name": self.name, "count": self.count, "limit": self.limit})
            visit(attributes)

        def doctype(*_: object) -> None:
            raise ValueError("DOCTYPE")

        if entry.file_size > LARGEST_INDEX:
            raise ValueError(entry.filename)
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = start
        parser.StartDoctypeDeclHandler = doctype
        with archive.open(entry) as part:
            parser.ParseFile(part)


def _too_large(name: str, limit: int) -> Refused:
    return Refused(TOO_LARGE_INSIDE, {"name": name, "megabytes": f"{limit / MEGABYTE:g}"})


def _measure_directory(name: str, content: bytes, limits: Limits) -> None:
    """``zipfile`` makes an object of every entry that the directory holds before anybody can count them."""
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 65_557))
    if end < 0 or len(content) < end + 22 or content[max(0, end - 20) : end].startswith(b"PK\x06\x07"):
        raise Refused(BROKEN, {"name": name})
    (size,) = struct.unpack_from("<I", content, end + 12)
    if size > limits.zip_entries * ENTRY_BYTES:
        count = content.count(b"PK\x01\x02")
        raise Refused(TOO_MANY_PARTS, {"name": name, "count": count, "limit": limits.zip_entries})


def _directory(name: str, content: bytes, limits: Limits) -> zipfile.ZipFile:
    """The archive, its directory within the caps. Nothing has been unpacked."""
    params = {"name": name}
    _measure_directory(name, content, limits)
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError) as error:
        raise Refused(BROKEN, params) from error
    entries = archive.infolist()
    if len(entries) > limits.zip_entries:
        raise Refused(TOO_MANY_PARTS, params | {"count": len(entries), "limit": limits.zip_entries})
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise _too_large(name, limits.unpacked_bytes)
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refused(PASSWORD, params)
    names = [entry.filename.lower() for entry in entries]
    # two parts of one name, or bytes before or after the archive: two programs would read two files
    end = len(content) - 22 - len(archive.comment)
    whole = bool(entries) and min(e.header_offset for e in entries) == 0 and content[end : end + 4] == b"PK\x05\x06"
    if len(set(names)) != len(names) or not whole:
        raise Refused(BROKEN, params)
    return archive


def _type_of(name: str, archive: zipfile.ZipFile, relations: _Relations) -> str:
    """ "XLSX" or "DOCX", from the content type of the main part."""
    params, names = {"name": name}, archive.namelist()
    if CONTENT_TYPES not in names:
        raise Refused(ARCHIVE, params | {"real": "ZIP"})
    objects = [part for part in names if _OBJECT_NAME.search(part)]
    mains: list[tuple[str, str]] = []

    def visit(attributes: dict[str, str]) -> None:
        part, kind = attributes.get("PartName", "").lstrip("/"), attributes.get("ContentType", "")
        if _MACRO_TYPE.search(kind):
            raise Refused(MACRO, params)
        if not objects and _OBJECT_TYPE.search(kind):
            objects.append(part or kind)
        if kind in MAIN_PARTS and len(mains) < 2:
            mains.append((part, MAIN_PARTS[kind]))

    relations.read(archive, archive.getinfo(CONTENT_TYPES), visit)
    if any(map(_MACRO_NAME.search, names)):
        raise Refused(MACRO, params)
    if objects:
        raise Refused(EMBEDDED, params | {"part": objects[0]})
    if not mains:
        raise Refused(OTHER_OFFICE, params)
    if len(mains) > 1 or mains[0][0] not in names:
        raise Refused(BROKEN, params)
    return mains[0][1]


def _contents(name: str, archive: zipfile.ZipFile, relations: _Relations, limits: Limits, depth: int) -> None:
    """Reads every part: checksums, relations that fetch or run something, workbooks inside charts."""
    params = {"name": name}

    def visit(attributes: dict[str, str]) -> None:
        kind, target = attributes.get("Type", ""), attributes.get("Target", "")
        outside = attributes.get("TargetMode") == "External"
        if outside and kind.endswith("/oleObject"):
            raise Refused(EMBEDDED, params | {"part": target})
        if outside and kind.endswith(_FETCHING) and _FETCHED.match(target):
            raise Refused(REMOTE, params | {"part": target})

    for entry in archive.infolist():
        part = entry.filename
        if part.lower().endswith(".rels"):
            relations.read(archive, entry, visit)
        elif not part.lower().endswith(".xml") and not _EMBEDDED_FILE.search(part):
            with archive.open(entry) as stream:
                _read_through(stream)
            continue
        if entry.file_size > limits.part_bytes:
            raise _too_large(name, limits.part_bytes)
        raw = archive.read(entry)  # never more than the size in the directory
        if _EMBEDDED_FILE.search(part):
            if depth:
                raise Refused(EMBEDDED, params | {"part": part})
            _open(name, raw, limits, depth + 1)
        elif _DDE.search(raw):
            raise Refused(REMOTE, params | {"part": "DDE"})
        elif _SHEET.search(part) and sum(1 for _ in _ROW.finditer(raw)) > limits.rows:
            raise Refused(TOO_MANY_ROWS, params | {"limit": limits.rows})


def _read_through(stream: IO[bytes]) -> None:
    """To its end, where ``zipfile`` compares the checksum."""
    while stream.read(MEGABYTE):
        pass


def _open(name: str, content: bytes, limits: Limits, depth: int) -> tuple[str, zipfile.ZipFile]:
    archive = _directory(name, content, limits)
    relations = _Relations(name, limits)
    try:
        kind = _type_of(name, archive, relations)
        _contents(name, archive, relations, limits, depth)
    except _UNREADABLE as error:
        raise Refused(BROKEN, {"name": name}) from error
    return kind, archive


def open_package(name: str, content: bytes, limits: Limits) -> tuple[str, zipfile.ZipFile]:
    """ "XLSX" or "DOCX", and the open archive.

    Raises:
        Refused: a mere archive, another kind of document, broken, too large once
            unpacked, locked with a password, or with macros or embedded objects.
    """
    return _open(display_name(name), content, limits, 0)
