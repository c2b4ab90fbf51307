"""Closed sets of the case: statuses, actions, marks, verdicts."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """Where a case stands. 核准 is the authority's act alone."""

    DRAFT = "draft", _("草稿")
    INTERNAL_REVIEW = "internal_review", _("待內部覆核")
    INTERNAL_RETURNED = "internal_returned", _("內部退回")
    SIGNED_OFF = "signed_off", _("已覆核，待送件")
    NOTICED = "noticed", _("已受理通報，待補件")
    DOCUMENTS_REVIEW = "documents_review", _("書件待內部覆核")
    SUBMITTED = "submitted", _("已送件")
    UNDER_REVIEW = "under_review", _("審查中")
    RETURNED = "returned", pgettext_lazy("status", "退請補正")
    CORRECTION_REVIEW = "correction_review", _("補正待內部覆核")
    CORRECTED = "corrected", _("已補正，續審")
    AWAITING_SIGNOFF = "awaiting_signoff", _("待主管覆核")
    FORWARDED = "forwarded", _("已轉報，待決定")
    APPROVED = "approved", _("核准")
    REFUSED = "refused", _("駁回")
    REJECTED = "rejected", _("退件")
    ENDORSED = "endorsed", _("同意核備")
    DECLINED = "declined", _("不予核備")
    PRE_REVIEWED = "pre_reviewed", _("預審完成")
    RECORDED = "recorded", _("同意備查")
    WITHDRAWN = "withdrawn", _("撤回")

    @property
    def tone(self) -> str:
        return _TONES.get(self, "grey")


_TONES = {
    Status.INTERNAL_RETURNED: "red",
    Status.RETURNED: "red",
    Status.REFUSED: "red",
    Status.REJECTED: "red",
    Status.DECLINED: "red",
    Status.APPROVED: "green",
    Status.ENDORSED: "green",
    Status.RECORDED: "green",
    Status.PRE_REVIEWED: "plain",
    Status.NOTICED: "amber",
    Status.DOCUMENTS_REVIEW: "amber",
    Status.INTERNAL_REVIEW: "amber",
    Status.SIGNED_OFF: "amber",
    Status.CORRECTION_REVIEW: "amber",
    Status.AWAITING_SIGNOFF: "amber",
    Status.SUBMITTED: "blue",
    Status.UNDER_REVIEW: "blue",
    Status.CORRECTED: "blue",
    Status.FORWARDED: "blue",
}

FIRM_WRITES = frozenset({Status.DRAFT, Status.INTERNAL_RETURNED})  # everything is open
# With the firm's second person; an edit takes it back.
WITH_CHECKER = frozenset({Status.INTERNAL_REVIEW, Status.SIGNED_OFF, Status.DOCUMENTS_REVIEW})
UNSENT = FIRM_WRITES | {Status.INTERNAL_REVIEW, Status.SIGNED_OFF}  # the exchange does not see it yet
SUPPLYING = frozenset({Status.NOTICED, Status.DOCUMENTS_REVIEW})  # a notice was given, its documents are to follow
CORRECTING = frozenset({Status.RETURNED, Status.CORRECTION_REVIEW})  # named items alone are open
GRANTED = frozenset({Status.APPROVED, Status.ENDORSED, Status.RECORDED})  # a right for the days that were given
CAME_TO_NOTHING = frozenset({Status.REFUSED, Status.DECLINED, Status.REJECTED, Status.WITHDRAWN})
ENDED = GRANTED | CAME_TO_NOTHING | {Status.PRE_REVIEWED}


# Events of keeping itself: no work on the case, so they keep it no longer.
KEEPING = frozenset({"hold", "lift_hold", "destroy", "person_read"})


class Action(models.TextChoices):
    """What moves a case; the label is the button."""

    SEND_TO_CHECKER = "send_to_checker", _("送內部覆核")
    REOPEN = "reopen", _("取回修改")
    RETURN_TO_PREPARER = "return_to_preparer", _("退回修改")
    SIGN_OFF = "sign_off", _("覆核，稍後送件")
    SUBMIT = "submit", _("送件")
    WITHDRAW = "withdraw", _("撤回申請")
    SEND_CORRECTION = "send_correction", _("補正送內部覆核")
    RETURN_CORRECTION = "return_correction", _("退回修改補正")
    SUBMIT_CORRECTION = "submit_correction", _("覆核並送出補正")
    NOTIFY = "notify", _("送出通報")
    LOG_NOTICE = "log_notice", _("登錄電子郵件通報")
    SEND_DOCUMENTS = "send_documents", _("書件送內部覆核")
    RETURN_DOCUMENTS = "return_documents", _("退回修改書件")
    SUBMIT_DOCUMENTS = "submit_documents", _("覆核並送出書件")
    TAKE = "take", _("受理")
    RETURN = "return", _("退請補正")
    RECOMMEND = "recommend", _("陳核")
    SEND_BACK = "send_back", _("退回承辦人")
    FORWARD = "forward", _("覆核並轉報")
    REJECT = "reject", _("覆核並退件")
    ENDORSE = "endorse", _("同意核備")
    DECLINE = "decline", _("不予核備")
    RECORD = "record", _("同意備查")
    GIVE_OPINION = "give_opinion", _("預審完成")
    RECORD_APPROVAL = "record_approval", _("登錄核准")
    RECORD_REFUSAL = "record_refusal", _("登錄駁回")


class DayKind(models.TextChoices):
    """What the exchange does on a day."""

    TRADING = "trading", _("交易日")
    CLEARING = "clearing", _("僅辦理結算交割")
    CLOSED = "closed", _("休市")


class DeadlineState(models.TextChoices):
    """A deadline is open until what it asks for is done, or no longer asked for."""

    OPEN = "open", _("進行中")
    DONE = "done", _("已完成")
    VOID = "void", _("不再適用")


class Door(models.TextChoices):
    """How an emergency notice came in."""

    PORTAL = "portal", _("本系統")
    UPLOAD = "upload", _("電子郵件（由交易所登錄）")
    MAILBOX = "mailbox", _("電子郵件（通報信箱）")


class Carry(models.TextChoices):
    """What became of a section that was filled in from the case before."""

    NONE = "", ""
    OFFERED = "offered", _("待確認沿用或更新")
    KEPT = "kept", _("沿用")
    UPDATED = "updated", _("更新")


class Scan(models.TextChoices):
    """What the virus scanner said of stored bytes. None was set up when those without a word came in."""

    NONE = "", _("未掃描")
    WAITING = "waiting", _("掃描中")
    CLEAN = "clean", _("已掃描")
    FOUND = "found", _("含有惡意程式")


UNSETTLED = frozenset({Scan.NONE, Scan.WAITING})  # the scanner has not spoken
HELD = frozenset({Scan.WAITING, Scan.FOUND})  # nobody gets these bytes


class Mark(models.TextChoices):
    """How far a section has got."""

    EMPTY = "", _("尚未開始")
    STARTED = "started", _("填寫中")
    COMPLETE = "complete", _("已完成")


class Verdict(models.TextChoices):
    """The exchange's finding on one item."""

    OK = "ok", _("符合")
    CORRECT = "correct", _("須補正")
    NA = "na", _("不適用")

    @property
    def tone(self) -> str:
        return {Verdict.OK: "green", Verdict.CORRECT: "red", Verdict.NA: "plain"}[self]
