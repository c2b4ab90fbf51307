"""What is given out is kept, carries a code and a QR, and comes out the same for ever."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from datetime import date
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import translation
from PIL import Image
from pypdf import PdfReader

from accounts.models import Firm
from applications import documents, issuing
from applications.documents import Copy
from applications.enums import Door, Verdict
from applications.models import Application, Issued
from applications.printing import CHINESE, ENGLISH
from tests.applications.printed import VERSION, filed
from tests.applications.test_documents import ISSUED, pdftotext, squeeze
from tests.factories import FILED_AT as NOW
from tests.factories import Cast, draft, filed_case

pytestmark = [pytest.mark.once, pytest.mark.django_db]

NOTICE = {"received_at": "2026-11-05T09:00:00+08:00", "door": "portal", "given_by": {"title": "", "name": "Lee"}}


def qr_codes(pdf: bytes) -> list[str]:
    """What a camera reads on each page."""
    found = []
    for page in range(1, len(PdfReader(BytesIO(pdf)).pages) + 1):
        command = ["pdftoppm", "-r", "200", "-gray", "-f", str(page), "-l", str(page), "-"]
        run = subprocess.run(command, input=pdf, capture_output=True, check=True)
        found += [one.text for one in zxingcpp.read_barcodes(Image.open(BytesIO(run.stdout)))]
    return found


def test_a_code_is_made_of_letters_that_nobody_mistakes() -> None:
    assert set(issuing.ALPHABET) & set("0O1IL2Z5S8BUV") == set()
    codes = [issuing.new_code() for _n in range(200)]
    assert all(re.fullmatch(r"(?:[3-9A-Y]{4}-){3}[3-9A-Y]{4}", code) for code in codes)
    assert len(set(codes)) == 200
    assert set(Counter("".join(codes))) == {*issuing.ALPHABET, "-"}
    assert all(issuing.CODE.findall(f"x{code}y".encode()) == [code.encode()] for code in codes)


@pytest.mark.parametrize(
    "typed",
    [
        "ACDE-3467-FGHJ-KMNP",
        "acde3467fghjkmnp",
        " ACDE 3467\tFGHJ—KMNP ",
        "ＡＣＤＥ－３４６７－ｆｇｈｊ－ＫＭＮＰ",
        "a c d e_3467.fghj/kmnp",
    ],
)
def test_a_code_can_be_typed_as_people_type(typed: str) -> None:
    assert issuing.tidy_code(typed) == "ACDE-3467-FGHJ-KMNP"


def test_a_document_is_drawn_once_and_stays_as_it_was(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PORTAL_URL = "https://portal.example"
    case, cast = filed_case()
    client.force_login(cast.preparer)
    address = f"/cases/{case.pk}/submissions/1/receipt.pdf"
    first = client.get(address)
    assert first["Content-Disposition"] == f'inline; filename="{case.number}-1-receipt.pdf"'
    issued = Issued.objects.get()
    assert (issued.what, issued.part, issued.language, issued.application) == ("receipt", 1, CHINESE, case)
    assert squeeze(pdftotext(first.content)).count(issued.code) == len(PdfReader(BytesIO(first.content)).pages)
    assert "https://portal.example/verify/" in pdftotext(first.content)
    assert qr_codes(first.content) == ["https://portal.example/verify/" + issued.code.replace("-", "")]
    # the file is lost: drawn again under its code, of a firm that has another name now, it is the same to the byte
    Firm.objects.update(name="改名證券股份有限公司")
    Application.objects.update(document_number="改號")
    default_storage.delete(issued.file.name)
    assert client.get(address).content == first.content
    assert default_storage.exists(issued.file.name)
    # whatever becomes of catalogue, translations and templates: nothing is drawn any more
    monkeypatch.setattr("applications.documents.receipt_pdf", lambda *args: pytest.fail("drawn again"))
    client.force_login(cast.officer)
    with translation.override("en"):
        assert client.get(address).content == first.content
    assert Issued.objects.get() == issued
    # lost, and it cannot be drawn as it was: said, and nothing else is given out in its place
    default_storage.delete(issued.file.name)
    monkeypatch.setattr("applications.documents.receipt_pdf", lambda *args: b"%PDF-1.7 another")
    answer = client.get(address)
    assert answer.status_code == 503
    assert "請系統管理員自備份還原" in answer.content.decode()
    assert not default_storage.exists(issued.file.name)


def test_english_is_a_document_of_its_own_that_says_the_chinese_governs(client: Client) -> None:
    case, cast = filed_case()
    client.force_login(cast.preparer)
    answer = client.get(f"/cases/{case.pk}/submissions/1/receipt.pdf?lang=en")
    assert answer["Content-Disposition"] == f'inline; filename="{case.number}-1-receipt-en.pdf"'
    issued = Issued.objects.get()
    assert issued.language == ENGLISH
    for page in pdftotext(answer.content).split("\f")[:-1]:
        assert "譯本，僅供參考，以中文為準" in page
        assert "Translation for reference; the Chinese text governs" in page
        assert issued.code in page
    assert "Receipt of the submission" in pdftotext(answer.content)
    assert str(PdfReader(BytesIO(answer.content)).root_object["/Lang"]) == "en"
    assert issuing.issue(case, Issued.What.RECEIPT, 1, draw=lambda copy: b"%PDF", language=CHINESE, at=NOW) != issued


def test_english_documents_hold_no_chinese_but_what_was_typed() -> None:
    content = filed(pages=["1"], roster=[], evidence={}) | {"answers": {}, "unready": []}
    content["firm"] = content["firm"] | {"name": "Jia-Shan"}
    content |= {"kind": "pre_review", "document_number": "1", "prepared_by": None, "signed_by": None}
    english = documents.Copy("en", ISSUED.code)
    findings = {"1.1": (Verdict.CORRECT.label, "Please add.")}
    for pdf in (
        documents.plan_pdf(content, VERSION, english),
        documents.opinion_pdf(content, VERSION, findings, "Go on.", date(2026, 11, 9), english),
        documents.receipt_pdf(content, VERSION, "0" * 64, content["submitted_at"], english),
        documents.notice_pdf(content | NOTICE, VERSION, "0" * 64, Door.PORTAL.label, english),
    ):
        text = squeeze(pdftotext(pdf)).replace("譯本，僅供參考，以中文為準", "").replace(VERSION.document, "")
        assert re.findall("[\u4e00-\u9fff]+", text) == []


def test_a_draft_is_not_issued(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = Cast()
    case = draft(cast)
    drawn: list[Copy] = []
    monkeypatch.setattr("applications.documents.plan_pdf", lambda _c, _v, copy: drawn.append(copy) or b"%PDF")
    client.force_login(cast.preparer)
    assert client.get(f"/cases/{case.pk}/submissions/0/plan.pdf?lang=en").status_code == 200
    assert drawn == [Copy("en")]
    assert not Issued.objects.exists()


def test_of_two_who_ask_at_once_both_get_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    case, _cast = filed_case()
    kept: list[str] = []
    save = default_storage.save
    monkeypatch.setattr(default_storage, "save", lambda *args: kept.append(save(*args)) or kept[-1])

    def ask(draw: issuing.Draw) -> Issued:
        return issuing.issue(case, Issued.What.PLAN, 1, draw=draw, language=CHINESE, at=NOW)

    won: list[Issued] = []

    def slow(copy: Copy) -> bytes:
        won.append(ask(lambda other: b"%PDF first " + other.code.encode()))
        return b"%PDF second " + copy.code.encode()

    assert ask(slow) == won[0] == Issued.objects.get()
    assert issuing.read(won[0], slow) == f"%PDF first {won[0].code}%{won[0].code} {won[0].code}\n".encode()
    assert [default_storage.exists(name) for name in kept] == [True, False]


def test_submission_shows_its_hashes_and_that_nothing_was_changed(client: Client) -> None:
    case, cast = filed_case()
    client.force_login(cast.officer)
    address = f"/cases/{case.pk}/submissions/1/"
    page = client.get(address).content.decode()
    submission = case.submissions.get()
    content = submission.content
    hashes = {submission.sha256, *content["hashes"].values()}
    hashes |= {proof["sha256"] for proofs in content["evidence"].values() for proof in proofs}
    assert [one for one in hashes if one not in page] == []
    assert (page.count("與送件時相同"), page.count("與送件時不同")) == (len(content["pages"]) + 1, 0)
    typed = content["answers"]["2.2.9"]["text"]
    case.submissions.update(payload=submission.payload.replace(typed, typed[:-1] + "改"))
    page = client.get(address).content.decode()
    assert (page.count("與送件時相同"), page.count("與送件時不同")) == (len(content["pages"]) - 1, 2)
