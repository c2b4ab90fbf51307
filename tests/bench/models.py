"""The rows of the bare peer. Unmanaged: ``portal.py`` makes the tables, no migration does."""

from __future__ import annotations

from django.db import models

from applications.models import Application


class Draft(models.Model):
    """One section as a plain view keeps it."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="bench_drafts")
    section_id = models.CharField(max_length=20)
    answers = models.JSONField(default=dict)
    typed = models.JSONField(null=True)  # what was posted, as formtools keeps it: for W3

    class Meta:
        app_label = "bench"
        managed = False

    def __str__(self) -> str:
        return self.section_id


class Filing(models.Model):
    """One submission as a plain view writes it."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="bench_filings")
    payload = models.TextField()
    filed_at = models.DateTimeField()

    class Meta:
        app_label = "bench"
        managed = False

    def __str__(self) -> str:
        return str(self.application_id)
