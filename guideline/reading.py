"""From a TOML file to a Version; whatever is not understood is refused."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from guideline.shape import (
    EMPTY,
    ROWS,
    SIMPLE_TYPES,
    SINCE,
    TYPES,
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


def _words(raw: Any, where: str) -> Words:
    if not isinstance(raw, dict) or set(raw) - {"zh", "en"} or not raw.get("zh"):
        raise CatalogueError(f'{where}: 需要 {{ zh = "…", en = "…" }}')
    return Words(raw["zh"], raw.get("en", ""))


class _Table:
    """A TOML table from which every key must be taken."""

    def __init__(self, raw: Any, where: str) -> None:
        if not isinstance(raw, dict):
            raise CatalogueError(f"{where}: 需要一個表")
        self.raw, self.where, self.seen = raw, where, set[str]()

    def take(self, key: str, kind: Any, default: Any = None, *, required: bool = False) -> Any:
        self.seen.add(key)
        if key not in self.raw:
            if required:
                raise CatalogueError(f"{self.where}: 缺少 {key}")
            return default
        value = self.raw[key]
        if kind is Words:
            return _words(value, f"{self.where}.{key}")
        if kind is not Any and not isinstance(value, kind):
            raise CatalogueError(f"{self.where}.{key}: 型別不符")
        return value

    def done(self) -> None:
        if unknown := set(self.raw) - self.seen:
            raise CatalogueError(f"{self.where}: 不認得 {', '.join(sorted(unknown))}")


def _with_choices(raw: Any, choices: Mapping[str, Any]) -> Any:
    """``raw`` with every ``options = "name"`` replaced by the list of that name under [choices]."""
    if isinstance(raw, list):
        return [_with_choices(entry, choices) for entry in raw]
    if not isinstance(raw, dict):
        return raw
    found = {key: _with_choices(value, choices) for key, value in raw.items()}
    if isinstance(found.get("options"), str):
        if found["options"] not in choices:
            raise CatalogueError(f"choices: 沒有 {found['options']}")
        found["options"] = choices[found["options"]]
    return found


def _needs(raw: Any, where: str, names: set[str]) -> Needs | None:
    if raw is None:
        return None
    table = _Table(raw, where)
    needs = Needs(table.take("field", str, required=True), tuple(table.take("is", list, required=True)))
    table.done()
    if needs.field not in names:
        raise CatalogueError(f"{where}: 沒有欄位 {needs.field}")
    return needs


def _options(raw: list[Any], where: str) -> tuple[Option, ...]:
    options = []
    for number, entry in enumerate(raw):
        table = _Table(entry, f"{where}[{number}]")
        identifier = table.take("id", str, required=True)
        options.append(Option(identifier, Words(table.take("zh", str, required=True), table.take("en", str, ""))))
        table.done()
    if len({option.id for option in options}) != len(options):
        raise CatalogueError(f"{where}: 選項代號重複")
    return tuple(options)


def _fields(raw: list[Any], where: str, types: frozenset[str]) -> tuple[Field, ...]:
    names = {entry.get("name", "") for entry in raw} | {"answer", "chosen"}
    fields: list[Field] = []
    for entry in raw:
        table = _Table(entry, where)
        name = table.take("name", str, required=True)
        table.where = f"{where}/{name}"
        kind = table.take("type", str, required=True)
        if kind not in types:
            raise CatalogueError(f"{table.where}: 不認得型別 {kind}")
        rows = table.take("rows", str, "free")
        if rows not in ROWS:
            raise CatalogueError(f"{table.where}: 不認得 rows = {rows}")
        found = Field(
            name=name,
            type=kind,
            label=table.take("label", Words, required=True),
            hint=table.take("hint", Words, EMPTY),
            required=table.take("required", bool, False),
            needs=_needs(table.take("needs", dict), f"{table.where}.needs", names),
            options=_options(table.take("options", list, []), f"{table.where}.options"),
            options_from=table.take("options_from", str, ""),
            rows=rows,
            row=_options(table.take("row", list, []), f"{table.where}.row"),
            columns=_fields(table.take("column", list, []), table.where, SIMPLE_TYPES),
            minimum=table.take("minimum", int, 0),
        )
        table.done()
        if kind in {"choice", "choices"} and not (found.options or found.options_from == "lines"):
            raise CatalogueError(f"{table.where}: 沒有選項")
        if (kind == "table") != bool(found.columns):
            raise CatalogueError(f"{table.where}: 表格與 column 須同時存在")
        if (rows == "fixed") != bool(found.row):
            raise CatalogueError(f'{table.where}: rows = "fixed" 與 row 須同時存在')
        fields.append(found)
    if len({f.name for f in fields}) != len(fields):
        raise CatalogueError(f"{where}: 欄位名稱重複")
    return tuple(fields)


def _rules(raw: list[Any], where: str) -> tuple[Rule, ...]:
    rules = []
    for entry in raw:
        args = dict(entry)
        if "name" not in args:
            raise CatalogueError(f"{where}: 規則缺少 name")
        name, items = args.pop("name"), tuple(args.pop("items", ()))
        rules.append(Rule(name, args, items))
    return tuple(rules)


def _item(raw: Any, where: str) -> Item:
    table = _Table(raw, where)
    identifier = table.take("id", str, required=True)
    table.where = identifier
    fields = _fields(table.take("field", list, []), identifier, TYPES)
    names = {f.name for f in fields} | {"answer", "chosen"}
    evidence = []
    for entry in table.take("evidence", list, []):
        proof = _Table(entry, f"{identifier}.evidence")
        evidence.append(
            Evidence(
                kind=proof.take("kind", str, required=True),
                label=proof.take("label", Words, required=True),
                required=proof.take("required", bool, False),
                needs=_needs(proof.take("needs", dict), f"{identifier}.evidence.needs", names),
            )
        )
        proof.done()
    item = Item(
        id=identifier,
        number=table.take("number", str, required=True),
        title=table.take("title", Words, required=True),
        text=Words(table.take("zh", str, required=True), table.take("en", str, "")),
        trigger=table.take("trigger", bool, False),
        always=table.take("always", bool, False),
        note_hint=table.take("note_hint", Words, EMPTY),
        fields=fields,
        evidence=tuple(evidence),
        rules=_rules(table.take("rule", list, []), identifier),
    )
    table.done()
    if {f.name for f in fields} & {"answer", "chosen", "text", "note"}:
        raise CatalogueError(f"{identifier}: answer、chosen、text、note 為保留欄位")
    return item


def _section(raw: Any, position: int) -> Section:
    table = _Table(raw, f"section[{position}]")
    identifier = table.take("id", str, required=True)
    table.where = f"section {identifier}"
    section = Section(
        id=identifier,
        group=table.take("group", str, required=True),
        number=table.take("number", str, required=True),
        title=table.take("title", Words, required=True),
        task=table.take("task", Words, required=True),
        items=tuple(_item(entry, table.where) for entry in table.take("item", list, required=True)),
        line=table.take("line", str, ""),
        roster=table.take("roster", bool, False),
        intro=table.take("intro", Words, EMPTY),
        rules=_rules(table.take("rule", list, []), table.where),
    )
    table.done()
    return section


def _body(raw: Any, where: str) -> Body:
    table = _Table(raw, where)
    body = Body(
        table.take("code", str, required=True),
        table.take("name", Words, required=True),
        table.take("short", Words, required=True),
    )
    table.done()
    return body


def _duty(table: _Table, version_items: Mapping[str, Item]) -> Duty:
    identifier = table.take("id", str, required=True)
    table.where = f"duty {identifier}"
    since = table.take("since", str, required=True)
    if since not in SINCE:
        raise CatalogueError(f"{table.where}: 不認得 since = {since}")
    item = table.take("item", str, required=True)
    if item not in version_items:
        raise CatalogueError(f"{table.where}: 沒有項目 {item}")
    duty = Duty(
        id=identifier,
        item=item,
        name=table.take("name", Words, required=True),
        why=table.take("why", Words, required=True),
        since=since,
        answer=_place(table.take("answer", str, ""), table.where, version_items, ("date",)),
        months=table.take("months", int, 0),
        interval=_place(table.take("interval", str, ""), table.where, version_items, ("choice",)),
        needs=_needs(
            table.take("needs", dict), f"{table.where}.needs", {field.name for field in version_items[item].fields}
        ),
    )
    table.done()
    if since == "answer" and not duty.answer:
        raise CatalogueError(f'{table.where}: since = "answer" 時須有 answer')
    return duty


def _place(text: str, where: str, items: Mapping[str, Item], types: tuple[str, ...]) -> tuple[str, ...]:
    """``item/field`` or ``item/table/column``, which must exist and be of one of these types."""
    if not text:
        return ()
    parts = tuple(text.split("/"))
    fields: tuple[Field, ...] = items[parts[0]].fields if parts[0] in items else ()
    found: Field | None = None
    for name in parts[1:]:
        found = next((field for field in fields if field.name == name), None)
        fields = found.columns if found else ()
    if found is None or found.type not in types:
        raise CatalogueError(f"{where}: 沒有 {text}")
    return parts


def _entries(table: _Table, key: str) -> list[_Table]:
    return [_Table(raw, f"{key}[{n}]") for n, raw in enumerate(table.take(key, list, []))]


def read(path: Path) -> Version:
    """The version in ``path``.

    Raises:
        CatalogueError: the file is no TOML, or says what this program does not know.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error
    try:
        return _version(raw)
    except CatalogueError as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _version(raw: dict[str, Any]) -> Version:
    root = _Table(raw, "")
    head = _Table(root.take("announcement", dict, required=True), "announcement")
    period = _Table(root.take("period", dict, required=True), "period")
    lines = tuple(
        Line(
            t.take("id", str, required=True),
            t.take("name", Words, required=True),
            t.take("short", Words, required=True),
            tuple(t.take("licences", list, required=True)),
        )
        for t in _entries(root, "line")
    )
    kinds = tuple(
        Kind(
            t.take("id", str, required=True),
            t.take("name", Words, required=True),
            t.take("clause", str, required=True),
            tuple(t.take("route", list, required=True)),
            t.take("outcome", Words, required=True),
        )
        for t in _entries(root, "kind")
    )
    parameters = tuple(
        Parameter(
            t.take("id", str, required=True),
            t.take("value", Any, required=True),
            t.take("label", Words, required=True),
        )
        for t in _entries(root, "parameter")
    )
    premises = tuple(
        (t.take("id", str, required=True), Words(t.take("zh", str, required=True), t.take("en", str, "")))
        for t in _entries(root, "premise")
    )
    choices = root.take("choices", dict, {})
    meaning = {key: tuple(value.split("/", 1)) for key, value in root.take("meaning", dict, {}).items()}
    sections = tuple(
        _section(_with_choices(entry, choices), n) for n, entry in enumerate(root.take("section", list, required=True))
    )
    items = {item.id: item for section in sections for item in section.items}
    version = Version(
        id=head.take("id", str, required=True),
        label=head.take("label", Words, required=True),
        document=head.take("document", str, required=True),
        announced=head.take("announced", date, required=True),
        title=head.take("title", Words, required=True),
        exchange=_body(head.take("exchange", dict, required=True), "exchange"),
        authority=_body(head.take("authority", dict, required=True), "authority"),
        months=period.take("months", int, required=True),
        extensions=period.take("extensions", int, required=True),
        count_first_day=period.take("count_first_day", bool, True),
        lines=lines,
        kinds=kinds,
        groups=_options(root.take("group", list, required=True), "group"),
        sections=sections,
        checks=_rules(root.take("check", list, []), "check"),
        meaning=meaning,
        parameters=parameters,
        duties=tuple(_duty(table, items) for table in _entries(root, "duty")),
        premises=premises,
    )
    for table in (root, head, period):
        table.done()
    _consistent(version)
    return version


def _consistent(version: Version) -> None:
    ids = [item.id for item in version.items()]
    if doubled := {identifier for identifier in ids if ids.count(identifier) > 1}:
        raise CatalogueError(f"項目代號重複：{', '.join(sorted(doubled))}")
    groups = {group.id for group in version.groups}
    lines = {line.id for line in version.lines}
    for section in version.sections:
        if section.group not in groups:
            raise CatalogueError(f"section {section.id}: 沒有群組 {section.group}")
        if section.line and section.line not in lines:
            raise CatalogueError(f"section {section.id}: 沒有業務 {section.line}")
    for key, (item_id, name) in version.meaning.items():
        if item_id not in ids or name not in {f.name for f in version.item(item_id).fields}:
            raise CatalogueError(f"meaning.{key}: 沒有 {item_id}/{name}")
    for check in version.checks:
        if missing := set(check.items) - set(ids):
            raise CatalogueError(f"check {check.name}: 沒有項目 {', '.join(sorted(missing))}")
