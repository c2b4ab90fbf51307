"""The proof that the guideline is data: a next announcement is a file in a folder, and everything runs under it.

``changing.next_announcement`` has a cap of two months, an extension that the authority decides, no clearing, a section
（十三）with a choice and a file, a duty that recurs every year, and another exchange. No line of code knows of it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from applications import documents, ledger
from applications.forms.section import SectionForm
from applications.models import Application, ApprovedPeriod, Citation, Deadline
from applications.roster import write_csv
from guideline.catalogue import Section, Version, load
from guideline.fitting import fit
from reviews.demo import sample
from tests.applications import pages
from tests.applications.pages import parse, save, text_of
from tests.factories import PDF, Cast, attach, filed_case, judge_all, roster
from tests.guideline import changing

pytestmark = [pytest.mark.once, pytest.mark.django_db]

BEFORE = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
AFTER = datetime.fromisoformat("2026-12-07T10:00:00+08:00")
FIRST, LAST, LATEST = date(2027, 1, 4), date(2027, 3, 3), date(2027, 5, 3)
NUMBER, LETTER = "證櫃輔字第1160000123號", "金管證券字第1160009999號"


def answers(old: Version, new: Version) -> dict[str, dict[str, Any]]:
    """The sample's answers as far as they have a place, and what is new."""
    given = fit(sample.answers(), old=old, new=new).kept
    given["2.2.1"] |= {"first_day": FIRST.isoformat(), "last_day": LAST.isoformat()}
    for item_id, table in (("1.3", "hit"), ("2.2.7.2", "hours")):
        given[item_id][table] = [{"line": "brokerage"} | row for row in given[item_id][table]]
    given["2.2.13.1"] = {"answer": "yes", "text": "於桃園備援中心演練", "method": "live", "held_on": "2026-03-02"}
    given["2.2.13.2"] = {"answer": "yes", "text": "演練紀錄如附件"}
    return given


