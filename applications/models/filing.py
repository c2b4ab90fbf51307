"""What was filed, what came of it, and the trail."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Firm
from applications.enums import Door
from applications.models.case import Application, Attachment
from applications.models.clocks import Deadline

USER = settings.AUTH_USER_MODEL


class CaseCounter(models.Model):
    """The last case number given in a 民國 year; its row lock makes numbers gapless."""

    year = models.PositiveIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year} {self.last}"


class Submission(models.Model):
    """What a firm filed, for ever: canonical JSON and its hash. Never changed after it is made."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField(_("第幾次送件"))
    payload = models.TextField()
    sha256 = models.CharField(max_length=64)
    prepared_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    idempotency_key = models.CharField(max_length=64)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("application", "number"), name="submission_number_once"),
            models.UniqueConstraint(fields=("application", "idempotency_key"), name="submission_key_once"),
            models.CheckConstraint(
                condition=~models.Q(signed_by=models.F("prepared_by")), name="submission_signed_by_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application} #{self.number}"

    @cached_property
    def content(self) -> dict[str, Any]:
        """The filed content; see ``content.snapshot`` for its shape."""
        return json.loads(self.payload)


class EmergencyNotice(models.Model):
    """An emergency notice (特殊個案通報, clause 2.1.1) as it was given, for ever; its documents are submissions.

    ``received_at`` is the server's commit, the officer's entry or the mail's arrival, by its door. ``given_by`` is who
    sent it in the portal, or the officer who confirmed what a mail says.
    """

    application = models.OneToOneField(Application, models.PROTECT, related_name="notice")
    door = models.CharField(_("通報管道"), max_length=10, choices=Door.choices)
    payload = models.TextField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("收件時間"))
    given_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    idempotency_key = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"{self.application} {self.door}"

    @cached_property
    def content(self) -> dict[str, Any]:
        """What was said; the shape of ``content.snapshot``."""
        return json.loads(self.payload)


class FirmNotice(models.Model):
    """A dated notice of the firm after a decision: kept and shown, decided by nobody.

    ``detail`` is what it says, by ``what``: the roster that is valid from ``effective_on``, or the resolution by which
    the board ratified an emergency on that day.
    """

    class What(models.TextChoices):
        ROSTER_CHANGE = "roster_change", _("人員異動")
        RATIFICATION = "ratification", _("董事會追認")

    application = models.ForeignKey(Application, models.PROTECT, related_name="firm_notices")
    what = models.CharField(max_length=20, choices=What.choices)
    effective_on = models.DateField(_("生效日"))
    text = models.TextField(_("說明"), blank=True)
    detail = models.JSONField(default=dict)
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", null=True, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("application",), condition=models.Q(what="ratification"), name="firm_notice_ratified_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application} {self.what}"


class Correction(models.Model):
    """退請補正: the items that are open again, with the exchange's words on each."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="corrections")
    submission = models.OneToOneField(Submission, models.PROTECT, related_name="correction")
    items = models.JSONField(default=dict)  # item id -> comment
    letter = models.TextField(_("補正通知"))
    due_on = models.DateField(_("補正期限"))
    issued_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("application",), condition=models.Q(answered_at__isnull=True), name="correction_one_open"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application} {self.due_on}"


class Decision(models.Model):
    """核准 or 駁回: the authority's letter as the exchange recorded it. 核備 or not: the exchange's own, no scan."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="decision")
    approved = models.BooleanField()
    document_number = models.CharField(_("文號"), max_length=40)
    dated = models.DateField(_("發文日期"))
    conditions = models.TextField(_("附帶條件"), blank=True)
    scan = models.ForeignKey(
        Attachment, models.PROTECT, related_name="+", verbose_name=_("來函掃描檔"), null=True, blank=True
    )
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.document_number


class ApprovedPeriod(models.Model):
    """One line of one firm may work from home on these days, by virtue of this case."""

    firm = models.ForeignKey(Firm, models.PROTECT, related_name="periods")
    application = models.ForeignKey(Application, models.PROTECT, related_name="periods")
    line = models.CharField(_("業務項目"), max_length=40)
    first_day = models.DateField(_("起日"))
    last_day = models.DateField(_("迄日"))
    ended_on = models.DateField(_("提前終止之最後居家日"), null=True, blank=True)

    class Meta:
        ordering = ("first_day", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True)
                | models.Q(ended_on__gte=models.F("first_day"), ended_on__lt=models.F("last_day")),
                name="period_ends_early_within",
            ),
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="period_ends_after_it_starts"
            ),
            models.UniqueConstraint(fields=("application", "line"), name="period_once_a_line"),
        )

    def __str__(self) -> str:
        return f"{self.line} {self.first_day}/{self.until}"

    @property
    def until(self) -> date:
        """The last day on which the line may in fact be done at home."""
        return self.ended_on or self.last_day


