"""延展, from the firm's first click to the row of the ledger; its time to the second."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications import clocks, content, documents, ledger
from applications.actions import drafting, filing, following
from applications.actions.drafting import NotOpen, Unmet
from applications.actions.filing import Closed
from applications.enums import Action, Status
from applications.lifecycle import Conflict
from applications.models import Application, ApprovedPeriod, Deadline, Section
from reviews.actions import casework, endorsing, judging
from tests.applications.ledgers import at_home
from tests.applications.pages import parse, text_of
from tests.applications.test_clocks import approved
from tests.applications.test_documents import body
from tests.factories import Cast, judge_all
from tests.guideline import changing

pytestmark = pytest.mark.django_db

LAST = date(2027, 2, 28)  # of the sample's period
AT = datetime.fromisoformat("2027-02-01T10:00:00+08:00")
NUMBER = "臺證輔字第1160000123號"
REASON = {"2.1.2.reason": {"answer": "yes", "text": "營業處所仍受管制", "reason": "大樓仍封閉至五月"}}


def extended() -> tuple[Application, Application, Cast]:
    """The approved case, the draft of its extension with every page filled in, and their people."""
    previous, cast = approved()
    case = following.extend(case_id=previous.pk, by=cast.preparer, at=AT)
    drafting.save_section(
        case_id=case.pk, section_id="2.1.2.reason", answers=REASON, revision=0, by=cast.preparer, at=AT
    )
    period = Section.objects.get(application=case, section_id="2.1.2.period")
    answers = {"2.1.2.period": period.answers["2.1.2.period"] | {"text": "三項業務均延展"}}
    drafting.save_section(
        case_id=case.pk, section_id="2.1.2.period", answers=answers, revision=1, by=cast.preparer, at=AT
    )
    case.refresh_from_db()
    return previous, case, cast


def with_checker() -> tuple[Application, Application, Cast]:
    previous, case, cast = extended()
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=AT)
    return previous, case, cast


def submit(case: Application, by: User, at: datetime) -> Any:
    return filing.submit(case_id=case.pk, revision=case.revision, key="k", by=by, at=at)


def put_up(outcome: str = "endorse") -> tuple[Application, Application, Cast]:
    previous, case, cast = with_checker()
    submit(case, cast.checker, AT)
    case.refresh_from_db()
    casework.take(case_id=case.pk, revision=case.revision, by=cast.officer, at=AT)
    case.refresh_from_db()
    judge_all(case, by=cast.officer, at=AT)
    judging.recommend(
        case_id=case.pk, revision=case.revision, outcome=outcome, reasons="理由正當", by=cast.officer, at=AT
    )
    case.refresh_from_db()
    return previous, case, cast


def decide(case: Application, by: User, *, at: datetime = AT, endorsed: bool = True) -> None:
    action = Action.ENDORSE if endorsed else Action.DECLINE
    endorsing.decide(case_id=case.pk, revision=case.revision, action=action, document_number=NUMBER, by=by, at=at)
    case.refresh_from_db()


def test_draft_has_its_days_and_lines_filled_in() -> None:
    previous, case, _cast = extended()
    assert (case.kind, case.previous, case.status) == ("extension", previous, "draft")
    assert (case.first_day, case.last_day) == (date(2027, 3, 1), date(2027, 5, 31))
    assert case.lines == ["brokerage", "dealer", "clearing"]
    assert [page.id for page in case.pages] == ["2.1.2.reason", "2.1.2.period"]
    assert {row.section_id: row.mark for row in case.sections.all()} == {
        "2.1.2.reason": "complete",
        "2.1.2.period": "complete",
    }


def test_once_only() -> None:
    previous, case, cast = extended()
    with pytest.raises(Closed) as closed:
        following.extend(case_id=previous.pk, by=cast.preparer, at=AT)
    assert closed.value.answer.why == f"延展案 {case} 辦理中，不得重複申請。"
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.create(
            firm=case.firm, kind="extension", version_id=case.version_id, previous=previous,
            created_by=cast.preparer, created_at=AT, changed_at=AT,
        )  # fmt: skip
    filing.withdraw(case_id=case.pk, revision=case.revision, by=cast.preparer, at=AT, reason="誤建")
    assert following.extend(case_id=previous.pk, by=cast.preparer, at=AT).previous == previous


def test_only_a_preparer_of_the_firm() -> None:
    previous, cast = approved()
    for user in (cast.checker, cast.officer, Cast().preparer):
        with pytest.raises(NotOpen):
            following.extend(case_id=previous.pk, by=user, at=AT)
    assert Application.objects.filter(kind="extension").count() == 0


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"first_day": "2027-03-02"}, "延展自原期間屆滿之翌日起算，起日應為 {day}"),
        ({"last_day": "2027-06-01"}, "申請期間不得超過 {months} 個月，請輸入迄日，最遲為 {latest}"),
    ],
)
def test_days_are_held_to_the_rule(answers: dict[str, str], message: str) -> None:
    _previous, case, cast = extended()
    row = Section.objects.get(application=case, section_id="2.1.2.period")
    typed = {"2.1.2.period": row.answers["2.1.2.period"] | answers}
    drafting.save_section(
        case_id=case.pk, section_id="2.1.2.period", answers=typed, revision=row.revision, by=cast.preparer, at=AT
    )
    case.refresh_from_db()
    with pytest.raises(filing.Incomplete) as incomplete:
        filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=AT)
    assert [one.message for one in incomplete.value.whole.problems["2.1.2.period"]] == [message]


def test_a_line_may_be_dropped_and_none_added() -> None:
    previous, cast = approved()
    ApprovedPeriod.objects.filter(application=previous, line="clearing").delete()
    case = following.extend(case_id=previous.pk, by=cast.preparer, at=AT)
    assert case.lines == ["brokerage", "dealer"]
    row = Section.objects.get(application=case, section_id="2.1.2.period")
    for lines, mark in ((["brokerage"], "complete"), (["brokerage", "clearing"], "started")):
        typed = {"2.1.2.period": row.answers["2.1.2.period"] | {"text": "說明", "lines": lines}}
        row = drafting.save_section(
            case_id=case.pk, section_id="2.1.2.period", answers=typed, revision=row.revision, by=cast.preparer, at=AT
        )
        assert row.mark == mark


def test_a_section_that_has_changed_opens_with_what_was_filed() -> None:
    _previous, case, cast = extended()
    case = following.open_section(case_id=case.pk, revision=case.revision, section_id="2.2.4", by=cast.preparer, at=AT)
    assert [page.id for page in case.pages] == ["2.1.2.reason", "2.1.2.period", "2.2.4"]
    row = Section.objects.get(application=case, section_id="2.2.4")
    assert row.answers["2.2.4"]["text"]
    assert "2.2.4" not in following.inherited(case)
    case = following.close_section(case_id=case.pk, revision=case.revision, section_id="2.2.4", by=cast.preparer, at=AT)
    assert case.opened == []
    assert not Section.objects.filter(application=case, section_id="2.2.4").exists()
    assert (
        case.events.filter(what="close_section").get().detail["answers"]["2.2.4"]["text"]
        == row.answers["2.2.4"]["text"]
    )


def test_task_list_asks_its_own_pages_and_what_was_opened(client: Client) -> None:
    _previous, case, cast = extended()
    client.force_login(cast.preparer)

    def tasks() -> tuple[list[str], int]:
        response = client.get(reverse("case", args=[case.pk]))
        listed = [task["page"].id for group in response.context["groups"] for task in group["tasks"]]
        return listed, text_of(parse(response)).count("不適用")

    assert tasks() == (["2.1.2.reason", "2.1.2.period"], 0)
    following.open_section(case_id=case.pk, revision=case.revision, section_id="2.2.4", by=cast.preparer, at=AT)
    assert tasks() == (["2.1.2.reason", "2.1.2.period", "2.2.4"], 0)


def test_roster_that_has_changed_opens_with_its_people() -> None:
    previous, case, cast = extended()
    case = following.open_section(case_id=case.pk, revision=case.revision, section_id="2.2.2", by=cast.preparer, at=AT)
    assert case.roster.count() == previous.roster.count() > 0


@pytest.mark.parametrize("section_id", ["2.2.1", "2.2.3", "2.1.2.reason"])
def test_what_the_extension_asks_itself_does_not_open(section_id: str) -> None:
    _previous, case, cast = extended()
    with pytest.raises(NotOpen):
        following.open_section(case_id=case.pk, revision=case.revision, section_id=section_id, by=cast.preparer, at=AT)


def test_opening_is_the_preparers_and_once() -> None:
    _previous, case, cast = extended()
    deed: dict[str, Any] = {"case_id": case.pk, "section_id": "2.2.4", "at": AT}
    for user in (cast.checker, cast.officer, Cast().preparer):
        with pytest.raises(NotOpen):
            following.open_section(**deed, revision=case.revision, by=user)
    case = following.open_section(**deed, revision=case.revision, by=cast.preparer)
    with pytest.raises(Conflict):
        following.open_section(**deed, revision=case.revision, by=cast.preparer)
    with pytest.raises(Conflict):
        following.open_section(**deed, revision=0, by=cast.preparer)


END = datetime.fromisoformat("2027-03-01T00:00:00+08:00")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("at", "in_time"), [(END - SECOND, True), (END, False), (END + SECOND, False)])
def test_filed_to_the_second(client: Client, at: datetime, in_time: bool) -> None:
    """−1 s, 0 and +1 s around 24:00 of the last day in Taipei, through the real page."""
    _previous, case, cast = with_checker()
    with time_machine.travel(at, tick=False):
        client.force_login(cast.checker)
        data = {"revision": case.revision, "key": "k", "declare": "yes"}
        response = client.post(reverse("act", args=[case.pk, "submit"]), data)
    case.refresh_from_db()
    assert (response.status_code, case.status) == ((302, "submitted") if in_time else (409, "internal_review"))
    if not in_time:
        text = text_of(parse(response))
        assert "期限已於 116 年 2 月 28 日 屆滿；延展應於期限屆滿前申請。" in text
        assert "期滿後仍有必要者，得於評估必要性後再提出申請。" in text


@pytest.mark.parametrize(("at", "in_time"), [(END - SECOND, True), (END, False)])
def test_asked_for_to_the_second(client: Client, at: datetime, in_time: bool) -> None:
    previous, cast = approved()
    with time_machine.travel(at, tick=False):
        client.force_login(cast.preparer)
        response = client.post(reverse("extend", args=[previous.pk]))
        page = text_of(parse(client.get(reverse("case", args=[previous.pk]))))
    assert response.status_code == (302 if in_time else 409)
    assert ("116 年 2 月 28 日 24 時前送出者，仍屬期限內。" in page) is False
    assert Application.objects.filter(kind="extension").count() == int(in_time)


def test_filing_is_the_day_that_was_due() -> None:
    previous, case, cast = with_checker()
    submit(case, cast.checker, AT)
    row = Deadline.objects.get(application=previous, what="filing")
    assert (row.state, row.done_on, row.next_on) == ("done", AT.date(), None)
    case.refresh_from_db()
    filing.withdraw(case_id=case.pk, revision=case.revision, by=cast.checker, at=AT, reason="不再需要")


def test_endorsed_period_is_on_the_ledger() -> None:
    previous, case, cast = put_up()
    decide(case, cast.supervisor)
    assert case.status == Status.ENDORSED
    spans = {(row.line, row.first_day, row.last_day) for row in case.periods.all()}
    assert spans == {(line, date(2027, 3, 1), date(2027, 5, 31)) for line in case.lines}
    for day, right in ((LAST, previous.pk), (date(2027, 3, 1), case.pk), (date(2027, 5, 31), case.pk)):
        assert {one.application_id for one in at_home(day)} == {right}
    assert at_home(date(2027, 6, 1)) == []
    answer = ledger.extension_open(case, AT)
    assert (answer.open, answer.next) == (False, "renewal")
    assert Deadline.objects.filter(application=case, what="filing").count() == 0


def test_duties_go_on_in_the_extension() -> None:
    _previous, case, cast = put_up()
    decide(case, cast.supervisor)
    due = {row.what: row.due_on for row in Deadline.objects.filter(application=case).order_by("-due_on")}
    assert due == {
        "expiry": date(2027, 5, 31),
        "training": date(2027, 4, 27),  # half a year after the session that was filed with the case before
        "recording_brokerage": date(2027, 3, 7),
        "recording_dealer": date(2027, 3, 7),
        "violations": date(2027, 3, 31),
    }


def test_checks_across_pages_know_what_is_taken_over() -> None:
    previous, case, _cast = extended()
    of_previous = {one.items for one in content.read(previous, today=AT.date()).warnings}
    found = {one.items for one in content.read(case, today=AT.date()).warnings}
    assert ("3.2.4", "2.2.5.6") in of_previous & found


def test_undecided_at_expiry_the_right_lapses(client: Client) -> None:
    previous, case, cast = put_up()
    day = LAST + timedelta(days=4)
    assert at_home(LAST + timedelta(days=1)) == []
    with time_machine.travel(f"{day}T10:00:00+08:00", tick=False):
        for user, name in ((cast.preparer, "case"), (cast.officer, "review-case")):
            client.force_login(user)
            assert "延展審理中，原期限已屆" in text_of(parse(client.get(reverse(name, args=[case.pk]))))
    decide(case, cast.supervisor, at=datetime.fromisoformat(f"{day}T10:00:00+08:00"))
    assert {(row.first_day, row.last_day) for row in case.periods.all()} == {(day, date(2027, 5, 31))}
    assert at_home(day - timedelta(days=1)) == []
    assert previous.periods.count() == 3


def test_nothing_is_left_to_endorse() -> None:
    _previous, case, cast = put_up()
    with pytest.raises(Unmet):
        decide(case, cast.supervisor, at=datetime.fromisoformat("2027-06-01T10:00:00+08:00"))
    assert Application.objects.get(pk=case.pk).status == "awaiting_signoff"


def test_declined_gives_no_right_and_another_may_be_asked_for() -> None:
    previous, case, cast = put_up("decline")
    with pytest.raises(NotOpen):
        decide(case, cast.supervisor)  # it was put up for the other thing
    decide(case, cast.supervisor, endorsed=False)
    assert (case.status, case.periods.count()) == ("declined", 0)
    assert Deadline.objects.get(application=previous, what="filing").state == "open"
    assert following.extend(case_id=previous.pk, by=cast.preparer, at=AT).status == "draft"


def test_two_people_decide() -> None:
    _previous, case, cast = put_up()
    for user in (cast.officer, cast.other_officer, cast.auditor, cast.checker):
        with pytest.raises(NotOpen):
            decide(case, user)
    with pytest.raises(Unmet):
        endorsing.decide(
            case_id=case.pk,
            revision=case.revision,
            action=Action.ENDORSE,
            document_number=" ",
            by=cast.supervisor,
            at=AT,
        )


def test_an_extension_is_not_forwarded() -> None:
    _previous, case, cast = with_checker()
    submit(case, cast.checker, AT)
    case.refresh_from_db()
    casework.take(case_id=case.pk, revision=case.revision, by=cast.officer, at=AT)
    case.refresh_from_db()
    judge_all(case, by=cast.officer, at=AT)
    with pytest.raises(Unmet):
        judging.recommend(
            case_id=case.pk, revision=case.revision, outcome="forward", reasons="x", by=cast.officer, at=AT
        )


def test_plan_names_the_case_that_it_follows() -> None:
    previous, case, cast = with_checker()
    filed = submit(case, cast.checker, AT)
    text = body(documents.plan_pdf(filed.content, case.version))
    assert f"延展（原案{previous.number}）" in text
    assert f"沿用原案{previous.number}之名冊" in text
    assert "大樓仍封閉至五月" in text


def test_pages_of_the_extension(client: Client) -> None:
    previous, case, cast = extended()
    client.force_login(cast.preparer)
    text = text_of(parse(client.get(reverse("case", args=[case.pk]))))
    assert "沿用原案之內容" in text
    assert str(previous) in text
    for page in case.pages:
        assert client.get(reverse("section", args=[case.pk, page.id])).status_code == 200
    assert client.get(reverse("section", args=[case.pk, "2.2.4"])).status_code == 404
    response = client.post(reverse("change", args=[case.pk, "2.2.4"]), {"revision": case.revision})
    assert response.url == reverse("section", args=[case.pk, "2.2.4"])
    assert client.get(response.url).status_code == 200
    assert client.post(reverse("change", args=[case.pk, "2.2.5"]), {"revision": case.revision}).status_code == 409
    assert client.get(reverse("change", args=[case.pk, "2.2.5"])).status_code == 405
    client.force_login(Cast().preparer)
    assert client.post(reverse("change", args=[case.pk, "2.2.5"]), {"revision": 1}).status_code == 404
    assert client.post(reverse("extend", args=[previous.pk])).status_code == 404


def test_whether_it_is_open_comes_from_the_version_of_its_own_day(tmp_path: Path) -> None:
    """The case before was approved under a version that knows one extension; the next announcement knows none."""
    previous, _cast = approved()
    with changing.folder(tmp_path, changing.without_extension()):
        answer = ledger.extension_open(previous, AT)
    assert (answer.open, answer.why) == (False, "指引未定有延展。")
    assert ledger.extension_open(previous, AT).open


def test_whether_one_can_follow_is_asked_without_a_query(django_assert_num_queries: Any) -> None:
    _previous, case, _cast = extended()
    case = Application.objects.get(pk=case.pk)
    with django_assert_num_queries(0):
        assert not clocks.extendable(case, case.version)
