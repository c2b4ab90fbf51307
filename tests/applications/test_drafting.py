"""Saving is lenient and loses nothing; corrections open the named items alone; marks follow what they depend on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.enums import Role
from applications.actions import drafting, evidence, filing
from applications.actions.drafting import (
    NotOpen,
    Stale,
    create_draft,
    lock_page,
    open_items,
    save_locked,
    save_section,
)
from applications.enums import Mark
from applications.forms.section import SectionForm
from applications.lifecycle import Conflict
from applications.models import Application, Event, Outbox, RosterEntry, Section
from guideline.catalogue import load
from tests.factories import FILED_AT, VERSION, Cast, draft, person, returned_case, roster

pytestmark = pytest.mark.django_db

LATER = FILED_AT + timedelta(minutes=5)
PERIOD = {"first_day": "2026-11-30", "last_day": "2027-02-28"}


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def case(cast: Cast) -> Application:
    return create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)


def save(case: Application, by: Any, section: str, revision: int, answers: dict[str, Any], **more: Any) -> Section:
    return save_section(
        case_id=case.pk, section_id=section, answers=answers, revision=revision, by=by, at=LATER, **more
    )


def mark(case: Application, section: str) -> str:
    return Section.objects.get(application=case, section_id=section).mark


def test_create_draft_is_under_the_version_in_force(case: Application, cast: Cast) -> None:
    assert (case.status, case.version_id, case.kind, case.number, case.revision) == ("draft", VERSION, "first", None, 0)
    assert (case.created_by, case.created_at, case.changed_at) == (cast.preparer, FILED_AT, FILED_AT)
    event = Event.objects.get()
    assert (event.what, event.actor, event.at, event.before, event.after) == ("create", cast.preparer, FILED_AT, "", "")


@pytest.mark.parametrize("who", ["checker", "officer", "supervisor", "auditor"])
def test_create_draft_by_another_role_is_not_open(cast: Cast, who: str) -> None:
    with pytest.raises(NotOpen):
        create_draft(firm=cast.firm, by=getattr(cast, who), at=FILED_AT)
    assert not Application.objects.exists()


def test_create_draft_for_another_firm_is_not_open(cast: Cast) -> None:
    with pytest.raises(NotOpen):
        create_draft(firm=Cast().firm, by=cast.preparer, at=FILED_AT)


# --- saving --------------------------------------------------------------------


def test_save_keeps_what_cannot_be_read_as_it_was_typed(case: Application, cast: Cast) -> None:
    typed = {"2.2.1": {"answer": "yes", "first_day": "十一月卅日", "last_day": "115/13/45"}}
    section = save(case, cast.preparer, "2.2.1", 0, typed)
    section.refresh_from_db()
    assert section.answers == typed
    assert (section.revision, section.mark, section.saved_by, section.saved_at) == (1, "started", cast.preparer, LATER)
    case.refresh_from_db()
    assert (case.first_day, case.last_day) == (None, None)


@pytest.mark.parametrize("typed", ["20261130", "2026-W48-1", "115/11/31", "昨天", "9999/12/31", "1/1/1", "0"])
def test_save_of_what_is_no_date_is_shown_again_as_typed(case: Application, cast: Cast, typed: str) -> None:
    page = load(VERSION).section("2.2.1")
    kwargs: dict[str, Any] = {
        "page": page, "version": load(VERSION), "lines": (), "licensed": (), "allowed": frozenset({"2.2.1"}),
    }  # fmt: skip
    form = SectionForm(data={"2_2_1__first_day": typed}, **kwargs)
    assert form.is_valid() is False
    assert form.errors == {"2_2_1__first_day": ["請輸入日期，例如 115/11/30"]}
    saved = save(case, cast.preparer, "2.2.1", 0, form.answers())
    again = SectionForm(initial=SectionForm.initial_of(saved.answers), **kwargs)
    assert f'value="{typed}"' in str(again["2_2_1__first_day"])
    case.refresh_from_db()
    assert case.first_day is None


def test_save_repeats_period_and_lines_on_the_case(case: Application, cast: Cast) -> None:
    save(case, cast.preparer, "2.2.1", 0, {"2.2.1": {"answer": "yes", **PERIOD}})
    save(case, cast.preparer, "2.2.3", 0, {"2.2.3": {"answer": "yes", "lines": ["clearing", "brokerage", "x"]}})
    case.refresh_from_db()
    assert (case.first_day, case.last_day) == (date(2026, 11, 30), date(2027, 2, 28))
    assert case.lines == ["brokerage", "clearing"]
    assert case.revision == 0
    save(case, cast.preparer, "2.2.1", 1, {"2.2.1": {}})
    case.refresh_from_db()
    assert (case.first_day, case.last_day) == (None, None)


def test_save_with_an_old_revision_is_stale_and_loses_nothing(case: Application, cast: Cast) -> None:
    save(case, cast.preparer, "2.2.9", 0, {"2.2.9": {"text": "甲"}})
    colleague = person(Role.PREPARER, firm=cast.firm)
    for revision in (0, 2, -1):
        with pytest.raises(Stale) as stale:
            save(case, colleague, "2.2.9", revision, {"2.2.9": {"text": "乙"}})
        assert stale.value.section.answers == {"2.2.9": {"text": "甲"}}
        assert stale.value.section.revision == 1
    section = Section.objects.get()
    assert (section.answers, section.revision, section.saved_by) == ({"2.2.9": {"text": "甲"}}, 1, cast.preparer)
    assert Event.objects.filter(what="save").count() == 1


def test_save_that_waited_for_the_lock_does_not_write_over_what_came_before(case: Application, cast: Cast) -> None:
    """The page was read before somebody else's save, the lock was had after it."""
    save(case, cast.preparer, "2.2.9", 0, {"2.2.9": {"text": "甲"}})
    found = lock_page(case.pk, "2.2.9", by=cast.preparer)
    assert found is not None
    save(case, cast.preparer, "2.2.9", 1, {"2.2.9": {"text": "先"}})
    answers = {"2.2.9": {"text": "後"}}
    with pytest.raises(Stale) as stale, transaction.atomic():
        save_locked(found.application, "2.2.9", answers=answers, revision=1, by=cast.preparer, at=FILED_AT, found=found)
    assert (stale.value.section.answers, stale.value.section.revision) == ({"2.2.9": {"text": "先"}}, 2)
    section = Section.objects.get()
    assert (section.answers, section.revision) == ({"2.2.9": {"text": "先"}}, 2)


