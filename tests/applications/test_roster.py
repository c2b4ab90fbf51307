"""The roster of clause 2.2.2: its rows, its counts, its agents, and the file that is written."""

import csv
import json
from dataclasses import replace
from io import StringIO

import pytest

from applications import roster_files
from applications.roster import (
    COLUMNS,
    LineCount,
    Row,
    Summary,
    clean_row,
    fold,
    row_warnings,
    summary,
    template_csv,
    write_csv,
)
from tests.applications.rosters import RAW, ROW, VERSION, read, said, sample


def wrong(**changes: str) -> list[tuple[str, str]]:
    row, errors = clean_row(RAW | changes, VERSION, 1)
    assert row is None
    assert {error.row for error in errors} == {2}
    return [(error.column, str(error)) for error in errors]


# --- the sample ----------------------------------------------------------


def test_sample_csv_and_xlsx_give_the_same_85_people():
    from_csv, csv_errors = read(sample("roster.csv"), "roster.csv")
    from_xlsx, xlsx_errors = read(sample("roster.xlsx"), "roster.xlsx")
    assert (csv_errors, xlsx_errors) == ([], [])
    assert len(from_csv) == 85
    assert from_csv == from_xlsx
    assert [row.position for row in from_csv] == list(range(1, 86))
    assert from_csv[82] == Row(
        83, "JS00083", "歐陽丁亥", "臺中分公司", "業務暨結算員", "", ("brokerage", "clearing"), "home",
        ("JS00085",), False, False, "NB-X02",
    )  # fmt: skip


def test_sample_keeps_rare_characters_exactly():
    names = {row.staff_no: row.name for row in read(sample("roster.csv"))[0]}
    assert names["JS00003"] == "王擬\U00020bb7"
    assert names["JS00004"] == "張虛\u4dae"
    assert names["JS00014"] == "\U00020bb7田三"
    assert names["JS00027"] == "阮‧Nguyễn Thị Ánh"
    assert names["JS00052"] == "李\u3000㛢"
    assert names["JS00060"] == "Jia-Shan Test-Account da Silva e Souza"


def test_sample_gives_the_counts_of_the_filing():
    rows = read(sample("roster.csv"))[0]
    counts = summary(rows, VERSION)
    assert counts == Summary(
        total=85, at_home=42, on_site=43, rotating=0, senior=5, supervisors=7, supervisors_at_home=0,
        with_line=69, support=16,
        lines=(LineCount("brokerage", 42, 26), LineCount("dealer", 11, 6), LineCount("clearing", 20, 12)),
    )  # fmt: skip
    expected = json.loads(sample("filing.json"))["roster"]["expected"]
    assert expected == {
        "total": counts.total, "at_home": counts.at_home, "on_site": counts.on_site, "senior_managers": counts.senior,
        "supervisors": counts.supervisors, "supervisors_at_home": counts.supervisors_at_home,
    }  # fmt: skip


def test_sample_has_no_warnings():
    assert row_warnings(read(sample("roster.csv"))[0], VERSION) == []


def test_sample_written_and_read_again_is_the_same():
    rows = read(sample("roster.csv"))[0]
    assert read(write_csv(rows, VERSION)) == (rows, [])


# --- rows ------


def test_clean_row_takes_away_outer_white_space_only():
    row, errors = clean_row(RAW | {"name": "\u3000 李\u3000㛢\u00a0", "title": " 襄 理 "}, VERSION, 1)
    assert errors == []
    assert row == replace(ROW, name="李\u3000㛢", title="襄 理")


@pytest.mark.parametrize(
    "name",
    ["𠮷田三", "趙䶮四", "阮‧Nguyễn Thị Ánh", "塚\ufa10", "O’Neil, Ann-Marie", "=1+1", "<b>甲</b>", "曾\U000e0100"],
)
def test_clean_row_keeps_names_as_typed(name):
    row, errors = clean_row(RAW | {"name": name}, VERSION, 1)
    assert (row, errors) == (replace(ROW, name=name), [])


@pytest.mark.parametrize("name", ["王?明", "王？明", "王□明", "王〓明", "王\ufffd明"])
def test_clean_row_with_a_lost_character(name):
    assert wrong(name=name) == [("姓名", f"字元遺失：「{name}」含有無法辨識的字元；請以 UTF-8 重新輸入正確的字")]


