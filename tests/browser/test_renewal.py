"""延展期滿後再申請 in a browser: from the question which kind to the row of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import time_machine
from django.utils import timezone

from accounts.models import Firm
from applications.actions import carrying
from applications.models import Application, ApprovedPeriod
from reviews.demo.sample_filing import FOLDER
from tests.browser.approved import approve, cast_of, record_approval, submit, told
from tests.browser.person import Person
from tests.reviews.cases import forward
from tests.services import CeleryWorker

OVER = datetime.fromisoformat("2027-03-08T10:00:00+08:00")
LINES = ["brokerage", "clearing"]


def test_renewal_from_the_first_click_to_the_ledger(
    clock: time_machine.Coordinates,
    enter: Callable[..., Person],
    firm: Firm,
    celery_worker_process: CeleryWorker,
) -> None:
    cast = cast_of(firm)
    previous = approve(cast, LINES)
    clock.move_to(OVER)
    preparer, checker = enter("preparer"), enter("checker")

    preparer.start(LINES, "116/04/01", "延展期滿後再申請")
    case = Application.objects.get(kind="renewal")
    assert case.previous == previous
    assert preparer.page.locator(".task-list .tag", has_text="待確認沿用或更新").count() == case.sections.count()

    # one kept on the task list, one at the top of its page, one changed; the rest as the page does it
    with preparer.page.expect_navigation():
        preparer.page.locator('form[action$="/keep/2.2.9/"] button').click()
    assert preparer.page.get_by_text("「防範利益衝突及違規之措施」沿用前案內容。").is_visible()
    preparer.page.goto(f"/cases/{case.pk}/sections/2.2.8/")
    preparer.press("沿用")
    preparer.page.goto(f"/cases/{case.pk}/sections/2.2.4/")
    text = preparer.page.locator('[name="2_2_4__text"]')
    text.fill(text.input_value() + "（本次更新）改採雙軌輪值。")
    preparer.press("儲存並繼續")

    preparer.page.goto(f"/cases/{case.pk}/sections/2.2.1/")
    preparer.page.locator('[name="2_2_1__answer"][value="yes"]').check()
    preparer.page.locator('[name="2_2_1__text"]').fill("再申請之期間")
    preparer.page.locator('[name="2_2_1__first_day"]').fill("116/04/01")
    preparer.page.locator('[name="2_2_1__last_day"]').fill("116/06/30")
    preparer.press("儲存並繼續")
    preparer.page.goto(f"/cases/{case.pk}/sections/2.1.2.need/")
    for name, value in (("assessed_on", "116/03/05"), ("assessor", "風險管理委員會"), ("why", "大樓仍受管制。")):
        preparer.page.locator(f'[name="2_1_2_need__{name}"]').fill(value)
    preparer.page.locator('[name="ev-2.1.2.need-file"]').set_input_files(FOLDER / "風險評估報告.pdf")
    preparer.page.locator('[name="ev-2.1.2.need-place"]').fill("1")
    preparer.press("儲存並繼續")
    by_domain: dict[str, Any] = {"case_id": case.pk, "by": cast.preparer, "at": timezone.now()}
    for row in case.sections.filter(carry="offered"):
        carrying.keep(**by_domain, section_id=row.section_id, revision=row.revision)

    submit(preparer, checker, case.pk)
    case.refresh_from_db()
    said = case.submissions.get().content["carry"]
    assert (said["2.2.4"], said["2.2.8"], said["2.2.9"]) == ("updated", "kept", "kept")
    forward(case, cast, timezone.now())

    officer = enter("officer")
    officer.page.goto(f"/review/{case.pk}/2.2.4/")
    assert officer.page.get_by_role("heading", name=f"前案 {previous.number}").is_visible()
    assert officer.page.get_by_text("（本次更新）改採雙軌輪值。").is_visible()
    record_approval(officer, case.pk, "116/03/08")

    spans = {
        (row.line, str(row.first_day), str(row.last_day)) for row in ApprovedPeriod.objects.filter(application=case)
    }
    assert spans == {(line, "2027-04-01", "2027-06-30") for line in LINES}
    preparer.page.goto("/ledger/?day=116/04/01")
    rows = preparer.page.locator("tbody tr", has_text=case.number or "")
    assert rows.filter(has_text="116.04.01–116.06.30").count() == len(LINES)
    told(case, "record_approval")
