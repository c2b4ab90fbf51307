"""The evidence of a case as a matrix: items down, files across, places in the cells. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from applications.naming import words
from guideline.catalogue import Item, Version
from guideline.examine import wanted_evidence


@dataclass(frozen=True)
class Line:
    """One item. ``wanted`` names the evidence that it has to have; ``cells`` has what each file is cited for."""

    item: Item
    section: str
    title: str
    wanted: str
    cells: tuple[tuple[Mapping[str, Any], ...], ...]

    @property
    def cited(self) -> bool:
        return any(self.cells)

    @property
    def missing(self) -> bool:
        return bool(self.wanted) and not self.cited


@dataclass(frozen=True)
class Matrix:
    """``files`` is (id, name) of each column, in the order in which the items cite them."""

    files: tuple[tuple[int, str], ...]
    lines: tuple[Line, ...]

    @property
    def missing(self) -> list[Line]:
        return [line for line in self.lines if line.missing]

    @property
    def cited(self) -> int:
        return sum(line.cited for line in self.lines)


def matrix_of(content: Mapping[str, Any], version: Version, *, uncited: Iterable[tuple[int, str]] = ()) -> Matrix:
    """The matrix of a snapshot (``content.snapshot`` or ``Submission.content``).

    Args:
        uncited: id and name of files of the case that no item cites; they are the last columns.
    """
    pages = [version.section(section_id) for section_id in content["pages"]]
    asked = [(page.id, item) for page in pages for item in page.items]
    evidence = content["evidence"]
    files = {proof["file"]: proof["name"] for _, item in asked for proof in evidence.get(item.id, ())}
    files |= {file: name for file, name in uncited if file not in files}
    lines = []
    for section, item in asked:
        proofs = evidence.get(item.id, ())
        wanted = wanted_evidence(item, content["answers"].get(item.id, {}))
        cells = tuple(tuple(proof for proof in proofs if proof["file"] == file) for file in files)
        lines.append(Line(item, section, words(item.title), words(wanted.label) if wanted else "", cells))
    return Matrix(tuple(files.items()), tuple(lines))
