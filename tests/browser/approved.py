"""What browser tests of later kinds begin with: an approved case of 甲山, made by the domain; and what they share."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import Firm, User
from applications.actions import evidence, filing
from applications.models import Application, Notification, Section
from applications.tasks import send_outbox
from reviews.actions import deciding
from tests import services
from tests.browser.person import Person
from tests.factories import PDF, Cast, draft, roster
from tests.reviews.cases import forward, scan


def cast_of(firm: Firm) -> Cast:
    """The people of the browser tests as those of a case."""
    cast = Cast.__new__(Cast)
    cast.firm = firm
    for who in ("preparer", "checker", "officer", "supervisor"):
        setattr(cast, who, User.objects.get(email=f"{who}@portal.example"))
    return cast


def approve(cast: Cast, lines: list[str]) -> Application:
    """The sample for these lines, filed and approved now; test_first_application does it by hand."""
    at = timezone.now()
    answers: Any = {"2.2.3": {"lines": lines}}
    case = draft(cast, at=at, changes=answers)
    held = Section.objects.get(application=case, section_id="2.2.4")
    rows = held.answers["2.2.4"]["procedures"]
    held.answers["2.2.4"]["procedures"] = [row for row in rows if row["key"] in lines]
    held.save()
    people = [row for row in roster() if set(row.lines) <= set(lines)]
    revision = case.sections.get(section_id="2.2.2").revision
    evidence.replace_roster(case_id=case.pk, rows=people, revision=revision, by=cast.preparer, at=at)
    case.refresh_from_db()
    filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=at)
    case.refresh_from_db()
    filing.submit(case_id=case.pk, revision=case.revision, key=f"k{case.pk}", by=cast.checker, at=at)
    forward(case, cast, at)
    span = (case.first_day, case.last_day)
    deciding.record_decision(
        case_id=case.pk, revision=case.revision, approved=True, document_number="金管證券字第1150380001號",
        dated=timezone.localdate(at), conditions="", periods=dict.fromkeys(lines, span), scan=scan(), by=cast.officer,
        at=at,
    )  # type: ignore[arg-type]  # fmt: skip
    case.refresh_from_db()
    return case


def submit(preparer: Person, checker: Person, pk: int) -> None:
    """送內部覆核, then 覆核並送件 by the other person; nothing is missing."""
    preparer.page.goto(f"/cases/{pk}/check/")
    missing = preparer.page.locator("#missing-title + ul")
    assert missing.all_inner_texts() == []
    preparer.press("送內部覆核")
    checker.page.goto(f"/cases/{pk}/check/")
    checker.page.locator("#declare").check()
    checker.press("覆核並送件")
    assert checker.headings() == "已完成送件"


def record_approval(officer: Person, pk: int, dated: str) -> None:
    """登錄主管機關復函, with the lines and days that the page proposes."""
    officer.page.goto(f"/review/{pk}/decision/")
    officer.page.locator('[name="outcome"]').first.check()
    officer.page.locator('[name="document_number"]').fill("金管證券字第1150380002號")
    officer.page.locator('[name="dated"]').fill(dated)
    officer.page.locator('[name="scan"]').set_input_files(PDF)
    officer.press("登錄")


def told(case: Application, what: str) -> None:
    """The worker takes up the outbox, as beat would have it do, and sends the mails of this."""
    send_outbox.delay()
    sent = Notification.objects.filter(outbox__application=case, outbox__what=what, sent_at__isnull=False)
    services.wait_until(sent.exists, seconds=20, what=f"mail of {what}")
