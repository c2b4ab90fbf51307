"""The outbox becomes mail: once, in the reader's language, without a word of the case."""

from __future__ import annotations

from datetime import datetime, timedelta
from socket import socket
from typing import Any

import pytest
import time_machine

from applications.models import Application, Notification, Outbox
from applications.outbox import ATTEMPTS
from applications.tasks import send_outbox
from tests.factories import FILED_AT, Cast, filed_case
from tests.services import MailServer

pytestmark = pytest.mark.django_db

NOW = FILED_AT + timedelta(minutes=1)


@pytest.fixture
def filed(settings: Any) -> tuple[Application, Cast]:
    """A case just filed: the firm's two and two officers are to be told; one of them reads English."""
    settings.PORTAL_URL = "https://portal.example/"
    case, cast = filed_case()
    cast.checker.language = "en"
    cast.checker.save()
    Outbox.objects.exclude(what="submit").delete()
    return case, cast


def recipients(sink: MailServer) -> list[str]:
    return sorted(one for many in sink.recipients for one in many)


def test_send_outbox_sends_one_mail_to_each(filed: tuple[Application, Cast], smtp_sink: MailServer) -> None:
    _case, cast = filed
    with time_machine.travel(NOW, tick=False):
        send_outbox()
    assert recipients(smtp_sink) == sorted(
        user.email for user in (cast.preparer, cast.checker, cast.officer, cast.other_officer)
    )
    assert Outbox.objects.get().expanded_at == NOW
    assert set(Notification.objects.values_list("sent_at", "attempts", "last_error")) == {(NOW, 1, "")}


def test_mail_is_in_the_reader_s_language_with_a_link_and_nothing_of_the_case(
    filed: tuple[Application, Cast], smtp_sink: MailServer
) -> None:
    case, cast = filed
    send_outbox()
    mails = {str(mail["To"]): mail for mail in smtp_sink.messages}
    chinese, english = mails[cast.preparer.email], mails[cast.checker.email]
    assert str(chinese["Subject"]).strip() == "證券商居家辦公申報系統：案件有新的進度"
    assert chinese["From"] == "wfh-portal@twse.example"
    body = chinese.get_content()
    assert "甲填報 您好：" in body
    assert f"https://portal.example/cases/{case.pk}/" in body
    assert f"https://portal.example/cases/{case.pk}/" in english.get_content()
    for mail in smtp_sink.messages:
        assert len(list(mail.walk())) == 1
        everything = mail.as_string() + mail.get_content() + str(mail["Subject"])
        for secret in (case.number, case.firm.name, case.firm.broker_code + " ", case.firm.business_number, "首次"):
            assert secret not in everything


def test_send_outbox_twice_sends_once(filed: tuple[Application, Cast], smtp_sink: MailServer) -> None:
    send_outbox()
    send_outbox()
    assert len(smtp_sink.messages) == 4
    assert Notification.objects.count() == 4


def test_message_id_is_the_same_when_it_is_tried_again(filed: tuple[Application, Cast], smtp_sink: MailServer) -> None:
    send_outbox()
    first = {mail["To"]: mail["Message-ID"] for mail in smtp_sink.messages}
    pks = dict(Notification.objects.values_list("user__email", "pk"))
    assert first == {email: f"<notification-{pk}@twse.example>" for email, pk in pks.items()}
    smtp_sink.messages.clear()
    Notification.objects.update(sent_at=None)  # as after a crash between the server's 250 and our commit
    send_outbox()
    assert {mail["To"]: mail["Message-ID"] for mail in smtp_sink.messages} == first


def test_server_that_is_away_for_long_loses_nothing(
    filed: tuple[Application, Cast], smtp_sink: MailServer, settings: Any
) -> None:
    with socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = nobody_listens.getsockname()[1]
    for minute in range(ATTEMPTS * 5):
        with time_machine.travel(NOW + timedelta(minutes=minute), tick=False):
            send_outbox()
    found = Notification.objects.values_list("sent_at", "dead_at", "attempts", "try_after")
    # each run tries the one that waited longest, and no more; nothing of it counts against any
    assert sorted(found, key=lambda one: one[3]) == [
        (None, None, 0, NOW + timedelta(minutes=ATTEMPTS * 5 - 4 + number)) for number in range(4)
    ]
    assert all("refused" in error for error in Notification.objects.values_list("last_error", flat=True))
    settings.EMAIL_PORT = smtp_sink.port
    send_outbox()
    assert len(smtp_sink.messages) == 4
    assert set(Notification.objects.values_list("last_error", flat=True)) == {""}


