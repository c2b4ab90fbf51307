"""The form of one section, made from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.utils import ErrorDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.forms.fields import STACKED, CatalogueField, TableField, TableWidget, choices_of, tidy
from applications.present import about, message, words
from guideline.catalogue import Field, Item, Section, Version
from guideline.examine import row_is_empty
from guideline.facts import Problem
from guideline.values import is_empty

ANSWERS = (("yes", _("是")), ("no", _("否")), ("na", _("不適用")))
CHOSEN = (("yes", _("是，為本次申請之條件")), ("no", _("否，不適用")))
TEXT_ROWS = 5
WRITE = _("寫出由誰、何時、以什麼方式辦理。例如：每日收盤後由法令遵循室抽查三成錄音")
SHORT = 6  # characters of an option that stands beside the others


def key(item_id: str, name: str) -> str:
    """The form's name of a field of an item."""
    return f"{item_id.replace('.', '_')}__{name}"


@dataclass(frozen=True)
class ItemFields:
    """One item of the page: what the template draws. ``open`` is False where it may not be changed now."""

    item: Item
    title: str
    clause: str
    clause_en: str
    fields: list[BoundField]
    optional: list[BoundField]
    note: BoundField | None
    unfold: bool  # an optional field has something to show
    open: bool
    anchor: str
    errors: bool


