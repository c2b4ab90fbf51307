"""Roster files as firms make them: encodings, headers, workbooks, and what is no roster."""

import codecs
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest

from applications import roster_files
from applications.roster import template_csv
from tests.applications.rosters import GOOD, HEADER, ROW, book, read, said, sample, save, text

# --- encodings and separators ----------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_read_upload_in_every_encoding_and_separator(encoding, separator):
    data = f"{HEADER}\r\n{GOOD}\r\n".replace(",", separator).encode(encoding)
    assert read(data) == ([ROW], [])


@pytest.mark.parametrize(("mark", "encoding"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
def test_read_upload_in_either_byte_order(mark, encoding):
    assert read(mark + f"{HEADER}\n{GOOD}\n".encode(encoding)) == ([ROW], [])


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_read_upload_with_every_line_ending(ending):
    assert read(ending.join([HEADER, GOOD]).encode()) == ([ROW], [])


def test_read_upload_in_big5_reads_and_says_so():
    rows, errors = read(f"{HEADER}\r\n{GOOD}\r\n".encode("cp950"))
    assert rows == [ROW]
    assert [(error.row, error.warning) for error in errors] == [(0, True)]
    assert str(errors[0]) == (
        "「名冊.csv」以 Big5 編碼讀取，罕用字可能在存檔時已遺失；請核對姓名，建議改存「CSV UTF-8」"
    )


def test_read_upload_in_big5_with_a_lost_character_is_an_error_of_that_row():
    lossy = f"{HEADER}\r\n{GOOD.replace('王小明', '王擬𠮷')}\r\n".encode("cp950", errors="replace")
    rows, errors = read(lossy)
    assert rows == []
    assert said(errors)[1:] == [(2, "姓名", "字元遺失：「王擬?」含有無法辨識的字元；請以 UTF-8 重新輸入正確的字")]


def test_read_upload_in_big5_with_bytes_of_no_character_is_refused():
    rows, errors = read(f"{HEADER}\r\n".encode("cp950") + b"A1,\xfa\x40\xfe\xfe,\r\n")
    assert rows == []
    assert said(errors) == [
        (0, "", "無法讀取「名冊.csv」的文字（編碼不明或有無法轉換的字元）；請另存為「CSV UTF-8」或 .xlsx 後上傳")
    ]


# --- the header --------------------------------------------------------------


def test_header_by_other_names_with_a_title_above():
    header = "工號,員工姓名,單位,職務,業務別,辦公方式（居家／營業處所／輪替）,職務代理人*,高階經理人,監理人員,設備"
    data = "\n".join(["甲山證券居家辦公名冊,,,,,,,,,", "", header, GOOD]).encode()
    assert read(data) == ([ROW], [])


def test_header_with_branch_and_without_device_in_another_order():
    header = "姓名,員工編號,分支機構代號,部門,職稱,業務項目,辦公方式,代理人,是否高階經理人,是否監理人員"
    data = text("王小明,A1,9Z02,經紀部,業務員,受託買賣,居家,A2,否,否", header=header)
    assert read(data) == ([replace(ROW, branch="9Z02", device="")], [])


def test_header_missing_unknown_and_double_columns_are_each_named():
    header = HEADER.replace("職稱", "身分證字號").replace("代理人", "姓名")
    assert said(read(text(GOOD, header=header))[1]) == [
        (1, "身分證字號", "不認得欄位「身分證字號」；請依範本更名，或刪除此欄（勿上傳未要求之個人資料）"),
        (1, "姓名", "欄位「姓名」重複；請只保留一欄"),
        (1, "職稱", "缺少欄位「職稱」；請依範本補上此欄標題"),
        (1, "代理人", "缺少欄位「代理人」；請依範本補上此欄標題"),
    ]


def test_header_that_is_absent_is_said_once():
    assert said(read(GOOD.encode() + b"\n" + GOOD.encode())[1]) == [
        (0, "", "「名冊.csv」找不到標題列；請依範本，於資料上方一列填寫「員工編號」「姓名」等欄位標題")
    ]


def test_cells_without_a_header_are_errors():
    header = HEADER + ","
    assert said(read(text(GOOD + ",", GOOD + ",私人電話", header=header))[1])[0] == (
        3, "", "第 11 欄沒有標題卻有內容；請補上標題或刪除此欄"
    )  # fmt: skip
    assert said(read(text(GOOD + ",,多"))[1]) == [(2, "", "此列的欄數多於標題列；請檢查是否有多餘的分隔符號")]


# --- rows ----------------------------------------------------------------------


def test_blank_rows_are_skipped_and_row_numbers_are_those_of_the_spreadsheet():
    data = text(GOOD, ",,,,,,,,,", "", GOOD.replace("A1", "A3").replace("居家", "海外"))
    rows, errors = read(data)
    assert rows == [ROW]
    assert said(errors) == [(5, "辦公方式", "不認得辦公方式「海外」；請填寫居家、營業處所或輪替")]


def test_a_cell_of_several_lines_is_one_row():
    data = text(GOOD.replace("受託買賣", '"受託買賣\n結算及申報"'), GOOD.replace("A1", "A3").replace("居家", ""))
    rows, errors = read(data)
    assert rows == [replace(ROW, lines=("brokerage", "clearing"))]
    assert said(errors) == [(3, "辦公方式", "請填寫「辦公方式」")]


def test_double_staff_numbers_name_the_first_row():
    rows, errors = read(text(GOOD, GOOD.replace("A1", "ａ1 ")))
    assert rows == [ROW]
    assert said(errors) == [(3, "員工編號", "員工編號「ａ1」與第 2 列重複；請更正，或合併為一列（業務項目可填多項）")]


# --- workbooks -------------------------------------------------------------------


def test_workbook_numbers_read_as_they_are_shown():
    workbook, _ = book([1001.0, "王小明", "經紀部", "業務員", "受託買賣", "居家", 2, 0, False, 3.5])
    workbook.active["G2"].number_format = "0000"
    rows, errors = read(save(workbook), "名冊.xlsx")
    assert errors == []
    assert rows == [replace(ROW, staff_no="1001", agents=("0002",), device="3.5")]


def test_workbook_with_formulas_errors_and_dates():
    good = GOOD.split(",")
    workbook, _ = book(
        ['=CONCAT("A",1)', *good[1:]], ["A2", "#REF!", *good[2:]], [date(2026, 3, 1), *good[1:]],
        ["A4", "=HYPERLINK", *good[2:]],
    )  # fmt: skip
    workbook.active["B3"].data_type = "e"
    workbook.active["B5"].data_type = "s"  # a text that begins with =, not a formula
    rows, errors = read(save(workbook), "名冊.xlsx")
    assert rows == [replace(ROW, position=4, staff_no="A4", name="=HYPERLINK")]
    assert said(errors) == [
        (2, "員工編號", "此儲存格是公式且沒有計算結果；請改填文字或數值"),
        (3, "姓名", "此儲存格的公式結果為錯誤（#REF!）；請改填文字或數值"),
        (4, "員工編號", "此儲存格被試算表轉成日期或時間；請將儲存格格式改為「文字」後重新輸入"),
    ]


def test_workbook_formula_with_a_result_gives_the_result():
    _, data = book(GOOD.split(","))
    shown, written = (
        type("Cell", (), {"value": value, "data_type": kind, "number_format": "General"})
        for value, kind in [("A7", "s"), ("=A6", "f")]
    )
    assert roster_files._cell(shown, written) == "A7"
    assert read(data, "名冊.xlsx") == ([ROW], [])


def test_workbook_that_understates_its_size_is_read_whole():
    _, honest = book(GOOD.split(","))
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(honest)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry).replace(b'ref="A1:J2"', b'ref="A1:B1"'))
    assert out.getvalue() != honest
    assert read(out.getvalue(), "名冊.xlsx") == ([ROW], [])


