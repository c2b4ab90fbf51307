"""The tables of this app."""

from applications.models.case import Application, Attachment, Citation, RosterEntry, Section, StoredFile
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
    EmergencyNotice,
    Event,
    FirmNotice,
    Issued,
    Notification,
    Outbox,
    Submission,
)
from applications.models.jobs import Job

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
    "EmergencyNotice",
    "Event",
    "Feed",
    "FirmNotice",
    "Heartbeat",
    "Issued",
    "Job",
    "Notification",
    "OperatorEvent",
    "Outbox",
    "RosterEntry",
    "Section",
    "Setting",
    "StoredFile",
    "Submission",
    "SweepRun",
    "TaskFailure",
]
