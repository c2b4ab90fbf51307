"""What was found: a table for people, JSON for machines."""

from __future__ import annotations

import json
import os
import platform
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from django.db import connection

from tests.bench.timing import ROUNDS, Contender

HEAD = ("id", "what", "ours ms", "peer", "peer ms", "ratio", "goal", "", "queries", "peer's")


@dataclass(frozen=True)
class Line:
    """One comparison. ``goal``: the most that the ratio may be; None where the peer is there to be seen alone."""

    id: str
    what: str
    ours: Contender
    peer: Contender
    goal: float | None = None
    most_queries: int | None = None  # of ours
    more_queries: int | None = None  # than the peer's, for the same task

    @property
    def ratio(self) -> float:
        return self.ours.ms / self.peer.ms

    @property
    def faults(self) -> list[str]:
        """Which goals are past."""
        found = []
        if self.goal is not None and self.ratio > self.goal:
            found.append("ratio")
        too_many = self.most_queries is not None and max(self.ours.queries) > self.most_queries
        pairs = zip(self.ours.queries, self.peer.queries, strict=True)
        if too_many or (self.more_queries is not None and any(a - b > self.more_queries for a, b in pairs)):
            found.append("queries")
        return found

    @property
    def verdict(self) -> str:
        if self.goal is None and self.most_queries is None and self.more_queries is None:
            return ""
        return f"past goal: {', '.join(self.faults)}" if self.faults else "ok"

    @property
    def goals(self) -> str:
        queries = f"{self.most_queries} q" if self.most_queries is not None else ""
        if self.more_queries is not None:
            queries = f"+{self.more_queries} q" if self.more_queries else "same q"
        ratio = f"{self.goal:.2f}" if self.goal is not None else ""
        return ", ".join(filter(None, (ratio, queries)))

    def cells(self) -> tuple[str, ...]:
        ours, peer = self.ours, self.peer
        times = (f"{ours.ms:.2f}", peer.name, f"{peer.ms:.2f}", f"{self.ratio:.2f}")
        return (self.id, self.what, *times, self.goals, self.verdict, _span(ours.queries), _span(peer.queries))

    def facts(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "what": self.what,
            "peer": self.peer.name,
            "ours_ms": round(self.ours.ms, 3),
            "peer_ms": round(self.peer.ms, 3),
            "ratio": round(self.ratio, 3),
            "goal": self.goal,
            "past_goal": self.faults,
            "queries": self.ours.queries,
            "peer_queries": self.peer.queries,
        }


def _span(counts: list[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low}–{high}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def show(lines: list[Line]) -> None:
    """Print the table."""
    rows = [HEAD, *(line.cells() for line in lines)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        print("  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip())


def write(lines: list[Line], path: Path) -> None:
    """Write the same as JSON, with what it was measured on."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (server,) = cursor.fetchone()
    found = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "django": django.get_version(),
        "postgresql": server,
        "rounds": ROUNDS,
        "lines": [line.facts() for line in lines],
    }
    path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
