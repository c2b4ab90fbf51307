"""What the exchange keeps to itself while it reviews."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.enums import Door
from applications.enums import Verdict as VerdictChoice
from applications.models import Application, Submission

USER = settings.AUTH_USER_MODEL


class Assignment(models.Model):
    """Who has had the case in hand, from when to when."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="assignments")
    officer = models.ForeignKey(USER, models.PROTECT, related_name="+")
    assigned_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("application",), condition=models.Q(until__isnull=True), name="assignment_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.officer_id}"


class Verdict(models.Model):
    """The finding on one item of one submission; ``carried`` where the item did not change since the last."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="verdicts")
    item_id = models.CharField(max_length=20)
    verdict = models.CharField(max_length=10, choices=VerdictChoice.choices, blank=True)
    comment = models.TextField(_("審查意見"), blank=True)
    revision = models.PositiveIntegerField(default=0)
    carried = models.BooleanField(default=False)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("submission", "item_id"), name="verdict_once"),)

    def __str__(self) -> str:
        return f"{self.item_id} {self.verdict}"


class Recommendation(models.Model):
    """擬轉報 or 擬退件: put up by the officer, released by another person."""

    class Outcome(models.TextChoices):
        FORWARD = "forward", _("擬轉報")
        ENDORSE = "endorse", _("擬同意核備")
        DECLINE = "decline", _("擬不予核備")
        RECORD = "record", _("擬同意備查")
        OPINION = "give_opinion", _("擬預審完成")
        REJECT = "reject", _("擬退件")

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="recommendations")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    reasons = models.TextField(_("審查結論"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decided_by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    released = models.BooleanField(null=True)
    remark = models.TextField(_("主管意見"), blank=True)
    document_number = models.CharField(_("轉報文號"), max_length=40, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("by")),
                name="recommendation_released_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True, decided_at__isnull=True, released__isnull=True)
                | models.Q(decided_by__isnull=False, decided_at__isnull=False, released__isnull=False),
                name="recommendation_who_and_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.outcome} {self.submission_id}"


class Bundle(models.Model):
    """The PDF bundle that went to the authority: plan, checklist and letter of one submission, in one file."""

    recommendation = models.OneToOneField(Recommendation, models.PROTECT, related_name="bundle")
    file = models.FileField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.sha256


class InternalNote(models.Model):
    """A note among people of the exchange; no firm ever sees it."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="notes")
    text = models.TextField(_("內部註記"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text[:40]


class MailNotice(models.Model):
    """An e-mail that may be an emergency notice (clause 2.1.1): its bytes as they arrived, and what became of it.

    ``raw`` is the evidence and never changes; ``said`` is what reading it gave (``reviews.claims``), the sender's
    claims. Where the mail was too big for the mailbox to be asked for it, ``raw`` is its headers and ``partial`` is
    set. ``received_at`` is the mailbox server's time of arrival or that of the officer's entry. ``joins`` is the
    notice of the same Message-ID that was there before.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("待確認")
        UNREADABLE = "unreadable", _("待確認，本系統未能讀取")
        CONFIRMED = "confirmed", _("已確認")
        SET_ASIDE = "set_aside", _("非緊急通報")
        JOINED = "joined", _("併入同一通報")

    OPEN = frozenset({Status.WAITING, Status.UNREADABLE})

    raw = models.FileField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    partial = models.BooleanField(default=False)
    message_id = models.CharField(max_length=250, blank=True)
    sender = models.CharField(max_length=400, blank=True)
    subject = models.CharField(max_length=400, blank=True)
    said = models.JSONField(default=dict)
    unreadable = models.CharField(max_length=10, blank=True)
    door = models.CharField(_("通報管道"), max_length=10, choices=Door.choices)
    received_at = models.DateTimeField(_("收件時間"))
    uploaded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True)
    status = models.CharField(_("狀態"), max_length=10, choices=Status.choices, default=Status.WAITING)
    reason = models.TextField(_("理由"), blank=True)
    revision = models.PositiveIntegerField(default=0)
    joins = models.ForeignKey("self", models.PROTECT, related_name="joined", null=True, blank=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="mails", null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("status", "-id"), name="mail_by_status"),)
        constraints = (
            models.UniqueConstraint(
                fields=("message_id",),
                condition=models.Q(joins__isnull=True) & ~models.Q(message_id=""),
                name="mail_one_of_a_message_id",
            ),
            models.CheckConstraint(
                condition=models.Q(status="confirmed", application__isnull=False)
                | (~models.Q(status="confirmed") & models.Q(application__isnull=True)),
                name="mail_confirmed_has_a_case",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="joined") | models.Q(joins__isnull=False), name="mail_joined_to_one"
            ),
            models.CheckConstraint(
                condition=models.Q(door="upload", uploaded_by__isnull=False)
                | models.Q(door="mailbox", uploaded_by__isnull=True),
                name="mail_uploaded_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return _("郵件 {number}").format(number=self.pk)

    def get_absolute_url(self) -> str:
        return reverse("mail", args=[self.pk])

    @property
    def open(self) -> bool:
        """Whether somebody has yet to say what it is."""
        return self.status in self.OPEN

    @property
    def head(self) -> MailNotice:
        """The notice that this one is of: itself, or the one that it joins."""
        return self.joins or self


class MailEvent(models.Model):
    """Who did what to a mail, when. Appended, never changed."""

    mail = models.ForeignKey(MailNotice, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    actor = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True)
    actor_name = models.CharField(max_length=100, blank=True)
    what = models.CharField(max_length=20)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.mail_id} {self.what}"


class MailboxEntry(models.Model):
    """A message of the mailbox that was looked at: taken in as ``mail``, or what kept it from being so.

    ``place`` is the mailbox's UIDVALIDITY: when it changes, all UIDs mean other messages.
    """

    place = models.PositiveBigIntegerField()
    uid = models.PositiveBigIntegerField()
    mail = models.ForeignKey(MailNotice, models.PROTECT, related_name="entries", null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)
    tries = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("place", "uid"), name="mailbox_entry_once"),)

    def __str__(self) -> str:
        return f"{self.place}/{self.uid}"


class LegalHold(models.Model):
    """法律保全: while one stands, nothing of the case is destroyed, nor of those that it is linked with."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="holds")
    reason = models.TextField(_("保全理由"))
    set_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.TextField(_("解除理由"), blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("application",), condition=models.Q(lifted_at__isnull=True), name="hold_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_by__isnull=True, lifted_at__isnull=True)
                | models.Q(lifted_by__isnull=False, lifted_at__isnull=False),
                name="hold_lifted_who_and_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.set_at:%Y-%m-%d}"


class Disposal(models.Model):
    """銷毀案: cases whose time of keeping is over; one person puts it up, another releases it, a worker destroys."""

    proposed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    released_by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    remark = models.TextField(_("不予銷毀之理由"), blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(released_by__isnull=True) | ~models.Q(released_by=models.F("proposed_by")),
                name="disposal_released_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(released_by__isnull=True, released_at__isnull=True)
                | models.Q(released_by__isnull=False, released_at__isnull=False, cancelled_at__isnull=True),
                name="disposal_released_who_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_by__isnull=True, cancelled_at__isnull=True)
                | models.Q(cancelled_by__isnull=False, cancelled_at__isnull=False),
                name="disposal_cancelled_who_and_when",
            ),
        )

    def __str__(self) -> str:
        return _("銷毀案 {number}").format(number=self.pk)

    def get_absolute_url(self) -> str:
        return reverse("disposal", args=[self.pk])

    @property
    def waiting(self) -> bool:
        """Whether nobody has said yes or no to it."""
        return self.released_at is None and self.cancelled_at is None


class DisposalCase(models.Model):
    """One case of a disposal. ``chain`` is the first of the cases that it is linked with; ``files`` the stored names
    that were to be deleted; ``done_at`` says that they are."""

    class Outcome(models.TextChoices):
        WAITING = "", _("待銷毀")
        DESTROYED = "destroyed", _("已銷毀")
        KEPT = "kept", _("未銷毀，續予保存")

    disposal = models.ForeignKey(Disposal, models.PROTECT, related_name="cases")
    application = models.ForeignKey(Application, models.PROTECT, related_name="disposals")
    chain = models.PositiveBigIntegerField()
    kept_until = models.DateField(_("保存期限"))
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.WAITING, blank=True)
    files = models.JSONField(default=list)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("kept_until", "chain", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("application",), condition=~models.Q(outcome="kept"), name="disposal_of_a_case_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.disposal_id} {self.application_id}"


class SavedSearch(models.Model):
    """A search of the trail that an auditor named; its address opens it for every auditor."""

    user = models.ForeignKey(USER, models.CASCADE, related_name="searches")
    name = models.CharField(_("名稱"), max_length=60)
    query = models.CharField(max_length=1000)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=("user", "name"), name="search_named_once"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("audit-search", args=[self.pk])
