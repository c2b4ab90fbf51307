"""The mailbox for notices, on a real IMAP server: nothing lost, nothing doubled, each says what became of it."""

from __future__ import annotations

import imaplib
import os
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from applications import health
from applications.enums import Door
from applications.messages import RAW_BYTES
from applications.models import Heartbeat, TaskFailure
from reviews import claims, mailbox
from reviews.actions.mailing import raw_of
from reviews.models import MailboxEntry, MailNotice
from reviews.tasks import poll_mailbox
from tests import imap
from tests.conftest import on_sqlite
from tests.factories import person
from tests.reviews.cases import text
from tests.reviews.hostile_mails import MAILS
from tests.reviews.mails import mail
from tests.services import ROOT, CeleryWorker, wait_until

pytestmark = pytest.mark.django_db

S = MailNotice.Status
ARRIVED = datetime(2026, 3, 16, 7, 30, 5, tzinfo=UTC)


@pytest.fixture
def box(settings: Any) -> Iterator[imap.Server]:
    """An empty mailbox that the portal is told of."""
    with imap.server() as server:
        settings.NOTICE_IMAP_URL = server.url
        yield server


def as_served(raw: bytes) -> bytes:
    """What IMAP makes of the bytes: every line ends in CRLF, and no NUL goes over the wire."""
    return re.sub(rb"(?<!\r)\n", b"\r\n", raw).replace(b"\0", b"\x80")


def numbered(name: str, raw: bytes) -> bytes:
    """The mail under a Message-ID of its own, where it has one at all."""
    return raw.replace(b"20260316.1@", name.encode() + b"@")


def seen(server: imap.Server) -> tuple[int, int]:
    """How many messages the mailbox marks as seen, and how many it holds."""
    with imaplib.IMAP4("127.0.0.1", server.port) as box:
        box.login(imap.USER, imap.PASSWORD)
        box.select("INBOX", readonly=True)
        return tuple(len(box.uid("SEARCH", what)[1][0].split()) for what in ("SEEN", "ALL"))  # type: ignore[return-value]


def rows() -> list[tuple[Any, ...]]:
    return list(MailNotice.objects.order_by("id").values_list("id", "sha256", "status", "joins", "revision"))


def test_every_mail_is_kept_once_and_says_what_became_of_it(box: imap.Server, client: Client) -> None:
    """Big5, GB18030, 10 MB, 1,000 parts, bombs, forgeries, broken headers, an empty one: {name: bytes} of ``MAILS``."""
    raws = {name: numbered(name, build()) for name, build in MAILS.items()}
    assert len(raws) >= 30
    for number, raw in enumerate(raws.values()):
        box.deliver(raw, at=ARRIVED + timedelta(minutes=number))
    assert mailbox.poll() == len(raws)
    assert MailboxEntry.objects.filter(mail=None).count() == 0
    found = {mail.received_at: mail for mail in MailNotice.objects.all()}
    assert len(found) == len(raws)
    assert seen(box) == (len(raws), len(raws))
    client.force_login(person("officer"))
    for number, (name, raw) in enumerate(raws.items()):
        one = found[ARRIVED + timedelta(minutes=number)]
        assert raw_of(one) == as_served(raw), name
        assert (one.status, one.door) == (S.WAITING, Door.MAILBOX), name
        page = client.get(one.get_absolute_url())
        assert page.status_code == 200, name
        for odd in one.said["oddities"]:
            assert odd in text(page), name
    before = rows()
    assert mailbox.poll() == 0
    assert rows() == before


def test_a_duplicate_joins_what_is_there(box: imap.Server) -> None:
    stamped = b"Received: from a by b; Mon, 16 Mar 2026 07:30:00 +0800\r\n" + mail()
    for number, raw in enumerate((mail(), stamped, mail(), mail("另有內容"))):
        box.deliver(raw, at=ARRIVED + timedelta(minutes=number))
    assert mailbox.poll() == 4
    first, copy, other = MailNotice.objects.order_by("id")
    assert (copy.status, copy.joins, raw_of(copy)) == (S.JOINED, first, stamped)
    assert (other.status, other.joins) == (S.WAITING, first)
    assert [event.what for event in first.events.all()] == ["received", "joined", "again", "joined"]
    assert [entry.mail for entry in MailboxEntry.objects.all()] == [first, copy, first, other]


def test_what_is_too_big_is_recorded_with_its_headers_and_stays(box: imap.Server) -> None:
    box.deliver(mail("x" * (RAW_BYTES + 1)), at=ARRIVED)
    assert mailbox.poll() == 1
    found = MailNotice.objects.get()
    assert (found.partial, found.status, found.unreadable) == (True, S.UNREADABLE, claims.TOO_BIG)
    assert found.size > RAW_BYTES
    assert found.subject == "緊急通報：甲山證券啟動居家辦公"
    assert raw_of(found) == mail().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert mailbox.poll() == 0
    assert seen(box) == (1, 1)


