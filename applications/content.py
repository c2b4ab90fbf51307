"""The content of a case as one plain structure: what is checked, shown, frozen and printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from applications.enums import CORRECTING, HELD, Carry, Scan
from applications.facts import Files, facts_of, files_of
from applications.models import Application, Correction, RosterEntry, Section
from applications.standing import filed
from applications.trail import canonical, digest
from guideline.catalogue import Section as Page
from guideline.catalogue import Version, Words
from guideline.examine import case_warnings, section_problems
from guideline.facts import Facts, Problem, gettext_noop
from guideline.values import as_date, is_empty, said

ROSTER_FIELDS = (
    "staff_no", "name", "department", "title", "branch", "lines", "place", "agents", "senior", "supervisor", "device"
)  # fmt: skip


SCANNING = gettext_noop("「{name}」掃描中，掃描完成後才能送件；請稍後重新整理本頁")
FOUND = gettext_noop("「{name}」含有惡意程式（{signature}），已停止使用；請移除，並改附未受感染的檔案")


@dataclass(frozen=True)
class Whole:
    """A case read at once: 4 queries, however long it is; one more during a correction."""

    case: Application
    pages: tuple[Page, ...]  # those that apply; of a pre-review, those of them on which something was written
    unsent: tuple[Page, ...]  # the others of a pre-review (未送審)
    sections: dict[str, Section]
    roster: list[RosterEntry]
    files: Files
    facts: Facts
    problems: dict[str, list[Problem]]  # section id -> what keeps it from being complete
    warnings: list[Problem]

    @property
    def complete(self) -> bool:
        """Whether it can be filed: nothing is missing; a pre-review is filed as far as it is ready, if at all.

        A file that the scanner has not passed holds up either.
        """
        return bool(self.pages) and not self.held if self.case.for_opinion else not any(self.problems.values())

    @property
    def held(self) -> bool:
        """Whether a file is cited that nobody gets: not scanned yet, or with something found in it."""
        return any(problem.message in (SCANNING, FOUND) for found in self.problems.values() for problem in found)

    @property
    def unready(self) -> list[Problem]:
        """What a pre-review leaves open on the pages that it sends (尚未備齊)."""
        return [one for found in self.problems.values() for one in found] if self.case.for_opinion else []


def correction_of(case: Application) -> Correction | None:
    """The correction (補正) that the firm is writing, with the submission that it corrects; or None."""
    if case.status not in CORRECTING:
        return None
    return Correction.objects.filter(application=case, answered_at=None).select_related("submission").first()


def _settled(case: Application) -> frozenset[str]:
    """During a correction the items that were filed and are not named: nobody of the firm can mend them now.

    Time goes on while a case is reviewed: a notice that was planned should be posted, a training gets old.
    """
    correction = correction_of(case)
    if correction is None:
        return frozenset()
    filed_pages = [case.version.section(page_id) for page_id in correction.submission.content["pages"]]
    return frozenset(item.id for page in filed_pages for item in page.items) - set(correction.items)


def read(case: Application, *, today: date) -> Whole:
    """Everything that the firm wrote, with what is wrong and what deserves a look.

    During a correction only what is open counts as wrong.
    """
    sections = {section.section_id: section for section in Section.objects.filter(application=case)}
    roster = list(RosterEntry.objects.filter(application=case))
    files = files_of(case)
    facts = facts_of(case, today=today, cited=files.cited, entries=roster)
    pages = case.pages
    unsent: tuple[Page, ...] = ()
    if case.for_opinion:
        unsent = tuple(page for page in pages if not _written(page, sections, roster, files))
        pages = tuple(page for page in pages if page not in unsent)
    values: dict[str, dict[str, Any]] = {}
    problems: dict[str, list[Problem]] = {}
    settled = _settled(case)
    for page in pages:
        answers = sections[page.id].answers if page.id in sections else {}
        found, problems[page.id] = section_problems(page, answers, facts)
        problems[page.id] += _evidence_problems(page, files)
        if page.id in sections and sections[page.id].carry == Carry.OFFERED:
            problems[page.id].append(Problem(page.items[0].id, "", gettext_noop("請確認本節沿用前案或更新")))
        problems[page.id] = [one for one in problems[page.id] if one.item not in settled]
        values |= found
    facts = replace(facts, values=_inherited(case, pages, facts) | values)
    return Whole(case, pages, unsent, sections, roster, files, facts, problems, case_warnings(facts))


def _written(page: Page, sections: dict[str, Section], roster: list[RosterEntry], files: Files) -> bool:
    """Whether the firm said anything on a page, listed anybody, or cited anything for it."""
    if page.roster and roster:
        return True
    said = sections[page.id].answers if page.id in sections else {}
    return any(
        item.id in files.cited or any(not is_empty(value) for value in said.get(item.id, {}).values())
        for item in page.items
    )


def _inherited(case: Application, pages: tuple[Page, ...], facts: Facts) -> dict[str, dict[str, Any]]:
    """What is taken over from the case before, for the checks that look across pages."""
    if not case.inherits or case.previous is None:
        return {}
    before, asked = filed(case.previous), {page.id for page in pages}
    values: dict[str, dict[str, Any]] = {}
    theirs = replace(facts, version=case.previous.version)
    for page in case.previous.version.sections:
        if page.id in before["pages"] and page.id not in asked:
            answers = {item.id: before["answers"].get(item.id, {}) for item in page.items}
            values |= section_problems(page, answers, theirs)[0]
    return values


def _evidence_problems(page: Page, files: Files) -> Iterable[Problem]:
    """A file that nobody gets; a place that the file does not have: page 20 of a file of 18 pages."""
    for item in page.items:
        for citation in files.of(item.id):
            if citation.scan in HELD:
                text = FOUND if citation.scan == Scan.FOUND else SCANNING
                yield Problem(item.id, "evidence", text, {"name": citation.name, "signature": citation.signature})
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
    ``hashes`` (section id -> SHA-256 of its answers and evidence), ``unready`` (a pre-review: what it leaves open, as
    ``keep`` writes it), and ``heading`` as given (``aged``, among others: what has aged since the pre-review). Of a
    case that was filled in from another also ``previous``, ``opened`` and ``carry`` (section id -> kept or updated).
    """
    case = whole.case
    answers: dict[str, Any] = {}
    evidence: dict[str, Any] = {}
    people = _roster(whole.roster)
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
    firm = case.firm
    carry = {page.id: whole.sections[page.id].carry for page in whole.pages if page.id in whole.sections}
    carry = {section_id: said for section_id, said in carry.items() if said and case.previous_id}
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
        "roster": people,
        "evidence": evidence,
        "hashes": {page.id: _hash(page, answers, evidence, people) for page in whole.pages},
        **({"unready": keep(whole.unready)} if case.for_opinion else {}),
        **({"previous": case.previous.number, "opened": list(case.opened)} if case.previous else {}),
        **({"carry": carry} if carry else {}),
        **heading,
    }


