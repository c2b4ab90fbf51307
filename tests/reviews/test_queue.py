"""Lists of cases: tabs, counts, pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from applications.enums import Status
from applications.models import Application
from reviews import queue
from tests.factories import Cast, draft, filed_case, person, resubmit, returned_case, taken_case

pytestmark = pytest.mark.django_db


def copies(case: Application, count: int, **fields: Any) -> None:
    """More rows like this one, a minute apart in pairs that changed at the same instant."""
    Application.objects.bulk_create(
        Application(
            firm=case.firm,
            kind=case.kind,
            version_id=case.version_id,
            number=f"WFH-999-{n:05}",
            submitted_at=case.submitted_at,
            created_by=case.created_by,
            created_at=case.created_at,
            changed_at=case.changed_at - timedelta(minutes=n // 2),
            lines=case.lines,
            first_day=case.first_day,
            last_day=case.last_day,
            **({"status": Status.SUBMITTED} | fields),
        )
        for n in range(count)
    )


@pytest.mark.parametrize(("who", "first"), [("officer", "mine"), ("supervisor", "signoff"), ("auditor", "all")])
def test_everybody_lands_on_the_own_tab(who: str, first: str) -> None:
    tabs = queue.tabs_for(getattr(Cast(), who))
    assert tabs[0] == first
    assert ("mine" in tabs) == (who == "officer")
    assert {"unassigned", "correction", "signoff", "authority", "emergency", "closed", "all"} <= set(tabs)


def test_a_case_is_on_the_tab_of_its_status() -> None:
    case, cast = taken_case()
    places = {
        Status.SUBMITTED: {"mine"},  # the documents of a notice that he took
        Status.NOTICED: {"emergency"},
        Status.DOCUMENTS_REVIEW: {"emergency"},
        Status.UNDER_REVIEW: {"mine"},
        Status.CORRECTED: {"mine"},
        Status.RETURNED: {"correction"},
        Status.CORRECTION_REVIEW: {"correction"},
        Status.AWAITING_SIGNOFF: {"signoff"},
        Status.FORWARDED: {"authority"},
        Status.APPROVED: {"closed"},
        Status.REFUSED: {"closed"},
        Status.REJECTED: {"closed"},
        Status.WITHDRAWN: {"closed"},
    }
    for status, tabs in places.items():
        Application.objects.filter(pk=case.pk).update(status=status)
        found = queue.counts(cast.officer, queue.tabs_for(cast.officer))
        assert {tab for tab, count in found.items() if count} == tabs | {"all"}, status
    assert queue.page(cast.other_officer, "mine").rows == []
    Application.objects.filter(pk=case.pk).update(status=Status.SUBMITTED, officer=None)
    found = queue.counts(cast.officer, queue.tabs_for(cast.officer))
    assert {tab for tab, count in found.items() if count} == {"unassigned", "all"}


def test_what_was_not_sent_is_on_no_tab() -> None:
    cast = Cast()
    case = draft(cast)
    for status in (Status.DRAFT, Status.INTERNAL_REVIEW, Status.SIGNED_OFF, Status.WITHDRAWN):
        Application.objects.filter(pk=case.pk).update(status=status)
        assert set(queue.counts(cast.auditor, queue.tabs_for(cast.auditor)).values()) == {0}


def test_counts_stop_at_the_cap(monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any) -> None:
    case, cast = filed_case()
    copies(case, 9)
    monkeypatch.setattr(queue, "CAP", 5)
    tabs = queue.tabs_for(cast.officer)
    with django_assert_num_queries(1):
        found = queue.counts(cast.officer, tabs)
    assert (found["unassigned"], found["all"], found["mine"]) == (6, 6, 0)
    assert (queue.show_count(6), queue.show_count(5)) == ("5+", "5")


def test_pages_follow_each_other_without_a_gap_and_back() -> None:
    case, cast = filed_case()
    copies(case, 10)
    everything = [row.case.pk for row in queue.page(cast.officer, "all").rows]
    assert len(everything) == 11
    seen, cursor, pages = [], "", []
    while True:
        page = queue.page(cast.officer, "all", before=cursor, size=3)
        pages.append([row.case.pk for row in page.rows])
        seen += pages[-1]
        if not page.older:
            break
        cursor = page.older
    assert seen == everything
    back = queue.page(cast.officer, "all", after=page.newer, size=3)
    assert [row.case.pk for row in back.rows] == pages[-2]
    assert queue.page(cast.officer, "all", size=3).newer == ""


@pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1", "1-2-3", "9" * 30 + "-1", "1-" + "9" * 30, "１-１"])
def test_a_cursor_that_is_none_is_not_found(client: Client, cursor: str) -> None:
    client.force_login(Cast().officer)
    for name in ("before", "after"):
        assert client.get("/review/", {name: cursor}).status_code == 404


def test_an_unknown_tab_is_not_found(client: Client) -> None:
    client.force_login(Cast().officer)
    assert client.get("/review/?tab=secret").status_code == 404


def test_while_the_firm_corrects_the_list_shows_what_was_filed() -> None:
    case, cast = returned_case({"2.2.1": "請縮短期間"})
    Application.objects.filter(pk=case.pk).update(last_day="2026-12-31", lines=["dealer"])
    row = queue.page(cast.officer, "correction").rows[0]
    assert str(row.last_day) == "2027-02-28"
    assert row.lines == "受託買賣、自行買賣、結算及申報"
    Application.objects.filter(pk=case.pk).update(lines=case.lines)
    case.refresh_from_db()
    resubmit(case, cast, {"2.2.1": {"last_day": "2027-01-31"}})
    assert str(queue.page(cast.officer, "mine").rows[0].last_day) == "2027-01-31"


def test_the_page_takes_six_queries_at_most(client: Client, django_assert_max_num_queries: Any) -> None:
    case, cast = returned_case({"2.2.1": "請縮短期間"})
    copies(case, 30, status=Status.RETURNED, officer=cast.officer)
    client.force_login(cast.officer)
    with django_assert_max_num_queries(6):
        page = client.get("/review/?tab=correction")
    assert page.content.decode().count('scope="row"') == queue.PAGE
    assert "before=" in page.content.decode()


def test_a_firm_finds_nothing_here(client: Client) -> None:
    case, cast = filed_case()
    for user in (cast.preparer, cast.checker, person("firm_admin", firm=cast.firm), person("operator")):
        client.force_login(user)
        assert client.get("/review/").status_code == 404
        assert client.get(f"/review/{case.pk}/").status_code == 404
