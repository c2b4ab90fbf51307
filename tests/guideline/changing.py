"""Version files made from ours by changing what they say, and a folder of versions to use."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from guideline import catalogue
from guideline.catalogue import Version

Raw = dict[str, Any]
OLD = "112-10-03"


def raw(version_id: str = OLD) -> Raw:
    """What the file of one of our versions says, as it stands in TOML."""
    return tomllib.loads((catalogue.OURS / f"{version_id}.toml").read_text(encoding="utf-8"))


def written(document: Raw) -> str:
    """The document as TOML: one line for each key at the top, tables inline."""
    return "".join(f"{key} = {_value(value)}\n" for key, value in document.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def put(folder: Path, document: Raw) -> Version:
    """Write the document into the folder under its own name, and read it."""
    path = folder / f"{document['announcement']['id']}.toml"
    path.write_text(written(document), encoding="utf-8")
    return catalogue.read(path)


@contextmanager
def folder(path: Path, *documents: Raw) -> Iterator[Path]:
    """Our versions and these, in a folder that is used meanwhile."""
    shutil.copytree(catalogue.OURS, path, dirs_exist_ok=True)
    for document in documents:
        put(path, document)
    catalogue.use(path)
    try:
        yield path
    finally:
        catalogue.use(catalogue.OURS)


def named(entries: list[Raw], key: str, value: str) -> Raw:
    return next(entry for entry in entries if entry[key] == value)


def words(zh: str, en: str) -> Raw:
    return {"zh": zh, "en": en}


def next_announcement() -> Raw:
    """The announcement of 1 December 2026, which nobody has announced.

    The cap is two months; an extension goes to the authority; there is no clearing; （十三）is new, with a choice and
    a file, and a duty that recurs every year; the exchange is another one.
    """
    said = raw()
    said["announcement"] |= {
        "id": "115-12-01",
        "label": words("115.12.01", "2026-12-01"),
        "document": "證櫃輔字第1150099999號",
        "announced": date(2026, 12, 1),
        "exchange": {
            "code": "TPEX",
            "name": words("證券櫃檯買賣中心", "Taipei Exchange"),
            "short": words("櫃買中心", "TPEx"),
        },
    }
    said["period"]["months"] = 2
    named(said["kind"], "id", "extension").update(
        route=["review", "forward", "authority"],
        outcome=words("核准", "Approved by the competent authority"),
    )
    said["line"] = [line for line in said["line"] if line["id"] != "clearing"]
    said["section"] = [section for section in said["section"] if section.get("line") != "clearing"]
    named(said["kind"], "id", "added_line")["asks"].remove("3.3")
    for section in said["section"]:
        for item in section["item"]:
            for rule in item.get("rule", ()):
                if "log_lines" in rule:
                    rule["log_lines"] = []
    said["section"].insert(
        1 + next(place for place, section in enumerate(said["section"]) if section["id"] == "2.2.12"),
        {
            "id": "2.2.13",
            "group": "records",
            "number": "貳、二（十三）",
            "title": words("異地備援演練", "Drills of the backup site"),
            "task": words("填寫異地備援演練", "Fill in the drills of the backup site"),
            "item": [
                {
                    "id": "2.2.13.1",
                    "number": "貳、二（十三）1",
                    "title": words("演練方式", "How the drill is held"),
                    "zh": "證券商應每年至少辦理一次異地備援演練，並敘明演練方式。",
                    "en": "A securities firm shall hold a drill of its backup site at least once a year, and say how.",
                    "field": [
                        {
                            "name": "method",
                            "type": "choice",
                            "required": True,
                            "label": words("演練方式", "Method"),
                            "options": [
                                {"id": "live", **words("實地演練", "On site")},
                                {"id": "desk", **words("桌上演練", "On paper")},
                            ],
                        },
                        {
                            "name": "held_on",
                            "type": "date",
                            "required": True,
                            "label": words("最近一次演練日期", "Date of the latest drill"),
                        },
                    ],
                },
                {
                    "id": "2.2.13.2",
                    "number": "貳、二（十三）2",
                    "title": words("演練紀錄", "Record of the drill"),
                    "zh": "前款演練應作成紀錄，併同申請書件送交。",
                    "en": "A record of the drill shall be made and submitted with the application.",
                    "evidence": [
                        {"kind": "drill_record", "required": True, "label": words("演練紀錄", "Record of the drill")}
                    ],
                },
            ],
        },
    )
    said["duty"].append(
        {
            "id": "drill",
            "item": "2.2.13.1",
            "name": words("異地備援演練", "Drill of the backup site"),
            "why": words(
                "每年至少辦理一次，自 {since} 起算 {months} 個月。", "Once a year: {months} months from {since}."
            ),
            "since": "answer",
            "answer": "2.2.13.1/held_on",
            "months": 12,
        }
    )
    return said


def without_extension() -> Raw:
    """The announcement of the same day that knows no extension."""
    said = raw()
    said["announcement"] |= {
        "id": "115-12-01",
        "label": words("115.12.01", "2026-12-01"),
        "document": "臺證輔字第1150099999號",
        "announced": date(2026, 12, 1),
    }
    said["period"]["extensions"] = 0
    said["kind"] = [kind for kind in said["kind"] if kind["id"] != "extension"]
    said["section"] = [section for section in said["section"] if section.get("kinds") != ["extension"]]
    return said
