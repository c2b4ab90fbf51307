"""What an uploaded file really is, told from its content, and whether it may be taken.

The kinds taken are PDF, PNG, JPEG, XLSX and DOCX without macros, CSV, plain text and mails
(security: uploads). Nothing here stores, renders or follows anything.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import IO

import puremagic
from PIL import Image, UnidentifiedImageError

from applications import packages, pdfs
from applications.messages import oddities, read_message
from applications.uploads import (
    LIMITS,
    TYPES,
    Limits,
    Refused,
    display_name,
    extension_of,
    opening,
    read_all,
    storage_name,
)
from guideline.facts import gettext_noop

__all__ = ["LIMITS", "Limits", "Recognised", "Refused", "display_name", "recognise", "storage_name"]

PROGRAM = gettext_noop("「{name}」是程式檔（{real}），不能上傳；書面資料請另存為 PDF 後上傳")
OLD_WORD = gettext_noop("「{name}」是舊版 Word 檔（.doc）；請另存為 .docx 或 PDF 後上傳")
OLD_EXCEL = gettext_noop("「{name}」是舊版 Excel 檔（.xls）；請另存為 .xlsx 或 PDF 後上傳")
OLD_OFFICE = gettext_noop("「{name}」是舊版 Office 或其他複合檔；請另存為 PDF 後上傳")
OTHER_IMAGE = gettext_noop("「{name}」是 {real} 圖檔；請另存為 PNG 或 JPEG 後上傳")
WEB = gettext_noop("「{name}」是網頁或標記檔（{real}）；請以「列印」另存為 PDF，或截圖為 PNG 後上傳")
UNKNOWN = gettext_noop("無法辨識「{name}」的內容；請另存為 PDF 後上傳")
NOT_TEXT = gettext_noop("「{name}」不是可讀的文字檔（編碼不明或含控制字元）；請以 UTF-8 編碼另存後上傳")
MISMATCH = gettext_noop("「{name}」的內容是 {real}，與副檔名不符；請將副檔名改為 .{right}，或以原軟體重新另存後上傳")
NOT_TAKEN = gettext_noop(
    "不接受「.{extension}」檔（{name}）；請另存為 PDF、PNG、JPEG、XLSX、DOCX、CSV、TXT 或 EML 後上傳"
)
BROKEN_IMAGE = gettext_noop("圖檔「{name}」已損毀或不完整；請重新截圖或掃描後上傳")
TOO_MANY_PIXELS = gettext_noop("圖檔「{name}」超過 {limit} 萬像素的上限；請縮小尺寸或降低解析度後上傳")
TWO_FILES = gettext_noop("圖檔「{name}」內藏有其他檔案的內容；請重新截圖或另存後上傳")

MAIL_LEFT_OUT = gettext_noop("郵件「{name}」的附件過多或過大，無法逐一檢查；請將需要的附件逐一上傳")
MAIL_CUT = gettext_noop("郵件「{name}」不完整（缺少結尾）；請以郵件軟體重新另存為 .eml 後上傳")
MAIL_ATTACHED = gettext_noop("郵件「{name}」的附件「{inner}」不能上傳；請移除該附件，或將郵件另存為 PDF 後上傳")

_SIGNATURES = ((b"%PDF-", "PDF"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"PK\x03\x04", "ZIP"))
# extension that puremagic names -> how it is called
_PROGRAMS = {kind: kind.upper() for kind in ("exe", "dll", "class", "jar", "lnk", "swf", "dex", "wasm", "sys")}
_ARCHIVES = {kind: kind.upper() for kind in ("zip", "rar", "7z", "gz", "bz2", "xz", "tar", "cab", "lzh", "zst", "iso")}
_IMAGES = {kind: kind.upper() for kind in ("gif", "bmp", "tiff", "webp", "heic", "avif", "psd", "ico", "jp2")}
_IMAGES |= {"tif": "TIFF", "heif": "HEIC", "dib": "BMP"}
_MARKUP = re.compile(
    r"[\s\ufeff]*<(?:!--|!doctype|\?xml|\?php|html|head|body|script|svg|iframe|meta|img|table|%)", re.IGNORECASE
)
_SCRIPT = re.compile(r"[\s\ufeff]*(?:#!|\{\\rtf|%!PS|@echo\b)", re.IGNORECASE)
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
# XMP, which cameras write, holds none of these
_HIDDEN = re.compile(rb"<script\b|<\?php\b|<!doctype\s+html|PK\x05\x06.{18}\Z", re.IGNORECASE | re.DOTALL)
_INNER_DEPTH = 1  # a file attached to a PDF is looked into; one attached to that is not taken


@dataclass(frozen=True)
class Recognised:
    """A file that may be taken. ``extension`` is the one to store under, not the one typed."""

    name: str
    content_type: str
    extension: str
    size: int
    pages: int | None = None
    text_layer: bool | None = None
    notes: tuple[str, ...] = ()


def _foreign(name: str, content: bytes) -> Refused:
    """The refusal of binary content of no kind that is taken."""
    params = {"name": name}
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        streams = {
            "EncryptedPackage": packages.PASSWORD,
            "WordDocument": OLD_WORD,
            "Workbook": OLD_EXCEL,
            "PowerPoint Document": packages.OTHER_OFFICE,
        }
        for stream, message in streams.items():
            if stream.encode("utf-16-le") in content:
                return Refused(message, params)
        return Refused(OLD_OFFICE, params)
    try:
        matches = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        matches = []
    # the surest first, and of equals always the same
    kinds = [m.extension.lstrip(".") for m in sorted(matches, key=lambda m: (-m.confidence, m.extension))]
    if content.startswith((b"MZ", b"\x7fELF")):
        kinds = ["exe"]
    for kind in kinds:
        for group, message in ((_PROGRAMS, PROGRAM), (_ARCHIVES, packages.ARCHIVE), (_IMAGES, OTHER_IMAGE)):
            if kind in group:
                return Refused(message, params | {"real": group[kind]})
    return Refused(UNKNOWN, params)


def _image(name: str, kind: str, content: bytes, limits: Limits) -> None:
    """Its size from the header, then whether it is whole. Nothing is decoded."""
    too_many = Refused(TOO_MANY_PIXELS, {"name": name, "limit": limits.pixels // 10_000})
    broken = Refused(BROKEN_IMAGE, {"name": name})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=(kind,)) as image:
                if image.width * image.height > limits.pixels:
                    raise too_many
                image.verify()  # of a PNG every chunk and its checksum, to the last one
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise broken from error
    if kind == "JPEG" and not _jpeg_is_whole(content):
        raise broken
    if _HIDDEN.search(content) or b"%PDF-" in content[:1024]:
        raise Refused(TWO_FILES, {"name": name})


def _jpeg_is_whole(content: bytes) -> bool:
    """Whether its segments follow each other to the marker of the end. A phone may append more behind that."""
    at, scanned = 2, False
    while marker := _JPEG_MARKER.search(content, at) if scanned else _JPEG_MARKER.match(content, at):
        kind, at = marker[1][0], marker.end()
        if kind == 0xD9:
            return scanned
        at += int.from_bytes(content[at : at + 2], "big")
        scanned = scanned or kind == 0xDA  # compressed data follow, which may be of any length
    return False


def _is_mail(content: bytes) -> bool:
    """Whether it begins with the headers of a mail that somebody sent, and nothing else."""
    message = read_message(content, limit=len(content))
    odd = {oddities.BAD_LINE, oddities.NO_BLANK_LINE} & set(message.oddities)
    return bool(message.sender.address and (message.date or message.received)) and not odd


def _mail(name: str, content: bytes, check_inner: pdfs.InnerCheck) -> None:
    """Its attachments, one by one; a mail is only taken whole."""
    message = read_message(content, limit=len(content))
    if message.left_out:
        raise Refused(MAIL_LEFT_OUT, {"name": name})
    if oddities.CUT_SHORT in message.oddities:
        raise Refused(MAIL_CUT, {"name": name})
    for one in message.attachments:
        try:
            check_inner(one.name, one.data)
        except Refused as refusal:
            raise Refused(MAIL_ATTACHED, {"name": name, "inner": one.name}) from refusal


def _text_kind(name: str, content: bytes, extension: str) -> str:
    text = opening(content)
    if text is None:
        # a text that cannot be read, unless its first bytes say that it is something else
        other = _foreign(name, content)
        raise Refused(NOT_TEXT, {"name": name}) if extension in {"csv", "txt"} and other.message == UNKNOWN else other
    if _MARKUP.match(text):
        raise Refused(WEB, {"name": name, "real": "SVG" if "<svg" in text.lower() else "HTML/XML"})
    if _SCRIPT.match(text):
        raise Refused(UNKNOWN, {"name": name})
    return extension.upper() if extension in {"csv", "txt"} else "TXT"


def _recognise(name: str, content: bytes, limits: Limits, depth: int) -> Recognised:
    shown, extension = display_name(name), extension_of(name)
    kind = next((kind for start, kind in _SIGNATURES if content.startswith(start)), "")
    pages: int | None = None
    text_layer: bool | None = None
    notes: list[str] = []
    if kind == "ZIP":
        kind, _ = packages.open_package(shown, content, limits)
    elif not kind:
        kind = "EML" if extension == "eml" and _is_mail(content) else _text_kind(shown, content, extension)

    extensions, content_type = TYPES[kind]
    if extension not in extensions:
        known = any(extension in others for others, _ in TYPES.values())
        if kind == "TXT" and extension and not known:  # .bat, .js: text, but not sent to be read
            raise Refused(NOT_TAKEN, {"name": shown, "extension": extension})
        raise Refused(MISMATCH, {"name": shown, "real": kind, "right": extensions[0]})

    def check_inner(inner: str, inner_content: bytes) -> None:
        if depth >= _INNER_DEPTH or not inner_content:
            raise Refused(UNKNOWN, {"name": display_name(inner)})
        _recognise(inner, inner_content, limits, depth + 1)

    if kind in {"PNG", "JPEG"}:
        _image(shown, kind, content, limits)
    elif kind == "PDF":
        pages, text_layer, notes = pdfs.inspect(shown, content, limits, check_inner)
    elif kind == "EML":
        _mail(shown, content, check_inner)
    elif kind == "CSV" and max(content.count(b"\n"), content.count(b"\r")) > limits.rows:
        raise Refused(packages.TOO_MANY_ROWS, {"name": shown, "limit": limits.rows})
    return Recognised(shown, content_type, extensions[0], len(content), pages, text_layer, tuple(notes))


def recognise(name: str, data: IO[bytes] | bytes, *, limits: Limits = LIMITS) -> Recognised:
    """What the file is, by its content; its extension must agree.

    A stream is read from its start and wound back to it. ``name`` is what the browser
    sent: it may hold a path, control or direction characters, or be far too long.

    Raises:
        Refused: the file is not taken; says which, why, and what to do.
    """
    return _recognise(name, read_all(name, data, limits), limits, 0)
