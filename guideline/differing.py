"""What changes from one version to another, in words (Chinese): for whoever announces and whoever tells a firm."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from guideline.shape import EMPTY, Duty, Evidence, Field, Item, Kind, Needs, Option, Rule, Section, Version, Words

T = TypeVar("T")
YES = {True: "是", False: "否"}
STEPS = {
    "notice": "通報",
    "review": "審查",
    "forward": "轉報",
    "authority": "主管機關決定",
    "endorse": "交易所核備",
    "record": "交易所備查",
    "opinion": "交易所出具意見",
}
OPEN_WHEN = {"always": "隨時", "period_running": "核准期間內", "period_given": "曾有核准期間"}
SINCE = {"answer": "填報日期", "period": "起日", "year": "連續滿一年之日"}


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was: under which heading, and in words. ``old`` and ``new`` where a text changed."""

    heading: str
    text: str
    old: str = ""
    new: str = ""


def differences(old: Version, new: Version) -> tuple[Change, ...]:
    """Everything that ``new`` says otherwise than ``old``, in the order of the file."""
    parts = (_announcement, _period, _lines, _kinds, _groups, _sections, _items, _checks, _duties, _rest)
    found = tuple(change for part in parts for change in part(old, new))
    if found or old == new:
        return found
    return (Change("其他", "僅次序有調整"),)


def dropped_places(old: Version, new: Version) -> frozenset[tuple[str, str]]:
    """The places ``(item, field)`` of ``old`` that ``new`` has no more: answers there are kept and shown."""
    fields = {(item.id, field.name) for item in new.items() for field in item.fields}
    items = {item.id: item for item in new.items()}
    lost = {(item.id, field.name) for item in old.items() for field in item.fields} - fields
    for item in old.items():
        if item.id not in items:
            lost |= {(item.id, name) for name in ("answer", "chosen", "text", "note")}
        elif item.trigger != items[item.id].trigger:
            lost.add((item.id, "chosen" if item.trigger else "answer"))
    return frozenset(lost)


def _named(words: Words) -> str:
    return f"「{words.zh}」"


def _both(old: Iterable[T], new: Iterable[T], key: Callable[[T], Any]) -> tuple[list[T], list[T], list[tuple[T, T]]]:
    """What was dropped, what was added, and what is in both; each in its own order."""
    before, after = {key(one): one for one in old}, {key(one): one for one in new}
    dropped = [one for name, one in before.items() if name not in after]
    added = [one for name, one in after.items() if name not in before]
    return dropped, added, [(before[name], one) for name, one in after.items() if name in before]


def _turned(heading: str, what: str, old: Any, new: Any) -> Iterator[Change]:
    """A value that changed, said in one line."""
    if old != new:
        yield Change(heading, f"{what}由「{old or '（無）'}」改為「{new or '（無）'}」")


def _reworded(heading: str, what: str, old: Words, new: Words) -> Iterator[Change]:
    if old.zh != new.zh:
        yield Change(heading, f"{what}修正文字", old.zh, new.zh)
    elif old.en != new.en:
        yield Change(heading, f"{what}僅修正英文譯文", old.en, new.en)


def _listed(names: Iterable[str]) -> str:
    return "、".join(names)


# --- head, period, lines, kinds -----------------------------------------------------------------------------------


def _announcement(old: Version, new: Version) -> Iterator[Change]:
    here = "公告"
    yield from _turned(here, "代號", old.id, new.id)
    yield from _reworded(here, "版次", old.label, new.label)
    yield from _turned(here, "文號", old.document, new.document)
    yield from _turned(here, "公告日", old.announced.isoformat(), new.announced.isoformat())
    yield from _reworded(here, "名稱", old.title, new.title)
    for name, before, after in (
        ("交易所", old.exchange, new.exchange),
        ("主管機關", old.authority, new.authority),
    ):
        yield from _turned(here, f"{name}代號", before.code, after.code)
        yield from _reworded(here, f"{name}名稱", before.name, after.name)
        yield from _reworded(here, f"{name}簡稱", before.short, after.short)
    if (old.reconstruction, old.borrowed) != (new.reconstruction, new.borrowed):
        for name, version in (("舊版", old), ("新版", new)):
            if version.reconstruction:
                yield Change(here, f"{name}為歷史重建：{version.reconstruction.zh}")
            if version.borrowed:
                said = f"{name}有 {len(version.borrowed)} 條條文借用他版之文字，文字有無修正無從比較"
                yield Change(here, said)


