"""The roster of clause 2.2.2: who works where, at what, with which agent.

Several details are readings of ours (「本系統參數，非指引所定」): one person may hold several
lines, 輪替 counts as at home, support staff have no line, a senior manager is whom the
firm calls so. Pure: texts in, rows and messages out.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import Any

from applications.roster_columns import (
    BY_KEY,
    COLUMNS,
    CONTROL_CHARACTERS,
    LOST_MARKS,
    NO,
    NOTHING,
    OUTER,
    PLACE_WORDS,
    PLACES,
    PRIVATE_USE,
    SEPARATORS,
    YES,
    Column,
    LineCount,
    Row,
    RowError,
    Summary,
    fold,
    fold_header,
)
from applications.roster_files import Cells, Fault, Table, read_table, safe_cell
from applications.uploads import Refused, display_name
from guideline.catalogue import Version
from guideline.facts import gettext_noop

__all__ = [
    "COLUMNS",
    "PLACES",
    "Column",
    "LineCount",
    "Row",
    "RowError",
    "Summary",
    "clean_row",
    "fold",
    "read_upload",
    "row_warnings",
    "summary",
    "template_csv",
    "write_csv",
]

NO_HEADER = gettext_noop("「{name}」找不到標題列；請依範本，於資料上方一列填寫「員工編號」「姓名」等欄位標題")
MISSING_COLUMN = gettext_noop("缺少欄位「{header}」；請依範本補上此欄標題")
UNKNOWN_COLUMN = gettext_noop("不認得欄位「{value}」；請依範本更名，或刪除此欄（勿上傳未要求之個人資料）")
DOUBLE_COLUMN = gettext_noop("欄位「{header}」重複；請只保留一欄")
UNTITLED = gettext_noop("第 {column_number} 欄沒有標題卻有內容；請補上標題或刪除此欄")
EXTRA_CELLS = gettext_noop("此列的欄數多於標題列；請檢查是否有多餘的分隔符號")
FILL_IN = gettext_noop("請填寫「{header}」")
TOO_LONG = gettext_noop("「{header}」超過 {limit} 個字；請縮短")
LOST = gettext_noop("字元遺失：「{value}」含有無法辨識的字元；請以 UTF-8 重新輸入正確的字")
PRIVATE = gettext_noop("「{value}」含有造字（私有字元），其他電腦無法顯示；請改用 Unicode 標準字")
CONTROL = gettext_noop("「{header}」含有控制字元；請重新輸入")
UNKNOWN_LINE = gettext_noop("不認得業務項目「{value}」；請填寫{choices}，多項以「；」分隔")
UNKNOWN_PLACE = gettext_noop("不認得辦公方式「{value}」；請填寫居家、營業處所或輪替")
UNKNOWN_BOOLEAN = gettext_noop("不認得「{value}」；請填寫是或否")
DOUBLE_STAFF_NO = gettext_noop("員工編號「{value}」與第 {first} 列重複；請更正，或合併為一列（業務項目可填多項）")

AGENT_UNKNOWN = gettext_noop("{name} 的代理人「{agent}」不在名冊中")
AGENT_SELF = gettext_noop("{name} 的代理人是本人")
AGENT_AMBIGUOUS = gettext_noop("{name} 的代理人「{agent}」在名冊中有 {count} 位同名者；請改填員工編號")
AGENT_OTHER_LINE = gettext_noop("{name} 與代理人「{agent}」沒有共同的業務項目")
AGENT_NO_SUPERVISOR = gettext_noop("{name} 是監理人員，代理人「{agent}」不是")


_HEADERS = {
    fold_header(name): column.key for column in COLUMNS for name in (column.key, column.header, *column.aliases)
}


def _score(cells: Sequence[str]) -> int:
    return len({_HEADERS[name] for name in map(fold_header, cells) if name in _HEADERS})


def _split(text: str) -> list[str]:
    if fold(text) in NOTHING:
        return []
    parts = [part.strip(OUTER) for part in SEPARATORS.split(text)]
    return [part for part in parts if part and fold(part) not in NOTHING]


def _line_names(version: Version) -> dict[str, str]:
    return {
        fold(name): line.id
        for line in version.lines
        for name in (line.id, line.name.zh, line.short.zh, line.name.en, line.short.en)
        if name
    }


def _line(typed: str, names: Mapping[str, str]) -> str:
    """The line of this name, or of the only names that begin so (結算); "" where there is none."""
    text = fold(typed)
    begun = {line for name, line in names.items() if len(text) > 1 and name.startswith(text)}
    return names.get(text) or (begun.pop() if len(begun) == 1 else "")


def _lines(text: str, version: Version) -> tuple[tuple[str, ...], list[str]]:
    """Line ids in the version's order, and the names that are none of its lines."""
    names = _line_names(version)
    found = {part: _line(part, names) for part in ([text] if fold(text) in names else _split(text))}
    chosen = set(found.values())
    return tuple(line.id for line in version.lines if line.id in chosen), [part for part in found if not found[part]]


