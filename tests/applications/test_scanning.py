"""Held until a real clamd has passed it: found, passed, down, slow, and what comes after each."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from applications import clamd, files, health, outbox
from applications.actions import filing, scanning
from applications.actions.evidence import cite
from applications.enums import Scan
from applications.evidence import Refused
from applications.models import Application, Attachment, Event, Notification, StoredFile, TaskFailure
from applications.tasks import scan_files
from tests.applications.pages import problems
from tests.clamd import MALICE, SIGNATURE, Clamd
from tests.factories import FILED_AT, Cast, draft, filed_case, person
from tests.services import wait_until

NAME = "紀錄.txt"
LATER = FILED_AT + timedelta(minutes=1)
database = pytest.mark.django_db


@pytest.fixture
def scanner(clamd_server: Clamd, settings: Any) -> Clamd:
    """Set up, and listening."""
    settings.CLAMD_URL = clamd_server.url
    return clamd_server


@pytest.fixture
def down(settings: Any, tmp_path: Path) -> None:
    settings.CLAMD_URL = f"unix://{tmp_path / 'nobody'}"


@pytest.fixture
def slow(settings: Any) -> Iterator[None]:
    """A clamd that takes the bytes and is never done with them."""
    settings.CLAMD_TIMEOUT = 0.2
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.CLAMD_URL = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        yield


def cited(case: Application, cast: Cast, data: bytes, name: str = NAME, at: Any = FILED_AT) -> StoredFile:
    made = cite(
        case_id=case.pk, item_id="2.2.9", by=cast.preparer, at=at, upload=SimpleUploadedFile(name, data), reopen=True
    )
    assert made is not None
    return made.attachment.stored


# --- the client -----------------------------------------------------------------------


@pytest.mark.parametrize("way", ["url", "tcp"])
def test_clamd_finds_and_passes(clamd_server: Clamd, way: str) -> None:
    url = getattr(clamd_server, way)
    assert clamd.scan(io.BytesIO(b"nothing"), url=url, timeout=20) == ""
    assert clamd.scan(io.BytesIO(b""), url=url, timeout=20) == ""
    at_the_end = b"x" * 3 * clamd.CHUNK + MALICE
    assert clamd.scan(io.BytesIO(at_the_end), url=url, timeout=20) == SIGNATURE
    across_two_chunks = b"x" * (clamd.CHUNK - 9) + MALICE
    assert clamd.scan(io.BytesIO(across_two_chunks), url=url, timeout=20) == SIGNATURE


def test_clamd_that_takes_no_more_says_so(clamd_server: Clamd) -> None:
    with pytest.raises(clamd.Failed, match="INSTREAM size limit exceeded"):
        clamd.scan(io.BytesIO(bytes(40 * 1024 * 1024)), url=clamd_server.tcp, timeout=20)


def test_clamd_that_is_away_slow_or_silent_passes_nothing(tmp_path: Path) -> None:
    with pytest.raises(clamd.Unavailable):
        clamd.scan(io.BytesIO(b"x"), url=f"unix://{tmp_path / 'nobody'}", timeout=1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(clamd.Unavailable, match="timed out"):
            clamd.scan(io.BytesIO(b"x"), url=url, timeout=0.1)
        listening.accept()[0].close()

        def hang_up() -> None:
            connection, _ = listening.accept()
            while connection.recv(1 << 16):
                pass
            connection.close()

        def say(words: bytes) -> None:
            connection, _ = listening.accept()
            connection.recv(1 << 16)
            connection.sendall(words)
            connection.close()

        for answer in (b"", b"stream: OK but", b"OK FOUND?\0"):
            thread = Thread(target=say, args=[answer])
            thread.start()
            with pytest.raises((clamd.Unavailable, clamd.Failed)):
                clamd.scan(io.BytesIO(b"x"), url=url, timeout=5)
            thread.join()


def test_clamd_in_no_known_way_is_a_mistake_of_the_settings() -> None:
    with pytest.raises(ValueError, match="http"):
        clamd.scan(io.BytesIO(b"x"), url="http://a", timeout=1)


# --- what comes in ----------------------------------------------------------------------


@database
def test_without_a_scanner_files_pass_at_once() -> None:
    cast = Cast()
    stored = cited(draft(cast), cast, b"1")
    assert (stored.scan, stored.held) == (Scan.NONE, False)
    scan_files()
    stored.refresh_from_db()
    assert (stored.scan, stored.tried_at) == (Scan.NONE, None)


@database
def test_file_is_held_until_it_is_passed(scanner: Clamd, client: Client) -> None:
    cast = Cast()
    case = draft(cast)
    StoredFile.objects.update(scan=Scan.CLEAN, scanned_at=FILED_AT)
    stored = cited(case, cast, b"honest")
    assert (stored.scan, stored.held) == (Scan.WAITING, True)
    client.force_login(cast.preparer)
    address = reverse("file", args=[Attachment.objects.get(stored=stored).pk])
    section = reverse("section", args=[case.pk, "2.2.9"])
    assert client.get(address).status_code == 409
    assert "掃描中" in client.get(section).content.decode()
    scanning.scan_waiting(at=LATER)
    stored.refresh_from_db()
    assert (stored.scan, stored.tried_at, stored.scanned_at) == (Scan.CLEAN, LATER, LATER)
    assert b"".join(client.get(address)) == b"honest"
    assert "掃描中" not in client.get(section).content.decode()
    assert health.state(now=LATER).scanner == health.Neighbour(LATER, False, None)


@database
def test_what_is_found_is_withdrawn_and_its_cases_are_told(scanner: Clamd, client: Client) -> None:
    cast, other = Cast(), Cast()
    case, elsewhere = draft(cast), draft(other)
    stored = cited(case, cast, MALICE)
    assert cited(elsewhere, other, MALICE, "別名.txt") == stored
    for _twice in range(2):
        scanning.scan_waiting(at=LATER)
    stored.refresh_from_db()
    assert (stored.scan, stored.signature, stored.scanned_at) == (Scan.FOUND, SIGNATURE, LATER)
    for one, name in ((case, NAME), (elsewhere, "別名.txt")):
        event = one.events.get(what="file_found")
        assert (event.actor, event.at, event.shared) == (None, LATER, True)
        assert event.detail == {"file": name, "sha256": stored.sha256, "signature": SIGNATURE}
    outbox.expand(at=LATER)
    told = Notification.objects.filter(outbox__what="file_found", outbox__application=case)
    assert {note.user for note in told} == {cast.preparer, cast.checker}
    client.force_login(cast.preparer)
    assert client.get(reverse("file", args=[Attachment.objects.get(name=NAME).pk])).status_code == 410
    page = client.get(reverse("section", args=[case.pk, "2.2.9"])).content.decode()
    assert "含有惡意程式</strong>" in page
    assert SIGNATURE in page
    assert default_storage.exists(stored.file.name)  # kept, out of reach
    shown = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "附件含有惡意程式，已停止使用" in shown
    assert f"{NAME}：{SIGNATURE}" in shown
    client.force_login(person(Role.OPERATOR))
    assert client.get(reverse("operator")).status_code == 200


@database
def test_what_was_found_is_refused_when_it_comes_again(scanner: Clamd) -> None:
    cast = Cast()
    case = draft(cast)
    cited(case, cast, MALICE)
    scanning.scan_waiting(at=LATER)
    with pytest.raises(Refused) as refused:
        cited(case, cast, MALICE, "再來.txt")
    assert str(refused.value) == (
        f"「再來.txt」含有惡意程式（{SIGNATURE}），不能上傳；請先為電腦掃毒，再改用未受感染的檔案"
    )
    assert Attachment.objects.filter(name="再來.txt").count() == 0


@database
@pytest.mark.parametrize("trouble", ["down", "slow"])
def test_scanner_that_does_not_answer_holds_files_and_the_operator_sees_it(
    request: pytest.FixtureRequest, trouble: str, client: Client
) -> None:
    request.getfixturevalue(trouble)
    cast = Cast()
    stored = cited(draft(cast), cast, b"honest")
    for minute in range(3):
        scanning.scan_waiting(at=LATER + timedelta(minutes=minute))
    stored.refresh_from_db()
    assert (stored.scan, stored.scanned_at) == (Scan.WAITING, None)
    failure = TaskFailure.objects.get()  # the same trouble is kept once
    assert (failure.task, failure.at) == ("applications.tasks.scan_files", LATER)
    state = health.state(now=LATER)
    assert (state.scanner, state.held) == (health.Neighbour(None, True, failure), 2)
    client.force_login(person(Role.OPERATOR))
    page = client.get(reverse("operator")).content.decode()
    assert "2 個檔案等候掃描，暫不開放" in page
    assert "起無法掃描" in page


@database
def test_scanner_that_is_back_catches_up(down: None, clamd_server: Clamd, settings: Any) -> None:
    cast = Cast()
    case = draft(cast)
    waiting = [cited(case, cast, f"honest {n}".encode(), f"{n}.txt") for n in range(5)] + [cited(case, cast, MALICE)]
    scanning.scan_waiting(at=FILED_AT)
    settings.CLAMD_URL = clamd_server.url
    scanning.scan_waiting(at=FILED_AT + timedelta(days=3))
    found = StoredFile.objects.filter(pk__in=[one.pk for one in waiting]).order_by("pk")
    assert [one.scan for one in found] == [Scan.CLEAN] * 5 + [Scan.FOUND]
    assert health.state(now=FILED_AT + timedelta(days=3)).scanner == health.Neighbour(
        FILED_AT + timedelta(days=3), False, None
    )


@database
def test_file_that_the_scanner_chokes_on_holds_up_no_other(scanner: Clamd) -> None:
    cast = Cast()
    case = draft(cast)
    gone, honest = cited(case, cast, b"gone", "a.txt"), cited(case, cast, b"honest", "b.txt")
    default_storage.delete(gone.file.name)
    scanning.scan_waiting(at=LATER)
    for one, scan in ((gone, Scan.WAITING), (honest, Scan.CLEAN)):
        one.refresh_from_db()
        assert one.scan == scan
    state = health.state(now=LATER).scanner
    assert state is not None
    assert state.trouble is not None
    assert gone.sha256 in state.trouble.error


@database
def test_what_came_in_before_there_was_a_scanner_is_looked_at_too(clamd_server: Clamd, settings: Any) -> None:
    case, cast = filed_case()
    case.refresh_from_db()
    stored = StoredFile.objects.get()
    with transaction.atomic():
        late = files.keep(NAME, io.BytesIO(MALICE), size=len(MALICE), sha256="a" * 64, extension="txt")
    Attachment.objects.update(stored=late)
    Application.objects.update(officer=cast.officer)
    settings.CLAMD_URL = clamd_server.url
    scanning.scan_waiting(at=LATER)
    stored.refresh_from_db()
    late.refresh_from_db()
    assert (stored.scan, late.scan) == (Scan.CLEAN, Scan.FOUND)
    outbox.expand(at=LATER)
    told = Notification.objects.filter(outbox__what="file_found")
    assert {note.user for note in told} == {cast.preparer, cast.checker, cast.officer}


@database
def test_two_runs_at_once_share_the_work_and_the_first_word_counts(
    scanner: Clamd, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = Cast()
    case = draft(cast)
    StoredFile.objects.update(scan=Scan.CLEAN, scanned_at=FILED_AT)
    one, two = cited(case, cast, b"1", "1.txt"), cited(case, cast, b"2", "2.txt")
    real, asked = clamd.scan, []

    def scan(data: Any, **how: Any) -> str:
        asked.append(data.name)
        if len(asked) == 1:
            scanning.scan_waiting(at=LATER)
        return real(data, **how)

    monkeypatch.setattr(clamd, "scan", scan)
    scanning.scan_waiting(at=LATER)
    assert [asked.count(row.file.name) for row in (one, two)] == [2, 1]
    scanning.settle(two.pk, SIGNATURE, at=LATER)
    two.refresh_from_db()
    assert two.scan == Scan.CLEAN
    assert not Event.objects.filter(what="file_found").exists()


# --- submitting -----------------------------------------------------------------------


@database
@pytest.mark.parametrize("kind", ["first", "pre_review"])
@pytest.mark.parametrize(("data", "said"), [(b"honest", "「紀錄.txt」掃描中，掃描完成後才能送件；請稍後重新整理本頁"), (
    MALICE, f"「紀錄.txt」含有惡意程式（{SIGNATURE}），已停止使用；請移除，並改附未受感染的檔案"
)], ids=["waiting", "found"])  # fmt: skip
def test_case_with_a_file_that_is_held_is_not_sent(
    scanner: Clamd, client: Client, kind: str, data: bytes, said: str
) -> None:
    cast = Cast()
    case = draft(cast, kind=kind)
    StoredFile.objects.update(scan=Scan.CLEAN, scanned_at=FILED_AT)
    stored = cited(case, cast, data)
    if data == MALICE:
        scanning.scan_waiting(at=FILED_AT)
    case.refresh_from_db()
    client.force_login(cast.preparer)
    with time_machine.travel(FILED_AT):
        response = client.post(reverse("act", args=[case.pk, "send_to_checker"]), {"revision": case.revision})
    assert response.status_code == 200
    assert any(text.endswith(said) for text in problems(response)), problems(response)
    assert "暫時不能送件" in response.content.decode()
    case.refresh_from_db()
    assert case.status == "draft"
    StoredFile.objects.filter(pk=stored.pk).update(scan=Scan.CLEAN, signature="", scanned_at=LATER)
    filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)


@database
def test_file_found_after_the_sign_off_stops_the_submission() -> None:
    cast = Cast()
    case = draft(cast)
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
    case = filing.sign_off(case_id=case.pk, revision=case.revision, by=cast.checker, at=FILED_AT)
    stored = StoredFile.objects.get()
    scanning.settle(stored.pk, SIGNATURE, at=LATER)
    with pytest.raises(filing.Incomplete):
        filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.checker, at=LATER)


# --- the worker -----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_worker_scans(
    clamd_server: Clamd, settings: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("CLAMD_URL", clamd_server.url)  # for the worker
    settings.CLAMD_URL = clamd_server.url
    request.getfixturevalue("celery_worker_process")
    cast = Cast()
    stored = cited(draft(cast), cast, MALICE)
    scan_files.delay()
    wait_until(lambda: StoredFile.objects.get(pk=stored.pk).scan == Scan.FOUND, seconds=60, what="the scan")
