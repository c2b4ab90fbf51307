"""The demo: fictional people and a case in every status, built by the real actions."""

from __future__ import annotations

from collections import Counter
from datetime import date
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.enums import Role
from accounts.identifiers import is_broker_code, is_business_number
from accounts.models import Firm, Membership, User
from applications.content import changed_items, read
from applications.enums import Status, Verdict
from applications.evidence import recognise
from applications.models import Application, Attachment, Event, FirmNotice, Outbox
from applications.roster import row_warnings
from applications.verifying import verify
from guideline.catalogue import load
from reviews import verdicts
from reviews.demo import papers, sample, staff
from reviews.demo.answers import Filing, answers
from reviews.demo.builder import build_people, place_of
from reviews.demo.firms import FIRMS, SAMPLE, USERS
from reviews.models import Assignment, InternalNote
from tests import english
from tests.applications.rosters import read as read_roster

pytestmark = pytest.mark.once

VERSION = load(sample.VERSION)
OTHERS = [key for key in FIRMS if key != SAMPLE]
EXPECTED_IN_SAMPLE = [("3.2.4", "2.2.5.6"), ("2.2.1",)]
PASSWORD = "only for this test"


def seed() -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_seed_demo_builds_every_status_once(settings: Any, tmp_path: Path) -> None:
    settings.DEMO, settings.DEMO_PASSWORD = True, PASSWORD
    first = seed()
    cases = {Status(case.status): case for case in Application.objects.select_related("firm")}
    assert set(cases) == set(Status)
    assert {case.firm.broker_code for case in cases.values()} == {firm.broker_code for firm in FIRMS.values()}
    assert {status for status, case in cases.items() if case.kind == "extension"} == {Status.ENDORSED, Status.DECLINED}
    of_first = Application.objects.filter(kind="first").exclude(events__what="reclassify").select_related("firm")
    cases = {Status(case.status): case for case in of_first}
    check_later()
    check_content(cases)
    check_files()
    check_trail()
    check_sample(cases[Status.UNDER_REVIEW])
    check_review(cases)
    check_pre_reviews()
    assert not Outbox.objects.filter(expanded_at=None).exists()
    assert list(verify()) == []
    counted = [model.objects.count() for model in (Firm, User, Application, Attachment, Event)]
    second = seed()
    assert counted == [model.objects.count() for model in (Firm, User, Application, Attachment, Event)]
    assert all(user.email in first and user.email in second for user in USERS)
    with english.catalogue(tmp_path):
        check_english()


def check_english() -> None:
    """Whoever follows the links of the pages in English meets no Chinese but the law's and what people wrote."""
    typed = english.typed_anywhere()
    readers = ("preparer@jiashan", "checker@binghe", "officer@twse", "operator@twse")
    walks = [english.walk(User.objects.get(email=f"{reader}.example"), typed) for reader in readers]
    assert [left for _count, left in walks] == [{}] * len(readers)
    assert sum(count for count, _left in walks) > 60


def check_later() -> None:
    """What follows a decision: a renewal, an added line, a roster change; and a case put under another kind."""
    renewal = Application.objects.get(kind="renewal")
    carries = set(renewal.sections.values_list("carry", flat=True))
    assert (renewal.status, carries) == (Status.DRAFT, {"kept", "updated", "offered"})
    added = Application.objects.get(kind="added_line")
    assert (added.status, added.lines, added.inherits) == (Status.UNDER_REVIEW, ["clearing"], True)
    assert len([one for one in verdicts.read(added).findings.values() if one.verdict]) == 10
    changed = Event.objects.get(what="reclassify")
    assert (changed.detail["kinds"], changed.application.kind) == (["pre_review", "first"], "first")
    told = FirmNotice.objects.get(what=FirmNotice.What.ROSTER_CHANGE)
    assert told.application.status == Status.APPROVED


