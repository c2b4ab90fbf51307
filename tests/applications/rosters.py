"""Roster files of one good row, to be spoilt by a test."""

from io import BytesIO
from typing import Any

from openpyxl import Workbook

from applications.roster import Row, RowError, read_upload
from guideline.catalogue import load
from reviews.demo.sample_filing import FOLDER

VERSION = load("112-10-03")
HEADER = "員工編號,姓名,部門,職稱,業務項目,辦公方式,代理人,是否高階經理人,是否監理人員,設備編號"
GOOD = "A1,王小明,經紀部,業務員,受託買賣,居家,A2,否,否,NB-1"
RAW = {
    "staff_no": "A1", "name": "王小明", "department": "經紀部", "title": "業務員", "lines": "受託買賣",
    "place": "居家", "agents": "A2", "senior": "否", "supervisor": "否", "device": "NB-1",
}  # fmt: skip
ROW = Row(1, "A1", "王小明", "經紀部", "業務員", "", ("brokerage",), "home", ("A2",), False, False, "NB-1")


def sample(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def text(*lines: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *lines, ""]).encode("utf-8-sig")


def book(*rows: list[Any], header: str = HEADER, sheet: str = "名冊") -> tuple[Workbook, bytes]:
    workbook = Workbook()
    workbook.active.title = sheet
    workbook.active.append(header.split(","))
    for row in rows:
        workbook.active.append(row)
    return workbook, save(workbook)


def save(workbook: Workbook) -> bytes:
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def read(data: bytes, name: str = "名冊.csv") -> tuple[list[Row], list[RowError]]:
    return read_upload(name, data, VERSION)


def said(errors: list[RowError]) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, str(error)) for error in errors]
