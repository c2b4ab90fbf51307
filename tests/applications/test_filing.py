"""Sign-off, filing, correction and withdrawal; what is filed stays as it is."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.enums import Role
from accounts.models import Membership, User
from applications.actions import drafting, evidence, filing
from applications.actions.drafting import NotOpen, save_section
from applications.actions.filing import Incomplete
from applications.lifecycle import Conflict
from applications.models import Application, CaseCounter, Citation, Correction, Event, Section, Submission
from applications.trail import canonical
from tests.applications.pages import LATER, with_checker
from tests.factories import FILED_AT, PDF, Cast, draft, filed_case, person, resubmit, returned_case, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def submit(case: Application, cast: Cast, *, key: str = "k", at: datetime = LATER, **more: Any) -> Submission:
    common = {"case_id": case.pk, "revision": case.revision, "by": cast.checker} | more
    return filing.submit(key=key, at=at, **common)


# --- to the checker and back -----------------------------------------------------


def test_send_to_checker_of_a_complete_draft(cast: Cast) -> None:
    case = with_checker(cast, document_number=" 甲證(法)字第1151106001號 ")
    assert (case.status, case.prepared_by, case.document_number) == (
        "internal_review", cast.preparer, "甲證(法)字第1151106001號",
    )  # fmt: skip


def test_send_to_checker_of_an_incomplete_draft_says_what_is_missing(cast: Cast) -> None:
    case = draft(cast, changes={"2.2.9": {"text": " "}})
    with pytest.raises(Incomplete) as incomplete:
        filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
    problems = incomplete.value.whole.problems
    assert [section for section, found in problems.items() if found] == ["2.2.9"]
    assert [problem.item for problem in problems["2.2.9"]] == ["2.2.9"]
    case.refresh_from_db()
    assert (case.status, case.prepared_by) == ("draft", None)


def test_send_to_checker_of_an_empty_draft_is_incomplete(cast: Cast) -> None:
    case = drafting.create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
    with pytest.raises(Incomplete):
        filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)


def test_send_to_checker_with_an_old_revision_is_a_conflict(cast: Cast) -> None:
    case = with_checker(cast)
    with pytest.raises(Conflict):
        filing.send_to_checker(case_id=case.pk, revision=case.revision - 1, by=cast.preparer, at=FILED_AT)
    with pytest.raises(Conflict):  # and not twice
        filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)


@pytest.mark.parametrize("who", ["checker", "officer", "supervisor", "auditor"])
def test_send_to_checker_by_another_role_is_not_open(cast: Cast, who: str) -> None:
    case = draft(cast)
    with pytest.raises(NotOpen):
        filing.send_to_checker(case_id=case.pk, revision=case.revision, by=getattr(cast, who), at=FILED_AT)


def test_return_to_preparer_voids_and_keeps_the_reason(cast: Cast) -> None:
    case = with_checker(cast)
    case = filing.sign_off(case_id=case.pk, revision=case.revision, by=cast.checker, at=LATER)
    assert (case.status, case.signed_by, case.signed_at) == ("signed_off", cast.checker, LATER)
    case = filing.return_to_preparer(
        case_id=case.pk, revision=case.revision, by=cast.checker, at=LATER, reason="漏列\n一人"
    )
    assert (case.status, case.signed_by, case.signed_at, case.prepared_by) == ("internal_returned", None, None, None)
    assert said(Event.objects.get(what="return_to_preparer")) == {"reason": "漏列\n一人"}
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=LATER)
    assert case.status == "internal_review"


def test_reopen_takes_it_back(cast: Cast) -> None:
    case = with_checker(cast)
    case = filing.reopen(case_id=case.pk, revision=case.revision, by=cast.preparer, at=LATER)
    assert (case.status, case.prepared_by) == ("draft", None)
    with pytest.raises(Conflict):
        submit(case, cast)


def test_sign_off_is_of_what_is_complete_on_that_day(cast: Cast) -> None:
    case = with_checker(cast)
    Citation.objects.filter(application=case).delete()
    with pytest.raises(Incomplete):
        filing.sign_off(case_id=case.pk, revision=case.revision, by=cast.checker, at=LATER)
    with pytest.raises(Incomplete):
        submit(case, cast)
    assert not Submission.objects.exists()
    assert not CaseCounter.objects.exists()


# --- filing ------------------------------------------------------------------------


def test_submit_by_the_checker_signs_and_files(cast: Cast) -> None:
    case = with_checker(cast)
    submission = submit(case, cast)
    case.refresh_from_db()
    assert (case.status, case.number, case.submitted_at) == ("submitted", "WFH-115-00001", LATER)
    assert (case.signed_by, case.signed_at, case.prepared_by) == (cast.checker, LATER, cast.preparer)
    assert (submission.number, submission.submitted_at, submission.submitted_by) == (1, LATER, cast.checker)
    assert (submission.signed_by, submission.prepared_by) == (cast.checker, cast.preparer)
    events = list(Event.objects.filter(application=case).order_by("-id")[:2])[::-1]
    assert [event.what for event in events] == ["sign_off", "submit"]
    assert said(events[1]) == {"submission": 1, "sha256": submission.sha256}


def test_submit_by_the_preparer_of_what_was_signed_before(cast: Cast) -> None:
    case = with_checker(cast)
    case = filing.sign_off(case_id=case.pk, revision=case.revision, by=cast.checker, at=FILED_AT)
    submission = submit(case, cast, by=cast.preparer)
    assert (submission.signed_by, submission.submitted_by) == (cast.checker, cast.preparer)
    case.refresh_from_db()
    assert (case.signed_at, case.submitted_at) == (FILED_AT, LATER)


def test_submit_by_the_preparer_of_what_is_not_signed_is_not_open(cast: Cast) -> None:
    case = with_checker(cast)
    with pytest.raises(NotOpen):
        submit(case, cast, by=cast.preparer)


def test_submit_of_a_draft_is_a_conflict(cast: Cast) -> None:
    case = draft(cast)
    with pytest.raises(Conflict):
        submit(case, cast)


def test_submit_twice_with_one_key_is_one_submission(cast: Cast) -> None:
    case = with_checker(cast)
    first = submit(case, cast)
    again = submit(case, cast)  # the page's revision, as a retry sends it
    assert again == first
    case.refresh_from_db()
    assert submit(case, cast, at=LATER + timedelta(days=1)) == first  # and with the new one
    assert Submission.objects.count() == 1
    assert Event.objects.filter(what="submit").count() == 1
    assert CaseCounter.objects.get().last == 1
    assert case.submitted_at == LATER


def test_submit_with_another_key_is_a_conflict(cast: Cast) -> None:
    case = with_checker(cast)
    submit(case, cast, key="one")
    for revision in (case.revision, case.revision + 1):
        with pytest.raises(Conflict):
            submit(case, cast, key="two", revision=revision)
    assert Submission.objects.count() == 1


def test_submit_of_a_correction_with_the_key_of_the_first_gives_the_first_back() -> None:
    case, cast = returned_case({"3.6": "請說明"})
    first = case.submissions.get()
    assert submit(case, cast, key=first.idempotency_key) == first
    case.refresh_from_db()
    assert case.status == "returned"


def test_submit_after_an_edit_is_a_conflict(cast: Cast) -> None:
    case = with_checker(cast)
    section = Section.objects.get(application=case, section_id="2.2.9")
    save_section(
        case_id=case.pk, section_id="2.2.9", answers=section.answers, revision=1, by=cast.preparer, at=LATER,
        reopen=True,
    )  # fmt: skip
    with pytest.raises(Conflict):
        submit(case, cast)
    assert not Submission.objects.exists()


# --- what is filed -------------------------------------------------------------------


def test_submission_is_canonical_json_and_its_hash(cast: Cast) -> None:
    submission = submit(with_checker(cast, document_number="甲證字第1號"), cast)
    submission.refresh_from_db()
    content = json.loads(submission.payload)
    assert submission.payload == json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert submission.sha256 == hashlib.sha256(submission.payload.encode("utf-8")).hexdigest()
    assert list(content) == sorted(
        ["answers", "document_number", "evidence", "firm", "first_day", "format", "hashes", "kind", "last_day", "lines",
         "number", "pages", "prepared_by", "roster", "signed_by", "submission", "submitted_at", "version"]
    )  # fmt: skip
    assert content["number"] == "WFH-115-00001"
    assert content["document_number"] == "甲證字第1號"
    assert (content["version"], content["kind"], content["submission"]) == ("112-10-03", "first", 1)
    assert content["submitted_at"] == "2026-11-06T16:53:27+08:00"
    assert content["prepared_by"] == {"name": "甲填報", "title": "專員"}
    assert content["signed_by"] == {"name": "乙覆核", "title": "專員"}
    assert (content["first_day"], content["last_day"]) == ("2026-11-30", "2027-02-28")
    assert content["lines"] == ["brokerage", "dealer", "clearing"]
    assert len(content["answers"]) == 51
    assert len(content["roster"]) == 85
    assert content["firm"]["broker_code"] == cast.firm.broker_code


def test_submission_has_every_file_with_its_hash(cast: Cast) -> None:
    content = submit(with_checker(cast), cast).content
    digest = hashlib.sha256(PDF.read_bytes()).hexdigest()
    proofs = [proof for proofs in content["evidence"].values() for proof in proofs]
    assert proofs
    assert {(proof["sha256"], proof["size"], proof["place"]) for proof in proofs} == {(digest, PDF.stat().st_size, "1")}


def test_submission_has_a_hash_for_each_section(cast: Cast) -> None:
    content = submit(with_checker(cast), cast).content
    assert list(content["hashes"]) == sorted(content["pages"])
    mine = {"2.2.9": content["answers"]["2.2.9"]}
    cited = {"2.2.9": content["evidence"]["2.2.9"]}
    assert content["hashes"]["2.2.9"] == hashlib.sha256(canonical([mine, cited]).encode()).hexdigest()
    assert len(set(content["hashes"].values())) == len(content["pages"])


def test_canonical_does_not_depend_on_order_and_keeps_characters() -> None:
    assert canonical({"乙": 1, "甲": [True, None, "𠮷\n"]}) == '{"乙":1,"甲":[true,null,"𠮷\\n"]}'
    assert canonical({"b": 1, "a": 2}) == canonical({"a": 2, "b": 1}) == '{"a":2,"b":1}'


def test_submission_stays_when_the_firm_corrects() -> None:
    case, cast = returned_case({"3.6": "請說明", "2.2.2": "請更正"})
    first = case.submissions.get()
    payload, sha256 = first.payload, first.sha256
    section = Section.objects.get(application=case, section_id="3.6")
    save_section(
        case_id=case.pk,
        section_id="3.6",
        answers={"3.6": section.answers["3.6"] | {"text": "補正後的說明"}},
        revision=section.revision,
        by=cast.preparer,
        at=LATER,
    )
    evidence.replace_roster(case_id=case.pk, rows=(), revision=2, by=cast.preparer, at=LATER)
    cast.firm.name = "改了名的公司"
    cast.firm.save()
    first = Submission.objects.get(pk=first.pk)
    assert (first.payload, first.sha256) == (payload, sha256)
    assert first.content["answers"]["3.6"]["text"] != "補正後的說明"
    assert len(first.content["roster"]) == 85


def test_submission_of_a_correction_is_the_second_of_the_same_case() -> None:
    case, cast = returned_case({"3.6": "請說明"})
    number, submitted_at = case.number, case.submitted_at
    first = case.submissions.get()
    second = resubmit(case, cast, {"3.6": {"text": "補正後的說明"}})
    case.refresh_from_db()
    assert (case.status, case.number, case.submitted_at) == ("corrected", number, submitted_at)
    assert (second.number, second.content["submission"], second.content["number"]) == (2, 2, number)
    assert second.content["answers"]["3.6"]["text"] == "補正後的說明"
    changed = {page for page, digest in second.content["hashes"].items() if digest != first.content["hashes"][page]}
    assert changed == {"3.6"}
    assert Correction.objects.get().answered_at == second.submitted_at
    assert CaseCounter.objects.get().last == 1


def test_who_signed_the_first_submission_may_prepare_the_correction_that_another_signs() -> None:
    case, cast = returned_case({"3.6": "請說明"})
    Membership.objects.create(user=cast.checker, firm=cast.firm, role=Role.PREPARER)
    checker = User.objects.get(pk=cast.checker.pk)
    at = case.changed_at + timedelta(hours=1)
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=checker, at=at)
    assert (case.prepared_by, case.signed_by, case.signed_at) == (checker, None, None)
    with pytest.raises(NotOpen):
        filing.submit(case_id=case.pk, revision=case.revision, key="mine", by=checker, at=at)
    second = person(Role.CHECKER, firm=cast.firm)
    made = filing.submit(case_id=case.pk, revision=case.revision, key="again", by=second, at=at)
    assert (made.prepared_by, made.signed_by) == (checker, second)
    assert case.submissions.get(number=1).signed_by == checker


# --- case numbers ---------------------------------------------------------------------


def test_numbers_of_a_year_have_no_gap(cast: Cast) -> None:
    assert [filed_case()[0].number for _ in range(3)] == ["WFH-115-00001", "WFH-115-00002", "WFH-115-00003"]


def test_number_of_a_submission_that_failed_is_given_to_the_next(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = with_checker(cast)
    with monkeypatch.context() as broken:
        broken.setattr("applications.lifecycle.notify.tell", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            submit(case, cast)
    case.refresh_from_db()
    assert (case.status, case.number) == ("internal_review", None)
    assert not Submission.objects.exists()
    assert not CaseCounter.objects.exists()
    other, _ = filed_case()
    assert other.number == "WFH-115-00001"
    submit(case, cast)
    case.refresh_from_db()
    assert case.number == "WFH-115-00002"


@pytest.mark.parametrize(
    ("at", "number"),
    [
        ("2026-12-31T23:59:59+08:00", "WFH-115-00001"),
        ("2027-01-01T00:00:00+08:00", "WFH-116-00001"),
        ("2026-12-31T16:00:00+00:00", "WFH-116-00001"),
    ],
)
def test_number_is_of_the_year_in_taipei(cast: Cast, client: Client, at: str, number: str) -> None:
    """Filed through the page, by the server's clock."""
    changes = {
        "2.2.1": {"first_day": "2027-01-15", "last_day": "2027-03-31"},
    }
    case = draft(cast, changes=changes)
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
    with time_machine.travel(datetime.fromisoformat(at), tick=False):
        client.force_login(cast.checker)
        data = {"revision": case.revision, "key": "k", "declare": "yes"}
        answer = client.post(f"/cases/{case.pk}/do/submit/", data)
        assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.pk}/submissions/1/receipt/")
    case.refresh_from_db()
    assert case.number == number
    assert case.submitted_at == datetime.fromisoformat(at)
    year, last = CaseCounter.objects.values_list("year", "last").get()
    assert (year, last) == (int(number[4:7]), 1)


