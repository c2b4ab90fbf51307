"""Two tabs, two people, a case that moved on: 409, and nothing that was typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.enums import Role
from applications.actions import filing
from applications.models import Application, Attachment, Citation, Section
from tests.applications import pages
from tests.factories import FILED_AT, PDF, Cast, draft, filed_case, person, returned_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

STEP = "2.2.9"
TEXT = "2_2_9__text"


def url(case: Application, step: str = STEP) -> str:
    return f"/cases/{case.pk}/sections/{step}/"


def opened(client: Client, case: Application) -> dict[str, Any]:
    """A tab: the page's form as it was when it was opened."""
    return dict(pages.form(client.get(url(case)), url(case)))


def text(case: Application) -> str:
    return Section.objects.get(application=case, section_id=STEP).answers[STEP]["text"]


def pdf(name: str = "應變計畫.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF.read_bytes())


def places() -> list[tuple[str, str]]:
    return list(Citation.objects.order_by("id").values_list("attachment__name", "place"))


# --- stale ---------------------------------------------------------------------------


def test_stale_tab_gets_409_with_both_and_can_keep_mine(client: Client, case: Application, cast: Cast) -> None:
    mine, theirs = opened(client, case), opened(client, case)
    colleague = person(Role.PREPARER, firm=cast.firm, name="丙同仁")
    other = Client()
    other.force_login(colleague)
    assert other.post(url(case), theirs | {TEXT: "同仁寫的內容", "2_2_9__answer": "yes"}).status_code == 302
    answer = client.post(url(case), mine | {TEXT: "我寫的\r\n內容 <b>&", "later": "1"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "丙同仁" in page
    assert "同仁寫的內容" in page
    assert "我寫的\n內容 &lt;b&gt;&amp;" in page
    assert text(case) == "同仁寫的內容"
    keep = pages.form(answer, url(case))
    assert keep["revision"] == ["1"]
    assert "later" not in keep
    assert client.post(url(case), keep).status_code == 302
    assert text(case) == "我寫的\n內容 <b>&"


def test_stale_tab_can_keep_theirs_by_a_link(client: Client, case: Application) -> None:
    mine, theirs = opened(client, case), opened(client, case)
    client.post(url(case), theirs | {TEXT: "另一分頁"})
    answer = client.post(url(case), mine | {TEXT: "這一分頁"})
    links = [node for node in pages.parse(answer).iter("a") if node.get("href") == url(case)]
    assert [pages.text_of(link) for link in links] == ["採用已儲存的內容"]
    assert opened(client, case)[TEXT] == ["另一分頁"]


def test_stale_twice_is_409_again(client: Client, case: Application) -> None:
    one, two, three = (opened(client, case) for _ in range(3))
    client.post(url(case), one | {TEXT: "一"})
    keep = pages.form(client.post(url(case), two | {TEXT: "二"}), url(case))
    client.post(url(case), pages.form(client.post(url(case), three | {TEXT: "三"}), url(case)))
    assert text(case) == "三"
    again = client.post(url(case), keep)
    assert again.status_code == 409
    assert text(case) == "三"
    client.post(url(case), pages.form(again, url(case)))
    assert text(case) == "二"


def test_stale_tab_keeps_the_uploaded_file_and_says_what_was_refused(client: Client, case: Application) -> None:
    mine, theirs = opened(client, case), opened(client, case)
    client.post(url(case), theirs | {TEXT: "另一分頁"})
    hostile = SimpleUploadedFile("惡意.pdf", b"<html></html>")
    files = {"ev-2.2.9-file": [pdf("好.pdf"), hostile], "ev-2.2.9-place": "3"}
    answer = client.post(url(case), mine | {TEXT: "這一分頁"} | files)
    assert answer.status_code == 409
    assert places() == [("好.pdf", "3")]
    assert "惡意.pdf" in pages.problems(answer)[0]
    assert client.post(url(case), pages.form(answer, url(case))).status_code == 302
    assert places() == [("好.pdf", "3")]
    assert text(case) == "這一分頁"


def test_stale_tab_keeps_a_place_whose_file_was_refused(client: Client, case: Application) -> None:
    mine, theirs = opened(client, case), opened(client, case)
    client.post(url(case), theirs | {TEXT: "另一分頁"})
    files = {"ev-2.2.9-file": SimpleUploadedFile("惡意.pdf", b"<html></html>"), "ev-2.2.9-place": "3"}
    again = client.post(url(case), pages.form(client.post(url(case), mine | files), url(case)))
    assert pages.form(again, url(case))["ev-2.2.9-place"] == ["3"]


def test_stale_tab_does_not_take_back_a_colleague_s_place(client: Client, case: Application) -> None:
    client.post(url(case), opened(client, case) | {"ev-2.2.9-file": pdf(), "ev-2.2.9-place": "1"})
    citation = Citation.objects.get()
    mine, theirs = opened(client, case), opened(client, case)
    client.post(url(case), theirs | {f"cite-{citation.pk}-place": "5"})
    answer = client.post(url(case), mine | {TEXT: "這一分頁"})
    assert answer.status_code == 409
    assert places() == [("應變計畫.pdf", "5")]
    client.post(url(case), pages.form(answer, url(case)))  # mine did not touch the place
    assert places() == [("應變計畫.pdf", "5")]
    assert text(case) == "這一分頁"


@pytest.mark.parametrize(("how", "after"), [("place", [("應變計畫.pdf", "9")]), ("remove", [])])
def test_stale_tab_changes_evidence_only_when_mine_is_kept(
    client: Client, case: Application, how: str, after: list[tuple[str, str]]
) -> None:
    client.post(url(case), opened(client, case) | {"ev-2.2.9-file": pdf(), "ev-2.2.9-place": "1"})
    name = f"cite-{Citation.objects.get().pk}-{how}"
    mine, theirs = opened(client, case), opened(client, case)
    client.post(url(case), theirs | {TEXT: "另一分頁"})
    answer = client.post(url(case), mine | {name: "9"})
    assert answer.status_code == 409
    assert places() == [("應變計畫.pdf", "1")]
    client.post(url(case), pages.form(answer, url(case)))
    assert places() == after


def test_evidence_that_a_colleague_removed_meanwhile(client: Client, case: Application) -> None:
    client.post(url(case), opened(client, case) | {"ev-2.2.9-file": pdf(), "ev-2.2.9-place": "1"})
    mine = opened(client, case)
    citation = Citation.objects.get()
    citation.delete()
    changes = {f"cite-{citation.pk}-remove": "on", f"cite-{citation.pk}-place": "2", TEXT: "甲"}
    assert client.post(url(case), mine | changes).status_code == 302
    assert text(case) == "甲"


# --- sent to the checker meanwhile -------------------------------------------------------


def sent(cast: Cast, case: Application) -> Application:
    case.refresh_from_db()
    return filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)


def test_sent_to_the_checker_meanwhile_is_409_with_reopen(client: Client, cast: Cast) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    mine = opened(client, case)
    before = text(case)
    sent(cast, case)
    answer = client.post(url(case), mine | {TEXT: "再改一下"})
    assert answer.status_code == 409
    assert "待內部覆核" in answer.content.decode()
    case.refresh_from_db()
    assert (case.status, text(case)) == ("internal_review", before)
    again = pages.form(answer, url(case))
    assert again["reopen"] == ["1"]
    assert client.post(url(case), again).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.prepared_by, text(case)) == ("draft", None, "再改一下")


def test_sent_to_the_checker_meanwhile_keeps_the_uploaded_file(client: Client, cast: Cast) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    mine = opened(client, case)
    sent(cast, case)
    cited = case.citations.count()
    answer = client.post(url(case), mine | {"ev-2.2.9-file": pdf("新證明.pdf"), "ev-2.2.9-place": "7"})
    assert answer.status_code == 409
    case.refresh_from_db()
    assert (case.status, case.citations.count()) == ("internal_review", cited)  # nothing that is signed changed
    file = Attachment.objects.get(name="新證明.pdf")
    assert client.post(url(case), pages.form(answer, url(case))).status_code == 302
    assert list(file.citations.values_list("item_id", "place")) == [("2.2.9", "7")]
    case.refresh_from_db()
    assert case.status == "draft"


def test_sent_to_the_checker_by_a_colleague_who_saved_too_does_not_write_over_him(client: Client, cast: Cast) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    mine, theirs = opened(client, case), opened(client, case)
    client.post(url(case), theirs | {TEXT: "同仁寫的內容"})
    sent(cast, case)
    first = client.post(url(case), mine | {TEXT: "我寫的內容"})
    assert first.status_code == 409
    second = client.post(url(case), pages.form(first, url(case)))
    assert second.status_code == 409  # the sign-off may be voided, but the page is stale besides
    assert "同仁寫的內容" in second.content.decode()
    case.refresh_from_db()
    assert (case.status, text(case)) == ("internal_review", "同仁寫的內容")
    assert client.post(url(case), pages.form(second, url(case))).status_code == 302
    case.refresh_from_db()
    assert (case.status, text(case)) == ("draft", "我寫的內容")


def test_page_opened_while_with_the_checker_says_so_and_reopens(client: Client, cast: Cast) -> None:
    case = sent(cast, draft(cast))
    client.force_login(cast.preparer)
    mine = opened(client, case)
    assert mine["reopen"] == ["1"]
    assert client.post(url(case), mine | {TEXT: "再改一下"}).status_code == 302
    case.refresh_from_db()
    assert case.status == "draft"


# --- closed --------------------------------------------------------------------------------


def test_filed_meanwhile_is_409_and_shows_all_that_was_typed(client: Client, cast: Cast) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    mine = opened(client, case)
    case = sent(cast, case)
    filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.checker, at=FILED_AT)
    answer = client.post(url(case), mine | {TEXT: "改短", "2_2_9__note": "註", "ev-2.2.9-file": pdf("新.pdf")})
    assert answer.status_code == 409
    assert "改短" in answer.content.decode()
    assert "註" in answer.content.decode()
    assert "已送件" in answer.content.decode()
    assert not Attachment.objects.filter(name="新.pdf").exists()
    assert client.post(url(case), mine | {TEXT: "改短", "reopen": "1"}).status_code == 409
    case.refresh_from_db()
    assert case.status == "submitted"


