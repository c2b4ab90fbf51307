"""A mail comes in: kept as it arrived, once, and never a fault of ours that loses it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core import mail as django_mail
from django.db import connection
from django.test import Client

from accounts.enums import Role
from applications import outbox
from applications.enums import Door
from applications.messages import RAW_BYTES, oddities
from applications.models import Notification, Outbox
from reviews import claims, intake
from reviews.actions.mailing import raw_of
from reviews.models import MailEvent, MailNotice
from tests.factories import person
from tests.reviews.hostile_mails import MAILS
from tests.reviews.mails import PDF, TEXT, file, mail, multipart, text

Status = MailNotice.Status
AT = datetime.fromisoformat("2026-11-09T08:05:00+08:00")
ARRIVED = datetime.fromisoformat("2026-11-09T07:58:12+08:00")


def arrive(raw: bytes, **more: Any) -> MailNotice:
    return intake.take_in(**{"raw": raw, "received_at": ARRIVED, "door": Door.MAILBOX, "at": AT} | more)


def events(mail: MailNotice) -> list[str]:
    return [event.what for event in mail.events.all()]


@pytest.mark.django_db
def test_a_mail_is_kept_byte_for_byte_with_what_it_says() -> None:
    raw = multipart(text(), file(PDF), file(b"MZ" + bytes(100), name="filename=a.exe"))
    found = arrive(raw)
    found.refresh_from_db()
    assert raw_of(found) == raw
    assert (found.sha256, found.size, found.partial) == (sha256(raw).hexdigest(), len(raw), False)
    assert (found.status, found.received_at, found.door) == (Status.WAITING, ARRIVED, Door.MAILBOX)
    assert found.subject == "緊急通報：甲山證券啟動居家辦公"
    assert found.sender == "甲山證券 王大明 <law@jiashan.example>"
    assert found.said["text"] == TEXT
    assert found.said["date"] == "2026-03-16T07:30:00+08:00"
    assert [one["name"] for one in found.said["files"]] == ["report.pdf", "a.exe"]
    assert found.said["files"][1]["refused"]["params"]["real"] == "EXE"
    assert events(found) == ["received"]


@pytest.mark.django_db
def test_a_mail_that_waits_in_the_mailbox_is_told_to_officers_and_supervisors_once(client: Client) -> None:
    officer, supervisor = person(Role.OFFICER), person(Role.SUPERVISOR)
    person(Role.AUDITOR)
    found = arrive(multipart(text(), file(PDF)))
    arrive(multipart(text(), file(PDF)))  # the same bytes
    arrive(mail(text(b"other"), **{"Message-ID": "<other@firm.example>"}), door=Door.UPLOAD, by=officer)
    (row,) = Outbox.objects.all()
    assert (row.what, row.application, row.path) == ("mail_waiting", None, found.get_absolute_url())
    outbox.expand(at=AT)
    outbox.expand(at=AT)
    assert {note.user for note in Notification.objects.all()} == {officer, supervisor}
    outbox.send(at=AT)
    assert sorted(one.to[0] for one in django_mail.outbox) == sorted([officer.email, supervisor.email])
    assert all(found.get_absolute_url() in one.body for one in django_mail.outbox)
    client.force_login(officer)
    page = client.get("/notices/").content.decode()
    assert "通報信箱收到電子郵件，待確認" in page
    assert "尚未立案" in page
    note = Notification.objects.get(user=officer)
    opened = client.post(f"/notices/{note.pk}/", {"open": "1"})
    assert (opened.status_code, opened["Location"]) == (302, found.get_absolute_url())


@pytest.mark.django_db
def test_the_same_bytes_are_one_notice_from_whichever_door() -> None:
    officer = person("officer")
    first = arrive(mail())
    assert arrive(mail()) == first
    assert events(first) == ["received"]  # the same arrival again says nothing new
    again = arrive(mail(), door=Door.UPLOAD, by=officer, received_at=AT)
    assert again == first
    assert (again.door, again.uploaded_by) == (Door.MAILBOX, None)
    assert events(first) == ["received", "again"]


@pytest.mark.django_db
def test_a_copy_with_another_stamp_joins_and_is_kept() -> None:
    first = arrive(mail())
    stamped = b"Received: from a by b; Mon, 09 Nov 2026 07:58:00 +0800\r\n" + mail()
    copy = arrive(stamped)
    assert copy.pk != first.pk
    assert (copy.status, copy.joins) == (Status.JOINED, first)
    assert raw_of(copy) == stamped
    assert events(first) == ["received", "joined"]


@pytest.mark.django_db
def test_another_text_under_the_same_message_id_waits_for_a_look() -> None:
    """Anybody can write any Message-ID: what is forged must not hide behind what is not, nor the other way round."""
    first = arrive(mail("騙你的"))
    genuine = arrive(mail())
    assert (genuine.status, genuine.joins) == (Status.WAITING, first)
    third = arrive(b"X: y\r\n" + mail())
    assert (third.status, third.joins) == (Status.WAITING, first)


@pytest.mark.django_db
def test_mails_without_a_message_id_are_not_the_same() -> None:
    one, other = arrive(mail(Message_ID=None)), arrive(mail("另一封", Message_ID=None))
    assert (one.joins, other.joins) == (None, None)
    assert MailNotice.objects.count() == 2


@pytest.mark.django_db
def test_what_is_too_big_is_kept_and_its_headers_are_read() -> None:
    raw = multipart(text(), file(PDF)) + bytes(RAW_BYTES)
    found = arrive(raw)
    assert (found.status, found.unreadable, found.size) == (Status.UNREADABLE, claims.TOO_BIG, len(raw))
    assert found.subject == "緊急通報：甲山證券啟動居家辦公"
    assert (found.said["text"], found.said["files"]) == ("", [])
    assert raw_of(found) == raw


@pytest.mark.django_db
def test_of_what_stays_in_the_mailbox_the_headers_are_kept() -> None:
    head = mail().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    found = arrive(head, size=RAW_BYTES * 2)
    assert (found.partial, found.size, found.status) == (True, RAW_BYTES * 2, Status.UNREADABLE)
    assert found.subject == "緊急通報：甲山證券啟動居家辦公"
    assert arrive(mail()).joins == found


@pytest.mark.django_db
def test_a_fault_of_the_reader_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(raw: bytes) -> None:
        raise RecursionError

    monkeypatch.setattr(claims, "read_message", break_down)
    found = arrive(mail())
    assert (found.status, found.unreadable, found.said) == (Status.UNREADABLE, claims.FAILED, {})
    assert raw_of(found) == mail()


@pytest.mark.django_db
def test_a_fault_at_an_attachment_is_of_that_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(claims.evidence, "recognise", break_down)
    found = arrive(multipart(text(), file(PDF)))
    assert (found.status, found.said["text"]) == (Status.WAITING, TEXT)
    assert found.said["files"][0]["refused"]["params"] == {"name": "report.pdf"}
    assert claims.acceptable(found.said) == frozenset()


@pytest.mark.django_db
def test_a_clock_ahead_of_ours_does_not_put_the_receipt_into_the_future() -> None:
    assert arrive(mail(), received_at=AT + timedelta(hours=1)).received_at == AT


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "odd"),
    [("two_message_ids", oddities.REPEATED), ("empty", oddities.EMPTY), ("no_message_id", oddities.NO_MESSAGE_ID)],
)
def test_what_is_odd_is_said(name: str, odd: str) -> None:
    assert odd in arrive(MAILS[name]()).said["oddities"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", [True, False])
def test_two_at_once_are_one_row_or_one_head(same: bool) -> None:
    """The same bytes: one row. Two stamps on one mail: the second joins, none is lost."""
    raws = [mail() if same else f"X-Stamp: {number}\r\n".encode() + mail() for number in range(6)]
    begin, failed = threading.Barrier(len(raws)), []

    def take(raw: bytes) -> None:
        try:
            begin.wait()
            arrive(raw)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(raw,)) for raw in raws]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    heads = MailNotice.objects.filter(joins=None)
    assert heads.count() == 1
    assert MailNotice.objects.count() == (1 if same else len(raws))
    assert MailNotice.objects.filter(status=Status.JOINED, joins=heads.get()).count() == (0 if same else len(raws) - 1)
    assert MailEvent.objects.filter(what="received").count() == MailNotice.objects.count()
