"""The words that readers meet: what each means, in both languages. Data in ``glossary.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from guideline.shape import Words

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Term:
    """One word. ``meaning`` may name ``{exchange}`` and ``{authority}``; ``clause`` is where it stands, if anywhere."""

    id: str
    word: Words
    meaning: Words
    clause: str = ""


@cache
def terms() -> dict[str, Term]:
    """All terms by id, in the order of the file."""
    return {
        one["id"]: Term(one["id"], Words(one["zh"], one["en"]), Words(**one["meaning"]), one.get("clause", ""))
        for one in tomllib.loads(FILE.read_text(encoding="utf-8"))["term"]
    }


@cache
def by_word() -> dict[str, Term]:
    """The same by their Chinese word."""
    return {term.word.zh: term for term in terms().values()}
