"""The format: the schema is drawn from it, the rules fit it, and what does not is refused where it stands."""

from __future__ import annotations

import inspect
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from accounts.enums import Licence
from applications import deadlines
from applications.forms.fields import MAX_ROWS
from applications.management.commands.check_guideline import schema_text
from guideline import arguments, catalogue, checks, rules
from guideline.catalogue import CatalogueError
from guideline.format import FORMAT, MOST_ROWS, schema
from guideline.lines import lines
from guideline.shape import INTERVALS, LICENCES
from tests.guideline.plain import plain

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(catalogue.FOLDER.glob("*.toml"))
SOURCE = (catalogue.FOLDER / "112-10-03.toml").read_text(encoding="utf-8")


# --- one description ----------------------------------------------------------------------------------------------


def test_the_schema_in_docs_is_drawn_from_the_format() -> None:
    kept = (ROOT / "docs" / "guideline.schema.json").read_text(encoding="utf-8")
    assert kept == schema_text(), "run: manage.py check_guideline --schema > docs/guideline.schema.json"
    Draft202012Validator.check_schema(json.loads(kept))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_version_fits_the_schema(path: Path) -> None:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(schema()).iter_errors(plain(raw))] == []


def test_every_key_of_the_format_is_in_its_description() -> None:
    def keys(spec: Any) -> Iterator[str]:
        if isinstance(spec, dict):
            yield from spec.get("properties", {})
            for value in spec.values():
                yield from keys(value)
        elif isinstance(spec, list):
            for value in spec:
                yield from keys(value)

    text = (ROOT / "docs" / "guideline-format.md").read_text(encoding="utf-8")
    written = {word for span in re.findall(r"`([^`]+)`", text) for word in re.findall(r"[a-z_0-9]+", span)}
    assert set(keys(FORMAT.schema())) - written == set()
    assert {*arguments.ITEM_RULES, *arguments.SECTION_RULES, *arguments.CHECKS} - written == set()


def test_the_closed_sets_are_those_of_the_program() -> None:
    assert set(LICENCES) == set(Licence.values)
    assert set(INTERVALS) == set(deadlines.INTERVALS)
    assert MOST_ROWS == MAX_ROWS


def fits(function: Callable[..., Any], takes: dict[str, arguments.Arg]) -> None:
    parameters = inspect.signature(function).parameters.values()
    named = {p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY}
    assert set(takes) == set(named)
    assert {name for name, arg in takes.items() if arg.optional} == {
        name for name, p in named.items() if p.default is not p.empty
    }
    lists = {name for name, p in named.items() if "Sequence" in str(p.annotation)}
    assert {name for name, arg in takes.items() if arg.many} == lists


def test_the_table_of_arguments_is_that_of_the_functions() -> None:
    known = {**arguments.ITEM_RULES, **arguments.SECTION_RULES}
    assert set(known) == set(rules.RULES)
    assert set(arguments.CHECKS) == set(checks.CHECKS)
    for name, takes in known.items():
        fits(rules.RULES[name], dict(takes))
        kind = "item" if name in arguments.ITEM_RULES else "section"
        assert next(iter(inspect.signature(rules.RULES[name]).parameters)) == kind
    for name, takes in arguments.CHECKS.items():
        fits(checks.CHECKS[name], dict(takes))


