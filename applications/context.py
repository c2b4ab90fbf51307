"""What pages without a case know of the law."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from guideline.catalogue import in_force


def law(request: HttpRequest) -> dict[str, Any]:
    """``law``: the version of the guideline in force today. A page of a case has ``version``, the case's own."""
    return {"law": SimpleLazyObject(lambda: in_force(timezone.localdate()))}