def test_clean_row_with_a_lost_character_elsewhere():
    assert wrong(department="經\ufffd部") == [
        ("部門", "字元遺失：「經\ufffd部」含有無法辨識的字元；請以 UTF-8 重新輸入正確的字")
    ]
    assert clean_row(RAW | {"title": "襄理?"}, VERSION, 1)[1] == []


def test_clean_row_with_a_private_character():
    assert wrong(name="王\ue001") == [
        ("姓名", "「王\ue001」含有造字（私有字元），其他電腦無法顯示；請改用 Unicode 標準字")
    ]


def test_clean_row_with_nothing_in_it_asks_for_what_is_needed():
    row, errors = clean_row({}, VERSION, 1)
    assert row is None
    assert said(errors) == [
        (2, "員工編號", "請填寫「員工編號」"),
        (2, "姓名", "請填寫「姓名」"),
        (2, "職稱", "請填寫「職稱」"),
        (2, "辦公方式", "請填寫「辦公方式」"),
    ]


def test_clean_row_with_every_other_error():
    assert wrong(staff_no="A" * 31) == [("員工編號", "「員工編號」超過 30 個字；請縮短")]
    assert wrong(device="NB\x00") == [("設備編號", "「設備編號」含有控制字元；請重新輸入")]
    assert wrong(lines="受託買賣；承銷、期貨", place="海外", senior="或許") == [
        ("業務項目",
         "不認得業務項目「承銷」；請填寫受託買賣作業及交易作業、自行買賣作業及交易作業、結算及申報作業，多項以「；」分隔"),
        ("業務項目",
         "不認得業務項目「期貨」；請填寫受託買賣作業及交易作業、自行買賣作業及交易作業、結算及申報作業，多項以「；」分隔"),
        ("辦公方式", "不認得辦公方式「海外」；請填寫居家、營業處所或輪替"),
        ("是否高階經理人", "不認得「或許」；請填寫是或否"),
    ]  # fmt: skip


def test_clean_row_reports_under_the_row_that_it_is_given():
    assert [error.row for error in clean_row({**RAW, "place": ""}, VERSION, 3, 40)[1]] == [40]


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("", ()), ("無", ()), ("－", ()), ("N/A", ()),
        ("受託買賣作業及交易作業", ("brokerage",)), ("受託買賣", ("brokerage",)), ("brokerage", ("brokerage",)),
        ("Dealer trading and transactions", ("dealer",)), ("結算", ("clearing",)), ("自行買賣作業", ("dealer",)),
        ("結算及申報；受託買賣", ("brokerage", "clearing")), ("受託買賣;自行買賣", ("brokerage", "dealer")),
        ("受託買賣、結算及申報", ("brokerage", "clearing")), ("受託買賣\n結算及申報", ("brokerage", "clearing")),
        ("受託買賣／受託買賣作業及交易作業", ("brokerage",)),
    ],
)  # fmt: skip
def test_clean_row_lines(typed, lines):
    assert clean_row(RAW | {"lines": typed}, VERSION, 1) == (replace(ROW, lines=lines), [])


def test_clean_row_refuses_a_line_that_begins_like_two():
    assert [column for column, _ in wrong(lines="作")] == ["業務項目"]


@pytest.mark.parametrize(
    ("typed", "place", "at_home"),
    [("居家", "home", True), ("營業處所", "office", False), ("輪替", "rotating", True), ("Home", "home", True)],
)
def test_clean_row_places(typed, place, at_home):
    row, _ = clean_row(RAW | {"place": typed}, VERSION, 1)
    assert row
    assert (row.place, row.at_home) == (place, at_home)


@pytest.mark.parametrize("typed", ["是", "Y", "y", "Ｙ", "1", "✓", "TRUE", "on"])
def test_clean_row_yes(typed):
    assert clean_row(RAW | {"senior": typed, "supervisor": typed}, VERSION, 1)[0] == replace(
        ROW, senior=True, supervisor=True
    )


@pytest.mark.parametrize("typed", ["否", "N", "0", "", " ", "FALSE", "－"])
def test_clean_row_no(typed):
    assert clean_row(RAW | {"senior": typed, "supervisor": typed}, VERSION, 1)[0] == ROW


@pytest.mark.parametrize(
    ("typed", "agents"),
    [("a2、阮‧Nguyễn Thị Ánh；\n B3 ", ("a2", "阮‧Nguyễn Thị Ánh", "B3")), ("無", ()), ("N/A", ()), ("", ())],
)
def test_clean_row_agents_as_typed(typed, agents):
    assert clean_row(RAW | {"agents": typed}, VERSION, 1)[0] == replace(ROW, agents=agents)


