"""Work that takes too long for a request: who asked, how far it is, what came of it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.models.case import Application

USER = settings.AUTH_USER_MODEL


class Job(models.Model):
    """One piece of long work. ``jobs`` alone writes it. ``arguments`` is the kind's own; ``upload`` in it is dropped.

    ``done`` of ``total`` is in units of the kind's own (bytes, rows, documents). ``run`` names the worker's present
    attempt: one that was thought dead finds another here and stops. ``heard_at`` is the last sign of life of a run.
    What came of it is a ``file`` that is kept for a while, or is to be seen at ``path``.
    """

    class Kind(models.TextChoices):
        PACK = "pack", _("稽核檔")
        BUNDLE = "bundle", _("轉報合併檔")
        LEDGER = "ledger", _("台帳匯出")
        EVENTS = "events", _("稽核軌跡匯出")
        ROSTER = "roster", _("名冊匯入")

    class State(models.TextChoices):
        WAITING = "waiting", _("等候處理")
        RUNNING = "running", _("處理中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未能完成")

    OPEN = frozenset({State.WAITING, State.RUNNING})

    kind = models.CharField(max_length=10, choices=Kind.choices)
    application = models.ForeignKey(Application, models.PROTECT, related_name="jobs", null=True, blank=True)
    arguments = models.JSONField(default=dict)
    key = models.CharField(max_length=64)
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="jobs")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    run = models.CharField(max_length=32, blank=True)
    runs = models.PositiveSmallIntegerField(default=0)
    ordered_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    path = models.CharField(max_length=200, blank=True)
    file = models.FileField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("asked_by", "key"), name="job_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=("waiting", "running"), finished_at__isnull=True)
                | models.Q(state__in=("done", "failed"), finished_at__isnull=False),
                name="job_ends_at_a_time",
            ),
        )
        indexes = (
            models.Index(fields=("id",), condition=models.Q(state__in=("waiting", "running")), name="job_open"),
            models.Index(fields=("asked_by", "-id"), name="job_by_person"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("job", args=[self.pk])

    @property
    def open(self) -> bool:
        return self.state in self.OPEN

    @property
    def tone(self) -> str:
        return TONES[self.State(self.state)]

    @property
    def percent(self) -> int:
        """How much is done, 0 to 100; 100 only at the end."""
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0

    @property
    def kept_until(self) -> datetime | None:
        """When its file goes; None where it has none."""
        return self.finished_at + settings.JOB_FILES_KEPT if self.file and self.finished_at else None


TONES = {Job.State.WAITING: "grey", Job.State.RUNNING: "blue", Job.State.DONE: "green", Job.State.FAILED: "red"}
