"""From where a deed comes: the request or the task, and the address. Kept for the trail."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """Where the deed that is being done comes from.

    Attributes:
        request_id: of the request, or the id of the task; "" for a command.
        address: of the person's machine; "" where none is known.
    """

    request_id: str = ""
    address: str = ""


NOWHERE = Origin()
origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)
