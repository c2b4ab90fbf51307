"""Edits of one byte and cut-off tails, past the ORM; each is undone, so that the next one is alone."""

from __future__ import annotations

import json
import random
import string
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, models, transaction

from applications.models import Event
from applications.trail import SEALED
from applications.verifying import STORED, verify

FROZEN = {"submission": ["payload"], "emergencynotice": ["payload"]}
LETTERS = string.ascii_letters + string.digits + "甲乙丙丁"


class Undo(Exception):
    """Ends a transaction that is not to stay."""


@dataclass(frozen=True)
class Edit:
    """What was changed: ``expected`` is found in the words of the verifier."""

    what: str
    expected: tuple[str, ...]


class Tamperer:
    """Changes one thing at a time, at random, and asks ``verify``; ``missed`` are those that it did not name."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.found: Counter[str] = Counter()
        self.missed: list[str] = []

    def edit_row(self) -> None:
        kind = self.chance.choice([*["event"] * 6, *SEALED, *STORED, *STORED])
        if kind in STORED and self.chance.random() < 0.5:
            self.edit_file(kind)
            return
        model = _model(kind)
        row = self.chance.choice(list(model._default_manager.order_by("pk")) or [None])
        if row is None:
            self.edit_row()
            return
        fields = {field.attname: field for field in model._meta.concrete_fields}
        columns = (
            [name for name in fields if name != "id"] if kind == "event" else [*SEALED[kind], *FROZEN.get(kind, ())]
        )
        field = fields[self.chance.choice(columns)]
        value = getattr(row, field.attname)
        new = self._other(field, value)
        if new is None:
            self.edit_row()
            return
        expected: tuple[str, ...]
        if kind == "event":
            expected = tuple(f"第 {number} 筆紀錄" for number in (row.number, row.number + 1))
        elif field.attname in ("payload", "sha256") and kind == "submission":
            expected = (f"第 {row.number} 次送件", f"（編號 {row.pk}）")
        elif field.attname in ("payload", "sha256") and kind == "emergencynotice":
            expected = ("緊急通報之",)
        else:
            expected = (f"（編號 {row.pk}）",)
        try:
            with transaction.atomic():
                _write(model, field, row.pk, new)
                self._judge(Edit(f"{kind}.{field.attname} {row.pk}: {value!r} -> {new!r}"[:300], expected), kind)
                raise Undo
        except IntegrityError:  # the database itself refuses it
            self.edit_row()
        except Undo:
            pass

    def edit_file(self, kind: str) -> None:
        model = _model(kind)
        rows = list(model._default_manager.exclude(**{STORED[kind]: ""}).order_by("pk"))
        if not rows:
            self.edit_row()
            return
        row: Any = self.chance.choice(rows)
        path = Path(default_storage.path(getattr(row, STORED[kind]).name))
        data = path.read_bytes()
        place = self.chance.randrange(len(data))
        path.chmod(0o600)
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        try:
            name = getattr(row, "name", "") or f"（編號 {row.pk}）"
            self._judge(Edit(f"{kind} {row.pk}: byte {place} of {path.name}", (f"檔案「{name}", name)), "file")
        finally:
            path.write_bytes(data)

    def cut_tail(self) -> None:
        """The last events of a chain go, and the rows that they sealed stay."""
        chains = Event.objects.order_by().values_list("application_id", flat=True).distinct()
        case_id = self.chance.choice(sorted(chains, key=lambda pk: pk or 0))
        numbers = list(Event.objects.filter(application=case_id).order_by("number").values_list("number", flat=True))
        length = self.chance.randint(1, min(3, len(numbers)))
        first = numbers[-length]
        where = "application_id IS NULL" if case_id is None else f"application_id = {case_id}"
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                _unguarded(cursor)
                cursor.execute(f"DELETE FROM {Event._meta.db_table} WHERE {where} AND number >= {first}")  # noqa: S608
                self._judge(Edit(f"tail of {case_id} from {first}", (f"第 {numbers[-1]} 筆紀錄已不存在",)), "tail")
                raise Undo
        except Undo:
            pass

    def _judge(self, edit: Edit, kind: str) -> None:
        said = [str(fault) for fault in verify()]
        if any(part in text for text in said for part in edit.expected):
            self.found[kind] += 1
        else:
            self.missed.append(f"{edit.what}; said: {said}")

    def _other(self, field: models.Field, value: Any) -> Any:
        """A value that differs by one character (of its text), or None where there is none of the kind."""
        if isinstance(field, models.JSONField):
            return self._other_json(value)
        if isinstance(value, bool):
            return not value
        if isinstance(value, datetime):
            return value + timedelta(microseconds=self.chance.choice((-1, 1)))
        if isinstance(value, date):
            return value + timedelta(days=self.chance.choice((-1, 1)))
        if isinstance(value, int):
            return value + self.chance.choice((1, 2))
        if not isinstance(value, str) or not value:
            return None
        place = self.chance.randrange(len(value))
        return value[:place] + self._letter(value[place]) + value[place + 1 :]

    def _other_json(self, value: Any) -> Any:
        text = json.dumps(value, ensure_ascii=False)
        places = [n for n, letter in enumerate(text) if letter in LETTERS]
        for place in self.chance.sample(places, len(places)):
            changed = text[:place] + self._letter(text[place]) + text[place + 1 :]
            try:
                if json.loads(changed) != value:
                    return changed
            except ValueError:
                continue
        return None

    def _letter(self, old: str) -> str:
        letters = string.digits if old.isdigit() and old.isascii() else LETTERS
        return self.chance.choice([letter for letter in letters if letter != old])


def _model(kind: str) -> Any:
    return next(model for model in apps.get_models() if model._meta.model_name == kind)


def _write(model: Any, field: models.Field, pk: int, value: Any) -> None:
    """As somebody does who is root of the database: no trigger, no ORM."""
    if isinstance(field, models.DateTimeField):
        value = connection.ops.adapt_datetimefield_value(value)
    elif isinstance(field, models.DateField):
        value = connection.ops.adapt_datefield_value(value)
    with connection.cursor() as cursor:
        _unguarded(cursor)
        table, column = map(connection.ops.quote_name, (model._meta.db_table, field.column))
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, pk])  # noqa: S608


def _unguarded(cursor: Any) -> None:
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL session_replication_role = replica")