def test_what_a_person_has_read_in_the_mailbox_is_taken_all_the_same(box: imap.Server) -> None:
    box.deliver(mail(), at=ARRIVED)
    with imaplib.IMAP4("127.0.0.1", box.port) as person_s_client:
        person_s_client.login(imap.USER, imap.PASSWORD)
        person_s_client.select("INBOX")
        person_s_client.fetch("1", "(RFC822)")
    assert seen(box) == (1, 1)
    assert mailbox.poll() == 1


def test_after_a_move_of_the_mailbox_nothing_doubles(box: imap.Server) -> None:
    for number in range(3):
        box.deliver(mail(f"{number}", Message_ID=None), at=ARRIVED)
    assert mailbox.poll() == 3
    before = rows()
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=2)):
        box.forget_uids()
    mailbox.poll()
    assert rows() == before
    assert set(MailNotice.objects.values_list("events__what", flat=True)) == {"received"}


def test_one_message_that_fails_stops_no_other_and_is_tried_again(
    box: imap.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        box.deliver(mail(f"{number}", Message_ID=None), at=ARRIVED + timedelta(minutes=number))
    take_in = mailbox.take_in

    def fail(**given: Any) -> MailNotice:
        if given["received_at"] == ARRIVED:
            raise MemoryError
        return take_in(**given)

    monkeypatch.setattr(mailbox, "take_in", fail)
    poll_mailbox()
    assert TaskFailure.objects.get().error == "Refused: messages not taken in: MemoryError"
    assert MailNotice.objects.count() == 2
    entry = MailboxEntry.objects.get(mail=None)
    assert (entry.error, entry.tries) == ("MemoryError", 1)
    assert seen(box) == (2, 3)
    monkeypatch.undo()
    assert mailbox.poll() == 1
    entry.refresh_from_db()
    assert (entry.error, entry.tries, entry.mail.received_at) == ("", 2, ARRIVED)
    assert seen(box) == (3, 3)


def test_a_message_at_which_the_server_hangs_up_comes_last(box: imap.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        box.deliver(mail(f"{number}", Message_ID=None), at=ARRIVED + timedelta(minutes=number))
    read = mailbox.Mailbox.raw

    def hang_up(self: mailbox.Mailbox, uid: int, *, headers: bool = False) -> bytes:
        if uid == 1:
            self.server.shutdown()
        return read(self, uid, headers=headers)

    monkeypatch.setattr(mailbox.Mailbox, "raw", hang_up)
    for kept in (0, 2):
        with pytest.raises((OSError, imaplib.IMAP4.abort)):
            mailbox.poll()
        assert MailNotice.objects.count() == kept
    monkeypatch.undo()
    assert mailbox.poll() == 1
    assert MailNotice.objects.count() == 3


# where the process is killed: before the row is there, after it, before its place in the mailbox is remembered,
# before the message is marked
MOMENTS = {
    "before the row": "from reviews import intake; intake._keep = die",
    "after the row": "mailbox._remember = die",
    "before the mark": "mailbox.Mailbox.mark = die",
}
KILLED = """
import os, signal, django
django.setup()
from reviews import mailbox
def die(*args, **named): os.kill(os.getpid(), signal.SIGKILL)
{moment}
mailbox.poll()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_on_the_way_nothing_is_lost_or_doubled(box: imap.Server, moment: str) -> None:
    for number in range(3):
        box.deliver(mail(f"{number}", Message_ID=None), at=ARRIVED + timedelta(minutes=number))
    name = django_settings.DATABASES["default"]["NAME"]
    address = f"sqlite:///{name}" if on_sqlite() else f"postgres:///{name}"
    env = {
        **os.environ,
        "DATABASE_URL": address,
        "NOTICE_IMAP_URL": box.url,
        "DJANGO_SETTINGS_MODULE": "wfh_portal.settings",
    }
    code = KILLED.format(moment=MOMENTS[moment])
    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=False)
    assert killed.returncode == -9
    kept = MailNotice.objects.count()
    assert kept == {"before the row": 0, "after the row": 1, "before the mark": 3}[moment]
    assert seen(box) == (0, 3)
    mailbox.poll()
    assert MailNotice.objects.count() == 3
    assert set(MailNotice.objects.values_list("events__what", flat=True)) == {"received"}
    assert MailboxEntry.objects.exclude(mail=None).count() == 3
    assert seen(box) == (3, 3)


@pytest.mark.django_db(transaction=True)
def test_two_polls_at_once_double_nothing(box: imap.Server) -> None:
    for number in range(10):
        box.deliver(mail(f"{number}", Message_ID=None), at=ARRIVED)
    begin, failed = threading.Barrier(2), []

    def go() -> None:
        try:
            begin.wait()
            mailbox.poll()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert MailNotice.objects.count() == 10
    assert MailboxEntry.objects.filter(mail=None).count() == 0


def test_while_the_server_is_down_the_operator_is_told_and_the_next_poll_goes_on(
    box: imap.Server, client: Client
) -> None:
    client.force_login(person("operator"))
    assert "通報信箱最近一次讀取" in text(client.get("/operator/"))
    box.deliver(mail(), at=ARRIVED)
    box.stop()
    poll_mailbox()
    poll_mailbox()
    failure = TaskFailure.objects.get()  # once, since when
    assert (failure.task, failure.error.partition(":")[0]) == ("reviews.tasks.poll_mailbox", "ConnectionRefusedError")
    assert "起無法讀取：ConnectionRefusedError" in text(client.get("/operator/"))
    box.start()
    poll_mailbox()
    assert MailNotice.objects.count() == 1
    assert Heartbeat.objects.get(name="mailbox").at > failure.at
    page = text(client.get("/operator/"))
    assert "起無法讀取" not in page
    assert health.state(now=datetime.now(UTC)).mailbox.trouble is None  # type: ignore[union-attr]


def test_without_a_mailbox_nothing_is_asked(settings: Any, client: Client) -> None:
    settings.NOTICE_IMAP_URL = ""
    assert mailbox.poll() == 0
    assert not Heartbeat.objects.exists()
    client.force_login(person("operator"))
    assert "未設定" in text(client.get("/operator/"))


def test_a_wrong_password_is_told_and_never_shown(box: imap.Server, settings: Any) -> None:
    settings.NOTICE_IMAP_URL = box.url.replace("p%40ss%2Fword", "hippopotamus")
    poll_mailbox()
    error = TaskFailure.objects.get().error
    assert error.startswith("error: [AUTHENTICATIONFAILED]")
    assert "hippo" not in error


@pytest.mark.parametrize("url", ["https://a:b@c", "imaps://host/INBOX", "imaps://", "imaps://a:secret@host:port/x"])
def test_an_address_that_is_none_is_told_without_its_password(settings: Any, url: str) -> None:
    settings.NOTICE_IMAP_URL = url
    poll_mailbox()
    error = TaskFailure.objects.get().error
    assert error.startswith("ValueError: ")
    assert "secret" not in error


def test_the_address_as_it_is_written() -> None:
    found = mailbox.Address.of("imaps://no%40tice:p%3A@mail.example/%E9%80%9A%E5%A0%B1")
    assert (found.host, found.port, found.user, found.password, found.folder) == (
        *("mail.example", 993, "no@tice", "p:"),
        "通報",
    )
    assert mailbox.Address.of("imap+tls://a:b@mail.example").folder == "INBOX"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    found = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "36500", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-out", str(found[0]), "-keyout", str(found[1])]
    subprocess.run(command, check=True, capture_output=True)
    return found


def test_tls_is_refused_where_nobody_vouches_for_the_server(
    certificate: tuple[Path, Path], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with imap.server(certificate=certificate) as server:
        server.deliver(mail(), at=ARRIVED)
        for url in (server.tls_url, server.url.replace("imap://", "imap+tls://").replace("127.0.0.1", "localhost")):
            settings.NOTICE_IMAP_URL = url
            with pytest.raises(ssl.SSLCertVerificationError):
                mailbox.poll()
            assert not MailNotice.objects.exists()
            with monkeypatch.context() as vouched:
                vouched.setenv("SSL_CERT_FILE", str(certificate[0]))
                assert mailbox.poll() == 1
            MailboxEntry.objects.all().delete()
            for one in MailNotice.objects.all():
                one.events.all().delete()
                one.delete()


def test_beat_asks_every_minute_where_there_is_a_mailbox() -> None:
    code = "from wfh_portal import settings; print(settings.CELERY_BEAT_SCHEDULE.get('notice-mailbox'))"
    said = {
        url: subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "NOTICE_IMAP_URL": url},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for url in ("", "imaps://a:b@c")
    }
    assert said[""] == "None\n"
    assert "'task': 'reviews.tasks.poll_mailbox', 'schedule': 60.0" in said["imaps://a:b@c"]


@pytest.fixture
def told(box: imap.Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that are started from now on know of the mailbox."""
    monkeypatch.setenv("NOTICE_IMAP_URL", box.url)


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_takes_it_in(box: imap.Server, told: None, celery_worker_process: CeleryWorker) -> None:
    box.deliver(mail(), at=ARRIVED)
    current_app.send_task("reviews.tasks.poll_mailbox")
    wait_until(MailNotice.objects.exists, seconds=30, what="the mail")
    assert MailNotice.objects.get().received_at == ARRIVED
