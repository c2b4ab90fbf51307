"""The wizard as a person without JavaScript uses it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.enums import Role
from applications.actions.drafting import create_draft
from applications.models import Application, Event, Section
from guideline.catalogue import load
from tests.applications import pages
from tests.applications.pages import save, stored, url
from tests.factories import FILED_AT, PASSWORD, PDF, VERSION, Cast, draft, person, returned_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

STEPS = [page.id for page in load(VERSION).pages_of("first")]


# --- reading ---------------------------------------------------------------------


@pytest.mark.parametrize("who", ["preparer", "checker"])
@pytest.mark.parametrize("state", ["empty", "complete", "with the checker", "returned"])
def test_get_of_every_wizard_url_changes_nothing(client: Client, who: str, state: str) -> None:
    if state == "returned":
        case, cast = returned_case({"3.6": "請說明", "2.2.5.3": "請補充"})
    else:
        cast = Cast()
        case = create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT) if state == "empty" else draft(cast)
    if state == "with the checker":
        Application.objects.filter(pk=case.pk).update(status="internal_review", prepared_by=cast.preparer)
    client.force_login(getattr(cast, who))
    before = pages.database()
    asked = set(STEPS) - ({"3.1", "3.2", "3.3"} if state == "empty" else set())
    for step in STEPS:
        for query in ("", "?check=1", "?reset=1", "?check=1&reset"):
            answer = client.get(url(case, step) + query)
            assert answer.status_code == (200 if step in asked else 404), step
    for step, status in (("done", 302), ("nonsense", 404), ("2.2", 404), ("2.2.1 ", 404), ("１", 404), ("%00", 404)):
        for query in ("", "?reset=1"):
            assert client.get(url(case, step) + query).status_code == status, step
    for query in ("", "?reset=1"):
        assert client.get(f"/cases/{case.pk}/sections/{query}")["Location"] == f"/cases/{case.pk}/"
    assert client.get(url(case, "done"))["Location"] == f"/cases/{case.pk}/check/"
    for more in ("", "check/"):
        assert client.get(f"/cases/{case.pk}/{more}").status_code == 200
    assert pages.database() == before


def test_get_and_post_of_a_step_of_a_line_not_asked_for_is_not_found(client: Client, case: Application) -> None:
    for step in ("3.1", "3.2", "3.3", "nonsense", "done"):
        assert client.post(url(case, step), {"revision": "0"}).status_code == 404
    save(client, case, "2.2.3", {"2_2_3__lines": ["brokerage"]})
    assert [client.get(url(case, step)).status_code for step in ("3.1", "3.2", "3.3")] == [200, 404, 404]
    assert not Section.objects.exclude(section_id="2.2.3").exists()


def test_head_is_answered_and_other_methods_are_not(client: Client, case: Application) -> None:
    assert client.head(url(case, "2.2.9")).status_code == 200
    for method in (client.put, client.delete, client.patch):
        assert method(url(case, "2.2.9")).status_code == 405


def test_check_shows_what_is_missing_at_its_place(client: Client, case: Application) -> None:
    page = client.get(url(case, "2.2.9") + "?check=1")
    assert pages.problems(page)
    assert pages.problems(client.get(url(case, "2.2.9"))) == []


# --- saving -------------------------------------------------------------------------


def test_post_saves_and_goes_on(client: Client, case: Application, cast: Cast) -> None:
    answer = save(client, case, "2.2.9", {"2_2_9__answer": "yes", "2_2_9__text": "利益衝突之防範"})
    assert (answer.status_code, answer["Location"]) == (302, url(case, "2.2.10"))
    section = stored(case, "2.2.9")
    assert section.answers["2.2.9"]["text"] == "利益衝突之防範"
    assert (section.revision, section.saved_by, section.saved_at) == (1, cast.preparer, FILED_AT)
    assert "利益衝突之防範" in client.get(url(case, "2.2.9")).content.decode()


def test_post_of_the_last_page_goes_to_the_check(client: Client, case: Application) -> None:
    assert save(client, case, STEPS[-1], {})["Location"] == f"/cases/{case.pk}/check/"


def test_post_of_lines_goes_on_by_the_new_lines(client: Client, case: Application) -> None:
    save(client, case, "2.2.3", {"2_2_3__lines": ["dealer"]})
    assert save(client, case, "2.2.12", {})["Location"] == url(case, "3.2")


def test_post_of_lines_that_stays_on_the_page_lists_the_sections_of_the_new_lines(
    client: Client, case: Application
) -> None:
    answer = save(client, case, "2.2.3", {"2_2_3__lines": ["dealer"], "ev-2.2.3-place": "沒有檔案"})
    assert answer.status_code == 200
    links = [node.get("href", "") for node in pages.parse(answer).iter("a")]
    steps = {link.split("/")[-2] for link in links if "/sections/" in link}
    assert steps >= {"3.2"}
    assert not steps & {"3.1", "3.3"}


def test_post_and_later(client: Client, case: Application) -> None:
    answer = save(client, case, "2.2.9", {"2_2_9__text": "寫到一半"}, button="later")
    assert answer["Location"] == f"/cases/{case.pk}/"
    assert "已儲存「" in client.get(f"/cases/{case.pk}/").content.decode()
    assert stored(case, "2.2.9").answers["2.2.9"]["text"] == "寫到一半"
    client.cookies["django_language"] = "en"
    save(client, case, "2.2.9", {}, button="later")
    title = load(VERSION).section("2.2.9").title
    assert title.en in client.get(f"/cases/{case.pk}/").content.decode()


def test_post_of_what_cannot_be_read_saves_it_and_says_where(client: Client, case: Application) -> None:
    answer = save(client, case, "2.2.1", {"2_2_1__first_day": "十一月卅日", "2_2_1__text": "理由"})
    assert answer.status_code == 200
    (line,) = pages.problems(answer)
    assert line.endswith("：請輸入日期，例如 115/11/30")
    assert stored(case, "2.2.1").answers["2.2.1"]["first_day"] == "十一月卅日"
    assert stored(case, "2.2.1").answers["2.2.1"]["text"] == "理由"
    again = pages.form(client.get(url(case, "2.2.1")), url(case, "2.2.1"))
    assert again["2_2_1__first_day"] == ["十一月卅日"]
    assert pages.form(answer, url(case, "2.2.1"))["revision"] == ["1"]


def test_post_and_add_a_row(client: Client, case: Application) -> None:
    step, name = "2.2.12", "2_2_12__sessions"
    first, second = f"{name}-0-session", f"{name}-1-session"
    answer = save(client, case, step, {first: "第一列", "add": name})
    assert answer["Location"] == url(case, step) + f"#{name}"
    save(client, case, step, {second: "第二列", "add": name})
    again = pages.form(client.get(url(case, step)), url(case, step))
    assert (again[first], again[second], again[f"{name}-2-session"], again[f"{name}-rows"]) == (
        ["第一列"], ["第二列"], [""], ["3"],
    )  # fmt: skip
    save(client, case, step, {f"{name}-0-remove": "on"})
    again = pages.form(client.get(url(case, step)), url(case, step))
    assert (again[first], again[f"{name}-rows"]) == (["第二列"], ["2"])


@pytest.mark.parametrize(
    ("language", "hint"),
    [
        ("zh-hant", "半年自最近一場起算；日期，例如：115/11/30"),
        ("en", "The half year runs from the latest session; Date: For example 2026-11-30"),
    ],
)
def test_table_says_once_how_a_day_is_written(client: Client, case: Application, language: str, hint: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = pages.parse(client.get(url(case, "2.2.12")))
    (field,) = [one for one in page.iter("fieldset") if one.get("aria-describedby") == "2_2_12__sessions_helptext"]
    assert [pages.text_of(one) for one in field.iter("div") if one.get("class") == "hint"] == [hint]


def test_table_that_is_full_offers_no_row_that_would_not_be_read(client: Client, case: Application) -> None:
    step, name = "2.2.12", "2_2_12__sessions"
    data = {"revision": "0", f"{name}-rows": "200"} | {f"{name}-{n}-session": f"第 {n} 列" for n in range(200)}
    assert client.post(url(case, step), data).status_code == 302
    again = pages.form(client.get(url(case, step)), url(case, step))
    assert again[f"{name}-rows"] == ["200"]
    assert again[f"{name}-199-session"] == ["第 199 列"]


@pytest.mark.parametrize("anchor", ["a\r\nSet-Cookie: x=1", "//evil.example", "字", "x" * 1000])
def test_post_with_an_odd_anchor_stays_on_the_page(client: Client, case: Application, anchor: str) -> None:
    answer = save(client, case, "2.2.9", {"2_2_9__text": "甲", "add": anchor})
    assert answer.status_code == 302
    assert answer["Location"].startswith(url(case, "2.2.9") + "#")
    assert "Set-Cookie: x=1" not in str(answer.headers)


@pytest.mark.parametrize("revision", ["", "x", "1", "-1", "９", "²", "9" * 30, "9" * 5000, None])
def test_post_with_a_revision_that_is_none_is_409_and_loses_nothing(
    client: Client, case: Application, revision: str | None
) -> None:
    data = {"2_2_9__text": "不可遺失"} | ({} if revision is None else {"revision": revision})
    answer = client.post(url(case, "2.2.9"), data)
    assert answer.status_code == 409
    assert not Section.objects.exists()
    again = pages.form(answer, url(case, "2.2.9"))
    assert again == {"2_2_9__text": ["不可遺失"], "revision": ["0"]}
    assert client.post(url(case, "2.2.9"), again).status_code == 302
    assert stored(case, "2.2.9").answers["2.2.9"]["text"] == "不可遺失"


OURS = {"revision", "version"}  # what the page carries besides what was typed
NASTY = ["\x00", "<script>", "9" * 5000, "\ufffd", "𠮷" * 50, "'\"", "{{ 1 }}", "%s%n", "-1", "²"]


@pytest.mark.parametrize("step", STEPS[:13])
def test_post_of_nasty_values_in_every_field_is_kept_as_typed(client: Client, case: Application, step: str) -> None:
    for nasty in NASTY:
        names = pages.form(client.get(url(case, step)), url(case, step))
        names |= {key: [""] for key in _choices(case, step)}
        data = {name: nasty for name in names if name not in OURS and not name.endswith(("-rows", "-remove"))}
        data = {name: value for name, value in data.items() if not name.startswith(("ev-", "cite-"))}
        data |= {name: names[name][0] for name in names if name in OURS or name.endswith("-rows")}
        answer = client.post(url(case, step), data)
        assert answer.status_code in {200, 302}, nasty
    for more in ("", "check/"):
        assert client.get(f"/cases/{case.pk}/{more}").status_code == 200
    assert client.get(url(case, step) + "?check=1").status_code == 200


def _choices(case: Application, step: str) -> list[str]:
    """Names of radio buttons and check boxes, which send nothing until one is pressed."""
    found = []
    for item in load(VERSION).section(step).items:
        prefix = item.id.replace(".", "_")
        found += [f"{prefix}__answer", f"{prefix}__chosen"]
        found += [f"{prefix}__{field.name}" for field in item.fields if field.type in {"choice", "choices", "yesno"}]
    return found


@pytest.mark.parametrize("count", ["-1", "x", "", "９", "9" * 5000, "1000000"])
def test_post_of_a_table_with_an_odd_number_of_rows(client: Client, case: Application, count: str) -> None:
    page = client.get(url(case, "2.2.6"))
    data: dict[str, Any] = pages.form(page, url(case, "2.2.6"))
    data |= {name: count for name in data if name.endswith("-rows")}
    assert client.post(url(case, "2.2.6"), data).status_code in {200, 302}
    assert client.get(url(case, "2.2.6")).status_code == 200


# --- people ------------------------------------------------------------------------------


def test_sign_out_in_mid_section_and_back_in_loses_nothing(client: Client, case: Application, cast: Cast) -> None:
    upload = SimpleUploadedFile("應變計畫.pdf", PDF.read_bytes())
    save(client, case, "2.2.9", {"2_2_9__text": "寫到一半", "ev-2.2.9-file": upload}, button="later")
    client.post("/accounts/logout/")
    assert client.get(url(case, "2.2.9")).status_code == 302
    other_browser = Client()
    other_browser.post("/accounts/login/", {"login": cast.preparer.email, "password": PASSWORD})
    again = pages.form(other_browser.get(url(case, "2.2.9")), url(case, "2.2.9"))
    assert again["2_2_9__text"] == ["寫到一半"]
    assert [citation.attachment.name for citation in case.citations.all()] == ["應變計畫.pdf"]


def test_colleague_goes_on(client: Client, case: Application, cast: Cast) -> None:
    save(client, case, "2.2.9", {"2_2_9__text": "甲寫的"})
    colleague = person(Role.PREPARER, firm=cast.firm, name="丙同仁")
    client.force_login(colleague)
    again = pages.form(client.get(url(case, "2.2.9")), url(case, "2.2.9"))
    assert again["2_2_9__text"] == ["甲寫的"]
    save(client, case, "2.2.9", {"2_2_9__text": "甲寫的，丙續寫"})
    section = stored(case, "2.2.9")
    assert (section.revision, section.saved_by) == (2, colleague)
    assert "丙同仁" in client.get(f"/cases/{case.pk}/").content.decode()


def test_two_drafts_of_one_firm_keep_apart(client: Client, case: Application, cast: Cast) -> None:
    other = create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
    one_page = pages.form(client.get(url(case, "2.2.9")), url(case, "2.2.9"))
    two_page = pages.form(client.get(url(other, "2.2.9")), url(other, "2.2.9"))
    client.post(url(other, "2.2.9"), {**two_page, "2_2_9__text": "第二案"})
    client.post(url(case, "2.2.9"), {**one_page, "2_2_9__text": "第一案"})
    assert stored(case, "2.2.9").answers["2.2.9"]["text"] == "第一案"
    assert stored(other, "2.2.9").answers["2.2.9"]["text"] == "第二案"
    assert (stored(case, "2.2.9").revision, stored(other, "2.2.9").revision) == (1, 1)


def test_checker_reads_and_cannot_write(client: Client, case: Application, cast: Cast) -> None:
    save(client, case, "2.2.9", {"2_2_9__text": "甲寫的"})
    client.force_login(cast.checker)
    page = client.get(url(case, "2.2.9"))
    assert "甲寫的" in page.content.decode()
    assert "儲存並繼續" not in page.content.decode()
    answer = client.post(url(case, "2.2.9"), {"revision": "1", "2_2_9__text": "乙改的內容"})
    assert answer.status_code == 409
    assert "乙改的內容" in answer.content.decode()
    assert stored(case, "2.2.9").answers["2.2.9"]["text"] == "甲寫的"


def test_every_save_is_an_event_of_who_did_it(client: Client, case: Application, cast: Cast) -> None:
    save(client, case, "2.2.9", {"2_2_9__text": "甲"})
    event = Event.objects.latest("id")
    assert (event.what, event.actor, event.detail) == ("save", cast.preparer, {"section": "2.2.9", "items": ["2.2.9"]})
