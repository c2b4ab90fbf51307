"""The announced guideline as data.

One TOML file in ``versions/`` is one announcement. Everything that a page, a
checklist, a PDF, a route or a deadline needs to know about the rules is read
from here; nothing outside this package names a clause.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from guideline.reading import read
from guideline.shape import (
    ANSWERS,
    EMPTY,
    ROWS,
    SIMPLE_TYPES,
    SINCE,
    TYPES,
    Body,
    CatalogueError,
    Duty,
    Evidence,
    Field,
    Item,
    Kind,
    Line,
    Needs,
    Option,
    Parameter,
    Rule,
    Section,
    Version,
    Words,
)

__all__ = [
    "ANSWERS",
    "EMPTY",
    "ROWS",
    "SIMPLE_TYPES",
    "SINCE",
    "TYPES",
    "Body",
    "CatalogueError",
    "Duty",
    "Evidence",
    "Field",
    "Item",
    "Kind",
    "Line",
    "Needs",
    "Option",
    "Parameter",
    "Rule",
    "Section",
    "Version",
    "Words",
    "every",
    "governing",
    "in_force",
    "load",
    "read",
    "use",
]

OURS = Path(__file__).parent / "versions"
FOLDER = OURS


def use(folder: Path) -> None:
    """Take the versions from this folder from now on: a deployment's own (``GUIDELINE_FOLDER``), or a test's."""
    global FOLDER
    FOLDER = Path(folder)
    load.cache_clear()
    every.cache_clear()


@cache
def load(version_id: str) -> Version:
    """The version with this id.

    Raises:
        KeyError: there is no such version.
        CatalogueError: its file is wrong.
    """
    path = FOLDER / f"{version_id}.toml"
    if not path.is_file():
        raise KeyError(version_id)
    version = read(path)
    if version.id != version_id:  # cases are stored under the id, and would not find their version
        raise CatalogueError(f"{path.name}:1: announcement.id：「{version.id}」與檔名不同，檔名須為 {version.id}.toml")
    return version


@cache
def every() -> tuple[Version, ...]:
    """All versions, the oldest first."""
    return tuple(sorted((load(path.stem) for path in FOLDER.glob("*.toml")), key=lambda v: (v.announced, v.id)))


def in_force(day: date) -> Version:
    """The version in force on ``day``: the last one announced on or before it.

    Raises:
        LookupError: nothing had been announced by then.
    """
    versions = [version for version in every() if version.announced <= day]
    if not versions:
        raise LookupError(day)
    return versions[-1]


def governing(day: date) -> Version:
    """The version under which something that came in on ``day`` is read: the first one, where none was in force yet."""
    return in_force(max(day, every()[0].announced))
