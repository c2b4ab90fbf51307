"""申請前請準備: every kind's list says what its pages will ask."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from applications import documents
from applications.documents import Copy
from guideline.catalogue import load
from tests.applications.test_documents import pdftotext, squeeze
from tests.factories import VERSION, Cast

pytestmark = [pytest.mark.once, pytest.mark.django_db]
KINDS = [kind.id for kind in load(VERSION).kinds]


@pytest.mark.parametrize("kind", KINDS)
def test_every_item_of_a_kind_is_on_its_list(client: Client, kind: str, django_assert_num_queries: Any) -> None:
    client.force_login(Cast().preparer)
    with django_assert_num_queries(2):  # session, person
        page = client.get(f"/start/prepare/{kind}/")
    text = page.content.decode()
    version = load(VERSION)
    asked = [item for section in version.pages_of(kind) for item in section.items]
    assert [item.id for item in asked if f"{item.number} {item.title.zh}" not in text] == []
    assert text.count("□") == sum(len(item.evidence) for item in asked)
    assert ("通報時" in text) == version.kind(kind).by_notice
    others = [item for item in version.items() if item not in asked]
    assert [item.id for item in others if f">{item.number} {item.title.zh}" in text] == []


def test_list_as_pdf_in_both_languages_has_no_code(client: Client) -> None:
    client.force_login(Cast().officer)
    answer = client.get("/start/prepare/extension.pdf")
    assert answer["Content-Disposition"] == 'inline; filename="prepare-extension.pdf"'
    text = squeeze(pdftotext(answer.content))
    for said in ("申請前請準備", "延展", "證交所逐項審查→證交所核備", "未核發，無查驗碼", "下列以外之內容沿用原案"):
        assert said in text
    english = pdftotext(documents.prepare_pdf(load(VERSION), load(VERSION).kind("extension"), Copy("en")))
    assert "Translation for reference" in english
    assert "Acknowledgement by the TWSE" in english


def test_there_is_no_list_of_an_unknown_kind_nor_for_nobody(client: Client) -> None:
    assert client.get("/start/prepare/first/").status_code == 302
    cast = Cast()
    client.force_login(cast.preparer)
    assert client.get("/start/prepare/second/").status_code == 404
    assert client.get("/start/prepare/second.pdf").status_code == 404
    assert f'href="/start/prepare/{KINDS[0]}/"' in client.get("/start/").content.decode()
