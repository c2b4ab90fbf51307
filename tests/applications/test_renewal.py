"""延展期滿後再申請: filled in from the case before, each section kept or updated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applications import content
from applications.actions import carrying, drafting, evidence, filing, starting
from applications.actions.drafting import NotOpen, Stale, Unmet
from applications.actions.starting import Changed
from applications.enums import Carry
from applications.finding import Wanted
from applications.lifecycle import Conflict
from applications.models import Application, ApprovedPeriod, Deadline, Section, Submission
from reviews.actions import casework
from tests.applications.ledgers import People
from tests.applications.pages import form, parse, text_of
from tests.applications.test_clocks import approved
from tests.applications.test_filing_races import at_once
from tests.factories import PDF, Cast

pytestmark = pytest.mark.django_db

AT = datetime.fromisoformat("2027-03-15T10:00:00+08:00")  # the period ended on 28 February
FIRST, LAST = date(2027, 4, 1), date(2027, 6, 30)
ALL = ("brokerage", "dealer", "clearing")
WANTED = Wanted(ALL, FIRST)
NEED = {
    "assessed_on": "2027-03-10",
    "assessor": "風險管理委員會",
    "why": "大樓仍受管制，原期間辦理順利。",
    "prospect": "",
}


def renew(at: datetime = AT, wanted: Wanted = WANTED) -> tuple[Application, Application, Cast]:
    """The case before, the draft of its renewal, their people."""
    previous, cast = approved()
    case = starting.start(firm=cast.firm, wanted=wanted, kind="renewal", follows=previous.pk, by=cast.preparer, at=at)
    return previous, case, cast


def row(case: Application, section_id: str) -> Section:
    return Section.objects.get(application=case, section_id=section_id)


def save(case: Application, cast: Cast, section_id: str, changes: dict[str, dict[str, Any]], at: datetime = AT) -> None:
    found = Section.objects.filter(application=case, section_id=section_id).first()
    answers = dict(found.answers) if found else {}
    for item_id, values in changes.items():
        answers[item_id] = answers.get(item_id, {}) | values
    drafting.save_section(
        case_id=case.pk, section_id=section_id, answers=answers, revision=found.revision if found else 0,
        by=cast.preparer, at=at,
    )  # fmt: skip


def complete(case: Application, cast: Cast, at: datetime = AT) -> None:
    """The new period, the necessity, a new training and test, everything else as it stands."""
    period = {"first_day": FIRST.isoformat(), "last_day": LAST.isoformat(), "answer": "yes", "text": "期間"}
    save(case, cast, "2.2.1", {"2.2.1": period}, at)
    save(case, cast, "2.1.2.need", {"2.1.2.need": NEED}, at)
    upload = SimpleUploadedFile("評估紀錄.pdf", PDF.read_bytes())
    evidence.cite(case_id=case.pk, item_id="2.1.2.need", upload=upload, place="1", by=cast.preparer, at=at)
    for section in case.sections.filter(carry=Carry.OFFERED):
        carrying.keep(
            case_id=case.pk, section_id=section.section_id, revision=section.revision, by=cast.preparer, at=at
        )


def filed(changes: dict[str, Any] | None = None) -> tuple[Application, Application, Cast]:
    """Filed with nothing updated but these sections (section -> item -> field -> value)."""
    previous, case, cast = renew()
    for section_id, values in (changes or {}).items():
        save(case, cast, section_id, values)
    complete(case, cast)
    case.refresh_from_db()
    filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=AT)
    case.refresh_from_db()
    filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.checker, at=AT)
    case.refresh_from_db()
    return previous, case, cast


def test_draft_is_filled_in_but_for_the_period_and_every_section_is_to_be_confirmed() -> None:
    previous, case, _cast = renew()
    assert (case.kind, case.previous, case.status, case.first_day) == ("renewal", previous, "draft", None)
    assert tuple(case.lines) == ALL
    rows = {one.section_id: one.carry for one in case.sections.all()}
    before = [page.id for page in previous.pages if page.id != "2.2.1"]
    assert rows == dict.fromkeys(before, "offered")
    assert [page.id for page in case.pages] == ["1", "2.1.2.need", "2.2.1", *(one for one in before if one != "1")]
    assert case.roster.count() == previous.roster.count() == 85
    assert case.staff_at_home == previous.staff_at_home > 0
    assert case.citations.count() == previous.citations.exclude(item_id="2.2.1").count()
    assert {one.mark for one in case.sections.all()} == {"started"}
    whole = content.read(case, today=AT.date())
    asked = {page for page, found in whole.problems.items() if any("沿用前案或更新" in one.message for one in found)}
    assert asked == set(before)


def test_of_some_lines_alone() -> None:
    _previous, case, _cast = renew(wanted=Wanted(("brokerage",), FIRST))
    assert case.lines == ["brokerage"]
    assert not case.sections.filter(section_id__in=["3.2", "3.3"]).exists()
    assert row(case, "2.2.3").answers["2.2.3"]["lines"] == ["brokerage"]
    assert row(case, "2.2.3").carry == "updated"  # it is not what was asked for then
    assert [one["key"] for one in row(case, "2.2.4").answers["2.2.4"]["procedures"]] == ["brokerage"]


def test_section_is_kept_as_it_stands_once() -> None:
    _previous, case, cast = renew()
    deed: dict[str, Any] = {"case_id": case.pk, "section_id": "2.2.9", "at": AT}
    before = row(case, "2.2.9")
    for user in (cast.checker, cast.officer, Cast().preparer):
        with pytest.raises(NotOpen):
            carrying.keep(**deed, revision=before.revision, by=user)
    with pytest.raises(Stale):
        carrying.keep(**deed, revision=0, by=cast.preparer)
    kept = carrying.keep(**deed, revision=before.revision, by=cast.preparer)
    assert (kept.carry, kept.mark, kept.answers) == ("kept", "complete", before.answers)
    assert case.events.get(what="keep_section").detail == {"section": "2.2.9"}
    with pytest.raises(Conflict):
        carrying.keep(**deed, revision=kept.revision, by=cast.preparer)
    with pytest.raises(Conflict):  # it was not filled in
        carrying.keep(**{**deed, "section_id": "2.2.1"}, revision=0, by=cast.preparer)


def test_who_kept_a_section_does_not_sign_off() -> None:
    _previous, case, cast = renew()
    both = cast.checker
    both.memberships.create(role="preparer", firm=cast.firm)
    both = type(both).objects.get(pk=both.pk)
    carrying.keep(case_id=case.pk, section_id="2.2.9", revision=1, by=both, at=AT)
    assert case.events.get(what="keep_section").actor == both
    complete(case, cast)
    case.refresh_from_db()
    filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=AT)
    case.refresh_from_db()
    with pytest.raises(NotOpen):
        filing.submit(case_id=case.pk, revision=case.revision, key="k", by=both, at=AT)


@pytest.mark.parametrize("at", ["2027-06-01T10:00:00+08:00"])
def test_training_that_has_aged_cannot_be_kept(at: str, client: Client) -> None:
    """The last session was on 2026-10-27: its half year is over."""
    later = datetime.fromisoformat(at)
    _previous, case, cast = renew(at=later, wanted=Wanted(ALL, date(2027, 6, 15)))
    with pytest.raises(Unmet) as unmet:
        carrying.keep(case_id=case.pk, section_id="2.2.12", revision=1, by=cast.preparer, at=later)
    why = "最近一次教育訓練之 6 個月期間已於 116 年 4 月 27 日 屆滿，請補辦並填寫新場次"
    assert unmet.value.problems == (("2.2.12", why),)
    assert row(case, "2.2.12").carry == "offered"
    with time_machine.travel(later, tick=False):
        client.force_login(cast.preparer)
        answer = client.post(reverse("keep", args=[case.pk, "2.2.12"]), {"revision": 1}, follow=True)
        assert f"「教育訓練及宣導紀錄」不能沿用：{why}" in text_of(parse(answer))
        # saving it as it stands does not confirm it either
        save(case, cast, "2.2.12", {}, later)
    assert (row(case, "2.2.12").carry, row(case, "2.2.12").mark) == ("offered", "started")


def test_saving_says_what_became_of_a_section() -> None:
    _previous, case, cast = renew()
    save(case, cast, "2.2.9", {})
    assert row(case, "2.2.9").carry == "kept"
    save(case, cast, "2.2.9", {"2.2.9": {"text": "另一種作法"}})
    assert row(case, "2.2.9").carry == "updated"


def _cite(case: Application, cast: Cast) -> None:
    upload = SimpleUploadedFile("新.pdf", PDF.read_bytes())
    evidence.cite(case_id=case.pk, item_id="2.2.6", upload=upload, place="2", by=cast.preparer, at=AT)


def _uncite(case: Application, cast: Cast) -> None:
    cited = case.citations.filter(item_id="2.2.6").earliest("id")
    evidence.change_citation(case_id=case.pk, citation_id=cited.pk, remove=True, by=cast.preparer, at=AT)


def _people(case: Application, cast: Cast) -> None:
    evidence.replace_roster(case_id=case.pk, rows=[], revision=1, by=cast.preparer, at=AT)


@pytest.mark.parametrize(("deed", "section_id"), [(_cite, "2.2.6"), (_uncite, "2.2.6"), (_people, "2.2.2")])
def test_other_evidence_or_people_make_it_another_section(
    deed: Callable[[Application, Cast], None], section_id: str
) -> None:
    _previous, case, cast = renew()
    deed(case, cast)
    assert row(case, section_id).carry == "updated"
    assert row(case, "2.2.9").carry == "offered"


def test_nothing_is_sent_before_all_is_confirmed_and_the_need_is_assessed() -> None:
    _previous, case, cast = renew()
    with pytest.raises(filing.Incomplete) as incomplete:
        filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=AT)
    problems = incomplete.value.whole.problems
    assert all(problems.values())
    assert {one.field for one in problems["2.1.2.need"]} == {"assessed_on", "assessor", "why", "evidence"}
    complete(case, cast)
    assert content.read(Application.objects.get(pk=case.pk), today=AT.date()).complete


def test_submission_says_what_was_kept_and_what_was_updated() -> None:
    previous, case, _cast = filed()
    said = Submission.objects.get(application=case).content
    assert said["previous"] == previous.number
    assert said["carry"] == {page.id: "kept" for page in previous.pages if page.id != "2.2.1"}
    assert (case.number, case.status) == ("WFH-116-00001", "submitted")


def test_filing_answers_the_day_of_the_case_before_and_withdrawal_opens_it_again() -> None:
    previous, case, cast = filed()
    day = Deadline.objects.get(application=previous, what="filing")
    assert (day.state, day.done_on) == ("done", AT.date())
    filing.withdraw(case_id=case.pk, revision=case.revision, by=cast.checker, at=AT, reason="不再需要")
    day.refresh_from_db()
    assert (day.state, day.done_on) == ("open", None)


def test_reviewer_sees_old_beside_new_where_it_was_updated(client: Client) -> None:
    _previous, case, cast = filed({"2.2.9": {"2.2.9": {"text": "自本次起改由稽核室每週抽查。"}}})
    casework.take(case_id=case.pk, revision=case.revision, by=cast.officer, at=AT)
    with time_machine.travel(AT, tick=False):
        client.force_login(cast.officer)
        page = client.get(reverse("review-section", args=[case.pk, "2.2.9"]))
        kept = client.get(reverse("review-section", args=[case.pk, "2.2.8"]))
        whole = text_of(parse(client.get(reverse("review-case", args=[case.pk]))))
    text = text_of(parse(page))
    assert "與前案比較：更新" in text
    assert "前案 WFH-115-00001" in text
    assert page.context["rows"][0].old.text != page.context["rows"][0].view.text == "自本次起改由稽核室每週抽查。"
    assert "與前案比較：沿用" in text_of(parse(kept))
    assert [one.old for one in kept.context["rows"]] == [None]
    assert "防範利益衝突及違規之措施：更新" in whole


# --- (十一): a year ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("periods", "needed"),
    [
        ((), False),
        ((("first", "2026-06-30", "2026-11-29"),), True),  # with the sample's own period and the renewal: a year
        ((("emergency", "2026-06-30", "2026-11-29"),), True),  # of an emergency too
        ((("first", "2026-06-30", "2026-11-20"),), False),  # a working day between breaks the chain
    ],
)
def test_risk_assessment_is_due_when_the_chain_reaches_a_year(
    periods: tuple[tuple[str, str, str], ...], needed: bool
) -> None:
    previous, cast = approved()
    others = People.__new__(People)
    others.firm, others.preparer, others.checker = cast.firm, cast.preparer, cast.checker
    for kind, first, last in periods:
        others.approved(("brokerage", first, last), case=others.case(kind=kind))
    # it goes on without a gap
    ApprovedPeriod.objects.filter(application=previous).update(last_day=FIRST - timedelta(days=1))
    at = datetime.fromisoformat("2027-03-15T10:00:00+08:00")
    case = starting.start(firm=cast.firm, wanted=WANTED, kind="renewal", follows=previous.pk, by=cast.preparer, at=at)
    save(case, cast, "2.2.1", {"2.2.1": {"first_day": FIRST.isoformat(), "last_day": LAST.isoformat()}})
    save(case, cast, "2.2.11", {"2.2.11": {"answer": "na", "note": "未滿一年"}})
    case.refresh_from_db()
    found = [one.message for one in content.read(case, today=AT.date()).problems["2.2.11"]]
    assert ("連續居家辦公期間將於 {reached} 滿一年，請選「是」並填寫風險評估" in found) is needed


# --- starting it -------------------------------------------------------------------


def test_what_changed_since_the_page_was_drawn_is_not_started() -> None:
    previous, case, cast = renew()
    deed: dict[str, Any] = {"firm": cast.firm, "wanted": WANTED, "by": cast.preparer, "at": AT}
    with pytest.raises(Changed) as changed:  # a second one
        starting.start(**deed, kind="renewal", follows=previous.pk)
    assert [one.case for one in changed.value.found.closed if one.case] == [case.pk]
    for kind, follows in (("first", None), ("renewal", None), ("extension", previous.pk), ("emergency", None), ("", 0)):
        with pytest.raises(Changed):
            starting.start(**deed, kind=kind, follows=follows)
    for user in (cast.checker, cast.officer, Cast().preparer):
        with pytest.raises(NotOpen):
            starting.start(**{**deed, "by": user}, kind="renewal", follows=previous.pk)
    assert Application.objects.filter(kind="renewal").count() == 1


def test_all_reasons_why_a_line_has_no_way_stand_in_one_notice(client: Client) -> None:
    _previous, case, cast = renew()
    query = {"lines": case.lines[:1], "first_day": "116/02/01", "emergency": "no", "opinion": "no"}
    with time_machine.travel(AT, tick=False):
        client.force_login(cast.preparer)
        page = client.get(reverse("start"), query)
    assert len(page.context["closed"]) > 1
    assert page.content.decode().count('class="notice notice--warning"') == 1


def test_from_the_question_to_the_task_list(client: Client) -> None:
    previous, cast = approved()
    query = {"lines": list(ALL), "first_day": "116/04/01", "emergency": "no", "opinion": "no"}
    with time_machine.travel(AT, tick=False):
        client.force_login(cast.preparer)
        page = client.get(reverse("start"), query)
        assert [one["way"].kind.id for one in page.context["ways"]] == ["renewal"]
        data = form(page, reverse("create"))
        answer = client.post(reverse("create"), data)
        case = Application.objects.get(kind="renewal")
        assert answer.headers["Location"] == reverse("case", args=[case.pk])
        again = client.post(reverse("create"), data)
        assert again.status_code == 409
        text = text_of(parse(again))
        assert "情況在您開啟這一頁之後已有變更" in text
        assert f"已有辦理中之延展期滿後再申請案 草稿 {case.pk}，請接續辦理。" in text
        assert again.context["form"]["first_day"].value() == "116/04/01"
        tasks = client.get(reverse("case", args=[case.pk]))
        action = reverse("keep", args=[case.pk, "2.2.9"])
        assert client.post(action, form(tasks, action)).status_code == 302
        assert client.post(action, form(tasks, action)).status_code == 409
    assert row(case, "2.2.9").carry == "kept"
    assert case.previous == previous


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_of_two_at_once_one_starts_a_case() -> None:
    """The firm's lock: the other finds the draft that is there."""
    previous, cast = approved()

    def begin() -> str:
        try:
            deed: dict[str, Any] = {"firm": cast.firm, "wanted": WANTED, "by": cast.preparer, "at": AT}
            starting.start(**deed, kind="renewal", follows=previous.pk)
        except Changed as changed:
            return str(len([one for one in changed.found.closed if one.case]))
        return "started"

    for count in range(1, 4):
        assert sorted(at_once([begin, begin])) == ["1", "started"]
        (case,) = Application.objects.filter(kind="renewal", status="draft")
        filing.withdraw(case_id=case.pk, revision=case.revision, by=cast.preparer, at=AT, reason="再來一次")
        assert Application.objects.filter(kind="renewal").count() == count