def test_correction_page_has_fields_for_named_items_alone(client: Client) -> None:
    case, cast = returned_case({"2.2.5.3": "請補充保護措施"})
    client.force_login(cast.preparer)
    page = client.get(url(case, "2.2.5"))
    names = {name.split("__")[0] for name in pages.form(page, url(case, "2.2.5")) if "__" in name}
    assert names == {"2_2_5_3"}
    assert "請補充保護措施" in page.content.decode()
    before = Section.objects.get(application=case, section_id="2.2.5").answers
    data = pages.form(page, url(case, "2.2.5"))
    forged = {"2_2_5_4__text": "偷改", "2_2_5_4__answer": "no", "ev-2.2.5.4-file": pdf(), "2_2_5_3__text": "已補充"}
    assert client.post(url(case, "2.2.5"), data | forged).status_code == 302
    after = Section.objects.get(application=case, section_id="2.2.5").answers
    assert after["2.2.5.3"]["text"] == "已補充"
    assert {k: v for k, v in after.items() if k != "2.2.5.3"} == {k: v for k, v in before.items() if k != "2.2.5.3"}
    assert Attachment.objects.filter(application=case).count() == 1
    answer = client.post(url(case), {"revision": "1", TEXT: "另一節沒有開放"})
    assert answer.status_code == 409
    assert "另一節沒有開放" in answer.content.decode()


def test_get_of_a_filed_section_is_read_only(client: Client) -> None:
    case, cast = filed_case()
    client.force_login(cast.preparer)
    page = client.get(url(case) + "?check=1")
    assert page.status_code == 200
    assert [name for name in pages.form(page, url(case)) if "__" in name] == []
    assert "儲存並繼續" not in page.content.decode()
