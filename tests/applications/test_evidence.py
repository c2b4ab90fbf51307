"""Uploads that are taken: what they are found to be, the caps, and the names."""

import hashlib
import io
from dataclasses import replace

import pytest
from pypdf import PdfReader
from pypdf.errors import DependencyError

from applications.evidence import LIMITS, Recognised, display_name, recognise, storage_name
from tests.applications.uploaded import (
    DOCX,
    XLSX,
    attached,
    image,
    one_page,
    refusal,
    relation,
    repacked,
    sample,
    stream,
    written,
)


@pytest.mark.parametrize(
    ("name", "content_type", "extension", "pages", "text_layer"),
    [
        ("roster.csv", "text/csv", "csv", None, None),
        ("roster.xlsx", XLSX, "xlsx", None, None),
        ("作業手冊.docx", DOCX, "docx", None, None),
        ("公司網站公告截圖.png", "image/png", "png", None, None),
        ("應變計畫.pdf", "application/pdf", "pdf", 18, True),
        ("教育訓練簽到表.xlsx", XLSX, "xlsx", None, None),
        ("教育訓練紀錄.pdf", "application/pdf", "pdf", 5, True),
        ("測試報告.pdf", "application/pdf", "pdf", 9, True),
        ("董事會議事錄.pdf", "application/pdf", "pdf", 4, True),
        ("資通安全檢查機制聲明書.pdf", "application/pdf", "pdf", 1, True),
        ("風險評估報告.pdf", "application/pdf", "pdf", 10, True),
    ],
)
def test_every_sample_is_taken(name, content_type, extension, pages, text_layer):
    data = sample(name)
    assert recognise(name, data) == Recognised(name, content_type, extension, len(data), pages, text_layer, ())


def test_stream_is_read_from_its_start_and_wound_back():
    data = io.BytesIO(sample("測試報告.pdf"))
    data.seek(100)
    assert recognise("測試報告.pdf", data).pages == 9
    assert data.tell() == 0


@pytest.mark.parametrize("name", ["掃描.jpg", "掃描.jpeg", "掃描.JPG", "掃描.ｊｐｇ"])
def test_jpeg_under_each_of_its_extensions(name):
    data = image("JPEG")
    assert recognise(name, data) == Recognised(name, "image/jpeg", "jpg", len(data))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp950"])
def test_text_in_every_encoding(encoding):
    data = "工作日誌\f\r\n王小明\t08:30 <b> =1+1\r\n\x1a".encode(encoding)
    assert recognise("日誌.txt", data) == Recognised("日誌.txt", "text/plain", "txt", len(data))
    assert recognise("日誌.csv", data) == Recognised("日誌.csv", "text/csv", "csv", len(data))


def test_pdf_of_pictures_is_taken_and_marked():
    found = recognise("掃描.pdf", image("PDF"))
    assert (found.pages, found.text_layer, found.notes) == (1, False, ("無文字層",))


