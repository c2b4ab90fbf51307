"""The main job in a browser: the whole sample filing, from the first click to the approved period."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from accounts.models import Firm
from applications.models import Application, ApprovedPeriod, Submission
from guideline.catalogue import load
from reviews.demo import sample
from reviews.demo.sample_filing import FOLDER, filing
from tests.browser.person import Person, Proof

VERSION = load("112-10-03")
NUMBER = "WFH-115-00001"
RETURNED = {"2.2.6": "請補充複測之系統名稱", "3.5.4": "請說明抽樣方法"}


def proofs() -> dict[str, list[Proof]]:
    """item id -> (file, place) of filing.json."""
    clauses = filing()["clauses"].items()
    return {item_id: [place_of(proof) for proof in clause["evidence"]] for item_id, clause in clauses}


def place_of(proof: dict[str, object]) -> Proof:
    page = str(proof["page"] or "")
    note = f"（{proof['note']}）" if proof.get("note") else ""
    return str(proof["file"]), f"{page}{note}"


def squeezed(text: str) -> str:
    """Without white space, and without the hyphens that pdftotext takes for those of a broken word."""
    return "".join(text.split()).replace("-", "")


BODY = ["-x", "0", "-y", "65", "-W", "596", "-H", "720"]  # points of an A4 page without its head and foot


def pdf_text(person: Person, path: str, folder: Path, area: list[str] | None = None) -> str:
    answer = person.context.request.get(path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    file = folder / "document.pdf"
    file.write_bytes(answer.body())
    command = ["pdftotext", *(area or []), str(file), "-"]
    return squeezed(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def write_case(preparer: Person) -> Application:
    """Start a case and write all of the sample: 19 sections, the roster by upload, every file at its place."""
    preparer.start(["brokerage", "dealer", "clearing"], "115/11/30")
    case = Application.objects.get()
    answers, known = sample.answers(), set[str]()
    first = ["2.2.1", "2.2.3"]  # the period and the lines decide what else is asked
    for section_id in [*first, *(section.id for section in VERSION.pages_of("first") if section.id not in first)]:
        section = VERSION.section(section_id)
        preparer.page.goto(f"/cases/{case.pk}/sections/{section_id}/")
        preparer.fill_section(section, answers, VERSION)
        preparer.attach(section, proofs(), FOLDER, known)
        preparer.press("儲存並繼續")
        if section.roster:
            preparer.page.goto(f"/cases/{case.pk}/roster/")
            preparer.page.locator("#file").set_input_files(FOLDER / "roster.xlsx")
            preparer.press("上傳並檢查")
            assert preparer.page.get_by_text("已匯入 85 人").is_visible()
    return case


def test_first_application_whole_sample_reaches_approved_period(
    enter: Callable[..., Person], firm: Firm, tmp_path: Path
) -> None:
    preparer = enter("preparer")
    case = write_case(preparer)

    preparer.page.goto(f"/cases/{case.pk}/check/")
    assert preparer.page.locator("#missing-title").count() == 0
    preparer.page.locator("#document_number").fill(filing()["case"]["firm_document_no"])
    preparer.press("送內部覆核")

    checker = enter("checker")
    checker.follow(f"草稿 {case.pk}")
    checker.follow("檢查內容、覆核並送件")
    checker.page.locator("#declare").check()
    checker.press("覆核並送件")
    assert checker.headings() == "已完成送件"
    assert checker.page.get_by_text(NUMBER).first.is_visible()

    # every character as written: in the database, on the page, in the PDF
    submission = Submission.objects.get()
    texts = [clause["text"] for clause in filing()["clauses"].values()]
    items = [item for page in VERSION.pages_of("first") for item in page.items]
    order = [item.id for item in items]
    written = {item_id: filing()["clauses"][item_id] for item_id in order}
    stored = submission.content["answers"]
    assert {i: stored[i]["text"] for i in order} == {i: c["text"] for i, c in written.items()}
    assert {i: stored[i].get("note", "") for i in order} == {
        i: c["note"].replace("\r\n", "\n") for i, c in written.items()
    }
    checker.page.goto(f"/cases/{case.pk}/submissions/1/")
    assert checker.page.locator(".answer__text").all_text_contents() == [c["text"] for c in written.values()]
    plan = pdf_text(checker, f"/cases/{case.pk}/submissions/1/plan.pdf", tmp_path, BODY)
    assert [text for text in texts if squeezed(text) not in plan] == []
    checklist = pdf_text(checker, f"/cases/{case.pk}/submissions/1/checklist.pdf", tmp_path)
    assert [item.number for item in items if squeezed(item.number) not in checklist] == []
    assert len(submission.content["roster"]) == 85
    cited = {i: [(p["name"], p["place"]) for p in found] for i, found in submission.content["evidence"].items()}
    assert cited == proofs()

    officer = enter("officer")
    review(officer, case.pk, RETURNED)
    correct(preparer, checker, case.pk)

    officer.page.goto(f"/review/{case.pk}/2.2.6/")
    assert officer.page.get_by_text("複測系統：自營行情").first.is_visible()
    review(officer, case.pk, {}, only=list(RETURNED))
    officer.page.goto(f"/review/{case.pk}/recommend/")
    officer.page.locator('[name="outcome"][value="forward"]').check()
    officer.page.locator('[name="reasons"]').fill("各項均符合，擬予轉報。")
    officer.press("陳核")

    supervisor = enter("supervisor")
    supervisor.page.goto(f"/review/{case.pk}/release/")
    supervisor.page.locator('[name$="document_number"]').first.fill("臺證輔字第1150012345號")
    supervisor.press("覆核並轉報")

    officer.page.goto(f"/review/{case.pk}/decision/")
    officer.page.locator('[name="outcome"]').first.check()
    officer.page.locator('[name="document_number"]').fill("金管證券字第1150380001號")
    officer.page.locator('[name="dated"]').fill("115/11/06")
    officer.page.locator('[name="scan"]').set_input_files(FOLDER / "董事會議事錄.pdf")
    officer.press("登錄")

    periods = ApprovedPeriod.objects.order_by("line").values_list("line", "first_day", "last_day")
    assert [(line, str(first), str(last)) for line, first, last in periods] == [
        (line, "2026-11-30", "2027-02-28") for line in ("brokerage", "clearing", "dealer")
    ]
    preparer.page.goto("/")
    table = preparer.page.locator("table").first
    assert table.locator("tbody tr").count() == 3
    assert "115 年 11 月 30 日" in table.inner_text()
    assert "116 年 2 月 28 日" in table.inner_text()


def review(officer: Person, pk: int, failing: dict[str, str], only: list[str] | None = None) -> None:
    """Judge every item (or those named): 符合, but the failing ones 須補正; then 退請補正."""
    officer.page.goto(f"/review/{pk}/")
    if officer.page.get_by_role("button", name="受理", exact=True).count():
        officer.press("受理")
    for section in VERSION.pages_of("first"):
        items = [item for item in section.items if only is None or item.id in only]
        if not items:
            continue
        officer.page.goto(f"/review/{pk}/{section.id}/")
        for item in items:
            verdict = "correct" if item.id in failing else "ok"
            officer.page.locator(f'[name="v-{item.id}-verdict"][value="{verdict}"]').check()
            if item.id in failing:
                officer.page.locator(f'[name="v-{item.id}-comment"]').fill(failing[item.id])
        officer.press("儲存並審查下一項")
    if failing:
        officer.page.goto(f"/review/{pk}/return/")
        letter = officer.page.locator('[name="letter"]').input_value()
        assert all(comment in letter for comment in failing.values())
        officer.press("退請補正")


def correct(preparer: Person, checker: Person, pk: int) -> None:
    """Only the named items are open; change them, have them signed off, send them."""
    preparer.page.goto(f"/cases/{pk}/")
    assert preparer.page.locator(".task-list .tag", has_text="須補正").count() == len(RETURNED)
    preparer.page.goto(f"/cases/{pk}/sections/3.5/")
    assert preparer.page.locator('[name="3_5_4__text"]').count() == 1
    assert preparer.page.locator('[name="3_5_3__text"]').count() == 0
    assert preparer.page.get_by_text("已審查，無須修改").count() == 3
    assert preparer.page.get_by_text(RETURNED["3.5.4"]).is_visible()
    clause = filing()["clauses"]
    for item_id, more in (("3.5.4", "抽樣採分層隨機抽樣。"), ("2.2.6", "複測系統：自營行情、端點防毒。")):
        preparer.page.goto(f"/cases/{pk}/sections/{VERSION.section_of(item_id).id}/")
        name = f"{item_id.replace('.', '_')}__text"
        preparer.page.locator(f'[name="{name}"]').fill(clause[item_id]["text"] + more)
        preparer.press("儲存並稍後繼續")
    preparer.page.goto(f"/cases/{pk}/check/")
    preparer.press("送內部覆核")
    checker.page.goto(f"/cases/{pk}/check/")
    checker.page.locator("#declare").check()
    checker.press("覆核並送出補正")
    assert checker.headings() == "已送出補正"
    old, new = (json.loads(s.payload) for s in Submission.objects.order_by("number"))
    assert [i for i in new["answers"] if new["answers"][i] != old["answers"][i]] == list(RETURNED)
