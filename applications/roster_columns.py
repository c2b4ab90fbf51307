"""What a roster is made of: its columns, the words in its cells, and a row.

The columns and words are readings of clause 2.2.2 of ours (「本系統參數，非指引所定」).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guideline.facts import gettext_noop


@dataclass(frozen=True)
class Column:
    """``required``: a file must have it. ``filled``: a row must say something in it."""

    key: str
    header: str
    aliases: tuple[str, ...] = ()
    required: bool = True
    filled: bool = False
    limit: int = 100


COLUMNS = (
    Column("staff_no", "員工編號", ("員編", "工號", "職編", "員工代號", "employee id"), filled=True, limit=30),
    Column("name", "姓名", ("員工姓名",), filled=True),
    Column("department", "部門", ("部門名稱", "單位")),
    Column("title", "職稱", ("職務", "職位"), filled=True),
    Column("branch", "分支機構代號", ("分支機構", "分支機構代碼", "分公司代號"), required=False, limit=20),
    Column("lines", "業務項目", ("業務", "業務別", "業務範疇", "business line"), limit=300),
    Column("place", "辦公方式", ("辦公地點", "工作方式", "辦公處所"), filled=True, limit=20),
    Column("agents", "代理人", ("職務代理人", "代理人員工編號", "agent"), limit=300),
    Column("senior", "是否高階經理人", ("高階經理人", "是否為高階經理人", "senior manager"), limit=10),
    Column("supervisor", "是否監理人員", ("監理人員", "是否為監理人員", "是否負責監理"), limit=10),
    Column("device", "設備編號", ("設備", "設備代號", "電腦編號"), required=False),
)
BY_KEY = {column.key: column for column in COLUMNS}

PLACES = {"home": gettext_noop("居家"), "office": gettext_noop("營業處所"), "rotating": gettext_noop("輪替")}
PLACE_WORDS = {
    "home": ("居家", "居家辦公", "在家", "home"),
    "office": ("營業處所", "營業場所", "辦公室", "公司", "office"),
    "rotating": ("輪替", "輪班", "輪流", "rotating"),
}
# compared with the folded text
YES = frozenset({"是", "有", "y", "yes", "true", "t", "1", "v", "on", "✓", "✔", "☑", "○"})
NO = frozenset({"", "否", "無", "n", "no", "false", "f", "0", "x", "off", "-", "—", "–", "✗", "✕", "×", "☐"})
NOTHING = frozenset({"無", "-", "—", "–", "n/a", "不適用"})
SEPARATORS = re.compile(r"[；;、,，/／\n\r]+")
OUTER = " \t\r\n\f\v\u3000\u00a0\u200b\ufeff"

# what a name shows after it went through Big5; 〓 and □ stand for a character that a font or code page lacks
LOST_MARKS = re.compile("[?？□〓\ufffd]")
PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Row:
    """One person. ``position`` counts the people from 1; ``lines`` are ids in the version's order."""

    position: int
    staff_no: str
    name: str
    department: str
    title: str
    branch: str
    lines: tuple[str, ...]
    place: str  # home, office, rotating
    agents: tuple[str, ...]  # as typed: staff numbers or names
    senior: bool
    supervisor: bool
    device: str

    @property
    def at_home(self) -> bool:
        """輪替 counts as at home."""
        return self.place in {"home", "rotating"}


@dataclass(frozen=True)
class RowError:
    """What is wrong with a cell and what to do; ``row`` 0 is the file as a whole.

    ``row`` is the number that a spreadsheet shows, ``column`` the header ("" for the
    row). A ``warning`` is for the reader to know and stops nothing.
    """

    row: int
    column: str
    value: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    warning: bool = False

    def __str__(self) -> str:
        return self.message.format(**self.params)


@dataclass(frozen=True)
class LineCount:
    line: str
    total: int
    at_home: int


@dataclass(frozen=True)
class Summary:
    """Counts of people. Someone of two lines is in both ``lines`` and once in every other number."""

    total: int
    at_home: int
    on_site: int
    rotating: int
    senior: int
    supervisors: int
    supervisors_at_home: int
    with_line: int
    support: int
    lines: tuple[LineCount, ...]


def fold(text: str) -> str:
    """The copy that is compared and searched: normalised, without case or white space. Never stored."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def fold_header(text: str) -> str:
    return re.sub(r"\(.*?\)|[_*:]", "", fold(text))