# --- withdrawal ---------------------------------------------------------------------------

BY = {
    "draft": {"preparer", "checker"}, "internal_returned": {"preparer", "checker"},
    "internal_review": {"preparer", "checker"}, "signed_off": {"preparer", "checker"},
    "submitted": {"checker"}, "under_review": {"checker"}, "returned": {"checker"}, "correction_review": {"checker"},
    "corrected": {"checker"}, "awaiting_signoff": {"checker"}, "forwarded": {"checker"},
    "approved": set(), "refused": set(), "rejected": set(), "withdrawn": set(),
}  # fmt: skip


@pytest.mark.parametrize("who", ["preparer", "checker"])
@pytest.mark.parametrize("status", BY)
def test_withdraw_in_each_status(cast: Cast, status: str, who: str) -> None:
    case = drafting.create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
    Application.objects.filter(pk=case.pk).update(status=status)
    deed = {"case_id": case.pk, "revision": 0, "by": getattr(cast, who), "at": LATER, "reason": "不需要了"}
    if who in BY[status]:
        done = filing.withdraw(**deed)
        assert done.status == "withdrawn"
        event = Event.objects.get(what="withdraw")
        assert (event.before, event.after, said(event)) == (status, "withdrawn", {"reason": "不需要了"})
        return
    with pytest.raises(NotOpen if BY[status] else Conflict):
        filing.withdraw(**deed)
    case.refresh_from_db()
    assert (case.status, case.revision) == (status, 0)


