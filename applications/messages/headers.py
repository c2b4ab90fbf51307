"""The headers of a mail as they were sent, and what they say: words, addresses, parameters, dates.

Nothing of it is to be trusted: it is what the sender claims.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_tz
from itertools import groupby
from urllib.parse import unquote_to_bytes

from applications.messages import oddities
from applications.messages.texts import Note, clean, decode, from_base64, one_line

HEADER_LENGTH = 10_000  # bytes of one header, its folded lines included
HEADERS = 1_000  # of one part
ADDRESSES = 200  # of one header
RECEIVED = 50
MESSAGE_ID_LENGTH = 250
DATE_LENGTH = 200
ADDRESS_LENGTH = 254
JUNK_WITHIN = 64 * 1024  # bytes after a line that is no header in which headers may go on
TAIPEI = timezone(timedelta(hours=8))
YEARS = range(1970, 2200)  # 115 is a year of the Republic, 9999 overflows in another zone

_NAME = re.compile(rb"[!-9;-~]+[ \t]*")
_FIELD_END = re.compile(rb"\n(?![ \t])")
_EMPTY_LINE = re.compile(rb"\r*\n")
_BLANK_LINE = re.compile(rb"\n\r*\n")
_KNOWN = re.compile(
    rb"\n(?:from|sender|to|cc|reply-to|subject|date|message-id|received|mime-version|content-[a-z-]+)[ \t]*:", re.I
)
_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]*)?\?([bq])\?([ ->@-~\s]*)\?=", re.I | re.A)
_WORD_LEFT = re.compile(r"=\?[\w.:+*-]{1,50}\?[bq]\?", re.I)
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*+"|[^;]*)', re.S)
_ESCAPED = re.compile(r"\\([\"\\])")
# quoted, commented, angled or bare; what never ends is looked at for 500 characters, not to the end for each mark
_TOKEN = re.compile(r'"(?:[^"\\]|\\.){0,500}+"|\((?:[^()\\]|\\.){0,500}+\)|<[^<>]*>|[,;:]|[^"(<,;:]+|.', re.S)
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
_ZONE = re.compile(r"[\s\d](?:[+-]\d{4}|UTC?|GMT|Z|[EMP][SD]T|CDT)(?:\s|\(|$)", re.I)


@dataclass(frozen=True)
class Address:
    """``text`` as it was written, decoded; of it the display name and, where it is well formed, the address."""

    text: str
    name: str = ""
    address: str = ""


@dataclass(frozen=True)
class Headers:
    """Names in lower case with their raw values, in order; ``body`` is the offset at which the body begins."""

    fields: tuple[tuple[str, bytes], ...]
    body: int

    def all(self, name: str) -> list[bytes]:
        return [value for one, value in self.fields if one == name]

    def first(self, name: str) -> bytes:
        return next((value for one, value in self.fields if one == name), b"")


def read_headers(data: bytes, start: int, end: int, note: Note) -> Headers:
    """The headers of the part ``data[start:end]``, at most HEADERS of at most HEADER_LENGTH bytes.

    A line that is no header is passed over where well-known headers follow it; else the body begins there.
    """
    if empty := _EMPTY_LINE.match(data, start, end):
        return Headers((), empty.end())
    blank = _BLANK_LINE.search(data, start, end)
    stop, body = (blank.start() + 1, blank.end()) if blank else (end, end)
    fields: list[tuple[str, bytes]] = []
    goes_on: bool | None = None  # after a line that is no header
    at = start
    for _ in range(HEADERS):
        if at >= stop:
            break
        found = _FIELD_END.search(data, at, stop)
        line_end, after = found.span() if found else (stop, stop)
        name, colon, value = data[at : min(line_end, at + HEADER_LENGTH)].partition(b":")
        if colon and _NAME.fullmatch(name):
            fields.append((name.decode("ascii").strip().lower(), value.strip()))
            if line_end - at > HEADER_LENGTH:
                note(oddities.LONG_HEADER)
        else:
            if goes_on is None:
                goes_on = bool(_KNOWN.search(data, line_end, min(stop, line_end + JUNK_WITHIN)))
            if not goes_on:
                note(oddities.NO_BLANK_LINE)
                return Headers(tuple(fields), at)
            note(oddities.BAD_LINE)
        at = after
    else:
        if at < stop:
            note(oddities.MANY_HEADERS)
    return Headers(tuple(fields), body)


def text_of(raw: bytes, note: Note) -> str:
    """A header's value, unfolded and as it was written: encoded words are still encoded."""
    return decode(raw, "", note).replace("\r\n", "").replace("\n", "")


