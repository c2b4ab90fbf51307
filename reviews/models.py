"""What the exchange keeps to itself while it reviews."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

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