def test_pdf_with_text_in_a_form_has_a_text_layer():
    form = stream(b"BT /F1 9 Tf (text) Tj ET", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    page = b"/Resources << /XObject << /A 4 0 R >> >> /Contents 5 0 R"
    found = recognise("a.pdf", one_page(form, stream(b"/A Do"), page=page))
    assert (found.pages, found.text_layer, found.notes) == (1, True, ())


def test_pdf_whose_page_cannot_be_unpacked_has_an_unknown_text_layer():
    found = recognise("a.pdf", one_page(stream(b"xx", b"/Filter /NoSuchDecode"), page=b"/Contents 4 0 R"))
    assert (found.pages, found.text_layer, found.notes) == (1, None, ())


def test_pdf_with_owner_restrictions_only_is_taken():
    data = written(lambda writer: writer.encrypt("", "owner", algorithm="RC4-128"))
    found = recognise("聲明書.pdf", data)
    assert (found.pages, found.text_layer, found.notes) == (1, True, ("此 PDF 設有列印或複製限制，但可開啟",))


@pytest.mark.parametrize("algorithm", ["AES-128", "AES-256"])
def test_pdf_with_owner_restrictions_in_aes_is_taken(algorithm):
    data = written(lambda writer: writer.encrypt("", "owner", algorithm=algorithm))
    assert recognise("聲明書.pdf", data).notes == ("此 PDF 設有列印或複製限制，但可開啟",)
    locked = written(lambda writer: writer.encrypt("user", "owner", algorithm=algorithm))
    assert refusal("聲明書.pdf", locked) == "「聲明書.pdf」需要密碼才能開啟；請移除開啟密碼後重新上傳"


def test_pdf_locked_in_a_way_that_is_not_installed_is_refused_not_broken(monkeypatch):
    def missing(*_):
        raise DependencyError("cryptography>=3.1 is required for AES algorithm")

    monkeypatch.setattr(PdfReader, "decrypt", missing)
    data = written(lambda writer: writer.encrypt("", "owner", algorithm="RC4-128"))
    assert refusal("a.pdf", data) == "「a.pdf」的保護方式無法讀取；請移除保護，或以「列印」重新存成 PDF 後上傳"


def test_pdf_with_a_plain_form_is_taken():
    form = b"/AcroForm << /Fields [4 0 R] >>"
    data = one_page(b"<< /FT /Tx /T (name) /V (x) /Subtype /Widget /Rect [0 0 9 9] >>", catalogue=form)
    assert recognise("表單.pdf", data).pages == 1


def test_pdf_with_a_harmless_attachment_is_taken_and_marked():
    found = recognise("a.pdf", attached("名冊.csv", sample("roster.csv")))
    assert found.notes == ("此 PDF 內嵌其他檔案",)


def test_document_with_a_chart_workbook_and_a_network_template_is_taken():
    data = repacked(
        "作業手冊.docx",
        add={
            "word/embeddings/Microsoft_Excel_Sheet1.xlsx": sample("roster.xlsx"),
            "word/_rels/settings.xml.rels": relation("attachedTemplate", "file:///S:/公版.dotm"),
        },
    )
    assert recognise("手冊.docx", data).content_type == DOCX


def test_jpeg_with_what_a_phone_appends_is_taken():
    assert recognise("照片.jpg", image("JPEG") + b"SEFH\x6a\0\0\0SEFT").extension == "jpg"


def test_caps_on_pdf_pages_and_objects():
    data = sample("測試報告.pdf")
    assert recognise("a.pdf", data, limits=replace(LIMITS, pdf_pages=9)).pages == 9
    assert refusal("a.pdf", data, replace(LIMITS, pdf_pages=8)) == ("「a.pdf」超過 8 頁的上限；請分成數個檔案後上傳")
    assert refusal("a.pdf", data, replace(LIMITS, pdf_objects=5)) == (
        "「a.pdf」的結構過於複雜（超過 5 個物件）；請以「列印」重新存成 PDF 後上傳"
    )
    scanned = one_page(stream(b"q Q " * 100), page=b"/Contents 4 0 R")
    assert recognise("a.pdf", scanned, limits=replace(LIMITS, pdf_text_bytes=100)).text_layer is None


def test_cap_on_size_counts_the_last_byte():
    limits = replace(LIMITS, file_bytes=5)
    assert recognise("a.txt", b"12345", limits=limits).size == 5
    assert refusal("a.txt", b"123456", limits).startswith("「a.txt」超過 4.76837e-06 MB")
    assert refusal("a.txt", io.BytesIO(b"123456").getvalue(), limits).startswith("「a.txt」超過")


# --- names -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("報告.pdf", "報告.pdf"),
        ("C:\\Users\\王\\報告.pdf", "報告.pdf"),
        ("../../etc/passwd", "passwd"),
        ("報告\u202efdp.exe", "報告fdp.exe"),
        ("\u2066a\u2069\u200e\r\nb\0.pdf", "ab.pdf"),
        ("𠮷‧Ánh 👨‍👩‍👧 \uf9f4.pdf", "𠮷‧Ánh 👨‍👩‍👧 \uf9f4.pdf"),
        ("a\ud800.pdf", "a\ufffd.pdf"),
        ("", "未命名"),
        ("..", "未命名"),
        ("/", "未命名"),
        ("字" * 255, "字" * 255),
        ("字" * 300 + ".pdf", "字" * 250 + "….pdf"),
        ("字" * 300, "字" * 254 + "…"),
        ("." + "字" * 300, "." + "字" * 253 + "…"),
    ],
)
def test_display_name(typed, shown):
    assert display_name(typed) == shown
    shown.encode("utf-8")


def test_long_chinese_name_is_taken():
    data = sample("資通安全檢查機制聲明書.pdf")
    assert recognise("聲" * 400 + ".pdf", data).name == "聲" * 250 + "….pdf"


def test_storage_name_holds_nothing_that_was_typed():
    digest = hashlib.sha256(b"x").hexdigest()
    assert storage_name(digest, "pdf") == f"2d/71/{digest}.pdf"
    for bad in [(digest.upper(), "pdf"), (digest[:-1], "pdf"), ("../" + digest, "pdf"), (digest, "exe"), (digest, "")]:
        with pytest.raises(ValueError, match=bad[0]):
            storage_name(*bad)
