"""The evidence matrix: what is cited where, and what is missing."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.content import read, snapshot
from applications.matrix import matrix_of
from applications.models import Citation
from tests.applications import pages
from tests.bench.timing import statements
from tests.factories import FILED_AT, Cast, attach, draft, filed_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel(FILED_AT):
        yield


def test_places_stand_where_item_and_file_meet() -> None:
    cast = Cast()
    case = draft(cast)
    second = attach(case, by=cast.preparer, at=FILED_AT, name="補充.pdf")
    Citation.objects.create(application=case, item_id="2.2.9", attachment=second, place="7")
    found = matrix_of(snapshot(read(case, today=FILED_AT.date())), case.version)
    assert [name for _, name in found.files] == ["應變計畫.pdf", "補充.pdf"]
    line = next(one for one in found.lines if one.item.id == "2.2.9")
    assert [[proof["place"] for proof in cell] for cell in line.cells] == [["1"], ["7"]]
    assert found.missing == []


def test_item_without_the_evidence_that_it_needs_stands_out_for_the_firm(client: Client) -> None:
    cast = Cast()
    case = draft(cast)
    Citation.objects.filter(application=case, item_id="2.2.8").delete()
    attach(case, by=cast.preparer, at=FILED_AT, name="沒有引用.pdf")
    client.force_login(cast.preparer)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(f"/cases/{case.pk}/evidence/")
    assert len(statements(captured)) == 7
    rows = {row.get("id"): pages.text_of(row) for row in pages.parse(page).iter("tr") if row.get("id")}
    assert [row for row, said in rows.items() if "缺佐證" in said] == ["row-2_2_8"]
    links = [one.get("href") for one in pages.parse(page).iter("a")]
    assert "#row-2_2_8" in links
    assert f"/files/{case.attachments.earliest('id').pk}/?open#page=1" in links
    assert f"/cases/{case.pk}/sections/2.2.8/#item-2_2_8" in links
    assert "沒有引用.pdf" in page.content.decode()


def test_the_officer_opens_a_file_at_its_page_from_the_cell(client: Client) -> None:
    case, cast = filed_case()
    client.force_login(cast.officer)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(f"/review/{case.pk}/evidence/")
    assert len(statements(captured)) == 4
    links = [one.get("href") for one in pages.parse(page).iter("a")]
    assert f"/files/{case.attachments.get().pk}/?open#page=1" in links
    assert f"/review/{case.pk}/2.2.9/#item-2.2.9" in links
    assert "缺佐證" not in page.content.decode()


def test_it_is_no_page_of_the_other_side(client: Client) -> None:
    case, cast = filed_case()
    client.force_login(cast.officer)
    assert client.get(f"/cases/{case.pk}/evidence/").status_code == 404
    client.force_login(cast.preparer)
    assert client.get(f"/review/{case.pk}/evidence/").status_code == 404
    client.force_login(Cast().preparer)
    assert client.get(f"/cases/{case.pk}/evidence/").status_code == 404
