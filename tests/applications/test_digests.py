"""Mail of reminders, and the one mail a day for those who want it so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from applications.models import Application, Deadline, Notification, Outbox
from applications.outbox import ATTEMPTS
from applications.tasks import send_digests, send_outbox, sweep_deadlines
from tests.factories import FILED_AT, Cast, filed_case
from tests.services import MailServer

pytestmark = pytest.mark.django_db

EIGHT = datetime.fromisoformat("2026-11-07T08:00:00+08:00")
DAY = timedelta(days=1)


@pytest.fixture
def filed(settings: Any) -> tuple[Application, Cast]:
    """A case just filed, whose checker and one officer read one mail a day; the officer reads English."""
    settings.PORTAL_URL = "https://portal.example/"
    case, cast = filed_case()
    for user in (cast.checker, cast.officer):
        user.digest = True
        user.save()
    cast.officer.language = "en"
    cast.officer.save()
    Outbox.objects.exclude(what="submit").delete()
    return case, cast


def happen(case: Application, what: str, at: datetime) -> None:
    """Something else happened, and it is known whom it is for."""
    Outbox.objects.create(application=case, what=what, key=f"{what}:{at}", created_at=at)
    with time_machine.travel(at, tick=False):
        send_outbox()


def digest(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        send_digests()


def to(sink: MailServer, email: str) -> list[Any]:
    return [mail for mail in sink.messages if mail["To"] == email]


def test_digest_is_one_mail_with_how_many_and_links(filed: tuple[Application, Cast], smtp_sink: MailServer) -> None:
    case, cast = filed
    happen(case, "take", FILED_AT + timedelta(hours=1))
    assert sorted(str(mail["To"]) for mail in smtp_sink.messages) == sorted(
        [cast.preparer.email, cast.preparer.email, cast.other_officer.email]
    )
    smtp_sink.messages.clear()
    digest(EIGHT)
    assert len(smtp_sink.messages) == 2
    (mail,) = to(smtp_sink, cast.checker.email)
    first = Notification.objects.filter(user=cast.checker).order_by("id")[0]
    assert mail["Message-ID"] == f"<digest-{cast.checker.pk}-2026-11-07-{first.pk}@twse.example>"
    assert str(mail["Subject"]).strip() == "證券商居家辦公申報系統：每日通知彙整"
    assert mail.get_content().replace("\r\n", "\n").strip() == (
        "乙覆核 您好：\n\n您在「證券商居家辦公申報系統」有新的通知，共 2 則，請登入查看：\n"
        f"https://portal.example/notices/\n\n相關案件：\nhttps://portal.example/cases/{case.pk}/\n\n"
        "為保護資料，本信不含案件內容。本信由系統自動寄送，請勿直接回覆。"
    )
    assert set(Notification.objects.filter(user=cast.checker).values_list("sent_at", "attempts")) == {(EIGHT, 1)}
    for mail in smtp_sink.messages:
        everything = mail.as_string() + mail.get_content() + str(mail["Subject"])
        for secret in (case.number, case.firm.name, case.firm.business_number, "受理"):
            assert secret not in everything


def test_digest_twice_sends_once(filed: tuple[Application, Cast], smtp_sink: MailServer) -> None:
    send_outbox_at(FILED_AT)
    digest(EIGHT)
    digest(EIGHT)
    digest(EIGHT + timedelta(hours=5))
    assert len(smtp_sink.messages) == 4


def send_outbox_at(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        send_outbox()


def test_what_comes_after_eight_waits_for_the_next_day(filed: tuple[Application, Cast], smtp_sink: MailServer) -> None:
    case, cast = filed
    send_outbox_at(FILED_AT)
    digest(EIGHT - timedelta(minutes=1))
    assert to(smtp_sink, cast.checker.email) == []
    digest(EIGHT)
    happen(case, "take", EIGHT + timedelta(minutes=5))
    digest(EIGHT + DAY - timedelta(minutes=1))
    assert len(to(smtp_sink, cast.checker.email)) == 1
    digest(EIGHT + DAY)
    assert len(to(smtp_sink, cast.checker.email)) == 2


def test_digest_three_days_late_is_one_mail(filed: tuple[Application, Cast], smtp_sink: MailServer) -> None:
    case, cast = filed
    for number, what in enumerate(["take", "return", "forward"]):
        happen(case, what, FILED_AT + number * DAY)
    digest(EIGHT + 3 * DAY + timedelta(hours=2))
    (mail,) = to(smtp_sink, cast.checker.email)
    assert "共 4 則" in mail.get_content()
    assert not Notification.objects.filter(user=cast.checker, sent_at=None).exists()


def test_digest_keeps_its_name_when_it_is_tried_again(
    filed: tuple[Application, Cast], smtp_sink: MailServer, settings: Any
) -> None:
    _case, cast = filed
    send_outbox_at(FILED_AT)
    smtp_sink.refuse = "451 4.7.1 Later"
    digest(EIGHT)
    assert set(Notification.objects.filter(sent_at=None).values_list("attempts", "try_after")) == {
        (1, EIGHT + timedelta(minutes=2))
    }
    smtp_sink.refuse = None
    digest(EIGHT + timedelta(minutes=1))
    assert to(smtp_sink, cast.checker.email) == []
    digest(EIGHT + timedelta(minutes=10))
    Notification.objects.filter(user=cast.checker).update(sent_at=None)  # as after a crash before our commit
    digest(EIGHT + timedelta(minutes=20))
    one, other = to(smtp_sink, cast.checker.email)
    assert one["Message-ID"] == other["Message-ID"]


def test_digest_that_is_refused_for_good_is_given_up_in_the_end(
    filed: tuple[Application, Cast], smtp_sink: MailServer
) -> None:
    send_outbox_at(FILED_AT)
    smtp_sink.refuse = "550 5.1.1 No such user"
    for number in range(ATTEMPTS + 1):
        digest(EIGHT + number * DAY)
    assert set(Notification.objects.filter(sent_at=None).values_list("attempts", "dead_at")) == {
        (ATTEMPTS, EIGHT + (ATTEMPTS - 1) * DAY)
    }


def test_server_that_is_away_at_eight_takes_the_digest_later(
    filed: tuple[Application, Cast], smtp_sink: MailServer, settings: Any
) -> None:
    send_outbox_at(FILED_AT)
    smtp_sink.messages.clear()
    settings.EMAIL_PORT = 1
    digest(EIGHT)
    settings.EMAIL_PORT = smtp_sink.port
    digest(EIGHT + timedelta(minutes=10))
    assert len(smtp_sink.messages) == 2


def remind(case: Application, due: date) -> Deadline:
    return Deadline.objects.create(
        application=case, what="correction", key="k", due_on=due, lead=30, set_on=due - 40 * DAY, next_on=due
    )


@pytest.mark.parametrize(("late", "said"), [(0, "期限將至"), (1, "期限已過")])
def test_reminder_is_swept_expanded_and_mailed(
    filed: tuple[Application, Cast], smtp_sink: MailServer, late: int, said: str
) -> None:
    case, cast = filed
    Outbox.objects.all().delete()
    due = EIGHT.date()
    row = remind(case, due)
    if late:
        Deadline.objects.update(next_on=due + DAY)
    with time_machine.travel(EIGHT + late * DAY, tick=False):
        for _twice in range(2):
            sweep_deadlines()
            send_outbox()
    (mail,) = to(smtp_sink, cast.preparer.email)
    note = Notification.objects.get(user=cast.preparer)
    assert note.outbox.deadline == row
    assert mail["Message-ID"] == f"<notification-{note.pk}@twse.example>"
    assert str(mail["Subject"]).strip() == f"證券商居家辦公申報系統：{said}"
    assert mail.get_content().replace("\r\n", "\n").strip() == (
        f"甲填報 您好：\n\n您在「證券商居家辦公申報系統」有一件案件之{said}，請登入查看：\n"
        f"https://portal.example/cases/{case.pk}/deadlines/\n\n"
        "為保護資料，本信不含案件內容。本信由系統自動寄送，請勿直接回覆。"
    )


def test_sweep_task_three_days_late_and_twice(filed: tuple[Application, Cast]) -> None:
    case, _cast = filed
    Outbox.objects.all().delete()
    remind(case, EIGHT.date())
    Deadline.objects.update(next_on=EIGHT.date() - 14 * DAY)
    with time_machine.travel(EIGHT + 3 * DAY, tick=False):
        sweep_deadlines()
        sweep_deadlines()
    assert list(Outbox.objects.order_by("-threshold").values_list("threshold", flat=True)) == [14, 7, 1, 0, -1]