def _period(old: Version, new: Version) -> Iterator[Change]:
    here = "期間"
    yield from _turned(here, "上限", f"{old.months} 個月", f"{new.months} 個月")
    yield from _turned(here, "得延展次數", f"{old.extensions} 次", f"{new.extensions} 次")
    yield from _turned(here, "期間規定之條次", old.period_clause, new.period_clause)
    yield from _turned(here, "起日計入期間（本系統參數）", YES[old.count_first_day], YES[new.count_first_day])


def _lines(old: Version, new: Version) -> Iterator[Change]:
    here = "業務"
    dropped, added, both = _both(old.lines, new.lines, lambda line: line.id)
    yield from (Change(here, f"刪除業務{_named(line.name)}") for line in dropped)
    yield from (Change(here, f"新增業務{_named(line.name)}（許可證照：{_listed(line.licences)}）") for line in added)
    for before, after in both:
        yield from _reworded(here, f"業務 {after.id} 之名稱", before.name, after.name)
        yield from _reworded(here, f"業務 {after.id} 之簡稱", before.short, after.short)
        what = f"業務{_named(after.name)}所需許可證照"
        yield from _turned(here, what, _listed(sorted(before.licences)), _listed(sorted(after.licences)))


def route_in_words(kind: Kind) -> str:
    """審查→轉報→主管機關決定."""
    return "→".join(STEPS[step] for step in kind.route)


def _kinds(old: Version, new: Version) -> Iterator[Change]:
    here = "申請類型及程序"
    dropped, added, both = _both(old.kinds, new.kinds, lambda kind: kind.id)
    yield from (Change(here, f"刪除類型{_named(kind.name)}") for kind in dropped)
    for kind in added:
        yield Change(here, f"新增類型{_named(kind.name)}：{route_in_words(kind)}（{kind.outcome.zh}）")
    for before, after in both:
        name = _named(after.name)
        yield from _reworded(here, f"類型 {after.id} 之名稱", before.name, after.name)
        yield from _turned(here, f"{name}之程序", route_in_words(before), route_in_words(after))
        yield from _reworded(here, f"{name}之結果", before.outcome, after.outcome)
        yield from _turned(here, f"{name}之依據", before.clause, after.clause)
        yield from _turned(here, f"{name}限定之業務", _lines_of(before, old), _lines_of(after, new))
        yield from _turned(here, f"{name}之申報時限", _within(before), _within(after))
        yield from _turned(here, f"{name}僅填專屬章節", YES[before.own_pages], YES[after.own_pages])
        yield from _turned(here, f"{name}另填之章節", _listed(before.asks), _listed(after.asks))
        yield from _turned(here, f"{name}得申請之時", OPEN_WHEN[before.open_when], OPEN_WHEN[after.open_when])
        yield from _turned(here, f"{name}之專屬欄位", _meant(before.meaning), _meant(after.meaning))


def _lines_of(kind: Kind, version: Version) -> str:
    return _listed(version.line(line).short.zh for line in kind.lines) or "全部"


def _meant(meaning: Mapping[str, tuple[str, str]]) -> str:
    return _listed(f"{key}={'/'.join(place)}" for key, place in sorted(meaning.items()))


def _within(kind: Kind) -> str:
    return "" if kind.filed_within_days is None else f"起日後 {kind.filed_within_days} 日內"


def _groups(old: Version, new: Version) -> Iterator[Change]:
    yield from _options("章節", "", "分組", old.groups, new.groups)


# --- sections and items -------------------------------------------------------------------------------------------


def _sections(old: Version, new: Version) -> Iterator[Change]:
    here = "章節"
    dropped, added, both = _both(old.sections, new.sections, lambda section: section.id)
    yield from (Change(here, f"刪除{_section(section)}") for section in dropped)
    yield from (Change(here, f"新增{_section(section)}，含 {len(section.items)} 項") for section in added)
    for before, after in both:
        name = _section(after)
        yield from _reworded(here, f"{name}之標題", before.title, after.title)
        yield from _turned(here, f"{name}之項次", before.number, after.number)
        yield from _turned(here, f"{name}之適用業務", before.line, after.line)
        yield from _turned(here, f"{name}之適用類型", _kinds_of(before, old), _kinds_of(after, new))
        yield from _turned(here, f"{name}含名冊", YES[before.roster], YES[after.roster])
        yield from _turned(here, f"{name}屬通報", YES[before.notice], YES[after.notice])
        yield from _rules(here, name, before.rules, after.rules)
        for what, one, other in (("任務", before.task, after.task), ("說明", before.intro, after.intro)):
            yield from _reworded(here, f"{name}之{what}", one, other)
        yield from _turned(here, f"{name}之分組", before.group, after.group)


