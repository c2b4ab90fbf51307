"""Fifty honest files of every kind that is taken, under names as people give them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.applications.hostile_files import letter
from tests.applications.uploaded import attached, image, one_page, repacked, sample, stream, written

NAMES = (
    *("測試報告", "資訊安全檢查 (最終版) v2.1", "附件一：名冊", "𠮷野家‧示範", "a b+c%20&d"),
    *("報告;1=2", "'單引號'", "證" * 190, "ＡＢＣ", "計畫書.修正"),
)


def good_files() -> Iterator[tuple[str, bytes]]:
    """Name and bytes; no two have the same bytes."""
    for n, name in enumerate(NAMES):
        text = f"{n} {name}"
        yield f"{name}.pdf", one_page(stream(b"BT (%d) Tj ET" % n), page=b"/Contents 4 0 R")
        yield f"{name}.csv", f"員工編號,姓名\n{n:04},{text}\n".encode(("utf-8", "utf-8-sig", "utf-16")[n % 3])
        if n % 2:
            yield f"{name}.png", image("PNG", (40 + n, 30))
            yield f"{name}.xlsx", repacked("roster.xlsx", add={f"docProps/{n}.xml": b"<a/>"})
            yield f"{name}.txt", f"工作日誌 {n}\r\n".encode("cp950")
        else:
            yield f"{name}.jpeg", image("JPEG", (40 + n, 30))
            yield f"{name}.docx", repacked("作業手冊.docx", add={f"docProps/{n}.xml": b"<a/>"})
            yield f"{name}.eml", letter(("名冊.csv", f"{n},甲\n".encode()))


def larger_files() -> Iterator[tuple[str, bytes]]:
    """Four that are more than a few bytes, one of them locked for changes and one with a file inside."""
    yield "應變計畫.pdf", sample("應變計畫.pdf")
    yield "公司網站公告截圖.png", sample("公司網站公告截圖.png")
    yield "聲明書.pdf", written(lambda writer: writer.encrypt("", "owner", algorithm="RC4-128"))
    yield "附名冊.pdf", attached("名冊.csv", sample("roster.csv"))