def hashes(content: dict[str, Any], version: Version) -> dict[str, str]:
    """The SHA-256 of each section, computed anew: ``content["hashes"]``, unless something was changed since."""
    pages = [version.section(section_id) for section_id in content["pages"]]
    return {page.id: _hash(page, content["answers"], content["evidence"], content["roster"]) for page in pages}


def _hash(page: Page, answers: dict[str, Any], evidence: dict[str, Any], people: list[dict[str, Any]]) -> str:
    parts: list[Any] = [{item.id: said.get(item.id) for item in page.items} for said in (answers, evidence)]
    return digest(canonical([*parts, people] if page.roster else parts))


def keep(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems as JSON, to be read in either language later."""
    return [
        {"item": one.item, "message": one.message, "params": {name: _plain(v) for name, v in one.params.items()}}
        for one in problems
    ]


def kept(rows: Iterable[dict[str, Any]]) -> list[Problem]:
    """What ``keep`` wrote."""
    return [
        Problem(row["item"], "", row["message"], {name: _thawed(value) for name, value in row["params"].items()})
        for row in rows
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, Words):
        return asdict(value)
    return value.isoformat() if isinstance(value, date) else value


def _thawed(value: Any) -> Any:
    if isinstance(value, dict):
        return Words(**value)
    return tuple(value) if isinstance(value, list) else as_date(value) or value


def _roster(entries: Iterable[RosterEntry]) -> list[dict[str, Any]]:
    return [{name: getattr(entry, name) for name in ROSTER_FIELDS} for entry in entries]


def changed_items(old: dict[str, Any], new: dict[str, Any]) -> frozenset[str]:
    """The items whose answer or evidence differs between two submissions' content."""
    roster_changed = old["roster"] != new["roster"]
    changed = set()
    for item_id, answer in new["answers"].items():
        before = old["answers"].get(item_id)
        same = before is not None and said(answer) == said(before) and _proof(new, item_id) == _proof(old, item_id)
        if not same or (roster_changed and "contact_name" in answer):
            changed.add(item_id)
    return frozenset(changed)


def _proof(content: dict[str, Any], item_id: str) -> list[tuple[str, str]]:
    return [(proof["sha256"], proof["place"]) for proof in content["evidence"].get(item_id, [])]
