"""For random catalogues the form, and the strict look at what it kept, take and refuse what the format says.

``wrong`` reads docs/guideline-format.md a second time, from the raw file and from what was typed alone; it shares
no code with ``guideline``.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from django.utils.datastructures import MultiValueDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.forms.section import SectionForm, key
from guideline import catalogue
from guideline.catalogue import Version
from guideline.examine import section_problems
from reviews.demo import sample
from tests.guideline.catalogues import BAD, LINES, SECTION, answers, catalogues
from tests.guideline.changing import Raw, written

EXAMPLES = 200
Said = dict[str, dict[str, Any]]
Place = tuple[str, str]  # item id, question


@st.composite
def cases(draw: Any) -> tuple[Raw, Said, frozenset[str]]:
    """A catalogue, what a person answers to its random section, and the items that have evidence."""
    said = draw(catalogues())
    items = said["section"][-1]["item"]
    given_ = {item["id"]: draw(answers(item)) for item in items}
    return said, given_, frozenset(item["id"] for item in items if draw(st.booleans()))


# --- the independent reading ------------------------------------------------------


def blank(value: Any) -> bool:
    return not value.strip() if isinstance(value, str) else not value


def readable(field: Raw, value: Any) -> bool:
    """Whether it is of the field's type; nothing is of any type."""
    return blank(value) or (value not in BAD.get(field["type"], ()) and value != BAD.get(field["type"]))


def met(field: Raw, values: dict[str, Any]) -> bool:
    needs = field.get("needs")
    return needs is None or values[needs["field"]] in needs["is"]


def cells_fit(field: Raw, value: list[dict[str, Any]], *, asked: bool) -> bool:
    free = field["rows"] == "free"
    given_ = [row for row in value if not free or not all(blank(cell) for cell in row.values())]
    if free and asked and field["required"] and len(given_) < max(field.get("minimum", 0), 1):
        return False
    for row in given_:
        for column in field["column"]:
            cell = row[column["name"]]
            must = column["required"] and asked and (free or field["required"]) and met(column, row)
            if not readable(column, cell) or (must and blank(cell)):
                return False
    return True


def number(text: str) -> int:
    return int(text.replace(",", ""))  # full-width digits are digits to Python


def wrong(item: Raw, said: dict[str, Any], *, proved: bool) -> set[str]:
    """The questions of an item that keep it from being complete."""
    plain, trigger = item.get("plain", False), item.get("trigger", False)
    found: set[str] = set()
    if plain:
        relevant = True
    elif trigger:
        relevant = said["chosen"] == "yes"
        found |= set() if said["chosen"] in {"yes", "no"} else {"chosen"}
    else:
        relevant = said["answer"] == "yes"
        found |= {"answer"} if said["answer"] == "" else set()
        found |= {"note"} if said["answer"] in {"no", "na"} and blank(said["note"]) else set()
    if relevant and not plain and blank(said["text"]):
        found.add("text")
    demanded = relevant if trigger else item.get("always", False) or relevant
    for field in item["field"]:
        value, asked = said[field["name"]], demanded and met(field, said)
        if field["type"] == "table":
            fits = cells_fit(field, value, asked=asked)
        else:
            fits = readable(field, value) and not (asked and field["required"] and blank(value))
            if fits and field["type"] == "int" and asked and not blank(value):
                fits = number(value) >= field.get("minimum", 0)
        found |= set() if fits else {field["name"]}
    needed = any(proof["required"] for proof in item.get("evidence", ()))
    return found | ({"evidence"} if relevant and needed and not proved else set())


# --- the form, and the strict look ------------------------------------------------


def posted(items: list[Raw], said: Said) -> MultiValueDict[str, Any]:
    data: dict[str, list[Any]] = {}
    for item in items:
        tables = {field["name"]: field for field in item["field"] if field["type"] == "table"}
        for name, value in said[item["id"]].items():
            base = key(item["id"], name)
            if name not in tables:
                data[base] = value if isinstance(value, list) else [value]
                continue
            data[f"{base}-rows"] = [str(len(value))]
            for place, row in enumerate(value):
                for column, cell in row.items():
                    data[f"{base}-{place}-{column}"] = cell if isinstance(cell, list) else [cell]
    return MultiValueDict(data)


def form_of(version: Version, **more: Any) -> SectionForm:
    page = version.section(SECTION)
    allowed = frozenset(item.id for item in page.items)
    return SectionForm(page=page, version=version, lines=LINES, licensed=LINES, allowed=allowed, **more)


def refused(version: Version, said: Said, cited: frozenset[str], items: list[Raw]) -> set[Place]:
    """The questions that are not answered well, once the page was posted, kept, and looked at strictly."""
    form = form_of(version, data=posted(items, said))
    form.is_valid()
    facts = sample.facts(version=version, lines=LINES, cited=cited)
    kept = form.answers()
    found = section_problems(version.section(SECTION), kept, facts)[1]
    again = form_of(version, initial=SectionForm.initial_of(kept))
    assert re.findall(r'name="([^"]+)"', again.as_div())
    return {(problem.item, problem.field) for problem in found}


def test_form_and_examination_take_what_the_format_says(tmp_path: Path) -> None:
    counted: Counter[bool] = Counter()
    path = tmp_path / "random.toml"

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(case=cases())
    def agreed(case: tuple[Raw, Said, frozenset[str]]) -> None:
        document, said, cited = case
        path.write_text(written(document), encoding="utf-8")
        version = catalogue.read(path)  # every random catalogue is a valid one
        items = document["section"][-1]["item"]
        expected = {
            (item["id"], name) for item in items for name in wrong(item, said[item["id"]], proved=item["id"] in cited)
        }
        assert refused(version, said, cited, items) == expected
        counted.update(bool(expected & {(item["id"], field["name"])}) for item in items for field in item["field"])

    agreed()
    assert min(counted.values()) > EXAMPLES / 10, counted