def _kinds_of(section: Section, version: Version) -> str:
    return _listed(version.kind(kind).name.zh for kind in section.kinds) or "全部"


def _section(section: Section) -> str:
    return f"節 {section.number}「{section.title.zh}」"


def _name(item: Item) -> str:
    return f"{item.number}（{item.id}）"


def _items(old: Version, new: Version) -> Iterator[Change]:
    here = "項目"
    dropped, added, both = _both(old.items(), new.items(), lambda item: item.id)
    yield from (Change(here, f"刪除項目 {_name(item)}{_named(item.title)}", old=item.text.zh) for item in dropped)
    yield from (Change(here, f"新增項目 {_name(item)}{_named(item.title)}", new=item.text.zh) for item in added)
    for before, after in both:
        name = f"項目 {_name(after)}"
        yield from _turned(here, f"{name}所屬之節", old.section_of(before.id).id, new.section_of(after.id).id)
        yield from _reworded(here, f"{name}條文", before.text, after.text)
        yield from _turned(here, f"{name}之項次", before.number, after.number)
        yield from _reworded(here, f"{name}之標題", before.title, after.title)
        yield from _reworded(here, f"{name}之說明提示", before.note_hint, after.note_hint)
        yield from _turned(here, f"{name}為啟動條件", YES[before.trigger], YES[after.trigger])
        yield from _turned(here, f"{name}一律填寫", YES[before.always], YES[after.always])
        yield from _turned(here, f"{name}僅填欄位", YES[before.plain], YES[after.plain])
        yield from _fields(here, name, before.fields, after.fields)
        yield from _evidence(here, name, before.evidence, after.evidence)
        yield from _rules(here, name, before.rules, after.rules)


def _fields(here: str, owner: str, old: Sequence[Field], new: Sequence[Field]) -> Iterator[Change]:
    dropped, added, both = _both(old, new, lambda field: field.name)
    yield from (Change(here, f"{owner}刪除欄位 {field.name}{_named(field.label)}") for field in dropped)
    for field in added:
        must = "必填" if field.required else "選填"
        yield Change(here, f"{owner}新增欄位 {field.name}{_named(field.label)}（{field.type}，{must}）")
    for before, after in both:
        name = f"{owner}欄位 {after.name}{_named(after.label)}"
        yield from _turned(here, f"{name}之型別", before.type, after.type)
        yield from _turned(here, f"{name}必填", YES[before.required], YES[after.required])
        yield from _turned(here, f"{name}之條件", _needs(before.needs), _needs(after.needs))
        yield from _turned(here, f"{name}之下限", str(before.minimum), str(after.minimum))
        yield from _turned(here, f"{name}之列", before.rows, after.rows)
        yield from _turned(here, f"{name}之選項來源", before.options_from, after.options_from)
        for what, one, other in (("選項", before.options, after.options), ("列", before.row, after.row)):
            yield from _options(here, name, what, one, other)
        yield from _reworded(here, f"{name}之標示", before.label, after.label)
        yield from _reworded(here, f"{name}之提示", before.hint, after.hint)
        yield from _fields(here, name, before.columns, after.columns)


def _options(here: str, owner: str, what: str, old: Iterable[Option], new: Iterable[Option]) -> Iterator[Change]:
    dropped, added, both = _both(old, new, lambda option: option.id)
    yield from (Change(here, f"{owner}刪除{what}{_named(option.label)}") for option in dropped)
    yield from (Change(here, f"{owner}新增{what}{_named(option.label)}") for option in added)
    for before, after in both:
        yield from _reworded(here, f"{owner}之{what} {after.id}", before.label, after.label)


def _needs(needs: Needs | None) -> str:
    return f"{needs.field} 為 {_listed(needs.values)}" if needs else ""


def _evidence(here: str, owner: str, old: Iterable[Evidence], new: Iterable[Evidence]) -> Iterator[Change]:
    dropped, added, both = _both(old, new, lambda proof: proof.kind)
    yield from (Change(here, f"{owner}刪除佐證{_named(proof.label)}") for proof in dropped)
    for proof in added:
        yield Change(here, f"{owner}新增佐證{_named(proof.label)}{'（必附）' if proof.required else ''}")
    for before, after in both:
        name = f"{owner}佐證{_named(after.label)}"
        yield from _turned(here, f"{name}必附", YES[before.required], YES[after.required])
        yield from _turned(here, f"{name}之條件", _needs(before.needs), _needs(after.needs))
        yield from _reworded(here, f"{name}之名稱", before.label, after.label)


def _rule(rule: Rule) -> str:
    return f"{rule.name}（{_listed(f'{key}={_plain(value)}' for key, value in sorted(rule.args.items()))}）"


