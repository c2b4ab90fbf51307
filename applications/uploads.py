"""What every upload shares: the limits, the refusal, names, and the decoding of text."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from guideline.facts import gettext_noop

MEGABYTE = 1024 * 1024
NAME_LENGTH = 255

# type -> (extensions that may stand for it, the first is the one stored; content type)
TYPES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "PDF": (("pdf",), "application/pdf"),
    "PNG": (("png",), "image/png"),
    "JPEG": (("jpg", "jpeg"), "image/jpeg"),
    "XLSX": (("xlsx",), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "DOCX": (("docx",), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "CSV": (("csv",), "text/csv"),
    "TXT": (("txt",), "text/plain"),
    "EML": (("eml",), "message/rfc822"),
}
EXTENSIONS = tuple(extension for extensions, _ in TYPES.values() for extension in extensions)
ACCEPT = ",".join(f".{extension}" for extension in EXTENSIONS)  # what a page's file input offers
PIECE = 64 * 1024  # bytes of a text that are decoded at once

EMPTY = gettext_noop("「{name}」是空的檔案，請確認原檔有內容後重新上傳")
TOO_BIG = gettext_noop("「{name}」超過 {megabytes} MB 的上限，請分成數個檔案，或降低掃描解析度後重新上傳")

# bidirectional marks, embeddings and isolates; line and paragraph separators; byte order mark
_UNSEEN = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_BROKEN = re.compile("[\ud800-\udfff]")
# form feeds and a closing Ctrl-Z are what old accounting programs write
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):
    """The file cannot be taken. ``message`` is a template in Chinese, filled with ``params``.

    ``params["name"]`` is always the file's name as it may be shown.
    """

    def __init__(self, message: str, params: Mapping[str, Any]) -> None:
        super().__init__(message, params)
        self.message = message
        self.params = dict(params)

    def __str__(self) -> str:
        return self.message.format(**self.params)


@dataclass(frozen=True)
class Limits:
    """Caps on one file. All are this system's own parameters, none is the guideline's."""

    file_bytes: int = 20 * MEGABYTE
    pixels: int = 70_000_000  # an A3 page at 600 dpi
    rows: int = 200_000  # of a CSV, or of one sheet
    zip_entries: int = 2_000
    unpacked_bytes: int = 100 * MEGABYTE  # of a package in all, most of it never held at once
    part_bytes: int = 24 * MEGABYTE  # of one part that is held: XML, or a workbook inside
    relations: int = 100_000  # of a package in all
    pdf_objects: int = 50_000
    pdf_pages: int = 5_000
    pdf_stream_bytes: int = 16 * MEGABYTE  # one stream of a PDF, unpacked
    pdf_text_bytes: int = 50 * MEGABYTE  # page content that is unpacked while looking for a text layer


LIMITS = Limits()


def display_name(name: str, length: int = NAME_LENGTH) -> str:
    """The name as it may be stored and shown: no path, no control or direction character.

    At most ``length`` characters; where it is longer the extension is kept and the
    middle goes. Never raises and never returns "".
    """
    text = _BROKEN.sub("\ufffd", name).replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(c for c in _UNSEEN.sub("", text) if unicodedata.category(c) != "Cc").strip()
    if text.strip(". ") == "":
        return "未命名"
    if len(text) > length:
        stem, dot, extension = text.rpartition(".")
        tail = dot + extension if stem and len(extension) <= 10 else ""
        text = text[: length - len(tail) - 1] + "…" + tail
    return text


def extension_of(name: str) -> str:
    """The extension in lower case without its dot, "" where there is none."""
    stem, _, extension = display_name(name).rpartition(".")
    return unicodedata.normalize("NFKC", extension).lower().strip() if stem else ""


def storage_name(sha256: str, extension: str) -> str:
    """The path that a file is kept under: ``ab/cd/<sha256>.pdf``. Nothing of it was typed by a person.

    Raises:
        ValueError: no lower-case SHA-256 digest, or an extension that is not taken.
    """
    if not _DIGEST.fullmatch(sha256) or extension not in EXTENSIONS:
        raise ValueError((sha256, extension))
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}.{extension}"


def read_all(name: str, data: IO[bytes] | bytes, limits: Limits) -> bytes:
    """The bytes of an upload; a stream is read from its start and wound back.

    Raises:
        Refused: empty, or over ``limits.file_bytes``.
    """
    if isinstance(data, bytes):
        content = data
    else:
        data.seek(0)
        content = data.read(limits.file_bytes + 1)
        data.seek(0)
    if not content:
        raise Refused(EMPTY, {"name": display_name(name)})
    if len(content) > limits.file_bytes:
        raise Refused(TOO_BIG, {"name": display_name(name), "megabytes": f"{limits.file_bytes / MEGABYTE:g}"})
    return content


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    return ("utf-8", "cp950")


def _pieces(content: bytes, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(content), PIECE):
        last = start + PIECE >= len(content)
        piece = decoder.decode(content[start : start + PIECE], last)
        piece = piece.removesuffix("\x1a") if last else piece
        if _CONTROL.search(piece):
            raise ValueError(encoding)
        yield piece


def decode(content: bytes) -> tuple[str, str] | None:
    """Text and the name of its encoding, or None where the bytes are no text.

    UTF-8 with or without its mark, UTF-16 with its mark, else Big5 as Windows writes it
    (cp950), and that only where not a byte is lost.
    """
    for encoding in _encodings(content):
        try:
            return "".join(_pieces(content, encoding)), encoding
        except ValueError:
            continue
    return None


def opening(content: bytes) -> str | None:
    """The beginning of what ``decode`` gives, all of it read but never held at once."""
    for encoding in _encodings(content):
        try:
            pieces = _pieces(content, encoding)
            first = next(pieces, "")
            for _piece in pieces:
                pass
        except ValueError:
            continue
        return first
    return None
