"""匯入草稿檔, the page."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.models import Application, Citation, Section
from tests.applications.portable.archives import DRAFT, ITEM, packed
from tests.factories import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ADDRESS = "/start/import/"


def upload(data: bytes, name: str = "草稿.zip") -> dict[str, io.BytesIO]:
    return {"file": SimpleUploadedFile(name, data)}


def test_a_draft_file_becomes_a_draft(client: Client, cast: Cast) -> None:
    client.force_login(cast.preparer)
    assert f'href="{ADDRESS}"' in client.get("/start/").content.decode()
    assert client.get(ADDRESS).status_code == 200
    answer = client.post(ADDRESS, upload(packed()))
    case = Application.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.pk}/")
    assert (case.firm, case.created_by, case.staff_at_home) == (cast.firm, cast.preparer, 1)
    assert Section.objects.get(section_id=case.version.section_of(ITEM.id).id).answers == DRAFT["answers"] | {
        item.id: {} for item in case.version.section_of(ITEM.id).items if item.id != ITEM.id
    }
    assert [(one.item_id, one.place) for one in Citation.objects.all()] == [(ITEM.id, "3")]
    assert "已匯入草稿檔" in client.get(answer["Location"]).content.decode()


def test_what_is_wrong_is_said_at_its_place(client: Client, cast: Cast) -> None:
    client.force_login(cast.preparer)
    answers = {"2.2.12": {"sessions": [{"held_on": "<b>"}]}, ITEM.id: {"answer": "maybe"}}
    said = client.post(ADDRESS, upload(packed(answers=answers))).content.decode()
    assert "草稿檔有 2 處需要更正，未匯入任何資料" in said
    assert "第 1 列 held_on（日期）" in said
    assert "請輸入日期，例如 115/11/30" in said
    english = client.post(ADDRESS, upload(packed(answers=answers)), headers={"Accept-Language": "en"}).content.decode()
    assert "Places in the draft file that need correcting: 2. Nothing was imported" in english
    assert "row 1 held_on" in english
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "請選擇草稿檔（ZIP）"),
        (upload(b"PK"), "「草稿.zip」不是可讀的 ZIP 檔"),
        (upload(b"PK", "<i>.zip"), "「&lt;i&gt;.zip」"),
    ],
)
def test_what_is_no_draft_file_is_refused(sent: dict[str, io.BytesIO], words: str, client: Client, cast: Cast) -> None:
    client.force_login(cast.preparer)
    assert words in client.post(ADDRESS, sent).content.decode()
    assert not Application.objects.exists()


def test_nobody_but_a_preparer_has_the_page(client: Client, cast: Cast) -> None:
    for person in (cast.checker, cast.officer, cast.supervisor, cast.auditor):
        client.force_login(person)
        assert client.get(ADDRESS).status_code == 404
        assert client.post(ADDRESS, upload(packed())).status_code == 404
    client.logout()
    assert client.get(ADDRESS).status_code == 302
    assert not Application.objects.exists()
