"""新增業務範疇: only what it touches is asked; the rest is inherited, visible, and can be opened."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from applications import ledger, standing
from applications.actions import drafting, evidence, filing, following, starting
from applications.actions.drafting import NotOpen
from applications.facts import aligned_day
from applications.finding import Wanted
from applications.models import Application, ApprovedPeriod, Citation, Deadline, Section, Submission
from reviews.actions import deciding
from reviews.demo import sample
from tests.applications.ledgers import at_home
from tests.applications.pages import parse, text_of
from tests.factories import FILED_AT, Cast, attach, draft, roster
from tests.reviews.cases import decide, forward, scan

pytestmark = pytest.mark.django_db

AT = datetime.fromisoformat("2026-12-01T10:00:00+08:00")
FIRST, LAST = date(2026, 12, 15), date(2027, 2, 28)  # the same last day as the lines that run
RUNNING = ["brokerage", "clearing"]
ASKED = ["2.2.1", "2.2.2", "2.2.3", "2.2.4", "2.2.5", "2.2.8", "2.2.10", "3.2"]


def later(case: Application) -> dict[str, Any]:
    case.refresh_from_db()
    return {"case_id": case.pk, "revision": case.revision, "at": AT}


def running() -> tuple[Application, Cast]:
    """Brokerage and clearing are approved; the traders are on site."""
    cast = Cast()
    procedures = [one for one in sample.answers()["2.2.4"]["procedures"] if one["key"] in RUNNING]
    case = draft(cast, changes={"2.2.3": {"lines": RUNNING}, "2.2.4": {"procedures": procedures}})
    people = [row for row in roster() if "dealer" not in row.lines]
    evidence.replace_roster(
        case_id=case.pk, rows=people, revision=case.sections.get(section_id="2.2.2").revision, by=cast.preparer,
        at=FILED_AT,
    )  # fmt: skip
    case.refresh_from_db()
    filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
    case.refresh_from_db()
    filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.checker, at=FILED_AT)
    forward(case, cast, FILED_AT)
    decide(case, cast)
    case.refresh_from_db()
    return case, cast


def added(lines: tuple[str, ...] = ("dealer",)) -> tuple[Application, Application, Cast]:
    previous, cast = running()
    case = starting.start(
        firm=cast.firm, wanted=Wanted(lines, FIRST), kind="added_line", follows=previous.pk, by=cast.preparer, at=AT
    )
    return previous, case, cast


def save(case: Application, cast: Cast, section_id: str, changes: dict[str, dict[str, Any]]) -> Section:
    found = Section.objects.filter(application=case, section_id=section_id).first()
    answers = dict(found.answers) if found else {}
    for item_id, values in changes.items():
        answers[item_id] = answers.get(item_id, {}) | values
    return drafting.save_section(
        case_id=case.pk, section_id=section_id, answers=answers, revision=found.revision if found else 0,
        by=cast.preparer, at=AT,
    )  # fmt: skip


def complete(case: Application, cast: Cast) -> None:
    """The sample's answers for the line that is added, its traders on the roster."""
    answers = sample.answers()
    days = {"first_day": FIRST.isoformat(), "last_day": LAST.isoformat()}
    save(case, cast, "2.2.1", {"2.2.1": answers["2.2.1"] | days})
    save(case, cast, "2.2.3", {"2.2.3": {"answer": "yes", "text": "新增自行買賣"}})
    procedures = [one for one in answers["2.2.4"]["procedures"] if one["key"] == "dealer"]
    save(case, cast, "2.2.4", {"2.2.4": answers["2.2.4"] | {"procedures": procedures}})
    for section_id in ("2.2.5", "3.2"):
        page = case.version.section(section_id)
        save(case, cast, section_id, {item.id: answers[item.id] for item in page.items})
    file = attach(case, by=cast.preparer, at=AT)
    Citation.objects.bulk_create(
        Citation(application=case, item_id=item.id, attachment=file, place="1")
        for item in case.version.section("3.2").items
    )
    revision = case.sections.get(section_id="2.2.2").revision
    evidence.replace_roster(case_id=case.pk, rows=roster(), revision=revision, by=cast.preparer, at=AT)
    case.refresh_from_db()


def filed() -> tuple[Application, Application, Cast]:
    previous, case, cast = added()
    complete(case, cast)
    filing.send_to_checker(**later(case), by=cast.preparer)
    filing.submit(**later(case), key="k", by=cast.checker)
    case.refresh_from_db()
    return previous, case, cast


def test_only_what_it_touches_is_asked_and_filled_in() -> None:
    previous, case, _cast = added()
    assert (case.kind, case.previous, case.lines, case.first_day) == ("added_line", previous, ["dealer"], None)
    assert [page.id for page in case.pages] == ASKED
    rows = {one.section_id: one for one in case.sections.all()}
    assert sorted(rows) == ["2.2.10", "2.2.2", "2.2.3", "2.2.4", "2.2.5", "2.2.8"]
    assert {one.carry for one in rows.values()} == {""}
    assert rows["2.2.3"].answers == {"2.2.3": {"lines": ["dealer"]}}
    assert rows["2.2.4"].answers["2.2.4"]["procedures"] == []  # those of the other lines stand in their own case
    assert case.roster.count() == previous.roster.count() > 0
    assert case.staff_at_home == previous.staff_at_home


