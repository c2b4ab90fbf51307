"""Mails on their way through the pages of the exchange."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.enums import Door
from reviews import intake
from reviews.models import MailNotice
from tests.factories import Cast
from tests.reviews.mails import mail

AT = datetime.fromisoformat("2026-11-09T08:05:00+08:00")
ARRIVED = datetime.fromisoformat("2026-11-09T07:58:12+08:00")
ANSWERS: dict[str, Any] = {
    "2_1_1_event__event": "confirmed",
    "2_1_1_event__what": "營業處所封閉",
    "2_1_1_event__why_not_normal": "不及備齊書件",
    "2_1_1_start__first_day": "115/11/09",
    "2_1_1_start__start_time": "08:30",
    "2_1_1_start__lines": ["brokerage"],
    "2_1_1_start__head_count": "12",
    "2_1_1_contact__name": "王大明",
    "2_1_1_contact__title": "副總經理",
    "2_1_1_contact__phone": "0900-000-102",
}


def arrive(raw: bytes | None = None, **more: Any) -> MailNotice:
    given = {"raw": mail() if raw is None else raw, "received_at": ARRIVED, "door": Door.MAILBOX, "at": AT}
    return intake.take_in(**given | more)


def address(found: MailNotice, path: str = "") -> str:
    return f"/review/mail/{found.pk}/{path}"


def upload(client: Client, raw: bytes, name: str = "通報.eml") -> Any:
    return client.post("/review/mail/new/", {"eml": SimpleUploadedFile(name, raw)}, follow=True)


def confirm(client: Client, found: MailNotice, cast: Cast, **changes: Any) -> Any:
    data = {"revision": found.revision, "firm": cast.firm.pk} | ANSWERS | changes
    return client.post(address(found), data)


def saved(client: Client, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]
