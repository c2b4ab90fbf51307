"""The lines of a letter and how they hang."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from applications.present import english

_MARKER = re.compile(
    r"((?:主旨|說明|擬辦|辦法|正本|副本|附件)[:：]|(?:Subject|Note):|[IVX]+\.(?=\s)|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|\d{1,2}(?:、|\.(?!\d)))\s*"
)
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_DEPTHS = {"、": 1, "）": 3, ")": 3, ".": 4}


@dataclass(frozen=True)
class Line:
    """A line of a letter: its marker (主旨：, 一、) hangs; ``depth`` is how far it is indented, in characters."""

    marker: str
    text: str
    depth: int

    @property
    def hang(self) -> int:
        """How far the text stands from the marker, in characters; those of an English word are half as wide."""
        return (len(self.marker) + 1) // 2 if len(self.marker) > 4 else len(self.marker)


def lines_of(paragraph: str) -> list[str]:
    """The lines that say something."""
    return [line.strip() for line in paragraph.splitlines() if line.strip()]


def letter_lines(paragraph: str) -> list[Line]:
    """The lines of a paragraph; one without a marker stands under the text of the first."""
    found = [letter_line(line) for line in lines_of(paragraph)]
    under = found[0].depth + found[0].hang if found else 0
    return [one if one.marker or number == 0 else replace(one, depth=under) for number, one in enumerate(found)]


def letter_line(line: str) -> Line:
    """The line with its marker, if it starts with one, set apart."""
    match = _MARKER.match(line)
    if not match:
        return Line("", line, 0)
    marker = match[1]
    depth = 5 if marker[0].isdigit() else 1 if marker[0] in "IVX" else _DEPTHS.get(marker[-1], 0)
    return Line(marker, line[match.end() :], depth)


def numbered(points: Iterable[str]) -> list[str]:
    """一、二、 before the points of a letter; I. and II. in English, where 1. and 2. stand one level below."""
    marks, stop = (_ROMAN, ". ") if english() else ("一二三四五六七八九", "、")
    return [f"{mark}{stop}{text}" for mark, text in zip(marks, points, strict=False)]