def test_workbook_of_several_sheets_takes_the_one_with_the_header():
    workbook, _ = book(GOOD.split(","))
    workbook.create_sheet("說明", 0).append(["請填寫名冊"])
    workbook.create_sheet("暫存").sheet_state = "hidden"
    rows, errors = read(save(workbook), "名冊.xlsx")
    assert rows == [ROW]
    assert [(str(error), error.warning) for error in errors] == [("「名冊.xlsx」有多個工作表，只讀取「名冊」", True)]


# --- whole files -----------------------------------------------------------------


def test_files_that_are_no_roster_are_refused_whole(monkeypatch):
    def refusal(data: bytes, name: str = "名冊.csv") -> str:
        rows, errors = read(data, name)
        assert rows == []
        assert [(error.row, error.warning) for error in errors] == [(0, False)]
        return str(errors[0])

    assert refusal(b"") == "「名冊.csv」是空的檔案，請確認原檔有內容後重新上傳"
    assert refusal(text()) == "「名冊.csv」沒有任何人員資料；請於標題列下逐列填寫後上傳"
    assert refusal(template_csv()) == "「名冊.csv」沒有任何人員資料；請於標題列下逐列填寫後上傳"
    assert refusal(sample("測試報告.pdf"), "名冊.pdf") == "「名冊.pdf」不是名冊可用的格式；請上傳 CSV（UTF-8）或 .xlsx"
    assert refusal(sample("作業手冊.docx"), "名冊.docx") == (
        "「名冊.docx」不是名冊可用的格式；請上傳 CSV（UTF-8）或 .xlsx"
    )
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "名冊.xls") == (
        "「名冊.xls」是舊版 Excel 檔（.xls）或設有密碼；請移除密碼並另存為 .xlsx 或「CSV UTF-8」後上傳"
    )
    assert refusal(text('A1,"王小明,經紀部')) == (
        "「名冊.csv」第 2 行附近的引號不成對；請以試算表軟體重新另存為「CSV UTF-8」後上傳"
    )
    assert refusal(text(*(f"B{n}" + GOOD[2:] for n in range(5001)))) == (
        "「名冊.csv」超過 5000 列的上限；請刪除多餘或空白的列後上傳"
    )
    assert refusal(b"x" * (5 * 1024 * 1024 + 1)) == (
        "「名冊.csv」超過 5 MB 的上限，請分成數個檔案，或降低掃描解析度後重新上傳"
    )
    monkeypatch.setattr(roster_files, "LIMITS", replace(roster_files.LIMITS, unpacked_bytes=1024))
    assert refusal(sample("roster.xlsx"), "名冊.xlsx") == (
        "「名冊.xlsx」解開後超過 0.000976562 MB 的上限；請刪減內容，或另存為 PDF 後上傳"
    )


def test_five_thousand_people_are_read():
    rows, errors = read(text(*(f"B{n}" + GOOD[2:] for n in range(5000))))
    assert (len(rows), errors) == (5000, [])
