"""An emergency on its way: notice, documents, review; all by the real actions, over the sample's filing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from applications.actions import drafting, filing, notifying
from applications.models import Application, EmergencyNotice
from tests.factories import Cast, write

AT = datetime.fromisoformat("2026-11-05T07:42:10+08:00")
ON = "2026-11-05"
LINES = ["brokerage", "dealer", "clearing"]
Answers = dict[str, dict[str, Any]]


def said(**changes: Mapping[str, Any]) -> Answers:
    """What a notice says, item by item; ``changes`` of event, start or contact."""
    found: Answers = {
        "2.1.1.event": {
            "event": "confirmed",
            "what": "受託買賣部2人於11月4日確診，全樓層封閉消毒。",
            "why_not_normal": "營業處所自今日起封閉，不及備齊書件送件。",
        },
        "2.1.1.start": {"first_day": ON, "start_time": "08:30", "lines": LINES, "head_count": 17},
        "2.1.1.contact": {"name": "陳示喆", "title": "副總經理", "phone": "(02)5550-0102", "email": ""},
    }
    for name, values in changes.items():
        found[f"2.1.1.{name}"] |= values
    return found


def begun(cast: Cast, by: User | None = None, **changes: Mapping[str, Any]) -> Application:
    """A draft of a notice with its three pages filled in."""
    by = by or cast.preparer
    case = notifying.start(firm=cast.firm, by=by, at=AT)
    for item_id, values in said(**changes).items():
        drafting.save_section(case_id=case.pk, section_id=item_id, answers={item_id: values}, revision=0, by=by, at=AT)
    case.refresh_from_db()
    return case


def notify(case: Application, by: User, *, key: str = "k", at: datetime = AT, **more: Any) -> EmergencyNotice:
    return notifying.notify(**{"case_id": case.pk, "revision": case.revision, "key": key, "by": by, "at": at} | more)


def noticed(cast: Cast | None = None, **changes: Mapping[str, Any]) -> tuple[Application, Cast]:
    """A notice that was given, waiting for its documents."""
    cast = cast or Cast()
    notice = notify(begun(cast, **changes), cast.preparer)
    notice.application.refresh_from_db()
    return Application.objects.get(pk=notice.application_id), cast


RATIFIED = {"form": "ratification", "held_on": "", "ratify_by": "2026-12-18"}


def documented(
    cast: Cast | None = None, *, at: datetime | None = None, ratified_later: bool = False
) -> tuple[Application, Cast]:
    """With the sample's documents filled in, for the days of the notice; ``at`` is a day later."""
    case, cast = noticed(cast)
    days = {"first_day": ON, "last_day": "2027-02-04"}
    changes = {"2.2.1": days} | ({"2.2.10": RATIFIED} if ratified_later else {})
    return write(case, by=cast.preparer, at=at or AT + timedelta(days=1), changes=changes), cast


def supplied(
    cast: Cast | None = None, *, at: datetime | None = None, ratified_later: bool = False
) -> tuple[Application, Cast]:
    """With the documents sent by the checker."""
    at = at or AT + timedelta(days=1)
    case, cast = documented(cast, at=at, ratified_later=ratified_later)
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=at)
    filing.submit(case_id=case.pk, revision=case.revision, key="documents", by=cast.checker, at=at)
    case.refresh_from_db()
    return case, cast
