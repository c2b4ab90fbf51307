"""A pre-review in a browser: from the first click, by the opinion and the formal case, to the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from accounts.models import Firm, User
from applications.models import Application, ApprovedPeriod, Event, Notification
from applications.tasks import send_outbox
from guideline.shape import PRE_REVIEW
from reviews import verdicts
from reviews.demo.sample_filing import FOLDER
from reviews.models import Bundle
from tests.browser.person import Person
from tests.factories import judge_all, write
from tests.services import CeleryWorker, MailServer, wait_until

BANNER = "預先審查，尚不得實施居家辦公"
MEND, ADVICE, LATER = "2.2.5.3", "2.2.9", "2.2.8"  # to be mended; fine, with a word; not ready for the pre-review
COMMENTS = {MEND: "請補充遮罩欄位之清單", ADVICE: "建議併附申報表格"}


def user(who: str) -> User:
    return User.objects.get(email=f"{who}@portal.example")


def test_pre_review_becomes_a_formal_case_and_a_row_of_the_ledger(
    enter: Callable[..., Person], firm: Firm, celery_worker_process: CeleryWorker, smtp_sink: MailServer
) -> None:
    preparer, checker = enter("preparer"), enter("checker")
    preparer.start(["brokerage", "dealer", "clearing"], "115/11/30", "預先審查", opinion="yes")
    before = Application.objects.get()
    assert before.kind == PRE_REVIEW
    write(before, by=user("preparer"), at=timezone.now(), without=[LATER])
    file(preparer, checker, before.pk, left_out=1)

    officer, supervisor = enter("officer"), enter("supervisor")
    officer.page.goto(f"/review/{before.pk}/")
    assert officer.page.get_by_text(BANNER).is_visible()
    officer.press("受理")
    judge(officer, before.pk, MEND, "correct", COMMENTS[MEND])
    judge(officer, before.pk, ADVICE, "ok", COMMENTS[ADVICE])
    before.refresh_from_db()
    judge_all_others(before)
    put_up(officer, before.pk, "give_opinion", "大致妥適。")
    supervisor.page.goto(f"/review/{before.pk}/release/")
    supervisor.press("覆核並完成預審")
    assert supervisor.page.get_by_text("本意見非核准").first.is_visible()
    send_outbox.delay()
    mine = Notification.objects.filter(outbox__what="give_opinion", user__email=preparer.email)
    wait_until(mine.filter(sent_at__isnull=False).exists, seconds=30, what="mail on the opinion")
    assert preparer.email in [message["To"] for message in smtp_sink.messages]

    preparer.page.goto(f"/cases/{before.pk}/")
    assert all(preparer.page.get_by_text(comment).first.is_visible() for comment in COMMENTS.values())
    preparer.press("轉為正式申請")
    case = Application.objects.get(previous=before)
    assert preparer.page.get_by_text(BANNER).count() == 0
    assert preparer.page.locator(".task-list .tag", has_text="待確認沿用或更新").count() == 2
    for section_id in ("1", "2.2.1"):
        preparer.page.goto(f"/cases/{case.pk}/sections/{section_id}/")
        preparer.press("儲存並稍後繼續")
    preparer.page.goto(f"/cases/{case.pk}/sections/2.2.5/")
    preparer.page.locator('[name="2_2_5_3__text"]').fill("遮罩欄位：姓名、帳號、電話及地址，清單如附件。")
    preparer.press("儲存並稍後繼續")
    others = [page.id for page in case.version.sections if page.id != LATER]
    write(case, by=user("preparer"), at=timezone.now(), without=others)
    file(preparer, checker, case.pk)

    officer.page.goto(f"/review/{case.pk}/")
    officer.press("受理")
    assert sorted(one.item_id for one in verdicts.read(case).unjudged) == [MEND, LATER]
    officer.page.goto(f"/review/{case.pk}/2.2.5/")
    assert officer.page.get_by_role("heading", name="新增、變更或須留意 1 項").is_visible()
    assert officer.page.locator(f'[id="item-{MEND}"]').is_visible()
    assert officer.page.get_by_text(COMMENTS[MEND]).first.is_visible()
    assert not officer.page.locator('[id="item-2.2.5.1"]').is_visible()
    officer.page.locator("details.carried > summary").press("Enter")
    assert officer.page.locator('[id="item-2.2.5.1"]').is_visible()
    assert officer.page.get_by_text("承預審：未變更").first.is_visible()
    judge(officer, case.pk, MEND, "ok")
    judge(officer, case.pk, LATER, "ok")
    put_up(officer, case.pk, "forward", "各項均符合。")
    supervisor.page.goto(f"/review/{case.pk}/release/")
    supervisor.page.locator('[name$="document_number"]').first.fill("臺證輔字第1150012345號")
    supervisor.press("覆核並轉報")
    wait_until(Bundle.objects.exists, seconds=60, what="the bundle")

    officer.page.goto(f"/review/{case.pk}/decision/")
    officer.page.locator('[name="outcome"]').first.check()
    officer.page.locator('[name="document_number"]').fill("金管證券字第1150380001號")
    officer.page.locator('[name="dated"]').fill("115/11/06")
    officer.page.locator('[name="scan"]').set_input_files(FOLDER / "董事會議事錄.pdf")
    officer.press("登錄")
    assert ApprovedPeriod.objects.filter(application=case).count() == 3
    assert not ApprovedPeriod.objects.filter(application=before).exists()
    preparer.page.goto("/ledger/")
    assert preparer.page.locator("table tbody tr").count() == 3
    assert preparer.page.get_by_text(str(Application.objects.get(pk=case.pk))).first.is_visible()
    assert Event.objects.filter(what="give_opinion").count() == 1


def file(preparer: Person, checker: Person, pk: int, *, left_out: int = 0) -> None:
    """送內部覆核, and 覆核並送件 by another."""
    preparer.page.goto(f"/cases/{pk}/check/")
    assert preparer.page.get_by_text(f"未送審 {left_out} 節").count() == bool(left_out)
    preparer.press("送內部覆核")
    checker.page.goto(f"/cases/{pk}/check/")
    checker.page.locator("#declare").check()
    checker.press("覆核並送件")
    assert checker.headings() == "已完成送件"


def judge(officer: Person, pk: int, item_id: str, verdict: str, comment: str = "") -> None:
    section = Application.objects.get(pk=pk).version.section_of(item_id)
    officer.page.goto(f"/review/{pk}/{section.id}/")
    officer.page.locator(f'[name="v-{item_id}-verdict"][value="{verdict}"]').check()
    officer.page.locator(f'[name="v-{item_id}-comment"]').fill(comment)
    with officer.page.expect_navigation():
        officer.page.locator('button[name="then"][value="stay"]').click()


def judge_all_others(case: Application) -> None:
    """符合 for what has no verdict yet, as the page would write it."""
    at = timezone.now() + timedelta(seconds=1)
    now = verdicts.read(case)
    failing = {one.item_id: one.comment for one in now.failing}
    judge_all(case, by=user("officer"), at=at, failing=failing)


def put_up(officer: Person, pk: int, outcome: str, reasons: str) -> None:
    officer.page.goto(f"/review/{pk}/recommend/")
    officer.page.locator(f'[name="outcome"][value="{outcome}"]').check()
    officer.page.locator('[name="reasons"]').fill(reasons)
    officer.press("陳核")
