"""What is inside a PDF: pages, a text layer, and whatever would run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from applications.uploads import Limits, Refused
from guideline.facts import gettext_noop

BROKEN = gettext_noop("「{name}」不是完整的 PDF（可能下載或掃描中斷）；請以原軟體重新另存為 PDF 後上傳")
TRAILING = gettext_noop("「{name}」在 PDF 結尾之後還有其他內容；請以「列印」重新存成 PDF 後上傳")
PASSWORD = gettext_noop("「{name}」需要密碼才能開啟；請移除開啟密碼後重新上傳")
UNREADABLE_LOCK = gettext_noop("「{name}」的保護方式無法讀取；請移除保護，或以「列印」重新存成 PDF 後上傳")
TOO_MANY_PAGES = gettext_noop("「{name}」超過 {limit} 頁的上限；請分成數個檔案後上傳")
TOO_COMPLEX = gettext_noop("「{name}」的結構過於複雜（超過 {limit} 個物件）；請以「列印」重新存成 PDF 後上傳")
TOO_LARGE_INSIDE = gettext_noop("「{name}」解開後的內容過大；請以「列印」重新存成 PDF，或分成數個檔案後上傳")
SCRIPT = gettext_noop("「{name}」含有程式碼（JavaScript）；請以「列印」重新存成 PDF 後上傳")
LAUNCH = gettext_noop("「{name}」含有會啟動其他程式或檔案的動作；請以「列印」重新存成 PDF 後上傳")
XFA = gettext_noop("「{name}」是 XFA 動態表單；請以「列印」重新存成一般 PDF 後上傳")
MEDIA = gettext_noop("「{name}」內含多媒體或 3D 物件；請以「列印」重新存成 PDF 後上傳")
ATTACHED = gettext_noop("「{name}」內嵌檔案「{inner}」，該檔不能上傳；請移除內嵌檔案後重新上傳")

NO_TEXT_LAYER = gettext_noop("無文字層")
OWNER_LOCK = gettext_noop("此 PDF 設有列印或複製限制，但可開啟")
HAS_ATTACHMENT = gettext_noop("此 PDF 內嵌其他檔案")

# a string or an array of strings, then an operator that shows it
_SHOWS_TEXT = re.compile(rb"[)>\]]\s*(?:Tj|TJ|'|\")(?=[\s\[(<]|$)")
_OBJECT = re.compile(rb"\d\s+obj\b")
_DEPTH = 3  # forms inside forms that are looked into for text
_HELD = 1_000  # objects that are kept at hand

InnerCheck = Callable[[str, bytes], None]


def _value(holder: DictionaryObject, key: str) -> Any:
    """The value with an indirect reference followed, None where there is none."""
    raw = holder.raw_get(key) if key in holder else None
    return raw.get_object() if isinstance(raw, IndirectObject) else raw


def _dictionaries(reader: PdfReader, name: str, limits: Limits) -> Iterator[DictionaryObject]:
    """Every dictionary of the file, whether a page leads to it or not."""
    numbers = {(number, generation) for generation, entries in reader.xref.items() for number in entries}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > limits.pdf_objects:
        raise Refused(TOO_COMPLEX, {"name": name, "limit": limits.pdf_objects})
    seen = 0
    todo: list[Any] = [reader.trailer]
    for number, generation in [(0, 0), *sorted(numbers)]:
        if len(reader.resolved_objects) > _HELD:
            reader.resolved_objects.clear()
        if number:
            todo.append(reader.get_object(IndirectObject(number, generation, reader)))
        while todo:
            found = todo.pop()
            seen += 1
            if seen > limits.pdf_objects * 50:
                raise Refused(TOO_COMPLEX, {"name": name, "limit": limits.pdf_objects})
            if isinstance(found, DictionaryObject):
                yield found
                todo.extend(value for value in found.values() if isinstance(value, DictionaryObject | ArrayObject))
            elif isinstance(found, ArrayObject):
                todo.extend(value for value in found if isinstance(value, DictionaryObject | ArrayObject))


def _attached(holder: DictionaryObject) -> Iterator[tuple[str, bytes]]:
    """Name and content of the files that a file specification carries."""
    files = _value(holder, "/EF")
    names = [str(value) for key in ("/UF", "/F") if (value := _value(holder, key)) is not None]
    if not isinstance(files, DictionaryObject):
        return
    for key in ("/F", "/UF", "/DOS", "/Mac", "/Unix"):
        stream = _value(files, key)
        if isinstance(stream, StreamObject):
            # both names count: one reader shows the first, another saves under the second
            yield from ((inner, stream.get_data()) for inner in names or ["attachment"])


def _forbid_active(reader: PdfReader, name: str, limits: Limits, check_inner: InnerCheck) -> bool:
    """Refuses whatever would run; says whether files are attached."""
    params, attached = {"name": name}, False
    for found in _dictionaries(reader, name, limits):
        action, kind = _value(found, "/S"), _value(found, "/Subtype")
        if action == "/JavaScript" or (action is not None and "/JS" in found):
            raise Refused(SCRIPT, params)
        if action == "/Launch":
            raise Refused(LAUNCH, params)
        if "/XFA" in found:
            raise Refused(XFA, params)
        if kind in {"/RichMedia", "/3D", "/Movie", "/Screen"}:
            raise Refused(MEDIA, params)
        for inner, content in _attached(found):
            attached = True
            try:
                check_inner(inner, content)
            except Refused as refusal:
                raise Refused(ATTACHED, params | {"inner": refusal.params["name"]}) from refusal
    return attached


def _contents(holder: DictionaryObject, depth: int) -> Iterator[bytes]:
    """The content of a page or form and of the forms that it draws."""
    if isinstance(holder, PageObject):
        stream = holder.get_contents()
        yield stream.get_data() if stream is not None else b""
    elif isinstance(holder, StreamObject):
        yield holder.get_data()
    resources = _value(holder, "/Resources")
    drawn = _value(resources, "/XObject") if isinstance(resources, DictionaryObject) else None
    if not isinstance(drawn, DictionaryObject) or not depth:
        return
    for key in drawn:
        form = _value(drawn, key)
        if isinstance(form, StreamObject) and _value(form, "/Subtype") == "/Form":
            yield from _contents(form, depth - 1)


def _has_text(reader: PdfReader, pages: list[PageObject], limits: Limits) -> bool | None:
    """Whether any page shows text; None where that could not be found out."""
    spent, unsure = 0, False
    for page in pages:
        if spent:  # what was unpacked is let go
            reader.resolved_objects.clear()
        try:
            for content in _contents(page, _DEPTH):
                if _SHOWS_TEXT.search(content):
                    return True
                spent += len(content)
                if spent > limits.pdf_text_bytes:
                    return None
        except (PyPdfError, ValueError, KeyError, TypeError, NotImplementedError):
            unsure = True  # a page that is drawn in a way that only a viewer understands
    return None if unsure else False


def _inspect(name: str, content: bytes, limits: Limits, check_inner: InnerCheck) -> tuple[int, bool | None, list[str]]:
    reader, notes = PdfReader(BytesIO(content)), []
    if reader.is_encrypted:
        if not reader.decrypt(""):
            raise Refused(PASSWORD, {"name": name})
        notes.append(OWNER_LOCK)
    if _forbid_active(reader, name, limits, check_inner):
        notes.append(HAS_ATTACHMENT)
    pages: list[PageObject] = []
    for page in reader.pages:
        if len(pages) == limits.pdf_pages:
            raise Refused(TOO_MANY_PAGES, {"name": name, "limit": limits.pdf_pages})
        pages.append(page)
    if not pages:
        raise Refused(BROKEN, {"name": name})
    text_layer = _has_text(reader, pages, limits)
    if text_layer is False:
        notes.append(NO_TEXT_LAYER)
    return len(pages), text_layer, notes


def inspect(name: str, content: bytes, limits: Limits, check_inner: InnerCheck) -> tuple[int, bool | None, list[str]]:
    """Pages, whether any of them has text (None: unknown), and notes for the reader.

    ``check_inner(name, content)`` raises Refused for an attached file that may not be taken.
    Owner restrictions (printing, copying) are accepted; plain forms are accepted.

    Raises:
        Refused: broken or cut off, needs a password, would run something, or over a cap.
    """
    ending = content.rstrip(b"\0\t\n\f\r ")
    if not ending.endswith(b"%%EOF"):
        raise Refused(TRAILING if b"%%EOF" in ending[-4096:] else BROKEN, {"name": name})
    if sum(1 for _ in _OBJECT.finditer(content)) > limits.pdf_objects:
        raise Refused(TOO_COMPLEX, {"name": name, "limit": limits.pdf_objects})
    one = limits.pdf_stream_bytes
    caps: dict[str, Any] = {
        "array_maximum_element_count": limits.pdf_objects,
        "dictionary_maximum_element_count": limits.pdf_objects,
        "maximum_declared_stream_length": limits.file_bytes,
        "array_based_stream_maximum_output_length": one,
        "brotli_maximum_output_length": one,
        "lzw_maximum_output_length": one,
        "run_length_maximum_output_length": one,
        "zlib_maximum_output_length": one,
        "stream_decoding_work_maximum_length": 2 * one,
        "jbig2dec_binary": None,  # no other program is started for a page
    }
    try:
        with apply_configuration(**caps):
            return _inspect(name, content, limits, check_inner)
    except Refused:
        raise
    except LimitReachedError as error:
        raise Refused(TOO_LARGE_INSIDE, {"name": name}) from error
    except DependencyError as error:
        raise Refused(UNREADABLE_LOCK, {"name": name}) from error
    except Exception as error:  # pypdf promises no closed set of errors for hostile bytes
        raise Refused(BROKEN, {"name": name}) from error
