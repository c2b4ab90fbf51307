"""What the exchange takes out as a file of any size: made by a worker, in the language of the person who asked."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.http import QueryDict
from django.utils import timezone, translation
from openpyxl import Workbook

from applications import calendar
from applications.jobs import Made, Run
from reviews import ledger, searching
from reviews.forms import SearchForm

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FIRMS = 50  # at a time


def make_ledger(run: Run) -> Made:
    """What the filter of the ledger's page leaves, firm by firm."""
    return _made(run, f"ledger-{run.job.arguments['day']}", _ledger(run))


def make_events(run: Run) -> Made:
    """What an auditor's search finds in the trail."""
    return _made(run, f"trail-{timezone.localdate(run.job.asked_at)}", _events(run))


def _made(run: Run, name: str, rows: Iterator[list[str]]) -> Made:
    kind = run.job.arguments["format"]
    path = run.folder / f"{name}.{kind}"
    with translation.override(run.job.asked_by.language):
        (_csv if kind == "csv" else _xlsx)(path, rows)
    return Made(path, name=path.name, content_type=TYPES[kind])


def _events(run: Run) -> Iterator[list[str]]:
    by, form = run.job.asked_by, SearchForm(QueryDict(run.job.arguments["query"]))
    form.full_clean()  # it was right when the file was asked for
    search = form.search
    total = searching.count(by, search)
    for done, row in enumerate(searching.table(by, search)):
        run.tell(done, total)
        yield row


def _ledger(run: Run) -> Iterator[list[str]]:
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
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(path)
