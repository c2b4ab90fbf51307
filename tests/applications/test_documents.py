"""What is printed: read back with pdftotext, as the people who receive it would."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from pypdf import PdfReader

from applications import documents, printing
from applications.documents.letter import letter_lines
from applications.present import show_pages
from tests.applications.printed import VERSION, draft, filed, roster

pytestmark = pytest.mark.once

A4 = (595, 842)
PORTRAIT = (0, 58, 595, 728)  # points: left, top, width, height between the line at the head and that at the foot
LANDSCAPE = (0, 56, 842, 492)
ISSUED = documents.Copy(code="ACDE-3467-FGHJ-KMNP")
HOSTILE = (
    "<link rel=attachment href=file:///etc/passwd><img src='http://127.0.0.1:9/x.png'>"
    "<style>@import url(file:///etc/passwd)</style>&amp;<script>alert(1)</script>{{ firm.name }}"
)


@pytest.fixture(autouse=True)
def nothing_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """WeasyPrint warns of what it cannot draw (「.notdef glyph rendered」), load or understand."""
    caplog.set_level(logging.WARNING, "weasyprint")
    yield
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    assert [record.getMessage() for record in records if record.name.startswith("weasyprint")] == []


@pytest.fixture(scope="module")
def plan() -> bytes:
    return documents.plan_pdf(filed(), VERSION, ISSUED)


@pytest.fixture(scope="module")
def checklist() -> bytes:
    findings = {item.id: ("符合", "") for page in VERSION.pages_of("first") for item in page.items}
    return documents.checklist_pdf(filed(), VERSION, findings | {"2.2.5.1": ("須補正", "請補充代理安排。")}, ISSUED)


def squeeze(text: str) -> str:
    """Without white space: where a line ends is the page's business."""
    return re.sub(r"\s", "", text)


def pdftotext(pdf: bytes, *options: str) -> str:
    run = subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True)
    return run.stdout.decode()


def body(pdf: bytes, frame: tuple[int, int, int, int] = PORTRAIT) -> str:
    """The text between head and foot of all pages, in the order in which it was written."""
    options = zip(("-x", "-y", "-W", "-H"), map(str, frame), strict=True)
    return squeeze(pdftotext(pdf, "-raw", "-r", "72", *(word for pair in options for word in pair)))


def footers(pdf: bytes) -> list[tuple[str, str]]:
    return re.findall(r"共(\d+)頁第(\d+)頁", squeeze(pdftotext(pdf)))


