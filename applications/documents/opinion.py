"""預審意見: the letter and the checklist with what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.utils.translation import gettext as _

from applications.documents.checklist import VERDICTS
from applications.documents.letter import lines_of, numbered
from applications.documents.parts import Content, Label
from applications.naming import words
from applications.present import clause_number, listed, unsent
from guideline.catalogue import Item, Version


def opinion_letter(
    content: Content, version: Version, findings: Mapping[str, tuple[Label, str]], conclusion: str
) -> list[str]:
    """The paragraphs of the letter, in the language that is active.

    Args:
        findings: item id -> label (符合、須補正、不適用) and comment.
        conclusion: the officer's, may be empty.
    """
    counts = Counter(str(label) for label, _comment in findings.values())
    found = listed(_("{label} {count} 項").format(label=label, count=counts[str(label)]) for label in VERDICTS)
    left = listed(f"{clause_number(page)} {words(page.title)}" for page in unsent(content, version))
    points = [
        _("案號 {number}，第 {submission} 次送件，送審 {sections} 節，計 {items} 項。").format(
            number=content["number"],
            submission=content["submission"],
            sections=len(content["pages"]),
            items=len(findings),
        )
        + (_("未送審者：{left}，本意見未及之。").format(left=left) if left else ""),
        _("逐項審查結果：{found}，載於所附案件檢查表。").format(found=found),
    ]
    remarks = [item_id for item_id, (_label, comment) in findings.items() if comment.strip()]
    if remarks:
        said = [_remark(n, version.item(item_id), findings[item_id]) for n, item_id in enumerate(remarks, 1)]
        points.append("\n".join([_("審查意見如下："), *said]))
    if conclusion.strip():
        points.append(_("審查結論：{text}").format(text=_in_line(conclusion)))
    points.append(
        _(
            "本意見非核准、核備或備查，不生得實施居家辦公之效力，亦不起算任何期間；"
            "貴公司仍須送件正式申請，經{authority}核准後，始得實施居家辦公。"
        ).format(authority=words(version.authority.name))
    )
    firm = content["firm"]
    about = _(
        "主旨：貴公司（{firm}，證券商代號 {code}）依「{guideline}」（{document}）"
        "申請居家辦公預先審查一案，檢送審查意見，請查照。"
    ).format(firm=firm["name"], code=firm["broker_code"], guideline=words(version.title), document=version.document)
    return [about, _("說明："), *numbered(points)]


def _remark(count: int, item: Item, found: tuple[Label, str]) -> str:
    label, comment = found
    return f"{count}. " + _("{number} {title}（{label}）：{comment}").format(
        number=clause_number(item), title=words(item.title), label=label, comment=_in_line(comment)
    )


def _in_line(text: str) -> str:
    """The lines of a text as one, which hangs under its marker."""
    return "　".join(lines_of(text))
