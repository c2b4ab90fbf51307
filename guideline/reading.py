"""From a TOML file to a Version; whatever is not understood is refused, with file, line, place and what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from guideline.format import FORMAT
from guideline.lines import line_of, lines, place_of
from guideline.links import faults
from guideline.shape import (
    EMPTY,
    Body,
    CatalogueError,
    Duty,
    Evidence,
    Field,
    Item,
    Kind,
    Line,
    Needs,
    Option,
    Parameter,
    Rule,
    Section,
    Version,
    Words,
)

Raw = Mapping[str, Any]
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_LONG = re.compile(r"[^0-9\[{]")
LARGEST = 2_000_000  # bytes: the text of one announcement is a tenth of that


def read(path: Path) -> Version:
    """The version in ``path``.

    Raises:
        CatalogueError: the file is not there, is no TOML, or says what this program does not know. Everything that
            is wrong with the form is said at once; where the form is right, everything that does not fit together.
    """
    text = _text(path)
    raw = _toml(text, path.name)
    wrong = list(FORMAT.faults(raw, ())) or list(faults(raw))
    if wrong:
        found = lines(text)
        said = sorted((line_of(found, fault.path), f"{place_of(raw, fault.path)}：{fault.message}") for fault in wrong)
        # each on one line, whatever the file's own words are
        raise CatalogueError(*dict.fromkeys(" ".join(f"{path.name}:{line}: {text}".split()) for line, text in said))
    return _version(raw)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CatalogueError(f"{path.name}:1: 檔案：無法讀取，請確認路徑（{error.strerror}）") from error
    if len(data) > LARGEST:
        raise CatalogueError(f"{path.name}:1: 檔案：過大，至多 {LARGEST} 位元組")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CatalogueError(f"{path.name}:{line}: 檔案：不是 UTF-8 編碼，請以 UTF-8 另存") from error


def _toml(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, and numbers too long to be read
        at = _AT.search(str(error))
        written = text.split("\n")
        if at:
            line = int(at[1] or len(written))
        else:  # tomllib gives no line where brackets or digits go on for too long
            line = 1 + max(range(len(written)), key=lambda number: len(_LONG.sub("", written[number])))
        said = "括號層數過多" if isinstance(error, RecursionError) else _AT.sub("", str(error))
        message = f"不是正確的 TOML（{said}），請檢查此行及前一行之引號、括號、等號"
        raise CatalogueError(f"{name}:{line}: 檔案：{message}") from error


# --- from tables that fit to the shape ----------------------------------------------------------------------------


def _words(raw: Raw | None) -> Words:
    return Words(raw["zh"], raw.get("en", "")) if raw else EMPTY


def _options(raw: Any) -> tuple[Option, ...]:
    return tuple(Option(entry["id"], _words(entry)) for entry in raw)


def _place(text: str) -> tuple[str, ...]:
    return tuple(text.split("/")) if text else ()


def _needs(raw: Raw | None) -> Needs | None:
    return Needs(raw["field"], tuple(raw["is"])) if raw else None


def _fields(raw: Any, choices: Mapping[str, Any]) -> Iterator[Field]:
    for entry in raw:
        options = entry.get("options", ())
        yield Field(
            name=entry["name"],
            type=entry["type"],
            label=_words(entry["label"]),
            hint=_words(entry.get("hint")),
            required=entry.get("required", False),
            needs=_needs(entry.get("needs")),
            options=_options(choices[options] if isinstance(options, str) else options),
            options_from=entry.get("options_from", ""),
            rows=entry.get("rows", "free"),
            row=_options(entry.get("row", ())),
            columns=tuple(_fields(entry.get("column", ()), choices)),
            minimum=entry.get("minimum", 0),
        )


def _rules(raw: Any) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            entry["name"],
            {key: value for key, value in entry.items() if key not in {"name", "items"}},
            tuple(entry.get("items", ())),
        )
        for entry in raw
    )


def _item(raw: Raw, choices: Mapping[str, Any]) -> Item:
    return Item(
        id=raw["id"],
        number=raw["number"],
        title=_words(raw["title"]),
        text=_words(raw),
        trigger=raw.get("trigger", False),
        always=raw.get("always", False),
        plain=raw.get("plain", False),
        note_hint=_words(raw.get("note_hint")),
        fields=tuple(_fields(raw.get("field", ()), choices)),
        evidence=tuple(
            Evidence(
                proof["kind"], _words(proof["label"]), proof.get("required", False), _needs(proof.get("needs"))
            )
            for proof in raw.get("evidence", ())
        ),
        rules=_rules(raw.get("rule", ())),
        wording=raw.get("wording", ""),
    )  # fmt: skip


def _section(raw: Raw, choices: Mapping[str, Any]) -> Section:
    return Section(
        id=raw["id"],
        group=raw["group"],
        number=raw["number"],
        title=_words(raw["title"]),
        task=_words(raw["task"]),
        items=tuple(_item(entry, choices) for entry in raw["item"]),
        line=raw.get("line", ""),
        kinds=tuple(raw.get("kinds", ())),
        notice=raw.get("notice", False),
        roster=raw.get("roster", False),
        intro=_words(raw.get("intro")),
        rules=_rules(raw.get("rule", ())),
    )


def _body(raw: Raw) -> Body:
    return Body(raw["code"], _words(raw["name"]), _words(raw["short"]))


def _kind(raw: Raw) -> Kind:
    return Kind(
        id=raw["id"],
        name=_words(raw["name"]),
        clause=raw["clause"],
        route=tuple(raw["route"]),
        outcome=_words(raw["outcome"]),
        lines=tuple(raw.get("lines", ())),
        filed_within_days=raw.get("filed_within_days"),
        own_pages=raw.get("own_pages", False),
        asks=tuple(raw.get("asks", ())),
        open_when=raw.get("open_when", "always"),
        meaning=_meanings(raw.get("meaning", {})),
    )


def _duty(raw: Raw) -> Duty:
    return Duty(
        id=raw["id"],
        item=raw["item"],
        name=_words(raw["name"]),
        why=_words(raw["why"]),
        since=raw["since"],
        answer=_place(raw.get("answer", "")),
        months=raw.get("months", 0),
        interval=_place(raw.get("interval", "")),
        needs=_needs(raw.get("needs")),
    )


def _meanings(raw: Raw) -> dict[str, tuple[str, str]]:
    found = {}
    for key, place in raw.items():
        item_id, name = place.split("/")
        found[key] = (item_id, name)
    return found


def _version(raw: Raw) -> Version:
    head, period, choices = raw["announcement"], raw["period"], raw.get("choices", {})
    sections = tuple(_section(entry, choices) for entry in raw["section"])
    premises = raw.get("premise", ())
    borrowed = {premise["id"]: premise["wording"] for premise in premises if "wording" in premise}
    borrowed |= {item.id: item.wording for section in sections for item in section.items if item.wording}
    return Version(
        id=head["id"],
        label=_words(head["label"]),
        document=head["document"],
        announced=head["announced"],
        title=_words(head["title"]),
        exchange=_body(head["exchange"]),
        authority=_body(head["authority"]),
        months=period["months"],
        extensions=period["extensions"],
        count_first_day=period.get("count_first_day", True),
        lines=tuple(
            Line(entry["id"], _words(entry["name"]), _words(entry["short"]), tuple(entry["licences"]))
            for entry in raw["line"]
        ),
        kinds=tuple(_kind(entry) for entry in raw["kind"]),
        groups=_options(raw["group"]),
        sections=sections,
        checks=_rules(raw.get("check", ())),
        meaning=_meanings(raw["meaning"]),
        parameters=tuple(
            Parameter(entry["id"], entry["value"], _words(entry["label"])) for entry in raw["parameter"]
        ),
        duties=tuple(_duty(entry) for entry in raw.get("duty", ())),
        premises=tuple((premise["id"], _words(premise)) for premise in premises),
        period_clause=period["clause"],
        reconstruction=_words(raw["reconstruction"]["note"]) if "reconstruction" in raw else None,
        borrowed=borrowed,
    )  # fmt: skip
