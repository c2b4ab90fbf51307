"""Retention: what is over, who puts it up and who releases it, what goes and what stays."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from applications import urls
from applications.actions import following
from applications.actions.drafting import NotOpen, Unmet
from applications.actions.erasing import skeleton
from applications.actions.evidence import log_reading
from applications.enums import Status
from applications.lifecycle import record
from applications.models import (
    Application,
    Citation,
    Event,
    RosterEntry,
    Section,
    Setting,
    Submission,
)
from applications.verifying import verify
from reviews import retention
from reviews import urls as review_urls
from reviews.actions import casework, disposing
from reviews.models import Disposal, DisposalCase, LegalHold, Verdict
from tests.applications.emergencies import supplied
from tests.applications.ledgers import AT, People
from tests.applications.test_clocks import approved
from tests.applications.test_grants import as_portal
from tests.applications.test_isolation import addresses
from tests.bench.timing import statements
from tests.factories import PDF, Cast, attach, person
from tests.reviews.cases import text

pytestmark = pytest.mark.django_db

EXTENDED = datetime.fromisoformat("2027-02-01T10:00:00+08:00")
KEPT_UNTIL = date(2032, 2, 29)  # of a period that ends on 2027-02-28
OVER = datetime.fromisoformat("2032-03-01T09:00:00+08:00")
OVERDUE = OVER.date()


class House:
    """A firm with one approved case, as bare rows, and people of the exchange."""

    def __init__(self) -> None:
        self.firm = People()
        self.case = self.firm.approved(("dealer", "2026-12-01", "2027-02-28"))
        self.supervisor = person(Role.SUPERVISOR, name="林主管")
        self.other = person(Role.SUPERVISOR, name="趙覆核")
        self.auditor = person(Role.AUDITOR)
        self.officer = person(Role.OFFICER)
        self.operator = person(Role.OPERATOR)

    @property
    def others(self) -> list[User]:
        """Those who may neither put up nor release."""
        return [self.officer, self.auditor, self.operator, self.firm.checker]

    def follow(self) -> Application:
        """The draft of an extension that was never sent."""
        draft = self.firm.case("extension", Status.DRAFT, previous=self.case)
        draft.number = draft.submitted_at = None
        draft.save()
        return draft


def over(day: date = OVERDUE) -> list[list[int]]:
    return [[case.pk for case in chain.cases] for chain in retention.over(today=day)]


def put_up(cast: Cast | House, at: datetime = OVER) -> Disposal:
    basis = retention.basis(disposing.candidates(retention.over(today=timezone.localdate(at))))
    return disposing.propose(basis=basis, by=cast.supervisor, at=at)


def released(cast: Cast | House) -> Disposal:
    return disposing.release(disposal_id=put_up(cast).pk, by=person(Role.SUPERVISOR, name="錢覆核"), at=OVER)


def destroyed(cast: Cast) -> None:
    released(cast)
    assert disposing.destroy_released(at=OVER) > 0


# --- which, and when ----------------------------------------------------------


def test_kept_for_five_years_after_the_last_day_and_no_day_longer() -> None:
    house = House()
    assert over(KEPT_UNTIL) == []
    (chain,) = retention.over(today=KEPT_UNTIL + timedelta(days=1))
    assert (chain.ends_on, chain.kept_until, chain.cases) == (date(2027, 2, 28), KEPT_UNTIL, (house.case,))


def test_the_years_are_a_setting() -> None:
    House()
    Setting.objects.create(name="retention_years", value=7)
    assert over() == []
    assert len(over(date(2034, 3, 1))) == 1


def test_what_follows_goes_with_it_and_keeps_it() -> None:
    house = House()
    follower = house.follow()
    assert over() == [[house.case.pk, follower.pk]]
    late = datetime.fromisoformat("2029-05-05T10:00:00+08:00")
    record(follower, "save", by=house.firm.preparer, at=late)
    assert over() == []
    assert over(date(2034, 5, 5)) == []
    assert over(date(2034, 5, 6)) == [[house.case.pk, follower.pk]]


def test_a_follower_that_is_younger_than_the_time_of_keeping_keeps_the_chain() -> None:
    house = House()
    young = house.follow()
    Application.objects.filter(pk=young.pk).update(created_at=OVER - timedelta(days=30))
    assert over() == []
    young.delete()
    assert len(over()) == 1


def test_a_case_that_was_not_granted_counts_from_what_was_last_done_not_from_a_reading() -> None:
    firm = People()
    case = firm.case(status=Status.UNDER_REVIEW)
    auditor, officer = person(Role.AUDITOR), person(Role.OFFICER)
    record(case, "take", by=officer, at=datetime.fromisoformat("2027-01-04T23:59:59+08:00"))
    log_reading(case, 85, by=auditor, at=datetime.fromisoformat("2031-01-01T10:00:00+08:00"))
    assert over(date(2032, 1, 4)) == []
    assert over(date(2032, 1, 5)) == [[case.pk]]
    record(case, "note", by=officer, at=datetime.fromisoformat("2031-06-01T10:00:00+08:00"))
    assert over(date(2032, 1, 5)) == []


def test_looking_for_what_is_over_takes_as_many_queries_for_many_cases() -> None:
    counts = []
    for _ in range(2):
        House()
        with CaptureQueriesContext(connection) as captured:
            over()
        counts.append(len(statements(captured)))
    assert counts == [7, 7]


# --- two people ---------------------------------------------------------------


def test_who_puts_it_up_does_not_release_it() -> None:
    house = House()
    disposal = put_up(house)
    with pytest.raises(NotOpen):
        disposing.release(disposal_id=disposal.pk, by=house.supervisor, at=OVER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disposal.objects.filter(pk=disposal.pk).update(released_by=house.supervisor, released_at=OVER)
    assert disposing.destroy_released(at=OVER) == 0


def test_only_supervisors_may() -> None:
    house = House()
    for by in house.others:
        with pytest.raises(NotOpen):
            disposing.propose(basis="", by=by, at=OVER)
    disposal = put_up(house)
    for by in house.others:
        with pytest.raises(NotOpen):
            disposing.release(disposal_id=disposal.pk, by=by, at=OVER)
        with pytest.raises(NotOpen):
            disposing.cancel(disposal_id=disposal.pk, remark="x", by=by, at=OVER)


def test_a_case_is_put_up_once_and_a_list_that_changed_is_not_put_up() -> None:
    house = House()
    basis = retention.basis(disposing.candidates(retention.over(today=OVER.date())))
    House()
    with pytest.raises(disposing.Changed):
        disposing.propose(basis=basis, by=house.supervisor, at=OVER)
    put_up(house)
    with pytest.raises(disposing.Changed):
        disposing.propose(basis=basis, by=house.supervisor, at=OVER)
    row = DisposalCase.objects.earliest("id")
    with pytest.raises(IntegrityError), transaction.atomic():
        DisposalCase.objects.create(disposal=row.disposal, application=row.application, chain=1, kept_until=KEPT_UNTIL)


def test_what_was_not_released_is_kept_and_can_be_put_up_again() -> None:
    house = House()
    disposal = put_up(house)
    with pytest.raises(Unmet):
        disposing.cancel(disposal_id=disposal.pk, remark=" ", by=house.supervisor, at=OVER)
    disposing.cancel(disposal_id=disposal.pk, remark="訴訟中", by=house.supervisor, at=OVER)
    with pytest.raises(disposing.Changed):
        disposing.release(disposal_id=disposal.pk, by=house.other, at=OVER)
    assert disposing.destroy_released(at=OVER) == 0
    assert put_up(house).waiting


# --- legal hold ---------------------------------------------------------------


def test_a_hold_wins_before_and_after_the_release() -> None:
    house = House()
    case, follower = house.case, house.follow()
    disposing.hold(case_id=case.pk, reason="檢查局調卷", by=house.auditor, at=OVER)
    (chain,) = retention.over(today=OVER.date())
    assert chain.held
    with pytest.raises(disposing.Changed):
        put_up(house)
    disposing.lift(case_id=case.pk, reason="調卷完畢", by=house.auditor, at=OVER)
    released(house)
    disposing.hold(case_id=case.pk, reason="再調卷", by=house.supervisor, at=OVER)
    assert disposing.destroy_released(at=OVER) == 0
    assert set(DisposalCase.objects.values_list("application", "outcome")) == {
        (case.pk, "kept"),
        (follower.pk, "kept"),
    }
    assert not Application.objects.exclude(destroyed_at=None).exists()
    said = Event.objects.filter(what__in=["hold", "lift_hold"]).order_by("id")
    assert [(one.what, one.detail["reason"], one.shared) for one in said] == [
        ("hold", "檢查局調卷", False),
        ("lift_hold", "調卷完畢", False),
        ("hold", "再調卷", False),
    ]


def test_a_hold_is_one_at_a_time_and_says_why() -> None:
    house = House()
    case = house.case
    with pytest.raises(Unmet):
        disposing.hold(case_id=case.pk, reason=" ", by=house.auditor, at=OVER)
    with pytest.raises(disposing.Changed):
        disposing.lift(case_id=case.pk, reason="x", by=house.auditor, at=OVER)
    for by in (house.officer, house.operator):
        with pytest.raises((NotOpen, Application.DoesNotExist)):
            disposing.hold(case_id=case.pk, reason="x", by=by, at=OVER)
    disposing.hold(case_id=case.pk, reason="x", by=house.auditor, at=OVER)
    with pytest.raises(disposing.Changed):
        disposing.hold(case_id=case.pk, reason="x", by=house.auditor, at=OVER)
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalHold.objects.create(application=case, reason="x", set_by=house.auditor, set_at=OVER)


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
        f"案件 {case.pk}：第 1 次送件之雜湊或各節以外之欄位遭變更"
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
                        assert client.get(reverse(name, args=args)).status_code in {405, 410}, name
        for name in ("home", "ledger", "deadlines-overview", "notices"):
            client.force_login(cast.preparer)
            assert client.get(reverse(name)).status_code == 200
        for name in ("queue", "review-ledger", "review-ledger-csv", "deadlines-overview", "retention"):
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
