"""Files that no honest program writes, and what becomes of each: the generator and its manifest in one.

``python -m tests.applications.hostile_files FOLDER`` writes them with a manifest.json. Each is refused with the message
that stands here, or taken and made harmless: kept under a generated name, given out as the type that it was found to
be, to be saved and not to be sniffed at.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from applications.uploads import MEGABYTE
from tests.applications.hostile_bombs import BOMBS, letter, nested, png, unpacking, wide_jpeg, zeros
from tests.applications.hostile_documents import (
    HIDDEN,
    HOSTILE_OTHER,
    HOSTILE_PACKAGE,
    HOSTILE_PDF,
    MISMATCH,
    NOT_TAKEN,
    NOT_WHOLE,
    PROGRAM,
    PROGRAM_BYTES,
    UNKNOWN,
    WEB,
    Made,
)
from tests.applications.uploaded import OLE, chunk, one_page, repacked, sample, stream, zipped

MAIL_ATTACHED = "郵件「{}」的附件「{}」不能上傳；請移除該附件，或將郵件另存為 PDF 後上傳"

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
        "a.png", lambda: png(chunk(b"tEXt", b"a\0%PDF-1.7")), HIDDEN.format("a.png"),
    ),
    "PHP in a picture's text": (
        "a.png", lambda: png(chunk(b"tEXt", b"a\0<?php x")), HIDDEN.format("a.png"),
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
    "page of 200 MB": ("a.pdf", lambda: unpacking(200), "a.pdf"),
    "page packed twice to 200 MB": (
        "a.pdf", lambda: unpacking(200, b"[/FlateDecode /FlateDecode]", times=2), "a.pdf",
    ),
    "picture data of 200 MB": ("a.png", lambda: png(chunk(b"IDAT", zeros(200))), "a.png"),
    "progressive picture of 69 million points": ("a.jpg", wide_jpeg, "a.jpg"),
    "98 MB of zeros in a part": (
        "a.xlsx", lambda: repacked("roster.xlsx", add={"xl/media/zeros.bin": bytes(98 * MEGABYTE)}), "a.xlsx",
    ),
    "zip in a part": ("a.xlsx", lambda: repacked("roster.xlsx", add={"xl/media/a.zip": nested(2)}), "a.xlsx"),
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
