"""延展 in a browser: from the question which kind to the row of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import time_machine

from accounts.models import Firm
from applications.models import Application, ApprovedPeriod
from reviews.demo.sample_filing import FOLDER
from tests.browser.approved import approve, cast_of, submit, told
from tests.browser.person import Person
from tests.reviews.cases import NUMBER
from tests.services import CeleryWorker

AT = datetime.fromisoformat("2027-02-01T10:00:00+08:00")
LINES = ["brokerage", "clearing"]


def test_extension_from_the_first_click_to_the_ledger(
    clock: time_machine.Coordinates, enter: Callable[..., Person], firm: Firm, celery_worker_process: CeleryWorker
) -> None:
    previous = approve(cast_of(firm), LINES)
    clock.move_to(AT)
    preparer, checker = enter("preparer"), enter("checker")

    preparer.start(LINES, "116/03/01", "延展")
    case = Application.objects.get(kind="extension")
    assert case.previous == previous
    preparer.page.goto(f"/cases/{case.pk}/sections/2.1.2.reason/")
    preparer.page.locator('[name="2_1_2_reason__answer"][value="yes"]').check()
    for name, value in (("text", "營業處所仍受管制"), ("reason", "大樓仍封閉至五月")):
        preparer.page.locator(f'[name="2_1_2_reason__{name}"]').fill(value)
    preparer.page.locator('[name="ev-2.1.2.reason-file"]').set_input_files(FOLDER / "風險評估報告.pdf")
    preparer.page.locator('[name="ev-2.1.2.reason-place"]').fill("1")
    preparer.press("儲存並繼續")
    assert preparer.page.locator('[name="2_1_2_period__first_day"]').input_value() == "116/03/01"
    assert preparer.page.locator('[name="2_1_2_period__last_day"]').input_value() == "116/05/31"
    preparer.page.locator('[name="2_1_2_period__text"]').fill("二項業務均延展")
    preparer.press("儲存並繼續")
    submit(preparer, checker, case.pk)

    officer = enter("officer")
    officer.page.goto(f"/review/{case.pk}/")
    officer.press("受理")
    for section_id in ("2.1.2.reason", "2.1.2.period"):
        officer.page.goto(f"/review/{case.pk}/{section_id}/")
        officer.page.locator(f'[name="v-{section_id}-verdict"][value="ok"]').check()
        officer.press("儲存並審查下一項")
    officer.page.goto(f"/review/{case.pk}/recommend/")
    officer.page.locator('[name="outcome"][value="endorse"]').check()
    officer.page.locator('[name="reasons"]').fill("理由正當，擬同意核備。")
    officer.press("陳核")
    supervisor = enter("supervisor")
    supervisor.page.goto(f"/review/{case.pk}/release/")
    supervisor.page.locator('[name$="document_number"]').first.fill(NUMBER)
    supervisor.press("覆核並同意核備")

    spans = {
        (row.line, str(row.first_day), str(row.last_day)) for row in ApprovedPeriod.objects.filter(application=case)
    }
    assert spans == {(line, "2027-03-01", "2027-05-31") for line in LINES}
    preparer.page.goto("/ledger/?day=116/03/01")
    rows = preparer.page.locator("tbody tr", has_text="116.03.01–116.05.31")
    assert rows.count() == len(LINES)
    told(case, "endorse")

    # a second one is not open, and the way that is open is said
    preparer.page.goto("/start/?lines=brokerage&first_day=116/06/01&emergency=no&opinion=no")
    assert preparer.page.locator("section.item h2").all_inner_texts() == ["延展期滿後再申請"]
    assert preparer.page.get_by_text("延展以 1 次為限").first.is_visible()
