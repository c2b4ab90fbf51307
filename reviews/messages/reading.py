"""The parts of a mail: which is its text, which are attachments, and when to stop.

The message is cut by its boundaries here and not by ``email.parser``: that one decodes all of it first, changes
the bytes of a message inside a message, and goes as deep as the sender likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from applications.uploads import NAME_LENGTH, display_name
from reviews.messages import oddities
from reviews.messages.headers import (
    HEADER_LENGTH,
    Address,
    Headers,
    addresses,
    dates_of,
    message_ids_of,
    parameter,
    read_headers,
    sender_of,
    text_of,
    words,
)
from reviews.messages.texts import Note, clean, decode, from_transfer, html_text, one_line

MEGABYTE = 1024 * 1024
RAW_BYTES = 30 * MEGABYTE
DEPTH = 20  # multiparts within each other
PARTS = 200  # of all kinds
ATTACHMENTS = 50
DECODED_BYTES = 20 * MEGABYTE  # of all attachments
TEXT_BYTES = MEGABYTE  # of all text, plain and HTML, decoded
BOUNDARY_LENGTH = 200  # the rule is 70

_LONE_CR = re.compile(rb"\r")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80}")
_NOT_WORDS = re.compile(r"<\w+:[^<>\s]*>|[\W_]+")
_META = re.compile(rb"""charset\s*=\s*["']?([\w-]{1,40})""", re.I)
_SINGLE = (
    *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id"),
    *("mime-version", "content-type", "content-transfer-encoding", "content-disposition"),
)

# extensions for attachments without a name; the claim is not believed for more than that
_EXTENSIONS: Mapping[str, str] = {
    "application/pdf": "pdf",
    "application/pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "image/jpeg": "jpg",
    "image/png": "png",
    "message/delivery-status": "txt",
    "message/global": "eml",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/rfc822-headers": "txt",
}
_MESSAGES = ("message/rfc822", "message/global")
_REMARKS: Mapping[str, str] = {
    "application/ms-tnef": oddities.TNEF,
    "application/vnd.ms-tnef": oddities.TNEF,
    "application/pkcs7-signature": oddities.SIGNED,
    "application/x-pkcs7-signature": oddities.SIGNED,
    "application/pgp-signature": oddities.SIGNED,
    "application/pkcs7-mime": oddities.SEALED,
    "application/x-pkcs7-mime": oddities.SEALED,
    "message/delivery-status": oddities.REPORT,
    "message/partial": oddities.PARTIAL,
    "message/external-body": oddities.ELSEWHERE,
}


