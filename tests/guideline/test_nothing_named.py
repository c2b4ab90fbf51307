"""Nothing outside the catalogue decides or labels by the name of an authority, a line, a section or a cap.

Docstrings and comments decide nothing and are not looked at, in Python as in templates. Words for people are: the
exchange and the authority are named in them by the version (``naming.named``, ``version``, ``law``). What else is found
has to be on the list, with its reason.
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
# A kind of day of the exchange's calendar is called clearing too; a licence dealer: so as a whole text alone.
LINES = re.compile(r"clearing|dealer")
IN_TEMPLATE = re.compile(
    NAMED.pattern.split("|^")[0] + r"|(?<![\w.])[123]\.\d+\.\d[\d.]*" + "|[\"'](?:clearing|dealer)[\"']|[壹貳參]、"
)
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)

# file -> text -> why it may stand there
ALLOWED = {
    "accounts/enums.py": {"dealer": "a licence, of which the version's lines say which they need"},
    "applications/enums.py": {"clearing": "a kind of day in the exchange's calendar"},
    "applications/feeds.py": {"2.0": "the version of iCalendar"},
    "applications/management/commands/check_guideline.py": {"；主管機關：": "a label of an operator's command"},
    "applications/views/operator_settings.py": {"clearing": "days of that kind, counted for the page"},
    "reviews/management/commands/seed_demo.py": {"臺灣證券交易所": "data of the demo"},
}


def files() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if "migrations" not in parts and parts[:2] != ("reviews", "demo"):
                yield path


def texts(source: str) -> Iterator[str]:
    """Every text in the source but docstrings."""
    tree = ast.parse(source)
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in words:
            yield node.value


def named(source: str) -> set[str]:
    return {text for text in texts(source) if NAMED.search(text) or LINES.fullmatch(text)}


def named_in_template(source: str) -> set[str]:
    return {found[0] for found in IN_TEMPLATE.finditer(COMMENT.sub("", source))}


def test_what_names_is_found_and_what_explains_is_not() -> None:
    source = '''
"""主管機關"""
# TWSE
class Page:
    """Clause 2.2.1."""
    label = _("僅證交所人員可見")
    other = pgettext_lazy("status", "已轉報主管機關")
    def get(self, line="brokerage"):
        if line == "受託買賣" or case["2.2.3/lines"] or "2.2.1" in marks or kind(f"{x}三個月"):
            return {"FSC": 1}, "1.5rem", "2.2.2.2px", "not 2.2.1", "clearing", "clearing up"
'''
    assert named(source) == {
        *("brokerage", "受託買賣", "2.2.3/lines", "2.2.1", "三個月", "FSC", "clearing"),
        *("僅證交所人員可見", "已轉報主管機關"),
    }


def test_what_a_template_names_is_found_and_its_comments_are_not() -> None:
    source = """
{# 2.2.1 of the FSC #}
{% comment %}
主管機關
{% endcomment %}
{% if line == "clearing" %}{% translate "向證交所" %}{% endif %}{{ clearing }} {% url "x" "2.2.1" %} 貳、二
<svg viewBox="0 0 16.25 1.5"><text x="11.2">v1.12.3</text></svg>
"""
    assert named_in_template(source) == {'"clearing"', "證交所", "2.2.1", "貳、"}


def test_no_template_names_what_the_version_says() -> None:
    found = {
        str(path.relative_to(ROOT)): named_in_template(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "templates").rglob("*"))
        if path.is_file()
    }
    assert {name: here for name, here in found.items() if here} == {}


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