def check_content(cases: dict[Status, Application]) -> None:
    """Nothing is missing, and nothing is warned about but the two things in the sample."""
    for status, case in cases.items():
        whole = read(case, today=timezone.localdate(case.changed_at))
        if status == Status.DRAFT:
            assert not whole.complete
            continue
        assert {key: found for key, found in whole.problems.items() if found} == {}, status
        expected = EXPECTED_IN_SAMPLE if status == Status.UNDER_REVIEW else []
        assert [found.items for found in whole.warnings] == expected, status
        assert 8 <= len(whole.roster) <= (85 if status == Status.UNDER_REVIEW else 35)
        assert {section.mark for section in case.sections.all()} == {"complete"}, status


def check_files() -> None:
    """Every file is what its name says, and every page that is cited is in it."""
    seen: set[str] = set()
    for attachment in Attachment.objects.all():
        if attachment.sha256 not in seen:
            seen.add(attachment.sha256)
            with attachment.file.open() as file:
                known = recognise(attachment.name, file.read())
            assert (known.pages, known.content_type) == (attachment.pages, attachment.content_type)
        for citation in attachment.citations.all():
            if citation.place.isdigit() and attachment.pages:
                assert 1 <= int(citation.place) <= attachment.pages
    assert {name.rsplit(".", 1)[1] for name in Attachment.objects.values_list("name", flat=True)} >= {"pdf", "xlsx"}


def check_trail() -> None:
    """Each case goes forward in time, and numbers are given in the order of submission."""
    filed = list(Application.objects.exclude(number=None).order_by("number"))
    years = Counter(str(case.number)[4:7] for case in filed)
    assert set(years) == {"111", "115"}  # the older ones are for the rule of retention
    assert [case.number for case in filed] == [
        f"WFH-{year}-{n:05}" for year, count in sorted(years.items()) for n in range(1, count + 1)
    ]
    assert all(one.submitted_at < next_one.submitted_at for one, next_one in pairwise(filed))
    for case in Application.objects.all():
        times = [event.at for event in case.events.all()]
        assert times == sorted(times), case


def check_sample(case: Application) -> None:
    """The sample came through as it was written."""
    content, clauses = case.submissions.get().content, sample.filing()["clauses"]
    assert case.number == "WFH-115-00001"
    assert content["submitted_at"] == sample.filing()["case"]["submitted_at"]
    assert content["document_number"] == sample.filing()["case"]["firm_document_no"]
    assert set(content["answers"]) == set(clauses)
    for item_id, clause in clauses.items():
        written = content["answers"][item_id]
        assert (written["text"], written.get("note", "")) == (clause["text"], clause["note"])
        proofs = [(proof["name"], proof["place"]) for proof in content["evidence"][item_id]]
        assert proofs == [(cited["file"], place_of(cited)) for cited in clause["evidence"]]
    assert len(content["roster"]) == sample.filing()["roster"]["expected"]["total"]
    hashes = {file["file"]: file["sha256"] for file in sample.filing()["files"]}
    assert all(file.sha256 == hashes[file.name] for file in case.attachments.all())


def check_pre_reviews() -> None:
    """One with comments on two items, another that a formal case is being made from."""
    made, told = Application.objects.filter(status=Status.PRE_REVIEWED).order_by("number")
    findings = told.events.get(what="give_opinion").detail["findings"]
    assert sum(verdict == Verdict.CORRECT for verdict, _comment in findings.values()) == 2
    assert read(told, today=timezone.localdate(told.changed_at)).unready == []
    formal = made.following.get()
    assert (formal.kind, formal.status) == ("first", Status.DRAFT)
    assert set(formal.sections.filter(carry="offered").values_list("section_id", flat=True)) == {"1", "2.2.1"}


