"""Files through the real pages: what is refused leaves the form as it was, what is taken comes back byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applications.actions.drafting import create_draft
from applications.forms.section import key
from applications.models import Application, Attachment, Citation, Section, StoredFile
from tests.applications.good_files import good_files, larger_files
from tests.applications.hostile_files import HARMLESS, REFUSED
from tests.applications.pages import form, problems
from tests.factories import FILED_AT, PDF, Cast, attach, filed_case

pytestmark = [pytest.mark.once, pytest.mark.django_db]

ITEM = "2.2.9"
FIELD = f"ev-{ITEM}-file"
BYTES = PDF.read_bytes()
SHA256 = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def case(cast: Cast, client: Client) -> Application:
    client.force_login(cast.preparer)
    return create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)


def groups(some: Iterable[Any], size: int) -> Iterator[list[Any]]:
    every = list(some)
    return (every[at : at + size] for at in range(0, len(every), size))


def post(client: Client, case: Application, files: Iterable[tuple[str, bytes]], field: str = FIELD, **more: Any) -> Any:
    """The page as it stands, with some text typed, and these files."""
    address = reverse("section", args=[case.pk, ITEM])
    data = form(client.get(address), address) | {key(ITEM, "text"): f"輪調與監看 {more.pop('text', '')}", **more}
    uploads = []
    for name, content in files:
        upload = SimpleUploadedFile("x", content)
        upload.name = name  # past Django's own cut
        uploads.append(upload)
    return client.post(address, data | {field: uploads, "next": "1"})


def fetch(client: Client, address: str, headers: dict[str, str] | None = None) -> Any:
    """The answer, its body read to the end as ``body``."""
    response = client.get(address, headers=headers)
    response.body = b"".join(response)
    return response


def test_every_hostile_file_is_refused_by_name_and_the_form_is_kept(client: Client, case: Application) -> None:
    for number, group in enumerate(groups(REFUSED.values(), 30)):
        response = post(client, case, [(name, make()) for name, make, _said in group], text=str(number))
        assert response.status_code == 200
        said = [text.partition("：")[2] for text in problems(response)]
        assert said == [" ".join(message.split()) for _name, _make, message in group]
        kept = Section.objects.get(application=case, section_id=ITEM).answers[ITEM]["text"]
        assert kept == f"輪調與監看 {number}"
        assert kept in response.content.decode()
    assert not Attachment.objects.exists()
    assert not StoredFile.objects.exists()


def test_every_harmless_file_is_kept_under_a_safe_name_and_given_out_to_be_saved(
    client: Client, case: Application
) -> None:
    made = [(name, make(), kept) for name, make, kept in HARMLESS.values()]
    for group in groups(made, 9):
        assert post(client, case, [(name, content) for name, content, _kept in group]).status_code == 302
    files = list(Attachment.objects.all())
    assert [file.name for file in files] == [kept for _name, _content, kept in made]
    for file, (_name, content, _kept) in zip(files, made, strict=True):
        response = fetch(client, reverse("file", args=[file.pk]))
        assert response.body == content
        assert response["Content-Type"] == file.content_type
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert file.file.name.rpartition("/")[2].partition(".")[0] == hashlib.sha256(content).hexdigest()


def test_fifty_good_files_come_back_byte_for_byte(client: Client, case: Application) -> None:
    made = [*good_files(), *larger_files()]
    assert len(made) == 54
    for group in groups(made, 27):
        assert post(client, case, group).status_code == 302
    files = list(Attachment.objects.all())
    assert [file.name for file in files] == [name for name, _content in made]
    for file, (name, content) in zip(files, made, strict=True):
        response = fetch(client, reverse("file", args=[file.pk]))
        assert response.status_code == 200
        assert response.body == content
        assert response["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
        assert response["Content-Length"] == str(len(content))
        said = response["Content-Disposition"]
        assert unquote(said.partition("filename*=utf-8''")[2]) == name or said == f'attachment; filename="{name}"'


# --- one file, given out -------------------------------------------------------------


@pytest.fixture
def address(cast: Cast, case: Application) -> str:
    return reverse("file", args=[attach(case, by=cast.preparer, at=FILED_AT).pk])


def test_file_is_opened_in_place_only_where_that_is_asked_for(client: Client, address: str) -> None:
    assert fetch(client, address)["Content-Disposition"].startswith("attachment;")
    opened = fetch(client, f"{address}?open")
    assert opened["Content-Disposition"].startswith("inline;")
    assert opened["X-Content-Type-Options"] == "nosniff"
    Attachment.objects.update(content_type="text/plain")
    assert fetch(client, f"{address}?open")["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("asked", "status", "said", "expected"),
    [
        ("bytes=0-99", 206, "bytes 0-99/{}", BYTES[:100]),
        ("bytes=100-", 206, "bytes 100-{last}/{}", BYTES[100:]),
        ("bytes=-7", 206, "bytes {tail}-{last}/{}", BYTES[-7:]),
        ("bytes=5-99999999", 206, "bytes 5-{last}/{}", BYTES[5:]),
        ("bytes=99999999-", 416, "bytes */{}", b""),
        ("bytes=-0", 416, "bytes */{}", b""),
        ("bytes=9-5", 416, "bytes */{}", b""),
        ("bytes=0-1,5-6", 200, None, BYTES),
        ("bytes=x-y", 200, None, BYTES),
        ("pages=1-2", 200, None, BYTES),
    ],
)
def test_range_of_a_file(
    client: Client, address: str, asked: str, status: int, said: str | None, expected: bytes
) -> None:
    response = fetch(client, address, headers={"Range": asked})
    size = len(BYTES)
    assert response.status_code == status
    assert response.body == expected
    assert response.get("Content-Range") == (said and said.format(size, last=size - 1, tail=size - 7))
    assert response["Accept-Ranges"] == "bytes"


def test_download_is_taken_up_again_only_of_the_same_bytes(client: Client, address: str) -> None:
    first = fetch(client, address, headers={"Range": "bytes=0-49999"})
    again = {"Range": "bytes=50000-", "If-Range": first["ETag"]}
    assert first.body + fetch(client, address, headers=again).body == BYTES
    assert fetch(client, address, headers=again | {"If-Range": '"other"'}).status_code == 200
    assert fetch(client, address, headers={"If-None-Match": f'"{SHA256}"'}).status_code == 304
    assert fetch(client, address, headers={"If-None-Match": '"other"'}).status_code == 200
    head = client.head(address)
    assert b"".join(head) == b""
    assert (head.status_code, head["Content-Length"]) == (200, str(len(BYTES)))


def test_server_before_us_sends_the_file_once_it_was_checked(client: Client, address: str, settings: Any) -> None:
    stored = StoredFile.objects.get()
    settings.SENDFILE = "x-accel-redirect"
    response = fetch(client, address)
    assert response.content == b""
    assert response["X-Accel-Redirect"] == f"/protected/{stored.file.name}"
    assert response["Content-Disposition"].startswith("attachment;")
    settings.SENDFILE = "x-sendfile"
    assert fetch(client, address)["X-Sendfile"] == stored.file.path
    client.force_login(Cast().preparer)
    stranger = fetch(client, address)
    assert stranger.status_code == 404
    assert not {"X-Sendfile", "X-Accel-Redirect"} & set(stranger.headers)


@pytest.mark.parametrize(("scan", "status"), [("waiting", 409), ("found", 410)])
def test_file_that_the_scanner_holds_is_given_to_nobody(
    client: Client, cast: Cast, scan: str, status: int, settings: Any
) -> None:
    case, _people = filed_case(cast)
    found = scan == "found"
    StoredFile.objects.update(scan=scan, signature="Test.A" if found else "", scanned_at=FILED_AT if found else None)
    file = Attachment.objects.get(application=case)
    for settings.SENDFILE in ("", "x-sendfile"):
        for person in (cast.preparer, cast.checker, cast.officer, cast.auditor):
            client.force_login(person)
            response = fetch(client, reverse("file", args=[file.pk]), headers={"Range": "bytes=0-9"})
            assert response.status_code == status
            assert "「應變計畫.pdf」" in response.content.decode()
            assert "X-Sendfile" not in response.headers


# --- replaced ----------------------------------------------------------------------


def test_file_is_replaced_wherever_it_is_cited_and_the_old_one_stays(client: Client, case: Application) -> None:
    post(client, case, [("舊.csv", b"1,2\n")])
    old = Attachment.objects.get()
    first = Citation.objects.get()
    second = Citation.objects.create(application=case, item_id="2.2.8", attachment=old, place="3")
    elsewhere = Citation.objects.create(application=case, item_id="2.2.8", attachment=old, place="4")
    response = post(client, case, [("新.csv", b"3,4\n")], field=f"cite-{first.pk}-file")
    assert response.status_code == 302
    new = Attachment.objects.exclude(pk=old.pk).get()
    old.refresh_from_db()
    assert (old.superseded_by, new.superseded_by) == (new, None)
    cited = Citation.objects.order_by("pk").values_list("attachment", "place")
    assert list(cited) == [(new.pk, ""), (new.pk, "3"), (new.pk, "4")]
    assert {one.pk for one in (first, second, elsewhere)} == set(Citation.objects.values_list("pk", flat=True))
    assert fetch(client, reverse("file", args=[old.pk])).body == b"1,2\n"
    event = case.events.get(what="replace_file")
    assert event.detail == {
        "items": ["2.2.8", ITEM],
        "file": "新.csv",
        "sha256": new.sha256,
        "was": "舊.csv",
        "was_sha256": old.sha256,
    }
    page = client.get(reverse("section", args=[case.pk, ITEM])).content.decode()
    assert "新.csv" in page
    assert "舊.csv" not in page


def test_replacement_that_is_refused_leaves_the_old_file_cited(client: Client, case: Application) -> None:
    post(client, case, [("舊.csv", b"1,2\n")])
    citation = Citation.objects.get()
    response = post(client, case, [("新.pdf", b"MZ\x90\0\3")], field=f"cite-{citation.pk}-file")
    assert response.status_code == 200
    assert [text.partition("：")[2] for text in problems(response)] == [
        "「新.pdf」是程式檔（EXE），不能上傳；書面資料請另存為 PDF 後上傳"
    ]
    assert Citation.objects.get() == citation
    assert Attachment.objects.get().superseded_by is None


def test_replacement_while_the_checker_reads_is_kept_until_it_is_said(client: Client, case: Application) -> None:
    post(client, case, [("舊.csv", b"1,2\n")])
    citation = Citation.objects.get()
    section = reverse("section", args=[case.pk, ITEM])
    page = form(client.get(section), section)
    Application.objects.update(status="internal_review")
    upload = SimpleUploadedFile("新.csv", b"3,4\n")
    conflict = client.post(section, page | {f"cite-{citation.pk}-file": upload})
    assert conflict.status_code == 409
    again = form(conflict, section)
    new = Attachment.objects.get(name="新.csv")
    assert again[f"cite-{citation.pk}-with"] == [str(new.pk)]
    assert client.post(section, again).status_code == 302
    citation.refresh_from_db()
    assert citation.attachment == new
    assert Application.objects.get().status == "draft"


def test_replacement_of_another_cases_citation_does_nothing(client: Client, cast: Cast, case: Application) -> None:
    other = create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
    theirs = attach(other, by=cast.preparer, at=FILED_AT)
    citation = Citation.objects.create(application=other, item_id=ITEM, attachment=theirs)
    assert post(client, case, [("新.csv", b"3,4\n")], field=f"cite-{citation.pk}-file").status_code == 302
    citation.refresh_from_db()
    assert citation.attachment == theirs
    assert not case.attachments.exists()
