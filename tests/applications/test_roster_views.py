"""The roster through its pages: upload, errors, one person, conflicts, download."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.enums import Role
from applications.actions import evidence, filing
from applications.models import Application, Event, RosterEntry, Section
from applications.roster import write_csv
from guideline.catalogue import load
from reviews.demo import sample
from tests.applications import pages
from tests.factories import FILED_AT, VERSION, Cast, draft, person, returned_case, roster

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

CSV = (sample.FOLDER / "roster.csv").read_bytes()
XLSX = (sample.FOLDER / "roster.xlsx").read_bytes()
HEAD = "員工編號,姓名,部門,職稱,業務項目,辦公方式,代理人,是否高階經理人,是否監理人員,設備編號"
ONE = "E1,王一,財富部,專員,受託買賣,居家,,否,否,"
PERSON = {
    "staff_no": "E9", "name": "新人", "department": "財富部", "title": "專員", "lines": ["brokerage"], "place": "居家",
    "agents": "", "senior": "否", "supervisor": "否",
}  # fmt: skip


@pytest.fixture
def three(case: Application, cast: Cast) -> Application:
    """The case with the first three people of the sample, at revision 1."""
    evidence.replace_roster(case_id=case.pk, rows=roster()[:3], revision=0, by=cast.preparer, at=FILED_AT)
    return case


def url(case: Application, position: int | None = None) -> str:
    return f"/cases/{case.pk}/roster/" + ("" if position is None else f"{position}/")


def upload(client: Client, case: Application, data: bytes | str, name: str = "名冊.csv", *, revision: Any) -> Any:
    content = data.encode() if isinstance(data, str) else data
    return client.post(url(case), {"revision": revision, "file": SimpleUploadedFile(name, content)})


def names(case: Application) -> list[str]:
    return list(RosterEntry.objects.filter(application=case).values_list("name", flat=True))


def staff(case: Application) -> list[tuple[int, str]]:
    return list(RosterEntry.objects.filter(application=case).values_list("position", "staff_no"))


# --- upload ----------------------------------------------------------------------


@pytest.mark.parametrize(("data", "name"), [(CSV, "roster.csv"), (XLSX, "roster.xlsx")])
def test_upload_puts_the_people_on_the_roster(
    client: Client, case: Application, cast: Cast, data: bytes, name: str
) -> None:
    answer = upload(client, case, data, name, revision=0)
    assert (answer.status_code, answer["Location"]) == (302, url(case))
    rows = list(RosterEntry.objects.filter(application=case))
    assert [(row.position, row.staff_no, row.name) for row in rows] == [
        (n, row.staff_no, row.name) for n, row in enumerate(roster(), 1)
    ]
    case.refresh_from_db()
    assert case.staff_at_home == sum(row.at_home for row in roster())
    page = client.get(url(case)).content.decode()
    assert "已匯入 85 人。" in page
    assert "名冊 85 人" in page
    section = Section.objects.get(application=case, section_id="2.2.2")
    assert (section.revision, section.saved_by) == (1, cast.preparer)
    event = Event.objects.get(what="roster")
    assert (event.actor, event.detail, event.shared) == (cast.preparer, {"people": 85}, False)


def test_upload_with_errors_lists_row_and_column_and_replaces_nothing(client: Client, three: Application) -> None:
    before = names(three)
    wrong = ["E1,?二,財富部,專員,受託買買,居家,,否,否,", ",王三,財富部,專員,受託買賣,火星,,否,也許,"]
    bad = "\n".join([HEAD, ONE, *wrong])
    answer = upload(client, three, bad, revision=1)
    assert answer.status_code == 200
    assert pages.problems(answer) == ["名冊有 6 處需要更正，未匯入任何資料"]
    table = next(one for one in pages.parse(answer).iter("table") if "如何更正" in pages.text_of(one))
    cells = [[pages.text_of(cell) for cell in line.iter("td")] for line in table.iter("tr")][1:]
    assert [(line[0], line[1], line[2]) for line in cells] == [
        ("3", "姓名", "?二"),
        ("3", "業務項目", "受託買買"),
        ("3", "員工編號", "E1"),
        ("4", "員工編號", ""),
        ("4", "辦公方式", "火星"),
        ("4", "是否監理人員", "也許"),
    ]
    assert names(three) == before
    assert Section.objects.get().revision == 1


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"", "空.csv"), (b"\xff\xfe\x00\xd8", "壞.csv"), (b"PK\x03\x04junk", "壞.xlsx"), (b"%PDF-1.4", "名冊.pdf"),
     ("甲,乙\n1,2".encode(), "別.csv"), (HEAD.encode(), "只有標題.csv"), (b"\x00\x01\x02", "控制.csv")],
)  # fmt: skip
def test_upload_that_is_no_roster_says_why(client: Client, three: Application, data: bytes, name: str) -> None:
    before = names(three)
    answer = upload(client, three, data, name, revision=1)
    assert answer.status_code == 200
    assert len(pages.problems(answer)) == 1
    assert names(three) == before


def test_upload_of_nothing_says_so(client: Client, three: Application) -> None:
    answer = client.post(url(three), {"revision": "1"})
    assert pages.problems(answer) == ["請選擇名冊檔案（CSV 或 XLSX）"]
    assert len(names(three)) == 3


def test_upload_that_is_stale_is_409_and_can_be_kept(client: Client, three: Application) -> None:
    before = names(three)
    answer = upload(client, three, CSV, revision=0)
    assert answer.status_code == 409
    assert names(three) == before
    again = pages.form(answer, url(three))
    assert again["revision"] == ["1"]
    assert client.post(url(three), again).status_code == 302
    assert names(three) == [row.name for row in roster()]


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30, "9" * 5000, "²"])
def test_upload_with_a_revision_that_is_none_is_409(client: Client, three: Application, revision: str) -> None:
    assert upload(client, three, CSV, revision=revision).status_code == 409
    assert len(names(three)) == 3


def test_upload_while_with_the_checker_is_409_and_reopens(client: Client, cast: Cast) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
    answer = upload(client, case, "\n".join([HEAD, ONE]), revision=2)
    assert answer.status_code == 409
    case.refresh_from_db()
    assert (case.status, len(names(case))) == ("internal_review", 85)
    again = pages.form(answer, url(case))
    assert (again["revision"], again["reopen"]) == (["2"], ["1"])
    assert client.post(url(case), again).status_code == 302
    case.refresh_from_db()
    assert (case.status, names(case)) == ("draft", ["王一"])


def test_upload_in_a_correction_of_other_items_is_409(client: Client) -> None:
    case, cast = returned_case({"3.6": "請說明"})
    client.force_login(cast.preparer)
    assert upload(client, case, CSV, revision=2).status_code == 409
    assert client.get(url(case, 1)).status_code == 404
    assert "上傳並檢查" not in client.get(url(case)).content.decode()


def test_upload_by_a_checker_is_409(client: Client, three: Application, cast: Cast) -> None:
    client.force_login(cast.checker)
    assert upload(client, three, CSV, revision=1).status_code == 409
    assert client.post(url(three, 0), PERSON | {"revision": "1"}).status_code == 404
    assert len(names(three)) == 3


# --- one person -------------------------------------------------------------------


def test_person_added(client: Client, three: Application) -> None:
    form = pages.form(client.get(url(three, 0)), url(three, 0))
    assert "was" not in form
    assert client.post(url(three, 0), form | PERSON).status_code == 302
    last = RosterEntry.objects.filter(application=three).last()
    assert last is not None
    assert (last.position, last.staff_no, last.name, last.lines, last.place) == (4, "E9", "新人", ["brokerage"], "home")


def test_person_changed(client: Client, three: Application) -> None:
    form = pages.form(client.get(url(three, 2)), url(three, 2))
    assert form["was"] == [roster()[1].staff_no]
    assert client.post(url(three, 2), form | {"name": "改名"}).status_code == 302
    rows = list(RosterEntry.objects.filter(application=three))
    assert rows[1].name == "改名"
    assert [row.staff_no for row in rows] == [row.staff_no for row in roster()[:3]]
    kept = roster()[1]
    assert (rows[1].lines, rows[1].place, rows[1].agents) == (list(kept.lines), kept.place, list(kept.agents))


def test_person_removed(client: Client, three: Application) -> None:
    form = pages.form(client.get(url(three, 2)), url(three, 2))
    assert client.post(url(three, 2), form | {"remove": "1"}).status_code == 302
    assert staff(three) == [(1, roster()[0].staff_no), (2, roster()[2].staff_no)]


def test_person_with_errors_keeps_what_was_typed(client: Client, three: Application) -> None:
    typed = PERSON | {"revision": "1", "staff_no": "", "name": "?\x00<b>", "lines": ["nonsense", "\x00"]}
    answer = client.post(url(three, 0), typed)
    assert answer.status_code == 200
    assert len(pages.problems(answer)) >= 2
    again = pages.form(answer, url(three, 0))
    assert (again["name"], again["department"]) == (["?\ufffd<b>"], ["財富部"])
    assert len(names(three)) == 3


@pytest.mark.parametrize("typed", ["{0}", " {0}\u3000", "\u200b{0}\ufeff"])
def test_person_with_a_number_that_is_there_is_refused(client: Client, three: Application, typed: str) -> None:
    taken = roster()[0].staff_no
    answer = client.post(url(three, 0), PERSON | {"revision": "1", "staff_no": typed.format(taken)})
    assert answer.status_code == 200
    assert pages.problems(answer) == [f"員工編號「{taken}」已在名冊中；請更正"]
    assert len(names(three)) == 3


def test_person_that_is_not_there_is_not_found(client: Client, three: Application) -> None:
    assert client.get(url(three, 4)).status_code == 404
    assert client.get(url(three, 10**30)).status_code == 404


def test_person_stale_is_409_with_what_was_typed_and_can_be_saved(
    client: Client, three: Application, cast: Cast
) -> None:
    mine = pages.form(client.get(url(three, 3)), url(three, 3))
    by = person(Role.PREPARER, firm=cast.firm)
    evidence.replace_roster(case_id=three.pk, rows=roster()[1:3], revision=1, by=by, at=FILED_AT)
    answer = client.post(url(three, 3), mine | {"name": "我改的"})
    assert answer.status_code == 409
    assert "改名" not in names(three)
    again = pages.form(answer, url(three, 2))  # he is now the second
    assert (again["name"], again["revision"], again["was"]) == (["我改的"], ["2"], [roster()[2].staff_no])
    assert client.post(url(three, 2), again).status_code == 302
    assert names(three) == [roster()[1].name, "我改的"]


def test_person_whom_a_colleague_removed_is_409_and_can_be_added_again(
    client: Client, three: Application, cast: Cast
) -> None:
    mine = pages.form(client.get(url(three, 3)), url(three, 3))
    evidence.replace_roster(case_id=three.pk, rows=roster()[:2], revision=1, by=cast.preparer, at=FILED_AT)
    answer = client.post(url(three, 3), mine | {"name": "我改的"})
    assert answer.status_code == 409
    again = pages.form(answer, url(three, 0))
    assert client.post(url(three, 0), again).status_code == 302
    assert names(three) == [roster()[0].name, roster()[1].name, "我改的"]


def test_person_removed_by_a_stale_page_is_409(client: Client, three: Application, cast: Cast) -> None:
    mine = pages.form(client.get(url(three, 2)), url(three, 2))
    rows = [replace(row, title="襄理") for row in roster()[:3]]
    evidence.replace_roster(case_id=three.pk, rows=rows, revision=1, by=cast.preparer, at=FILED_AT)
    assert client.post(url(three, 2), mine | {"remove": "1"}).status_code == 409
    assert len(names(three)) == 3


def test_person_while_with_the_checker_is_409_and_reopens(client: Client, cast: Cast) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    mine = pages.form(client.get(url(case, 1)), url(case, 1))
    filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
    answer = client.post(url(case, 1), mine | {"title": "襄理"})
    assert answer.status_code == 409
    assert client.post(url(case, 1), pages.form(answer, url(case, 1))).status_code == 302
    case.refresh_from_db()
    assert case.status == "draft"
    assert RosterEntry.objects.get(application=case, position=1).title == "襄理"


# --- download ---------------------------------------------------------------------


def test_download_is_the_roster_and_is_noted(client: Client, three: Application, cast: Cast) -> None:
    answer = client.get(f"/cases/{three.pk}/roster.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="roster-{three.pk}.csv"'
    assert answer.content == write_csv(roster()[:3], load(VERSION))
    event = Event.objects.latest("id")
    assert (event.what, event.actor, event.detail, event.shared) == (
        "roster_read", cast.preparer, {"people": 3}, False,
    )  # fmt: skip


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠A"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_download_has_no_formula_and_reads_back(client: Client, three: Application, cast: Cast, formula: str) -> None:
    rows = [replace(roster()[0], name=formula, title=formula)]
    evidence.replace_roster(case_id=three.pk, rows=rows, revision=1, by=cast.preparer, at=FILED_AT)
    data = client.get(f"/cases/{three.pk}/roster.csv").content
    head, line = csv.reader(StringIO(data.decode("utf-8-sig"), newline=""))
    cells = dict(zip(head, line, strict=True))
    assert cells["姓名"] == cells["職稱"] == "'" + formula
    assert upload(client, three, data, revision=2).status_code == 302
    assert names(three) == [formula]


def test_download_of_the_template_is_the_head_and_changes_nothing(client: Client, case: Application) -> None:
    before = pages.database()
    data = client.get(f"/cases/{case.pk}/roster.csv?template").content
    assert data.decode("utf-8-sig").split(",")[:2] == ["員工編號", "姓名"]
    assert pages.database() == before


def test_reading_the_roster_is_noted_and_an_empty_one_is_not(client: Client, case: Application, cast: Cast) -> None:
    client.get(url(case))
    assert not Event.objects.filter(what="roster_read").exists()
    evidence.replace_roster(case_id=case.pk, rows=roster()[:3], revision=0, by=cast.preparer, at=FILED_AT)
    client.force_login(cast.checker)
    client.get(url(case))
    event = Event.objects.get(what="roster_read")
    assert (event.actor, event.detail, event.shared) == (cast.checker, {"people": 3}, False)


def test_get_of_the_roster_changes_nothing(client: Client, three: Application) -> None:
    before = pages.database()
    for address in (url(three), url(three, 0), url(three, 1), url(three, 3)):
        assert client.get(address).status_code == 200
    assert pages.database() == before