def test_server_that_shuts_down_or_does_not_want_us_is_away(
    filed: tuple[Application, Cast], smtp_sink: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse_sender(*_args: Any) -> str:
        return "530 5.7.0 Authentication required"

    smtp_sink.refuse = "421 4.3.2 Shutting down"
    send_outbox()
    smtp_sink.refuse = None
    monkeypatch.setattr(MailServer, "handle_MAIL", refuse_sender, raising=False)
    send_outbox()
    found = Notification.objects.exclude(last_error="").order_by("try_after").values_list("attempts", "last_error")
    assert [(attempts, error[:5]) for attempts, error in found] == [(0, "421 4"), (0, "(530,")]
    monkeypatch.delattr(MailServer, "handle_MAIL")
    send_outbox()
    assert len(smtp_sink.messages) == 4


def test_server_that_says_later_is_tried_again_and_less_and_less_often(
    filed: tuple[Application, Cast], smtp_sink: MailServer
) -> None:
    smtp_sink.refuse = "451 4.7.1 Greylisted, come back later"
    now, waits = NOW, []
    for _ in range(ATTEMPTS + 3):
        if waits:
            with time_machine.travel(now - timedelta(seconds=1), tick=False):
                send_outbox()  # too early: nothing is tried
        with time_machine.travel(now, tick=False):
            send_outbox()
        (found,) = set(Notification.objects.values_list("sent_at", "dead_at", "attempts", "try_after"))
        assert found[:3] == (None, None, len(waits) + 1)
        waits.append((found[3] - now).total_seconds() / 60)
        now = found[3]
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]
    assert Notification.objects.all()[0].last_error == "451 4.7.1 Greylisted, come back later"
    smtp_sink.refuse = None
    with time_machine.travel(now, tick=False):
        send_outbox()
    assert len(smtp_sink.messages) == 4
    assert set(Notification.objects.values_list("try_after", "last_error")) == {(None, "")}


def test_server_that_refuses_for_good_is_left_alone_in_the_end(
    filed: tuple[Application, Cast], smtp_sink: MailServer
) -> None:
    smtp_sink.refuse = "550 5.1.1 No such user"
    days = [NOW + timedelta(days=number) for number in range(ATTEMPTS + 2)]
    for day in days:
        with time_machine.travel(day, tick=False):
            send_outbox()
    assert set(Notification.objects.values_list("sent_at", "attempts", "dead_at", "last_error")) == {
        (None, ATTEMPTS, days[ATTEMPTS - 1], "550 5.1.1 No such user")
    }
    # as the operator sends it again
    smtp_sink.refuse = None
    Notification.objects.update(dead_at=None, try_after=None, attempts=0)
    send_outbox()
    assert len(smtp_sink.messages) == 4


def test_one_that_is_refused_does_not_keep_the_others_waiting(
    filed: tuple[Application, Cast], smtp_sink: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("applications.outbox.BATCH", 1)
    smtp_sink.refuse = "451 4.7.1 Later"
    send_outbox()
    smtp_sink.refuse = None
    for _ in range(3):
        send_outbox()
    tried = Notification.objects.order_by("id").values_list("attempts", flat=True)
    assert list(tried) == [1, 1, 1, 1]
    assert len(smtp_sink.messages) == 3


def test_mail_that_cannot_be_written_does_not_keep_the_others_waiting(
    filed: tuple[Application, Cast], smtp_sink: MailServer
) -> None:
    _case, cast = filed
    cast.preparer.email = "two\nlines@example.com"
    cast.preparer.save()
    send_outbox()
    assert len(smtp_sink.messages) == 3
    assert Notification.objects.get(sent_at=None).last_error.startswith("554 ")


def test_somebody_new_since_is_told_and_somebody_gone_is_not(
    filed: tuple[Application, Cast], smtp_sink: MailServer
) -> None:
    _case, cast = filed
    cast.other_officer.is_active = False
    cast.other_officer.save()
    cast.preparer.memberships.all().delete()
    send_outbox()
    assert recipients(smtp_sink) == sorted([cast.checker.email, cast.officer.email])


def test_somebody_who_leaves_before_the_mail_goes_gets_none(
    filed: tuple[Application, Cast], smtp_sink: MailServer
) -> None:
    _case, cast = filed
    smtp_sink.refuse = "451 4.7.1 Later"
    with time_machine.travel(NOW, tick=False):
        send_outbox()
    smtp_sink.refuse = None
    cast.checker.is_active = False
    cast.checker.save()
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        send_outbox()
    assert cast.checker.email not in recipients(smtp_sink)
    assert len(smtp_sink.messages) == 3
    gone = Notification.objects.get(user=cast.checker)
    assert (gone.sent_at, gone.dead_at, gone.last_error) == (None, NOW + timedelta(hours=1), "帳號已停用")


def test_send_outbox_three_days_late_catches_up(filed: tuple[Application, Cast], smtp_sink: MailServer) -> None:
    late = datetime.fromisoformat("2026-11-09T16:48:27+08:00")
    with time_machine.travel(late, tick=False):
        send_outbox()
        send_outbox()
    assert len(smtp_sink.messages) == 4
    assert set(Notification.objects.values_list("sent_at", flat=True)) == {late}


def test_send_outbox_with_nothing_to_send(smtp_sink: MailServer) -> None:
    send_outbox()
    assert smtp_sink.messages == []
