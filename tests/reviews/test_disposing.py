"""What goes of a case and what stays, and the pages from the preview to the deed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import urls
from applications.actions import following
from applications.actions.drafting import NotOpen
from applications.actions.erasing import skeleton
from applications.enums import Status
from applications.lifecycle import record
from applications.models import (
    Application,
    Citation,
    Event,
    RosterEntry,
    Section,
    Submission,
)
from applications.verifying import verify
from reviews import urls as review_urls
from reviews.actions import casework, disposing
from reviews.models import Disposal, DisposalCase, Verdict
from reviews.queue import cases_in
from tests.applications.emergencies import supplied
from tests.applications.ledgers import AT
from tests.applications.test_clocks import approved
from tests.applications.test_grants import as_portal
from tests.applications.test_isolation import addresses
from tests.bench.timing import statements
from tests.factories import PDF, attach
from tests.reviews.cases import text
from tests.reviews.retained import EXTENDED, OVER, House, destroyed, put_up, released

pytestmark = pytest.mark.django_db


# --- what goes, what stays ----------------------------------------------------


def test_content_goes_and_the_skeleton_stays(tmp_path: Path) -> None:
    case, cast = approved()
    before = Submission.objects.get(application=case)
    hashes = before.content["hashes"]
    names = {one.file.name for one in case.attachments.all()}
    events = list(Event.objects.filter(application=case).values_list("id", "what", "detail"))
    destroyed(cast)
    case.refresh_from_db()
    assert (case.destroyed_at, case.status, case.number) == (OVER, Status.APPROVED, case.number)
    for model in (Section, RosterEntry, Citation):
        assert not model.objects.filter(application=case).exists()
    after = Submission.objects.get(application=case)
    assert after.sha256 == before.sha256
    assert (after.content["hashes"], after.content["roster"], after.content["answers"]) == (hashes, [], {})
    assert "陳" not in json.dumps(after.content["roster"]) + json.dumps(after.content.get("evidence"))
    assert not Verdict.objects.filter(submission=after).exclude(comment="").exists()
    assert Verdict.objects.filter(submission=after, verdict="ok").exists()
    assert set(case.attachments.values_list("file", "name")) == {("", "")}
    assert all(len(one.sha256) == 64 for one in case.attachments.all())
    assert not [name for name in names if default_storage.exists(name)]
    assert case.decision.document_number
    assert case.periods.count() == 3
    assert [str(fault) for fault in verify(only=case.pk, place=tmp_path)] == []
    Submission.objects.filter(pk=after.pk).update(payload=after.payload.replace("WFH", "WFX"))
    assert [str(fault) for fault in verify(only=case.pk, place=tmp_path)] == [
        f"案件 {case.number}（編號 {case.pk}）：第 1 次送件之雜湊或各節以外之欄位遭變更"
    ]
    now = list(Event.objects.filter(application=case).values_list("id", "what", "detail"))
    assert now[: len(events)] == events
    (_, what, detail) = now[-1]
    assert (what, detail["submissions"], detail["released_by"], detail["people"]) == (
        "destroy",
        {"1": before.sha256},
        "錢覆核",
        85,
    )


@pytest.mark.postgres
def test_the_portal_s_role_takes_content_out_of_what_was_released_and_of_nothing_else() -> None:
    house = House()
    submission = Submission.objects.create(
        application=house.case,
        number=1,
        payload='{"version":"112-10-03"}',
        sha256="0" * 64,
        prepared_by=house.firm.preparer,
        signed_by=house.firm.checker,
        submitted_by=house.firm.checker,
        submitted_at=AT,
        idempotency_key="k",
    )
    with as_portal():
        put_up(house)
        with pytest.raises(DatabaseError, match="no disposal"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT reviews_leave_payload(%s, '')", [submission.pk])
        disposing.release(disposal_id=Disposal.objects.get().pk, by=house.other, at=OVER)
        assert disposing.destroy_released(at=OVER) == 1
    submission.refresh_from_db()
    assert submission.payload == skeleton('{"version":"112-10-03"}')


def test_the_same_bytes_of_another_case_stay() -> None:
    house = House()
    mine = attach(house.case, by=house.firm.preparer, at=AT)
    other = attach(house.firm.case(status=Status.DRAFT), by=house.firm.preparer, at=AT)
    Application.objects.filter(pk=other.application_id).update(created_at=OVER)
    assert mine.file.name == other.file.name
    released(house)
    assert disposing.destroy_released(at=OVER) == 1
    assert default_storage.exists(other.file.name)
    other.refresh_from_db()
    with default_storage.open(other.file.name) as kept:
        assert kept.read() == PDF.read_bytes()


def test_bytes_that_were_deleted_can_be_uploaded_again() -> None:
    house = House()
    name = attach(house.case, by=house.firm.preparer, at=AT).file.name
    released(house)
    assert disposing.destroy_released(at=OVER) == 1
    assert not default_storage.exists(name)
    again = attach(house.firm.case(status=Status.DRAFT), by=house.firm.preparer, at=OVER)
    assert again.file.name == name
    with default_storage.open(name) as kept:
        assert kept.read() == PDF.read_bytes()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_bytes_that_are_being_uploaded_are_not_deleted() -> None:
    """The upload has found them there and is not committed: nobody else sees its row, but who deletes waits for it."""
    house = House()
    name = attach(house.case, by=house.firm.preparer, at=AT).file.name
    other = house.firm.case(status=Status.DRAFT)
    Application.objects.filter(pk=other.pk).update(created_at=OVER)
    released(house)

    def destroy() -> int:
        try:
            return disposing.destroy_released(at=OVER)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            attach(other, by=house.firm.preparer, at=OVER)
            deed = pool.submit(destroy)
            while not deed.done() and not somebody_waits():
                sleep(0.01)
        assert deed.result(60) == 1
    assert Application.objects.get(pk=house.case.pk).destroyed_at == OVER
    assert default_storage.exists(name)


def somebody_waits() -> bool:
    """Whether a statement waits for a lock now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_killed_between_the_rows_and_the_files_it_is_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    case, names = house.case, [attach(house.case, by=house.firm.preparer, at=AT).file.name]
    released(house)

    def killed(name: str) -> None:
        raise KeyboardInterrupt(name)

    with monkeypatch.context() as patch:
        patch.setattr(disposing, "_delete", killed)
        with pytest.raises(KeyboardInterrupt):
            disposing.destroy_released(at=OVER)
    assert DisposalCase.objects.get().done_at is None
    assert all(default_storage.exists(name) for name in names)
    assert disposing.destroy_released(at=OVER + timedelta(hours=1)) == 1
    assert not any(default_storage.exists(name) for name in names)
    assert Event.objects.filter(application=case, what="destroy").count() == 1
    assert disposing.destroy_released(at=OVER + timedelta(hours=2)) == 0


