"""Papers that come in while a case is under review: the authority's letter, and a firm's supplement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from applications.models import Application
from reviews.demo.answers import NAMES, roc
from reviews.demo.firms import DemoFirm
from reviews.demo.paper_texts import Block, Paper

DECISION = "主管機關復函（示範）.pdf"


def decision_paper(case: Application, number: str, dated: date, *, approved: bool, conditions: str) -> Paper:
    """A letter such as the authority might write. Fictional, and marked so on every page."""
    lines = "、".join(NAMES[line] for line in case.lines)
    assert case.first_day is not None
    assert case.last_day is not None
    if approved:
        points = [
            f"一、同意{case.firm.name}就{lines}實施居家辦公，期間自{roc(case.first_day)}起至{roc(case.last_day)}止。",
            *(f"{mark}、{text}" for mark, text in zip("二三四", conditions.splitlines(), strict=False)),
        ]
    else:
        points = [
            f"一、{case.firm.name}所報{lines}實施居家辦公一案，核有未符，未便同意。",
            "二、所提應變計畫就交易人員視訊監看之異常處理及代理人接手程序，尚不足以確保交易秩序及資訊安全，"
            "應俟完成改善並經內部稽核覆核後，另案申請。",
        ]
    return Paper(
        "金融監督管理委員會　函（示範）",
        "示範文件（非主管機關公文）",
        (
            Block("主旨", (f"貴公司轉報{case.firm.name}申請居家辦公（案號{case.number}）一案，復如說明，請查照。",)),
            Block("說明", tuple(points)),
        ),
        ("受文者：臺灣證券交易所股份有限公司", f"發文日期：中華民國{roc(dated)}　發文字號：{number}"),
        ("（本件為系統示範用之虛構文件，不具任何效力）",),
    )


def reason_paper(firm: DemoFirm, reason: str, plan: str, previous: Application) -> Paper:
    """延展理由說明: why a firm asks for an extension, and when it comes back to its premises."""
    blocks = (Block("一、正當理由", (reason,)), Block("二、恢復營業處所辦公之規劃", (plan,)))
    return Paper(
        "延展理由說明",
        firm.name,
        blocks,
        (f"原案案號：{previous.number}",),
        (f"法令遵循主管：{firm.compliance}（簽章）",),
    )


def ratification_paper(firm: DemoFirm, case: Application, held_on: date, text: str) -> Paper:
    """董事會議事錄（節錄）: the ratification of an emergency."""
    return Paper(
        "董事會議事錄（節錄）",
        firm.name,
        (Block("報告事項", (text,)),),
        (f"會議日期：{roc(held_on)}", f"通報案號：{case.number}"),
        (f"主席：{firm.chairman}（簽章）",),
    )


def supplement_paper(firm: DemoFirm, texts: Mapping[str, str], case: Application) -> Paper:
    """補正說明: what a firm adds to the items that it was asked to correct."""
    blocks = []
    for item_id, text in texts.items():
        item = case.version.item(item_id)
        blocks.append(Block(f"{item.number} {item.title.zh}", (text,)))
    return Paper(
        "補正說明及佐證",
        firm.name,
        tuple(blocks),
        (f"案號：{case.number}",),
        (f"法令遵循主管：{firm.compliance}（簽章）",),
    )
