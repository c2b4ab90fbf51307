"""Texts that the exchange's letters start from; a person edits and signs them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from applications.naming import named
from applications.present import show_date, words
from guideline.values import as_date
from reviews.verdicts import Round


def correction_letter(found: Round) -> str:
    """補正通知: the failing items with their comments."""
    content = found.content
    kind = words(found.version.kind(content["kind"]).name)
    lines = [
        _("{firm} 貴公司申請居家辦公（{kind}，案號 {number}）一案，經審查尚有下列 {count} 項須補正：").format(
            firm=content["firm"]["name"], kind=kind, number=content["number"], count=len(found.failing)
        ),
        "",
    ]
    for count, one in enumerate(found.failing, 1):
        item = found.item(one.item_id)
        lines.append(f"{count}. {item.number} {words(item.title)}")
        lines += [f"　　{line}" for line in (one.comment.strip() or _("（尚未填寫意見）")).splitlines()]
    lines += ["", _("請於補正期限前，至本系統就上列項目補正，經貴公司覆核主管覆核後送出；其餘項目已審查，無須修改。")]
    return "\n".join(lines)


def forwarding_letter(found: Round) -> tuple[str, list[str]]:
    """The cover of the bundle: what it is about, and its paragraphs."""
    content, version = found.content, found.version
    firm = content["firm"]
    outcome = words(version.kind(content["kind"]).outcome)
    names = "、".join(words(version.line(line).name) for line in content["lines"])
    evidence = {one["sha256"]: one["name"] for proofs in content["evidence"].values() for one in proofs}
    about = _(
        "主旨：{firm}（證券商代號 {code}）依「{guideline}」（{document}）申請居家辦公一案，轉報{outcome}。"
    ).format(
        firm=firm["name"],
        code=firm["broker_code"],
        guideline=words(version.title),
        document=version.document,
        outcome=outcome,
    )
    points = [
        _("案號 {number}，{kind}，第 {round} 次送件。").format(
            number=content["number"],
            kind=words(version.kind(content["kind"]).name),
            round=found.submission.number,
        ),
        _("業務項目：{lines}。").format(lines=names),
        _("使用期間：{first}至{last}。").format(
            first=show_date(as_date(content["first_day"])), last=show_date(as_date(content["last_day"]))
        ),
        _("本公司業依指引逐項審查，各項結果及意見載於所附案件檢查表。"),
        _("檢附應變計畫及案件檢查表各一份；佐證文件共 {count} 件，清單載於應變計畫。").format(count=len(evidence)),
    ]
    numbered = [f"{mark}、{text}" for mark, text in zip("一二三四五", points, strict=True)]
    return named(_("專案轉報{authority}{outcome}"), version, outcome=outcome), [about, _("說明："), *numbered]
