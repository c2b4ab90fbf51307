"""Evidence on a page of the wizard: kept, cited, refused; the rest of the page is never lost by it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.actions.drafting import create_draft
from applications.models import Application, Attachment, Citation
from tests.applications import pages
from tests.applications.pages import save, stored, url
from tests.factories import FILED_AT, PDF, Cast, attach

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HOSTILE = b"<html><script>alert(1)</script></html>"


def pdf(name: str = "應變計畫.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF.read_bytes())


def places(case: Application) -> list[tuple[str, str, str]]:
    rows = Citation.objects.filter(application=case).order_by("id")
    return list(rows.values_list("item_id", "attachment__name", "place"))


def test_upload_at_a_place(client: Client, case: Application) -> None:
    answer = save(client, case, "2.2.9", {"ev-2.2.9-file": pdf(), "ev-2.2.9-place": " 12 ", "add": "item-2_2_9"})
    assert answer["Location"] == url(case, "2.2.9") + "#item-2_2_9"
    assert places(case) == [("2.2.9", "應變計畫.pdf", "12")]
    again = pages.form(client.get(url(case, "2.2.9")), url(case, "2.2.9"))
    citation = Citation.objects.get()
    assert again[f"cite-{citation.pk}-place"] == ["12"]
    assert again["ev-2.2.9-place"] == [""]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b"filename*=UTF-8''%ed%a0%80%00x.pdf", "\ufffd\ufffd\ufffdx.pdf"),
        (b'filename="C:\\temp\\..\\plan.pdf"', "plan.pdf"),
        (b'filename="../../etc/plan.pdf"', "plan.pdf"),
        ('filename="\u202efdp.pdf"'.encode(), "fdp.pdf"),
    ],
)
def test_upload_with_an_odd_name_is_kept_under_a_readable_one(
    client: Client, case: Application, header: bytes, name: str
) -> None:
    parts = [
        b'--b\r\nContent-Disposition: form-data; name="revision"\r\n\r\n0\r\n',
        b'--b\r\nContent-Disposition: form-data; name="ev-2.2.9-file"; ' + header + b"\r\n\r\n",
        PDF.read_bytes(),
        b"\r\n--b--\r\n",
    ]
    answer = client.post(url(case, "2.2.9"), b"".join(parts), content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 302
    assert Attachment.objects.get().name == name
    assert client.get(url(case, "2.2.9")).status_code == 200


def test_upload_of_two_files_at_once(client: Client, case: Application) -> None:
    save(client, case, "2.2.9", {"ev-2.2.9-file": [pdf("一.pdf"), pdf("二.pdf")]})
    assert places(case) == [("2.2.9", "一.pdf", ""), ("2.2.9", "二.pdf", "")]


def test_upload_that_is_refused_names_the_file_and_keeps_the_rest(client: Client, case: Application) -> None:
    hostile = SimpleUploadedFile("惡意 <b>.pdf", HOSTILE)
    changes = {
        "2_2_9__text": "其他內容", "ev-2.2.9-file": [hostile, pdf("好.pdf")], "ev-2.2.9-place": "第 3 節",
    }  # fmt: skip
    answer = save(client, case, "2.2.9", changes)
    assert answer.status_code == 200
    lines = pages.problems(answer)
    assert len(lines) == 1
    assert "惡意 <b>.pdf" in lines[0]
    assert stored(case, "2.2.9").answers["2.2.9"]["text"] == "其他內容"
    assert places(case) == [("2.2.9", "好.pdf", "第 3 節")]
    assert not Attachment.objects.filter(name__contains="惡意").exists()


def test_upload_that_is_refused_keeps_the_place_that_was_typed(client: Client, case: Application) -> None:
    changes = {"ev-2.2.9-file": SimpleUploadedFile("惡意.pdf", HOSTILE), "ev-2.2.9-place": "第 3 節"}
    again = pages.form(save(client, case, "2.2.9", changes), url(case, "2.2.9"))
    assert again["ev-2.2.9-place"] == ["第 3 節"]


def test_place_without_a_file_is_said_and_kept(client: Client, case: Application) -> None:
    answer = save(client, case, "2.2.9", {"2_2_9__text": "甲", "ev-2.2.9-place": "第 3 節"})
    assert answer.status_code == 200
    (line,) = pages.problems(answer)
    assert "沒有選擇檔案" in line
    assert pages.form(answer, url(case, "2.2.9"))["ev-2.2.9-place"] == ["第 3 節"]
    assert stored(case, "2.2.9").answers["2.2.9"]["text"] == "甲"


def test_file_of_the_case_cited_at_a_place(client: Client, case: Application, cast: Cast) -> None:
    file = attach(case, by=cast.preparer, at=FILED_AT)
    save(client, case, "2.2.9", {"ev-2.2.9-use": str(file.pk), "ev-2.2.9-place": "5-7"})
    assert places(case) == [("2.2.9", "應變計畫.pdf", "5-7")]


@pytest.mark.parametrize("pk", ["another", "999999999", "9" * 18, "9" * 30, "9" * 5000, "x", "-1", "0", "²", "\x00"])
def test_file_that_is_none_of_the_case_is_refused_and_the_text_kept(
    client: Client, case: Application, cast: Cast, pk: str
) -> None:
    other = Cast()
    strange = create_draft(firm=other.firm, by=other.preparer, at=FILED_AT)
    theirs = attach(strange, by=other.preparer, at=FILED_AT, name="他公司.pdf")
    value = str(theirs.pk) if pk == "another" else pk
    answer = save(client, case, "2.2.9", {"2_2_9__text": "甲", "ev-2.2.9-use": value})
    assert answer.status_code == 200
    (line,) = pages.problems(answer)
    assert line.endswith("所選檔案不在本案的檔案中，請重新選擇")
    assert "他公司" not in answer.content.decode()
    assert stored(case, "2.2.9").answers["2.2.9"]["text"] == "甲"
    assert places(case) == []


def test_place_changed_and_evidence_removed(client: Client, case: Application) -> None:
    save(client, case, "2.2.9", {"ev-2.2.9-file": [pdf("一.pdf"), pdf("二.pdf")], "ev-2.2.9-place": "1"})
    one, two = Citation.objects.all()
    save(client, case, "2.2.9", {f"cite-{one.pk}-place": " 附件二\x00 ", f"cite-{two.pk}-remove": "on"})
    assert places(case) == [("2.2.9", "一.pdf", "附件二\ufffd")]
    assert Attachment.objects.count() == 2


def test_place_of_evidence_on_another_page_or_case_is_left_alone(client: Client, case: Application, cast: Cast) -> None:
    file = attach(case, by=cast.preparer, at=FILED_AT)
    elsewhere = Citation.objects.create(application=case, item_id="2.2.8", attachment=file, place="1")
    other = Cast()
    strange = create_draft(firm=other.firm, by=other.preparer, at=FILED_AT)
    theirs = Citation.objects.create(
        application=strange,
        item_id="2.2.9",
        attachment=attach(strange, by=other.preparer, at=FILED_AT),
        place="1",
    )
    for citation in (elsewhere, theirs):
        save(client, case, "2.2.9", {f"cite-{citation.pk}-place": "9", f"cite-{citation.pk}-remove": "on"})
        citation.refresh_from_db()
        assert citation.place == "1"
