"""The evidence of the fictional firms: real files, drawn once for each firm in a process.

Without WeasyPrint's libraries the sample's own PDFs stand in, so that ``make demo`` still comes up.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from multiprocessing import get_context

from pypdf import PdfReader

from applications.printing import available, render
from reviews.demo import sample
from reviews.demo.firms import FIRMS, SAMPLE
from reviews.demo.paper_texts import Paper, minutes, notice, plan, statement, test_report, training

PLAN, MINUTES, STATEMENT = "應變計畫.pdf", "董事會議事錄.pdf", "資通安全檢查機制聲明書.pdf"
TESTS, TRAINING, NOTICE = "測試報告.pdf", "教育訓練紀錄.pdf", "公司網站公告.pdf"
MAKERS = {
    PLAN: plan, MINUTES: minutes, STATEMENT: statement, TESTS: test_report, TRAINING: training, NOTICE: notice
}  # fmt: skip
STAND_IN = "公司網站公告截圖.png"  # for the notice, which the sample has as a picture

# item -> the files that it cites besides the plan, and the heading that it points to
SPECIAL = {
    "2.2.5.2": [(TRAINING, "三、權益義務告知及聲明書簽署")],
    "2.2.5.5": [(NOTICE, "公告內容")],
    "2.2.6": [(TESTS, "二、測試結果彙總")],
    "2.2.8": [(STATEMENT, "聲明事項")],
    "2.2.10": [(MINUTES, "參、討論事項")],
    "2.2.12": [(TRAINING, "一、場次及出席")],
    "3.4.2": [(TESTS, "四、資料不落地驗證")],
}


@dataclass(frozen=True)
class Document:
    """A file as it is uploaded; ``headings``: the first word of a heading -> its page."""

    name: str
    data: bytes
    headings: Mapping[str, int] = field(default_factory=dict)


def draw(name: str, paper: Paper) -> Document:
    """The paper as a PDF, or the sample's file where no PDF can be made."""
    if available():
        stand_in = name if (sample.FOLDER / name).exists() else STATEMENT
        return Document(name, (sample.FOLDER / stand_in).read_bytes())
    data = render("demo.html", {"paper": paper})
    reader = PdfReader(BytesIO(data))
    pages = {
        str(entry.title).split(" ")[0]: (reader.get_destination_page_number(entry) or 0) + 1
        for entry in reader.outline
        if not isinstance(entry, list)
    }
    return Document(name, data, pages)


_drawn: dict[str, dict[str, Document]] = {}


def draw_all() -> None:
    """Draw the files of every firm, as many firms at a time as there are processors.

    Forks: call it with no connection to the database open and no thread running.
    """
    keys = [key for key in FIRMS if key != SAMPLE]
    with get_context("fork").Pool(min(os.cpu_count() or 1, len(keys))) as pool:
        _drawn.update(zip(keys, pool.map(_draw_firm, keys, chunksize=1), strict=True))


def documents(key: str) -> dict[str, Document]:
    """The files of one of the five firms, by name; drawn once in a process."""
    if key not in _drawn:
        _drawn[key] = _draw_firm(key)
    return _drawn[key]


def _draw_firm(key: str) -> dict[str, Document]:
    firm = FIRMS[key]
    found = {name: draw(name, make(firm)) for name, make in MAKERS.items() if name != NOTICE or not available()}
    if NOTICE not in found:
        found[NOTICE] = Document(STAND_IN, (sample.FOLDER / STAND_IN).read_bytes())
    return found


def citations(key: str, item_id: str) -> list[tuple[Document, str]]:
    """The files that an item cites besides the roster, each with its page."""
    files = documents(key)
    if not files[PLAN].headings:  # a stand-in
        by_sample = sample.filing()["clauses"][item_id]["evidence"]
        known = {document.name: document for document in files.values()}
        return [(known[e["file"]], str(e["page"] or "")) for e in by_sample if e["file"] in known]
    headings = [(PLAN, item_id), *SPECIAL.get(item_id, ())]
    return [(files[name], str(files[name].headings[place])) for name, place in headings]
