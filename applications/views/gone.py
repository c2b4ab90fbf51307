"""A case whose content was destroyed when its time of keeping was over: what is left of it, on either side."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import Request
from applications.models import Application, Attachment, Event
from applications.present import words


def skeleton(request: Request, case: Application, events: QuerySet[Event], **more: Any) -> HttpResponse:
    """What is left: numbers, days, hashes, the decision, what was done and by whom. 7 queries, session included.

    Args:
        events: those that this person may read.
    """
    version = case.version
    context = {
        "case": case,
        "version": version,
        "kind": words(version.kind(case.kind).name),
        "lines": [words(version.line(line).name) for line in case.lines],
        "submissions": case.submissions.defer("payload"),
        "decision": getattr(case, "decision", None),
        "periods": [(one, words(version.line(one.line).name)) for one in case.periods.all()],
        "files": Attachment.objects.filter(application=case),
        "events": events,
        "destroyed": case.events.filter(what="destroy").last(),
        **more,
    }
    return render(request, "applications/destroyed.html", context)
