"""Small files that become large ones, and large ones that take long."""

from __future__ import annotations

import io
import zlib
from email.message import EmailMessage
from functools import cache

from PIL import Image

from applications.uploads import MEGABYTE
from tests.applications.hostile_documents import ARCHIVE, BROKEN, PICTURE, UNKNOWN, Made
from tests.applications.uploaded import OLE, chunk, huge_png, one_page, raw_pdf, repacked, stream, zipped


@cache
def zeros(megabytes: int) -> bytes:
    """Packed to a thousandth."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()


def pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, count + 3))
    return raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
        *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"] * count,
    )


def unpacking(megabytes: int, filters: bytes = b"/FlateDecode", times: int = 1) -> bytes:
    """A PDF whose page unpacks to so much."""
    packed = zeros(megabytes)
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    return one_page(stream(packed, b"/Filter " + filters), page=b"/Contents 4 0 R")


def attaching(megabytes: int) -> bytes:
    file = stream(zeros(megabytes), b"/Type /EmbeddedFile /Filter /FlateDecode")
    return one_page(b"<< /Type /Filespec /F (a.txt) /EF << /F 5 0 R >> >>", file)


def directory(entries: int) -> bytes:
    """A zip of one part that its directory names so often."""
    one = zipped(a=b"")
    start = one.index(b"PK\x01\x02")
    entry, end = one[start:-22], bytearray(one[-22:])
    end[8:12] = (entries & 0xFFFF).to_bytes(2, "little") * 2
    end[12:16] = (len(entry) * entries).to_bytes(4, "little")
    return one[:start] + entry * entries + bytes(end)


def lying() -> bytes:
    """Its directory says ten bytes, its part has ten million."""
    data = bytearray(repacked("roster.xlsx", add={"xl/media/zeros.bin": bytes(10 * MEGABYTE)}))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    return bytes(data)


def nested(depth: int) -> bytes:
    data = zipped(zeros=bytes(MEGABYTE))
    for _ in range(depth):
        data = zipped(**{f"{n}.zip": data for n in range(10)})
    return data


def with_elements(part: str, end: bytes) -> bytes:
    return repacked("roster.xlsx", change={part: (end, b"<a/>" * 900_000 + end)})


def sheet(rows: int, cell: bytes = b"") -> bytes:
    part = b"<worksheet><sheetData>" + (b"<row>" + cell + b"</row>") * rows + b"</sheetData></worksheet>"
    return repacked("roster.xlsx", add={"xl/worksheets/sheet9.xml": part})


def png(*chunks: bytes) -> bytes:
    header = huge_png(10, 10)
    return header[:33] + b"".join(chunks) + header[33:]


def wide_jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("L", (8300, 8300), 90).save(out, "JPEG", progressive=True)
    return out.getvalue()


def letter(*files: tuple[str, bytes], html: str = "") -> bytes:
    """A mail with these attachments."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "王小明 <ming@firm.example>", "notice@exchange.example"
    mail["Subject"], mail["Date"] = "測試報告", "Fri, 06 Nov 2026 16:48:27 +0800"
    mail.set_content("如附件。\n")
    if html:
        mail.add_alternative(html, subtype="html")
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(mail)


PARTS = "「{}」內含 {} 個部分，超過上限 {} 個；請另存為 PDF 後上傳"
OBJECTS = "「{}」的結構過於複雜（超過 50000 個物件）；請以「列印」重新存成 PDF 後上傳"
INSIDE = "「{}」解開後的內容過大；請以「列印」重新存成 PDF，或分成數個檔案後上傳"
UNPACKED = "「{}」解開後超過 {} MB 的上限；請刪減內容，或另存為 PDF 後上傳"
ROWS = "「{}」超過 200000 列的上限；請刪減內容，或分成數個檔案後上傳"

BOMBS: dict[str, Made] = {
    "10,000 pages": ("a.pdf", lambda: pages(10_000), "「a.pdf」超過 5000 頁的上限；請分成數個檔案後上傳"),
    "150,000 pages": ("a.pdf", lambda: pages(150_000), OBJECTS.format("a.pdf")),
    "199,000 objects": ("a.pdf", lambda: one_page(*[b"<< /A /B >>"] * 199_000), OBJECTS.format("a.pdf")),
    "array of two million": ("a.pdf", lambda: one_page(b"[" + b"<</A 1>>" * 2_000_000 + b"]"), INSIDE.format("a.pdf")),
    "dictionary of a million": (
        "a.pdf",
        lambda: one_page(b"<<" + b"".join(b"/A%d 1" % n for n in range(1_000_000)) + b">>"),
        INSIDE.format("a.pdf"),
    ),
    "attachment of 200 MB": ("a.pdf", lambda: attaching(200), INSIDE.format("a.pdf")),
    "90 MB in one part": (
        "a.docx",
        lambda: repacked("作業手冊.docx", add={
            "word/embeddings/a.xlsx": zipped(a=b"1") + bytes(90 * MEGABYTE)
        }),
        UNPACKED.format("a.docx", 24),
    ),
    "a million content types": (
        "a.xlsx", lambda: with_elements("[Content_Types].xml", b"</Types>"), PARTS.format("a.xlsx", 100_001, 100_000),
    ),
    "a million relations": (
        "a.xlsx", lambda: with_elements("_rels/.rels", b"</Relationships>"), PARTS.format("a.xlsx", 100_001, 100_000),
    ),
    "directory of 400,000": ("a.xlsx", lambda: directory(400_000), PARTS.format("a.xlsx", 400_000, 2000)),
    "directory that lies": ("a.xlsx", lying, BROKEN.format("a.xlsx")),
    "zips within zips": ("a.zip", lambda: nested(3), ARCHIVE.format("a.zip", "ZIP")),
    "sheet of 300,000 rows": ("a.xlsx", lambda: sheet(300_000), ROWS.format("a.xlsx")),
    "sheet of 50 MB": ("a.xlsx", lambda: sheet(1000, b"x" * 50_000), UNPACKED.format("a.xlsx", 24)),
    "CSV of 300,000 rows": ("a.csv", lambda: "甲,乙\n".encode() * 300_000, ROWS.format("a.csv")),
    "PNG with texts of 1 GB": (
        "a.png", lambda: png(*[chunk(b"zTXt", b"a\0\0" + zeros(200))] * 5), PICTURE.format("a.png"),
    ),
    "PNG with a profile of 200 MB": (
        "a.png", lambda: png(chunk(b"iCCP", b"a\0\0" + zeros(200))), PICTURE.format("a.png"),
    ),
    "20 MB of Big5 and a wrong byte": (
        "a.txt",
        lambda: ("證" * (9 * MEGABYTE)).encode("cp950") + b"\xff",
        "「a.txt」不是可讀的文字檔（編碼不明或含控制字元）；請以 UTF-8 編碼另存後上傳",
    ),
    "19 MB of nonsense": ("a.pdf", lambda: b"\x8a\x03\xfe\xff\0\1\2" * (19 * MEGABYTE // 7), UNKNOWN.format("a.pdf")),
    "19 MB of an old document": (
        "a.doc", lambda: OLE + bytes(19 * MEGABYTE), "「a.doc」是舊版 Office 或其他複合檔；請另存為 PDF 後上傳",
    ),
}  # fmt: skip