def words(text: str, note: Note) -> str:
    """Text with its encoded words (RFC 2047) decoded, as it may be shown in one line."""
    return one_line(_decoded_words(text, note), note)


def _decoded_words(text: str, note: Note) -> str:
    """Text with its encoded words decoded, whatever characters are in them.

    Neighbours of one character set are joined before they are decoded: much software cuts inside a character.
    """
    chunks: list[tuple[str, str | bytes]] = []
    at = 0
    for word in _WORD.finditer(text):
        if (gap := text[at : word.start()]) and not (chunks and gap.isspace()):
            chunks.append(("", gap))
        chunks.append((word[1].lower(), _unpacked(word[2], word[3], note)))
        at = word.end()
    if rest := text[at:]:
        chunks.append(("", rest))
    if any(isinstance(chunk, str) and _WORD_LEFT.search(chunk) for _, chunk in chunks):
        note(oddities.BAD_WORD)
    out = []
    for label, group in groupby(chunks, key=lambda chunk: chunk[0]):
        values = [value for _, value in group]
        out += [value for value in values if isinstance(value, str)]
        out.append(decode(b"".join(value for value in values if isinstance(value, bytes)), label, note))
    return "".join(out)


def _unpacked(encoding: str, coded: str, note: Note) -> bytes:
    data = coded.encode("ascii")
    if encoding in "bB":
        return from_base64(data, lambda _: note(oddities.BAD_WORD))
    return binascii.a2b_qp(data, header=True)


def addresses(text: str, note: Note) -> tuple[Address, ...]:
    """The addresses of a header, split before anything of it is decoded, at most ADDRESSES."""
    found: list[Address] = []
    pieces: list[str] = []
    for piece in [*_TOKEN.findall(text), ","]:
        if piece == ":":  # the name of a group
            pieces = []
        elif piece not in (",", ";"):
            if pieces or not piece.isspace():
                pieces.append(piece)
        elif pieces:
            if len(found) == ADDRESSES:
                note(oddities.MANY_ADDRESSES)
                break
            found.append(_address(pieces, note))
            pieces = []
    return tuple(found)


def _address(pieces: list[str], note: Note) -> Address:
    """One address. Where two stand in angle brackets neither is taken: programs differ in which they believe."""
    angled = [one for one in pieces if one.startswith("<")]
    comments = [one[1:-1] for one in pieces if one.startswith("(")]
    rest = [one for one in pieces if not one.startswith(("<", "("))]
    if angled:
        address, name = angled[0][1:-1].strip(), " ".join(map(_unquoted, rest))
    else:
        address, name = "".join(rest).strip(), " ".join(comments)
    valid = len(angled) < 2 and len(address) <= ADDRESS_LENGTH and _ADDRESS.fullmatch(address)
    text = words("".join(pieces), note)
    if not valid or clean(address, note) != address:
        return Address(text, words(name, note))
    return Address(text, words(name, note), address)


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _ESCAPED.sub(r"\1", text[1:-1])
    return text


