"""How a format is written down: what a value may be, checked with a path to every fault, and as a JSON Schema.

One description serves both, so that the checker and the schema cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, Protocol

Path = tuple[str | int, ...]
Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a version file: ``path`` leads to the place, ``message`` says what to do."""

    path: Path
    message: str


class Spec(Protocol):
    """What a value may be."""

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        """Everything that is wrong with ``value``."""

    def schema(self) -> Json:
        """The same as a JSON Schema (2020-12); a date is a string there."""


@dataclass(frozen=True)
class Text:
    """A text with something in it. ``pattern`` fits the whole of it; ``say`` explains the pattern."""

    pattern: str = ""
    say: str = ""
    longest: int = 4000
    blank: bool = False

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(path, '須為文字，請寫成 "…"')
        elif not self.blank and not value.strip():
            yield Fault(path, "不得空白，請填入文字")
        elif len(value) > self.longest:
            yield Fault(path, f"過長，至多 {self.longest} 字")
        elif self.pattern and not re.fullmatch(self.pattern, value):
            yield Fault(path, f"「{value[:40]}」寫法不符：{self.say}")

    def schema(self) -> Json:
        found: Json = {"type": "string", "maxLength": self.longest}
        if self.pattern:
            found["pattern"] = f"^(?:{self.pattern})$"
        elif not self.blank:
            found["pattern"] = r"\S"
        return found


@dataclass(frozen=True)
class Whole:
    """A whole number between two others, both included."""

    least: int
    most: int

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Fault(path, "須為整數，不加引號")
        elif not self.least <= value <= self.most:
            yield Fault(path, f"超出範圍，請填 {self.least} 至 {self.most}")

    def schema(self) -> Json:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Flag:
    """``true`` or ``false``."""

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        if not isinstance(value, bool):
            yield Fault(path, "須為 true 或 false，不加引號")

    def schema(self) -> Json:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Day:
    """A date of the calendar, without a time of day."""

    least: int = 1990
    most: int = 2189

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        if type(value) is not date:
            yield Fault(path, "須為日期，不加引號，例如 2023-10-03")
        elif not self.least <= value.year <= self.most:
            yield Fault(path, f"年份須為西元 {self.least} 至 {self.most}")

    def schema(self) -> Json:
        years = "199[0-9]|20[0-9]{2}|21[0-8][0-9]"
        return {"type": "string", "format": "date", "pattern": f"^(?:{years})-[0-9]{{2}}-[0-9]{{2}}$"}


@dataclass(frozen=True)
class OneOf:
    """One of a closed set."""

    values: tuple[str, ...]

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        if value not in self.values if isinstance(value, str) else True:
            shown = f"「{value[:40]}」" if isinstance(value, str) else "此值"
            near = get_close_matches(value, self.values, 1) if isinstance(value, str) else []
            hint = f"（是否為 {near[0]}？）" if near else ""
            yield Fault(path, f"不認得{shown}{hint}，可用：{'、'.join(self.values)}")

    def schema(self) -> Json:
        return {"enum": list(self.values)}


@dataclass(frozen=True)
class ListOf:
    """A list of the same thing."""

    of: Spec
    least: int = 0
    most: int = 1000

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault(path, "須為清單，請寫成 [ … ]")
            return
        if not self.least <= len(value) <= self.most:
            yield Fault(path, f"項數須為 {self.least} 至 {self.most}")
        for number, entry in enumerate(value):
            yield from self.of.faults(entry, (*path, number))

    def schema(self) -> Json:
        return {"type": "array", "items": self.of.schema(), "minItems": self.least, "maxItems": self.most}


@dataclass(frozen=True)
class Table:
    """A table with known keys; all others are refused."""

    keys: Mapping[str, Spec]
    required: tuple[str, ...] = ()

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(path, "須為表，請寫成 { … } 或 [[…]]")
            return
        for key in self.required:
            if key not in value:
                yield Fault(path, f"缺少 {key}，請補上")
        for key, entry in value.items():
            if key in self.keys:
                yield from self.keys[key].faults(entry, (*path, key))
            else:
                near = get_close_matches(key, self.keys, 1)
                hint = f"是否為 {near[0]}？" if near else f"可用：{'、'.join(self.keys)}"
                yield Fault((*path, key), f"不認得 {key}，請刪除或更正（{hint}）")

    def schema(self) -> Json:
        return {
            "type": "object",
            "properties": {key: spec.schema() for key, spec in self.keys.items()},
            "required": list(self.required),
            "additionalProperties": False,
        }


@dataclass(frozen=True)
class Names:
    """A table whose keys are names of the file's own."""

    of: Spec
    pattern: str
    say: str

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(path, "須為表，請寫成 [ … ] 之下的 名稱 = 值")
            return
        for key, entry in value.items():
            if not re.fullmatch(self.pattern, key):
                yield Fault((*path, key), f"「{key}」寫法不符：{self.say}")
            yield from self.of.faults(entry, (*path, key))

    def schema(self) -> Json:
        return {
            "type": "object",
            "patternProperties": {f"^(?:{self.pattern})$": self.of.schema()},
            "additionalProperties": False,
        }


@dataclass(frozen=True)
class Either:
    """One of several shapes; ``say`` names them."""

    among: Sequence[Spec]
    say: str

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        found = [list(spec.faults(value, path)) for spec in self.among]
        if all(found):
            # where the value has the shape of one of them, what is wrong with it there says more
            near = [faults for faults in found if faults[0].path != path or not faults[0].message.startswith("須為")]
            yield from near[0] if near else [Fault(path, f"須為{self.say}")]

    def schema(self) -> Json:
        return {"anyOf": [spec.schema() for spec in self.among]}


@dataclass(frozen=True)
class Named:
    """A table whose other keys depend on its ``name``: a rule with its arguments."""

    tables: Mapping[str, Table]
    also: Mapping[str, Spec] = field(default_factory=dict)

    def _whole(self, name: str) -> Table:
        table = self.tables[name]
        names = OneOf(tuple(self.tables))
        return Table({"name": names, **self.also, **table.keys}, ("name", *self.also, *table.required))

    def faults(self, value: Any, path: Path) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(path, '須為表，請寫成 { name = "…" }')
        elif "name" not in value:
            yield Fault(path, "缺少 name，請填規則名稱")
        elif not isinstance(value["name"], str) or value["name"] not in self.tables:
            yield from OneOf(tuple(self.tables)).faults(value["name"], (*path, "name"))
        else:
            yield from self._whole(value["name"]).faults(value, path)

    def schema(self) -> Json:
        found = []
        for name in self.tables:
            one = self._whole(name).schema()
            one["properties"]["name"] = {"const": name}
            found.append(one)
        return {"type": "object", "oneOf": found}