def test_page_is_locked_for_its_own_firm_alone(case: Application, cast: Cast) -> None:
    save(case, cast.preparer, "2.2.9", 0, {"2.2.9": {"text": "甲"}})
    assert lock_page(case.pk, "2.2.9", by=cast.checker) is not None
    assert lock_page(case.pk, "2.2.8", by=cast.preparer) is None  # nothing is saved there
    for stranger in (Cast().preparer, cast.officer):
        assert lock_page(case.pk, "2.2.9", by=stranger) is None


def test_save_of_a_first_page_with_a_wrong_revision_is_stale(case: Application, cast: Cast) -> None:
    with pytest.raises(Stale) as stale:
        save(case, cast.preparer, "2.2.9", 3, {"2.2.9": {"text": "乙"}})
    assert stale.value.section.revision == 0
    assert not Section.objects.exists()


def test_save_records_which_items_changed(case: Application, cast: Cast) -> None:
    save(case, cast.preparer, "3.6", 0, {"3.6": {"text": "甲"}})
    save(case, cast.preparer, "3.6", 1, {"3.6": {"text": "甲"}})
    first, second = Event.objects.filter(what="save")
    assert first.detail == {"section": "3.6", "items": ["3.6"]}
    assert second.detail == {"section": "3.6", "items": []}
    assert not first.shared


def test_save_by_a_colleague_goes_on(case: Application, cast: Cast) -> None:
    save(case, cast.preparer, "2.2.9", 0, {"2.2.9": {"text": "甲"}})
    colleague = person(Role.PREPARER, firm=cast.firm)
    section = save(case, colleague, "2.2.9", 1, {"2.2.9": {"text": "甲乙"}})
    assert (section.revision, section.saved_by) == (2, colleague)


@pytest.mark.parametrize("who", ["checker", "officer", "supervisor", "auditor"])
def test_save_by_another_role_is_not_open(case: Application, cast: Cast, who: str) -> None:
    with pytest.raises(NotOpen):
        save(case, getattr(cast, who), "2.2.9", 0, {"2.2.9": {"text": "甲"}})
    with pytest.raises(NotOpen):
        save(case, Cast().preparer, "2.2.9", 0, {"2.2.9": {"text": "甲"}})
    assert not Section.objects.exists()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("internal_review", Conflict), ("signed_off", Conflict), ("submitted", NotOpen), ("under_review", NotOpen),
        ("returned", NotOpen), ("correction_review", NotOpen), ("corrected", NotOpen), ("awaiting_signoff", NotOpen),
        ("forwarded", NotOpen), ("approved", NotOpen), ("refused", NotOpen), ("rejected", NotOpen),
        ("withdrawn", NotOpen),
    ],
)  # fmt: skip
def test_save_in_a_status_that_is_closed(case: Application, cast: Cast, status: str, error: type[Exception]) -> None:
    Application.objects.filter(pk=case.pk).update(status=status)
    for more in ({}, {"reopen": False}):
        with pytest.raises(error):
            save(case, cast.preparer, "2.2.9", 0, {"2.2.9": {"text": "甲"}}, **more)
    assert not Section.objects.exists()
    case.refresh_from_db()
    assert case.status == status


