"""Reading the sample filing of reviews/demo/filing."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "filing"

ANSWER = {"是": "yes", "否": "no", "不適用": "na"}
INTERVAL = {"每日": "daily", "每週": "weekly", "每二週": "biweekly", "每月": "monthly", "每季": "quarterly"}
LEVEL = {"低": "low", "中": "medium", "高": "high"}

Values = dict[str, Any]


@cache
def filing() -> Values:
    """filing.json, as it is: not to be changed."""
    found: Values = json.loads((FOLDER / "filing.json").read_text(encoding="utf-8"))
    return found


def facts_of(item_id: str) -> Values:
    return dict(filing()["clauses"][item_id]["facts"])


def yesno(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def short(value: Any) -> str:
    return "、".join(value) if isinstance(value, list) else str(value)


def hours(value: str) -> Values:
    start, end = value.split("-")
    return {"from": start, "to": end}