class TooBig(Exception):
    """The raw message has more bytes than may be read; ``size`` and ``limit`` are in bytes."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(size, limit)
        self.size = size
        self.limit = limit


@dataclass(frozen=True)
class Attachment:
    """A file of a mail.

    ``name`` may be stored and shown; ``original_name`` is what was written (decoded, NUL as U+FFFD), and only to be
    compared. ``content_type`` is the sender's claim. A message inside the message is an attachment of its own
    bytes, which ``read_message`` reads in turn.
    """

    name: str
    original_name: str
    content_type: str
    data: bytes
    sha256: str
    oddities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """What a mail says. ``sha256`` is of the raw bytes; all else is the sender's claim.

    ``message_ids`` are those that are well formed, then the others; ``message_id`` is the first of the former
    or "". ``date`` and ``received`` carry a zone; ``received`` stands as in the mail, the latest server first.
    ``text`` comes from HTML, as ``from_html`` says, where there is no plain one. ``left_out`` names the attachments
    over a limit. ``oddities`` are sentences in Chinese to be translated where they are shown, those of the
    attachments among them.
    """

    sha256: str
    message_id: str
    message_ids: tuple[str, ...]
    date: datetime | None
    received: tuple[datetime, ...]
    sender: Address
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    text: str
    from_html: bool
    attachments: tuple[Attachment, ...]
    left_out: tuple[str, ...]
    oddities: tuple[str, ...]


class Notes(dict[str, None]):
    """Sentences in the order in which they were first said."""

    def __call__(self, sentence: str) -> None:
        self[sentence] = None


@dataclass(frozen=True)
class _Part:
    """One part, its headers read; ``data[start:end]`` is all of it."""

    start: int
    end: int
    headers: Headers
    type: str
    disposition: str
    name: str

    @property
    def encoding(self) -> str:
        return self.headers.first("content-transfer-encoding").decode("ascii", "replace").strip().lower()


@dataclass(frozen=True)
class _Text:
    text: str
    html: bool
    alternative: bool


def read_message(data: bytes, limit: int = RAW_BYTES) -> Message:
    """What the mail ``data`` says, whatever its bytes are.

    Raises:
        TooBig: there are more than ``limit`` bytes. Nothing else is raised.
    """
    if len(data) > limit:
        raise TooBig(len(data), limit)
    note = Notes()
    raw = data
    if b"\n" not in data and b"\r" in data:
        note(oddities.LINE_ENDS)
        data = _LONE_CR.sub(b"\n", data)
    start = _beginning(data, note)
    if start == len(data):
        note(oddities.EMPTY)
    reader = _Reader(data, note)
    headers = reader.read(start, len(data))
    text, from_html = reader.text()
    subject = words(text_of(headers.first("subject"), note), note)
    if not subject:
        note(oddities.NO_SUBJECT)
    if any(len(headers.all(name)) > 1 for name in _SINGLE):
        note(oddities.REPEATED)
    message_id, message_ids = message_ids_of(headers, note)
    date, received = dates_of(headers, note)
    return Message(
        sha256=sha256(raw).hexdigest(),
        message_id=message_id,
        message_ids=message_ids,
        date=date,
        received=received,
        sender=sender_of(headers, note),
        reply_to=_everyone(headers, "reply-to", note),
        to=_everyone(headers, "to", note),
        cc=_everyone(headers, "cc", note),
        subject=subject,
        text=text,
        from_html=from_html,
        attachments=tuple(reader.attachments),
        left_out=tuple(reader.left_out),
        oddities=tuple(note),
    )


def _beginning(data: bytes, note: Note) -> int:
    """Where the headers begin: after a byte order mark, empty lines, the "From " line of a mailbox file."""
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    at += len(data) - at - len(data[at:].lstrip(b"\r\n"))
    if data.startswith((b"From ", b">From "), at):
        note(oddities.MBOX)
        at = data.find(b"\n", at) + 1 or len(data)
    return at


def _everyone(headers: Headers, name: str, note: Note) -> tuple[Address, ...]:
    joined = b", ".join(headers.all(name))[:HEADER_LENGTH]
    return addresses(text_of(joined, note), note)


class _Reader:
    """Goes through the parts of one message in order and keeps within the limits."""

    def __init__(self, data: bytes, note: Note) -> None:
        self.data = data
        self.note = note
        self.texts: list[_Text] = []
        self.attachments: list[Attachment] = []
        self.left_out: list[str] = []
        self.parts = 0
        self.text_bytes = TEXT_BYTES
        self.decoded_bytes = DECODED_BYTES

    def read(self, start: int, end: int, outer: tuple[str, ...] = ()) -> Headers:
        """Reads the part ``data[start:end]`` inside of the multiparts ``outer``, and all that is in it."""
        self.parts += 1
        headers = read_headers(self.data, start, end, self.note)
        part = self._part(start, end, headers, outer)
        if not part.type.startswith("multipart/"):
            self._leaf(part, outer)
        elif len(outer) == DEPTH:
            self.note(oddities.TOO_DEEP)
            self._attach(part, self.data[start:end], "message/rfc822")
        else:
            self._multipart(part, outer)
        return headers

    def text(self) -> tuple[str, bool]:
        """The text to be shown, and whether any of it was HTML.

        Plain text where there is any, with the HTML that is no other version of it; else the HTML.
        """
        plain = [one for one in self.texts if not one.html and one.text.strip()]
        html = [one for one in self.texts if one.html and one.text.strip()]
        versions = [one for one in html if one.alternative] if plain else []
        if versions and _same(versions) != _same([one for one in plain if one.alternative] or plain):
            self.note(oddities.HTML_DIFFERS)
        shown = [one for one in self.texts if one in plain or (one in html and one not in versions)]
        if not shown:
            self.note(oddities.NO_TEXT)
        return "\n\n".join(one.text.strip("\n") for one in shown), any(one.html for one in shown)

    def _part(self, start: int, end: int, headers: Headers, outer: tuple[str, ...]) -> _Part:
        raw = headers.first("content-type")
        claimed = raw.partition(b";")[0].decode("ascii", "replace").strip().lower()
        disposition = headers.first("content-disposition")
        name = parameter(disposition, "filename", self.note) or parameter(raw, "name", self.note)
        if _TYPE.fullmatch(claimed):
            kind = claimed
        elif outer[-1:] == ("multipart/digest",) and not claimed:
            kind = "message/rfc822"
        else:
            kind = "application/octet-stream" if name else "text/plain"
        shown = disposition.partition(b";")[0].decode("ascii", "replace").strip().lower()
        return _Part(start, end, headers, kind, shown, name)

    def _multipart(self, part: _Part, outer: tuple[str, ...]) -> None:
        if part.type == "multipart/report":
            self.note(oddities.REPORT)
        boundary = part.headers.first("content-type") and self._boundary(part)
        pieces = self._pieces(part, boundary) if boundary else iter(())
        first = next(pieces, None)
        if first is None:
            self.note(oddities.NO_BOUNDARY)
            self._add_text(part, html=False, outer=outer)
            return
        for start, end in (first, *pieces):
            pass
