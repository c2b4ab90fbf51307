"""新增業務範疇 in a browser: from the question which kind to the row of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import time_machine
from django.utils import timezone

from accounts.models import Firm
from applications.models import Application, ApprovedPeriod
from guideline.catalogue import load
from reviews.demo import sample
from reviews.demo.sample_filing import FOLDER
from tests.browser.approved import approve, cast_of, record_approval, submit, told
from tests.browser.person import Person
from tests.browser.test_first_application import proofs
from tests.reviews.cases import forward
from tests.services import CeleryWorker

VERSION = load("112-10-03")
AT = datetime.fromisoformat("2026-12-01T10:00:00+08:00")


def test_added_line_from_the_first_click_to_the_ledger(
    clock: time_machine.Coordinates, enter: Callable[..., Person], firm: Firm, celery_worker_process: CeleryWorker
) -> None:
    cast = cast_of(firm)
    previous = approve(cast, ["brokerage", "clearing"])
    clock.move_to(AT)
    preparer, checker = enter("preparer"), enter("checker")

    preparer.start(["dealer"], "115/12/15", "新增業務範疇")
    case = Application.objects.get(kind="added_line")
    assert case.previous == previous
    tasks = preparer.page.locator(".task-list")
    assert tasks.get_by_role("link", name="填寫自行買賣之配套管控措施").is_visible()
    assert tasks.get_by_role("link", name="填寫受託買賣之配套管控措施").count() == 0
    preparer.follow("檢視沿用之內容")
    assert preparer.page.get_by_role("heading", name="受託買賣作業及交易作業").first.is_visible()

    answers = sample.answers()
    preparer.page.goto(f"/cases/{case.pk}/sections/2.2.1/")
    assert preparer.page.get_by_text("與原期間同日屆滿：116 年 2 月 28 日").is_visible()
    days = {"first_day": "2026-12-15", "last_day": "2027-02-28"}
    answers["2.2.1"] = answers["2.2.1"] | days
    answers["2.2.3"] = answers["2.2.3"] | {"lines": []}
    answers["2.2.4"] = answers["2.2.4"] | {"procedures": _dealing(answers["2.2.4"]["procedures"])}
    recording = next(name for name, value in answers["2.2.5.6"].items() if isinstance(value, list))
    answers["2.2.5.6"] = answers["2.2.5.6"] | {recording: _dealing(answers["2.2.5.6"][recording])}
    for section_id in ("2.2.1", "2.2.3", "2.2.4", "2.2.5", "3.2"):
        preparer.page.goto(f"/cases/{case.pk}/sections/{section_id}/")
        section = VERSION.section(section_id)
        for item in section.items:
            filled = section_id == "2.2.5" and item.id != "2.2.5.6"  # taken over
            if not filled:
                preparer.fill_item(item, answers[item.id], VERSION)
        if section_id == "3.2":
            known = set(preparer.page.locator('select[name$="-use"]').first.locator("option").all_inner_texts())
            preparer.attach(section, proofs(), FOLDER, known)
        preparer.press("儲存並繼續")
    preparer.page.goto(f"/cases/{case.pk}/roster/")
    preparer.page.locator("#file").set_input_files(FOLDER / "roster.xlsx")
    preparer.press("上傳並檢查")

    submit(preparer, checker, case.pk)
    case.refresh_from_db()
    assert case.submissions.get().content["lines"] == ["dealer"]
    forward(case, cast, timezone.now())
    officer = enter("officer")
    officer.page.goto(f"/review/{case.pk}/")
    officer.follow("檢視沿用之內容")
    assert officer.headings() == "沿用原案之內容"
    record_approval(officer, case.pk, "115/12/01")

    spans = [
        (row.line, str(row.first_day), str(row.last_day)) for row in ApprovedPeriod.objects.filter(application=case)
    ]
    assert spans == [("dealer", "2026-12-15", "2027-02-28")]
    preparer.page.goto("/ledger/?day=115/12/15")
    row = preparer.page.locator("tbody tr", has_text="115.12.15–116.02.28")
    assert row.count() == 1
    assert case.number in row.inner_text()
    told(case, "record_approval")


def _dealing(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if row["key"] == "dealer"]
