"""A value of a draft file as a person would type it into the form, and whether the form keeps it so."""

from __future__ import annotations

from typing import Any

from django.utils.datastructures import MultiValueDict

from applications.forms.section import SectionForm, key
from applications.trail import canonical
from guideline.catalogue import Field, Item, Version
from guideline.stored import row_keys
from guideline.values import is_empty


def text_of(field: Field | None, value: Any) -> list[str] | None:
    """What a browser sends for the value; None where no input of the form can send such a thing."""
    if field is not None and field.type == "choices":
        return value if isinstance(value, list) and all(isinstance(one, str) for one in value) else None
    if field is not None and field.type == "int" and type(value) is int:
        return [str(value)]
    return [value] if isinstance(value, str) else None


def posted(item: Item, answers: dict[str, Any], version: Version) -> MultiValueDict | None:
    """The answers to an item as a POST; None where the form cannot send them, or they name what it does not ask."""
    data: dict[str, list[str]] = {}
    fields = {field.name: field for field in item.fields}
    own = set() if item.plain else {"chosen" if item.trigger else "answer", "text", "note"}
    for name, value in answers.items():
        if name not in own and name not in fields:
            return None
        base = key(item.id, name)
        if name not in fields or fields[name].type != "table":
            sent = text_of(fields.get(name), value)
            if sent is None:
                return None
            data[base] = sent
            continue
        field, keys = fields[name], row_keys(fields[name], version)
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            return None
        named = [row.get("key") for row in value] if keys is not None else []
        if any(one not in (keys or ()) for one in named) or len(set(named)) != len(named):
            return None  # the page writes the keys
        data[f"{base}-rows"] = [str(len(value))]
        columns = {column.name: column for column in field.columns}
        for number, row in enumerate(value):
            for column, cell in row.items():
                if column == "key" and keys is not None:
                    data[f"{base}-{number}-key"] = [cell]
                    continue
                sent = text_of(columns[column], cell) if column in columns else None
                if sent is None:
                    return None
                data[f"{base}-{number}-{column}"] = sent
    return MultiValueDict(data)


def form_keeps(item: Item, answers: dict[str, Any], version: Version) -> bool:
    """Whether the form takes the answers without a word and keeps exactly them; what says nothing is no answer."""
    if any(_says_nothing(value) for value in answers.values()):
        return False
    data = posted(item, answers, version)
    if data is None:
        return False
    lines = tuple(line.id for line in version.lines)
    page = version.section_of(item.id)
    form = SectionForm(
        data, page=page, version=version, lines=lines, licensed=lines, allowed=frozenset({item.id})
    )  # fmt: skip
    if not form.is_valid():
        return False
    kept = {name: plain(value) for name, value in form.answers()[item.id].items()}
    kept = {name: value for name, value in kept.items() if not is_empty(value)}
    return canonical(in_order(kept)) == canonical(in_order(answers))


def _says_nothing(value: Any) -> bool:
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return any(all(name == "key" for name in row) or any(is_empty(cell) for cell in row.values()) for row in value)
    return is_empty(value)


def plain(value: Any) -> Any:
    """The form keeps an empty cell as one; a file leaves it out."""
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return [{name: cell for name, cell in row.items() if not is_empty(cell)} for row in value]
    return value


def in_order(value: Any) -> Any:
    """The same with every choice of several in one order: it is a set."""
    if isinstance(value, dict):
        return {name: in_order(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(value) if all(isinstance(one, str) for one in value) else [in_order(one) for one in value]
    return value