# --- lines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_key_has_its_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found, written = lines(text), text.split("\n")

    def walk(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
        if path:
            yield path
        entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, entry in entries:
            yield from walk(entry, (*path, key))

    paths = list(walk(tomllib.loads(text)))
    assert set(paths) == set(found)
    assert [path for path in paths if isinstance(path[-1], str) and path[-1] not in written[found[path] - 1]] == []


def test_lines_of_everything_that_toml_allows() -> None:
    text = "\n".join(
        (
            "a.b = 1 # ]",
            '"c.d" = """',
            "x = [",
            '"""',
            "e = [ # [",
            "  1,",
            "  { f = '#', g = [ [2] ] },",
            "]",
            "[[t]]",
            "[[t.u]]",
            "[t.u.v]",
            "w = 'z' # t",
            "[[t]]",
            "x = 1979-05-27T07:32:00Z",
            "y.z = -1.5e3",
        )
    )
    tomllib.loads(text)
    found = lines(text)
    assert found["a", "b"] == 1
    assert found["c.d",] == 2
    assert (found["e",], found["e", 0], found["e", 1, "g", 0, 0]) == (5, 6, 7)
    assert (found["t", 0], found["t", 0, "u", 0], found["t", 0, "u", 0, "v", "w"]) == (9, 10, 12)
    assert (found["t", 1], found["t", 1, "x"], found["t", 1, "y", "z"]) == (13, 14, 15)


# --- what is refused ----------------------------------------------------------------------------------------------


def faults(tmp_path: Path, *changes: tuple[str, str]) -> tuple[str, ...]:
    text = SOURCE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        catalogue.read(path)
    assert str(caught.value) == "\n".join(caught.value.faults)
    return caught.value.faults


EXTENSION = 'id = "extension"\nname = { zh = "延展", en = "Extension" }\nclause = "2.1.2"\nroute = '


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # unknown and missing keys, and values of another kind
        ("trigger = true", "triger = true", "item[1.1].triger：不認得 triger，請刪除或更正（是否為 trigger？）"),
        ('type = "yesno"', 'type = "boolean"', "type：不認得「boolean」"),
        ('rows = "lines"', 'rows = "line"', "rows：不認得「line」（是否為 lines？）"),
        ('document = "臺證輔字第1120503225號"\n', "", "announcement：缺少 document，請補上"),
        ("months = 3\n", 'months = "3"\n', "period.months：須為整數"),
        ("months = 3\n", "months = 0\n", "period.months：超出範圍，請填 1 至 36"),
        ("extensions = 1", "extensions = 99", "period.extensions：超出範圍"),
        ("announced = 2023-10-03", "announced = 2023-13-03", "不是正確的 TOML"),
        ("announced = 2023-10-03", 'announced = "112/10/03"', "announcement.announced：須為日期"),
        ("announced = 2023-10-03", "announced = 2023-10-03T08:00:00", "announcement.announced：須為日期"),
        ('zh = "營業處所員工有發生確診病例。"', 'zh = " "', "section[1].item[1.2].zh：不得空白"),
        ('zh = "營業處所員工有發生確診病例。"\n', "", "section[1].item[1.2]：缺少 zh"),
        ('licences = ["broker"]', 'licences = ["broking"]', "line[brokerage].licences[1]：不認得「broking」"),
        ("[announcement]", "[announcement", "不是正確的 TOML"),
        # ids
        ('id = "3.1.2"', 'id = "3.1.1"', "section[3.1].item[3.1.1].id：「3.1.1」重複"),
        ('id = "dealer"\nname', 'id = "brokerage"\nname', "line[brokerage].id：「brokerage」重複"),
        ('name = "last_on"', 'name = "first_on"', "field[first_on].name：「first_on」重複"),
        ('{ id = "weekly"', '{ id = "daily"', "choices.interval[daily].id：「daily」重複"),
        ('name = "event"', 'name = "note"', "note 為保留名稱"),
        # what leads nowhere
        ('options = "interval"', 'options = "intervals"', "[choices] 沒有 intervals"),
        ('group = "scope"', 'group = "scoop"', "沒有群組 scoop"),
        ('line = "brokerage"\n', 'line = "broking"\n', "section[3.1].line：沒有業務 broking"),
        ('last_day = "2.2.1/last_day"', 'last_day = "2.2.1/end"', "meaning.last_day：沒有 2.2.1/end"),
        ('lines = "2.2.3/lines"', 'lines = "2.2.3/excluded"', "meaning.lines：excluded 之型別為 text"),
        ('needs = { field = "policy"', 'needs = { field = "polizy"', "needs.field：沒有欄位 polizy"),
        ('is = ["planned"]', 'is = ["plan"]', "duty[notice].needs.is[1]：notice_state 沒有選項 plan，"),
        ('answer = "2.2.12/sessions/held_on"', 'answer = "2.2.12/sessions/on"', "duty[training].answer：沒有 2.2.12"),
        ('interval = "3.1.5/interval"', 'interval = "3.1.5/marker"', "recording_brokerage].interval：marker 之型別"),
        ('item = "2.2.12"\nname', 'item = "2.2.13"\nname', "duty[training].item：沒有項目 2.2.13"),
        ('since = "answer"\nanswer = "2.2.12/sessions/held_on"', 'since = "answer"', "duty[training]：since"),
        ("一場 {since} 起算", "一場 {sence} 起算", "duty[training].why.zh：不認得 {sence}"),
        ('clause = "2.1.2" #', 'clause = "2.1.3" #', "period.clause：沒有條文 2.1.3"),
        # rules and checks
        ('"period_within_cap"', '"period_in_cap"', "不認得「period_in_cap」（是否為 period_within_cap？）"),
        ('"period_within_cap", first = "first_day"', '"period_within_cap", start = "first_day"', "缺少 first"),
        ('field = "event_on" }', 'field = "event_at" }', "submission].field：項目 1.1 沒有欄位 event_at"),
        ('field = "event_on" }', 'field = "event" }', "event 之型別為 line，此處須為 date"),
        ('person_column = "principal_hit"', 'person_column = "hit"', "表格 hit 沒有欄 hit"),
        ('triggers = ["1.1"', 'triggers = ["1.def"', "項目 1.def 須為啟動條件"),
        ('kinds = ["emergency"] }', 'kinds = ["emergencies"] }', "不認得「emergencies」（是否為 emergency？）"),
        ('value = "ratification"', 'value = "ratified"', "form 沒有選項 ratified"),
        ('items = ["2.2.2", "2.2.5.1"]', 'items = ["2.2.2", "2.2.5"]', "supervisor_at_home].items[2]：沒有項目 2.2.5"),
        ('parameter = "statement_months"', 'parameter = "dealer_window"', "參數 dealer_window 須為月數"),
        ('id = "correction_days"', 'id = "correction_day"', "parameter：缺少 correction_days"),
        ("value = 10", "value = -1", "parameter[correction_days].value：超出範圍"),
        # routes
        (f'{EXTENSION}["review", "endorse"]', f'{EXTENSION}["review"]', "kind[extension].route：程序沒有終點"),
        (f'{EXTENSION}["review", "endorse"]', f'{EXTENSION}[]', "kind[extension].route：項數須為"),
        (f'{EXTENSION}["review", "endorse"]', f'{EXTENSION}["review", "approve"]', "route[2]：不認得「approve」"),
        (f'{EXTENSION}["review", "endorse"]', f'{EXTENSION}["endorse"]', "route[1]：程序之首步須為 review"),
        (
            f'{EXTENSION}["review", "endorse"]',
            f'{EXTENSION}["review", "endorse", "forward", "authority"]',
            "kind[extension].route：各步至多一次，且作成決定之步驟僅得在末步",
        ),
        (f'{EXTENSION}["review", "endorse"]', f'{EXTENSION}["review", "authority"]', "須同時存在"),
        ('zh = "核備"', 'zh = "核准"', "kind[extension].outcome：「核准」已用於末步為 authority 之類型"),
        ("extensions = 1", "extensions = 0", "period.extensions：與 [[kind]] 不符"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_where_it_stands(tmp_path: Path, old: str, new: str, said: str) -> None:
    found = faults(tmp_path, (old, new))
    line = SOURCE[: SOURCE.index(old)].count("\n") + 1
    [fault] = [fault for fault in found if said in fault]
    # where a key is missing, the line is that of its table; a changed passage of several lines ends with the change
    assert re.match(r"x\.toml:\d+: ", fault)
    if "缺少" not in said and "since" not in said and "[[kind]]" not in said:
        assert int(fault.split(":")[1]) in range(line, line + old.rstrip("\n").count("\n") + 1)


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, ("trigger = true", "triger = true"), ('type = "yesno"', 'type = "boolean"'))
    assert len(found) == 2
    found = faults(tmp_path, ('group = "scope"', 'group = "scoop"'), ('id = "3.1.2"', 'id = "3.1.1"'))
    assert "沒有群組 scoop" in found[0]
    assert "「3.1.1」重複" in "".join(found[1:])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe", "x.toml:1: 檔案：不是 UTF-8 編碼，請以 UTF-8 另存"),
        ("a = 1\n\nb = '備".encode("big5"), "x.toml:3: 檔案：不是 UTF-8 編碼，請以 UTF-8 另存"),
        (b"", "x.toml:1: 檔案：缺少 announcement，請補上"),
        (b"a = 1\nb = " + b"[" * 9000, "x.toml:2: 檔案：不是正確的 TOML（括號層數過多），"),
        (b"#" * 2_000_001, "x.toml:1: 檔案：過大，至多 2000000 位元組"),
    ],
)  # fmt: skip
def test_what_is_no_version_file_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(data)
    with pytest.raises(CatalogueError) as caught:
        catalogue.read(path)
    assert [fault for fault in caught.value.faults if fault.startswith(said)] != []


def test_a_number_too_long_to_read_is_refused(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, ("months = 3\n", f"months = {'9' * 5000}\n"))
    line = SOURCE[: SOURCE.index("months = 3\n")].count("\n") + 1
    assert fault.startswith(f"x.toml:{line}: 檔案：不是正確的 TOML")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"^x\.toml:1: 檔案：無法讀取"):
        catalogue.read(tmp_path / "x.toml")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(SOURCE, encoding="utf-8-sig")
    assert catalogue.read(path) == catalogue.load("112-10-03")


def test_a_version_under_another_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "113-01-01.toml").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    with pytest.raises(CatalogueError, match=r"檔名須為 112-10-03\.toml"):
        catalogue.load.__wrapped__("113-01-01")
