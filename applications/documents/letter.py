"""The lines of a letter and how they hang."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_MARKER = re.compile(
    r"((?:主旨|說明|擬辦|辦法|正本|副本|附件)[:：]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|\d{1,2}(?:、|\.(?!\d)))\s*"
)
_DEPTHS = {"、": 1, "）": 3, ")": 3, ".": 4}


@dataclass(frozen=True)
class Line:
    """A line of a letter: its marker (主旨：, 一、) hangs; ``depth`` is how far it is indented, in characters."""

    marker: str
    text: str
    depth: int

    @property
    def hang(self) -> int:
        return len(self.marker)


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
    depth = 5 if marker[0].isdigit() else _DEPTHS.get(marker[-1], 0)
    return Line(marker, line[match.end() :], depth)