class Event(models.Model):
    """Who did what to a case, when; of no case in the chain of the house. Appended by ``appending``, never changed.

    Each hangs by hash on the one before in its chain: see ``trail``. PostgreSQL refuses to change or delete one.
    """

    # the constraint and the indexes below begin with these two: one of their own would be written in vain
    application = models.ForeignKey(Application, models.PROTECT, related_name="events", null=True, db_index=False)
    number = models.PositiveIntegerField()  # from 1 in its chain
    at = models.DateTimeField()
    actor = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, db_index=False)
    actor_name = models.CharField(max_length=100)
    actor_role = models.CharField(max_length=100)
    what = models.CharField(max_length=40)
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20, blank=True)
    detail = models.JSONField(default=dict)
    shared = models.BooleanField(default=True)  # False: for the exchange alone
    request_id = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=64, blank=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("application", "id"), name="event_by_case"),
            # for searches across cases: each has the order of the list, so that no page sorts or counts
            models.Index(fields=("at", "id"), name="event_by_time"),
            models.Index(fields=("actor", "at", "id"), name="event_by_actor"),
            models.Index(fields=("what", "at", "id"), name="event_by_kind"),
        )
        constraints = (
            models.UniqueConstraint(fields=("application", "number"), name="event_once"),
            models.UniqueConstraint(
                fields=("number",), condition=models.Q(application=None), name="event_once_without_a_case"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.what}"


class Issued(models.Model):
    """A PDF that was given out: its bytes, kept for ever, and the code on it by which anybody can check it.

    ``part`` says of which it is: the number of a submission, the id of a recommendation; 0 where there is but one.
    """

    class What(models.TextChoices):
        PLAN = "plan", _("居家辦公應變計畫")
        CHECKLIST = "checklist", _("居家辦公案件檢查表")
        RECEIPT = "receipt", _("居家辦公送件收執")
        NOTICE = "notice", _("居家辦公緊急通報書")
        OPINION = "opinion", _("預先審查意見（稿）及案件檢查表")
        LETTER = "letter", _("函稿")
        BUNDLE = "bundle", _("轉報合併檔（函稿、應變計畫及案件檢查表）")

    OF_SUBMISSION = frozenset({What.PLAN, What.CHECKLIST, What.RECEIPT, What.OPINION})
    OF_EXCHANGE = frozenset({What.LETTER, What.BUNDLE})  # not for the firm

    application = models.ForeignKey(Application, models.PROTECT, related_name="issued")
    what = models.CharField(_("文件"), max_length=10, choices=What.choices)
    part = models.PositiveBigIntegerField(default=0)
    language = models.CharField(_("語言"), max_length=10)
    code = models.CharField(_("查驗碼"), max_length=19, unique=True)
    file = models.FileField(max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    issued_at = models.DateTimeField(_("核發時間"))

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("application", "what", "part", "language"), name="issued_once"),)

    def __str__(self) -> str:
        return self.code

    @property
    def submission_number(self) -> int | None:
        """Of which submission it is, where it is of one."""
        return self.part if self.what in self.OF_SUBMISSION else None


class Outbox(models.Model):
    """Something to tell people, written in the transaction that causes it; a task finds out whom.

    A reminder names its deadline and the threshold in days (-1: the day after), once for each. What is of no case
    (yet) says by ``path`` where it is to be seen.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="outbox", null=True, blank=True)
    path = models.CharField(max_length=200, blank=True, db_default="")
    what = models.CharField(max_length=60)
    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="reminders", null=True, blank=True)
    threshold = models.SmallIntegerField(null=True, blank=True)
    key = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    expanded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("application", "key"), name="outbox_once"),
            models.UniqueConstraint(fields=("deadline", "threshold"), name="outbox_one_reminder"),
            models.UniqueConstraint(
                fields=("key",), condition=models.Q(application=None), name="outbox_once_without_a_case"
            ),
            models.CheckConstraint(
                condition=models.Q(application__isnull=False) | ~models.Q(path=""), name="outbox_leads_somewhere"
            ),
        )
        indexes = (models.Index(fields=("id",), condition=models.Q(expanded_at__isnull=True), name="outbox_waiting"),)

    def __str__(self) -> str:
        return f"{self.application_id} {self.key}"


class Notification(models.Model):
    """One thing that one person is told, in the portal and by mail.

    ``try_after`` puts the next attempt off; ``dead_at`` says that the server refused it for good.
    """

    outbox = models.ForeignKey(Outbox, models.CASCADE, related_name="notifications")
    user = models.ForeignKey(USER, models.CASCADE, related_name="notifications")
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    try_after = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("outbox", "user"), name="notification_once"),)
        indexes = (
            models.Index(
                fields=("id",),
                condition=models.Q(sent_at__isnull=True, dead_at__isnull=True),
                name="notification_unsent",
            ),
            models.Index(fields=("user", "id"), condition=models.Q(read_at__isnull=True), name="notification_unread"),
            models.Index(fields=("user", "-id"), name="notification_by_person"),
        )

    def __str__(self) -> str:
        return f"{self.outbox_id} {self.user_id}"
