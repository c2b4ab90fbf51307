"""The tables of this app."""

from applications.models.case import Application, Attachment, Citation, RosterEntry, Section
from applications.models.filing import (
    ApprovedPeriod,
    CaseCounter,
    Correction,
    Decision,
    Event,
    Notification,
    Outbox,
    Submission,
)

__all__ = [
    "Application",
    "ApprovedPeriod",
    "Attachment",
    "CaseCounter",
    "Citation",
    "Correction",
    "Decision",
    "Event",
    "Notification",
    "Outbox",
    "RosterEntry",
    "Section",
    "Submission",
]
