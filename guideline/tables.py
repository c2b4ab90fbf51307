"""The raw tables of a version file, looked up by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from guideline.format import MEANINGS
from guideline.specs import Fault, Path

Raw = Mapping[str, Any]
YES_NO = ("yes", "no")


class Tables:
    """What a file defines, for whoever checks that a name leads somewhere."""

    meanings = MEANINGS

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.choices: Mapping[str, list[Raw]] = raw.get("choices", {})
        self.lines = tuple(line["id"] for line in raw["line"])
        self.premises = {premise["id"] for premise in raw.get("premise", ())}
        self.parameters = {parameter["id"]: parameter["value"] for parameter in raw["parameter"]}
        self.items = {item["id"]: item for _path, item in self.placed_items()}

    def placed_items(self) -> Iterator[tuple[Path, Raw]]:
        """Every item with its path."""
        for number, section in enumerate(self.raw["section"]):
            for place, item in enumerate(section["item"]):
                yield ("section", number, "item", place), item

    def values_of(self, field: Raw) -> tuple[str, ...] | None:
        """The ids that can be chosen in a field; None where nothing is chosen in it."""
        if field["type"] == "yesno":
            return YES_NO
        if field["type"] not in {"choice", "choices"}:
            return None
        if "options_from" in field:
            return self.lines
        options = field.get("options", ())
        if isinstance(options, str):
            options = self.choices.get(options, ())
        return tuple(option["id"] for option in options)

    def find(self, place: str) -> Raw | None:
        """The field at "item/field", or the column at "item/table/column"; None where there is none."""
        item_id, *names = place.split("/")
        fields = self.items.get(item_id, {}).get("field", ())
        found: Raw | None = None
        for name in names:
            found = next((field for field in fields if field["name"] == name), None)
            fields = found.get("column", ()) if found else ()
        return found

    def place_faults(
        self, place: str, types: tuple[str, ...], path: Path, *, lines: bool = False, within: tuple[str, ...] = ()
    ) -> Iterator[Fault]:
        """What is wrong with a place: that it is not there, or not of these types."""
        found = self.find(place)
        if found is None:
            yield Fault(path, f"沒有 {place}，請填現有之項目、欄位（及欄）")
        else:
            yield from self.type_faults(found, types, path, lines=lines, within=within)

    def type_faults(
        self,
        field: Raw,
        types: tuple[str, ...],
        path: Path,
        *,
        lines: bool = False,
        options: tuple[str, ...] = (),
        within: tuple[str, ...] = (),
    ) -> Iterator[Fault]:
        """What is wrong with a field for one that names it.

        Args:
            types: what it may be.
            lines: whether its options have to be the business lines.
            options: what it has to offer.
            within: what its options have to be among, where given.
        """
        name = field["name"]
        if field["type"] not in types:
            yield Fault(path, f"{name} 之型別為 {field['type']}，此處須為 {'、'.join(types)}，請更正")
            return
        if lines and field.get("options_from") != "lines":
            yield Fault(path, f'{name} 之選項須為業務（options_from = "lines"），請更正')
        offered = self.values_of(field) or ()
        if missing := [option for option in options if option not in offered]:
            yield Fault(path, f"{name} 缺少選項 {'、'.join(missing)}，請補上")
        if within and (strange := [option for option in offered if option not in within]):
            yield Fault(path, f"{name} 之選項 {'、'.join(strange)} 無法計算，可用：{'、'.join(within)}")
