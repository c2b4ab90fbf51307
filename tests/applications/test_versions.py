"""A new version of the guideline while a draft is written: told, taken over, and nothing that was written is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from applications.actions import drafting, filing, versions
from applications.actions.drafting import NotOpen, Renewed, Stale
from applications.actions.filing import Closed
from applications.enums import Mark, Status
from applications.lifecycle import Conflict
from applications.models import Application, RosterEntry, Section
from guideline.catalogue import in_force, load
from tests.applications import emergencies, pages
from tests.applications.pages import parse, text_of
from tests.factories import FILED_AT, Cast, FirmFactory, draft, filed_case
from tests.guideline import changing

pytestmark = pytest.mark.django_db

OLD, NEW = "112-10-03", "115-12-01"
AT = datetime.fromisoformat("2026-12-02T10:00:00+08:00")


@pytest.fixture(autouse=True)
def announced(tmp_path: Path) -> Iterator[None]:
    """The next announcement is known; it is the day after it came into force."""
    with changing.folder(tmp_path, changing.next_announcement()), time_machine.travel(AT, tick=False):
        yield


def adopt(case: Application, cast: Cast, **changes: Any) -> Application:
    given = {"case_id": case.pk, "revision": case.revision, "version_id": NEW, "by": cast.preparer, "at": AT}
    return versions.adopt(**given | changes)


def page(client: Client, case: Application) -> Any:
    return client.get(f"/cases/{case.pk}/version/")


def test_a_draft_takes_the_version_of_the_day_on_which_it_is_begun(cast: Cast) -> None:
    assert drafting.create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT).version_id == OLD
    assert drafting.create_draft(firm=cast.firm, by=cast.preparer, at=AT).version_id == NEW
    assert in_force(AT.date()).id == NEW


def test_the_day_on_which_it_comes_into_force_counts(cast: Cast) -> None:
    case = drafting.create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
    for day, found in (("2026-11-30", None), ("2026-12-01", NEW)):
        new = versions.pending(case, today=datetime.fromisoformat(day).date())
        assert (new and new.id) == found


def test_the_firm_is_told_on_the_draft_and_reads_what_bears_on_it(cast: Cast, client: Client) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    for path in ("", "check/"):
        text = text_of(parse(client.get(f"/cases/{case.pk}/{path}")))
        assert "115.12.01 版已自 115 年 12 月 1 日 起適用；本草稿依 112.10.03 版填寫，改依新版後才能送件。" in text
    text = text_of(parse(page(client, case)))
    for said in (
        "上限由「3 個月」改為「2 個月」",
        "刪除業務「結算及申報作業」",
        "新增節 貳、二（十三）「異地備援演練」，含 2 項",
        "新增項目 貳、二（十三）2（2.2.13.2）「演練紀錄」",
        "新增義務「異地備援演練」",
    ):
        assert said in text, said
    assert "「延展」之程序" not in text  # another kind
    assert "代號由「112-10-03」" not in text
    assert "substitutes_justified" not in text  # a name of the program's
    assert "款項信用交易非交易作業及借券撥券" in text.replace("、", "")  # an answer that has no place


def test_every_answer_with_a_place_is_kept_and_the_others_are_shown_for_ever(cast: Cast, client: Client) -> None:
    case = draft(cast)
    before = {row.section_id: row.answers for row in case.sections.all()}
    case = adopt(case, cast)
    rows = {row.section_id: row for row in case.sections.all()}
    assert (case.version_id, case.lines) == (NEW, ["brokerage", "dealer"])
    assert rows["3.3"].answers == before["3.3"]  # not asked any more, and not touched
    assert rows["2.2.9"].answers["2.2.9"]["text"] == before["2.2.9"]["2.2.9"]["text"]
    assert rows["2.2.3"].answers["2.2.3"]["lines"] == ["brokerage", "dealer"]
    detail = case.events.get(what="adopt_version").detail
    assert (detail["from"], detail["to"]) == (OLD, NEW)
    assert detail["left"]["2.2.3"] == {"lines": ["clearing"]}
    assert detail["left"]["3.3.1"] == {
        name: value for name, value in before["3.3"]["3.3.1"].items() if value not in (None, "", [])
    }
    assert detail["roster"]
    assert not any("clearing" in entry.lines for entry in RosterEntry.objects.filter(application=case))
    client.force_login(cast.preparer)
    text = text_of(parse(page(client, case)))
    assert "新版指引已無此欄" in text
    assert before["3.3"]["3.3.1"]["text"].split("\n")[0] in text
    assert "應變計畫.pdf" in text  # the evidence of 3.3.1
    assert "查看新版指引已無此欄之內容" in text_of(parse(client.get(f"/cases/{case.pk}/")))
    assert "指引已有新版" not in text_of(parse(client.get(f"/cases/{case.pk}/")))


def test_every_section_is_judged_anew(cast: Cast) -> None:
    case = draft(cast)
    Section.objects.filter(application=case).update(mark=Mark.COMPLETE)
    case = adopt(case, cast)
    marks = {row.section_id: row.mark for row in case.sections.all()}
    assert marks["2.2.1"] == Mark.STARTED  # three months are too long now
    assert marks["2.2.9"] == Mark.COMPLETE
    assert "2.2.13" not in marks


@pytest.mark.parametrize("signed", [False, True])
def test_a_sign_off_under_way_is_void(cast: Cast, signed: bool) -> None:
    case = pages.with_checker(cast)
    if signed:
        case = filing.sign_off(case_id=case.pk, revision=case.revision, by=cast.checker, at=FILED_AT)
    case = adopt(case, cast)
    case.refresh_from_db()
    assert (case.status, case.signed_by, case.signed_at, case.prepared_by) == (Status.DRAFT, None, None, None)
    assert [event.what for event in case.events.all()][-2:] == ["reopen", "adopt_version"]


def test_a_document_number_stays_on_the_page_that_says_so(cast: Cast, client: Client) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    data = {"revision": case.revision, "document_number": "甲證(法)字第1151106001號"}
    refused = client.post(f"/cases/{case.pk}/do/send_to_checker/", data)
    assert refused.status_code == 409
    assert "甲證(法)字第1151106001號" in refused.content.decode()


def test_nothing_is_sent_signed_or_filed_under_a_version_that_is_over(cast: Cast) -> None:
    case = draft(cast)
    with pytest.raises(Closed) as closed:
        filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=AT)
    assert closed.value.answer.next == "version"
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
    with pytest.raises(Closed):
        filing.sign_off(case_id=case.pk, revision=case.revision, by=cast.checker, at=AT)
    with pytest.raises(Closed):
        filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.checker, at=AT)
    assert filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.checker, at=FILED_AT).number == 1


def test_no_notice_is_given_under_a_version_that_is_over(cast: Cast, client: Client) -> None:
    case = emergencies.begun(cast)  # in November
    client.force_login(cast.preparer)
    assert f'href="/cases/{case.pk}/version/"' in client.get(f"/cases/{case.pk}/check/").content.decode()
    answer = client.post(f"/cases/{case.pk}/do/notify/", {"revision": case.revision, "key": "k"})
    assert (answer.status_code, Application.objects.get(pk=case.pk).status) == (409, Status.DRAFT)
    assert f'href="/cases/{case.pk}/version/"' in answer.content.decode()
    case = adopt(case, cast)
    notice = emergencies.notify(case, cast.preparer, at=AT)
    assert notice.application.version_id == NEW


def test_the_page_that_refuses_explains_and_leads_there(cast: Cast, client: Client) -> None:
    case = pages.with_checker(cast)
    client.force_login(cast.checker)
    data = {"revision": case.revision, "key": "k", "declare": "yes"}
    answer = client.post(f"/cases/{case.pk}/do/submit/", data)
    assert answer.status_code == 409
    text = text_of(parse(answer))
    assert "本案依 112.10.03 版指引填寫；115.12.01 版已自 115 年 12 月 1 日 起適用，送件前須改依新版。" in text
    assert f'href="/cases/{case.pk}/version/"' in answer.content.decode()
    assert "指引 " not in text.split("送件前須改依新版。")[1]  # no clause where there is none
    assert 'name="version"' not in page(client, case).content.decode()  # the checker writes nothing


def test_a_post_takes_it_over_and_a_get_does_not(cast: Cast, client: Client) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    shown = page(client, case)
    before = pages.database()
    assert page(client, case).status_code == 200
    assert pages.database() == before
    data = pages.form(shown, f"/cases/{case.pk}/version/")
    answer = client.post(f"/cases/{case.pk}/version/", data, follow=True)
    assert "已改依新版指引" in text_of(parse(answer))
    case.refresh_from_db()
    assert case.version_id == NEW
    again = client.post(f"/cases/{case.pk}/version/", data)
    assert again.status_code == 409
    assert case.events.filter(what="adopt_version").count() == 1


def test_a_window_that_was_open_before_is_stale_and_keeps_its_text(cast: Cast, client: Client) -> None:
    case = draft(cast)
    client.force_login(cast.preparer)
    data: dict[str, Any] = pages.form(client.get(pages.url(case, "3.3")), pages.url(case, "3.3"))
    blank = {"revision": "0", "version": OLD, "2_2_13_1__text": "寫了一半"}
    case = adopt(case, cast)
    before = pages.database()
    for step, posted, typed in (("3.3", data, data["3_3_1__text"][0]), ("2.2.13", blank, "寫了一半")):
        answer = client.post(pages.url(case, step), posted | {"next": "1"})
        assert answer.status_code == 409
        assert "本案已改依新版指引，因此尚未存入" in text_of(parse(answer))
        assert text_of(parse(answer)).count(" ".join(typed.split())) == 1
    assert pages.database() == before


def test_a_save_that_waited_for_the_lock_is_stale_too(cast: Cast) -> None:
    case = draft(cast)
    mine = {
        "case_id": case.pk, "section_id": "2.2.9", "answers": {}, "revision": 1, "by": cast.preparer, "at": AT,
    }  # fmt: skip
    adopt(case, cast)
    with pytest.raises(Renewed):
        drafting.save_section(**mine, version_id=OLD)
    with pytest.raises(Stale):
        drafting.save_section(**mine)


def test_stale_or_another_version_by_now(cast: Cast) -> None:
    case = draft(cast)
    for changes in ({"revision": case.revision - 1}, {"version_id": OLD}, {"version_id": "116-01-01"}):
        with pytest.raises(Conflict):
            adopt(case, cast, **changes)
    case.refresh_from_db()
    assert case.version_id == OLD


def test_only_the_preparer_of_the_firm(cast: Cast, client: Client) -> None:
    case = draft(cast)
    for user in (cast.checker, cast.officer, Cast(FirmFactory.create()).preparer):
        with pytest.raises(NotOpen):
            adopt(case, cast, by=user)
    data = {"revision": case.revision, "version": NEW}
    for user, got in ((cast.officer, 404), (Cast(FirmFactory.create()).preparer, 404), (cast.checker, 404)):
        client.force_login(user)
        assert client.post(f"/cases/{case.pk}/version/", data).status_code == got
    case.refresh_from_db()
    assert case.version_id == OLD


def test_what_was_filed_stays_on_its_version(cast: Cast, client: Client) -> None:
    case, cast = filed_case(cast)
    assert versions.pending(case, today=AT.date()) is None
    with pytest.raises(NotOpen):
        adopt(case, cast)
    client.force_login(cast.preparer)
    text = text_of(parse(page(client, case)))
    assert "本案適用 112.10.03 版（臺證輔字第1120503225號）。" in text
    assert "指引已有新版" not in text_of(parse(client.get(f"/cases/{case.pk}/")))
    filing.withdraw(case_id=case.pk, revision=case.revision, by=cast.checker, at=AT, reason="誤送")
    assert versions.pending(Application.objects.get(pk=case.pk), today=AT.date()) is None


def test_a_draft_that_was_withdrawn_is_left_alone(cast: Cast) -> None:
    case = draft(cast)
    case = filing.withdraw(case_id=case.pk, revision=case.revision, by=cast.preparer, at=AT, reason="不需要")
    assert versions.pending(case, today=AT.date()) is None


def test_a_kind_that_the_new_version_does_not_know(cast: Cast, client: Client, tmp_path: Path) -> None:
    case = drafting.create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT, kind="pre_review")
    said = changing.next_announcement()
    said["kind"] = [kind for kind in said["kind"] if kind["id"] != "pre_review"]
    with changing.folder(tmp_path / "other", said):
        client.force_login(cast.preparer)
        shown = page(client, case)
        assert "新版指引已無「預先審查」此一類型" in text_of(parse(shown))
        assert 'name="version"' not in shown.content.decode()
        with pytest.raises(NotOpen):
            adopt(case, cast)


def test_twice(cast: Cast, client: Client, tmp_path: Path) -> None:
    """A second change: what was left over at the first is still shown, under the version it was written under."""
    case = adopt(draft(cast), cast)
    third = changing.next_announcement()
    third["announcement"] |= {"id": "116-01-05", "announced": (AT + timedelta(days=34)).date()}
    third["section"] = [section for section in third["section"] if section["id"] != "2.2.9"]
    named = changing.named(third["kind"], "id", "added_line")
    named["asks"] = [one for one in named["asks"] if one != "2.2.9"]
    at = AT + timedelta(days=40)
    with changing.folder(tmp_path / "third", changing.next_announcement(), third), time_machine.travel(at, tick=False):
        case = adopt(case, cast, version_id="116-01-05", at=at)
        left = [(old.id, sorted(values)) for old, values, _people in versions.left_over(case)]
        assert left == [
            (NEW, ["2.2.9"]),
            (OLD, ["1.3", "2.2.10", "2.2.3", "2.2.4", "2.2.5.6", "2.2.7.2", "3.3.1", "3.3.2"]),
        ]
        client.force_login(cast.preparer)
        text = text_of(parse(page(client, case)))
        assert load(OLD).item("3.3.1").title.zh in text
        assert load(NEW).item("2.2.9").title.zh in text
        assert client.get(f"/cases/{case.pk}/").status_code == 200
        assert client.get(f"/cases/{case.pk}/check/").status_code == 200
