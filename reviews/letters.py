"""Texts that the exchange's letters start from; a person edits and signs them."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.translation import gettext as _

from applications.clocks import promises_ratification
from applications.documents import numbered
from applications.models import Application, Event
from applications.naming import named
from applications.present import listed, show_date, words
from guideline.values import as_date
from reviews.models import Recommendation
from reviews.verdicts import Round, not_filed, reclassified

Letter = tuple[str, list[str]]  # what it is about, its paragraphs

_OWN_NUMBER = re.compile(r"^([一二三四五六七八九十]+)、\s*")


def correction_letter(case: Application, found: Round) -> str:
    """補正通知: the failing items with their comments, and what a case that was reclassified asks besides."""
    content = found.content
    items = {one.item_id: one.comment for one in found.failing} | not_filed(case, found)
    lines = [
        _("{firm} 貴公司居家辦公（{kind}，案號 {number}）一案，經審查尚有下列 {count} 項須補正：").format(
            firm=content["firm"]["name"], kind=_kind(case), number=content["number"], count=len(items)
        ),
        "",
    ]
    if changed := reclassified(case):
        lines[:0] = [_reclassified(case, changed), ""]
    for count, (item_id, comment) in enumerate(items.items(), 1):
        item = found.item(item_id)
        lines.append(f"{count}. {item.number} {words(item.title)}")
        lines += [f"　　{line}" for line in (comment.strip() or _("（尚未填寫意見）")).splitlines()]
    lines += ["", _("請於補正期限前，至本系統就上列項目補正，經貴公司覆核主管覆核後送出；其餘項目已審查，無須修改。")]
    return "\n".join(lines)


def _kind(case: Application) -> str:
    return words(case.version.kind(case.kind).name)


def _reclassified(case: Application, event: Event) -> str:
    names = {kind.id: words(kind.name) for kind in case.version.kinds}
    text = _("本案申請類型由「{old}」改列為「{new}」，理由：{reason}")
    kinds = event.detail["kinds"]
    return text.format(old=names[kinds[0]], new=names[kinds[1]], reason=event.detail["reason"])


def forwarding_letter(found: Round, reasons: str) -> Letter:
    """The cover of the bundle that goes to the authority."""
    content, version = found.content, found.version
    outcome = words(version.kind(content["kind"]).outcome)
    evidence = {one["sha256"]: one["name"] for proofs in content["evidence"].values() for one in proofs}
    about = _("主旨：{firm}（證券商代號 {code}）依「{guideline}」（{document}）申請居家辦公一案，轉報{outcome}。")
    points = [
        *_case(found),
        _("本公司業依指引逐項審查，各項結果及意見載於所附案件檢查表。"),
        _("檢附應變計畫及案件檢查表各一份；佐證文件共 {count} 件，清單載於應變計畫。").format(count=len(evidence)),
    ]
    guideline = {"guideline": words(version.title), "document": version.document, "outcome": outcome}
    title = named(_("專案轉報{authority}{outcome}"), version, outcome=outcome)
    return title, [_named(about, found, **guideline), _("說明："), *numbered(points)]


def endorsing_letter(found: Round, reasons: str) -> Letter:
    """同意核備 of an extension."""
    about = _("主旨：貴公司申請延展居家辦公一案，同意核備，請查照。")
    points = [
        *_case(found),
        _("延展自原期間屆滿之翌日起算；原期間已屆滿者，自核備日起算，迄日不變。延展以 {count} 次為限。").format(
            count=found.version.extensions
        ),
        _("期滿後仍有必要者，得於評估必要性後，依首次申請之流程再提出申請。"),
    ]
    return _("同意核備居家辦公延展"), [about, _("說明："), *numbered(points)]


def declining_letter(found: Round, reasons: str) -> Letter:
    """不予核備, with the officer's reasons."""
    about = _("主旨：貴公司申請延展居家辦公一案，不予核備，請查照。")
    points = [*_case(found), _("原期間屆滿後，不得居家辦公。"), _reasons(reasons)]
    return _("不予核備居家辦公延展"), [about, _("說明："), *numbered(points)]


def recording_letter(found: Round, reasons: str) -> Letter:
    """同意備查 of the documents that followed an emergency notice."""
    about = _("主旨：貴公司因緊急情況通報居家辦公，所補具之書件同意備查，請查照。")
    points = [
        *_case(found),
        _("備查僅就前項期間代替核准；同一業務另有核准之期間開始者，於其前一日終止。"),
        _("期滿後仍有必要者，得於屆滿前申請延展，或依首次申請之流程提出申請。"),
    ]
    if promises_ratification(found.submission.application):
        points.append(_("貴公司董事會採事後追認者，請於期限內登錄追認及議事錄。"))
    return _("同意備查緊急通報之書件"), [about, _("說明："), *numbered(points)]


def rejecting_letter(found: Round, reasons: str) -> Letter:
    """退件, with the officer's reasons."""
    case = found.submission.application
    points = [*_case(found), _reasons(reasons)]
    if case.version.kind(case.kind).by_notice:
        about = _("主旨：貴公司因緊急情況通報居家辦公一案，檢還書件，請查照。")
        title = _("緊急通報書件退件")
    else:
        about = _("主旨：貴公司申請居家辦公（{kind}）一案，檢還書件，請查照。").format(kind=_kind(case))
        title = _("居家辦公申請退件")
    return title, [about, _("說明："), *numbered(points)]


# What each outcome is written as; a person edits and signs it.
LETTERS: dict[Recommendation.Outcome, Callable[[Round, str], Letter]] = {
    Recommendation.Outcome.FORWARD: forwarding_letter,
    Recommendation.Outcome.ENDORSE: endorsing_letter,
    Recommendation.Outcome.DECLINE: declining_letter,
    Recommendation.Outcome.RECORD: recording_letter,
    Recommendation.Outcome.REJECT: rejecting_letter,
}


def _named(text: str, found: Round, **more: str) -> str:
    firm = found.content["firm"]
    return text.format(firm=firm["name"], code=firm["broker_code"], **more)


def _case(found: Round) -> list[str]:
    """Number, lines and days, as filed; and whether the case was put under another kind since."""
    content, version, case = found.content, found.version, found.submission.application
    points = [
        _("案號 {number}，{kind}，第 {round} 次送件。").format(
            number=content["number"],
            kind=_kind(case),
            round=found.submission.number,
        ),
    ]
    if content["lines"]:  # a pre-review may have been filed without them
        lines = listed(words(version.line(line).name) for line in content["lines"])
        points.append(_("業務項目：{lines}。").format(lines=lines))
    first, last = as_date(content["first_day"]), as_date(content["last_day"])
    if first and last:
        points.append(_("使用期間：{first}至 {last}。").format(first=show_date(first), last=show_date(last)))
    if changed := reclassified(case):
        points.insert(1, _reclassified(case, changed))
    return points


def _reasons(text: str) -> str:
    """The officer's reasons; numbers of their own stand one level below those of the letter."""
    lines = [_OWN_NUMBER.sub(r"（\1）", line.strip()) for line in text.splitlines() if line.strip()]
    between = "\n" if len(lines) > 1 else ""
    return _("理由：{reasons}").format(reasons=between + "\n".join(lines))
