"""The sample filing as the content that PDFs are drawn from (``content.snapshot``), without a database."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from applications.content import ROSTER_FIELDS
from applications.roster import read_upload
from applications.trail import canonical, digest
from guideline.catalogue import load
from guideline.values import is_empty
from reviews.demo import sample
from reviews.demo.sample_filing import FOLDER, filing

VERSION = load(sample.VERSION)


def roster() -> list[dict[str, Any]]:
    rows, errors = read_upload("roster.csv", (FOLDER / "roster.csv").read_bytes(), VERSION)
    assert errors == []
    return [{key: value for key, value in asdict(row).items() if key in ROSTER_FIELDS} for row in rows]


def evidence() -> dict[str, list[dict[str, Any]]]:
    files = {file["file"]: file for file in filing()["files"]}
    found: dict[str, list[dict[str, Any]]] = {}
    for item_id, clause in filing()["clauses"].items():
        found[item_id] = [
            {
                "file": list(files).index(cited["file"]) + 1,
                "name": cited["file"],
                "sha256": files[cited["file"]]["sha256"],
                "size": files[cited["file"]]["bytes"],
                "pages": files[cited["file"]]["pages"],
                "text_layer": True,
                "place": str(cited["page"] or cited.get("note") or ""),
            }
            for cited in clause["evidence"]
        ]
    return found


def draft(**changes: Any) -> dict[str, Any]:
    """The filing as a draft: no case number, nothing submitted."""
    firm, case = filing()["firm"], filing()["case"]
    answers = {
        item_id: {name: value for name, value in values.items() if not is_empty(value)}
        for item_id, values in sample.answers().items()
    }
    proofs, pages = evidence(), VERSION.pages("first", case["lines"])
    content = {
        "format": 1,
        "version": VERSION.id,
        "kind": case["kind"],
        "number": None,
        "document_number": case["firm_document_no"],
        "firm": {
            "name": firm["name"],
            "name_en": firm["name_en"],
            "broker_code": firm["broker_code"],
            "business_number": firm["ubn"],
            "licences": [sample.LICENCE[name] for name in firm["licences"]],
        },
        "lines": case["lines"],
        "first_day": case["first_day"],
        "last_day": case["last_day"],
        "pages": [page.id for page in pages],
        "answers": answers,
        "roster": roster(),
        "evidence": proofs,
        "hashes": {
            page.id: digest(
                canonical([{i.id: answers[i.id] for i in page.items}, {i.id: proofs[i.id] for i in page.items}])
            )
            for page in pages
        },
    }
    return content | changes


def filed(**changes: Any) -> dict[str, Any]:
    """The filing as its first submission."""
    case = filing()["case"]
    heading = {
        "number": "WFH-115-00001",
        "submission": 1,
        "prepared_by": case["prepared_by"],
        "signed_by": case["compliance_head"],
        "submitted_at": case["submitted_at"],
    }
    return draft(**heading | changes)
