"""Every status × deed × role of the exchange's side, against a table written out here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from accounts.enums import Role
from accounts.models import User
from applications.actions.drafting import NotOpen, Unmet
from applications.enums import Action, Status
from applications.enums import Verdict as Choice
from applications.lifecycle import Conflict
from applications.models import Application
from reviews import policy as rules
from reviews import verdicts
from reviews.actions import casework, deciding, endorsing, judging, opinion
from reviews.actions.judging import Entry
from reviews.models import Recommendation
from tests.factories import PDF, Cast, person, taken_case

pytestmark = pytest.mark.django_db

S = Status
JUDGED = {S.UNDER_REVIEW, S.CORRECTED}
IN_HAND = JUDGED | {S.RETURNED, S.CORRECTION_REVIEW, S.AWAITING_SIGNOFF, S.FORWARDED, S.NOTICED, S.DOCUMENTS_REVIEW}

# deed -> statuses -> who; "holder" has the case in hand, "officer" is another one
ALLOWED: dict[str, tuple[set[Status], set[str]]] = {
    "take": ({S.SUBMITTED}, {"holder", "officer"}),
    "take_notice": ({S.NOTICED, S.SUBMITTED}, {"holder", "officer"}),
    "take_documents": ({S.SUBMITTED}, {"holder"}),
    "note": (set(S), {"holder", "officer", "supervisor"}),
    "hand_over": (IN_HAND | {S.SUBMITTED}, {"holder", "supervisor"}),
    "judge": (JUDGED, {"holder"}),
    "return": (JUDGED, {"holder"}),
    "recommend": (JUDGED, {"holder"}),
    "send_back": ({S.AWAITING_SIGNOFF}, {"supervisor"}),
    "forward": ({S.AWAITING_SIGNOFF}, {"supervisor"}),
    "reject": ({S.AWAITING_SIGNOFF}, {"supervisor"}),
    "endorse": ({S.AWAITING_SIGNOFF}, {"supervisor"}),
    "decline": ({S.AWAITING_SIGNOFF}, {"supervisor"}),
    "record": ({S.AWAITING_SIGNOFF}, {"supervisor"}),
    "give_opinion": ({S.AWAITING_SIGNOFF}, {"supervisor"}),
    "record_approval": ({S.FORWARDED}, {"holder", "officer", "supervisor"}),
    "record_refusal": ({S.FORWARDED}, {"holder", "officer", "supervisor"}),
}


def deed(name: str, case: Application, cast: Cast) -> Callable[[User], Any]:
    at = case.changed_at + timedelta(hours=2)
    common: dict[str, Any] = {"case_id": case.pk, "revision": case.revision, "at": at}

    def record(by: User, approved: bool) -> None:
        deciding.record_decision(
            **common,
            by=by,
            approved=approved,
            document_number="金管證券字第1號",
            dated=date(2026, 11, 6),
            conditions="",
            periods={"dealer": (date(2026, 11, 30), date(2026, 12, 1))},
            scan=SimpleUploadedFile("a.pdf", PDF.read_bytes()),
        )

    deeds: dict[str, Callable[[User], Any]] = {
        "take": lambda by: casework.take(**common, by=by),
        "take_notice": lambda by: casework.take(**common, by=by),
        "take_documents": lambda by: casework.take(**common, by=by),
        "note": lambda by: casework.add_note(case_id=case.pk, text="x", by=by, at=at),
        "hand_over": lambda by: casework.hand_over(
            case_id=case.pk, held_by=cast.officer.pk, to=cast.other_officer, by=by, at=at
        ),
        "judge": lambda by: judging.judge(
            case_id=case.pk, submission=1, entries={"2.2.9": Entry(Choice.OK, "", 0)}, by=by, at=at
        ),
        "return": lambda by: judging.return_for_correction(
            **common, basis="", letter="x", due_on=date(2027, 1, 1), by=by
        ),
        "recommend": lambda by: judging.recommend(**common, outcome="reject", reasons="x", by=by),
        "send_back": lambda by: deciding.send_back(**common, remark="x", by=by),
        "forward": lambda by: deciding.forward(**common, document_number="臺證字第1號", by=by),
        "reject": lambda by: deciding.reject(**common, by=by),
        "endorse": lambda by: endorsing.decide(**common, action=Action.ENDORSE, document_number="臺證字第1號", by=by),
        "decline": lambda by: endorsing.decide(**common, action=Action.DECLINE, document_number="臺證字第1號", by=by),
        "record": lambda by: endorsing.decide(**common, action=Action.RECORD, document_number="臺證字第1號", by=by),
        "give_opinion": lambda by: opinion.give(**common, by=by),
        "record_approval": lambda by: record(by, True),
        "record_refusal": lambda by: record(by, False),
    }
    return deeds[name]


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(act: Callable[[User], Any], by: User) -> str:
    with undone():
        try:
            act(by)
        except (Conflict, NotOpen) as error:
            return type(error).__name__
        except Unmet:
            pass  # it was open to this person; something else was missing
        return "done"


@pytest.mark.parametrize("name", ALLOWED)
def test_every_cell(name: str) -> None:
    case, cast = taken_case()
    people = {
        "holder": cast.officer,
        "officer": cast.other_officer,
        "supervisor": cast.supervisor,
        "auditor": cast.auditor,
        "operator": person(Role.OPERATOR),
        "preparer": cast.preparer,
        "checker": cast.checker,
        "outsider": Cast().checker,
    }
    Recommendation.objects.create(
        submission=verdicts.read(case).submission,
        outcome=name if name in {"reject", "endorse", "decline", "record", "give_opinion"} else "forward",
        by=cast.officer,
        at=case.changed_at,
    )
    if name in {"take", "take_notice"}:  # as it was before anybody took it
        case.assignments.all().delete()
        Application.objects.filter(pk=case.pk).update(officer=None)
    if name in {"endorse", "decline"}:  # the exchange decides extensions alone
        Application.objects.filter(pk=case.pk).update(kind="extension")
    if name in {"record", "take_notice", "take_documents"}:  # an emergency; its documents have the notice's officer
        Application.objects.filter(pk=case.pk).update(kind="emergency")
    if name == "give_opinion":
        Application.objects.filter(pk=case.pk).update(kind="pre_review")
    statuses, who = ALLOWED[name]
    wrong = []
    for status in S:
        Application.objects.filter(pk=case.pk).update(status=status)
        case.refresh_from_db()
        act = deed(name, case, cast)
        waiting = rules.waiting(case)
        for label, by in people.items():
            done = outcome(act, by) == "done"
            allowed = status in statuses and label in who
            # what is offered is what is taken
            offered = allowed
            if name in Action.values:
                offered = Action(name) in rules.available_actions(by, case, waiting)
            if done != allowed or offered != allowed:
                wrong.append((status, label, done, offered))
    assert wrong == []
