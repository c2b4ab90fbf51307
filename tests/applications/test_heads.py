"""Signed heads: once a day, chained, mailed; a cut-off tail shows against them."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts.enums import Role
from applications import heads, outbox, tasks, verifying
from applications.lifecycle import record
from applications.models import Event, Notification, Outbox
from applications.trail import FIRST
from tests.factories import FILED_AT, Cast, draft, person

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 7)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.TRAIL_FOLDER = tmp_path
    return tmp_path / "heads"


def test_no_key_no_heads(folder: Path) -> None:
    with pytest.raises(heads.NoKey):
        heads.sign(day=DAY, at=FILED_AT)
    tasks.sign_heads()  # says so in the log and goes on
    assert not folder.exists()


def test_a_key_is_never_replaced_and_for_its_owner_alone(folder: Path) -> None:
    public = heads.make_key()
    with pytest.raises(heads.KeyExists):
        heads.make_key()
    with pytest.raises(CommandError):
        call_command("make_trail_key")
    call_command("make_trail_key", "--if-missing")
    key = folder.parent / "signing.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert public not in key.read_text()


def test_heads_are_signed_once_a_day_each_on_the_day_before(folder: Path) -> None:
    heads.make_key()
    case = draft(Cast())
    last = Event.objects.filter(application=case).latest("number")
    assert heads.sign(day=DAY, at=FILED_AT)
    first = (folder / "2026-11-07.json").read_bytes()
    assert json.loads(first) == {
        "day": "2026-11-07",
        "at": "2026-11-06T08:48:27.000000+00:00",
        "previous": FIRST,
        "heads": {str(case.pk): [last.number, last.hash]},
    }
    assert not heads.sign(day=DAY, at=FILED_AT + timedelta(hours=1))
    assert (folder / "2026-11-07.json").read_bytes() == first
    assert heads.sign(day=DAY + timedelta(days=3), at=FILED_AT + timedelta(days=3))  # two days were missed
    assert json.loads((folder / "2026-11-10.json").read_bytes())["previous"] == hashlib.sha256(first).hexdigest()
    assert [(sheet.day, sheet.fault) for sheet in heads.read(folder)] == [("2026-11-07", ""), ("2026-11-10", "")]
    assert not [fault for fault in verifying.verify() if "簽章" in fault.text]


def test_an_edited_or_a_missing_sheet_shows(folder: Path) -> None:
    heads.make_key()
    draft(Cast())
    for days in range(3):
        heads.sign(day=DAY + timedelta(days=days), at=FILED_AT)
    middle = folder / "2026-11-08.json"
    data = middle.read_bytes()
    middle.write_bytes(data.replace(b'"day":"2026-11-08"', b'"day":"2026-11-09"'))
    assert [sheet.fault for sheet in heads.read(folder)] == ["", "signature", "order"]
    middle.unlink()
    assert [sheet.fault for sheet in heads.read(folder)] == ["", "order"]
    middle.write_bytes(data)
    (folder / "key.pub").write_text("00" * 32)
    assert [sheet.fault for sheet in heads.read(folder)] == ["signature"] * 3


def test_auditors_get_the_sheet_by_mail_at_once_even_with_a_digest(folder: Path) -> None:
    heads.make_key()
    auditor = person(Role.AUDITOR, name="吳稽核", digest=True)
    person(Role.OPERATOR)
    heads.sign(day=DAY, at=FILED_AT)
    heads.sign(day=DAY, at=FILED_AT)
    assert Outbox.objects.filter(what=heads.SIGNED).count() == 1
    outbox.expand(at=FILED_AT)
    outbox.send(at=FILED_AT)
    [sent] = mail.outbox
    assert sent.to == [auditor.email]
    files = {name: content for name, content, _type in sent.attachments}
    assert files == {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(files) == {"2026-11-07.json", "2026-11-07.sig", "key.pub"}


def test_a_chain_that_was_cut_and_written_anew_differs_from_the_sheet(folder: Path) -> None:
    heads.make_key()
    cast = Cast()
    case = draft(cast)
    heads.sign(day=DAY, at=FILED_AT)
    last = Event.objects.filter(application=case).latest("number")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM applications_event WHERE id = %s", [last.pk])
    assert any("末尾紀錄遭刪除" in fault.text for fault in verifying.verify(only=case.pk))
    record(case, "save", by=cast.preparer, at=FILED_AT, shared=False)
    [fault] = [fault for fault in verifying.verify(only=case.pk) if "簽章紀錄" in fault.text]
    assert str(fault) == (
        f"案件 {case.pk}：第 {last.number} 筆紀錄與 2026-11-07 之簽章紀錄不符：該筆或其前之紀錄遭改寫"
    )


def test_the_nightly_walk_alarms_operators_and_auditors_once_a_day(client: Client) -> None:
    operator, auditor = person(Role.OPERATOR), person(Role.AUDITOR)
    cast = Cast()
    case = draft(cast)  # its file was written past the actions: nothing seals it
    tasks.verify_trail()
    tasks.verify_trail()
    outbox.expand(at=FILED_AT)
    told = Notification.objects.filter(outbox__what="trail_broken").values_list("user", flat=True)
    assert set(told) == {operator.pk, auditor.pk, cast.auditor.pk}
    assert len(told) == 3
    client.force_login(auditor)
    page = client.get("/operator/trail/").content.decode()
    assert f"案件 {case.pk}：檔案（編號" in page
    assert "不是經由系統寫入" in page
    with pytest.raises(CommandError, match="發現 1 處異常"):
        call_command("verify_trail", "--case", str(case.pk))
    client.force_login(cast.preparer)
    assert client.get("/operator/trail/").status_code == 404
