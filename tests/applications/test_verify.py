"""Anybody who holds a document can check it; nobody learns more than that."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.utils.html import escape

from applications import issuing
from applications.models import Issued
from applications.printing import CHINESE, ENGLISH
from applications.views.verify import Reading
from tests.applications.pages import database
from tests.factories import FILED_AT as NOW
from tests.factories import PDF, filed_case

pytestmark = [pytest.mark.once, pytest.mark.django_db]

DRAWN = PDF.read_bytes()


@pytest.fixture
def issued() -> Issued:
    case, _cast = filed_case()
    return issuing.issue(case, Issued.What.PLAN, 1, draw=lambda copy: DRAWN, language=CHINESE, at=NOW)


def contents(issued: Issued) -> bytes:
    return issuing.read(issued, lambda copy: b"")


def ask(client: Client, code: str = "", data: bytes | None = None) -> str:
    form: dict[str, Any] = {"code": code}
    if data is not None:
        form["file"] = SimpleUploadedFile("計畫.pdf", data)
    answer = client.post("/verify/", form)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_code_tells_what_it_is_of_and_nothing_else(
    client: Client, issued: Issued, django_assert_num_queries: Any
) -> None:
    for typed in (issued.code, issued.code.lower().replace("-", " "), issued.code.replace("-", "")):
        with django_assert_num_queries(13):
            page = ask(client, typed)
        for said in ("本系統核發之文件", "居家辦公應變計畫", str(issued.application), "第 1 次送件", issued.code):
            assert said in page
        assert "內容未經變更" not in page
        firm = issued.application.firm
        for hidden in (firm.name, firm.broker_code, issued.sha256, "甲"):
            assert hidden not in page
    page = client.get(f"/verify/{issued.code.replace('-', '')}").content.decode()  # what the QR says
    assert "本系統核發之文件" in page


def test_what_is_not_known_gets_one_answer(client: Client, issued: Issued, django_assert_num_queries: Any) -> None:
    nearly = issued.code[:-1] + ("y" if issued.code.endswith("X") else "x")
    asked = [nearly, "ACDE-3467-FGHJ-KMNP", "0", "' OR 1=1 --", "甲" * 60, "\x00"]
    pages = set()
    for code in asked:
        with django_assert_num_queries(13):
            page = client.post("/verify/", {"code": code})
        answer = page.content.decode().partition("<main")[2]
        pages.add(answer.replace(f'value="{escape(page.context["code"])}"', ""))
    assert len(pages) == 1
    assert "查無此文件" in pages.pop()
    assert "查無此文件" in ask(client, data=DRAWN)
    assert "查無此文件" in ask(client, data=b"not a pdf")


def test_a_file_is_unchanged_or_is_not(client: Client, issued: Issued, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"verify": "100/m/ip"}
    data = contents(issued)
    page = ask(client, data=data)
    assert "內容未經變更" in page
    assert str(issued.application) in page
    # one byte of it, anywhere, the codes behind its end included
    places = [0, 1, 9, len(data) // 3, len(data) // 2, len(data) - 60, *range(len(data) - 41, len(data))]
    for at in places:
        flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        page = ask(client, data=flipped)
        assert "內容與核發者不同" in page, at
        assert "內容未經變更" not in page, at
    assert "內容與核發者不同" in ask(client, issued.code, DRAWN)  # a code with a file that is not its own
    assert "內容未經變更" in ask(client, issued.code.lower(), data)


def test_the_code_covers_the_language(client: Client, issued: Issued) -> None:
    other = issuing.issue(issued.application, Issued.What.PLAN, 1, draw=lambda copy: DRAWN, language=ENGLISH, at=NOW)
    assert other.code != issued.code
    assert "（英文譯本，以中文為準）" in ask(client, other.code)
    assert "（英文譯本，以中文為準）" not in ask(client, issued.code)
    assert "內容與核發者不同" in ask(client, issued.code, contents(other))


def test_a_file_is_never_kept(client: Client, issued: Issued, settings: Any) -> None:
    def files() -> set[Path]:
        return {Path(folder) / name for folder, _d, names in os.walk(settings.MEDIA_ROOT) for name in names}

    rows, kept = database(), files()
    ask(client, data=contents(issued))
    ask(client, data=b"x" * 3_000_000)
    assert (database(), files()) == (rows, kept)


def test_a_file_that_is_too_big_is_not_read(client: Client, issued: Issued, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 2**20
    page = ask(client, data=b"x" * (2**20 + 1))
    assert "檔案超過 1 MB，未予讀取" in page
    assert "<title>錯誤：" in page
    refused = client.post("/verify/", {"file": SimpleUploadedFile("a.pdf", b"x" * (2**20 + 200_000))})
    assert refused.status_code == 413


def test_nothing_asked_says_what_to_do(client: Client) -> None:
    assert "請輸入查驗碼，或選擇 PDF 檔案" in ask(client, " ")
    assert client.post("/verify/", "x", content_type="text/plain").status_code == 200


def test_a_code_that_lies_over_the_border_of_two_chunks_is_found() -> None:
    for cut in range(1, 60):
        reading = Reading(RequestFactory().post("/verify/"))
        data = b"%PDF-1.7 %ACDE-3467-FGHJ-KMNP" + b" " * 60
        reading.receive_data_chunk(data[:cut], 0)
        reading.receive_data_chunk(data[cut:], cut)
        assert reading.codes == {"ACDE-3467-FGHJ-KMNP"}, cut


def test_guessing_is_throttled_and_looking_is_not(client: Client, issued: Issued) -> None:
    for _n in range(25):
        assert client.get("/verify/").status_code == 200
    for _n in range(20):
        ask(client, "ACDE-3467-FGHJ-KMNP")
    assert client.post("/verify/", {"code": issued.code}).status_code == 429
    assert client.get(f"/verify/{issued.code}").status_code == 429
    assert client.get("/verify/").status_code == 200


def test_page_is_linked_and_can_be_read_in_english(client: Client, issued: Issued) -> None:
    assert 'href="/verify/"' in client.get("/accounts/login/").content.decode()
    client.cookies["django_language"] = "en"
    page = ask(client, issued.code)
    for said in ("Verify a document", "Issued by this system", "Contingency plan for working from home"):
        assert said in page
