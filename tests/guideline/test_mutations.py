"""A hundred files with a mistake: each is refused at its place, or accepted and working. Never a traceback."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from applications.forms.section import SectionForm
from applications.present import message
from guideline import catalogue
from guideline.catalogue import CatalogueError, Version
from guideline.differing import differences, dropped_places
from guideline.examine import case_warnings, section_problems
from guideline.format import FORMAT, schema
from reviews.demo import sample
from tests.guideline.mutating import mutants
from tests.guideline.plain import plain

SOURCE = (catalogue.FOLDER / "112-10-03.toml").read_text(encoding="utf-8")
ORIGINAL = catalogue.load("112-10-03")
MUTANTS = dict(mutants(SOURCE, count=100, seed=20231003))
SAID = re.compile(r"x\.toml:(\d+): [^：]+：\S.*")
SCHEMA = Draft202012Validator(schema())


def read(tmp_path: Path, data: bytes) -> Version | CatalogueError:
    path = tmp_path / "x.toml"
    path.write_bytes(data)
    try:
        return catalogue.read(path)
    except CatalogueError as error:
        return error


def works(version: Version, answers: Mapping[str, Mapping[str, Any]]) -> None:
    """The form of every section is built and drawn, and a filled and an empty case are examined to the last rule."""
    lines = tuple(line.id for line in version.lines)
    for stored in (answers, {}):
        facts = sample.facts(version=version, lines=lines)
        values: dict[str, dict[str, Any]] = {}
        for page in version.sections:
            mine = {item.id: dict(stored.get(item.id, {})) for item in page.items}
            form = SectionForm(
                page=page, version=version, lines=lines, licensed=lines, allowed=frozenset(mine),
                initial=SectionForm.initial_of(mine),
            )  # fmt: skip
            found, problems = section_problems(page, mine, facts)
            values |= found
            form.show(problems)
            assert "<" in form.as_div()
        for problem in case_warnings(replace(facts, values=values)):
            assert message(problem)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_refused_at_its_place_or_works(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, MUTANTS[name])
    if isinstance(found, CatalogueError):
        lines = MUTANTS[name].count(b"\n") + 1
        places = [SAID.fullmatch(fault) for fault in found.faults]
        assert found.faults
        assert [fault for fault, place in zip(found.faults, places, strict=True) if place is None] == []
        assert all(place and 1 <= int(place[1]) <= lines for place in places)
    else:
        works(found, deepcopy(sample.answers()))
        assert (differences(ORIGINAL, found) != ()) == (found != ORIGINAL)
        assert dropped_places(ORIGINAL, found) <= {
            (item.id, name)
            for item in ORIGINAL.items()
            for name in ("answer", "chosen", "text", "note", *(field.name for field in item.fields))
        }


def test_most_mutants_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = [name for name, data in MUTANTS.items() if isinstance(read(tmp_path, data), CatalogueError)]
    accepted = [name for name in MUTANTS if name not in refused]
    with capsys.disabled():
        sys.stdout.write(f"\nmutants refused: {len(refused)}, accepted and working: {len(accepted)}\n")
    assert len(refused) > 2 * len(accepted) > 0


@pytest.mark.parametrize("name", MUTANTS)
def test_the_schema_refuses_what_the_format_refuses(name: str) -> None:
    try:
        raw = tomllib.loads(MUTANTS[name].decode())
    except (ValueError, RecursionError):
        return
    assert SCHEMA.is_valid(plain(raw)) == (list(FORMAT.faults(raw, ())) == [])
