"""改列: a case is put under the kind that it is, with a reason that the firm sees."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from applications import notify
from applications.actions import filing
from applications.actions.drafting import NotOpen, Unmet, open_items
from applications.enums import Status
from applications.lifecycle import Conflict
from applications.models import Application, ApprovedPeriod, Event, Outbox, Submission
from reviews import verdicts
from reviews.actions import casework, judging, reclassifying
from reviews.letters import correction_letter, forwarding_letter
from tests.applications.ledgers import People
from tests.applications.pages import parse, text_of
from tests.applications.test_added_line import filed as added_filed
from tests.applications.test_filing_races import at_once
from tests.factories import Cast, judge_all, resubmit, said, taken_case
from tests.reviews.cases import later
from tests.reviews.pre_reviews import confirm, file, formal, pre_reviewed

pytestmark = pytest.mark.django_db

REASON = "受託買賣業務前已核准並屆滿，應為再申請。"


def people(cast: Cast) -> People:
    found = People.__new__(People)
    found.firm, found.preparer, found.checker = cast.firm, cast.preparer, cast.checker
    return found


def with_past(*lines: str) -> tuple[Application, Application, Cast]:
    """A first application in the officer's hands, of a firm whose lines had periods that are over."""
    case, cast = taken_case()
    before = people(cast).approved(*((line, "2026-01-01", "2026-03-31") for line in lines or case.lines))
    filed = Submission.objects.get(application=case)
    filed.pk, filed.application = None, before
    filed._state.adding = True
    filed.save()
    return case, before, cast


def deed(case: Application, cast: Cast, kind: str = "renewal", **more: Any) -> Application:
    case.refresh_from_db()
    given = {"revision": case.revision, "reason": REASON, "by": cast.officer, "at": later(case)}
    return reclassifying.reclassify(case_id=case.pk, kind=kind, **given | more)


def kinds(case: Application) -> list[tuple[str, int | None]]:
    return [(kind.id, follows) for kind, follows in reclassifying.targets(case, later(case))]


def test_targets_come_from_the_version_and_the_ledger() -> None:
    case, cast = taken_case()
    assert kinds(case) == [("pre_review", None)]
    before = people(cast).approved(("brokerage", "2026-01-01", "2026-03-31"), ("dealer", "2026-01-01", "2026-03-31"))
    assert kinds(case) == [("pre_review", None)]  # clearing had none
    latest = people(cast).approved(("clearing", "2026-02-01", "2026-04-30"))
    assert kinds(case) == [("pre_review", None), ("renewal", latest.pk)]
    Application.objects.filter(pk=case.pk).update(lines=["brokerage"])
    case.refresh_from_db()
    assert kinds(case) == [("pre_review", None), ("renewal", before.pk)]
    running = people(cast).approved(("dealer", "2026-10-01", "2026-12-31"))
    assert kinds(case) == [("pre_review", None), ("renewal", before.pk), ("added_line", running.pk)]
    for kind in ("extension", "emergency"):
        Application.objects.filter(pk=case.pk).update(kind=kind)
        case.refresh_from_db()
        assert kinds(case) == []


def test_kind_changes_and_the_firm_is_told_why() -> None:
    case, before, cast = with_past()
    case = deed(case, cast)
    assert (case.kind, case.previous_id, case.status, case.inherits) == ("renewal", before.pk, "under_review", False)
    event = Event.objects.get(application=case, what="reclassify")
    assert (event.shared, said(event)) == (True, {"kinds": ["first", "renewal"], "reason": REASON})
    assert Outbox.objects.filter(application=case, what="reclassify").count() == 1
    assert notify.told("reclassify") == (notify.FIRM, (), False)


def test_only_the_officer_in_charge_while_it_is_in_hand() -> None:
    case, _before, cast = with_past()
    for user in (cast.supervisor, cast.auditor, cast.checker, cast.preparer, Cast().preparer):
        with pytest.raises(NotOpen):
            deed(case, cast, by=user)
    with pytest.raises(Conflict):
        deed(case, cast, by=cast.other_officer)
    with pytest.raises(Conflict):
        deed(case, cast, revision=case.revision - 1)
    for status in set(Status) - {Status.UNDER_REVIEW, Status.CORRECTED}:
        Application.objects.filter(pk=case.pk).update(status=status)
        with pytest.raises(Conflict):
            deed(case, cast)
    Application.objects.filter(pk=case.pk).update(status=Status.CORRECTED)
    assert deed(case, cast).kind == "renewal"


