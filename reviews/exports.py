"""The exchange's ledger as a file of any size: made by a worker, firm by firm."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.utils import translation
from openpyxl import Workbook

from applications import calendar
from applications.jobs import Made, Run
from reviews import ledger

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FIRMS = 50  # at a time


def make(run: Run) -> Made:
    """What the page's filter leaves, in the language of the person who asked."""
    asked = run.job.arguments
    path = run.folder / f"ledger.{asked['format']}"
    with translation.override(run.job.asked_by.language):
        (_csv if asked["format"] == "csv" else _xlsx)(path, _rows(run))
    return Made(path, name=f"ledger-{asked['day']}.{asked['format']}", content_type=TYPES[asked["format"]])


def _rows(run: Run) -> Iterator[list[str]]:
    asked, by = run.job.arguments, run.job.asked_by
    day, law = date.fromisoformat(asked["day"]), calendar.current()
    firms = list(ledger.firms(by, day=day, search=asked["search"], phase=asked["phase"]))
    yield from ledger.table((), day)
    for done in range(0, len(firms), FIRMS):
        run.tell(done, len(firms))
        yield from ledger.table(ledger.entries(by, firms[done : done + FIRMS], day, law, asked["phase"]), day)[1:]


def _csv(path: Path, rows: Iterator[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def _xlsx(path: Path, rows: Iterator[list[str]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("ledger")
    for row in rows:
        sheet.append(row)
    book.save(path)
