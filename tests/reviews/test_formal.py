"""轉為正式申請: what is carried over, what has to be confirmed, and what the officer still has to look at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.actions import evidence, filing
from applications.actions.drafting import NotOpen
from applications.actions.formal import AlreadyFormal, formal_of, make_formal
from applications.content import read
from applications.enums import Carry, Mark, Status
from applications.enums import Verdict as Choice
from applications.lifecycle import Conflict
from applications.models import Application, Citation, Section
from reviews import verdicts
from reviews.actions import casework, judging
from reviews.demo import sample
from reviews.models import Verdict
from tests.applications.pages import parse, save, text_of
from tests.factories import Cast, attach, filed_case, judge_all, roster
from tests.reviews.cases import later, text
from tests.reviews.pre_reviews import FAILING, LEFT_OUT, confirm, file, formal, pre_reviewed, write

pytestmark = pytest.mark.django_db

CHANGED = {"2.2.5.3": {"text": "已補充遮罩之範圍"}}


def at_of(case: Application, **more: int) -> datetime:
    return case.changed_at + timedelta(**(more or {"hours": 2}))


def filed_formal(
    changes: dict[str, Any] | None = None, failing: dict[str, str] | None = None, **more: Any
) -> tuple[Application, Application, Cast]:
    """A formal case that was filed with only these changes, its pre-review, and the people."""
    before, cast = pre_reviewed(failing=FAILING if failing is None else failing, **more)
    case, at = formal(before, cast), at_of(before)
    write(case, cast, changes or {}, at=at)
    confirm(case, cast, at=at)
    file(case, cast, at=at)
    case.refresh_from_db()
    return case, before, cast


def taken(case: Application, cast: Cast) -> Application:
    return casework.take(case_id=case.pk, revision=case.revision, by=cast.officer, at=at_of(case, hours=1))


# --- starting ---------------------------------------------------------------


def test_everything_is_carried_and_what_decides_anew_is_offered() -> None:
    before, cast = pre_reviewed(failing=FAILING, without=LEFT_OUT)
    case = formal(before, cast)
    assert (case.kind, case.previous, case.status, case.number) == ("first", before, Status.DRAFT, None)
    assert (case.lines, case.first_day, case.staff_at_home) == (before.lines, before.first_day, before.staff_at_home)
    rows = {row.section_id: row for row in case.sections.all()}
    assert set(rows) == {page.id for page in case.pages} - set(LEFT_OUT)
    assert {one for one, row in rows.items() if row.carry} == {"1", "2.2.1"}
    assert {row.mark for row in rows.values() if row.carry == Carry.OFFERED} == {Mark.STARTED}
    assert {row.mark for row in rows.values() if not row.carry} == {Mark.COMPLETE}
    assert case.roster.count() == before.roster.count()
    assert case.attachments.count() == 1  # one file, cited many times: copied once
    assert case.attachments.get().pk != before.attachments.get().pk
    whole = read(case, today=at_of(before).date())
    assert {page.id for page in whole.pages} - set(whole.sections) == set(LEFT_OUT)


def test_confirmed_pages_are_complete_and_the_rest_is_asked_for() -> None:
    before, cast = pre_reviewed()
    case = formal(before, cast)
    with pytest.raises(filing.Incomplete):
        filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=at_of(before))
    confirm(case, cast, at=at_of(before))
    assert set(case.sections.filter(section_id__in=["1", "2.2.1"]).values_list("carry", flat=True)) == {Carry.KEPT}
    assert read(case, today=at_of(before).date()).complete


@pytest.mark.parametrize("who", ["checker", "officer", "supervisor"])
def test_only_a_preparer_of_the_firm_converts(who: str) -> None:
    before, cast = pre_reviewed()
    for by in (getattr(cast, who), Cast().preparer):
        with pytest.raises(NotOpen):
            make_formal(case_id=before.pk, by=by, at=at_of(before))
    assert formal_of(before) is None


def test_only_after_the_opinion_and_only_from_a_pre_review() -> None:
    cast = Cast()
    for case in (filed_case(cast, kind="pre_review")[0], filed_case(cast)[0]):
        with pytest.raises(Conflict) as refused:
            formal(case, cast)
        assert refused.value.case == case


def test_a_second_one_names_the_first_until_that_comes_to_nothing() -> None:
    before, cast = pre_reviewed()
    case = formal(before, cast)
    with pytest.raises(AlreadyFormal) as refused:
        formal(before, cast)
    assert refused.value.case == case
    filing.withdraw(case_id=case.pk, revision=case.revision, by=cast.preparer, at=at_of(before), reason="重來")
    assert formal(before, cast).pk != case.pk


def test_pages_of_converting(client: Client) -> None:
    before, cast = pre_reviewed()
    url = f"/cases/{before.pk}/convert/"
    other = Cast()
    for user in (other.preparer, cast.checker, cast.officer):
        client.force_login(user)
        assert client.post(url).status_code == 404
    client.force_login(cast.preparer)
    assert client.get(url).status_code == 405
    made = client.post(url, follow=True)
    case = Application.objects.get(previous=before)
    assert made.redirect_chain == [(f"/cases/{case.pk}/", 302)]
    assert text(made).count("待確認沿用或更新") == 2
    assert "預先審查，尚不得實施居家辦公" not in text(made)
    again = client.post(url)
    assert again.status_code == 409
    assert f"/cases/{case.pk}/" in text(again)
    page = text(client.get(f"/cases/{before.pk}/"))
    assert "已轉為正式申請" in page
    assert "convert" not in page
    assert "請確認沿用" in text(client.get(f"/cases/{case.pk}/sections/2.2.1/"))


# --- verdicts ---------------------------------------------------------------


def test_an_unchanged_item_keeps_its_verdict_and_a_changed_one_loses_it() -> None:
    case, before, cast = filed_formal(CHANGED)
    now = verdicts.read(case)
    assert now.from_pre_review
    assert now.previous == before.submissions.get()
    assert now.changed == {"2.2.5.3"}
    assert [one.item_id for one in now.unjudged] == ["2.2.5.3"]
    stood = now.findings["2.2.9"]
    assert (stood.verdict, stood.carried, stood.pre_review, stood.by) == (Choice.OK, True, True, cast.officer)
    failing = now.findings["3.5.4"]  # nobody did anything about it
    assert (failing.verdict, failing.comment, failing.carried) == (Choice.CORRECT, FAILING["3.5.4"], True)
    assert now.asked == {"2.2.5.3": FAILING["2.2.5.3"]}
    assert now.folded == now.kept - {"3.5.4"}


def test_a_page_that_is_saved_as_it_stands_is_kept_and_says_nothing_new(client: Client) -> None:
    """A form posts what is empty too; that is no change."""
    before, cast = pre_reviewed()
    at = at_of(before)
    case = formal(before, cast)
    with time_machine.travel(at, tick=False):
        client.force_login(cast.preparer)
        for section_id in ("1", "2.2.1", "2.2.5", "2.2.12"):
            assert save(client, case, section_id, {}).status_code == 302
    assert set(case.sections.filter(section_id__in=["1", "2.2.1"]).values_list("carry", flat=True)) == {Carry.KEPT}
    file(case, cast, at=at)
    assert verdicts.read(case).changed == frozenset()


def test_an_item_that_was_not_sent_has_no_verdict() -> None:
    before, cast = pre_reviewed(without=["3.6"])
    case, at = formal(before, cast), at_of(before)
    write(case, cast, {"3.6": sample.answers()["3.6"]}, at=at)
    confirm(case, cast, at=at)
    proof = case.attachments.get().pk
    evidence.cite(case_id=case.pk, item_id="3.6", attachment_id=proof, place="1", by=cast.preparer, at=at)
    file(case, cast, at=at)
    now = verdicts.read(case)
    assert [one.item_id for one in now.unjudged] == ["3.6"]
    assert now.changed == {"3.6"}


def test_a_line_that_is_dropped_takes_its_items_with_it() -> None:
    before, cast = pre_reviewed()
    case, at = formal(before, cast), at_of(before)
    write(case, cast, {"2.2.3": {"lines": ["brokerage", "clearing"]}}, at=at)
    rows = [row for row in roster() if "dealer" not in row.lines]
    revision = case.sections.get(section_id="2.2.2").revision
    evidence.replace_roster(case_id=case.pk, rows=rows, revision=revision, by=cast.preparer, at=at)
    confirm(case, cast, at=at)
    file(case, cast, at=at)
    old, now = verdicts.read(before), verdicts.read(case)
    gone = set(old.findings) - set(now.findings)
    assert gone == {item.id for item in now.version.section("3.2").items}
    assert "2.2.3" in now.changed
    assert "2.2.3" not in now.kept


@pytest.mark.parametrize("what", ["file", "place", "roster"])
def test_a_changed_file_page_number_or_roster_takes_the_verdict(what: str) -> None:
    before, cast = pre_reviewed()
    case, at = formal(before, cast), at_of(before)
    if what == "file":
        new = attach(case, by=cast.preparer, at=at, name="新版.pdf")
        new.sha256 = "0" * 64
        new.save()
        Citation.objects.filter(application=case, item_id="2.2.6").update(attachment=new)
    elif what == "place":
        Citation.objects.filter(application=case, item_id="2.2.6").update(place="2")
    else:
        rows = list(roster())[:-1]
        revision = case.sections.get(section_id="2.2.2").revision
        evidence.replace_roster(case_id=case.pk, rows=rows, revision=revision, by=cast.preparer, at=at)
    confirm(case, cast, at=at)
    file(case, cast, at=at)
    assert [one.item_id for one in verdicts.read(case).unjudged] == ["2.2.2" if what == "roster" else "2.2.6"]


def test_nothing_is_carried_from_a_case_that_is_no_pre_review() -> None:
    case, cast = filed_case()
    assert verdicts.read(case).previous is None
    Application.objects.filter(pk=case.pk).update(kind="renewal", previous=filed_case(cast)[0])
    case.refresh_from_db()
    assert verdicts.read(case).previous is None


def test_carried_verdicts_become_rows_when_the_case_is_put_up_and_stay_known_as_carried() -> None:
    case, _before, cast = filed_formal(CHANGED, failing={"2.2.5.3": "請補充"})
    case = taken(case, cast)
    at = at_of(case)
    judge_all(case, by=cast.officer, at=at)
    judging.recommend(case_id=case.pk, revision=case.revision, outcome="forward", reasons="", by=cast.officer, at=at)
    rows = Verdict.objects.filter(submission__application=case)
    assert (rows.count(), rows.filter(carried=True).count()) == (51, 50)
    now = verdicts.read(case)
    assert (now.findings["2.2.9"].pre_review, now.findings["2.2.5.3"].pre_review) == (True, False)
    assert len(now.folded) == 50


def test_a_correction_of_the_formal_case_reads_on_from_it() -> None:
    case, before, cast = filed_formal(CHANGED)
    case = taken(case, cast)
    now = judge_all(case, by=cast.officer, at=at_of(case), failing={"2.2.5.3": "仍不足", "3.5.4": "仍不足"})
    judging.return_for_correction(
        case_id=case.pk,
        revision=case.revision,
        basis=now.basis,
        letter="請補正",
        due_on=at_of(case).date() + timedelta(days=9),
        by=cast.officer,
        at=at_of(case),
    )
    case.refresh_from_db()
    write(case, cast, {"3.5.4": {"text": "抽樣採分層"}}, at=at_of(case))
    sent = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=at_of(case))
    filing.submit(case_id=case.pk, revision=sent.revision, key="2", by=cast.checker, at=at_of(case))
    second = verdicts.read(case)
    assert (second.submission.number, second.from_pre_review) == (2, False)
    assert sorted(one.item_id for one in second.unjudged) == ["2.2.5.3", "3.5.4"]
    assert second.findings["2.2.9"].pre_review
    assert verdicts.read(case, number=1).from_pre_review
    assert verdicts.read(before).submission.application == before


# --- what the officer sees --------------------------------------------------


def test_the_officer_sees_what_is_new_first_and_the_rest_folded(client: Client) -> None:
    case, _before, cast = filed_formal(CHANGED)
    case = taken(case, cast)
    client.force_login(cast.officer)
    page = text(client.get(f"/review/{case.pk}/2.2.5/"))
    assert "新增、變更或須留意 1 項" in page
    assert "承預審、無變更 5 項" in page
    fresh, folded = page.split('<details class="carried">')
    assert 'id="item-2.2.5.3"' in fresh
    assert 'id="item-2.2.5.1"' in folded.split("</form>")[0]
    assert "已補充遮罩之範圍" in fresh
    assert FAILING["2.2.5.3"] in fresh
    assert '<div class="diff">' in fresh
    # one form: what is folded is posted too, without JavaScript
    assert folded.count('name="v-2.2.5.1-verdict"') == 3
    whole = text(client.get(f"/review/{case.pk}/"))
    assert "新增、變更或須留意 2 項" in whole  # one changed, one still 須補正
    assert "承預審、無變更 17 節" in whole
    assert "與預審比較" in whole
    compared = text(client.get(f"/review/{case.pk}/compare/1/"))
    assert compared.count('class="diff"') == 1
    assert "第 1 次送件與預審之差異" in compared
    failing = text(client.get(f"/review/{case.pk}/3.5/"))
    assert 'id="item-3.5.4"' in failing.split('<details class="carried">')[0]


def test_an_error_in_a_folded_item_opens_them(client: Client) -> None:
    case, _before, cast = filed_formal(CHANGED)
    case = taken(case, cast)
    client.force_login(cast.officer)
    url = f"/review/{case.pk}/2.2.5/"
    answer = client.post(url, {"submission": "1", "v-2.2.5.1-revision": "x"})
    assert '<details class="carried" open>' in text(answer)


def test_a_first_application_is_not_split(client: Client) -> None:
    case, cast = filed_case()
    client.force_login(cast.officer)
    page = text(client.get(f"/review/{case.pk}/2.2.5/"))
    assert "carried" not in page
    assert "須留意" not in page
    assert client.get(f"/review/{case.pk}/compare/1/").status_code == 404


def test_the_exchange_does_not_see_the_draft_of_a_formal_case(client: Client) -> None:
    before, cast = pre_reviewed()
    case = formal(before, cast)
    client.force_login(cast.officer)
    assert f"/review/{case.pk}/" not in text(client.get(f"/review/{before.pk}/"))
    assert client.get(f"/review/{case.pk}/").status_code == 404
    confirm(case, cast, at=at_of(before))
    file(case, cast, at=at_of(before))
    assert f"/review/{case.pk}/" in text(client.get(f"/review/{before.pk}/"))


def test_pages_of_a_formal_case_take_no_more_queries_than_others(client: Client) -> None:
    case, _before, cast = filed_formal(CHANGED)
    client.force_login(cast.officer)
    client.get("/review/")  # the session
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/review/{case.pk}/2.2.5/")
    # as for any other: session, person, case with the one before, submissions, verdicts, corrections
    assert len(captured) == 6


# --- what has aged ----------------------------------------------------------

LONG_AFTER = datetime.fromisoformat("2027-06-01T10:00:00+08:00")


def test_what_has_aged_is_pointed_out_to_the_firm_and_kept_for_the_officer(client: Client) -> None:
    before, cast = pre_reviewed()
    case = formal(before, cast, at=LONG_AFTER)
    assert case.sections.get(section_id="2.2.12").mark == Mark.STARTED  # judged by the rules of the day
    with time_machine.travel(LONG_AFTER, tick=False):
        client.force_login(cast.preparer)
        for path in ("", "check/"):
            answer = client.get(f"/cases/{case.pk}/{path}")
            page = text(answer)
            assert "自預審（115 年 11 月 6 日 送件）後已逾期或已不相符者 1 處" in text_of(parse(answer))
            assert f'href="/cases/{case.pk}/sections/2.2.12/#item-2_2_12"' in page
    late = datetime.fromisoformat("2027-12-01T10:00:00+08:00")
    sessions = [{"held_on": "2027-11-20", "session": "上午", "make_up": "no"}]
    changes = {"2.2.12": {"sessions": sessions}, "2.2.1": {"first_day": "2027-12-06", "last_day": "2028-03-03"}}
    write(case, cast, changes, at=late)
    confirm(case, cast, at=late)
    file(case, cast, at=late)
    case.refresh_from_db()
    now = verdicts.read(case)
    assert list(now.aged) == ["2.2.8"]  # the training is new, the statement of October 2026 is not
    assert "2.2.8" in now.kept
    assert "2.2.8" not in now.folded
    client.force_login(cast.officer)
    assert "自預審後已逾期或已不相符" in text(client.get(f"/review/{case.pk}/2.2.8/"))


def test_section_rows_of_the_pre_review_are_untouched() -> None:
    case, before, _cast = filed_formal(CHANGED)
    assert not Section.objects.filter(application=before).exclude(carry="").exists()
    assert before.submissions.count() == 1
    assert case.submissions.get().content["previous"] == before.number
    assert later(before) > before.changed_at
