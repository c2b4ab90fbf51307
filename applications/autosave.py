"""Answers to a page that saves itself while somebody types: what the line at its foot says next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

TEMPLATE = "components/autosave_state.html"

Revisions = Iterable[tuple[str, object]]


def saved(request: HttpRequest, revisions: Revisions) -> HttpResponse:
    """It is kept.

    Args:
        revisions: name and value of each hidden input that says what the page stands on now.
    """
    return render(request, TEMPLATE, {"revisions": revisions, "at": timezone.localtime()})


def unsaved(request: HttpRequest, revisions: Revisions, *, why: str, **more: Any) -> HttpResponse:
    """409: it is not kept, and a button leads to the page that says why and has all that was typed.

    Args:
        revisions: the inputs as they were posted.
        why: which sentence.
    """
    return render(request, TEMPLATE, {"revisions": revisions, "why": why, **more}, status=409)