def check_review(cases: dict[Status, Application]) -> None:
    for status in (Status.RETURNED, Status.CORRECTION_REVIEW, Status.CORRECTED):
        correction = cases[status].corrections.get()
        assert len(correction.items) == 2
        assert all(correction.items.values())
        assert all(comment in correction.letter for comment in correction.items.values())
    now = verdicts.read(cases[Status.CORRECTED])
    assert set(changed_items(now.previous.content, now.content)) == set(now.asked)  # type: ignore[union-attr]
    assert {one.item_id for one in now.unjudged} == set(now.asked)

    decision = cases[Status.APPROVED].decision
    assert decision.conditions
    assert decision.scan.pages == 1
    assert [period.line for period in cases[Status.APPROVED].periods.all()] == ["dealer"]
    assert not cases[Status.REFUSED].decision.approved
    for status, reason in ((Status.WITHDRAWN, "withdraw"), (Status.REJECTED, "reject")):
        assert cases[status].events.get(what=reason).detail["reason"]
    assert verdicts.read(cases[Status.REJECTED]).failing
    judged = {one.verdict for one in verdicts.read(cases[Status.APPROVED]).findings.values()}
    assert judged == {Verdict.OK, Verdict.NA}
    assert Assignment.objects.filter(application=cases[Status.FORWARDED]).count() == 2
    assert InternalNote.objects.count() >= 5


def test_seed_demo_refuses_without_demo(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO"):
        seed()


@pytest.mark.django_db
def test_people_of_every_role_sign_in_with_one_password() -> None:
    people = build_people(PASSWORD)
    assert {membership.role for membership in Membership.objects.all()} == set(Role)
    assert all(user.check_password(PASSWORD) for user in people.users.values())
    assert [user.email for user in User.objects.filter(is_superuser=True)] == ["operator@twse.example"]
    assert {user.email for user in User.objects.filter(is_staff=True)} == {"operator@twse.example"}
    assert all(user.email.endswith(".example") for user in people.users.values())
    for firm in people.firms.values():
        firm.full_clean(exclude=["id"])
        roles = {m.role for m in firm.memberships.all()}
        assert roles >= {Role.PREPARER, Role.CHECKER}
    assert people.of(SAMPLE, "checker").name == sample.filing()["case"]["compliance_head"]["name"]


def test_firms_have_valid_numbers_of_their_own() -> None:
    assert all(is_broker_code(firm.broker_code) for firm in FIRMS.values())
    assert all(is_business_number(firm.business_number) for firm in FIRMS.values())
    given = sample.filing()["firm"]
    assert (FIRMS[SAMPLE].broker_code, FIRMS[SAMPLE].business_number) == (given["broker_code"], given["ubn"])
    assert len({firm.licences for firm in FIRMS.values()}) >= 4


@pytest.mark.parametrize("key", OTHERS)
def test_rosters_read_without_a_remark(key: str) -> None:
    firm = FIRMS[key]
    rows, errors = read_roster(staff.workbook(firm, firm.lines), "人員名冊.xlsx")
    assert errors == []
    assert row_warnings(rows, VERSION) == []
    assert len({row.name for row in rows}) == len(rows)
    counts = staff.counts(firm, firm.lines)
    assert (len(rows), sum(row.at_home for row in rows)) == (counts.total, counts.at_home)


@pytest.mark.parametrize("key", OTHERS)
def test_nothing_of_the_sample_firm_is_left_in_the_answers_of_another(key: str) -> None:
    firm, case = FIRMS[key], sample.filing()["case"]
    first, last, today = (case[name][:10] for name in ("first_day", "last_day", "submitted_at"))
    days = [date.fromisoformat(day) for day in (first, last, today)]
    written = str(answers(Filing(firm, firm.lines, *days)))
    for word in (
        "甲山",
        "甲證",
        "jiashan",
        "JiaShan",
        "JS-",
        "JS0",
        "陳示喆",
        "周擬真",
        "王擬𠮷",
        "張虛䶮",
        "李代號",
        "85人",
    ):
        assert word not in written


def test_a_stand_in_is_cited_where_no_pdf_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "available", lambda: "apt-get install …")
    monkeypatch.setattr(papers, "_drawn", {})
    for item_id in ("2.2.5.5", "2.2.6", "2.2.8", "2.2.10", "2.2.12"):
        cited = papers.citations("yifeng", item_id)
        assert cited
        for document, place in cited:
            known = recognise(document.name, document.data)
            assert not place or known.pages is None or int(place) <= known.pages
    assert papers.citations("yifeng", "2.2.5.5")[-1][0].name == papers.STAND_IN
