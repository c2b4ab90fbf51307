"""On which line of a TOML file a key stands: tomllib gives values without places.

Only for text that tomllib has read: nothing is checked here, and a path that is not found has no line.
"""

from __future__ import annotations

import re
from bisect import bisect
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)

Path = tuple[str | int, ...]


class _Reader:
    """Walks the text once and notes where every key, table and entry of a list begins."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.found = text, 0, dict[Path, int]()
        self.counts = dict[Path, int]()  # [[tables]] so far
        self.ends = [match.start() for match in re.finditer("\n", text)]

    def note(self, path: Path) -> None:
        self.found.setdefault(path, bisect(self.ends, self.at - 1) + 1)

    def peek(self, token: str) -> bool:
        return self.text.startswith(token, self.at)

    def skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def string(self) -> str | None:
        for pattern in _STRINGS:
            if found := self.skip(pattern):
                return found
        return None

    def key(self) -> tuple[str, ...]:
        """A dotted key; its parts, quotes taken off (escapes in a key are left as they are)."""
        parts: list[str] = []
        while True:
            self.skip(_SPACE)
            quoted = self.string()
            parts.append(quoted[1:-1] if quoted else self.skip(_BARE))
            self.skip(_SPACE)
            if not self.peek("."):
                return tuple(parts)
            self.at += 1

    def resolve(self, parts: tuple[str, ...]) -> Path:
        """The path that a header's name means: the last entry of every list of tables on the way."""
        path: Path = ()
        for part in parts:
            path = (*path, part)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def header(self) -> Path:
        double = self.peek("[[")
        start, self.at = self.at, self.at + (2 if double else 1)
        parts = self.key()
        end, self.at = self.at, start
        if double:
            path = (*self.resolve(parts[:-1]), parts[-1])
            self.note(path)
            self.counts[path] = self.counts.get(path, 0) + 1
            path = (*path, self.counts[path] - 1)
        else:
            path = self.resolve(parts)
        self.note(path)
        self.at = end + (2 if double else 1)
        return path

    def pair(self, path: Path) -> None:
        start = self.at
        parts = self.key()
        end, self.at = self.at, start
        for length in range(1, len(parts) + 1):
            self.note((*path, *parts[:length]))
        self.at = end + 1  # the equals sign
        self.value((*path, *parts))

    def value(self, path: Path) -> None:
        self.skip(_BLANK)
        if self.peek("[") or self.peek("{"):
            closing = "]" if self.peek("[") else "}"
            self.at += 1
            number = 0
            while self.at < len(self.text):
                self.skip(_BLANK)
                if self.peek(closing):
                    self.at += 1
                    return
                if self.peek(","):
                    self.at += 1
                elif closing == "]":
                    self.note((*path, number))
                    self.value((*path, number))
                    number += 1
                else:
                    self.pair(path)
        elif self.string() is None:
            self.skip(_SCALAR)

    def whole(self) -> None:
        path: Path = ()
        while self.at < len(self.text):
            self.skip(_BLANK)
            before = self.at
            if self.peek("["):
                path = self.header()
            elif before < len(self.text):
                self.pair(path)
            if self.at == before:
                return


def lines(text: str) -> dict[Path, int]:
    """The line (from 1) of every key, table and entry of a list in the text, by its path."""
    reader = _Reader(text)
    reader.whole()
    return reader.found


def line_of(found: dict[Path, int], path: Path) -> int:
    """The line of the path, or of the nearest thing around it that has one."""
    while path and path not in found:
        path = path[:-1]
    return found.get(path, 1)


def place_of(raw: Any, path: Path) -> str:
    """The path in words of the file: entries of a list by their id or name, ``section[2.2.1].item[2.2.1].zh``."""
    words, here = "", raw
    for part in path:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        if isinstance(part, str):
            words += f".{part}" if words else part
            continue
        known = here if isinstance(here, dict) else {}
        name = next((known[key] for key in ("id", "name", "kind") if isinstance(known.get(key), str)), "")
        words += f"[{name[:40] or part + 1}]"
    return words or "檔案"