def test_no_page_of_a_destroyed_case_fails_and_each_says_so(client: Client) -> None:
    """Whatever is asked of it by GET: what is left, 410, or what there never was."""
    first, cast = approved()
    second, _ = supplied(cast, ratified_later=True)
    following.extend(case_id=first.pk, by=cast.preparer, at=EXTENDED)
    destroyed(cast)
    assert Application.objects.exclude(destroyed_at=None).count() == 3
    exchange = [
        (str(one.name), one.pattern._route)  # type: ignore[union-attr]
        for one in review_urls.urlpatterns
        if str(one.pattern).startswith("<int:pk>/")
    ]
    with time_machine.travel(OVER):
        for case in (first, second):
            firm = addresses(case, case.attachments.earliest("id").pk)
            client.force_login(cast.preparer)
            gone = {name for name, address in firm.items() if _gone(client, address)}
            assert {"plan-pdf", "checklist-pdf", "receipt-pdf", "file", "submitted", "roster", "section"} <= gone
            assert {str(one.name) for one in urls.urlpatterns} >= gone
            page = client.get(reverse("case", args=[case.pk]))
            assert page.status_code == 200
            assert "已依保存期限銷毀" in text(page)
            assert Submission.objects.get(application=case).sha256 in text(page)
            for user in (cast.officer, cast.supervisor, cast.auditor):
                client.force_login(user)
                page = client.get(reverse("review-case", args=[case.pk]))
                assert page.status_code == 200
                assert "已依保存期限銷毀" in text(page)
                for name, route in exchange:
                    args: list[Any] = [case.pk, *({"int:number": 1, "str:section_id": "2.2.5"}[one] for one in
                                                  ("int:number", "str:section_id") if one in route)]  # fmt: skip
                    if "recommendation" not in route and name != "review-case":
                        no = 404 if name == "review-hold" and user == cast.officer else 410
                        assert client.get(reverse(name, args=args)).status_code in {405, no}, name
        for name in ("home", "ledger", "deadlines-overview", "notices"):
            client.force_login(cast.preparer)
            assert client.get(reverse(name)).status_code == 200
        for name in ("queue", "review-ledger", "deadlines-overview", "retention"):
            client.force_login(cast.supervisor)
            assert client.get(reverse(name)).status_code == 200