@pytest.mark.parametrize("how", ["save", "roster", "cite", "uncite"])
def test_edit_voids_the_sign_off(cast: Cast, how: str) -> None:
    case = draft(cast)
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
    case = filing.sign_off(case_id=case.pk, revision=case.revision, by=cast.checker, at=FILED_AT)
    common: dict[str, Any] = {"case_id": case.pk, "by": cast.preparer, "at": LATER}
    file, citation = case.attachments.get(), case.citations.get(item_id="2.2.9")
    section = Section.objects.get(application=case, section_id="2.2.9")
    deeds: dict[str, Any] = {
        "save": lambda **more: save_section(
            section_id="2.2.9", answers=section.answers, revision=section.revision, **common, **more
        ),
        "roster": lambda **more: evidence.replace_roster(rows=roster(), revision=2, **common, **more),
        "cite": lambda **more: evidence.cite(item_id="2.2.9", attachment_id=file.pk, place="2", **common, **more),
        "uncite": lambda **more: evidence.change_citation(citation_id=citation.pk, remove=True, **common, **more),
    }
    with pytest.raises(Conflict) as refused:
        deeds[how]()
    assert refused.value.case.status == "signed_off"
    case.refresh_from_db()
    assert (case.status, case.signed_by) == ("signed_off", cast.checker)
    deeds[how](reopen=True)
    case.refresh_from_db()
    assert (case.status, case.signed_by, case.signed_at, case.prepared_by) == ("draft", None, None, None)
    event = Event.objects.get(what="reopen")
    assert (event.before, event.after, event.actor) == ("signed_off", "draft", cast.preparer)
    with pytest.raises(Conflict):
        filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.checker, at=LATER)


def test_edit_that_is_stale_does_not_void_the_sign_off(cast: Cast) -> None:
    case = draft(cast)
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
    with pytest.raises(Stale):
        save(case, cast.preparer, "2.2.9", 0, {"2.2.9": {}}, reopen=True)
    case.refresh_from_db()
    assert (case.status, case.prepared_by) == ("internal_review", cast.preparer)


# --- correction -------------------------------------------------------------------


def test_correction_opens_named_items_alone() -> None:
    case, cast = returned_case({"2.2.5.3": "請補充", "3.6": "請說明"})
    assert open_items(case) == {"2.2.5.3", "3.6"}
    section = Section.objects.get(application=case, section_id="2.2.5")
    before = dict(section.answers)
    posted = {item: {"answer": "no", "text": "改了", "note": "改了"} for item in before}
    save(case, cast.preparer, "2.2.5", section.revision, posted)
    section.refresh_from_db()
    assert section.answers["2.2.5.3"] == posted["2.2.5.3"]
    assert {k: v for k, v in section.answers.items() if k != "2.2.5.3"} == {
        k: v for k, v in before.items() if k != "2.2.5.3"
    }
    assert Event.objects.filter(what="save").latest("id").detail == {"section": "2.2.5", "items": ["2.2.5.3"]}


def test_correction_keeps_other_pages_the_roster_and_other_evidence_closed() -> None:
    case, cast = returned_case({"2.2.5.3": "請補充"})
    common: dict[str, Any] = {"case_id": case.pk, "by": cast.preparer, "at": LATER}
    with pytest.raises(NotOpen):
        save(case, cast.preparer, "2.2.9", 1, {"2.2.9": {"text": "改了"}})
    with pytest.raises(NotOpen):
        evidence.replace_roster(rows=(), revision=2, **common)
    file = case.attachments.get()
    with pytest.raises(NotOpen):
        evidence.cite(item_id="2.2.9", attachment_id=file.pk, place="9", **common)
    # another item of the same page: nothing happens
    assert evidence.cite(item_id="2.2.5.4", attachment_id=file.pk, place="9", **common) is None
    other = case.citations.filter(item_id="2.2.5.4").first() or case.citations.get(item_id="2.2.5.1")
    evidence.change_citation(citation_id=other.pk, remove=True, **common)
    assert case.citations.filter(pk=other.pk).exists()
    assert evidence.cite(item_id="2.2.5.3", attachment_id=file.pk, place="9", **common) is not None
    assert RosterEntry.objects.filter(application=case).count() == 85


def test_correction_of_the_roster_opens_it() -> None:
    case, cast = returned_case({"2.2.2": "請更正名冊"})
    rows = [replace(row, title="襄理") for row in roster()]
    evidence.replace_roster(case_id=case.pk, rows=rows, revision=2, by=cast.preparer, at=LATER)
    assert set(RosterEntry.objects.filter(application=case).values_list("title", flat=True)) == {"襄理"}


