"""What somebody who signs in for the first time is shown: the first steps of their role."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models import User


@dataclass(frozen=True)
class Step:
    """One sentence, and the name of the address where it is done, if there is one."""

    text: str | Promise
    url: str = ""
    link: str | Promise = ""


_NOTICES = Step(_("有事要您處理時，系統會通知您，並寄信到您的電子郵件信箱。"), "notices", _("查看通知"))
STEPS: dict[str, tuple[Step, ...]] = {
    Role.PREPARER: (
        Step(_("先看要準備哪些書件；回答四個問題，系統就會找出該辦哪一種申請。"), "start", _("看準備清單")),
        Step(_("逐節填寫，順序不拘。每按一次「儲存並繼續」就會存下來，沒填完也可以，之後由您或同仁接續。")),
        Step(_("全部填妥後檢查內容，送內部覆核。須由另一人覆核後送件。")),
        Step(_("來不及循正常程序時，用「通報緊急情況」：四頁短表，不必先備書件。")),
        _NOTICES,
    ),
    Role.CHECKER: (
        Step(_("同仁送覆核的案件列在「待您處理」。")),
        Step(_("逐項讀完內容及附件，再勾選聲明，按「覆核並送件」；要修改就寫明理由，退回填報人。")),
        Step(_("自己填的案件不能自己覆核；覆核後有人再改內容，覆核就失效，須重新覆核。")),
        _NOTICES,
    ),
    Role.FIRM_ADMIN: (
        Step(_("貴公司哪項業務、哪一天得居家辦公，看居家辦公台帳。"), "ledger", _("查看台帳")),
        Step(_("接下來有哪些期限，看期限頁；也可以訂閱到行事曆。"), "deadlines-overview", _("查看期限")),
        _NOTICES,
    ),
    Role.OFFICER: (
        Step(_("新送件的案件在「未分派」。開啟案件，按「受理」後由您承辦。"), "queue", _("查看案件")),
        Step(_("逐項對照指引、填報內容與附件，選擇符合、須補正或不適用。系統不預先代選，隨時可以停下來。")),
        Step(_("有須補正的項目就退請補正，函稿由各項意見組成，可以再改；都符合就擬轉報，由主管覆核。")),
        Step(_("電子郵件來的緊急通報，上傳原信後逐欄確認，即登錄為案件。"), "mail-queue", _("查看電子郵件通報")),
        Step(_("誰正在居家辦公、哪些即將屆滿，看台帳。"), "review-ledger", _("查看台帳")),
    ),
    Role.SUPERVISOR: (
        Step(_("承辦人陳核的案件在「待我處理」。"), "queue", _("查看案件")),
        Step(_("覆核須由另一人為之：自己擬的案件，自己不能覆核。不同意就寫明理由，退回承辦人。")),
        Step(_("誰正在居家辦公、哪些即將屆滿，看台帳；可以印成一頁。"), "review-ledger", _("查看台帳")),
    ),
    Role.AUDITOR: (
        Step(_("您可以檢視所有已送件的案件，但不能變更任何內容。"), "queue", _("查看案件")),
        Step(_("每一案的最下方是歷程：誰、何時、做了什麼。")),
        Step(_("行事曆與系統參數的變更，看營運紀錄。"), "operator-events", _("查看營運紀錄")),
    ),
    Role.OPERATOR: (
        Step(_("先看運作狀態：背景作業、通知信與信箱是否正常。"), "operator", _("查看運作狀態")),
        Step(_("每年公告休市日後，更新行事曆並公布。"), "operator-calendar", _("更新行事曆")),
        Step(
            _("補正天數等是本系統參數，非指引所定；變更後，進行中案件的期限會重算。"),
            "operator-parameters",
            _("查看參數"),
        ),
        Step(_("證券商與人員的帳號在系統管理開立。"), "admin:index", _("管理帳號與證券商")),
    ),
}


def steps_of(user: User) -> tuple[Step, ...]:
    """The steps of the role that this person was given first; none without a role."""
    return STEPS[user.roles_held[0]] if user.roles_held else ()