def _place(text: str) -> str:
    return next((place for place, names in PLACE_WORDS.items() if fold(text) in names), "")


def clean_row(
    raw: Mapping[str, str], version: Version, position: int, row: int | None = None
) -> tuple[Row | None, list[RowError]]:
    """One person from the texts of a form or a file, or everything that is wrong with them.

    Args:
        raw: column key -> text; keys that are absent are blank. Text is kept as typed
            but for the white space around it.
        position: the place among the people, from 1.
        row: the number to report errors under; by default the row that ``position`` has
            in a file with a header.
    """
    number = position + 1 if row is None else row
    text = {column.key: (raw.get(column.key) or "").strip(OUTER) for column in COLUMNS}
    errors: list[RowError] = []

    def wrong(key: str, message: str, value: str | None = None, **params: Any) -> None:
        header, typed = BY_KEY[key].header, text[key] if value is None else value
        errors.append(RowError(number, header, text[key], message, {"header": header, "value": typed, **params}))

    for column in COLUMNS:
        value = text[column.key]
        if column.filled and not value:
            wrong(column.key, FILL_IN)
        elif len(value) > column.limit:
            wrong(column.key, TOO_LONG, limit=column.limit)
        elif CONTROL_CHARACTERS.search(value):
            wrong(column.key, CONTROL)
        elif "\ufffd" in value or (column.key == "name" and LOST_MARKS.search(value)):
            wrong(column.key, LOST)
        elif column.key == "name" and PRIVATE_USE.search(value):
            wrong(column.key, PRIVATE)
    reported = {error.column for error in errors}

    lines, unknown = _lines(text["lines"], version)
    place = _place(text["place"])
    if BY_KEY["lines"].header not in reported:
        for value in unknown:
            wrong("lines", UNKNOWN_LINE, value, choices="、".join(line.name.zh for line in version.lines))
    if not place and BY_KEY["place"].header not in reported:
        wrong("place", UNKNOWN_PLACE)
    for key in ("senior", "supervisor"):
        if fold(text[key]) not in YES | NO and BY_KEY[key].header not in reported:
            wrong(key, UNKNOWN_BOOLEAN)
    if errors:
        return None, errors
    return (
        Row(
            position=position,
            staff_no=text["staff_no"],
            name=text["name"],
            department=text["department"],
            title=text["title"],
            branch=text["branch"],
            lines=lines,
            place=place,
            agents=tuple(_split(text["agents"])),
            senior=fold(text["senior"]) in YES,
            supervisor=fold(text["supervisor"]) in YES,
            device=text["device"],
        ),
        [],
    )


def _columns(table: Table) -> tuple[dict[int, str], list[RowError]]:
    """Which cell of a row is which column, and what is wrong with the header."""
    found: dict[int, str] = {}
    errors: list[RowError] = []
    width = max((len(cells) for _, cells in table.body), default=0)
    for at in range(max(width, len(table.header))):
        name = table.header[at] if at < len(table.header) else ""
        key = _HEADERS.get(fold_header(name))
        if key in found.values() and key:
            header = BY_KEY[key].header
            errors.append(RowError(table.header_row, header, name, DOUBLE_COLUMN, {"header": header}))
        elif key:
            found[at] = key
        elif name.strip(OUTER):
            errors.append(RowError(table.header_row, name, name, UNKNOWN_COLUMN, {"value": name.strip(OUTER)}))
    for column in COLUMNS:
        if column.required and column.key not in found.values():
            params = {"header": column.header}
            errors.append(RowError(table.header_row, column.header, "", MISSING_COLUMN, params))
    return found, errors


def _untitled(cells: Cells, row: int, table: Table, columns: Mapping[int, str]) -> list[RowError]:
    """Cells that stand under no header."""
    errors = []
    for at, cell in enumerate(cells):
        value = cell.value if isinstance(cell, Fault) else cell.strip(OUTER)
        if at in columns or not value:
            continue
        if at >= len(table.header):
            errors.append(RowError(row, "", value, EXTRA_CELLS))
        else:
            errors.append(RowError(row, "", value, UNTITLED, {"column_number": at + 1}))
        break
    return errors


