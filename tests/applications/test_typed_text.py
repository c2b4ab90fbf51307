"""What is typed comes back as typed: from the page, the submission and the pages of what was filed."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications import content
from applications.actions.drafting import create_draft
from applications.content import snapshot
from applications.models import Application, Section
from applications.present import show_pages
from applications.trail import canonical
from tests.applications import pages
from tests.factories import FILED_AT, Cast

pytestmark = [pytest.mark.once, pytest.mark.django_db]

# what a browser can send: any character but lone surrogates; line ends, tabs, NUL and astral ones more often
ODD = [*"\t\n\x00\x0b\x0c\x1f\x7f\x85\u2028\u3000\ufeff\u202e<>&\"'{}%\\$𠮷豈", "👩🏻", "\r\n"]
PIECES = st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(ODD))
TYPED = st.lists(PIECES, max_size=40).map("".join)
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def case(client: Client) -> Application:
    cast = Cast()
    client.force_login(cast.preparer)
    return create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)


def kept(typed: str) -> str:
    return typed.replace("\r\n", "\n").replace("\0", "\ufffd")


def in_page(text: str) -> str:
    """As an HTML parser gives it: a CR of its own is a line end to it too, and a NUL it cannot have."""
    return text.replace("\r", "\n")


def post(client: Client, case: Application, step: str, typed: dict[str, str]) -> None:
    section = Section.objects.filter(application=case, section_id=step).first()
    data = typed | {"revision": str(section.revision if section else 0)}
    answer = client.post(f"/cases/{case.pk}/sections/{step}/", data)
    assert answer.status_code == 302


@FEW
@given(text=TYPED, note=TYPED, cell=TYPED)
def test_typed_text_comes_back(client: Client, case: Application, text: str, note: str, cell: str) -> None:
    table = "2_2_12__sessions"
    typed = {
        "2_2_12__text": text, "2_2_12__note": note, f"{table}-rows": "1", f"{table}-0-session": cell,
    }  # fmt: skip
    post(client, case, "2.2.12", typed)

    answers = Section.objects.get(application=case, section_id="2.2.12").answers["2.2.12"]
    assert (answers["text"], answers["note"]) == (kept(text), kept(note))
    rows = [row["session"] for row in answers["sessions"]]
    assert rows == ([kept(cell)] if cell else [])

    page = client.get(f"/cases/{case.pk}/sections/2.2.12/")
    form = page.context["form"]
    assert form["2_2_12__text"].value() == kept(text)
    assert form["2_2_12__note"].value() == kept(note)
    if all(_plain(one) for one in (text, note, cell)):
        shown = pages.form(page, f"/cases/{case.pk}/sections/2.2.12/")
        assert shown["2_2_12__text"] == [in_page(kept(text))]
        assert shown["2_2_12__note"] == [in_page(kept(note))]
        assert shown[f"{table}-0-session"] == [in_page(kept(cell))]

    filed = snapshot(content.read(case, today=FILED_AT.date()))
    again = json.loads(canonical(filed).encode().decode())
    (view,) = show_pages(again, case.version, only="2.2.12")
    shown_text, shown_note = view.items[0].text, view.items[0].note
    assert (shown_text, shown_note) == tuple("" if not kept(one).strip() else kept(one) for one in (text, note))
    tables = [one.rows for one in view.items[0].fields if one.name == "sessions"]
    assert tables == ([(("", kept(cell), "", ""),)] if kept(cell).strip() else [])


def _plain(text: str) -> bool:
    """Whether html5lib may be asked: it replaces what XML cannot hold, which browsers keep."""
    return all(c in "\t\n\r" or (c >= " " and c not in "\x7f\ufffe\uffff") for c in text)
