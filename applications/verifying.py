"""The walk over the whole trail: chains, frozen content, files, sealed rows, signed heads. Says what is broken.

One case at a time, so that memory does not grow with their number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import heads
from applications.content import section_hash
from applications.models import Application, EmergencyNotice, Event, Submission
from applications.present import clause_number
from applications.templatetags.portal import event_name
from applications.trail import FIRST, SEALED, canonical, content, digest, kept, link
from guideline.catalogue import load

NAMES: dict[str, Promise] = {
    "application": gettext_lazy("案件"),
    "attachment": gettext_lazy("檔案"),
    "submission": gettext_lazy("送件"),
    "emergencynotice": gettext_lazy("緊急通報"),
    "firmnotice": gettext_lazy("證券商通知"),
    "correction": gettext_lazy("補正通知"),
    "decision": gettext_lazy("決定"),
    "approvedperiod": gettext_lazy("核准期間"),
    "verdict": gettext_lazy("審查結果"),
    "recommendation": gettext_lazy("陳核"),
    "bundle": gettext_lazy("轉報合併檔"),
    "internalnote": gettext_lazy("內部註記"),
    "mailnotice": gettext_lazy("電子郵件通報"),
    "operatorevent": gettext_lazy("系統管理員變更紀錄"),
}
# Where a kind of row hangs on its case, if not by ``application``.
WAYS = {
    "application": "pk",
    "verdict": "submission__application",
    "recommendation": "submission__application",
    "bundle": "recommendation__submission__application",
}
OF_HOUSE = frozenset({"operatorevent"})
STORED = {"attachment": "file", "bundle": "file", "mailnotice": "raw"}
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError)  # a column whose text is none of its kind any more
CHUNK = 1 << 20


@dataclass(frozen=True)
class Fault:
    """What is broken first in one part of a chain. ``case_id`` is None for the chain of the house."""

    case_id: int | None
    text: str

    def __str__(self) -> str:
        if self.case_id is None:
            return f"{_('系統紀錄')}{_('：')}{self.text}"
        number = Application.objects.filter(pk=self.case_id).values_list("number", flat=True).first()
        name = _("案件 {number}（編號 {pk}）") if number else _("案件 {pk}")
        return f"{name.format(number=number, pk=self.case_id)}{_('：')}{self.text}"


@dataclass
class Chain:
    """What the walk over a chain found: its seals, and what retention has taken away."""

    number: int = 0
    last: str = FIRST
    seals: dict[str, str] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)


def verify(*, only: int | None = None, place: Path | None = None) -> Iterator[Fault]:
    """Every fault of the trail, case by case.

    Args:
        only: this case alone.
        place: the folder of the signed heads; the portal's own where none is given.
    """
    cases = Application.objects.order_by("pk") if only is None else Application.objects.filter(pk=only)
    for case_id in cases.values_list("pk", flat=True).iterator(chunk_size=500):
        for text in _of_case(case_id):
            yield Fault(case_id, text)
    if only is None:
        for part in (_rows_and_chain, _files):
            for text in _guarded(partial(part, None, Chain())):
                yield Fault(None, text)
    yield from _against_heads(place or heads.folder(), only)


def _guarded(part: Callable[[], Iterable[str]]) -> Iterator[str]:
    """What cannot even be read is a fault too, and ends its part alone."""
    try:
        yield from part()
    except UNREADABLE as error:
        yield _("有資料已無法讀取（{error}）").format(error=f"{type(error).__name__}: {error}"[:200])


def _of_case(case_id: int) -> Iterator[str]:
    chain = Chain()
    with transaction.atomic():
        # locked, so that nothing is written between the reading of rows and that of their seals
        list(Application.objects.select_for_update().filter(pk=case_id).values_list("pk"))
        found = list(_guarded(partial(_rows_and_chain, case_id, chain)))
        found += _guarded(partial(_frozen_of, case_id, chain))
    yield from found
    yield from _guarded(partial(_files, case_id, chain))


# --- the chain and what it seals ------------------------------------------------


def _rows_and_chain(case_id: int | None, chain: Chain) -> Iterator[str]:
    # rows before events: what is appended meanwhile to the chain of the house seals rows that were not read
    rows: dict[str, str] = {}
    for kind in SEALED:
        if (kind in OF_HOUSE) is (case_id is None):
            for row in _rows(kind, case_id):
                rows[f"{kind}:{row.pk}"] = _seal(row)
    yield from _walk(case_id, chain)
    for label, now in rows.items():
        sealed = chain.seals.pop(label, None)
        if sealed is None and not label.startswith("application:"):  # a draft is sealed with its first move
            yield _("{row}不是經由系統寫入").format(row=_name(label))
        elif sealed is not None and sealed != now:
            yield _("{row}在系統外遭變更").format(row=_name(label))
    for label in chain.seals:
        if label not in rows:
            yield _("{row}已不存在").format(row=_name(label))


def _walk(case_id: int | None, chain: Chain) -> Iterator[str]:
    """The chain, up to its first fault; after it only what it seals is read."""
    whole = True
    for event in Event.objects.filter(application=case_id).order_by("number").iterator(chunk_size=200):
        if whole:
            fault = _fault(event, chain)
            whole = not fault
            if fault:
                yield fault
        chain.number, chain.last = event.number, event.hash
        detail = event.detail if isinstance(event.detail, dict) else {}
        chain.seals |= detail.get("seals", {})
        chain.erased |= set(detail.get("erased", ()))
    if not chain.number and case_id is not None:
        yield _("沒有任何紀錄")


def _fault(event: Event, chain: Chain) -> str:
    number = chain.number + 1
    if event.number != number:
        return _("第 {number} 筆紀錄遺失").format(number=number)
    when = timezone.localtime(event.at)
    names = {
        "number": number,
        "when": f"{when:%Y-%m-%d %H:%M:%S}",
        "what": event_name(event.what),
        "who": event.actor_name,
    }
    if event.hash != link(event.previous, content(event)):
        return _("第 {number} 筆紀錄（{when}，{who}，{what}）遭變更").format(**names)
    if event.previous != chain.last:
        return _("第 {number} 筆紀錄（{when}，{who}，{what}）未接續前一筆，前一筆遭變更").format(**names)
    return ""


def _rows(kind: str, case_id: int | None) -> Iterator[Any]:
    """The rows of a case; for the chain of the house its own, and those (mails) that are of no case."""
    rows = _model(kind)._default_manager.order_by("pk")
    if kind not in OF_HOUSE:
        rows = rows.filter(**{WAYS.get(kind, "application"): case_id})
    if kind in {"submission", "emergencynotice"}:
        rows = rows.defer("payload")
    return rows.iterator(chunk_size=200)


def _model(kind: str) -> type[models.Model]:
    return next(model for model in apps.get_models() if model._meta.model_name == kind)


def _seal(row: Any) -> str:
    return digest(canonical(kept(row)))


def _name(label: str) -> str:
    kind, _colon, pk = label.partition(":")
    return _("{kind}（編號 {pk}）").format(kind=NAMES.get(kind, kind), pk=pk)


# --- frozen content ---------------------------------------------------------------


def _frozen_of(case_id: int, chain: Chain) -> Iterator[str]:
    for submission in Submission.objects.filter(application=case_id).order_by("number").iterator(chunk_size=1):
        if f"submission:{submission.pk}" not in chain.erased:
            name = _("第 {number} 次送件").format(number=submission.number)
            yield from _frozen(name, submission.payload, submission.sha256)
    for notice in EmergencyNotice.objects.filter(application=case_id):
        if f"emergencynotice:{notice.pk}" not in chain.erased:
            yield from _frozen(str(NAMES["emergencynotice"]), notice.payload, notice.sha256)


def _frozen(name: str, payload: str, sha256: str) -> Iterator[str]:
    """Content that is not what its hash says, with the first section in which it differs."""
    if digest(payload) == sha256:
        return
    try:
        said = json.loads(payload)
        version = load(said["version"])
        pages = [version.section(section_id) for section_id in said["pages"]]
        broken = [page for page in pages if said["hashes"].get(page.id) != section_hash(page, said)]
    except UNREADABLE:
        yield _("{name}之內容遭變更，已無法解讀").format(name=name)
        return
    if broken:
        yield _("{name}之內容遭變更：{section}").format(name=name, section=clause_number(broken[0]))
    else:
        yield _("{name}之雜湊或各節以外之欄位遭變更").format(name=name)


# --- files ----------------------------------------------------------------------------


def _files(case_id: int | None, chain: Chain) -> Iterator[str]:
    for kind, column in STORED.items():
        for row in _rows(kind, case_id):
            if f"{kind}:{row.pk}" in chain.erased:
                continue
            name = getattr(row, "name", "") or _name(f"{kind}:{row.pk}")
            try:
                same = _hash_of(getattr(row, column).name) == row.sha256
            except (OSError, ValueError):
                yield _("檔案「{name}」遺失或無法讀取").format(name=name)
                continue
            if not same:
                yield _("檔案「{name}」之內容與其雜湊不符").format(name=name)


def _hash_of(path: str) -> str:
    found = hashlib.sha256()
    with default_storage.open(path) as file:
        for part in file.chunks(CHUNK):
            found.update(part)
    return found.hexdigest()


# --- signed heads ---------------------------------------------------------------------

FAULTS: dict[str, Promise] = {
    "signature": gettext_lazy("{day} 之簽章紀錄與簽章不符"),
    "order": gettext_lazy("{day} 之簽章紀錄未接續前一份，前一份遭變更或移除"),
    "unreadable": gettext_lazy("{day} 之簽章紀錄無法讀取"),
}


def _against_heads(place: Path, only: int | None) -> Iterator[Fault]:
    """Each chain still has the event that was its last on the day of each sheet."""
    known: dict[str, list[Any]] = {}
    told: set[str] = set()
    for sheet in heads.read(place):
        if sheet.fault:
            yield Fault(None, str(FAULTS[sheet.fault]).format(day=sheet.day))
        for chain, head in sheet.heads.items():
            case_id = None if chain == heads.HOUSE else int(chain)
            if known.get(chain) == head or chain in told or (only is not None and case_id != only):
                continue
            known[chain] = head
            number, last = head
            now = Event.objects.filter(application=case_id, number=number).values_list("hash", flat=True).first()
            if now != last:
                told.add(chain)
                gone = _("第 {number} 筆紀錄已不存在，{day} 之簽章紀錄載有該筆：末尾紀錄遭刪除")
                other = _("第 {number} 筆紀錄與 {day} 之簽章紀錄不符：該筆或其前之紀錄遭改寫")
                yield Fault(case_id, (gone if now is None else other).format(number=number, day=sheet.day))
