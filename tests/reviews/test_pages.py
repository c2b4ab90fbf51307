"""The exchange's pages: who may open them, verdicts, queries."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from applications.enums import Status
from applications.enums import Verdict as Choice
from applications.event_names import EVENTS
from applications.lifecycle import record
from applications.models import Application, Correction, Event
from applications.trail import READINGS
from reviews import verdicts
from reviews.actions import casework, judging
from reviews.actions.judging import Entry
from reviews.models import Bundle, InternalNote
from reviews.timeline import LABELS, lines_of
from tests.factories import Cast, filed_case, person, resubmit, returned_case, taken_case
from tests.reviews.cases import ITEM, NUMBER, SECTION, forwarded, text, verdict_form

pytestmark = pytest.mark.django_db

GETS = ("", "2.2.5/", "2.2.2/", "hand-over/", "return/", "recommend/", "release/", "decision/", "bundle/", "compare/2/")
POSTS = (*GETS, "take/", "note/")


def test_firms_and_strangers_get_404_everywhere(client: Client) -> None:
    case, cast = taken_case()
    InternalNote.objects.create(application=case, text="紫色河馬註記", by=cast.officer, at=case.changed_at)
    for user in (cast.preparer, cast.checker, Cast().checker, person("operator"), person("firm_admin", firm=cast.firm)):
        client.force_login(user)
        for path in POSTS:
            if path in GETS:
                assert client.get(f"/review/{case.pk}/{path}").status_code == 404, path
            assert client.post(f"/review/{case.pk}/{path}").status_code in {404, 405}, path


def test_a_draft_is_not_found(client: Client) -> None:
    case, cast = filed_case()
    Application.objects.filter(pk=case.pk).update(status=Status.DRAFT)
    client.force_login(cast.supervisor)
    assert client.get(f"/review/{case.pk}/").status_code == 404
    assert client.get("/review/999999/").status_code == 404


def test_an_auditor_reads_all_and_does_nothing(client: Client) -> None:
    case, cast = taken_case()
    client.force_login(cast.auditor)
    for path in ("", "2.2.5/", "2.2.2/"):
        page = client.get(f"/review/{case.pk}/{path}")
        assert page.status_code == 200
        assert page.content.decode().split("<main")[1].split("</main>")[0].count("<button") == 0, path
    for path in ("hand-over/", "return/", "recommend/", "release/", "decision/"):
        assert client.get(f"/review/{case.pk}/{path}").status_code == 403, path
    for path, data in (
        ("take/", {"revision": case.revision}),
        ("note/", {"text": "x"}),
        ("2.2.5/", verdict_form(case, i2_2_5_3=("ok", ""))),
        ("return/", {"revision": case.revision, "basis": "x", "letter": "x", "due_on": "2099-01-01"}),
        ("recommend/", {"revision": case.revision, "outcome": "reject", "reasons": "x"}),
        ("release/", {"revision": case.revision, "action": "forward", "document_number": NUMBER}),
        ("release/", {"revision": case.revision, "action": "send_back", "remark": "x"}),
    ):
        assert client.post(f"/review/{case.pk}/{path}", data).status_code == 403, path
    case.refresh_from_db()
    assert case.status == Status.UNDER_REVIEW
    assert not case.notes.exists()


def test_take_by_a_button_and_the_loser_is_told(client: Client) -> None:
    case, cast = filed_case()
    client.force_login(cast.officer)
    assert "受理" in text(client.get(f"/review/{case.pk}/"))
    page = client.post(f"/review/{case.pk}/take/", {"revision": case.revision}, follow=True)
    assert "已受理" in text(page)
    client.force_login(cast.other_officer)
    lost = client.post(f"/review/{case.pk}/take/", {"revision": case.revision})
    assert lost.status_code == 409
    assert "李審查" in text(lost)
    assert "審查中" in text(lost)


def test_verdicts_are_saved_and_the_next_section_follows(client: Client) -> None:
    case, cast = taken_case()
    client.force_login(cast.officer)
    page = client.get(f"/review/{case.pk}/{SECTION}/")
    assert " checked" not in text(page)
    assert "客戶隱私" in text(page)
    data = verdict_form(case, i2_2_5_3=("correct", "請補充\r\n保護措施"), i2_2_5_1=("ok", ""))
    answer = client.post(f"/review/{case.pk}/{SECTION}/", data | {"then": "next"})
    assert (answer.status_code, answer["Location"]) == (302, f"/review/{case.pk}/2.2.6/")
    found = verdicts.read(case).findings
    assert (found[ITEM].verdict, found[ITEM].comment) == (Choice.CORRECT, "請補充\n保護措施")
    answer = client.post(f"/review/{case.pk}/{SECTION}/", verdict_form(case) | {"then": "return"})
    assert answer["Location"] == f"/review/{case.pk}/return/"


def test_a_failing_verdict_without_comment_is_saved_and_shown_again_with_a_link(client: Client) -> None:
    case, cast = taken_case()
    client.force_login(cast.officer)
    data = verdict_form(case, i2_2_5_3=("correct", ""))
    page = client.post(f"/review/{case.pk}/{SECTION}/", data, follow=True)
    assert verdicts.read(case).findings[ITEM].verdict == Choice.CORRECT
    assert f'href="#id_v-{ITEM}-comment"' in text(page)
    assert "<title>錯誤：" in text(page)
    assert f'id="id_v-{ITEM}-comment"' in text(page)


def test_a_stale_tab_keeps_the_text_and_lets_one_choose(client: Client) -> None:
    case, cast = taken_case()
    client.force_login(cast.officer)
    mine = verdict_form(case, i2_2_5_3=("correct", "我寫的意見"))
    judging.judge(
        case_id=case.pk,
        submission=1,
        entries={ITEM: Entry(Choice.OK, "他寫的意見", 0)},
        by=cast.officer,
        at=case.changed_at,
    )
    page = client.post(f"/review/{case.pk}/{SECTION}/", mine)
    assert page.status_code == 409
    assert "我寫的意見" in text(page)
    assert "他寫的意見" in text(page)
    assert f'name="v-{ITEM}-keep"' in text(page)
    assert f'name="v-{ITEM}-revision" value="1"' in text(page)
    again = mine | {f"v-{ITEM}-revision": "1"}
    client.post(f"/review/{case.pk}/{SECTION}/", again | {f"v-{ITEM}-keep": "theirs"})
    assert verdicts.read(case).findings[ITEM].comment == "他寫的意見"
    client.post(f"/review/{case.pk}/{SECTION}/", again | {f"v-{ITEM}-keep": "mine"})
    assert verdicts.read(case).findings[ITEM].comment == "我寫的意見"


def test_verdicts_typed_while_the_case_was_handed_over_are_given_back(client: Client) -> None:
    case, cast = taken_case()
    mine = verdict_form(case, i2_2_5_3=("correct", "我寫的意見"))
    casework.hand_over(
        case_id=case.pk, held_by=cast.officer.pk, to=cast.other_officer, by=cast.supervisor, at=case.changed_at
    )
    client.force_login(cast.officer)
    page = client.post(f"/review/{case.pk}/{SECTION}/", mine)
    assert page.status_code == 409
    assert "須補正：我寫的意見" in text(page)


@pytest.mark.parametrize(
    ("name", "value"),
    [(f"v-{ITEM}-verdict", "approved"), (f"v-{ITEM}-revision", "x"), (f"v-{ITEM}-comment", "長" * 10001)],
)
def test_a_tampered_form_saves_nothing_and_is_no_error_of_the_server(client: Client, name: str, value: str) -> None:
    case, cast = taken_case()
    client.force_login(cast.officer)
    page = client.post(f"/review/{case.pk}/{SECTION}/", verdict_form(case, i2_2_5_1=("ok", "")) | {name: value})
    assert page.status_code == 200
    assert "error-summary" in text(page)
    assert len(verdicts.read(case).unjudged) == 51
    assert client.get(f"/review/{case.pk}/9.9/").status_code == 404


def test_a_second_submission_shows_old_against_new(client: Client) -> None:
    case, cast = returned_case({ITEM: "請補充保護措施"})
    resubmit(case, cast, {ITEM: {"text": "補正後的新說明"}})
    client.force_login(cast.officer)
    page = text(client.get(f"/review/{case.pk}/{SECTION}/"))
    assert page.count('class="diff"') == 1
    assert page.count("未變更，沿用前次審查結果") == 5
    assert "補正後的新說明" in page
    assert "請補充保護措施" in page
    compared = text(client.get(f"/review/{case.pk}/compare/2/"))
    assert "補正後的新說明" in compared
    assert compared.count('class="diff"') == 1
    assert client.get(f"/review/{case.pk}/compare/1/").status_code == 404


def test_handing_over_by_form(client: Client) -> None:
    case, cast = taken_case()
    client.force_login(cast.officer)
    page = client.get(f"/review/{case.pk}/hand-over/")
    assert "陳審查" in text(page)
    assert "林主管" not in text(page)
    data = {"held_by": cast.officer.pk, "to": cast.other_officer.pk, "remark": "請接續"}
    assert "請選擇另一位承辦人" in text(client.post(f"/review/{case.pk}/hand-over/", data | {"to": ""}))
    assert "已移交 陳審查" in text(client.post(f"/review/{case.pk}/hand-over/", data, follow=True))
    lost = client.post(f"/review/{case.pk}/hand-over/", data)
    assert lost.status_code == 409
    assert "請接續" in text(lost)


def test_a_note_that_says_nothing_is_asked_for_again(client: Client) -> None:
    case, cast = taken_case()
    client.force_login(cast.officer)
    page = client.post(f"/review/{case.pk}/note/", {"text": " "})
    assert 'href="#id_text"' in text(page)
    assert not case.notes.exists()


def test_notes_and_unshared_events_are_on_no_page_of_the_firm(client: Client) -> None:
    case, cast = returned_case({ITEM: "請補充保護措施"})
    client.force_login(cast.officer)
    client.post(f"/review/{case.pk}/note/", {"text": "紫色河馬註記"})
    casework.hand_over(
        case_id=case.pk,
        held_by=cast.officer.pk,
        to=cast.other_officer,
        by=cast.officer,
        at=case.changed_at,
        remark="紫色河馬移交",
    )
    assert "紫色河馬註記" in text(client.get(f"/review/{case.pk}/"))
    assert "紫色河馬移交" in text(client.get(f"/review/{case.pk}/"))
    for user in (cast.preparer, cast.checker):
        client.force_login(user)
        for path in ("/", f"/cases/{case.pk}/", f"/cases/{case.pk}/sections/{SECTION}/", f"/cases/{case.pk}/check/"):
            page = client.get(path)
            assert page.status_code == 200, path
            assert "紫色河馬" not in text(page), path
    assert not Event.objects.filter(what__in=["note", "hand_over", "judge", "recommend"], shared=True).exists()


def test_order_is_the_guidelines_and_never_that_of_a_stored_object(client: Client) -> None:
    """PostgreSQL gives the keys of a JSON object back in an order of its own, SQLite as they were written."""
    said = {"2.2.5.3": "紫色河馬甲", "2.2.10": "紫色河馬乙", "3.5.4": "紫色河馬丙"}
    case, cast = returned_case(said)
    backwards = dict(reversed(said.items()))
    Correction.objects.update(items=backwards)
    detail: dict[str, Any] = {
        "items": {item_id: ["", Choice.CORRECT] for item_id in backwards},
        "periods": {"dealer": ["2026-12-01", "2026-12-31"], "brokerage": ["2026-12-02", "2026-12-31"]},
    }
    record(case, "judge", by=cast.officer, at=case.changed_at, detail=detail)
    assert lines_of(case)[0].details == (
        "貳、二（五）3 未審 → 須補正；貳、二（十） 未審 → 須補正；參、五（四） 未審 → 須補正",
        "受託買賣：115 年 12 月 2 日 – 115 年 12 月 31 日",
        "自行買賣：115 年 12 月 1 日 – 115 年 12 月 31 日",
    )
    client.force_login(cast.officer)
    assert re.findall("紫色河馬.", text(client.get(f"/review/{case.pk}/"))) == list(said.values())


def test_query_counts(client: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any) -> None:
    case, cast = returned_case({ITEM: "請補充保護措施"})
    resubmit(case, cast, {ITEM: {"text": "補正後的新說明"}})
    client.force_login(cast.officer)
    with django_assert_num_queries(6):  # session, person, case, submissions, verdicts, corrections
        client.get(f"/review/{case.pk}/{SECTION}/")
    with django_assert_max_num_queries(13):
        client.get(f"/review/{case.pk}/")


def test_a_get_changes_nothing(client: Client) -> None:
    case, cast = forwarded()
    events = Event.objects.exclude(what__in=READINGS)  # a reading, and what was refused, is on record
    before = (events.count(), Application.objects.get().revision, Bundle.objects.count())
    for user in (cast.officer, cast.supervisor, cast.auditor):
        client.force_login(user)
        for path in (*GETS, "take/", "note/"):
            answer = client.get(f"/review/{case.pk}/{path}")
            assert answer.status_code < 500, path
    assert (events.count(), Application.objects.get().revision, Bundle.objects.count()) == before
    assert Event.objects.filter(what="roster_read").count() == 3


def test_every_page_can_be_read_in_english(client: Client) -> None:
    case, cast = returned_case({ITEM: "請補充保護措施"})
    resubmit(case, cast, {ITEM: {"text": "補正後的新說明"}})
    client.cookies["django_language"] = "en"
    client.force_login(cast.officer)
    for path in ("", "2.2.5/", "2.2.2/", "hand-over/", "return/", "recommend/", "compare/2/"):
        page = client.get(f"/review/{case.pk}/{path}")
        assert page.status_code == 200, path
        assert '<html lang="en">' in text(page)
    assert "The firm shall fully inform" in text(client.get(f"/review/{case.pk}/2.2.5/"))


def test_everything_that_is_recorded_has_a_name_on_both_sides() -> None:
    """What ``record`` writes besides moves; a constant is written in capitals."""
    source = "".join(
        path.read_text(encoding="utf-8")
        for app in ("applications", "reviews")
        for path in settings.BASE_DIR.glob(f"{app}/actions/*.py")
    )
    recorded = set(re.findall(r'record\(\s*\w+,\s*"(\w+)"', source))
    recorded |= set(re.findall(r'what = "(\w+)" if [^"]*else "(\w+)"', source)[0])  # a page of a notice, any other page
    assert {"create", "save", "save_notice", "duty_done", "open_section", "judge"} <= recorded
    assert recorded <= set(EVENTS)
    assert recorded <= set(LABELS)