def test_correction_that_is_with_the_checker_is_closed() -> None:
    case, cast = returned_case({"3.6": "請說明"})
    section = Section.objects.get(application=case, section_id="3.6")
    answers = {"3.6": section.answers["3.6"] | {"text": "已說明"}}
    save(case, cast.preparer, "3.6", section.revision, answers)
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=LATER)
    with pytest.raises(NotOpen):
        save(case, cast.preparer, "3.6", section.revision + 1, answers, reopen=True)
    case = filing.return_to_preparer(
        case_id=case.pk, revision=case.revision, by=cast.checker, at=LATER, reason="再看一次"
    )
    assert case.status == "returned"
    save(case, cast.preparer, "3.6", section.revision + 1, answers)


# --- marks ------------------------------------------------------------------------


def test_mark_is_complete_when_nothing_is_wanting(cast: Cast) -> None:
    case = draft(cast)
    section = Section.objects.get(application=case, section_id="2.2.9")
    assert save(case, cast.preparer, "2.2.9", 1, section.answers).mark == Mark.COMPLETE
    assert save(case, cast.preparer, "2.2.9", 2, {"2.2.9": {}}).mark == Mark.STARTED


def test_mark_of_a_line_section_is_judged_again_when_lines_change(cast: Cast) -> None:
    case = draft(cast)
    drafting.remark(case, today=FILED_AT.date())
    assert mark(case, "2.2.4") == "complete"
    section = Section.objects.get(application=case, section_id="2.2.4")
    less = {"2.2.4": section.answers["2.2.4"] | {"procedures": section.answers["2.2.4"]["procedures"][:1]}}
    assert save(case, cast.preparer, "2.2.4", 1, less).mark == Mark.STARTED  # a row for each of three lines is wanted
    lines = Section.objects.get(application=case, section_id="2.2.3")
    key = less["2.2.4"]["procedures"][0]["key"]
    save(case, cast.preparer, "2.2.3", 1, {"2.2.3": lines.answers["2.2.3"] | {"lines": [key]}})
    assert mark(case, "2.2.4") == "complete"
    save(case, cast.preparer, "2.2.3", 2, lines.answers)
    assert mark(case, "2.2.4") == "started"


def test_mark_is_judged_again_when_the_period_changes(cast: Cast) -> None:
    case = draft(cast)
    drafting.remark(case, today=FILED_AT.date())
    assert mark(case, "2.2.6") == "complete"  # tests passed before the first day
    period = Section.objects.get(application=case, section_id="2.2.1").answers["2.2.1"]
    earlier = period | {"first_day": "2026-01-01", "last_day": "2026-03-31"}
    save(case, cast.preparer, "2.2.1", 1, {"2.2.1": earlier})
    assert mark(case, "2.2.6") == "started"
    save(case, cast.preparer, "2.2.1", 2, {"2.2.1": period})
    assert mark(case, "2.2.6") == "complete"


def test_mark_is_judged_again_when_the_roster_changes(cast: Cast) -> None:
    case = draft(cast)
    assert mark(case, "2.2.2") == "complete"
    none_senior = [replace(row, senior=False) for row in roster()]
    evidence.replace_roster(case_id=case.pk, rows=none_senior, revision=2, by=cast.preparer, at=LATER)
    assert mark(case, "2.2.2") == "started"
    evidence.replace_roster(case_id=case.pk, rows=roster(), revision=3, by=cast.preparer, at=LATER)
    assert mark(case, "2.2.2") == "complete"
    case.refresh_from_db()
    assert case.staff_at_home == sum(row.at_home for row in roster())


def test_mark_is_judged_again_when_evidence_goes(cast: Cast) -> None:
    case = draft(cast)
    drafting.remark(case, today=FILED_AT.date())
    assert mark(case, "2.2.8") == "complete"
    citation = case.citations.get(item_id="2.2.8")
    evidence.change_citation(case_id=case.pk, citation_id=citation.pk, remove=True, by=cast.preparer, at=LATER)
    assert mark(case, "2.2.8") == "started"
    file = case.attachments.get()
    evidence.cite(case_id=case.pk, item_id="2.2.8", attachment_id=file.pk, by=cast.preparer, at=LATER)
    assert mark(case, "2.2.8") == "complete"


def test_saving_tells_nobody(case: Application, cast: Cast) -> None:
    save(case, cast.preparer, "2.2.9", 0, {"2.2.9": {"text": "甲"}})
    assert not Outbox.objects.exists()


def test_create_draft_uses_taipei_s_day(cast: Cast) -> None:
    at = datetime.fromisoformat("2023-10-02T16:00:00+00:00")  # midnight of the announcement's day in Taipei
    assert create_draft(firm=cast.firm, by=cast.preparer, at=at).version_id == VERSION
