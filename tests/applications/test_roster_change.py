"""人員異動: a dated notice with the whole roster, held to the rules of 2.2.2, decided by nobody."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applications import notify, rosters
from applications.actions import ending, following, roster_change
from applications.actions.drafting import NotOpen, Unmet
from applications.enums import Status
from applications.lifecycle import Conflict
from applications.models import Application, ApprovedPeriod, Event, FirmNotice, Outbox
from applications.roster import write_csv
from applications.roster_columns import Row
from applications.trail import canonical, digest
from tests.applications.pages import parse, problems, text_of
from tests.applications.test_clocks import approved
from tests.applications.test_filing_races import at_once
from tests.factories import Cast, roster, said

pytestmark = pytest.mark.django_db

AT = datetime.fromisoformat("2026-12-01T10:00:00+08:00")  # the periods run from 30 November to 28 February
DAY = date(2026, 12, 15)


def people(*, without: str = "", at_home: bool = True) -> list[Row]:
    """The sample's roster, less those who hold a line; or everybody on site."""
    found = [row for row in roster() if without not in row.lines]
    return found if at_home else [replace(row, place="office") for row in found]


def change(case: Application, by: Any, **more: Any) -> FirmNotice:
    case.refresh_from_db()
    rows = people(without="dealer")
    given = {"revision": case.revision, "effective_on": DAY, "reason": "輪調", "rows": rows, "at": AT}
    return roster_change.change(case_id=case.pk, by=by, **given | more)


def test_roster_is_kept_whole_with_its_hash_and_both_sides_are_told() -> None:
    case, cast = approved()
    found = change(case, cast.preparer)
    kept = found.detail["roster"]
    assert [one["staff_no"] for one in kept] == [row.staff_no for row in people(without="dealer")]
    assert (found.effective_on, found.text, found.by) == (DAY, "輪調", cast.preparer)
    assert found.detail["sha256"] == digest(canonical(kept))
    event = Event.objects.get(application=case, what="roster_change")
    assert event.shared
    assert said(event) == {
        "reason": "輪調",
        "effective_on": "2026-12-15",
        "people": len(kept),
        "at_home": sum(row.at_home for row in people(without="dealer")),
        "sha256": found.detail["sha256"],
    }
    assert Outbox.objects.filter(application=case, what="roster_change").count() == 1
    assert notify.told("roster_change") == (notify.FIRM, (), True)
    case.refresh_from_db()
    assert (case.status, case.roster.count()) == ("approved", 85)  # what was filed stays as it was


