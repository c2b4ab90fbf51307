"""From a template to a PDF (WeasyPrint): what every printed document shares.

WeasyPrint needs Debian's pango; without it the portal runs, and ``available()`` says what to install.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from PIL import ImageFile
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from guideline.facts import gettext_noop

FOLDER = Path(settings.BASE_DIR) / "static" / "pdf"
SCHEME = "packaged:"  # what a template writes before the name of a file in FOLDER
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk fonts-noto-color-emoji"
MISSING = gettext_noop("無法產生 PDF：伺服器缺少必要套件。請系統管理員執行 apt-get install {packages}")

# Characters that Noto CJK draws with the glyph of another one: compatibility ideographs, radicals, a few signs. In one
# font a PDF can say of a glyph only that it is *one* character, so these come from a sister font (.twin, base.css) and
# are still found and copied as they were typed.
_TWINS = re.compile(
    "<[^>]*>|[\u2011\u2012\u2027\u2035\u2215\u22ef\u2329\u232a\u2780-\u2793\u2b95\u2e80-\u2fdf\uf900-\ufaff\U0001f10b\U0001f10c"
    "\U0002f800-\U0002fa1f]+"
)
_BREAKS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # Word's soft break and its like
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

logger = logging.getLogger(__name__)


class PdfUnavailable(Exception):
    """No PDF can be made on this machine; ``str()`` says, to its operator, what to install."""


class Refused(Exception):
    """A document asked for something that is not packaged with it."""


class _Engine(NamedTuple):
    html: Any  # weasyprint.HTML
    fetcher: Any  # serves FOLDER alone
    refused: type[BaseException]


@cache
def _load() -> _Engine | None:
    """WeasyPrint, or None where it cannot be imported: it then lacks a library of Debian's.

    Imported here and nowhere else, and late: the import fails without pango, and takes half a second with it.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
    except (ImportError, OSError) as error:
        logger.warning("WeasyPrint cannot be imported: %s", error)
        return None

    # WeasyPrint has the whole process take broken pictures; uploads are examined in it too
    ImageFile.LOAD_TRUNCATED_IMAGES = False

    class Packaged(URLFetcher):
        """Opens the files in FOLDER by name; no path, no network, no file of the system."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            name = url.removeprefix(SCHEME)
            if not url.startswith(SCHEME) or name not in _packaged():
                raise Refused(url)
            path = FOLDER / name
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": TYPES[path.suffix]})

    # fontTools writes the time into a font that it cuts down (that of emoji), unless it finds this
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    return _Engine(HTML, Packaged(), FatalURLFetchingError)


@cache
def _packaged() -> frozenset[str]:
    return frozenset(path.name for path in FOLDER.iterdir() if path.suffix in TYPES)


def available() -> str:
    """Nothing where a PDF can be made; otherwise what the operator has to install."""
    return "" if _load() else gettext(MISSING).format(packages=PACKAGES)


def _beside(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("<") else f'<span class="twin">{found[0]}</span>'


def printable(html: str) -> str:
    """The same document with every character of its body in a shape that can be drawn, found and copied."""
    head, mark, body = html.partition("<body")
    head, body = (_UNPRINTABLE.sub("\ufffd", _BREAKS.sub("\n", part)) for part in (head, body))
    return head + mark + _TWINS.sub(_beside, body)


def to_pdf(html: str) -> bytes:
    """The PDF of a whole document. The same document gives the same bytes.

    Raises:
        PdfUnavailable: WeasyPrint cannot be imported.
        Refused: it names an address other than of a packaged file.
    """
    engine = _load()
    if engine is None:
        raise PdfUnavailable(available())
    try:
        return engine.html(string=printable(html), base_url=SCHEME, url_fetcher=engine.fetcher).write_pdf()
    except engine.refused as error:
        raise Refused(str(error)) from error


CHINESE, ENGLISH = "zh-hant", "en"


@dataclass(frozen=True)
class Copy:
    """How a document is given out: its language, and the code under which it can be checked.

    Without a code it is not issued (a draft, a list for information), and says so at its foot. An English one is a
    translation, and says that the Chinese one governs. Documents speak this language whatever the reader's is.
    """

    language: str = CHINESE
    code: str = ""  # ACDE-FGHJ-KMNP-QRTV

    @property
    def english(self) -> bool:
        return self.language == ENGLISH

    @property
    def address(self) -> str:
        """Where it can be checked by hand."""
        return f"{settings.PORTAL_URL}/verify/"

    def tongue(self) -> translation.override:
        """What goes into the document is put into words under this."""
        return translation.override(self.language)

    def qr(self) -> SafeString:
        """The address that tells of this very document, as an SVG image to be set into the page."""
        made = segno.make_qr(self.address + self.code.replace("-", ""), error="l")
        return mark_safe(made.svg_inline(border=2, omitsize=True, svgclass="issued__qr", lineclass=None))  # noqa: S308


ORIGINAL = Copy()


def render(template: str, context: Mapping[str, Any], copy: Copy = ORIGINAL) -> bytes:
    """The PDF that ``templates/pdf/<template>`` draws. Raises as ``to_pdf``."""
    with copy.tongue():
        return to_pdf(render_to_string(f"pdf/{template}", {**context, "copy": copy}))


def merge(parts: Sequence[bytes]) -> bytes:
    """One PDF of several, each under a bookmark of its title; title and author are those of the first."""
    writer = PdfWriter()
    for number, part in enumerate(parts):
        reader = PdfReader(BytesIO(part))
        info = reader.metadata
        writer.append(reader, outline_item=str(info.title) if info and info.title else None)
        if not number:
            writer.add_metadata(
                {key: str(value) for key, value in (info or {}).items() if key in {"/Title", "/Author"}}
            )
            if language := reader.root_object.get("/Lang"):
                writer.root_object[NameObject("/Lang")] = language
    merged = BytesIO()
    writer.write(merged)
    return merged.getvalue()
