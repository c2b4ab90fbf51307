"""A pair of requests that can meet, and the state from which they start."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import User
from applications.models import Application

DONE, LATE = 302, 409


@dataclass(frozen=True)
class Post:
    """One request: hidden fields and choices in ``data``, what the person typed in ``typed``.

    A value that is a callable makes the value anew for each request (a file is read up by the first).
    """

    by: User
    path: str
    data: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Race:
    """Two requests on one case at one moment.

    Args:
        case: whose status the loser is told; None where there is none yet.
        within: what has to hold meanwhile, such as another folder of versions.
    """

    at: datetime
    first: Post
    second: Post
    case: Application | None = None
    within: Callable[[], AbstractContextManager[Any]] = nullcontext


@dataclass(frozen=True)
class Pair:
    """What can meet, and how it has to end.

    Args:
        first_wins: answers to first and second where the first came first; ``second_wins`` likewise. Where both are
            done, or the second can never be, ``why`` says for what reason that is right.
        says: what the first and the second read when they are late, where it is neither the status nor a name.
    """

    name: str
    build: Callable[[], Race]
    first_wins: tuple[int, int] = (DONE, LATE)
    second_wins: tuple[int, int] = (LATE, DONE)
    why: str = ""
    says: tuple[str, str] = ("", "")
