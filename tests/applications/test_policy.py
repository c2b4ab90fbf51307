"""Who sees which case, and that nobody signs off what is his own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.enums import Role
from accounts.models import Membership, User
from applications import policy
from applications.actions import drafting, evidence, filing
from applications.actions.drafting import NotOpen
from applications.enums import Action, Status
from applications.models import Application, Section
from tests.factories import FILED_AT, PDF, Cast, UserFactory, draft, filed_case, person, roster

pytestmark = [pytest.mark.once, pytest.mark.django_db]

SENT = {
    "submitted", "under_review", "returned", "correction_review", "corrected", "awaiting_signoff", "forwarded",
    "approved", "refused", "endorsed", "declined", "rejected", "withdrawn", "noticed", "documents_review",
    "pre_reviewed", "recorded",
}  # fmt: skip
UNSENT = {"draft", "internal_review", "internal_returned", "signed_off"}


@pytest.fixture(scope="module")
def world(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Any]:
    """A case in every status at each of two firms, and one withdrawn before it was sent."""
    with django_db_blocker.unblock(), transaction.atomic():
        casts = [Cast(), Cast()]
        for which, cast in enumerate(casts):
            for n, status in enumerate([*Status.values, "withdrawn"]):
                sent = status in SENT and n < len(Status.values)
                Application.objects.create(
                    firm=cast.firm,
                    kind="first",
                    version_id="112-10-03",
                    status=status,
                    number=f"WFH-115-{which}{n:04}" if sent else None,
                    submitted_at=FILED_AT if sent else None,
                    created_by=cast.preparer,
                    created_at=FILED_AT,
                    changed_at=FILED_AT,
                )
        yield casts
        transaction.set_rollback(True)


def seen(user: User) -> list[tuple[int, str, bool]]:
    return sorted((case.firm_id, case.status, case.number is not None) for case in policy.visible_to(user))


def everything(firm: Any) -> list[tuple[int, str, bool]]:
    rows = [(firm.pk, status, status in SENT) for status in Status.values]
    return sorted([*rows, (firm.pk, "withdrawn", False)])


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("role", ["preparer", "checker", "firm_admin"])
def test_visible_to_a_firm_is_its_own_in_every_status(world: Any, which: int, role: str) -> None:
    cast = world[which]
    assert seen(person(role, firm=cast.firm)) == everything(cast.firm)


@pytest.mark.parametrize("role", ["officer", "supervisor", "auditor"])
def test_visible_to_the_exchange_is_what_was_sent(world: Any, role: str) -> None:
    expected = [(cast.firm.pk, status, True) for cast in world for status in SENT]
    assert seen(person(role)) == sorted(expected)


def test_visible_to_the_operator_nobody_and_a_person_without_a_role_is_nothing(world: Any) -> None:
    assert Application.objects.count() == 2 * (len(Status.values) + 1)
    assert seen(person(Role.OPERATOR)) == []
    assert seen(UserFactory()) == []


def test_visible_to_somebody_with_roles_in_two_places_is_the_firms_alone(world: Any) -> None:
    """``Membership.clean`` forbids it; should it happen, a firm's person gets no exchange's view."""
    user = person(Role.PREPARER, firm=world[0].firm)
    Membership.objects.create(user=user, role=Role.SUPERVISOR)
    assert seen(user) == everything(world[0].firm)
    for case in Application.objects.all():
        assert not policy.may(user, "see_internal", case)
        assert not policy.may(user, Action.FORWARD, case)


def test_may_without_a_case_is_creating_by_preparers() -> None:
    cast = Cast()
    assert policy.may(cast.preparer, "create")
    for user in (cast.checker, cast.officer, cast.supervisor, cast.auditor, person(Role.OPERATOR), UserFactory()):
        assert not policy.may(user, "create")
    assert not policy.may(person(Role.PREPARER, firm=cast.firm, is_active=False), "create")


def test_may_report_is_for_preparers_and_checkers() -> None:
    cast = Cast()
    assert all(policy.may(user, "report") for user in (cast.preparer, cast.checker))
    for user in (cast.officer, cast.supervisor, cast.auditor, person(Role.OPERATOR), UserFactory()):
        assert not policy.may(user, "report")


def test_a_checker_writes_a_notice_that_is_not_given_and_nothing_else(world: Any) -> None:
    cast = world[0]
    for kind, number, writes in (("emergency", None, True), ("emergency", "WFH-115-9", False), ("first", None, False)):
        case = Application(firm=cast.firm, kind=kind, version_id="112-10-03", number=number, status="draft")
        assert policy.may(cast.checker, "edit", case) is writes, (kind, number)
        assert not policy.may(world[1].checker, "edit", case)


@pytest.mark.parametrize("status", Status.values)
def test_hand_over_of_what_was_submitted_is_of_what_an_officer_has(world: Any, status: str) -> None:
    """The documents of a notice wait for the officer who took it: another has to be able to step in."""
    cast = world[0]
    case = Application.objects.filter(firm=cast.firm, status=status).earliest("id")
    if status == "submitted":
        assert not policy.may(cast.supervisor, "reassign", case)
    case.officer = cast.officer
    in_hand = policy.IN_HAND | {"submitted", "noticed", "documents_review"}
    assert policy.may(cast.supervisor, "reassign", case) is (status in in_hand)
    assert policy.may(cast.officer, "hand_over", case) is (status in in_hand)
    assert not policy.may(cast.other_officer, "hand_over", case)


WRITABLE = {"draft", "internal_returned", "internal_review", "signed_off", "returned", "noticed", "documents_review"}


@pytest.mark.parametrize("status", Status.values)
def test_may_edit_in_each_status(world: Any, status: str) -> None:
    case = Application.objects.filter(firm=world[0].firm, status=status).earliest("id")
    assert policy.may(world[0].preparer, "edit", case) is (status in WRITABLE)
    for other in (world[0].checker, world[1].preparer, world[0].officer, world[0].supervisor, UserFactory()):
        assert not policy.may(other, "edit", case)


# --- the signer is another ----------------------------------------------------


def two_hats(cast: Cast) -> User:
    return person(Role.PREPARER, Role.CHECKER, firm=cast.firm, name="丙兩頂")


def sent(case: Application, by: User) -> Application:
    case.refresh_from_db()
    return filing.send_to_checker(case_id=case.pk, revision=case.revision, by=by, at=FILED_AT)


def refuses(case: Application, by: User) -> bool:
    """Neither sign-off nor filing, by rule and by deed."""
    with pytest.raises(NotOpen):
        filing.sign_off(case_id=case.pk, revision=case.revision, by=by, at=FILED_AT)
    with pytest.raises(NotOpen):
        filing.submit(case_id=case.pk, revision=case.revision, key="k", by=by, at=FILED_AT)
    return not policy.may(by, Action.SIGN_OFF, case)


def test_signer_is_not_who_sent_it_for_sign_off() -> None:
    cast = Cast()
    case = sent(draft(cast), hats := two_hats(cast))
    assert refuses(case, hats)
    filing.sign_off(case_id=case.pk, revision=case.revision, by=cast.checker, at=FILED_AT)


def test_signer_is_not_who_saved_a_section() -> None:
    cast = Cast()
    case, hats = draft(cast), two_hats(cast)
    section = Section.objects.get(application=case, section_id="2.2.9")
    drafting.save_section(
        case_id=case.pk, section_id="2.2.9", answers=section.answers, revision=1, by=hats, at=FILED_AT
    )
    assert refuses(sent(case, cast.preparer), hats)


def test_signer_is_not_who_saved_a_section_that_a_colleague_saved_after_him() -> None:
    cast = Cast()
    case, hats = draft(cast), two_hats(cast)
    section = Section.objects.get(application=case, section_id="2.2.9")
    for revision, by in ((1, hats), (2, cast.preparer)):
        drafting.save_section(
            case_id=case.pk, section_id="2.2.9", answers=section.answers, revision=revision, by=by, at=FILED_AT
        )
    assert not Section.objects.filter(application=case, saved_by=hats).exists()
    assert refuses(sent(case, cast.preparer), hats)


def test_signer_is_not_who_put_the_roster_or_the_evidence() -> None:
    cast = Cast()
    case = draft(cast)
    of_roster, of_evidence = two_hats(cast), two_hats(cast)
    evidence.replace_roster(case_id=case.pk, rows=roster(), revision=2, by=of_roster, at=FILED_AT)
    upload = SimpleUploadedFile("證明.pdf", PDF.read_bytes())
    evidence.cite(case_id=case.pk, item_id="2.2.9", by=of_evidence, at=FILED_AT, upload=upload)
    case = sent(case, cast.preparer)
    assert refuses(case, of_roster)
    assert refuses(case, of_evidence)


def test_signer_with_two_hats_may_sign_what_others_wrote() -> None:
    cast = Cast()
    case, hats = sent(draft(cast), cast.preparer), two_hats(cast)
    assert policy.may(hats, Action.SIGN_OFF, case)
    submission = filing.submit(case_id=case.pk, revision=case.revision, key="k", by=hats, at=FILED_AT)
    assert (submission.prepared_by, submission.signed_by) == (cast.preparer, hats)


def test_database_refuses_a_signer_who_prepared() -> None:
    case, cast = filed_case()
    for table, column in (("applications_application", "id"), ("applications_submission", "application_id")):
        with (
            pytest.raises(IntegrityError, match="signed_by_another"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE {table} SET signed_by_id = prepared_by_id WHERE {column} = %s", [case.pk])  # noqa: S608
    case.refresh_from_db()
    assert case.signed_by == cast.checker


def test_database_refuses_a_signer_without_a_time() -> None:
    case, _cast = filed_case()
    with pytest.raises(IntegrityError, match="case_signed_who_and_when"), transaction.atomic():
        Application.objects.filter(pk=case.pk).update(signed_at=None)
    with pytest.raises(IntegrityError, match="case_signed_who_and_when"), transaction.atomic():
        Application.objects.filter(pk=case.pk).update(prepared_by=None)


def test_database_refuses_a_number_without_a_time_of_submission() -> None:
    case, _cast = filed_case()
    with pytest.raises(IntegrityError, match="case_number_with_submission"), transaction.atomic():
        Application.objects.filter(pk=case.pk).update(submitted_at=None)


# --- files ----------------------------------------------------------------------


def test_filed_is_what_a_submission_cites_and_what_the_exchange_put_there(client: Client) -> None:
    cast = Cast()
    case = draft(cast)
    at = datetime.fromisoformat("2026-11-06T09:00:00+08:00")

    def upload(name: str, by: User) -> Any:
        return evidence.store(case, SimpleUploadedFile(name, PDF.read_bytes()), by=by, at=at)

    cited = case.attachments.get()
    never_cited, of_the_exchange = upload("草稿附件.pdf", cast.preparer), upload("來函.pdf", cast.officer)
    filed_later = upload("補正.pdf", cast.preparer)
    assert not policy.filed(cited)
    assert policy.filed(of_the_exchange)
    case = sent(case, cast.preparer)
    filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.checker, at=FILED_AT)
    assert [policy.filed(one) for one in (cited, never_cited, of_the_exchange, filed_later)] == [
        True, False, True, False,
    ]  # fmt: skip
    for user, file, status in (
        (cast.officer, cited, 200), (cast.officer, never_cited, 404), (cast.preparer, never_cited, 200),
        (Cast().preparer, cited, 404),
    ):  # fmt: skip
        client.force_login(user)
        answer = client.get(f"/files/{file.pk}/")
        assert (user.name, file.name, answer.status_code) == (user.name, file.name, status)
        if status == 200:
            assert b"".join(answer.streaming_content) == PDF.read_bytes()  # type: ignore[attr-defined]


def test_filed_after_the_uploader_left_the_firm_stays_the_firms() -> None:
    cast = Cast()
    case = draft(cast)
    leaver = person(Role.PREPARER, firm=cast.firm)
    file = evidence.store(case, SimpleUploadedFile("x.pdf", PDF.read_bytes()), by=leaver, at=FILED_AT)
    leaver.memberships.all().delete()
    file.refresh_from_db()
    assert not policy.filed(file)


# --- whose turn it is -------------------------------------------------------------


def test_is_up_follows_the_case() -> None:
    cast = Cast()
    case = draft(cast)
    assert (policy.is_up(cast.preparer, case), policy.is_up(cast.checker, case)) == (True, False)
    case = sent(case, cast.preparer)
    assert (policy.is_up(cast.preparer, case), policy.is_up(cast.checker, case)) == (False, True)
    case = filing.sign_off(case_id=case.pk, revision=case.revision, by=cast.checker, at=FILED_AT)
    assert (policy.is_up(cast.preparer, case), policy.is_up(cast.checker, case)) == (True, True)
    filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.preparer, at=FILED_AT)
    case.refresh_from_db()
    assert (policy.is_up(cast.preparer, case), policy.is_up(cast.checker, case)) == (False, False)
    assert policy.is_up(cast.officer, case)
