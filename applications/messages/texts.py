"""Bytes of a mail as text: transfer encodings, character sets, the words of an HTML page."""

from __future__ import annotations

import binascii
import re
import string
from collections.abc import Callable, Iterable, Mapping
from html.parser import HTMLParser

from applications.messages import oddities

Note = Callable[[str], object]  # takes one of the sentences in oddities

_BIG5 = ("cp950", "big5hkscs")  # cp950 is what writes "Big5" in Taiwan; the other holds Hong Kong's extras
_LATIN = ("cp1252",)


def _named(codecs: tuple[str, ...], *labels: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(labels, codecs)


# label without case and punctuation -> codecs to try in order. No codec outside of this list is ever used:
# a sender who names "unicode_escape" or "utf-7" gets a guess instead.
_CODECS: Mapping[str, tuple[str, ...]] = {
    **_named(_BIG5, "big5", "xbig5", "cnbig5", "big5eten", "cp950", "ms950", "windows950", "xwindows950"),
    **_named(_BIG5[::-1], "big5hkscs", "big5hk"),
    **_named(("gb18030",), "gb18030", "gbk", "xgbk", "gb2312", "euccn", "cp936", "ms936", "windows936"),
    **_named(("utf-8",), "utf8", "unicode11utf8"),
    **_named(("utf-16",), "utf16"),
    **_named(("utf-16-le",), "utf16le"),
    **_named(("utf-16-be",), "utf16be"),
    **_named(("iso2022_jp_2",), "iso2022jp", "iso2022jp2"),
    **_named(("cp932",), "shiftjis", "sjis", "xsjis", "windows31j"),
    **_named(("euc_jp",), "eucjp"),
    **_named(("cp949",), "euckr", "ksc56011987", "cp949"),
    **_named(_LATIN, "iso88591", "latin1", "windows1252", "cp1252", "iso885915"),
    **_named(("cp1250",), "windows1250"),
    **_named(("cp1251",), "windows1251"),
    **_named(("koi8_r",), "koi8r"),
}
_NOT_OVER_ASCII = frozenset({"utf-16", "utf-16-le", "utf-16-be", "iso2022_jp_2"})
_GUESSES = ("utf-8", "cp950")

_BASE64 = (string.ascii_letters + string.digits + "+/").encode()
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_SPACES = b" \t\r\n"

# controls; marks, overrides and isolates of direction
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CHINESE = re.compile("[\u4e00-\u9fff]{4}")  # by chance in no Western text that is read as Big5
_BREAK = re.compile("\r\n|[\r\x0b\x0c\u0085\u2028\u2029]")
_BLANKS = re.compile("[ \t\r\n]+")
_BLANK_LINES = re.compile("\n{3,}")


def from_base64(data: bytes, note: Note) -> bytes:
    """What can be decoded of base64, up to its padding; what is damaged or follows is noted. Never raises."""
    coded, padding, rest = data.partition(b"=")
    clean = coded.translate(None, _NOT_BASE64)
    foreign = coded.translate(None, _BASE64 + _SPACES) or rest.translate(None, b"=" + _SPACES)
    if len(clean) % 4 == 1:
        clean, foreign = clean[:-1], b"?"
    if foreign or (len(clean) % 4 and not padding):
        note(oddities.BAD_BASE64)
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def from_transfer(data: bytes, encoding: str, note: Note) -> bytes:
    """The bytes that Content-Transfer-Encoding ``encoding`` (in lower case) stands for; never more than ``data``."""
    if encoding == "base64":
        return from_base64(data, note)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding not in ("", "7bit", "8bit", "binary"):
        note(oddities.BAD_ENCODING)
    return data


def decode(data: bytes, label: str, note: Note) -> str:
    """Text from bytes that claim the character set ``label`` ("" for no claim). Never raises.

    A claim is not believed against UTF-8 that cannot be anything else. What is not the plain reading of
    a right claim is noted.
    """
    codecs = _CODECS.get(re.sub("[^a-z0-9]", "", label.lower()), ())
    if not _NOT_OVER_ASCII.intersection(codecs):
        if data.isascii():
            return data.decode("ascii")
        if (text := _surely_utf8(data)) is not None:
            if codecs != ("utf-8",):
                note(oddities.GUESSED)
            return text
    if codecs == _LATIN and (text := _strictly(data, ("cp950",))) and _CHINESE.search(text):
        note(oddities.GUESSED)
        return text
    if (text := _strictly(data, codecs)) is not None:
        return text
    if (text := _strictly(data, _GUESSES)) is not None:
        note(oddities.GUESSED)
        return text
    note(oddities.LOST)
    return data.decode(codecs[0] if codecs else "cp1252", "replace")


def _surely_utf8(data: bytes) -> str | None:
    """The text of UTF-8 with no letter of two bytes: two of Big5's or GB's might make one by chance."""
    text = _strictly(data, ("utf-8",))
    return None if text is None or re.search("[\u0080-\u07ff]", text) else text


def _strictly(data: bytes, codecs: Iterable[str]) -> str | None:
    for codec in codecs:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return None


def clean(text: str, note: Note) -> str:
    """Text as it may be stored and shown: lines end in LF, no control and no direction character."""
    text = _BREAK.sub("\n", text.replace("\ufeff", ""))
    if _HIDDEN.search(text):
        note(oddities.HIDDEN)
    return _HIDDEN.sub("", text)


def one_line(text: str, note: Note) -> str:
    """``clean`` for a header: in one line, runs of blanks made one; full-width spaces stay.

    A line break in it is odd: folds are gone by now, and programs differ in whether a lone CR ends a header.
    """
    if _BREAK.search(text):
        note(oddities.HIDDEN)
    return _BLANKS.sub(" ", clean(text, note)).strip(" ")


class _Words(HTMLParser):
    """Collects the text of a page. Nothing is rendered, followed or fetched."""

    DROPPED = frozenset({"script", "style", "title", "template"})
    LINES = re.compile("address|blockquote|br|div|d[ldt]|h[1-6r]|li|[ou]l|p|pre|table|tr")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.inside = ""  # the dropped element that is open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if not self.inside and tag in self.DROPPED:
            self.inside = tag
        self._space(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self._space(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.inside = ""
        self._space(tag)

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(_BLANKS.sub(" ", data))

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """``<![if …]>``, of which Outlook writes many: a comment. The library's own raises on unknown ones."""
        return self.parse_bogus_comment(i)

    def _space(self, tag: str) -> None:
        if self.LINES.fullmatch(tag):
            self.found.append("\n")
        elif tag in ("td", "th"):
            self.found.append(" ")


def html_text(page: str, note: Note) -> str:
    """The words of an HTML page, a line for each block; scripts, styles and tags are dropped.

    The parser is fed once and never closed: an element that does not end is left out and noted, since
    looking for its end again and again is what takes quadratic time.
    """
    words = _Words()
    words.feed(page)
    if words.rawdata.strip() or words.inside:
        note(oddities.BAD_HTML)
    lines = (line.strip(" ") for line in "".join(words.found).replace("\xa0", " ").split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