@pytest.mark.parametrize(
    ("kind", "reason", "field"),
    [
        ("renewal", " ", "reason"),
        ("renewal", "字" * 2001, "reason"),
        ("extension", REASON, "kind"),
        ("first", REASON, "kind"),
    ],
)
def test_what_cannot_be(kind: str, reason: str, field: str) -> None:
    case, _before, cast = with_past()
    with pytest.raises(Unmet) as unmet:
        deed(case, cast, kind, reason=reason)
    assert [name for name, _text in unmet.value.problems] == [field]
    assert Application.objects.get(pk=case.pk).kind == "first"


def test_what_the_kind_asks_besides_opens_with_the_correction() -> None:
    case, _before, cast = with_past()
    judge_all(case, by=cast.officer, at=later(case))
    case = deed(case, cast)
    now = verdicts.read(case)
    assert list(verdicts.not_filed(case, now)) == ["2.1.2.need"]
    with pytest.raises(Unmet) as unmet:
        judging.recommend(
            case_id=case.pk, revision=case.revision, outcome="forward", reasons="x", by=cast.officer, at=later(case)
        )
    said = "貳、一（二）：類型變更後應填報，尚未送件；請退請補正"
    assert unmet.value.problems == (("2.1.2.need", said),)
    letter = correction_letter(case, now)
    assert f"本案申請類型由「首次申請」改列為「延展期滿後再申請」，理由：{REASON}" in letter
    assert "1. 貳、一（二） 實施居家辦公之必要性評估" in letter
    assert "本案改列為「延展期滿後再申請」，請填報本項。" in letter
    judging.return_for_correction(
        case_id=case.pk, revision=case.revision, basis=now.basis, letter=letter,
        due_on=later(case).date() + timedelta(days=10), by=cast.officer, at=later(case),
    )  # fmt: skip
    case.refresh_from_db()
    assert open_items(case) == {"2.1.2.need"}
    with pytest.raises(filing.Incomplete):
        filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=later(case))


def test_what_was_filed_stays_where_the_kind_would_take_it_over() -> None:
    """A first application that is an added line: the pages that were filed remain its own."""
    case, cast = taken_case()
    Application.objects.filter(pk=case.pk).update(lines=["dealer"])
    running = people(cast).approved(("brokerage", "2026-10-01", "2027-01-31"))
    case.refresh_from_db()
    case = deed(case, cast, "added_line")
    assert (case.previous_id, case.inherits) == (running.pk, True)
    filed = set(verdicts.read(case).content["pages"]) - {"3.1", "3.3"}  # of lines that it does not ask for
    assert {page.id for page in case.pages} == filed
    assert verdicts.not_filed(case, verdicts.read(case)) == {}
    about, _paragraphs = forwarding_letter(verdicts.read(case), "")
    assert about


def test_an_added_line_becomes_a_first_application_with_what_stood_before() -> None:
    previous, case, cast = added_filed()
    at = case.changed_at + timedelta(hours=1)
    from_officer = {"at": at, "by": cast.officer}
    case = taken(case, cast, at)
    ApprovedPeriod.objects.filter(application=previous).update(last_day=date(2026, 12, 2))
    assert [kind.id for kind, _follows in reclassifying.targets(case, at)] == ["first"]
    case = deed(case, cast, "first", **from_officer)
    assert (case.kind, case.previous_id, case.opened) == ("first", None, [])
    besides = {case.version.section_of(item).id for item in verdicts.not_filed(case, verdicts.read(case))}
    assert besides == {"1", "2.2.6", "2.2.7", "2.2.9", "2.2.11", "2.2.12", "3.4", "3.5", "3.6"}
    taken_over = {one.section_id: one.saved_by for one in case.sections.filter(section_id__in=besides)}
    assert set(taken_over) == besides
    assert set(taken_over.values()) == {cast.preparer}  # not the officer


