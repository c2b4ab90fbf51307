"""緊急通報: the notice comes first and stands; its documents follow."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.enums import Role
from applications.actions import drafting, filing, notifying
from applications.actions.drafting import NotOpen, Unmet, save_section
from applications.actions.filing import Incomplete
from applications.enums import Door
from applications.lifecycle import Conflict
from applications.models import Application, EmergencyNotice, Event, Section
from applications.trail import canonical
from tests.applications.emergencies import AT, LINES, ON, begun, documented, noticed, notify, said
from tests.factories import Cast, person

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def cast() -> Cast:
    return Cast()


# --- the firm gives it -----------------------------------------------------------


def test_a_checker_alone_writes_and_gives_a_notice(cast: Cast) -> None:
    case = begun(cast, cast.checker)
    notice = notify(case, cast.checker)
    case.refresh_from_db()
    assert (case.status, case.kind, case.number, case.submitted_at) == ("noticed", "emergency", "WFH-115-00001", AT)
    assert (notice.door, notice.received_at, notice.given_by) == ("portal", AT, cast.checker)
    assert (case.lines, case.first_day, case.officer) == (LINES, date(2026, 11, 5), None)


def test_only_preparer_and_checker_begin_a_notice(cast: Cast) -> None:
    for one in (cast.officer, cast.supervisor, cast.auditor, person(Role.PREPARER, firm=Cast().firm)):
        with pytest.raises(NotOpen):
            notifying.start(firm=cast.firm, by=one, at=AT)
    assert not Application.objects.exists()


def test_pressed_twice_it_is_one_draft_until_something_is_said(cast: Cast) -> None:
    first = notifying.start(firm=cast.firm, by=cast.checker, at=AT)
    assert notifying.start(firm=cast.firm, by=cast.checker, at=AT) == first
    assert notifying.start(firm=cast.firm, by=cast.preparer, at=AT) != first  # each his own
    case = begun(cast, cast.checker)
    assert case == first
    assert notifying.start(firm=cast.firm, by=cast.checker, at=AT) != first


def test_a_checker_still_writes_nothing_else(cast: Cast) -> None:
    with pytest.raises(NotOpen):
        drafting.create_draft(firm=cast.firm, by=cast.checker, at=AT)
    case, _ = noticed(cast)
    with pytest.raises(NotOpen):
        save_section(case_id=case.pk, section_id="2.2.9", answers={}, revision=0, by=cast.checker, at=AT)


def test_the_notice_is_kept_as_it_was_given(cast: Cast) -> None:
    case, _ = noticed(cast)
    notice = EmergencyNotice.objects.get(application=case)
    content = json.loads(notice.payload)
    assert canonical(content) == notice.payload
    assert hashlib.sha256(notice.payload.encode()).hexdigest() == notice.sha256
    assert content["pages"] == ["2.1.1.event", "2.1.1.start", "2.1.1.contact"]
    contact = said()["2.1.1.contact"]
    del contact["email"]  # nothing was said
    assert content["answers"] == said() | {"2.1.1.contact": contact}
    assert (content["number"], content["received_at"]) == (case.number, "2026-11-05T07:42:10+08:00")
    assert content["given_by"] == {"name": "甲填報", "title": "專員"}


def test_a_notice_that_lacks_something_is_not_given(cast: Cast) -> None:
    case = begun(cast, contact={"phone": ""}, start={"lines": []})
    with pytest.raises(Incomplete) as incomplete:
        notify(case, cast.preparer)
    found = {s: [p.field for p in problems] for s, problems in incomplete.value.whole.problems.items()}
    assert found == {"2.1.1.event": [], "2.1.1.start": ["lines"], "2.1.1.contact": ["phone"]}
    case.refresh_from_db()
    assert (case.status, case.number) == ("draft", None)
    assert not EmergencyNotice.objects.exists()


def test_a_line_beyond_the_licences_is_refused(cast: Cast) -> None:
    cast.firm.licences = ["broker"]
    cast.firm.save()
    with pytest.raises(Incomplete):
        notify(begun(cast), cast.preparer)


def test_the_same_key_gives_the_first_notice_back(cast: Cast) -> None:
    case = begun(cast)
    first = notify(case, cast.preparer, key="one")
    again = notify(case, cast.preparer, key="one", at=AT + timedelta(minutes=5))
    assert again == first
    assert EmergencyNotice.objects.count() == 1
    assert Event.objects.filter(what="notify").count() == 1


def test_another_key_after_the_notice_is_a_conflict(cast: Cast) -> None:
    case = begun(cast)
    notify(case, cast.preparer, key="one")
    for revision in (case.revision, case.revision + 1):
        with pytest.raises(Conflict):
            notify(case, cast.preparer, key="two", revision=revision)


def test_the_key_of_one_case_is_none_of_another(cast: Cast) -> None:
    one, two = begun(cast), begun(cast)
    assert notify(one, cast.preparer, key="k") != notify(two, cast.preparer, key="k")


def test_a_stale_page_gives_no_notice(cast: Cast) -> None:
    case = begun(cast)
    with pytest.raises(Conflict):
        notify(case, cast.preparer, revision=case.revision + 1)


def test_nobody_else_gives_a_notice(cast: Cast) -> None:
    case, other = begun(cast), Cast()
    for one in (cast.officer, cast.supervisor, other.preparer, other.checker):
        with pytest.raises(NotOpen):
            notify(case, one)


# --- what follows ----------------------------------------------------------------


def test_the_documents_begin_with_the_start_and_the_lines_of_the_notice(cast: Cast) -> None:
    case, _ = noticed(cast)
    kept = {row.section_id: (row.answers, row.mark) for row in Section.objects.filter(application=case)}
    assert kept["2.2.1"] == ({"2.2.1": {"answer": "yes", "first_day": ON}}, "started")
    assert kept["2.2.3"] == ({"2.2.3": {"answer": "yes", "lines": LINES}}, "started")


@pytest.mark.parametrize(
    ("item", "field", "value"), [("2.2.1", "first_day", "2026-11-06"), ("2.2.3", "lines", ["brokerage"])]
)
def test_documents_that_differ_from_the_notice_are_not_complete(
    cast: Cast, item: str, field: str, value: object
) -> None:
    case, _ = documented(cast)
    section = Section.objects.get(application=case, section_id=item)
    answers: dict[str, Any] = {item: section.answers[item] | {field: value}}
    save_section(case_id=case.pk, section_id=item, answers=answers, revision=section.revision, by=cast.preparer, at=AT)
    case.refresh_from_db()
    assert (case.first_day, case.lines) == (date(2026, 11, 5), LINES)
    with pytest.raises(Incomplete) as incomplete:
        filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=AT + timedelta(days=1))
    found = {s: [p.field for p in some] for s, some in incomplete.value.whole.problems.items() if some}
    assert found == {item: [field]}


@pytest.mark.parametrize("page_id", ["2.1.1.event", "2.1.1.start", "2.1.1.contact"])
def test_a_notice_that_was_given_cannot_be_written(cast: Cast, page_id: str) -> None:
    case, _ = noticed(cast)
    row = Section.objects.get(application=case, section_id=page_id)
    with pytest.raises(NotOpen):
        save_section(
            case_id=case.pk, section_id=page_id, answers={page_id: {}}, revision=row.revision, by=cast.preparer, at=AT
        )
    kept = Section.objects.get(application=case, section_id=page_id)
    assert (kept.answers, kept.revision) == (row.answers, row.revision)


# --- an officer logs it ----------------------------------------------------------


def log(cast: Cast, **more: Any) -> Application:
    given = {"firm": cast.firm, "answers": said(), "received_at": AT, "door": Door.UPLOAD, "key": "mail-1"}
    return notifying.log(**given | {"by": cast.officer, "at": AT + timedelta(hours=1)} | more)


def test_a_notice_that_came_by_mail_makes_the_same_case(cast: Cast) -> None:
    case = log(cast)
    notice = EmergencyNotice.objects.get(application=case)
    assert (case.status, case.number, case.submitted_at, case.officer) == (
        "noticed", "WFH-115-00001", AT, cast.officer,
    )  # fmt: skip
    assert (notice.door, notice.received_at, notice.given_by) == ("upload", AT, cast.officer)
    assert (case.lines, case.first_day, case.created_by) == (LINES, date(2026, 11, 5), cast.officer)
    sections = Section.objects.filter(application=case).order_by("section_id").values_list("section_id", flat=True)
    assert list(sections) == ["2.1.1.contact", "2.1.1.event", "2.1.1.start", "2.2.1", "2.2.3"]


def test_the_same_mail_makes_one_case(cast: Cast) -> None:
    assert log(cast) == log(cast, firm=Cast().firm)
    assert Application.objects.count() == 1


def test_a_log_that_lacks_something_leaves_nothing(cast: Cast) -> None:
    answers = said(event={"why_not_normal": ""})
    with pytest.raises(Incomplete):
        log(cast, answers=answers)
    assert not Application.objects.exists()


def test_answers_beside_the_notice_are_not_taken(cast: Cast) -> None:
    case = log(cast, answers=said() | {"2.2.9": {"answer": "yes"}})
    assert not Section.objects.filter(application=case, section_id="2.2.9").exists()


def test_only_an_officer_logs_a_notice(cast: Cast) -> None:
    for one in (cast.preparer, cast.checker, cast.supervisor, cast.auditor):
        with pytest.raises(NotOpen):
            log(cast, by=one)
    assert not Application.objects.exists()


def test_a_notice_is_not_received_in_the_future(cast: Cast) -> None:
    with pytest.raises(Unmet) as unmet:
        log(cast, received_at=AT + timedelta(hours=2))
    assert [name for name, _message in unmet.value.problems] == ["received_at"]