def _gone(client: Client, address: str) -> bool:
    answer = client.get(address)
    assert answer.status_code in {200, 302, 404, 405, 410}, address
    if answer.status_code == 410:
        assert "已依保存期限銷毀" in text(answer)
    return answer.status_code == 410


def test_nothing_can_be_done_with_a_destroyed_case() -> None:
    house = House()
    case = house.case
    released(house)
    disposing.destroy_released(at=OVER)
    case.refresh_from_db()
    with pytest.raises(NotOpen):
        disposing.hold(case_id=case.pk, reason="x", by=house.auditor, at=OVER)
    with pytest.raises(NotOpen):
        casework.add_note(case_id=case.pk, text="x", by=house.officer, at=OVER)


def test_a_destroyed_case_waits_for_nobody() -> None:
    house = House()
    waiting = house.firm.case(status=Status.SUBMITTED)
    record(waiting, "submit", by=house.firm.checker, at=AT)
    assert waiting in cases_in(house.officer, "unassigned")
    released(house)
    disposing.destroy_released(at=OVER)
    assert waiting not in cases_in(house.officer, "unassigned")
    assert waiting in cases_in(house.officer, "all")


# --- pages --------------------------------------------------------------------


def test_pages_from_the_preview_to_the_deed(client: Client) -> None:
    house = House()
    with time_machine.travel(OVER):
        client.force_login(house.supervisor)
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/review/retention/")
        assert len(statements(captured)) == 12
        assert str(house.case.number) in text(page)
        assert "保存 5 年（本系統參數，非指引所定）" in text(page)
        basis = text(page).split('name="basis" value="')[1].split('"')[0]
        stale = client.post("/review/retention/new/", {"basis": "x"})
        assert stale.status_code == 409
        page = client.post("/review/retention/new/", {"basis": basis}, follow=True)
        assert "須由另一位主管覆核" in text(page)
        disposal = Disposal.objects.get()
        assert client.post(f"/review/retention/{disposal.pk}/release/").status_code == 403
        client.force_login(house.other)
        page = client.post(f"/review/retention/{disposal.pk}/cancel/", {"remark": ""})
        assert "請填寫理由" in text(page)
        page = client.post(f"/review/retention/{disposal.pk}/release/", follow=True)
        assert "已覆核" in text(page)
        assert client.post(f"/review/retention/{disposal.pk}/release/").status_code == 409
        disposing.destroy_released(at=OVER)
        assert "已銷毀 1／1 件" in text(client.get(f"/review/retention/{disposal.pk}/"))


def test_pages_are_for_supervisors_and_auditors_alone(client: Client) -> None:
    house = House()
    disposal = put_up(house)
    for user in (house.firm.preparer, house.firm.checker, house.officer, house.operator):
        client.force_login(user)
        for path in ("", f"{disposal.pk}/"):
            assert client.get(f"/review/retention/{path}").status_code == 404
        for path in ("new/", f"{disposal.pk}/release/", f"{disposal.pk}/cancel/"):
            assert client.post(f"/review/retention/{path}", {"remark": "x"}).status_code == 404
    with time_machine.travel(OVER):
        client.force_login(house.auditor)
        assert client.get("/review/retention/").status_code == 200
        assert client.get(f"/review/retention/{disposal.pk}/").status_code == 200
        for path in ("new/", f"{disposal.pk}/release/", f"{disposal.pk}/cancel/"):
            assert client.post(f"/review/retention/{path}", {"remark": "x"}).status_code == 403
    disposal.refresh_from_db()
    assert disposal.waiting


def test_a_draft_that_was_never_sent_is_counted_but_not_shown(client: Client) -> None:
    house = House()
    follower = house.follow()
    with time_machine.travel(OVER):
        client.force_login(house.supervisor)
        page = text(client.get("/review/retention/"))
    assert "未送件之草稿 1 件" in page
    assert f"/review/{follower.pk}/" not in page
