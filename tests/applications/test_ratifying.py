"""董事會追認: promised by the documents, supplied once, read by both sides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications import emergencies, policy
from applications.actions import ratifying
from applications.actions.drafting import NotOpen, Unmet
from applications.enums import Status
from applications.evidence import Refused
from applications.lifecycle import Conflict
from applications.models import Application, Deadline, Event, FirmNotice, Outbox
from tests.applications.emergencies import AT, supplied
from tests.applications.pages import parse, problems, text_of
from tests.factories import PDF, Cast

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(days=30)
HELD = date(2026, 11, 20)


def minutes(data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("追認議事錄.pdf", PDF.read_bytes() if data is None else data)


def ratify(case: Application, by: User, **more: Any) -> FirmNotice:
    given = {
        "case_id": case.pk,
        "revision": case.revision,
        "held_on": HELD,
        "text": "照案追認",
        "minutes": minutes(),
        "by": by,
        "at": LATER,
    }
    return ratifying.ratify(**given | more)


@pytest.fixture
def promised() -> tuple[Application, Cast]:
    return supplied(ratified_later=True)


def test_ratification_is_kept_and_its_deadline_done(promised: tuple[Application, Cast]) -> None:
    case, cast = promised
    due = Deadline.objects.get(application=case, what="ratification")
    assert (due.due_on, due.state, due.own) == (date(2027, 1, 4), "open", True)
    notice = ratify(case, cast.checker)
    assert (notice.effective_on, notice.text, notice.by, notice.at) == (HELD, "照案追認", cast.checker, LATER)
    assert notice.attachment is not None
    assert notice.detail == {"file": "追認議事錄.pdf", "sha256": notice.attachment.sha256}
    due.refresh_from_db()
    assert (due.state, due.done_on) == ("done", date(2026, 12, 5))
    event = Event.objects.get(application=case, what="ratify")
    assert (event.shared, event.detail["held_on"]) == (True, "2026-11-20")
    assert Outbox.objects.filter(application=case, what="ratify").count() == 1
    assert policy.filed(notice.attachment)


def test_twice_is_a_conflict(promised: tuple[Application, Cast]) -> None:
    case, cast = promised
    ratify(case, cast.preparer)
    for revision in (case.revision, case.revision + 1):
        with pytest.raises(Conflict):
            ratify(case, cast.preparer, revision=revision)
    assert FirmNotice.objects.count() == 1


def test_a_stale_page_is_a_conflict(promised: tuple[Application, Cast]) -> None:
    case, cast = promised
    with pytest.raises(Conflict):
        ratify(case, cast.preparer, revision=case.revision - 1)


def test_only_the_firm_ratifies(promised: tuple[Application, Cast]) -> None:
    case, cast = promised
    for by in (cast.officer, cast.supervisor, Cast().checker):
        with pytest.raises(NotOpen):
            ratify(case, by)


def test_nothing_is_ratified_that_was_not_promised() -> None:
    case, cast = supplied()
    assert not Deadline.objects.filter(application=case, what="ratification").exists()
    with pytest.raises(NotOpen):
        ratify(case, cast.checker)


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.REJECTED, Status.NOTICED, Status.DOCUMENTS_REVIEW])
def test_not_of_a_case_that_came_to_nothing_or_has_not_said_so(promised: tuple[Application, Cast], status: str) -> None:
    case, cast = promised
    Application.objects.filter(pk=case.pk).update(status=status)
    with pytest.raises(NotOpen):
        ratify(case, cast.checker)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"held_on": date(2026, 11, 4)}, "held_on"),
        ({"held_on": date(2026, 12, 6)}, "held_on"),
        ({"text": "  "}, "text"),
        ({"text": "長" * 2001}, "text"),
    ],
)
def test_what_cannot_be_right_is_said(promised: tuple[Application, Cast], more: dict[str, Any], field: str) -> None:
    case, cast = promised
    with pytest.raises(Unmet) as unmet:
        ratify(case, cast.checker, **more)
    assert [name for name, _message in unmet.value.problems] == [field]
    assert not FirmNotice.objects.exists()


def test_a_file_that_is_none_is_refused(promised: tuple[Application, Cast]) -> None:
    case, cast = promised
    with pytest.raises(Refused):
        ratify(case, cast.checker, minutes=minutes(b"MZ\x90"))
    assert not FirmNotice.objects.exists()


def test_overdue_by_the_day_alone(promised: tuple[Application, Cast]) -> None:
    case, _cast = promised
    late = {day: emergencies.overdue([case], today=day) for day in (date(2027, 1, 4), date(2027, 1, 5))}
    assert late == {date(2027, 1, 4): {}, date(2027, 1, 5): {case.pk: ["逾期未追認"]}}


# --- pages -----------------------------------------------------------------------


@pytest.fixture
def _in_december() -> Any:
    with time_machine.travel(LATER):
        yield


@pytest.mark.usefixtures("_in_december")
def test_page_takes_it_and_both_sides_read_it(client: Client, promised: tuple[Application, Cast]) -> None:
    case, cast = promised
    address = reverse("ratify", args=[case.pk])
    client.force_login(cast.checker)
    assert address in client.get(f"/cases/{case.pk}/").content.decode()
    page = client.get(address)
    assert "116 年 1 月 4 日前登錄。（本系統參數，非指引所定）" in text_of(parse(page)).replace(" （", "（")
    body = {"revision": case.revision, "held_on": "115/11/20", "text": "照案追認\u4dae", "minutes": minutes()}
    assert client.post(address, body)["Location"] == f"/cases/{case.pk}/"
    again = client.post(address, body | {"minutes": minutes()})
    assert again.status_code == 409
    assert "照案追認\u4dae" in again.content.decode()
    assert client.get(address)["Location"] == f"/cases/{case.pk}/"
    file = FirmNotice.objects.get().attachment
    assert file is not None
    for user, path in ((cast.preparer, f"/cases/{case.pk}/"), (cast.officer, f"/review/{case.pk}/")):
        client.force_login(user)
        shown = text_of(parse(client.get(path)))
        assert "照案追認\u4dae" in shown
        assert "115 年 11 月 20 日" in shown
        answer = client.get(f"/files/{file.pk}/")
        assert b"".join(answer.streaming_content) == PDF.read_bytes()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("_in_december")
def test_page_says_what_is_missing(client: Client, promised: tuple[Application, Cast]) -> None:
    case, cast = promised
    client.force_login(cast.preparer)
    page = client.post(reverse("ratify", args=[case.pk]), {"revision": case.revision, "held_on": "x"})
    assert problems(page) == ["請輸入日期，例如 115/11/30", "請填寫董事會決議", "請附董事會議事錄"]
    assert "<title>錯誤：" in page.content.decode()


@pytest.mark.usefixtures("_in_december")
def test_no_page_where_nothing_was_promised(client: Client) -> None:
    case, cast = supplied()
    client.force_login(cast.preparer)
    assert client.get(reverse("ratify", args=[case.pk])).status_code == 404
    assert client.post(reverse("ratify", args=[case.pk]), {}).status_code == 404