def typed(page: Section, case: Application, given: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What a browser would send of the page once these answers are typed in."""
    lines = tuple(case.lines)
    ids = [item.id for item in page.items]
    form = SectionForm(
        page=page,
        version=case.version,
        lines=lines,
        licensed=tuple(line.id for line in case.version.lines),
        allowed=frozenset(ids),
        initial=SectionForm.initial_of({item_id: given[item_id] for item_id in ids if item_id in given}),
    )
    html = f'<form action="x">{form.as_div()}</form>'
    return pages.form(SimpleNamespace(content=html.encode()), "x")


def squeezed(pdf: bytes) -> str:
    run = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return "".join(run.stdout.decode().split())


class Walk:
    """One person after the other at the portal, by its pages."""

    def __init__(self, client: Client, cast: Cast) -> None:
        self.client, self.cast = client, cast

    def as_(self, user: User) -> Client:
        self.client.force_login(user)
        return self.client

    def act(self, user: User, case: Application, action: str, **more: Any) -> Any:
        data = {"revision": case.revision, "declare": "yes", "key": f"{action}{case.revision}"} | more
        answer = self.as_(user).post(f"/cases/{case.pk}/do/{action}/", data)
        assert answer.status_code == 302, text_of(parse(answer))
        case.refresh_from_db()
        return answer

    def review(self, case: Application, step: str, user: User, **data: Any) -> Any:
        answer = self.as_(user).post(f"/review/{case.pk}/{step}/", {"revision": case.revision} | data)
        assert answer.status_code == 302, text_of(parse(answer))
        case.refresh_from_db()
        return answer

    def show(self, user: User, path: str) -> str:
        answer = self.as_(user).get(path)
        assert answer.status_code == 200, path
        return text_of(parse(answer))

    def first(self) -> Application:
        """The wizard, page by page, the roster by upload, and every file at its place."""
        client, cast = self.as_(self.cast.preparer), self.cast
        assert "演練紀錄" in self.show(cast.preparer, "/start/")
        asked = {
            "kind": "first",
            "lines": ["brokerage"],
            "first_day": FIRST.isoformat(),
            "emergency": "no",
            "opinion": "no",
        }
        assert client.post("/cases/new/", asked).status_code == 302
        case = Application.objects.latest("pk")
        assert case.version_id == "115-12-01"
        given = answers(load(changing.OLD), case.version)
        scope = ["2.2.3", "2.2.1"]  # the lines decide what else is asked
        for section_id in scope:
            save(client, case, section_id, typed(case.version.section(section_id), case, given))
            case.refresh_from_db()
        assert case.lines == ["brokerage", "dealer"]
        rows = [
            replace(row, lines=tuple(dict.fromkeys("brokerage" if one == "clearing" else one for one in row.lines)))
            for row in roster()
        ]
        upload = SimpleUploadedFile("roster.csv", write_csv(rows, case.version))
        assert client.post(f"/cases/{case.pk}/roster/", {"revision": "0", "file": upload}).status_code == 302
        file = attach(case, by=cast.preparer, at=AFTER)
        Citation.objects.bulk_create(
            Citation(application=case, item_id=item.id, attachment=file, place="1")
            for page in case.pages
            for item in page.items
            if any(proof.required for proof in item.evidence) and item.id != "2.2.13.2"
        )
        for page in case.pages:
            if page.id in scope:
                continue
            changes = typed(page, case, given)
            if page.id == "2.2.13":
                assert "附" in text_of(parse(client.get(f"/cases/{case.pk}/sections/2.2.13/?check=1")))
                changes["ev-2.2.13.2-file"] = SimpleUploadedFile("演練紀錄.pdf", PDF.read_bytes())
                changes["ev-2.2.13.2-place"] = "2"
            assert save(client, case, page.id, changes).status_code == 302, page.id
        case.refresh_from_db()
        marks = {row.section_id: row.mark for row in case.sections.all()}
        assert {name: mark for name, mark in marks.items() if mark != "complete"} == {}
        assert set(marks) == {page.id for page in case.pages}
        return case

    def extension(self, previous: Application) -> Application:
        client = self.as_(self.cast.preparer)
        assert client.post(f"/cases/{previous.pk}/extend/").status_code == 302
        case = Application.objects.latest("pk")
        assert (case.first_day, case.last_day) == (LAST + timedelta(days=1), LATEST)
        said = {"2_1_2_reason__answer": "yes", "2_1_2_reason__text": "仍受管制", "2_1_2_reason__reason": "大樓封閉"}
        save(client, case, "2.1.2.reason", said)
        save(client, case, "2.1.2.period", {"2_1_2_period__text": "二項業務均延展"})
        case.refresh_from_db()
        return case

    def decided(self, case: Application) -> None:
        """Sign-off by the second person, review item by item, forwarding by two, and the authority's letter."""
        cast = self.cast
        self.act(cast.preparer, case, "send_to_checker")
        self.act(cast.checker, case, "submit")
        self.review(case, "take", cast.officer)
        judge_all(case, by=cast.officer, at=timezone.now())
        self.review(case, "recommend", cast.officer, outcome="forward", reasons="符合規定")
        self.review(case, "release", cast.supervisor, action="forward", document_number=NUMBER)
        letter = {"outcome": "approved", "document_number": LETTER, "dated": timezone.localdate().isoformat()}
        for line in case.lines:
            first, last = case.first_day, case.last_day
            assert first
            assert last
            letter |= {line: "on", f"{line}-first": first.isoformat(), f"{line}-last": last.isoformat()}
        scan = SimpleUploadedFile("復函.pdf", PDF.read_bytes())
        self.review(case, "decision", cast.officer, scan=scan, **letter)


def drawn(case: Application) -> tuple[bytes, bytes]:
    content = case.submissions.latest("number").content
    return documents.plan_pdf(content, case.version), documents.checklist_pdf(content, case.version)


def test_the_whole_journey_under_the_next_announcement_and_an_old_case_beside_it(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    with time_machine.travel(BEFORE, tick=False):
        old, _cast = filed_case(at=BEFORE)
        before = drawn(old)
    with changing.folder(tmp_path, changing.next_announcement()):
        with time_machine.travel(AFTER, tick=False):
            case = first_application(Walk(client, cast))
        with time_machine.travel(AFTER + timedelta(days=60), tick=False):
            the_extension(Walk(client, cast), case)
            old.refresh_from_db()
            assert old.version_id == changing.OLD
            assert drawn(old) == before
            assert "證交所審查" in squeezed(before[1])
            assert "112.10.03" in Walk(client, cast).show(cast.officer, f"/review/{old.pk}/")


def first_application(walk: Walk) -> Application:
    cast = walk.cast
    case = walk.first()
    assert "迄日最遲為 116 年 3 月 3 日" in walk.show(cast.preparer, f"/cases/{case.pk}/")
    late = typed(case.version.section("2.2.1"), case, {"2.2.1": {"answer": "yes", "last_day": "2027-03-04"}})
    refused = {"2_2_1__last_day": late["2_2_1__last_day"]}
    save(walk.as_(cast.preparer), case, "2.2.1", refused)
    assert "申請期間不得超過 2 個月" in walk.show(cast.preparer, f"/cases/{case.pk}/check/")
    save(walk.as_(cast.preparer), case, "2.2.1", {"2_2_1__last_day": LAST.isoformat()})
    case.refresh_from_db()
    walk.decided(case)
    assert case.status == "approved"
    assert {(one.line, one.first_day, one.last_day) for one in ApprovedPeriod.objects.filter(application=case)} == {
        ("brokerage", FIRST, LAST),
        ("dealer", FIRST, LAST),
    }
    due = {row.what: (row.due_on, row.clause) for row in Deadline.objects.filter(application=case)}
    assert due["drill"] == (date(2027, 3, 2), "2.2.13.1")
    assert due["expiry"] == (LAST, "2.1.2")
    page = walk.show(cast.preparer, f"/cases/{case.pk}/deadlines/")
    assert "異地備援演練" in page
    assert "每年至少辦理一次，自 115 年 3 月 2 日 起算 12 個月。" in page
    plan, checklist = drawn(case)
    said = squeezed(checklist)
    assert "貳、二（十三）1" in said
    assert "櫃買中心審查" in said
    assert "證交所審查" not in said
    said = squeezed(plan)
    assert "實地演練" in said
    assert "演練紀錄.pdf" in said
    assert "115.12.01證櫃輔字第1150099999號" in said
    assert "僅櫃買中心人員可見" in walk.show(cast.officer, f"/review/{case.pk}/")
    assert "異地備援演練" in walk.show(cast.officer, f"/review/{case.pk}/2.2.13/")
    return case


def the_extension(walk: Walk, previous: Application) -> None:
    cast = walk.cast
    assert ledger.extension_open(previous, timezone.now()).open
    case = walk.extension(previous)
    shown = walk.show(cast.preparer, f"/cases/{case.pk}/")
    assert re.search("終局決定核准[^（]*（金融監督管理委員會）", shown)  # between them stands what the word means
    walk.decided(case)
    assert case.status == "approved"
    assert {one.last_day for one in ApprovedPeriod.objects.filter(application=case)} == {LATEST}
    assert not ledger.extension_open(case, timezone.now()).open
    assert "116 年 5 月 3 日" in walk.show(cast.preparer, "/ledger/")
