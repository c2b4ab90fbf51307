"""The trail of a case as people of the exchange read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.enums import Action, Door, Status
from applications.enums import Verdict as Choice
from applications.models import Application, Event
from applications.present import clause_number, listed, show_date, words
from guideline.values import as_date
from reviews.models import Recommendation

# What is recorded without moving a case.
LABELS: dict[str, Promise | str] = {
    "create": gettext_lazy("建立草稿"),
    "save": gettext_lazy("儲存填報內容"),
    "save_notice": gettext_lazy("儲存通報內容"),
    "cite": gettext_lazy("附上佐證"),
    "uncite": gettext_lazy("移除佐證"),
    "replace_file": gettext_lazy("以新檔取代佐證"),
    "file_found": gettext_lazy("附件含有惡意程式，已停止使用"),
    "roster": gettext_lazy("更新名冊"),
    "roster_read": gettext_lazy("檢視名冊"),
    "file": gettext_lazy("上傳檔案"),
    "file_read": gettext_lazy("開啟檔案"),
    "pdf_read": gettext_lazy("開啟 PDF"),
    "refused": gettext_lazy("存取遭拒"),
    "failed": gettext_lazy("送件未成"),
    "bundle": gettext_lazy("產生轉報合併檔"),
    "issued": gettext_lazy("核發文件"),
    "sealed": gettext_lazy("封存既有資料"),
    "pack": gettext_lazy("製作稽核檔"),
    "import": gettext_lazy("匯入草稿檔"),
    "judge": gettext_lazy("儲存審查結果"),
    "hand_over": gettext_lazy("移交承辦人"),
    "note": gettext_lazy("新增內部註記"),
    "end_early": gettext_lazy("提前終止"),
    "give_way": gettext_lazy("因核准期間開始而終止"),
    "ratify": gettext_lazy("登錄董事會追認"),
    "open_section": gettext_lazy("申報變更"),
    "close_section": gettext_lazy("取消變更"),
    "duty_done": gettext_lazy("登錄完成"),
    "mail": gettext_lazy("附上電子郵件通報"),
    "take_over": gettext_lazy("帶入前案內容"),
    "keep_section": gettext_lazy("沿用前案內容"),
    "roster_change": gettext_lazy("人員異動"),
    "reclassify": gettext_lazy("改列申請類型"),
    "adopt_version": gettext_lazy("改依新版指引"),
}
FEW = 10  # items of one save that are listed one by one
# What a firm does before it files; its words among its own people are not for the exchange.
DRAFTING = frozenset(
    {
        *("create", "import", "save", "save_notice", "cite", "uncite", "replace_file", "roster", "roster_read"),
        *("file", "file_read", "pdf_read", "failed"),
        *("open_section", "close_section", "take_over", "keep_section", "adopt_version"),
    }
)
INSIDE_FIRM = frozenset(
    {
        *(Action.SEND_TO_CHECKER, Action.REOPEN, Action.RETURN_TO_PREPARER, Action.SEND_CORRECTION),
        *(Action.RETURN_CORRECTION, Action.SEND_DOCUMENTS, Action.RETURN_DOCUMENTS),
    }
)


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    role: str
    what: str
    before: str
    after: str
    details: tuple[str, ...]
    shared: bool
    drafting: bool


def lines_of(case: Application) -> list[Line]:
    """Every event of a case, the latest first. One query."""
    return [_line(event, case) for event in case.events.order_by("-id")]


def _line(event: Event, case: Application) -> Line:
    what = str(Action(event.what).label) if event.what in Action.values else str(LABELS.get(event.what, event.what))
    inside = event.what in INSIDE_FIRM or event.what in DRAFTING
    return Line(
        at=event.at,
        who=event.actor_name,
        role=event.actor_role,
        what=what,
        before=str(Status(event.before).label) if event.before else "",
        after=str(Status(event.after).label) if event.after else "",
        details=() if inside else tuple(_details(event.detail, case)),
        shared=event.shared,
        drafting=event.what in DRAFTING,
    )


def _details(detail: dict[str, Any], case: Application) -> Iterator[str]:
    if number := detail.get("submission"):
        yield _("第 {number} 次送件").format(number=number)
    if document := detail.get("document_number"):
        yield _("文號：{number}").format(number=document)
    if mail := detail.get("mail"):
        yield _("郵件 {number}").format(number=mail)
    if outcome := detail.get("outcome"):
        yield str(Recommendation.Outcome(outcome).label)
    if signature := detail.get("signature"):
        yield f"{detail['file']}：{signature}"
    if reason := detail.get("reason"):
        yield _("理由：{text}").format(text=reason)
    if remark := detail.get("remark"):
        yield _("意見：{text}").format(text=remark)
    if kinds := detail.get("kinds"):
        yield " → ".join(words(case.version.kind(kind).name) for kind in kinds)
    if day := as_date(detail.get("effective_on")):
        yield _("生效日：{day}").format(day=show_date(day))
    if "to" in detail:
        yield f"{detail.get('from', '')} → {detail['to']}"
    if held := as_date(detail.get("held_on")):
        yield _("會議日期：{day}").format(day=show_date(held))
    if successor := detail.get("for"):
        yield _("由 {case} 之期間接續").format(case=successor)
    if door := detail.get("door"):
        yield str(Door(door).label)
    if due := as_date(detail.get("due_on")):
        yield _("補正期限：{day}").format(day=show_date(due))
    items = detail.get("items")
    if isinstance(items, dict):
        yield from _judged(items, case)
    elif items:
        yield listed(_number(case, item) for item in items)
    periods = detail.get("periods", {})
    for line in case.version.lines:
        if line.id in periods:
            first, last = periods[line.id]
            yield f"{words(line.short)}{_('：')}{show_date(as_date(first))} – {show_date(as_date(last))}"


def _judged(items: dict[str, list[str]], case: Application) -> Iterator[str]:
    """Every item of a short save; of a long one, how many of each verdict and the items that fail."""
    said = [(clause_number(item), *items[item.id]) for item in case.version.items_among(items)]
    if len(said) <= FEW:
        yield _("；").join(f"{number} {_verdict(old)} → {_verdict(new)}" for number, old, new in said)
        return
    counts = Counter(new for _number, _old, new in said)
    yield listed(_("{verdict} {count} 項").format(verdict=_verdict(new), count=n) for new, n in counts.items())
    if failing := [number for number, _old, new in said if new == Choice.CORRECT]:
        yield _("須補正：{items}").format(items=listed(failing))


def _number(case: Application, item_id: str) -> str:
    return clause_number(case.version.item(item_id))


def _verdict(value: str) -> str:
    return str(Choice(value).label) if value else str(_("未審"))
