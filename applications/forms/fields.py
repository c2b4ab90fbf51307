"""Form fields made from catalogue fields. Cleaning is ``guideline.values.clean``: one rule, one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, gettext_lazy

from applications.present import english, line_names, listed, words
from guideline.catalogue import Field, Version
from guideline.values import Malformed, as_date, clean, roc

MAX_ROWS = 200
SPARE_ROWS = 1
# what a field of this type looks like, where the catalogue says nothing of its own
EXAMPLES = {
    "date": gettext_lazy("例如：115/11/30"),
    "time": gettext_lazy("24 小時制，例如：08:30"),
    "email": gettext_lazy("例如：compliance@firm.example"),
    "phone": gettext_lazy("例如：(02)2345-6789 轉 123"),
}
STACKED = {"class": "radios--stacked"}  # one choice a line; else they stand beside each other
YESNO = (("yes", gettext_lazy("是")), ("no", gettext_lazy("否")))


def choices_of(field: Field, version: Version, lines: tuple[str, ...] | None = None) -> list[tuple[str, str]]:
    """What can be chosen; ``lines`` narrows a choice of business lines."""
    if field.type == "yesno":
        return [(value, str(label)) for value, label in YESNO]
    if field.options_from == "lines":
        return [(line, name) for line, name in line_names(version).items() if lines is None or line in lines]
    return [(option.id, words(option.label)) for option in field.options]


def show_typed(field: Field, value: Any) -> Any:
    """A stored value as it stands in an input: dates as 115/11/30 (ISO for readers of English)."""
    if field.type == "date" and (day := as_date(value)):
        return day.isoformat() if english() else roc(day)
    return "" if value is None else value


def tidy(typed: Any) -> Any:
    """What a browser sends, as the person typed it: line ends as LF, no NUL (no database keeps it)."""
    if isinstance(typed, list):
        return [tidy(one) for one in typed]
    return typed.replace("\r\n", "\n").replace("\x00", "\ufffd") if isinstance(typed, str) else typed


def whole_number(text: str | None, other: int = -1) -> int:
    """The number that a hidden input sent back, or ``other`` where it is none that we could have written."""
    return int(text) if text and len(text) < 19 and text.isascii() and text.isdigit() else other


def keep(field: Field, raw: Any, version: Version) -> Any:
    """What is stored: the clean value, or what was typed where it cannot be read."""
    try:
        return clean(field, raw, version)
    except Malformed:
        return raw


def label_of(spec: Field) -> str:
    """The label, marked where the field may stay empty."""
    return words(spec.label) if spec.required else gettext("{label}（選填）").format(label=words(spec.label))


def examples_of(table: Field) -> Iterator[str]:
    """起日、迄日，例如：115/11/30: said once for the columns of a type that have no hint of their own."""
    for type_, example in EXAMPLES.items():
        if columns := [words(one.label) for one in table.columns if one.type == type_ and not one.hint.zh]:
            yield gettext("{columns}，{example}").format(columns=listed(columns), example=example)


class CatalogueField(forms.Field):
    """A simple field of the catalogue."""

    def __init__(self, spec: Field, version: Version, widget: forms.Widget, **kwargs: Any) -> None:
        self.spec, self.version = spec, version
        hint = words(spec.hint) or EXAMPLES.get(spec.type, "")
        super().__init__(required=False, widget=widget, label=label_of(spec), help_text=hint, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return show_typed(self.spec, value)

    def clean(self, value: Any) -> Any:
        try:
            return clean(self.spec, tidy(value), self.version)
        except Malformed as error:
            raise forms.ValidationError(gettext(str(error))) from error


class TableWidget(forms.Widget):
    """Rows of inputs. Works without JavaScript: there is a spare row, and a button that asks for one more."""

    template_name = "widgets/table.html"
    use_fieldset = True

    def __init__(
        self, spec: Field, version: Version, keys: tuple[str, ...] | None, lines: tuple[str, ...], attrs: Any = None
    ) -> None:
        self.spec, self.version, self.keys, self.lines = spec, version, keys, lines
        self.cell_errors: Mapping[tuple[int, str], str] = {}
        self.extra = 0
        super().__init__(attrs)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[dict[str, Any]]:
        try:
            count = min(int(data.get(f"{name}-rows", "0")), MAX_ROWS)
        except ValueError:
            count = 0
        many = data if isinstance(data, MultiValueDict) else MultiValueDict()
        rows = []
        for number in range(count):
            if f"{name}-{number}-remove" in data:
                continue
            row: dict[str, Any] = {}
            if self.keys is not None:
                row["key"] = tidy(data.get(f"{name}-{number}-key", ""))
            for column in self.spec.columns:
                key = f"{name}-{number}-{column.name}"
                raw = many.getlist(key) if column.type == "choices" else data.get(key)
                row[column.name] = keep(column, tidy(raw), self.version)
            rows.append(row)
        return rows

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-rows" not in data

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [row for row in value or [] if isinstance(row, dict)]
        if self.keys is None:
            spare = max(SPARE_ROWS + self.extra, self.spec.minimum - len(rows))
            rows = rows + [{}] * min(spare, MAX_ROWS - len(rows))  # no row is offered that would not be read
        else:
            given = {row.get("key"): row for row in rows}
            rows = [{**given.get(key, {}), "key": key} for key in self.keys]
        names = line_names(self.version) | {option.id: words(option.label) for option in self.spec.row}
        context["widget"] |= {
            "rows": [self._row(name, number, row, names) for number, row in enumerate(rows)],
            "columns": [
                {"label": words(c.label), "hint": words(c.hint), "required": c.required} for c in self.spec.columns
            ],
            "count": len(rows),
            "free": self.keys is None,
            "wide": len(self.spec.columns) > 4 or any(c.type == "text" for c in self.spec.columns),
        }
        return context

    def _row(self, name: str, number: int, row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
        cells = []
        for column in self.spec.columns:
            value = show_typed(column, row.get(column.name))
            chosen = value if isinstance(value, list) else [str(value)]
            cells.append(
                {
                    "name": f"{name}-{number}-{column.name}",
                    "type": column.type,
                    "label": words(column.label),
                    "hint": words(column.hint),
                    "value": value,
                    "options": [
                        {"value": key, "label": label, "chosen": key in chosen}
                        for key, label in choices_of(column, self.version, self.lines or None)
                    ]
                    if column.type in {"choice", "choices", "yesno"}
                    else [],
                    "error": self.cell_errors.get((number, column.name), ""),
                }
            )
        return {
            "number": number,
            "title": names.get(str(row.get("key", "")), ""),
            "key": row.get("key", ""),
            "cells": cells,
        }


class TableField(forms.Field):
    """A table of the catalogue: a list of rows, each a mapping of column to stored value."""

    widget: TableWidget

    def __init__(self, spec: Field, version: Version, widget: TableWidget) -> None:
        self.spec, self.version = spec, version
        hint = gettext("；").join(filter(None, (words(spec.hint), *examples_of(spec))))
        super().__init__(required=False, widget=widget, label=label_of(spec), help_text=hint)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        errors: dict[tuple[int, str], str] = {}
        kept: list[dict[str, Any]] = []
        for row in value or []:
            if all(row.get(column.name) in (None, "", []) for column in self.spec.columns) and self.widget.keys is None:
                continue
            for column in self.spec.columns:
                try:
                    clean(column, row.get(column.name), self.version)
                except Malformed as error:
                    errors[len(kept), column.name] = gettext(str(error))
            kept.append(row)
        self.widget.cell_errors = errors
        if errors:
            (number, name), text = next(iter(errors.items()))
            label = words(self.spec.column(name).label)
            raise forms.ValidationError(
                gettext("第 {row} 列「{label}」：{error}").format(row=number + 1, label=label, error=text)
            )
        return kept