def sender_of(headers: Headers, note: Note) -> Address:
    """Who the mail says it is from: the whole of the first From as text, and its first address."""
    text = text_of(headers.first("from"), note)
    everyone = addresses(text, note)
    valid = [one for one in everyone if one.address]
    one = valid[0] if valid else Address("", *(one.name for one in everyone[:1]))
    if not valid:
        note(oddities.NO_SENDER)
    if len(valid) > 1:
        note(oddities.SEVERAL_SENDERS)
    named = _ADDRESS.findall(unicodedata.normalize("NFKC", one.name))
    if any(name.casefold() != one.address.casefold() for name in named):
        note(oddities.NAME_HAS_ADDRESS)
    others = {other for name in ("sender", "return-path") for other in _bare(headers.first(name), note)}
    if valid and others - {one.address.casefold()}:
        note(oddities.SENDER_DIFFERS)
    return Address(words(text, note), one.name, one.address)


def _bare(raw: bytes, note: Note) -> list[str]:
    return [one.address.casefold() for one in addresses(text_of(raw, note), note) if one.address]


def message_ids_of(headers: Headers, note: Note) -> tuple[str, ...]:
    """Each Message-ID once, those that are well formed first, with their angle brackets."""
    good, bad = [], []
    for raw in headers.all("message-id"):
        text = one_line(text_of(raw, note), note)
        found = MESSAGE_ID.search(text)
        if found and len(found[0]) <= MESSAGE_ID_LENGTH:
            good.append(found[0])
        elif text:
            bad.append(text[:MESSAGE_ID_LENGTH])
    if bad:
        note(oddities.BAD_MESSAGE_ID)
    if not good and not bad:
        note(oddities.NO_MESSAGE_ID)
    return tuple(dict.fromkeys(good + bad))


def moment(raw: bytes, note: Note) -> datetime | None:
    """A date with its zone, or None. No zone, or CST (China's and Chicago's), is noted and read as Taipei's."""
    text = one_line(text_of(raw.strip()[:DATE_LENGTH], note), note)
    try:
        parts = parsedate_tz(text)
        when = datetime(*parts[:6], tzinfo=TAIPEI) if parts else None
        if parts and when and _ZONE.search(text):
            when = when.replace(tzinfo=timezone(timedelta(seconds=parts[9] or 0)))
        elif when:
            note(oddities.NO_ZONE)
    except (ValueError, TypeError, IndexError, OverflowError):
        when = None
    if when is None or when.year not in YEARS:
        note(oddities.BAD_DATE)
        return None
    return when


def dates_of(headers: Headers, note: Note) -> tuple[datetime | None, tuple[datetime, ...]]:
    """The Date, and those of Received as they stand: the server that wrote last comes first."""
    raw = headers.first("date")
    date = moment(raw, note) if raw else None
    if not raw:
        note(oddities.NO_DATE)
    stamps = (moment(one.rpartition(b";")[2], lambda _: None) for one in headers.all("received")[:RECEIVED])
    received = tuple(stamp for stamp in stamps if stamp)
    if date and received and abs(date - received[0]) > timedelta(days=1):
        note(oddities.DATES_DISAGREE)
    return date, received


def parameter(raw: bytes, name: str, note: Note) -> str:
    """A parameter of a header such as Content-Type, "" where it is missing. It may hold any character.

    The form of RFC 2231, in sections or not, goes before the plain one; its sections are joined before they
    are decoded. The plain one may hold encoded words, which is against the rules and common.
    """
    text = text_of(raw, note)
    plain = ""
    sections: dict[int, tuple[bool, str]] = {}
    for key, quoted in _PARAMETER.findall(text):
        stem, star, number = key.lower().partition("*")
        value = _unquoted(quoted) if quoted[:1] != '"' or quoted[-1:] == '"' else quoted[1:]
        if stem != name:
            continue
        if not star:
            plain = plain or value
        elif (digits := number.rstrip("*")) == "" or (digits.isdecimal() and len(digits) < 4):
            sections.setdefault(int(digits or 0), (key.endswith("*"), value))
    if not sections:
        return _decoded_words(plain, note)
    charset, data = "utf-8", b""
    for index, (_, (encoded, value)) in enumerate(sorted(sections.items())):
        if encoded and index == 0 and value.count("'") > 1:
            charset, _, value = value.split("'", 2)
        data += unquote_to_bytes(value) if encoded else value.encode()
    return decode(data, charset, note)
