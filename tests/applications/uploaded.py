"""Files to be uploaded: the samples, and makers of what no honest program writes."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from applications.evidence import LIMITS, Limits, Refused, recognise
from reviews.demo.sample_filing import FOLDER

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MACRO_WORKBOOK = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def sample(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def refusal(name: str, data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(Refused) as caught:
        recognise(name, data, limits=limits)
    return str(caught.value)


def image(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind)
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def huge_png(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def raw_pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1; 1 is the catalogue, 2 the page tree, 3 its page."""
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def one_page(*more: bytes, catalogue: bytes = b"", page: bytes = b"") -> bytes:
    """A one-page PDF; further objects are numbered from 4."""
    return raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] %s >>" % page,
        *more,
    )


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def written(*changes: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(sample("資通安全檢查機制聲明書.pdf")))
    for change in changes:
        change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def add_script(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(action))


def attached(name: str, data: bytes) -> bytes:
    return written(lambda writer: writer.add_attachment(name, data))


def in_object_stream() -> bytes:
    """A script that only an unpacked object stream shows."""
    inner = b"4 0 << /S /JavaScript /JS (app.alert(1)) >>"
    packed = zlib.compress(inner)
    body = [
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
    ]
    out, rows = bytearray(b"%PDF-1.7\n"), [b"\0\0\0\0\0\xff"]
    for number, text in enumerate(body, 1):
        rows.append(b"\1" + struct.pack(">I", len(out)) + b"\0")
        out += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    rows.append(b"\2" + struct.pack(">I", 5) + b"\0")
    rows.append(b"\1" + struct.pack(">I", len(out)) + b"\0")
    out += b"5 0 obj\n" + stream(packed, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode") + b"\nendobj\n"
    start = len(out)
    rows.append(b"\1" + struct.pack(">I", start) + b"\0")
    table = stream(b"".join(rows), b"/Type /XRef /Size 7 /W [1 4 1] /Root 1 0 R")
    out += b"6 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def repacked(
    name: str, add: dict[str, bytes] | None = None, change: dict[str, tuple[bytes, bytes]] | None = None
) -> bytes:
    """A sample package with parts added, or with one text in a part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(FOLDER / name) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            for before, after in [(change or {}).get(entry.filename, (b"", b""))]:
                assert before in data
                data = data.replace(before, after) if before else data
            new.writestr(entry.filename, data)
        for part, data in (add or {}).items():
            new.writestr(part, data)
    return out.getvalue()


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    return out.getvalue()


def locked_entry() -> bytes:
    """The roster with the bit set that says that its first part is encrypted."""
    data = bytearray(sample("roster.xlsx"))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def relation(kind: str, target: str) -> bytes:
    return (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{REL}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    ).encode()