def test_what_has_aged_in_an_item_that_is_closed_does_not_hold_up_a_correction() -> None:
    """The notice was planned for a day that is past by now; the firm may not say so in this correction."""
    planned = {"2.2.5.5": {"notice_state": "planned", "notice_on": "2026-11-20"}}
    case, cast = returned_case({"2.2.5.3": "請補充"}, changes=planned)
    at = datetime.fromisoformat("2026-12-01T10:00:00+08:00")
    given = {"case_id": case.pk, "revision": case.revision, "by": cast.preparer, "at": at}
    section = Section.objects.get(application=case, section_id="2.2.5")
    for text, complete in (("", False), ("已補充", True)):
        section = save_section(
            case_id=case.pk, section_id="2.2.5", revision=section.revision, by=cast.preparer, at=at,
            answers=section.answers | {"2.2.5.3": {"answer": "yes", "text": text}},
        )  # fmt: skip
        if not complete:
            with pytest.raises(Incomplete) as incomplete:
                filing.send_to_checker(**given)
            assert {one.item for found in incomplete.value.whole.problems.values() for one in found} == {"2.2.5.3"}
    case = filing.send_to_checker(**given)
    assert filing.submit(case_id=case.pk, revision=case.revision, key="k2", by=cast.checker, at=at).number == 2


def test_withdraw_while_a_correction_is_open_closes_it() -> None:
    case, cast = returned_case({"3.6": "請說明"})
    filing.withdraw(case_id=case.pk, revision=case.revision, by=cast.checker, at=LATER, reason="不需要了")
    assert Correction.objects.get().answered_at == LATER
    assert case.submissions.count() == 1
