"""Nothing outside the catalogue decides by the name of an authority, a line, a section or a cap.

Comments, docstrings and what is handed to gettext (words for people, which the translations have) decide nothing and
are not looked at. What else is found has to be on the list, with its reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "applications", "reviews", "wfh_portal")
NAMED = re.compile(
    r"TWSE|FSC|證交所|臺灣證券交易所|主管機關|金管會|金融監督管理委員會"
    r"|brokerage|受託買賣|自行買賣|結算及申報|三個月"
    r"|^[123]\.\d[\d.]*(?:/|$)"
)
GETTEXT = re.compile(r"_|p?n?p?gettext(?:_lazy|_noop)?")

# file -> text -> why it may stand there
ALLOWED = {
    "applications/feeds.py": {"2.0": "the version of iCalendar"},
    "applications/management/commands/check_guideline.py": {"；主管機關：": "a label of an operator's command"},
    "reviews/management/commands/seed_demo.py": {"臺灣證券交易所": "data of the demo"},
}


def files() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if "migrations" not in parts and parts[:2] != ("reviews", "demo"):
                yield path


def texts(source: str) -> Iterator[str]:
    """Every text in the source that could decide something."""
    tree = ast.parse(source)
    words: set[ast.expr] = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and GETTEXT.fullmatch(node.func.id):
            words |= set(node.args)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in words:
            yield node.value


def named(source: str) -> set[str]:
    return {text for text in texts(source) if NAMED.search(text)}


def test_what_decides_is_found_and_words_are_not() -> None:
    source = '''
"""主管機關"""
# TWSE
class Page:
    """Clause 2.2.1."""
    label = _("僅證交所人員可見")
    other = pgettext_lazy("status", "已轉報主管機關")
    def get(self, line="brokerage"):
        if line == "受託買賣" or case["2.2.3/lines"] or "2.2.1" in marks or kind(f"{x}三個月"):
            return {"FSC": 1}, "1.5rem", "2.2.2.2px", "not 2.2.1"
'''
    assert named(source) == {"brokerage", "受託買賣", "2.2.3/lines", "2.2.1", "三個月", "FSC"}


def test_nothing_outside_the_catalogue_names_what_it_decides() -> None:
    found = {str(path.relative_to(ROOT)): named(path.read_text(encoding="utf-8")) for path in files()}
    strange = {name: here - set(ALLOWED.get(name, {})) for name, here in found.items()}
    assert {name: here for name, here in strange.items() if here} == {}


def test_the_list_of_what_is_allowed_is_not_longer_than_it_has_to_be() -> None:
    gone = {
        name: set(texts_) - (named((ROOT / name).read_text(encoding="utf-8")) if (ROOT / name).exists() else set())
        for name, texts_ in ALLOWED.items()
    }
    assert {name: here for name, here in gone.items() if here} == {}