def test_the_rest_stands_is_visible_and_can_be_opened(client: Client) -> None:
    previous, case, cast = added()
    open_to = ("1", "2.2.6", "2.2.7", "2.2.9", "2.2.11", "2.2.12", "3.4", "3.5", "3.6")
    assert following.inherited(case) == open_to
    assert following.standing(case) == (*open_to[:6], "3.1", "3.3", *open_to[6:])
    with time_machine.travel(AT, tick=False):
        client.force_login(cast.preparer)
        page = client.get(reverse("inherited", args=[case.pk]))
    assert [one.page.id for one in page.context["views"]] == list(following.standing(case))
    assert sample.answers()["3.1.5"]["text"] in page.content.decode().replace("&#x27;", "'")
    for section_id in ("3.1", "2.2.1", "2.2.4"):  # of a line that goes on; asked already
        with pytest.raises(NotOpen):
            following.open_section(**later(case), section_id=section_id, by=cast.preparer)
    case = following.open_section(**later(case), section_id="2.2.12", by=cast.preparer)
    assert "2.2.12" in [one.id for one in case.pages]
    taken = case.sections.get(section_id="2.2.12").answers["2.2.12"]
    assert taken["sessions"] == previous.sections.get(section_id="2.2.12").answers["2.2.12"]["sessions"] != []


def test_staff_of_the_lines_that_run_may_be_at_home() -> None:
    _previous, case, cast = added()
    complete(case, cast)
    assert case.sections.get(section_id="2.2.2").mark == "complete"
    ApprovedPeriod.objects.filter(line="clearing").update(last_day=date(2026, 12, 10))  # over before the first day
    drafting.remark(case, today=AT.date())
    assert case.sections.get(section_id="2.2.2").mark == "started"


def test_line_that_runs_is_refused_with_a_message() -> None:
    _previous, case, cast = added()
    row = save(case, cast, "2.2.3", {"2.2.3": {"answer": "yes", "text": "x", "lines": ["dealer", "clearing"]}})
    page = case.version.section("2.2.3")
    _facts, problems = drafting.examine_page(row.application, page, row.answers, today=AT.date())
    assert [(one.message[:21], one.params["line"].zh) for one in problems] == [
        ("「{line}」已有進行中或尚未開始之期間", "結算及申報作業")
    ]


def test_end_may_be_aligned_with_the_lines_that_run(client: Client) -> None:
    _previous, case, cast = added()
    assert aligned_day(case) == date(2027, 2, 28)
    with time_machine.travel(AT, tick=False):
        client.force_login(cast.preparer)
        page = client.get(reverse("section", args=[case.pk, "2.2.1"]))
    assert "與原期間同日屆滿：116 年 2 月 28 日" in text_of(parse(page))
    case.first_day = date(2026, 11, 20)  # three months do not reach it
    assert aligned_day(case) is None
    case.first_day = date(2027, 3, 1)
    assert aligned_day(case) is None


def test_submission_holds_its_own_pages_and_what_stands_is_both() -> None:
    previous, case, _cast = filed()
    said = Submission.objects.get(application=case).content
    assert (said["pages"], said["lines"], said["previous"]) == (ASKED, ["dealer"], previous.number)
    whole = standing.filed(case)
    assert set(whole["pages"]) == {page.id for page in case.version.pages_of("first")}
    assert [one["key"] for one in whole["answers"]["2.2.4"]["procedures"]] == ["brokerage", "clearing", "dealer"]
    assert len(whole["roster"]) == 85


def test_reviewer_sees_what_stands(client: Client) -> None:
    _previous, case, cast = filed()
    with time_machine.travel(AT, tick=False):
        client.force_login(cast.officer)
        page = client.get(reverse("review-case", args=[case.pk]))
        assert [one.id for one, _title in page.context["stands"]] == list(following.standing(case))
        assert client.get(reverse("inherited", args=[case.pk])).status_code == 200
    assert [one.page.id for one in page.context["progress"]] == ASKED


def test_approval_writes_the_added_line_alone_with_a_clock_of_its_own() -> None:
    previous, case, cast = filed()
    before = {one.key: (one.due_on, one.state) for one in Deadline.objects.filter(application=previous)}
    forward(case, cast, AT)
    deciding.record_decision(
        case_id=case.pk, revision=case.revision, approved=True, document_number="金管證券字第1150009998號",
        dated=AT.date(), conditions="", periods={"dealer": (FIRST, LAST)}, scan=scan(), by=cast.officer, at=AT,
    )  # fmt: skip
    spans = [(one.line, one.first_day, one.last_day) for one in case.periods.all()]
    assert spans == [("dealer", FIRST, LAST)]
    assert {one.key: (one.due_on, one.state) for one in Deadline.objects.filter(application=previous)} == before
    assert {one.application_id for one in at_home(FIRST)} == {previous.pk, case.pk}
    case.refresh_from_db()
    assert ledger.extension_open(case, AT).open
    assert Deadline.objects.get(application=case, what="expiry").due_on == LAST
    # its own duties, and those of what it inherits (3.5.4)
    whats = set(Deadline.objects.filter(application=case).values_list("what", flat=True))
    assert {"recording_dealer", "violations"} <= whats
    assert "recording_brokerage" not in whats


def test_a_second_added_line_goes_on_from_the_first() -> None:
    previous, cast = running()
    ApprovedPeriod.objects.filter(application=previous, line="clearing").delete()
    deed: dict[str, Any] = {"firm": cast.firm, "kind": "added_line", "follows": previous.pk, "at": AT}
    case = starting.start(**deed, wanted=Wanted(("dealer", "clearing"), FIRST), by=cast.preparer)
    assert case.lines == ["dealer", "clearing"]
    with pytest.raises(starting.Changed):
        starting.start(**deed, wanted=Wanted(("dealer",), FIRST), by=cast.preparer)
