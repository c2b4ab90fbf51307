"""Days: the calendar, what is due and when, who has been reminded, and what keeps the clocks going."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Firm
from applications.enums import DayKind, DeadlineState
from applications.models.case import Application

USER = settings.AUTH_USER_MODEL


class CalendarYear(models.Model):
    """A year of the exchange's calendar; before it is published, its days are only expected."""

    year = models.PositiveSmallIntegerField(_("年"), primary_key=True)
    published = models.BooleanField(_("已公告"), default=False)

    class Meta:
        ordering = ("year",)

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A day that is not what its weekday says: a holiday, a make-up day, a typhoon day."""

    day = models.DateField(_("日期"), primary_key=True)
    kind = models.CharField(_("性質"), max_length=10, choices=DayKind.choices)
    name = models.CharField(_("名稱"), max_length=100, blank=True)

    class Meta:
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class Setting(models.Model):
    """A number or list that the exchange set instead of the version's own: 「本系統參數，非指引所定」."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.JSONField()

    def __str__(self) -> str:
        return self.name


class OperatorEvent(models.Model):
    """What an operator changed, when and why: a day, a year, a setting. Appended, never changed."""

    at = models.DateTimeField()
    actor = models.ForeignKey(USER, models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=100)
    what = models.CharField(max_length=20)
    subject = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.what} {self.subject}"


class Deadline(models.Model):
    """A day by which something is to be done in a case.

    ``due_on`` comes from ``applications.deadlines``; ``why`` and ``params`` say in words how. Reminders go out
    from ``lead`` days before; ``next_on`` is the day of the next one, None when there is none to come.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="deadlines")
    what = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    due_on = models.DateField()
    clause = models.CharField(max_length=20, blank=True)
    own = models.BooleanField(default=False)
    why = models.JSONField(default=dict)
    lead = models.SmallIntegerField()
    set_on = models.DateField()
    next_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=DeadlineState.choices, default=DeadlineState.OPEN)
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("due_on", "id")
        constraints = (
            models.UniqueConstraint(fields=("application", "key"), name="deadline_once"),
            models.CheckConstraint(
                condition=models.Q(state=DeadlineState.DONE, done_on__isnull=False)
                | (~models.Q(state=DeadlineState.DONE) & models.Q(done_on__isnull=True)),
                name="deadline_done_has_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(state=DeadlineState.OPEN) | models.Q(next_on__isnull=True),
                name="deadline_closed_reminds_nobody",
            ),
        )
        indexes = (
            models.Index(
                fields=("next_on", "id"), condition=models.Q(next_on__isnull=False), name="deadline_by_reminder"
            ),
            models.Index(fields=("due_on", "id"), condition=models.Q(state="open"), name="deadline_open_by_day"),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.key}"


class SweepRun(models.Model):
    """One run of the sweep and what it did."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    today = models.DateField()
    deadlines = models.PositiveIntegerField(default=0)
    reminders = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.today} {self.reminders}"


class Heartbeat(models.Model):
    """The last time that something that runs by itself (beat, worker) was heard of."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class TaskFailure(models.Model):
    """A task that ended in an error."""

    task = models.CharField(max_length=100)
    task_id = models.CharField(max_length=60)
    at = models.DateTimeField()
    error = models.TextField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.task} {self.at}"


class Feed(models.Model):
    """The address of a calendar that somebody reads in another program; whoever has it may read it.

    Of a firm, or of one person of the exchange. Revoked by taking a new one.
    """

    token = models.CharField(max_length=64, unique=True)
    firm = models.ForeignKey(Firm, models.CASCADE, related_name="feeds", null=True, blank=True)
    user = models.ForeignKey(USER, models.CASCADE, related_name="feeds", null=True, blank=True)
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(firm__isnull=False, user__isnull=True)
                | models.Q(firm__isnull=True, user__isnull=False),
                name="feed_of_a_firm_or_a_person",
            ),
            models.UniqueConstraint(
                fields=("firm",), condition=models.Q(revoked_at__isnull=True), name="feed_one_of_a_firm"
            ),
            models.UniqueConstraint(
                fields=("user",), condition=models.Q(revoked_at__isnull=True), name="feed_one_of_a_person"
            ),
        )

    def __str__(self) -> str:
        return f"feed {self.pk}"

    @property
    def path(self) -> str:
        return reverse("feed", args=[self.token])
