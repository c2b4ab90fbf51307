"""What the copy lint looks at: every Chinese text of ours, in Python, templates and TOML, with where it stands."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.template.base import Lexer, TokenType

ROOT = Path(__file__).resolve().parent.parent
HAN = r"[㐀-䶿一-鿿豈-﫿]"
CHINESE = re.compile(HAN)
QUOTED = re.compile(r'"([^"]*)"|\'([^\']*)\'')
PACKAGES = ("accounts", "applications", "guideline", "reviews", "wfh_portal")

# what is wrong -> what it finds; ° is where the text has a placeholder, of which nothing is known
FAULTS = {
    "half-width punctuation beside Chinese": re.compile(rf"{HAN}[,;:!?()]|[,;:!?()]{HAN}|{HAN}\.(?=\s|$)|{HAN}\.\.\."),
    "straight quote beside Chinese": re.compile(rf"{HAN}[\"']|[\"']{HAN}"),
}
# A word that is not ours, and the one that is. 待補件 and 未補件 are of the documents that follow an emergency notice;
# a correction is 補正.
TERMS = (
    (r"(?<![待未])補件", "補正，或補具書件"),
    ("複核", "覆核"),
    ("批准", "核准"),
    ("備案", "備查"),
    ("審批", "審查，或核准"),
    ("展期(?!間|滿)", "延展"),
    ("報備(?!查)", "備查，或通報"),
    ("電郵|[Ee]-?[Mm]ail", "電子郵件"),
    ("登陸", "登入"),
    ("用戶", "使用者"),
    ("信息", "訊息，或資訊"),
    ("文檔", "文件"),
    ("網絡", "網路"),
    ("視頻(?!率)", "視訊"),
    ("軟件|硬件", "軟體、硬體"),
    ("默認|缺省", "預設"),
    ("添加", "新增"),
    ("點擊", "按"),
    ("搜索", "搜尋"),
    ("鏈接", "連結"),
    ("打印", "列印"),
    ("台灣", "臺灣"),
    ("賬", "帳"),
)
A_NUMBER = re.compile(r"\(\w\)(?=字)")  # 甲證(法)字第…號 is how a firm writes it


def faults(text: str) -> list[str]:
    """What is wrong with a Chinese text."""
    text = A_NUMBER.sub("", text)
    if not CHINESE.search(text) or "\\" in text:  # a pattern is no text
        return []
    found = [f"{what}: {hit[0]}" for what, pattern in FAULTS.items() for hit in pattern.finditer(text)]
    return found + [f"{hit[0]}: {right}" for wrong, right in TERMS for hit in re.finditer(wrong, text)]


def of_python(source: str) -> Iterator[str]:
    """Every text but docstrings; {name} of a format is left as it is."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def of_template(source: str) -> Iterator[str]:
    """What a reader sees, and the texts inside of tags."""
    seen = []
    comment = False
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK and token.contents in {"comment", "endcomment"}:
            comment = token.contents == "comment"
        elif comment or token.token_type == TokenType.COMMENT:
            continue
        elif token.token_type == TokenType.TEXT:
            seen.append(token.contents)
        else:
            seen.append("°")
            yield from (one or other for one, other in QUOTED.findall(token.contents))
    yield from re.sub(r"<[^>]*>", "\n", "".join(seen)).splitlines()


def of_toml(source: str) -> Iterator[str]:
    """All but the law's own words: ``zh`` of an item or a premise is quoted to the letter."""

    def walk(node: Any, *, quoted: bool = False) -> Iterator[str]:
        if isinstance(node, str):
            yield node
        elif isinstance(node, list):
            for one in node:
                yield from walk(one, quoted=quoted)
        elif isinstance(node, dict):
            for key, value in node.items():
                if not (quoted and key == "zh") and key != "pattern":
                    yield from walk(value, quoted=key in {"premise", "item"} and isinstance(value, list))

    yield from walk(tomllib.loads(source))


def ours() -> Iterator[tuple[str, str]]:
    """(file, text) of all of them."""
    readers = [
        ("*.py", of_python, PACKAGES),
        ("*.html", of_template, ("templates",)),
        ("*.toml", of_toml, ("guideline",)),
    ]
    for pattern, read, folders in readers:
        for folder in folders:
            for path in sorted((ROOT / folder).rglob(pattern)):
                name = path.relative_to(ROOT)
                if "migrations" not in name.parts and name.parts[:2] != ("reviews", "demo"):
                    yield from ((str(name), text) for text in read(path.read_text(encoding="utf-8")))