def answered(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Everything that a firm wrote, with the item it belongs to."""
    for page in show_pages(content, VERSION):
        for view in page.items:
            texts = [view.title, view.answer, view.text, view.note]
            for shown in view.fields:
                texts += [shown.label, shown.text, *shown.head, *(cell for row in shown.rows for cell in row)]
            for proof in view.evidence:
                texts += [proof["name"], proof["place"]]
            yield from ((view.item.id, text) for text in texts)


def test_plan_holds_every_answer_as_it_was_typed(plan: bytes) -> None:
    content, text = filed(), body(plan)
    assert [(item, answer) for item, answer in answered(content) if squeeze(answer) not in text] == []
    for person in content["roster"]:
        assert squeeze(person["staff_no"] + person["name"]) in text
    for proofs in content["evidence"].values():
        assert all(proof["sha256"] in text for proof in proofs)


def test_plan_says_what_case_it_is(plan: bytes) -> None:
    cover = squeeze(pdftotext(plan, "-l", "1"))
    for said in (
        "甲山證券股份有限公司居家辦公應變計畫",
        "9Z01",
        "99000105",
        "WFH-115-00001",
        "首次申請",
        "受託買賣作業及交易作業、自行買賣作業及交易作業、結算及申報作業",
        "民國115年11月30日起至116年2月28日止",
        "112.10.03臺證輔字第1120503225號",
        "甲證法字第1151106001號",
        "第1次，民國115年11月6日16:48:27",
    ):
        assert squeeze(said) in cover


def test_every_page_is_numbered(plan: bytes, checklist: bytes) -> None:
    for pdf in (plan, checklist):
        pages = len(PdfReader(BytesIO(pdf)).pages)
        assert footers(pdf) == [(str(pages), str(number)) for number in range(1, pages + 1)]


def test_every_page_carries_the_code(plan: bytes, checklist: bytes) -> None:
    for pdf in (plan, checklist):
        pages = pdftotext(pdf).split("\f")[:-1]
        assert [page for page in pages if page.count(ISSUED.code) != 1 or "/verify/" not in page] == []
        assert "未核發" not in "".join(pages)


def test_nothing_is_drawn_outside_the_margins(plan: bytes, checklist: bytes) -> None:
    for pdf in (plan, checklist):
        pages = re.split(r"<page ", pdftotext(pdf, "-bbox"))[1:]
        for page in pages:
            wide = float(re.search(r'width="([\d.]+)"', page)[1])  # type: ignore[index]
            words = re.findall(r'xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)"[^>]*>([^<]*)', page)
            assert [word for left, right, word in words if float(left) < 30 or float(right) > wide - 30] == []


def test_plan_has_title_author_language_and_bookmarks(plan: bytes) -> None:
    reader = PdfReader(BytesIO(plan))
    assert reader.metadata
    assert reader.metadata.title == "甲山證券股份有限公司居家辦公應變計畫（WFH-115-00001）"
    assert reader.metadata.author == "甲山證券股份有限公司"
    assert str(reader.root_object["/Lang"]) == "zh-Hant-TW"
    tops = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert len(tops) == len(VERSION.pages_of("first")) + 2
    assert str(tops[0]).split() == ["壹", "啟動居家辦公之條件"]
    assert str(tops[-1]).split() == ["附錄二", "附件清單"]


def test_same_content_gives_same_bytes_in_any_language() -> None:
    content = filed(pages=["1", "2.2.12"])  # 2.2.12 has emoji, whose font is cut down with the time in it
    plan = documents.plan_pdf(content, VERSION)
    with translation.override("en"):
        assert documents.plan_pdf(filed(pages=["1", "2.2.12"]), VERSION) == plan
    assert documents.merge([plan, plan]) == documents.merge([plan, plan])


def test_draft_is_marked_on_every_page_and_has_no_number() -> None:
    pdf = documents.plan_pdf(draft(pages=["1", "2.2.2"]), VERSION)
    marks = ("草稿", "尚無案號", "未核發，無查驗碼")
    pages = pdftotext(pdf).split("\f")[:-1]
    assert [number for number, page in enumerate(pages, 1) if not all(said in page for said in marks)] == []
    assert "送件內容SHA-256" not in squeeze("".join(pages))


def test_empty_draft_is_drawn() -> None:
    empty = draft(
        pages=["1", "2.2.1", "2.2.2"],
        answers={item.id: {} for page in VERSION.pages_of("first") for item in page.items},
        evidence={},
        roster=[],
        lines=[],
        first_day=None,
        last_day=None,
        document_number="",
    )
    assert "（尚未填寫）" in body(documents.plan_pdf(empty, VERSION))
    assert "□是□否□不適用" in body(documents.checklist_pdf(empty, VERSION), LANDSCAPE)


def test_markup_in_answers_and_names_is_text() -> None:
    content = filed(pages=["1", "2.2.4"], roster=roster()[:2])
    content["answers"]["1.1"] |= {"text": HOSTILE, "event": HOSTILE}
    content["answers"]["2.2.4"]["note"] = HOSTILE
    content["firm"] |= {"name": HOSTILE}
    content["evidence"]["1.1"][0] |= {"name": HOSTILE, "place": HOSTILE}
    content["roster"][0]["name"] = HOSTILE
    findings = {"1.1": ("須補正", HOSTILE)}
    pdfs = (
        documents.plan_pdf(content, VERSION),
        documents.checklist_pdf(content, VERSION, findings),
        documents.receipt_pdf(content, VERSION, "0" * 64, content["submitted_at"]),
        documents.letter_pdf(HOSTILE, [HOSTILE], content, VERSION, number=HOSTILE, recipients=[HOSTILE]),
    )
    for pdf in pdfs:
        assert PdfReader(BytesIO(pdf)).attachments == {}
        assert b"/EmbeddedFile" not in pdf
        assert b"/URI" not in pdf
        assert squeeze(HOSTILE) in squeeze(pdftotext(pdf, "-raw"))


@pytest.mark.parametrize(
    "markup",
    [
        "<link rel=attachment href=file:///etc/passwd>",
        "<img src=file:///etc/passwd>",
        "<img src=http://127.0.0.1:9/x.png>",
        "<img src=//127.0.0.1:9/x.png>",
        "<img src=base.css/../../../manage.py>",
        "<link rel=stylesheet href=packaged:../css/portal.css>",
        "<link rel=stylesheet href=packaged:nothing.css>",
        "<style>@import url(https://example.com/x.css)</style>",
        "<style>@font-face { font-family: x; src: url(file:///etc/passwd) } body { font-family: x }</style>x",
        "<p style='background: url(data:image/png;base64,iVBORw0KGgo=)'>x</p>",
        "<object data=file:///etc/passwd></object>",
    ],
)
def test_nothing_but_packaged_files_is_ever_fetched(markup: str) -> None:
    with pytest.raises(printing.Refused):
        printing.to_pdf(f"<html lang=zh-Hant-TW><body>{markup}</body></html>")


def test_characters_that_share_a_glyph_stay_themselves() -> None:
    typed = (
        "例\uf9b5 料\uf9be 金\uf90a 令\uf9a8 一\u2f00 長\u2fa7 B-Pool B\u2011Pool • \u2027 ①➀ "
        "𠮷 䶮 ☐☑ Nguyễn Thị Ánh 👩🏻\u200d💻"
    )
    content = filed(roster=[], pages=["1"])
    content["answers"]["1.1"] |= {"text": typed, "event": typed}
    text = body(documents.plan_pdf(content, VERSION))
    assert text.count(squeeze(typed)) == 2


def test_control_characters_do_not_stop_the_press() -> None:
    content = draft(roster=[], pages=["1"])
    content["answers"]["1.1"]["text"] = "一\x0b二\u2028三\x00四\x07五\ud800六\r\n七\r八"
    text = body(documents.plan_pdf(content, VERSION))
    assert "一二三\ufffd四\ufffd五\ufffd六七八" in text


def test_endless_words_and_long_cells_are_whole() -> None:
    word, long = "W" * 700 + "END", "".join(f"第{n}句居家辦公之作業方式。" for n in range(400))
    name = "檔" * 200 + ".pdf"
    content = filed(roster=[], pages=["1", "2.2.4"])
    content["answers"]["1.1"] |= {"text": word, "event": word, "note": long}
    content["answers"]["2.2.4"]["procedures"][0]["at_home"] = long
    content["evidence"]["1.1"][0]["name"] = name
    plan = documents.plan_pdf(content, VERSION)
    text = body(plan)
    assert text.count(word) == 2
    assert text.count(name) == 2  # beside the item and in the list
    # a page may end in the middle of a cell: its neighbours come in between
    assert [n for n in range(400) if text.count(f"第{n}句") < 2] == []
    checklist = documents.checklist_pdf(content, VERSION, {"1.1": ("須補正", long)})
    text = body(checklist, LANDSCAPE)
    assert [n for n in range(400) if f"第{n}句" not in text] == []
    assert squeeze(long[285:300]) + "……" in text  # the plan has the whole note
    test_nothing_is_drawn_outside_the_margins(plan, checklist)


def test_checklist_has_its_columns_on_every_page(checklist: bytes) -> None:
    pages = pdftotext(checklist).split("\f")[:-1]
    heads = ["項次", "檢查項目", "法規依據", "證券商填報", "附件及頁次", "說明", "證交所審查", "審查意見"]
    for page in pages:
        assert [head for head in heads if head not in squeeze(page)] == []
        assert "系統擬制格式" in page
    reader = PdfReader(BytesIO(checklist))
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages} == {A4[::-1]}


def test_checklist_shows_every_clause_answer_note_and_finding(checklist: bytes) -> None:
    content, text = filed(), body(checklist, LANDSCAPE)
    for page in show_pages(content, VERSION):
        for view in page.items:
            assert squeeze(view.clause) in text
            assert squeeze(view.note) in text
            assert squeeze(f"指引{view.item.number}") in text
            for proof in view.evidence:
                assert squeeze(proof["name"]) in text
    answers = [view.answer for page in show_pages(content, VERSION) for view in page.items]
    assert text.count("■是") == answers.count("是")
    assert text.count("■為申請條件") == answers.count("為申請條件") == 2
    assert text.count("■符合") == 50
    assert text.count("■須補正") == 1
    assert "請補充代理安排。" in text
    signing = text[-200:]
    assert [role for role in ("填表人", "法遵主管", "總經理", "公司印鑑", "負責人印鑑") if role not in signing] == []


def test_checklist_without_findings_leaves_the_boxes_open() -> None:
    text = body(documents.checklist_pdf(filed(pages=["1", "3.1"]), VERSION), LANDSCAPE)
    assert text.count("□符合□須補正□不適用") == 12


def test_checklist_takes_the_name_of_the_exchange_from_the_version() -> None:
    other = replace(VERSION, exchange=replace(VERSION.exchange, short=replace(VERSION.exchange.short, zh="櫃買中心")))
    text = squeeze(pdftotext(documents.checklist_pdf(filed(pages=["1"]), other)))
    assert "櫃買中心審查" in text
    assert "證交所" not in text


def test_receipt_is_one_page_with_time_and_hashes() -> None:
    content = filed()
    pdf = documents.receipt_pdf(content, VERSION, "ab" * 32, datetime(2026, 11, 6, 16, 0, 1, tzinfo=UTC))
    assert footers(pdf) == [("1", "1")]
    text = body(pdf)
    assert "民國115年11月7日00:00:01" in text
    assert "WFH-115-00001" in text
    assert "ab" * 32 in text
    assert [name for name, digest in content["hashes"].items() if digest not in text] == []
    assert [p["name"] for ps in content["evidence"].values() for p in ps if p["name"] + p["sha256"] not in text] == []
    assert "未經核准前不得實施居家辦公" in text


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("pre_review", "未經核准前不得實施居家辦公"),
        ("extension", "原期間屆滿而尚未核備者，不得居家辦公"),
        ("emergency", ""),
    ],
)
def test_receipt_says_what_may_not_be_done_before_the_decision_of_its_kind(kind: str, said: str) -> None:
    pdf = documents.receipt_pdf(filed() | {"kind": kind}, VERSION, "ab" * 32, datetime(2026, 11, 6, tzinfo=UTC))
    assert f"不代表核准、核備或備查{'；' if said else ''}{said}。" in body(pdf)


@pytest.mark.parametrize(("kind", "said"), [("extension", "原案"), ("renewal", "前案"), ("first", "前案")])
def test_the_case_before_is_named(kind: str, said: str) -> None:
    pdf = documents.receipt_pdf(
        filed() | {"kind": kind, "previous": "WFH-115-00009"}, VERSION, "ab" * 32, datetime(2026, 11, 6, tzinfo=UTC)
    )
    assert f"（{said}WFH-115-00009）" in body(pdf)


def test_a_line_of_a_letter_without_a_marker_stands_under_the_text_of_its_paragraph() -> None:
    found = letter_lines("四、理由：\n（一）測試尚未完成。\n爰擬退件。")
    assert [(line.marker, line.text, line.depth) for line in found] == [
        ("四、", "理由：", 1),
        ("（一）", "測試尚未完成。", 3),
        ("", "爰擬退件。", 3),
    ]
    assert letter_lines(" ") == []


def test_letter_is_marked_as_draft_and_hangs_its_markers() -> None:
    paragraphs = ["主旨：請補正。", "說明：\n一、第一點\n（一）其一\n1.5公尺之間距\n１．全形", "  \n"]
    pdf = documents.letter_pdf(
        "退請補正通知", paragraphs, filed(), VERSION, dated=date(2026, 11, 9), recipients=("甲山證券股份有限公司", "乙")
    )
    page = pdftotext(pdf, "-layout")
    text = squeeze(page)
    assert text.count("稿") >= 3  # head, title, foot
    assert "臺灣證券交易所函稿退請補正通知" in text
    assert "受文者：甲山證券股份有限公司發文日期：中華民國115年11月9日發文字號：（發文時填列）" in text
    assert "主旨：請補正。說明：一、第一點（一）其一1.5公尺之間距１．全形正本：甲山證券股份有限公司、乙" in text
    hung = [line for line in page.splitlines() if line.strip().startswith(("主旨", "一、", "（一）"))]
    indents = [len(line) - len(line.lstrip()) for line in hung]
    assert indents == sorted(set(indents))


def test_merged_parts_keep_pages_and_get_bookmarks(checklist: bytes) -> None:
    letter = documents.letter_pdf("專案轉報", ["主旨：轉報。"], filed(), VERSION)
    merged = PdfReader(BytesIO(documents.merge([letter, checklist])))
    assert len(merged.pages) == 1 + len(PdfReader(BytesIO(checklist)).pages)
    tops = [entry.title for entry in merged.outline if not isinstance(entry, list)]
    assert tops == [
        "甲山證券股份有限公司專案轉報（WFH-115-00001）",
        "甲山證券股份有限公司居家辦公案件檢查表（WFH-115-00001）",
    ]
    assert merged.metadata
    assert merged.metadata.author == "臺灣證券交易所"
    assert str(merged.root_object["/Lang"]) == "zh-Hant-TW"


def test_without_pango_the_operator_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    assert documents.available() == ""
    monkeypatch.setitem(sys.modules, "weasyprint", None)  # importing it now fails
    printing._load.cache_clear()
    try:
        with pytest.raises(documents.PdfUnavailable, match=r"apt-get install libpango-1.0-0 .*fonts-noto-cjk"):
            documents.plan_pdf(filed(pages=["1"]), VERSION)
        assert "無法產生 PDF" in documents.available()
    finally:
        printing._load.cache_clear()


def test_packages_named_are_those_that_setup_installs() -> None:
    script = (Path(__file__).parents[2] / ".ci" / "packages").read_text()
    assert f"document=({printing.PACKAGES})" in script