def read_upload(
    name: str, data: bytes, version: Version, tell: Callable[[int, int], None] = lambda done, total: None
) -> tuple[list[Row], list[RowError]]:
    """The people in a roster file, and everything that is wrong with it.

    Rows with an error are left out of the first list, so it is a roster only where the
    second holds nothing but warnings. A file that cannot be read, or whose header is
    wrong, gives no rows.

    Args:
        tell: told of how many rows are done, of how many.
    """
    try:
        table = read_table(name, data, _score)
    except Refused as refusal:
        return [], [RowError(0, "", refusal.params["name"], refusal.message, refusal.params)]
    notices = [RowError(0, "", str(params["name"]), message, params, True) for message, params in table.notices]
    if _score(table.header) < 2:
        shown = display_name(name)
        return [], [*notices, RowError(0, "", shown, NO_HEADER, {"name": shown})]
    columns, errors = _columns(table)
    if errors:
        return [], notices + errors

    rows: list[Row] = []
    first_seen: dict[str, int] = {}
    for position, (number, cells) in enumerate(table.body, 1):
        tell(position, len(table.body))
        faults = [
            RowError(number, BY_KEY[columns[at]].header, cell.value, cell.message, cell.params)
            for at, cell in enumerate(cells)
            if isinstance(cell, Fault) and at in columns
        ]
        raw = {key: cells[at] for at, key in columns.items() if at < len(cells) and isinstance(cells[at], str)}
        row, wrong = clean_row(raw, version, position, number)  # type: ignore[arg-type]
        faulty = {fault.column for fault in faults}
        wrong = faults + [error for error in wrong if error.column not in faulty]
        wrong += _untitled(cells, number, table, columns)
        staff_no = str(raw.get("staff_no", "")).strip(OUTER)
        if staff_no and fold(staff_no) in first_seen:
            params = {"value": staff_no, "first": first_seen[fold(staff_no)]}
            wrong.append(RowError(number, BY_KEY["staff_no"].header, staff_no, DOUBLE_STAFF_NO, params))
        elif staff_no:
            first_seen[fold(staff_no)] = number
        errors += wrong
        if row and not wrong:
            rows.append(row)
    return rows, notices + errors


def row_warnings(rows: Sequence[Row], version: Version) -> list[tuple[int, str, dict[str, Any]]]:
    """What deserves a look about the agents: (position, message, params). Stops nothing.

    Staff without a line are outside the rule of the common line where both are
    supervisors: supervision is then what they share.
    """
    numbers = {fold(row.staff_no): row for row in rows}
    names: dict[str, list[Row]] = {}
    for row in rows:
        names.setdefault(fold(row.name), []).append(row)
    warnings: list[tuple[int, str, dict[str, Any]]] = []
    for row in rows:
        for typed in row.agents:
            found = [numbers[fold(typed)]] if fold(typed) in numbers else names.get(fold(typed), [])
            agent = found[0] if len(found) == 1 else None
            params: dict[str, Any] = {"name": row.name, "agent": typed}
            if len(found) > 1:
                warnings.append((row.position, AGENT_AMBIGUOUS, params | {"count": len(found)}))
            elif agent is None:
                warnings.append((row.position, AGENT_UNKNOWN, params))
            elif agent is row:
                warnings.append((row.position, AGENT_SELF, params))
            else:
                both_supervise = row.supervisor and agent.supervisor and not agent.lines
                if row.lines and not set(row.lines) & set(agent.lines) and not both_supervise:
                    warnings.append((row.position, AGENT_OTHER_LINE, params))
                if row.supervisor and not agent.supervisor:
                    warnings.append((row.position, AGENT_NO_SUPERVISOR, params))
    return warnings


def summary(rows: Sequence[Row], version: Version) -> Summary:
    """The head counts of clause 2.2.2."""
    total = Counter(line for row in rows for line in row.lines)
    at_home = Counter(line for row in rows if row.at_home for line in row.lines)
    return Summary(
        total=len(rows),
        at_home=sum(row.at_home for row in rows),
        on_site=sum(not row.at_home for row in rows),
        rotating=sum(row.place == "rotating" for row in rows),
        senior=sum(row.senior for row in rows),
        supervisors=sum(row.supervisor for row in rows),
        supervisors_at_home=sum(row.supervisor and row.at_home for row in rows),
        with_line=sum(bool(row.lines) for row in rows),
        support=sum(not row.lines for row in rows),
        lines=tuple(LineCount(line.id, total[line.id], at_home[line.id]) for line in version.lines),
    )


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    out = StringIO(newline="")
    csv.writer(out).writerows([safe_cell(cell) for cell in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def as_typed(row: Row, version: Version) -> dict[str, str]:
    """A person as the words of a spreadsheet row, column key to cell: what ``clean_row`` takes."""
    texts = {
        "lines": "；".join(version.line(line).name.zh for line in row.lines),
        "place": PLACES[row.place],
        "agents": "；".join(row.agents),
        "senior": "是" if row.senior else "否",
        "supervisor": "是" if row.supervisor else "否",
    }
    return {column.key: texts[column.key] if column.key in texts else getattr(row, column.key) for column in COLUMNS}


def write_csv(rows: Sequence[Row], version: Version) -> bytes:
    """The roster as a file that Excel opens and ``read_upload`` reads back unchanged.

    UTF-8 with its mark. A cell that a spreadsheet would take for a formula is written
    with an apostrophe before it (security: formula injection).
    """
    return _csv([[column.header for column in COLUMNS], *(list(as_typed(row, version).values()) for row in rows)])


def template_csv() -> bytes:
    """The header alone, to be filled in."""
    return _csv([[column.header for column in COLUMNS]])
