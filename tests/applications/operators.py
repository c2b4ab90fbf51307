"""What the tests of the operator's pages share: addresses, what was typed, what a page carries."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import User
from applications.actions import operating
from applications.actions.operating import Entry
from tests.applications import pages
from tests.factories import FILED_AT

DAY, OTHER = date(2026, 7, 10), Entry("clearing", "風災")
HOME, RECORD, PARAMETERS = "/operator/", "/operator/events/", "/operator/parameters/"
YEAR, ADD, ONE = "/operator/calendar/2026/", "/operator/calendar/2026/day/", "/operator/calendar/day/2026-07-10/"
CORRECTION = "/operator/parameters/correction_days/"
TYPED = {"kind": "closed", "name": "颱風停止交易", "reason": "人事行政總處公告"}


def set_day(by: User, entry: Entry | None = OTHER, seen: Entry | None = None) -> None:
    operating.set_day(day=DAY, entry=entry, seen=seen, reason="先前", by=by, at=FILED_AT)


def text(response: Any) -> str:
    return pages.text_of(next(pages.parse(response).iter("main")))


def hidden(response: Any) -> dict[str, str]:
    """The hidden fields of the one form within main."""
    main = next(pages.parse(response).iter("main"))
    found = (one for one in main.iter("input") if one.get("type") == "hidden")
    return {one.get("name", ""): one.get("value", "") for one in found if one.get("name") != "csrfmiddlewaretoken"}
