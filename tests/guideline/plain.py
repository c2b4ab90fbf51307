"""A TOML document as JSON has it."""

from __future__ import annotations

from datetime import date
from typing import Any


def plain(value: Any) -> Any:
    """The same with dates as text."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value
