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

from applications.messages import oddities
from applications.messages.headers import (
    HEADER_LENGTH,
    MESSAGE_ID,
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
from applications.messages.texts import Note, clean, decode, from_transfer, html_text
from applications.uploads import display_name

MEGABYTE = 1024 * 1024
RAW_BYTES = 30 * MEGABYTE
DEPTH = 20  # multiparts within each other
PARTS = 200  # of all kinds
ATTACHMENTS = 50
DECODED_BYTES = 20 * MEGABYTE  # of all attachments
TEXT_BYTES = MEGABYTE  # of all text, plain and HTML, decoded
HTML_BYTES = MEGABYTE // 4  # of one part: the library's parser takes some 200 bytes for each of a hostile page
BOUNDARY_LENGTH = 200  # the rule is 70

_LEAD = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*")
_NOT_BLANK = re.compile(rb"\S")
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

    @property
    def message_id(self) -> str:
        return next(filter(MESSAGE_ID.fullmatch, self.message_ids), "")


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
    """A piece of text; ``group`` is the multipart/alternative that it is one version in."""

    text: str
    html: bool
    group: int | None


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
        data = data.replace(b"\r", b"\n")
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
    message_ids = message_ids_of(headers, note)
    date, received = dates_of(headers, note)
    return Message(
        sha256=sha256(raw).hexdigest(),
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
    lead = _LEAD.match(data)
    at = lead.end() if lead else 0
    if data.startswith((b"From ", b">From "), at):
        note(oddities.MBOX)
        at = data.find(b"\n", at) + 1 or len(data)
    return at


def _everyone(headers: Headers, name: str, note: Note) -> tuple[Address, ...]:
    joined = b", ".join(headers.all(name))[:HEADER_LENGTH]
    return addresses(text_of(joined, note), note)


def _first_word(raw: bytes) -> str:
    return raw.partition(b";")[0].decode("ascii", "replace").strip().lower()


def _silent(sentence: str) -> None:
    """A note that is not taken."""


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

    def read(self, start: int, end: int, outer: tuple[_Part, ...] = ()) -> Headers:
        """Reads the part ``data[start:end]`` inside of the multiparts ``outer``, and all that is in it."""
        self.parts += 1
        part = self._part(start, end, outer)
        if part.type.startswith("multipart/"):
            if len(outer) < DEPTH:
                self._multipart(part, outer)
            else:
                self.note(oddities.TOO_DEEP)
                self._attach(part, start, "")
        elif part.type in ("text/plain", "text/html") and part.disposition != "attachment" and not part.name:
            self._add_text(part, outer)
        else:
            self._attach(part, part.headers.body, part.encoding)
        return part.headers

    def text(self) -> tuple[str, bool]:
        """The text to be shown, and whether any of it was HTML.

        HTML is not shown where it is another version of plain text.
        """
        written = [one for one in self.texts if one.text.strip()]
        plain = {one.group for one in written if not one.html and one.group is not None}
        for group in plain:
            html = [one for one in written if one.group == group and one.html]
            if html and _bare(html) != _bare([one for one in written if one.group == group and not one.html]):
                self.note(oddities.HTML_DIFFERS)
        shown = [one for one in written if not (one.html and one.group in plain)]
        if not shown:
            self.note(oddities.NO_TEXT)
        return "\n\n".join(one.text.strip("\n") for one in shown), any(one.html for one in shown)

    def _part(self, start: int, end: int, outer: tuple[_Part, ...]) -> _Part:
        headers = read_headers(self.data, start, end, self.note)
        kind = headers.first("content-type")
        disposition = headers.first("content-disposition")
        name = parameter(disposition, "filename", self.note) or parameter(kind, "name", self.note)
        claimed = _first_word(kind)
        if not claimed and outer and outer[-1].type == "multipart/digest":
            claimed = "message/rfc822"
        elif not _TYPE.fullmatch(claimed):
            claimed = "application/octet-stream" if name else "text/plain"
        return _Part(start, end, headers, claimed, _first_word(disposition), name)

    def _multipart(self, part: _Part, outer: tuple[_Part, ...]) -> None:
        """Reads what is between the boundaries; the preamble is dropped, as every program does."""
        if part.type == "multipart/report":
            self.note(oddities.REPORT)
        begin = None
        for mark in self._marks(part):
            if begin is not None:
                if self.parts >= PARTS:
                    self.note(oddities.TOO_MANY_PARTS)
                    return
                self.read(begin, self._line_end(begin, mark.start()), (*outer, part))
            if mark[1]:
                if _NOT_BLANK.search(self.data, mark.end(), part.end):
                    self.note(oddities.EPILOGUE)
                return
            begin = min(mark.end() + 1, part.end)
        if begin is None:
            self.note(oddities.NO_BOUNDARY)
            self._add_text(part, outer)
        elif self.parts < PARTS:
            self.note(oddities.CUT_SHORT)
            self.read(begin, part.end, (*outer, part))

    def _marks(self, part: _Part) -> Iterator[re.Match[bytes]]:
        """The boundary lines, each with the line end before it; group 1 is there in the last."""
        boundary = parameter(part.headers.first("content-type"), "boundary", self.note).encode()
        if not 0 < len(boundary) <= BOUNDARY_LENGTH:
            return iter(())
        line = re.compile(rb"\n--" + re.escape(boundary) + rb"(--)?[ \t]*\r*(?=\n|\Z)")
        return line.finditer(self.data, max(part.headers.body - 1, part.start), part.end)

    def _line_end(self, begin: int, end: int) -> int:
        """``end`` before the CRs that belong to its line end, not before ``begin``."""
        while end > begin and self.data[end - 1] == 0x0D:
            end -= 1
        return max(begin, end)

    def _add_text(self, part: _Part, outer: tuple[_Part, ...]) -> None:
        """Takes a part as text, as much as the limit leaves; no more is decoded than that can come from."""
        body, note, html = part.headers.body, self.note, part.type == "text/html"
        limit = min(self.text_bytes, HTML_BYTES) if html else self.text_bytes
        raw = self.data[body : min(part.end, body + 4 * limit)]
        cut = part.end - body > len(raw)
        content = from_transfer(raw, part.encoding, _silent if cut else note)
        if cut or len(content) > limit:
            note(oddities.TEXT_CUT)
            line_end = content.rfind(b"\n", max(limit - HEADER_LENGTH, 0), limit)
            content = content[: limit if line_end < 0 else line_end]
        self.text_bytes -= len(content)
        charset = parameter(part.headers.first("content-type"), "charset", note)
        if html and not charset and (meta := _META.search(content, 0, HEADER_LENGTH)):
            charset = meta[1].decode("ascii")
        text = decode(content, charset, note)
        group = next((one.start for one in reversed(outer) if one.type == "multipart/alternative"), None)
        self.texts.append(_Text(clean(html_text(text, note) if html else text, note), html, group))

    def _attach(self, part: _Part, start: int, encoding: str) -> None:
        """Takes ``data[start:part.end]`` as a file where the limits allow; else its name only."""
        notes = Notes()
        name = display_name(part.name) if part.name else self._given_name(part, start)
        size = part.end - start
        if encoding == "base64":
            size = size * 3 // 4
        if len(self.attachments) >= ATTACHMENTS or size > self.decoded_bytes:
            self.note(oddities.LEFT_OUT)
            self.left_out.append(name)
            return
        if part.name and name != part.name:
            notes(oddities.BAD_NAME)
        if remark := _REMARKS.get("application/ms-tnef" if name.lower() == "winmail.dat" else part.type):
            notes(remark)
        data = from_transfer(self.data[start : part.end], encoding, notes)
        self.decoded_bytes -= len(data)
        original = part.name.replace("\0", "\ufffd")
        digest = sha256(data).hexdigest()
        self.attachments.append(Attachment(name, original, part.type, data, digest, tuple(notes)))
        for sentence in notes:
            self.note(sentence)

    def _given_name(self, part: _Part, start: int) -> str:
        """A name for what has none: a message's subject, else one that says so."""
        extension = "eml" if part.type.startswith("multipart/") else _EXTENSIONS.get(part.type, "bin")
        subject = ""
        if part.type in _MESSAGES:
            headers = read_headers(self.data, start, part.end, _silent)
            subject = words(text_of(headers.first("subject"), _silent), _silent).replace("/", "／").replace("\\", "＼")
        return display_name(f"{display_name(subject)}.{extension}")


def _bare(texts: list[_Text]) -> str:
    """The letters and figures alone, without the addresses that programs write beside links."""
    return "".join(_NOT_WORDS.sub("", one.text) for one in texts)
