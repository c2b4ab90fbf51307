"""Four ways through the portal, short: whoever goes them has their own way of pressing and writing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.models import Firm
from applications.actions import filing
from applications.enums import Status
from applications.models import Application
from reviews.demo import sample
from tests.applications.emergencies import said
from tests.browser.approved import cast_of
from tests.browser.person import Person
from tests.factories import Cast, draft, judge_all, write

Enter = Callable[[str], Person]
LINES = ["brokerage", "dealer", "clearing"]
PERIOD, BY_HAND = "2.2.1", "2.2.9"  # the sections that are written on their pages; the others are the same work
COMMENT = "請說明通報之時限。"
NOTICE_PAGES = ("2.1.1.event", "2.1.1.start", "2.1.1.contact")


def sign_off_and_file(preparer: Person, checker: Person, case: Application, button: str, done: str) -> None:
    """送內部覆核 from the page of the case; the other person forgets the declaration, is told, and files."""
    preparer.page.goto(f"/cases/{case.pk}/")
    preparer.follow("檢查內容並送內部覆核")
    preparer.press("送內部覆核")
    checker.page.goto(f"/cases/{case.pk}/")
    checker.follow("檢查內容、覆核並送件")
    checker.press(button)
    assert checker.errors() == ["請先閱讀並勾選聲明"]
    checker.choose("declare", "yes")
    checker.press(button)
    assert checker.headings() == done


def first_application(enter: Enter, firm: Firm) -> None:
    preparer = enter("preparer")
    preparer.start(LINES, "115/11/30")
    case = Application.objects.get()
    cast, section = cast_of(firm), case.version.section(PERIOD)
    write(case, by=cast.preparer, at=timezone.now(), without=[PERIOD])
    preparer.page.goto(f"/cases/{case.pk}/")
    preparer.follow(section.task.zh)
    preparer.write_text("2_2_1__last_day", "115/13/45")
    preparer.press("儲存並繼續")
    assert len(preparer.errors()) == 1
    preparer.fill_section(section, sample.answers(), case.version)
    preparer.press("儲存並稍後繼續")
    assert preparer.page.get_by_text("共 19 節，已完成 19 節").is_visible()
    sign_off_and_file(preparer, enter("checker"), case, "覆核並送件", "已完成送件")
    case.refresh_from_db()
    assert case.status == Status.SUBMITTED


def filed(firm: Firm) -> tuple[Application, Cast]:
    """The sample, filed and in the officer's hands."""
    cast = cast_of(firm)
    case = draft(cast, at=timezone.now())
    filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=timezone.now())
    case.refresh_from_db()
    filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.checker, at=timezone.now())
    case.refresh_from_db()
    return case, cast


def review_and_correction(enter: Enter, firm: Firm) -> None:
    """The officer returns one item; the firm corrects it; the officer puts the case up, the supervisor forwards it."""
    case, cast = filed(firm)
    officer = enter("officer")
    officer.page.goto(f"/review/{case.pk}/")
    officer.press("受理")
    judge_all(_fresh(case), by=cast.officer, at=timezone.now())
    _judge(officer, case, "correct", COMMENT)
    officer.page.goto(f"/review/{case.pk}/return/")
    officer.press("退請補正")

    preparer = enter("preparer")
    preparer.follow(str(case.number))
    preparer.follow(case.version.section(BY_HAND).task.zh)
    assert preparer.page.get_by_text(COMMENT).is_visible()
    preparer.write_text("2_2_9__text", "違反者於一小時內通報法令遵循主管。")
    preparer.press("儲存並稍後繼續")
    sign_off_and_file(preparer, enter("checker"), case, "覆核並送出補正", "已送出補正")

    _judge(officer, case, "ok")
    officer.page.goto(f"/review/{case.pk}/recommend/")
    officer.press("陳核")
    assert officer.errors()
    officer.choose("outcome", "forward")
    officer.write_text("reasons", "各項均符合。")
    officer.press("陳核")
    supervisor = enter("supervisor")
    supervisor.page.goto(f"/review/{case.pk}/release/")
    supervisor.write_text("document_number", "臺證輔字第1150012345號")
    supervisor.press("覆核並轉報")
    assert _fresh(case).status == Status.FORWARDED


def emergency(enter: Enter, firm: Firm) -> None:
    checker = enter("checker")
    checker.press("通報緊急情況")
    case = Application.objects.get()
    answers: dict[str, Any] = said(start={"first_day": "2026-11-06"})
    for page in NOTICE_PAGES:
        checker.fill_section(case.version.section(page), answers, case.version)
        checker.press("繼續")
    checker.press("送出通報")
    assert checker.headings() == "已送出通報"
    assert _fresh(case).status == Status.NOTICED


def _judge(officer: Person, case: Application, verdict: str, comment: str = "") -> None:
    officer.page.goto(f"/review/{case.pk}/{BY_HAND}/")
    officer.choose(f"v-{BY_HAND}-verdict", verdict)
    officer.write_text(f"v-{BY_HAND}-comment", comment)
    officer.press("儲存並審查下一項")


def _fresh(case: Application) -> Application:
    return Application.objects.get(pk=case.pk)
