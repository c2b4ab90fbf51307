"""The roster of a fictional firm, as the spreadsheet that it uploads. Names are those of the sexagenary cycle."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Font

from applications.roster_columns import COLUMNS, PLACES
from guideline.catalogue import load
from reviews.demo.firms import DemoFirm
from reviews.demo.sample import VERSION

SURNAMES = "廖賴徐周趙蘇莊江呂何阮高蕭潘簡朱鍾游彭詹胡沈范陳黃張李王吳劉蔡許鄭謝郭洪"
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
UNITS = {"brokerage": "經紀業務部", "dealer": "自營部", "clearing": "結算部"}
TITLES = {
    "brokerage": ("業務員", "資深業務員", "高級業務員"),
    "dealer": ("交易員", "資深交易員", "避險交易員"),
    "clearing": ("結算員", "資深結算員", "覆核員"),
}
LETTER = {"brokerage": "B", "dealer": "D", "clearing": "C"}


@dataclass(frozen=True)
class Person:
    """One row; ``line`` is "" for management and support."""

    staff_no: str
    name: str
    department: str
    title: str
    line: str = ""
    at_home: bool = False
    agent: str = ""
    senior: bool = False
    supervisor: bool = False
    device: str = ""


@dataclass(frozen=True)
class Counts:
    """What the answers say of the roster."""

    total: int
    at_home: int
    supervisors: int
    lines: tuple[tuple[str, int], ...]  # line asked for -> how many at home

    @property
    def on_site(self) -> int:
        return self.total - self.at_home

    def of(self, line: str) -> int:
        return dict(self.lines)[line]


def people(firm: DemoFirm, lines: Collection[str]) -> list[Person]:
    """Everybody of the firm; those of the lines asked for work from home as far as the firm means them to."""
    numbers = [f"{firm.prefix}{n:05}" for n in range(1, 80)]
    found = [
        Person(numbers[0], firm.president, "總經理室", "總經理", agent=numbers[1], senior=True),
        Person(numbers[1], firm.manager, "總經理室", "副總經理", agent=numbers[0], senior=True),
        Person(numbers[2], firm.compliance, "法令遵循室", "協理", agent=numbers[4], senior=True, supervisor=True),
        Person(numbers[3], firm.security, "資訊部", "協理（資訊安全長）", agent=numbers[6], senior=True),
        Person(numbers[4], firm.audit, "稽核室", "稽核主管", agent=numbers[5], supervisor=True),
        Person(numbers[5], firm.risk, "風險管理室", "經理", agent=numbers[4], supervisor=True),
        Person(numbers[6], _name(firm, 6), "資訊部", "資安工程師", agent=numbers[3]),
    ]
    for line, home, office in firm.staff:
        start = len(found)
        lead, first, rest = numbers[start], numbers[start + 1 : start + 1 + home], numbers[start + 1 + home :]
        found.append(Person(lead, _name(firm, start), UNITS[line], "督導", line, agent=numbers[5], supervisor=True))
        for n in range(home + office):
            agent = rest[n % office] if n < home else first[(n - home) % home]
            found.append(
                Person(
                    numbers[start + 1 + n],
                    _name(firm, start + 1 + n),
                    UNITS[line],
                    TITLES[line][n % 3],
                    line,
                    at_home=n < home and line in lines,
                    agent=agent,
                    device=f"{'NB' if n < home else 'PC'}-{LETTER[line]}{n + 1:02}",
                )
            )
    return found


def counts(firm: DemoFirm, lines: Collection[str]) -> Counts:
    """How many of them there are."""
    found = people(firm, lines)
    return Counts(
        total=len(found),
        at_home=sum(one.at_home for one in found),
        supervisors=sum(one.supervisor for one in found),
        lines=tuple((line, home) for line, home, _ in firm.staff if line in lines),
    )


def workbook(firm: DemoFirm, lines: Collection[str]) -> bytes:
    """The roster as an XLSX file."""
    names = {line.id: line.name.zh for line in load(VERSION).lines}
    book = Workbook()
    sheet = book.active
    sheet.title = "名冊"
    heads = [column.header for column in COLUMNS if column.key != "branch"]
    sheet.append(heads)
    for one in people(firm, lines):
        sheet.append(
            [
                one.staff_no,
                one.name,
                one.department,
                one.title,
                names.get(one.line, ""),
                PLACES["home" if one.at_home else "office"],
                one.agent,
                "是" if one.senior else "否",
                "是" if one.supervisor else "否",
                one.device,
            ]
        )
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFGHIJ", (12, 12, 14, 20, 26, 12, 12, 16, 14, 12), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _name(firm: DemoFirm, n: int) -> str:
    """A name that nobody else at the firm has."""
    start = ord(firm.prefix[0]) + 7 * n
    cycle = 11 * n + ord(firm.prefix[1])
    return SURNAMES[start % len(SURNAMES)] + STEMS[cycle % 10] + BRANCHES[cycle % 12]
