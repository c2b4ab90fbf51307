"""預審意見: the letter and the checklist with what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from applications.documents.checklist import VERDICTS
from applications.documents.letter import lines_of
from applications.documents.parts import Content
from applications.present import unsent
from guideline.catalogue import Item, Version

TITLE = "居家辦公預先審查意見"
NOT_AN_APPROVAL = (
    "本意見非核准、核備或備查，不生得實施居家辦公之效力，亦不起算任何期間；"
    "貴公司仍須送件正式申請，經{authority}核准後，始得實施居家辦公。"
)


def opinion_letter(
    content: Content, version: Version, findings: Mapping[str, tuple[str, str]], conclusion: str
) -> list[str]:
    """The paragraphs of the letter.

    Args:
        findings: item id -> label (符合、須補正、不適用) and comment.
        conclusion: the officer's, may be empty.
    """
    counts = Counter(label for label, _comment in findings.values())
    found = "、".join(f"{label} {counts[label]} 項" for label in VERDICTS)
    left = "、".join(f"{page.number}{page.title.zh}" for page in unsent(content, version))
    points = [
        f"案號 {content['number']}，第 {content['submission']} 次送件，送審 {len(content['pages'])} 節，"
        f"計 {len(findings)} 項。" + (f"未送審者：{left}，本意見未及之。" if left else ""),
        f"逐項審查結果：{found}，載於所附案件檢查表。",
    ]
    remarks = [item_id for item_id, (_label, comment) in findings.items() if comment.strip()]
    if remarks:
        points.append(
            "\n".join(
                [
                    "審查意見如下：",
                    *(
                        _remark(count, version.item(item_id), findings[item_id])
                        for count, item_id in enumerate(remarks, 1)
                    ),
                ]
            )
        )
    if conclusion.strip():
        points.append(f"審查結論：{_in_line(conclusion)}")
    points.append(NOT_AN_APPROVAL.format(authority=version.authority.name.zh))
    firm = content["firm"]
    about = (
        f"主旨：貴公司（{firm['name']}，證券商代號 {firm['broker_code']}）依「{version.title.zh}」"
        f"（{version.document}）申請居家辦公預先審查一案，檢送審查意見，請查照。"
    )
    return [about, "說明：", *(f"{mark}、{text}" for mark, text in zip("一二三四五", points, strict=False))]


def _remark(count: int, item: Item, found: tuple[str, str]) -> str:
    label, comment = found
    return f"{count}. {item.number} {item.title.zh}（{label}）：{_in_line(comment)}"


def _in_line(text: str) -> str:
    """The lines of a text as one, which hangs under its marker."""
    return "　".join(lines_of(text))