class SectionForm(forms.Form):
    """All open items of a page. Nothing is required: saving is lenient.

    Args:
        page: the section of the catalogue.
        version: the catalogue that the case is under.
        lines: the business lines that the case asks for.
        licensed: the lines that the firm may ask for.
        allowed: items that may be written; the others get no fields.
    """

    def __init__(
        self,
        *args: Any,
        page: Section,
        version: Version,
        lines: tuple[str, ...],
        licensed: tuple[str, ...],
        allowed: frozenset[str],
        **kwargs: Any,
    ) -> None:
        self.page, self.version, self.allowed = page, version, allowed
        super().__init__(*args, **kwargs)
        self.auto_id = "%s"
        for item in page.items:
            if item.id not in allowed:
                continue
            if item.plain:
                self._add(item, version, lines, licensed)
                continue
            if item.trigger:
                self.fields[key(item.id, "chosen")] = _choice(CHOSEN, _("是否為本次申請之條件"))
            else:
                self.fields[key(item.id, "answer")] = _choice(ANSWERS, _("是否辦理"))
            self.fields[key(item.id, "text")] = _text(_("辦理情形"), TEXT_ROWS, "" if item.trigger else WRITE)
            self._add(item, version, lines, licensed)
            note_hint = words(item.note_hint) or _("選「否」或「不適用」者必填")
            self.fields[key(item.id, "note")] = _text(_("說明"), 2, note_hint)

    def _add(self, item: Item, version: Version, lines: tuple[str, ...], licensed: tuple[str, ...]) -> None:
        for spec in item.fields:
            field = self.fields[key(item.id, spec.name)] = _field(spec, version, lines, licensed)
            if spec.needs:
                field.help_text = _when(spec, item, version) + str(field.help_text)

    @staticmethod
    def initial_of(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Stored answers as the form's initial values."""
        return {key(item, name): value for item, fields in answers.items() for name, value in fields.items()}

    def items(self) -> Iterator[ItemFields]:
        for item in self.page.items:
            allowed = item.id in self.allowed
            spare = {key(item.id, spec.name) for spec in item.fields if not spec.required}
            last = key(item.id, "note")
            bound = [self[name] for name in self.fields if name.startswith(key(item.id, ""))]
            optional = [field for field in bound if field.name in spare]
            yield ItemFields(
                item=item,
                title=words(item.title),
                clause=item.text.zh,
                clause_en=item.text.en,
                fields=[field for field in bound if field.name not in spare and field.name != last],
                optional=optional,
                note=self[last] if last in self.fields else None,
                unfold=any(field.errors or not is_empty(field.value()) for field in optional),
                open=allowed,
                anchor=f"item-{item.id.replace('.', '_')}",
                errors=any(field.errors for field in bound),
            )

    def answers(self) -> dict[str, dict[str, Any]]:
        """What was typed, clean where it can be read, else as it was typed. Call after ``is_valid()``."""
        found: dict[str, dict[str, Any]] = {item.id: {} for item in self.page.items if item.id in self.allowed}
        for item_id, fields in found.items():
            prefix = key(item_id, "")
            for name in self.fields:
                if not name.startswith(prefix):
                    continue
                if name in self.cleaned_data:
                    value = self.cleaned_data[name]
                else:  # malformed: keep what was typed
                    bound = self[name]
                    value = tidy(bound.data)
                    if isinstance(value, list):
                        value = [row for row in value if not isinstance(row, dict) or not row_is_empty(row)]
                fields[name.removeprefix(prefix)] = value
        return found

    def show(self, problems: Iterable[Problem]) -> list[dict[str, str]]:
        """Attach problems to their fields; the linked lines of the error summary."""
        lines = []
        for problem in problems:
            name = key(problem.item, problem.field)
            text = message(problem)
            field = self.fields.get(name)
            href = f"#item-{problem.item.replace('.', '_')}"
            if field is not None and problem.item in self.allowed:
                href = f"#{self[name].auto_id}"
                if isinstance(field, TableField) and problem.row is not None:
                    field.widget.cell_errors = {
                        **field.widget.cell_errors, (problem.row, problem.column): text
                    }  # fmt: skip
                    href = f"#{self[name].auto_id}-{problem.row}-{problem.column}"
                errors = self.error_class(renderer=self.renderer, field_id=self[name].auto_id)
                self._shown().setdefault(name, errors).append(text)
            lines.append({"href": href, "message": about(self.version.item(problem.item), text)})
        return lines

    def _shown(self) -> Any:
        """The errors of the form; a form that is not bound has none yet."""
        if self.__dict__.get("_errors") is None:
            self._errors = ErrorDict()
        return self._errors


class Radios(forms.RadioSelect):
    """Each label holds its button, and a problem links to the group: no button needs an id."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        option["attrs"].pop("id", None)
        return option


def _choice(choices: Any, label: Any) -> forms.Field:
    return forms.ChoiceField(choices=choices, widget=Radios, required=False, label=label)


class TypedText(forms.CharField):
    """A long text, kept as typed."""

    def to_python(self, value: Any) -> str | None:
        return super().to_python(tidy(value))


def _text(label: Any, rows: int, hint: Any = "") -> forms.Field:
    return TypedText(
        widget=forms.Textarea(attrs={"rows": rows, "cols": False}),
        required=False,
        strip=False,
        label=label,
        help_text=hint,
    )


def _when(spec: Field, item: Item, version: Version) -> str:
    """「……」選「是」時填寫。 before the hint of a field that depends on another."""
    if spec.needs is None or spec.needs.field not in {one.name for one in item.fields}:
        return ""
    other = item.field(spec.needs.field)
    names = dict(choices_of(other, version))
    chosen = gettext("、").join(names.get(value, value) for value in spec.needs.values)
    return gettext("「{question}」選「{chosen}」時填寫。").format(question=words(other.label), chosen=chosen)


def _field(spec: Field, version: Version, lines: tuple[str, ...], licensed: tuple[str, ...]) -> forms.Field:
    if spec.type == "table":
        keys = None
        if spec.rows == "lines":
            keys = lines
        elif spec.rows == "fixed":
            keys = tuple(option.id for option in spec.row)
        return TableField(spec, version, TableWidget(spec, version, keys, lines))
    return CatalogueField(spec, version, _widget(spec, version, licensed))


def _widget(spec: Field, version: Version, licensed: tuple[str, ...]) -> forms.Widget:
    if spec.type == "text":
        return forms.Textarea(attrs={"rows": 3, "cols": False})
    if spec.type in {"choice", "yesno"}:
        choices = choices_of(spec, version)
        short = all(len(label) <= SHORT for _value, label in choices)
        return Radios(choices=choices, attrs=None if short else STACKED)
    if spec.type == "choices":
        return forms.CheckboxSelectMultiple(choices=choices_of(spec, version, licensed))
    kinds = {"email": "email", "phone": "tel", "url": "url"}
    attrs: dict[str, Any] = {}
    if spec.type == "int":
        attrs = {"inputmode": "numeric", "class": "input--short"}
    elif spec.type in {"date", "time"}:
        attrs = {"class": "input--date"}
    widget = forms.TextInput(attrs=attrs)
    widget.input_type = kinds.get(spec.type, "text")
    return widget
