"""登錄電子郵件通報: an officer uploads a mail; whatever it is, it is kept or refused with what to do."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.enums import Door
from applications.messages import RAW_BYTES
from reviews import mail_forms
from reviews.actions import mailing
from reviews.models import MailNotice
from tests.applications import pages
from tests.factories import Cast
from tests.reviews.cases import text
from tests.reviews.hostile_mails import MAILS
from tests.reviews.mailing import AT, address, arrive, saved, upload
from tests.reviews.mails import PDF, mail

pytestmark = pytest.mark.once

S = MailNotice.Status


@pytest.fixture(autouse=True)
def _now(db: None) -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def test_an_upload_is_received_when_the_officer_enters_it(client: Client) -> None:
    cast = Cast()
    client.force_login(cast.officer)
    page = upload(client, mail())
    found = MailNotice.objects.get()
    assert (found.door, found.received_at, found.uploaded_by) == (Door.UPLOAD, AT, cast.officer)
    assert page.redirect_chain == [(address(found), 302)]
    for said in ("寄件人自稱，未經查證", "李審查 登錄之時間", "115 年 3 月 16 日 07:30:00", "營業處所因疫情封閉"):
        assert said in text(page), said


def test_the_same_mail_leads_to_the_one_that_is_there(client: Client) -> None:
    found = arrive()
    client.force_login(Cast().officer)
    page = upload(client, mail())
    assert page.redirect_chain == [(address(found), 302)]
    assert f"與郵件 {found.pk}為同一通報" in text(page)
    page = upload(client, b"X-Stamp: 1\r\n" + mail())
    assert page.redirect_chain == [(address(found), 302)]
    assert "Message-ID 及內容相同" in text(page)
    page = upload(client, mail("另有內容"))
    other = MailNotice.objects.get(status=S.WAITING, joins=found)
    assert page.redirect_chain == [(address(other), 302)]
    assert "但內容不同" in text(page)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "檔案是空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), ".msg 檔"),
        (PDF, "這不是電子郵件檔"),
        (None, "請選擇郵件檔"),
    ],
)
def test_what_is_no_mail_is_refused_with_what_to_do(client: Client, data: bytes | None, said: str) -> None:
    client.force_login(Cast().officer)
    page = client.post("/review/mail/new/", {"eml": SimpleUploadedFile("x.eml", data)} if data is not None else {})
    assert page.status_code == 200
    assert said in pages.problems(page)[0]
    assert not MailNotice.objects.exists()


def test_a_mail_over_the_limit_of_reading_is_kept_and_one_over_all_limits_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(Cast().officer)
    page = upload(client, mail() + bytes(RAW_BYTES))
    assert "僅讀取標頭" in text(page)
    assert MailNotice.objects.get().size == len(mail()) + RAW_BYTES
    monkeypatch.setattr(mail_forms, "KEPT_BYTES", 1024 * 1024)
    page = upload(client, mail() + bytes(1024 * 1024))
    assert "超過 1 MB 的上限" in pages.problems(page)[0]


@pytest.mark.parametrize("name", sorted(set(MAILS) - {"empty"}))
def test_no_mail_is_a_server_error_and_each_is_kept(client: Client, name: str) -> None:
    client.force_login(Cast().officer)
    raw = MAILS[name]()
    page = upload(client, raw)
    found = MailNotice.objects.get()
    assert page.status_code == 200
    assert page.redirect_chain == [(address(found), 302)]
    assert found.status == S.WAITING
    assert mailing.raw_of(found) == raw
    for one in found.said["oddities"]:
        assert one in text(page)
    for one in found.said["files"]:
        assert sha256(saved(client, address(found, f"files/{one['sha256']}/"))).hexdigest() == one["sha256"]
    assert client.get("/review/mail/").status_code == 200
