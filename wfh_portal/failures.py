"""What ends in an error in a worker is written down for the operator. Loaded by workers."""

from __future__ import annotations

import traceback
from typing import Any

from celery.signals import task_failure
from django.utils import timezone

from applications import health

FRAMES = 5  # the last ones: where it happened


@task_failure.connect
def keep(sender: Any = None, task_id: str = "", exception: BaseException | None = None, **more: Any) -> None:
    """Keep what failed and where.

    Of the error its first line alone: PostgreSQL quotes rows after it, and an operator reads no cases.
    """
    first_line = str(exception).partition("\n")[0][:200]
    frames = traceback.extract_tb(exception.__traceback__)[-FRAMES:] if exception else []
    places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    error = "\n".join([f"{type(exception).__name__}: {first_line}", *places])
    health.record_failure(task=getattr(sender, "name", "") or "", task_id=task_id or "", error=error, at=timezone.now())
