"""The tables of this app."""

from applications.models.case import Application, Attachment, Citation, RosterEntry, Section
from applications.models.clocks import (
    CalendarDay,
    CalendarYear,
    Deadline,
    Feed,
    Heartbeat,
    OperatorEvent,
    Setting,
    SweepRun,
    TaskFailure,
)
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
    "CalendarDay",
    "CalendarYear",
    "CaseCounter",
    "Citation",
    "Correction",
    "Deadline",
    "Decision",
    "Event",
    "Feed",
    "Heartbeat",
    "Notification",
    "OperatorEvent",
    "Outbox",
    "RosterEntry",
    "Section",
    "Setting",
    "Submission",
    "SweepRun",
    "TaskFailure",
]