# --- agents ------------------------------------------------------------------------


def person(position: int, staff_no: str, name: str = "", **changes) -> Row:
    return replace(ROW, position=position, staff_no=staff_no, name=name or f"員工{staff_no}", agents=(), **changes)


def warned(*rows: Row) -> list[tuple[int, str]]:
    return [(position, message.format(**params)) for position, message, params in row_warnings(rows, VERSION)]


def test_row_warnings_for_each_kind_of_agent():
    first = person(1, "A1", "王小明")
    others = [
        person(2, "A2", "陳同名"),
        person(3, "A3", "陳同名"),
        person(4, "A4", "李自營", lines=("dealer",)),
        person(5, "A5", "張　兩用", lines=("brokerage", "clearing")),
        person(6, "A6", "林支援", lines=()),
    ]

    def about(*agents: str) -> list[tuple[int, str]]:
        return warned(replace(first, agents=agents), *others)

    assert about("A2", "ａ3", "張兩用") == []
    assert about("A9") == [(1, "王小明 的代理人「A9」不在名冊中")]
    assert about("a1") == [(1, "王小明 的代理人是本人")]
    assert about("王小明") == [(1, "王小明 的代理人是本人")]
    assert about("陳同名") == [(1, "王小明 的代理人「陳同名」在名冊中有 2 位同名者；請改填員工編號")]
    assert about("A4", "林支援") == [
        (1, "王小明 與代理人「A4」沒有共同的業務項目"),
        (1, "王小明 與代理人「林支援」沒有共同的業務項目"),
    ]


def test_row_warnings_for_supervisors():
    office = person(2, "A2", lines=(), supervisor=True)
    clerk = person(3, "A3")
    boss = person(1, "A1", "督導", supervisor=True)
    assert warned(replace(boss, agents=("A2",)), office, clerk) == []
    assert warned(replace(boss, agents=("A3",)), office, clerk) == [(1, "督導 是監理人員，代理人「A3」不是")]


def test_row_warnings_leave_support_staff_out_of_the_common_line():
    assert warned(replace(person(1, "A1", lines=()), agents=("A2",)), person(2, "A2")) == []


def test_summary_counts_rotating_as_at_home_and_a_person_of_two_lines_in_each():
    rows = [
        person(1, "A1", lines=("brokerage", "clearing"), place="rotating", supervisor=True),
        person(2, "A2", lines=(), place="office", senior=True),
    ]
    assert summary(rows, VERSION) == Summary(
        total=2, at_home=1, on_site=1, rotating=1, senior=1, supervisors=1, supervisors_at_home=1,
        with_line=1, support=1,
        lines=(LineCount("brokerage", 1, 1), LineCount("dealer", 0, 0), LineCount("clearing", 1, 1)),
    )  # fmt: skip
    assert summary([], VERSION).total == 0


# --- writing -----------------------------------------------------------------------


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "'=", "''+"])
def test_write_csv_disarms_formulas_and_reads_back(start):
    row = replace(ROW, name=f"{start}cmd|' /C calc'!A0", device=f"{start}1")
    data = write_csv([row], VERSION)
    cells = list(csv.reader(StringIO(data.decode("utf-8-sig"))))[1]
    assert (cells[1], cells[10]) == ("'" + row.name, "'" + row.device)
    assert read(data) == ([row], [])


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1"])
def test_safe_cell_disarms_what_begins_with_a_tab_or_line_end(text):
    assert roster_files.safe_cell(text) == "'" + text


def test_write_csv_is_this_file():
    row = replace(ROW, lines=("brokerage", "clearing"), agents=("A2", "李,四"), senior=True, place="rotating")
    assert (
        write_csv([row], VERSION)
        == (
            "\ufeff員工編號,姓名,部門,職稱,分支機構代號,業務項目,辦公方式,代理人,是否高階經理人,是否監理人員,設備編號\r\n"
            'A1,王小明,經紀部,業務員,,受託買賣作業及交易作業；結算及申報作業,輪替,"A2；李,四",是,否,NB-1\r\n'
        ).encode()
    )


def test_template_csv_is_the_header():
    assert template_csv() == ("\ufeff" + ",".join(column.header for column in COLUMNS) + "\r\n").encode()


def test_fold_compares_without_width_case_and_space():
    assert fold("李\u3000㛢 Ａb") == "李㛢ab"
    assert fold("\uf9f4") == "林"  # a compatibility ideograph; the stored text keeps it
