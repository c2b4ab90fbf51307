"""What a draft file says, or all that is wrong with it, said as the form says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from applications.portable import people
from applications.present import about, message, words
from applications.roster import Row
from applications.uploads import display_name
from guideline.answers_schema import FORMAT, NAME_LENGTH, NUMBER_LENGTH, PLACE_LENGTH, SHA256, WORDS, pages_of
from guideline.catalogue import Item, Kind, Version
from guideline.facts import Problem, gettext_noop
from guideline.stored import NOTHING, UNKNOWN, WRONG_TYPE, item_faults, shown
from guideline.values import NOT_KEPT, is_empty

KEYS = ("format", "version", "kind", "lines", "document_number", "answers", "roster", "evidence")
NEEDED = ("format", "version", "kind", "answers")

NO_KEY = gettext_noop("缺少「{name}」")
OTHER_FORMAT = gettext_noop("format 須為 {format}")
OTHER_VERSION = gettext_noop(
    "本檔依指引版本「{theirs}」製作，現行版本為「{ours}」；請依現行版本之 JSON Schema 重新製作後再匯入"
)
OTHER_KIND = gettext_noop("申請類型「{kind}」不能匯入；可匯入：{kinds}")
OTHER_LINES = gettext_noop("申請業務與答案所填不同，請更正其一")
NO_ITEM = gettext_noop("此類型之申請沒有項目「{name}」")
NUMBER = gettext_noop("公司文號至多 {count} 字，前後不得有空白")
PLACE = gettext_noop("頁次或位置至多 {count} 字，前後不得有空白")
FILE_NAME = gettext_noop("檔名至多 {count} 字，不得含路徑或控制字元")
HASH = gettext_noop("file 須為檔案之 SHA-256（64 個小寫十六進位字元）")
SAME_PROOF = gettext_noop("同一檔案之同一位置重複列出")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where, and what to do, in the reader's language."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}{gettext('：')}{self.text}" if self.place else self.text


@dataclass(frozen=True)
class Proof:
    item: str
    sha256: str
    name: str
    place: str


@dataclass(frozen=True)
class Draft:
    """A draft file that can be stored. ``answers``: item id -> field -> value."""

    version: Version
    kind: Kind
    document_number: str
    answers: Mapping[str, Mapping[str, Any]]
    rows: Sequence[Row]
    proofs: Sequence[Proof]


def importable(kind: Kind) -> bool:
    """Whether a case of this kind begins as a draft of its own, without a case before it or a notice."""
    return kind.open_when == "always" and not kind.own_pages and not kind.by_notice


def read(raw: Any, version: Version) -> tuple[Draft | None, list[Fault]]:
    """The draft, or all that is wrong with it.

    Args:
        raw: the JSON as it was read.
        version: the version in force.
    """
    faults = list(_heading(raw, version))
    if faults:  # what follows would be measured by the wrong version or kind
        return None, faults
    kind = version.kind(raw["kind"])
    items = {item.id: item for page in pages_of(version, kind.id) for item in page.items}
    faults += _answers(raw["answers"], items, version)
    rows, wrong = people.read(raw.get("roster", []), version)
    faults += [_of_person(one) for one in wrong]
    proofs: list[Proof] = []
    faults += _evidence(raw.get("evidence", {}), items, proofs)
    if not faults:
        faults += _lines(raw, kind, version)
    if faults:
        return None, faults
    return Draft(version, kind, raw.get("document_number", ""), raw["answers"], rows, proofs), []


def of_item(item: Item, text: str) -> Fault:
    """Something that is wrong with an item as a whole."""
    return Fault(about(item, words(item.title)), text)


def _heading(raw: Any, version: Version) -> Iterator[Fault]:
    if not isinstance(raw, dict):
        yield _plain("draft.json", WRONG_TYPE)
        return
    yield from (_plain("draft.json", UNKNOWN, name=shown(name)) for name in raw if name not in KEYS)
    yield from (_plain("draft.json", NO_KEY, name=name) for name in NEEDED if name not in raw)
    if "format" in raw and (type(raw["format"]) is not int or raw["format"] != FORMAT):
        yield _plain("format", OTHER_FORMAT, format=FORMAT)
    if "version" in raw and raw["version"] != version.id:
        yield _plain("version", OTHER_VERSION, theirs=_short(raw["version"]), ours=version.id)
    elif "kind" in raw:
        kinds = {kind.id: kind for kind in version.kinds if importable(kind)}
        if not isinstance(raw["kind"], str) or raw["kind"] not in kinds:
            names = gettext("、").join(f"{kind.id}（{words(kind.name)}）" for kind in kinds.values())
            yield _plain("kind", OTHER_KIND, kind=_short(raw["kind"]), kinds=names)
    number = raw.get("document_number", "-")
    if not isinstance(number, str) or len(number) > NUMBER_LENGTH or not re.search(WORDS, number):
        yield _plain("document_number", NUMBER, count=NUMBER_LENGTH)


def _plain(place: str, template: str, **params: Any) -> Fault:
    return Fault(place, gettext(template).format(**params))


def _short(value: Any) -> str:
    return shown(value) if isinstance(value, str) else type(value).__name__


def _answers(answers: Any, items: Mapping[str, Item], version: Version) -> Iterator[Fault]:
    if not isinstance(answers, dict):
        yield _plain("answers", WRONG_TYPE)
        return
    yield from (_plain("answers", NO_ITEM, name=shown(name)) for name in answers if name not in items)
    for item in items.values():
        for problem in item_faults(item, answers.get(item.id, {}), version):
            yield Fault(_place_of(item, problem), message(problem))


def _place_of(item: Item, problem: Problem) -> str:
    """貳、二（十二）：教育訓練 sessions（場次） 第 2 列 held_on（日期）: names for people and for the system."""
    parts = [words(item.title)]
    field = next((one for one in item.fields if one.name == problem.field), None)
    if problem.field:
        parts.append(f"{problem.field}{_aside(words(field.label))}" if field else problem.field)
    if problem.row is not None:
        parts.append(gettext("第 {row} 列").format(row=problem.row + 1))
    if problem.column and field:
        parts.append(f"{problem.column}{_aside(words(field.column(problem.column).label))}")
    return about(item, " ".join(parts))


def _aside(label: str) -> str:
    return f"{gettext('（')}{label}{gettext('）')}"


def _of_person(error: Any) -> Fault:
    place = gettext("名冊第 {row} 人").format(row=error.row) if error.row else "roster"
    place += _aside(gettext(error.column)) if error.column else ""
    return Fault(place, gettext(error.message).format(**error.params))


def _evidence(evidence: Any, items: Mapping[str, Item], found: list[Proof]) -> Iterator[Fault]:
    """Faults; what is in order is appended to ``found``, in the order of the items."""
    if not isinstance(evidence, dict):
        yield _plain("evidence", WRONG_TYPE)
        return
    yield from (_plain("evidence", NO_ITEM, name=shown(name)) for name in evidence if name not in items)
    for item in items.values():
        if item.id not in evidence:
            continue
        proofs = evidence[item.id]
        if not isinstance(proofs, list) or not proofs:
            yield of_item(item, gettext(NOTHING if proofs == [] else WRONG_TYPE))
            continue
        seen: set[tuple[str, str]] = set()
        for proof in proofs:
            fault = _proof_fault(proof)
            if not fault and (proof["file"], proof.get("place", "")) in seen:
                fault = gettext(SAME_PROOF)
            if fault:
                yield of_item(item, fault)
                continue
            seen.add((proof["file"], proof.get("place", "")))
            found.append(Proof(item.id, proof["file"], proof["name"], proof.get("place", "")))


def _proof_fault(proof: Any) -> str:
    if not isinstance(proof, dict) or not all(isinstance(value, str) for value in proof.values()):
        return gettext(WRONG_TYPE)
    for name in proof:
        if name not in {"file", "name", "place"}:
            return gettext(UNKNOWN).format(name=shown(name))
    if not re.search(SHA256, proof.get("file", "")):
        return gettext(HASH)
    name = proof.get("name", "")
    if not name or len(name) > NAME_LENGTH or display_name(name) != name:
        return gettext(FILE_NAME).format(count=NAME_LENGTH)
    place = proof.get("place", "-")
    if is_empty(place) or len(place) > PLACE_LENGTH or place.strip() != place or re.search(NOT_KEPT, place):
        return gettext(PLACE).format(count=PLACE_LENGTH)
    return ""


def _lines(raw: Mapping[str, Any], kind: Kind, version: Version) -> Iterator[Fault]:
    if "lines" not in raw:
        return
    item_id, name = version.places(kind.id)["lines"]
    lines, given = raw["lines"], raw["answers"].get(item_id, {}).get(name, [])
    if (
        not isinstance(lines, list)
        or not all(isinstance(line, str) for line in lines)
        or sorted(lines) != sorted(given)
    ):
        yield _plain("lines", OTHER_LINES)
