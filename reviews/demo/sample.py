"""The sample filing of reviews/demo/filing, as stored answers and as facts.

Every value comes from filing.json, except a few that it says only in words (marked 「text」).
"""

from __future__ import annotations

import csv
from datetime import date
from typing import Any

from guideline.catalogue import load
from guideline.facts import Facts, Person
from reviews.demo import sample_measures, sample_plan
from reviews.demo.sample_filing import ANSWER, FOLDER, Values, filing

VERSION = "112-10-03"

LICENCE = {"經紀": "broker", "自營": "dealer", "承銷": "underwriter"}


def answers() -> dict[str, Values]:
    """Stored answers: item id -> field -> value, for all 51 items."""
    triggers = {item.id for item in load(VERSION).items() if item.trigger}
    stored: dict[str, Values] = {}
    for item_id, clause in filing()["clauses"].items():
        chosen = "yes" if item_id in filing()["case"]["triggers"] else "no"
        given = {"chosen": chosen} if item_id in triggers else {"answer": ANSWER[clause["answer"]]}
        stored[item_id] = {**given, "text": clause["text"], "note": clause["note"]}
    for item_id, values in (sample_plan.fields() | sample_measures.fields()).items():
        stored[item_id] |= {name: value for name, value in values.items() if value is not None}
    return stored


def people() -> tuple[Person, ...]:
    """The roster of roster.csv."""
    lines = {line.name.zh: line.id for line in load(VERSION).lines}
    with (FOLDER / "roster.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(
            Person(
                staff_no=row["員工編號"],
                name=row["姓名"],
                lines=tuple(lines[part] for part in row["業務項目"].replace("、", "；").split("；") if part),
                at_home=row["辦公方式"] in {"居家", "輪替"},
                senior=row["是否高階經理人"] == "是",
                supervisor=row["是否監理人員"] == "是",
                agents=(row["代理人"],),
            )
            for row in csv.DictReader(file)
        )


def facts(**changes: Any) -> Facts:
    """The facts of the sample on its day of submission."""
    case, roster = filing()["case"], people()
    given: Values = {
        "version": load(VERSION),
        "kind": case["kind"],
        "today": date.fromisoformat(case["submitted_at"][:10]),
        "licences": frozenset(LICENCE[name] for name in filing()["firm"]["licences"]),
        "lines": tuple(case["lines"]),
        "first_day": date.fromisoformat(case["first_day"]),
        "last_day": date.fromisoformat(case["last_day"]),
        "staff_at_home": sum(person.at_home for person in roster),
        "has_senior": any(person.senior for person in roster),
        "cited": frozenset(item_id for item_id, clause in filing()["clauses"].items() if clause["evidence"]),
        "people": roster,
    }
    return Facts(**given | changes)
