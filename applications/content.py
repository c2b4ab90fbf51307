"""The content of a case as one plain structure: what is checked, shown, frozen and printed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from applications.clocks import filed_answers
from applications.enums import Carry
from applications.facts import Files, facts_of, files_of
from applications.models import Application, RosterEntry, Section
from guideline.catalogue import Section as Page
from guideline.examine import case_warnings, section_problems
from guideline.facts import Facts, Problem, gettext_noop
from guideline.values import is_empty

ROSTER_FIELDS = (
    "staff_no", "name", "department", "title", "branch", "lines", "place", "agents", "senior", "supervisor", "device"
)  # fmt: skip


@dataclass(frozen=True)
class Whole:
    """A case read at once: 4 queries, however long it is."""

    case: Application
    pages: tuple[Page, ...]  # those that apply
    sections: dict[str, Section]
    roster: list[RosterEntry]
    files: Files
    facts: Facts
    problems: dict[str, list[Problem]]  # section id -> what keeps it from being complete
    warnings: list[Problem]

    @property
    def complete(self) -> bool:
        return not any(self.problems.values())


def read(case: Application, *, today: date) -> Whole:
    """Everything that the firm wrote, with what is wrong and what deserves a look."""
    sections = {section.section_id: section for section in Section.objects.filter(application=case)}
    roster = list(RosterEntry.objects.filter(application=case))
    files = files_of(case)
    facts = facts_of(case, today=today, cited=files.cited, entries=roster)
    pages = case.pages
    values: dict[str, dict[str, Any]] = {}
    problems: dict[str, list[Problem]] = {}
    for page in pages:
        answers = sections[page.id].answers if page.id in sections else {}
        found, problems[page.id] = section_problems(page, answers, facts)
        problems[page.id] += _places(page, files)
        if page.id in sections and sections[page.id].carry == Carry.OFFERED:
            problems[page.id].append(Problem(page.items[0].id, "", gettext_noop("請確認本節沿用前案或更新")))
        values |= found
    facts = replace(facts, values=_inherited(case, pages, facts) | values)
    return Whole(case, pages, sections, roster, files, facts, problems, case_warnings(facts))


def _inherited(case: Application, pages: tuple[Page, ...], facts: Facts) -> dict[str, dict[str, Any]]:
    """What is taken over from the case before, for the checks that look across pages."""
    if not case.inherits or case.previous is None:
        return {}
    answers, asked = filed_answers(case.previous), {page.id for page in pages}
    values: dict[str, dict[str, Any]] = {}
    before = replace(facts, version=case.previous.version)
    for page in case.previous.pages:
        if page.id not in asked:
            values |= section_problems(page, {item.id: answers.get(item.id, {}) for item in page.items}, before)[0]
    return values


def _places(page: Page, files: Files) -> Iterable[Problem]:
    """A place that the file does not have: page 20 of a file of 18 pages."""
    for item in page.items:
        for citation in files.of(item.id):
            place = citation.place.strip()
            if citation.pages and place.isdecimal() and not 1 <= int(place) <= citation.pages:
                yield Problem(
                    item.id,
                    "evidence",
                    gettext_noop("「{name}」共 {pages} 頁，請更正頁次「{place}」"),
                    {"name": citation.name, "pages": citation.pages, "place": citation.place},
                )


def snapshot(whole: Whole, **heading: Any) -> dict[str, Any]:
    """The content as JSON, the shape that a submission keeps and that pages and PDF are drawn from.

    Keys: ``format``, ``version``, ``kind``, ``number``, ``document_number``, ``firm``, ``lines``,
    ``first_day``, ``last_day``, ``pages`` (section ids that apply), ``answers`` (item id -> field ->
    value), ``roster``, ``evidence`` (item id -> list of file, name, sha256, size, pages, place),
    ``hashes`` (section id -> SHA-256 of its answers and evidence), and ``heading`` as given.
    """
    case = whole.case
    answers: dict[str, Any] = {}
    evidence: dict[str, Any] = {}
    hashes: dict[str, str] = {}
    for page in whole.pages:
        written = whole.sections[page.id].answers if page.id in whole.sections else {}
        mine = {item.id: {k: v for k, v in written.get(item.id, {}).items() if not is_empty(v)} for item in page.items}
        cited = {
            item.id: [
                {
                    "file": c.attachment_id,
                    "name": c.name,
                    "sha256": c.sha256,
                    "size": c.size,
                    "pages": c.pages,
                    "text_layer": c.text_layer,
                    "place": c.place,
                }
                for c in whole.files.of(item.id)
            ]
            for item in page.items
        }
        answers |= mine
        evidence |= cited
        parts: list[Any] = [mine, cited]
        if page.roster:
            parts.append(_roster(whole.roster))
        hashes[page.id] = digest(canonical(parts))
    firm = case.firm
    return {
        "format": 1,
        "version": case.version_id,
        "kind": case.kind,
        "number": case.number,
        "document_number": case.document_number,
        "firm": {
            "name": firm.name,
            "name_en": firm.name_en,
            "broker_code": firm.broker_code,
            "business_number": firm.business_number,
            "licences": list(firm.licences),
        },
        "lines": list(case.lines),
        "first_day": case.first_day.isoformat() if case.first_day else None,
        "last_day": case.last_day.isoformat() if case.last_day else None,
        "pages": [page.id for page in whole.pages],
        "answers": answers,
        "roster": _roster(whole.roster),
        "evidence": evidence,
        "hashes": hashes,
        **({"previous": case.previous.number, "opened": list(case.opened)} if case.previous else {}),
        **heading,
    }


def _roster(entries: Iterable[RosterEntry]) -> list[dict[str, Any]]:
    return [{name: getattr(entry, name) for name in ROSTER_FIELDS} for entry in entries]


def canonical(value: Any) -> str:
    """The one way to write ``value`` as JSON: sorted keys, no white space, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def changed_items(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The items whose answer or evidence differs between two submissions' content, in order of the new one."""
    roster_changed = old["roster"] != new["roster"]
    changed = []
    for item_id, answer in new["answers"].items():
        same = answer == old["answers"].get(item_id) and _proof(new, item_id) == _proof(old, item_id)
        if not same or (roster_changed and "contact_name" in answer):
            changed.append(item_id)
    return changed


def _proof(content: dict[str, Any], item_id: str) -> list[tuple[str, str]]:
    return [(proof["sha256"], proof["place"]) for proof in content["evidence"].get(item_id, [])]
