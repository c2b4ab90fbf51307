"""Office Open XML packages (XLSX, DOCX): looked at from the zip directory before anything is unpacked."""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from io import BytesIO
from xml.parsers import expat

from applications.uploads import MEGABYTE, Limits, Refused, display_name
from guideline.facts import gettext_noop

MAIN_PARTS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "XLSX",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "DOCX",
}
CONTENT_TYPES = "[Content_Types].xml"
LARGEST_INDEX = 4 * MEGABYTE  # of [Content_Types].xml or one .rels

ARCHIVE = gettext_noop("「{name}」是壓縮檔（{real}），請解壓縮後，將需要的檔案逐一上傳")
BROKEN = gettext_noop("「{name}」已損毀或不完整，無法開啟；請以原軟體開啟確認後重新另存，再上傳")
PASSWORD = gettext_noop("「{name}」設有密碼，無法開啟；請移除密碼後重新上傳")
TOO_MANY_PARTS = gettext_noop("「{name}」內含 {count} 個部分，超過上限 {limit} 個；請另存為 PDF 後上傳")
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


def _elements(raw: bytes) -> list[tuple[str, dict[str, str]]]:
    """Every element's local name and attributes, in order.

    Raises:
        expat.ExpatError: no well-formed XML.
        ValueError: it declares a document type, which no Office program writes.
    """
    found: list[tuple[str, dict[str, str]]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        found.append((tag.rpartition(" ")[2], attributes))

    def doctype(*_: object) -> None:
        raise ValueError("DOCTYPE")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(raw, True)
    return found


def _read_index(archive: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    if archive.getinfo(part).file_size > LARGEST_INDEX:
        raise ValueError(part)
    return _elements(archive.read(part))


def _directory(name: str, content: bytes, limits: Limits) -> zipfile.ZipFile:
    """The archive, its directory within the caps. Nothing has been unpacked."""
    params = {"name": name}
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, EOFError) as error:
        raise Refused(BROKEN, params) from error
    entries = archive.infolist()
    if len(entries) > limits.zip_entries:
        raise Refused(TOO_MANY_PARTS, params | {"count": len(entries), "limit": limits.zip_entries})
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise Refused(TOO_LARGE_INSIDE, params | {"megabytes": f"{limits.unpacked_bytes / MEGABYTE:g}"})
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refused(PASSWORD, params)
    names = [entry.filename.lower() for entry in entries]
    # two parts of one name, or bytes before or after the archive: two programs would read two files
    end = len(content) - 22 - len(archive.comment)
    whole = bool(entries) and min(e.header_offset for e in entries) == 0 and content[end : end + 4] == b"PK\x05\x06"
    if len(set(names)) != len(names) or not whole:
        raise Refused(BROKEN, params)
    return archive


def _type_of(name: str, archive: zipfile.ZipFile) -> str:
    """ "XLSX" or "DOCX", from the content type of the main part."""
    params = {"name": name}
    if CONTENT_TYPES not in archive.namelist():
        raise Refused(ARCHIVE, params | {"real": "ZIP"})
    types = [
        (attributes.get("PartName", "").lstrip("/"), attributes.get("ContentType", ""))
        for _, attributes in _read_index(archive, CONTENT_TYPES)
    ]
    names = archive.namelist()
    if any(_MACRO_TYPE.search(kind) for _, kind in types) or any(map(_MACRO_NAME.search, names)):
        raise Refused(MACRO, params)
    objects = [part or kind for part, kind in types if _OBJECT_TYPE.search(kind)]
    objects += [part for part in names if _OBJECT_NAME.search(part)]
    if objects:
        raise Refused(EMBEDDED, params | {"part": objects[0]})
    mains = [(part, MAIN_PARTS[kind]) for part, kind in types if kind in MAIN_PARTS]
    if not mains:
        raise Refused(OTHER_OFFICE, params)
    if len(mains) > 1 or mains[0][0] not in names:
        raise Refused(BROKEN, params)
    return mains[0][1]


def _contents(name: str, archive: zipfile.ZipFile, limits: Limits, depth: int) -> None:
    """Reads every part: checksums, relations that fetch or run something, workbooks inside charts."""
    params = {"name": name}
    for entry in archive.infolist():
        part = entry.filename
        raw = archive.read(entry)  # never more than the size in the directory, which was capped
        if part.lower().endswith(".rels"):
            if len(raw) > LARGEST_INDEX:
                raise ValueError(part)
            for _, attributes in _elements(raw):
                kind, target = attributes.get("Type", ""), attributes.get("Target", "")
                outside = attributes.get("TargetMode") == "External"
                if outside and kind.endswith("/oleObject"):
                    raise Refused(EMBEDDED, params | {"part": target})
                if outside and kind.endswith(_FETCHING) and _FETCHED.match(target):
                    raise Refused(REMOTE, params | {"part": target})
        elif part.lower().endswith(".xml") and _DDE.search(raw):
            raise Refused(REMOTE, params | {"part": "DDE"})
        elif _EMBEDDED_FILE.search(part):
            if depth:
                raise Refused(EMBEDDED, params | {"part": part})
            _open(name, raw, limits, depth + 1)


def _open(name: str, content: bytes, limits: Limits, depth: int) -> tuple[str, zipfile.ZipFile]:
    archive = _directory(name, content, limits)
    try:
        kind = _type_of(name, archive)
        _contents(name, archive, limits, depth)
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