def _plain(value: Any) -> str:
    return "[" + "、".join(map(str, value)) + "]" if isinstance(value, list) else str(value)


def _rules(here: str, owner: str, old: Iterable[Rule], new: Iterable[Rule]) -> Iterator[Change]:
    dropped, added, _both_have = _both(map(_rule, old), map(_rule, new), lambda said: said)
    yield from (Change(here, f"{owner}刪除規則 {said}") for said in dropped)
    yield from (Change(here, f"{owner}新增規則 {said}") for said in added)


# --- checks, duties, parameters -----------------------------------------------------------------------------------


def _checks(old: Version, new: Version) -> Iterator[Change]:
    def said(version: Version) -> list[Rule]:
        return [Rule(rule.name, {**rule.args, "items": list(rule.items)}) for rule in version.checks]

    yield from _rules("跨項檢核", "", said(old), said(new))


def _every(duty: Duty) -> str:
    if duty.interval:
        return f"依 {'/'.join(duty.interval)} 所填頻率"
    return f"每 {duty.months} 個月" if duty.months else "一次"


def _duties(old: Version, new: Version) -> Iterator[Change]:
    here = "定期義務"
    dropped, added, both = _both(old.duties, new.duties, lambda duty: duty.id)
    yield from (Change(here, f"刪除義務{_named(duty.name)}") for duty in dropped)
    yield from (Change(here, f"新增義務{_named(duty.name)}（{duty.item}，{_every(duty)}）") for duty in added)
    for before, after in both:
        name = f"義務{_named(after.name)}"
        yield from _turned(here, f"{name}之頻率", _every(before), _every(after))
        yield from _turned(here, f"{name}之起算", SINCE[before.since], SINCE[after.since])
        yield from _turned(here, f"{name}起算之欄位", "/".join(before.answer), "/".join(after.answer))
        yield from _turned(here, f"{name}之項目", before.item, after.item)
        yield from _turned(here, f"{name}之條件", _needs(before.needs), _needs(after.needs))
        yield from _reworded(here, f"{name}之名稱", before.name, after.name)
        yield from _reworded(here, f"{name}之說明", before.why, after.why)


def _rest(old: Version, new: Version) -> Iterator[Change]:
    here = "本系統參數，非指引所定"
    dropped, added, both = _both(old.parameters, new.parameters, lambda parameter: parameter.id)
    yield from (Change(here, f"刪除參數{_named(one.label)}") for one in dropped)
    yield from (Change(here, f"新增參數{_named(one.label)}：{_plain(one.value)}") for one in added)
    for before, after in both:
        yield from _turned(here, f"參數{_named(after.label)}", _plain(before.value), _plain(after.value))
        yield from _reworded(here, f"參數 {after.id} 之名稱", before.label, after.label)
    yield from _turned("程式所用欄位", "對應", _meant(old.meaning), _meant(new.meaning))
    yield from _premises("引用條文", dict(old.premises), dict(new.premises))


def _premises(here: str, old: Mapping[str, Words], new: Mapping[str, Words]) -> Iterator[Change]:
    yield from (Change(here, f"刪除條文 {clause}", old=old[clause].zh) for clause in old if clause not in new)
    yield from (Change(here, f"新增條文 {clause}", new=new[clause].zh) for clause in new if clause not in old)
    for clause in new:
        if clause in old:
            yield from _reworded(here, f"條文 {clause}", old[clause], new[clause])


# --- for one filing -----------------------------------------------------------------------------------------------


def bearing(old: Version, new: Version, kind: str, opened: Collection[str] = ()) -> tuple[Change, ...]:
    """What changes for a filing of this kind, for the firm that writes it: no other kinds, no names of rules.

    Args:
        opened: sections that the firm opened though its kind does not ask for them.
    """
    return differences(_narrowed(old, kind, opened), _narrowed(new, kind, opened))


def _narrowed(version: Version, kind: str, opened: Collection[str]) -> Version:
    kinds = tuple(replace(one, meaning={}) for one in version.kinds if one.id == kind)
    pages = version.pages_of(kind, opened) if kinds else ()
    items = {item.id for page in pages for item in page.items}
    sections = tuple(
        replace(page, kinds=(), rules=(), items=tuple(replace(item, rules=()) for item in page.items)) for page in pages
    )
    return replace(
        version,
        id="",  # the file's name, and what lists call it
        label=EMPTY,
        kinds=kinds,
        sections=sections,
        duties=tuple(duty for duty in version.duties if duty.item in items),
        checks=(),
        parameters=(),
        meaning={},
    )