def test_what_a_pre_review_left_open_has_to_be_mended_in_the_kind_that_it_is() -> None:
    """Else the firm could neither mend it nor file a correction of anything else."""
    open_ones = {"2.2.5.3": {"text": ""}}
    case, cast = taken_case(kind="pre_review", changes=open_ones)
    assert list(verdicts.read(case).unready) == ["2.2.5.3"]
    judge_all(case, by=cast.officer, at=later(case))
    case = deed(case, cast, "first")
    now = verdicts.read(case)
    assert list(verdicts.not_filed(case, now)) == ["2.2.5.3"]
    judging.return_for_correction(
        case_id=case.pk, revision=case.revision, basis=now.basis, letter="請補正",
        due_on=later(case).date() + timedelta(days=10), by=cast.officer, at=later(case),
    )  # fmt: skip
    case.refresh_from_db()
    assert resubmit(case, cast, {"2.2.5.3": {"text": "已補充"}}).number == 2
    case.refresh_from_db()
    now = verdicts.read(case)
    assert verdicts.not_filed(case, now) == {}
    assert [one.item_id for one in now.unjudged] == ["2.2.5.3"]


def test_verdicts_of_the_pre_review_stay_with_a_case_that_follows_another_now() -> None:
    before, cast = pre_reviewed()
    case, at = formal(before, cast), before.changed_at + timedelta(hours=2)
    confirm(case, cast, at=at)
    file(case, cast, at=at)
    case.refresh_from_db()
    case = taken(case, cast, at)
    standing = {one.item_id: (one.verdict, one.by) for one in verdicts.read(case).findings.values()}
    people(cast).approved(*((line, "2026-01-01", "2026-03-31") for line in case.lines))
    case = deed(case, cast)
    assert (case.kind, case.from_pre_review) == ("renewal", False)
    now = verdicts.read(case)
    assert {one.item_id: (one.verdict, one.by) for one in now.findings.values()} == standing
    assert now.unjudged == []


def taken(case: Application, cast: Cast, at: datetime) -> Application:
    return casework.take(case_id=case.pk, revision=case.revision, by=cast.officer, at=at)


def test_page_offers_what_can_be_and_both_sides_see_the_reason(client: Client) -> None:
    case, _before, cast = with_past()
    url = reverse("review-reclassify", args=[case.pk])
    with time_machine.travel(later(case), tick=False):
        client.force_login(cast.officer)
        assert url in client.get(reverse("review-case", args=[case.pk])).content.decode()
        page = client.get(url)
        assert [value for value, _label in page.context["form"].fields["kind"].choices] == ["pre_review", "renewal"]
        data = {"revision": case.revision, "kind": "renewal", "reason": REASON}
        empty = client.post(url, {"revision": case.revision, "reason": REASON})
        assert "請選擇可改列之類型" in text_of(parse(empty))
        assert empty.context["form"]["reason"].value() == REASON
        assert client.post(url, data).status_code == 302
        stale = client.post(url, data)
        assert stale.status_code == 409
        assert REASON in stale.content.decode()
        assert "辦理「改列申請類型」，案件目前為「審查中」" in text_of(parse(stale))
        client.force_login(cast.preparer)
        text = text_of(parse(client.get(reverse("case", args=[case.pk]))))
        assert "本案申請類型已由「首次申請」改列為「延展期滿後再申請」" in text
        assert REASON in text
        for user, status in ((cast.supervisor, 403), (cast.preparer, 404), (Cast().checker, 404)):
            client.force_login(user)
            assert client.get(url).status_code == status
            assert client.post(url, data).status_code == (409 if status == 403 else 404)  # it is stale besides


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_of_two_at_once_one_wins() -> None:
    case, _before, cast = with_past()
    for _round in range(5):
        case.refresh_from_db()
        other = "renewal" if case.kind == "first" else "first"
        at, revision = later(case), case.revision

        def one(kind: str = other, at: datetime = at, revision: int = revision) -> str:
            return reclassifying.reclassify(
                case_id=case.pk, revision=revision, kind=kind, reason=REASON, by=cast.officer, at=at
            ).kind

        assert sorted(at_once([one, one])) == sorted(["Conflict", other])
    assert Event.objects.filter(what="reclassify").count() == 5