def test_who_may_and_when() -> None:
    case, cast = approved()
    for user in (cast.officer, cast.supervisor, cast.auditor, Cast().preparer):
        with pytest.raises(NotOpen):
            change(case, user)
    with pytest.raises(Conflict):
        change(case, cast.preparer, revision=0)
    for status in (Status.UNDER_REVIEW, Status.REFUSED, Status.DRAFT):
        Application.objects.filter(pk=case.pk).update(status=status)
        with pytest.raises(Conflict):
            change(case, cast.preparer)
    Application.objects.filter(pk=case.pk).update(status=Status.APPROVED)
    with pytest.raises(Conflict):  # nothing runs any more
        change(case, cast.checker, at=datetime.fromisoformat("2027-03-01T00:00:00+08:00"))
    assert change(case, cast.checker).by == cast.checker


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"effective_on": date(2026, 11, 30)}, "effective_on", "生效日不得早於今日（115 年 12 月 1 日）"),
        ({"effective_on": date(2027, 3, 1)}, "effective_on", "生效日最遲為期間之迄日 116 年 2 月 28 日"),
        ({"reason": " "}, "reason", "請填寫異動之理由"),
        ({"reason": "字" * 2001}, "reason", "理由最多 2000 字"),
        ({"rows": [replace(row, senior=False) for row in roster()]}, "file", "請於名冊標示至少一名高階經理人"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(given: dict[str, Any], field: str, message: str) -> None:
    case, cast = approved()
    with pytest.raises(Unmet) as unmet:
        change(case, cast.preparer, **given)
    assert unmet.value.problems == ((field, message),)
    assert not FirmNotice.objects.exists()


def test_lines_of_staff_at_home_are_those_that_run_on_the_day() -> None:
    case, cast = approved()
    ApprovedPeriod.objects.filter(line="dealer").update(last_day=DAY - timedelta(days=1))
    with pytest.raises(Unmet) as unmet:
        change(case, cast.preparer, rows=list(roster()))
    assert unmet.value.problems == (
        ("file", "名冊有「自行買賣作業及交易作業」人員居家辦公，請更正名冊，或於業務項目增列該業務"),
    )
    assert change(case, cast.preparer, rows=list(roster()), effective_on=DAY - timedelta(days=1))


def test_roster_as_of_a_day() -> None:
    case, cast = approved()
    change(case, cast.preparer)
    change(case, cast.checker, effective_on=DAY + timedelta(days=10), rows=people(at_home=False))
    before = rosters.rosters(case.firm_id, day=DAY - timedelta(days=1))[case.pk]
    on_day = rosters.rosters(case.firm_id, day=DAY)[case.pk]
    last = rosters.rosters(case.firm_id)[case.pk]
    assert len(before) == 85
    assert rosters.at_home(before)["dealer"] > 0 == rosters.at_home(on_day)["dealer"]
    assert rosters.at_home(on_day)["brokerage"] == rosters.at_home(before)["brokerage"]
    assert sum(rosters.at_home(last).values()) == 0


def test_case_that_follows_has_the_roster_that_was_told() -> None:
    case, cast = approved()
    change(case, cast.preparer)
    after = following.extend(case_id=case.pk, by=cast.preparer, at=AT)
    Application.objects.filter(pk=after.pk).update(status=Status.ENDORSED)
    found = rosters.rosters(case.firm_id, day=DAY)
    assert found[after.pk] == found[case.pk]
    assert len(found[after.pk]) == len(people(without="dealer"))


def test_roster_of_a_case_that_was_begun_before_the_one_that_it_follows() -> None:
    """A first application that was put under added lines: the case that it follows is a later one."""
    case, cast = approved()
    early = Application.objects.create(
        pk=case.pk - 1000, firm=case.firm, kind="added_line", version_id=case.version_id, previous=case,
        status=Status.APPROVED, created_by=cast.preparer, created_at=AT, changed_at=AT,
    )  # fmt: skip
    found = rosters.rosters(case.firm_id, day=DAY)
    assert len(found[early.pk]) == len(found[case.pk]) == 85


# --- pages ---------------------------------------------------------------------------


def upload(rows: list[Row], case: Application) -> SimpleUploadedFile:
    return SimpleUploadedFile("名冊.csv", write_csv(rows, case.version))


def test_from_the_case_page_to_the_ledger(client: Client) -> None:
    case, cast = approved()
    url = reverse("roster-change", args=[case.pk])
    with time_machine.travel(AT, tick=False):
        client.force_login(cast.preparer)
        shown = client.get(reverse("case", args=[case.pk])).content.decode()
        assert url in shown
        assert reverse("ledger-end", args=[case.pk]) in shown
        page = client.get(url)
        assert page.context["people"] == 85
        data: dict[str, Any] = {"revision": case.revision, "effective_on": "115/12/02", "reason": "輪調"}
        wrong = client.post(url, data | {"file": SimpleUploadedFile("名冊.csv", "員工編號,姓名\nA1,甲?\n".encode())})
        assert any("名冊有" in line and "處需要更正" in line for line in problems(wrong))
        assert "缺少欄位" in text_of(parse(wrong))
        assert wrong.context["form"]["reason"].value() == "輪調"
        assert client.post(url, data | {"file": upload(people(without="dealer"), case)}).status_code == 302
        stale = client.post(url, data | {"file": upload(people(without="dealer"), case)})
        assert stale.status_code == 409
        assert "輪調" in text_of(parse(stale))
        found = FirmNotice.objects.get()
        shown = client.get(reverse("case", args=[case.pk])).content.decode()
        assert reverse("roster-change-csv", args=[case.pk, found.pk]) in shown
        counts = {
            day: {one.row.line: count for one, count in client.get(reverse("ledger"), {"day": day}).context["people"]}
            for day in ("2026-12-01", "2026-12-02")
        }
        assert counts["2026-12-01"]["dealer"] > 0
        assert counts["2026-12-02"]["dealer"] == 0
        assert counts["2026-12-02"]["brokerage"] == counts["2026-12-01"]["brokerage"] > 0
        client.force_login(cast.officer)
        review = text_of(parse(client.get(reverse("review-case", args=[case.pk]))))
        assert "人員異動" in review
        assert "輪調" in review


def test_reading_a_roster_is_on_record(client: Client) -> None:
    case, cast = approved()
    found = change(case, cast.preparer)
    with time_machine.travel(AT, tick=False):
        for user in (cast.checker, cast.officer):
            client.force_login(user)
            answer = client.get(reverse("roster-change-csv", args=[case.pk, found.pk]))
            rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
            assert len(rows) == 1 + len(people(without="dealer"))
            read = Event.objects.filter(application=case, what="roster_read").last()
            assert (read.actor, read.detail) == (user, {"people": len(rows) - 1})
        client.force_login(cast.preparer)
        last = client.get(reverse("roster-last-csv", args=[case.pk]))
        assert last.content == answer.content
        for user in (Cast().preparer, Cast().checker):
            client.force_login(user)
            for name, args in (
                ("roster-change-csv", [case.pk, found.pk]),
                ("roster-last-csv", [case.pk]),
                ("roster-change", [case.pk]),
            ):
                assert client.get(reverse(name, args=args)).status_code == 404


def test_over_there_is_nothing_to_tell(client: Client) -> None:
    case, cast = approved()
    with time_machine.travel("2027-03-01T09:00:00+08:00", tick=False):
        client.force_login(cast.preparer)
        answer = client.get(reverse("roster-change", args=[case.pk]), follow=True)
        assert "毋須通知人員異動" in text_of(parse(answer))
        assert reverse("roster-change", args=[case.pk]) not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_of_two_at_once_one_wins() -> None:
    case, cast = approved()
    revision = case.revision

    def tell() -> str:
        return change_at(case, cast, revision)

    assert sorted(at_once([tell, tell])) == ["Conflict", "told"]
    assert FirmNotice.objects.count() == 1


def change_at(case: Application, cast: Cast, revision: int) -> str:
    roster_change.change(
        case_id=case.pk, revision=revision, effective_on=DAY, reason="輪調", rows=people(without="dealer"),
        by=cast.preparer, at=AT,
    )  # fmt: skip
    return "told"


def test_early_end_and_roster_change_stand_beside_each_other() -> None:
    case, cast = approved()
    change(case, cast.preparer)
    case.refresh_from_db()
    ending.end_early(
        case_id=case.pk, revision=case.revision, lines=["dealer"], last_day_at_home=DAY, reason="恢復", by=cast.checker,
        at=AT,
    )  # fmt: skip
    assert [event.what for event in case.events.order_by("id")][-2:] == ["roster_change", "end_early"]
