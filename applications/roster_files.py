"""A roster file as a table of texts: CSV in the encodings that firms use, or XLSX.

Nothing here knows what a column means; ``score`` says how many cells of a row are
headers, and that finds the separator, the sheet and the header row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from typing import Any

from openpyxl import load_workbook

from applications.packages import open_package
from applications.uploads import MEGABYTE, Limits, Refused, decode, display_name, read_all
from guideline.facts import gettext_noop

LIMITS = Limits(file_bytes=5 * MEGABYTE, unpacked_bytes=50 * MEGABYTE, zip_entries=500)
MAX_ROWS = 5_000
MAX_SCANNED = 20_000  # rows looked at, blank ones included
MAX_COLUMNS = 200
HEADER_WITHIN = 10  # firms put a title above the header

NOT_TEXT = gettext_noop("無法讀取「{name}」的文字（編碼不明或有無法轉換的字元）；請另存為「CSV UTF-8」或 .xlsx 後上傳")
NOT_A_ROSTER = gettext_noop("「{name}」不是名冊可用的格式；請上傳 CSV（UTF-8）或 .xlsx")
OLD_EXCEL = gettext_noop("「{name}」是舊版 Excel 檔（.xls）或設有密碼；請移除密碼並另存為 .xlsx 或「CSV UTF-8」後上傳")
UNBALANCED = gettext_noop("「{name}」第 {line} 行附近的引號不成對；請以試算表軟體重新另存為「CSV UTF-8」後上傳")
TOO_MANY = gettext_noop("「{name}」超過 {limit} 列的上限；請刪除多餘或空白的列後上傳")
NO_ROWS = gettext_noop("「{name}」沒有任何人員資料；請於標題列下逐列填寫後上傳")
WAS_BIG5 = gettext_noop("「{name}」以 Big5 編碼讀取，罕用字可能在存檔時已遺失；請核對姓名，建議改存「CSV UTF-8」")
OTHER_SHEETS = gettext_noop("「{name}」有多個工作表，只讀取「{sheet}」")

NO_RESULT = gettext_noop("此儲存格是公式且沒有計算結果；請改填文字或數值")
ERROR_VALUE = gettext_noop("此儲存格的公式結果為錯誤（{value}）；請改填文字或數值")
BECAME_DATE = gettext_noop("此儲存格被試算表轉成日期或時間；請將儲存格格式改為「文字」後重新輸入")

# cells that a spreadsheet would run, with their full-width forms; an apostrophe before them is ours
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_ZEROS = re.compile(r"0+")

Score = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class Fault:
    """A cell that has no text that could be taken."""

    value: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


Cells = tuple[str | Fault, ...]


@dataclass(frozen=True)
class Table:
    """``body`` holds the rows that are not blank, each with its number as a spreadsheet shows it."""

    header_row: int
    header: tuple[str, ...]
    body: tuple[tuple[int, Cells], ...]
    notices: tuple[tuple[str, Mapping[str, Any]], ...] = ()


def safe_cell(text: str) -> str:
    """The text as it may stand in a CSV that a spreadsheet opens; ``_unescaped`` gives it back."""
    return f"'{text}" if FORMULA.match(text) else text


def _unescaped(text: str) -> str:
    return text[1:] if _ESCAPED.match(text) else text


def _texts(cells: Iterable[str | Fault]) -> tuple[str, ...]:
    return tuple(cell.value if isinstance(cell, Fault) else cell for cell in cells)


def _blank(cells: Cells) -> bool:
    return all(isinstance(cell, str) and not cell.strip() for cell in cells)


def _table(name: str, rows: Iterable[Cells], score: Score) -> Table:
    """The rows below the header; the header is the best of the first rows, the first one in doubt."""
    top: list[tuple[int, Cells]] = []
    body: list[tuple[int, Cells]] = []
    for number, cells in enumerate(rows, 1):
        if number > MAX_SCANNED or len(body) > MAX_ROWS:
            raise Refused(TOO_MANY, {"name": name, "limit": MAX_ROWS})
        if not _blank(cells):
            (top if number <= HEADER_WITHIN else body).append((number, cells))
    if not top:
        raise Refused(NO_ROWS, {"name": name})
    best = max(range(len(top)), key=lambda at: (score(_texts(top[at][1])), -at))
    header_row, header = top[best]
    body = top[best + 1 :] + body
    if len(body) > MAX_ROWS:
        raise Refused(TOO_MANY, {"name": name, "limit": MAX_ROWS})
    if not body:
        raise Refused(NO_ROWS, {"name": name})
    return Table(header_row, _texts(header), tuple(body))


def _csv_rows(name: str, text: str, delimiter: str) -> Iterator[Cells]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield tuple(_unescaped(cell) for cell in row)
    except csv.Error as error:
        raise Refused(UNBALANCED, {"name": name, "line": reader.line_num}) from error


def _read_csv(name: str, content: bytes, score: Score) -> Table:
    decoded = decode(content)
    if decoded is None:
        raise Refused(NOT_TEXT, {"name": name})
    text, encoding = decoded

    def headers(delimiter: str) -> int:
        lines = text.splitlines()[:HEADER_WITHIN]
        return max((score(line.split(delimiter)) for line in lines), default=0)

    delimiter = max(",;\t", key=headers)
    table = _table(name, _csv_rows(name, text, delimiter), score)
    notices = ((WAS_BIG5, {"name": name}),) if encoding == "cp950" else ()
    return Table(table.header_row, table.header, table.body, notices)


def _cell(shown: Any, written: Any) -> str | Fault:
    """One cell of a sheet: ``shown`` with cached results, ``written`` with its formula."""
    value = shown.value
    if written.data_type == "f" and value is None:
        return Fault(str(written.value), NO_RESULT)
    if shown.data_type == "e":
        return Fault(str(value), ERROR_VALUE, {"value": str(value)})
    if isinstance(value, datetime | date | time | timedelta):
        return Fault(str(value), BECAME_DATE)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        text = str(int(value)) if float(value).is_integer() else repr(value)
        # 001 is a number that a format shows so
        return text.zfill(len(shown.number_format)) if _ZEROS.fullmatch(shown.number_format) else text
    return "" if value is None else str(value)


def _sheet_rows(shown: Any, written: Any) -> Iterator[Cells]:
    for sheet in (shown, written):
        sheet.reset_dimensions()  # what the file says of its own size is not to be trusted
    pairs = zip(shown.iter_rows(max_col=MAX_COLUMNS), written.iter_rows(max_col=MAX_COLUMNS), strict=True)
    for row, formulas in pairs:
        yield tuple(_cell(*cells) for cells in zip(row, formulas, strict=True))


def _read_xlsx(name: str, content: bytes, score: Score) -> Table:
    kind, _ = open_package(name, content, LIMITS)
    if kind != "XLSX":
        raise Refused(NOT_A_ROSTER, {"name": name})
    values = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    formulas = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    visible = [sheet for sheet in values.worksheets if sheet.sheet_state == "visible"] or values.worksheets
    tables: list[tuple[int, str, Table]] = []
    refusals: list[Refused] = []
    for sheet in visible:
        try:
            table = _table(name, _sheet_rows(sheet, formulas[sheet.title]), score)
        except Refused as refusal:
            refusals.append(refusal)
            continue
        tables.append((score(table.header), sheet.title, table))
    if not tables:
        raise refusals[0] if refusals else Refused(NO_ROWS, {"name": name})
    _, title, table = max(tables, key=lambda found: found[0])  # the first of equals
    notices = ((OTHER_SHEETS, {"name": name, "sheet": title}),) if len(visible) > 1 else ()
    return Table(table.header_row, table.header, table.body, notices)


def read_table(name: str, data: bytes, score: Score) -> Table:
    """The table in a CSV or XLSX file, told apart by content.

    Raises:
        Refused: empty, too large, unreadable, or of another kind.
    """
    content, shown = read_all(name, data, LIMITS), display_name(name)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(OLD_EXCEL, {"name": shown})
    if not content.startswith(b"PK\x03\x04"):
        if content.startswith((b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"MZ")):
            raise Refused(NOT_A_ROSTER, {"name": shown})
        return _read_csv(shown, content, score)
    try:
        return _read_xlsx(shown, content, score)
    except Refused:
        raise
    except Exception as error:  # openpyxl promises no closed set of errors for a sheet that breaks its schema
        raise Refused(NOT_A_ROSTER, {"name": shown}) from error
