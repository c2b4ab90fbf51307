"""What a person can try, by name. Each takes the case, the person, the moment and a few random choices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from applications.actions import (
    carrying,
    drafting,
    ending,
    evidence,
    filing,
    following,
    formal,
    notifying,
    ratifying,
    roster_change,
)
from applications.actions.drafting import NotOpen, Stale, Unmet
from applications.actions.filing import Closed, Incomplete
from applications.enums import Action, Carry, Verdict
from applications.evidence import Refused
from applications.lifecycle import Conflict
from applications.models import Application, Section
from reviews import verdicts
from reviews.actions import casework, deciding, endorsing, judging, opinion, reclassifying
from reviews.actions.judging import Entry
from reviews.actions.judging import Stale as StaleVerdict
from tests.factories import PDF, roster

# How a deed may say no. Anything else that is raised is a fault.
NO = (Conflict, NotOpen, Unmet, Closed, Incomplete, Stale, StaleVerdict, Refused)
NUMBER = "臺證輔字第1150001234號"

Deed = Callable[[Application, User, datetime, int], Any]


def _round(case: Application) -> verdicts.Round:
    """What the officer has on the page; there is no such page before something was filed."""
    if not case.submissions.exists():
        raise NotOpen
    return verdicts.read(case)


def _common(case: Application, by: User, at: datetime) -> dict[str, Any]:
    return {"case_id": case.pk, "revision": case.revision, "by": by, "at": at}


def save(case: Application, by: User, at: datetime, chance: int) -> Section:
    """Write one more sentence into some item of some page."""
    pages = case.pages
    page = pages[chance % len(pages)]
    section = Section.objects.filter(application=case, section_id=page.id).first()
    answers = dict(section.answers) if section else {}
    item = page.items[chance % len(page.items)]
    old = answers.get(item.id, {})
    answers[item.id] = old | {"text": f"{old.get('text', '')}又及{chance}。"}
    return drafting.save_section(
        case_id=case.pk,
        section_id=page.id,
        answers=answers,
        revision=section.revision if section else 0,
        by=by,
        at=at,
        reopen=chance % 3 == 0,
    )


def attach(case: Application, by: User, at: datetime, chance: int) -> Any:
    items = [item for page in case.pages for item in page.items]
    return evidence.cite(
        case_id=case.pk,
        item_id=items[chance % len(items)].id,
        upload=SimpleUploadedFile("佐證.pdf", PDF.read_bytes()),
        place=str(chance % 20 + 1),
        by=by,
        at=at,
    )


def judge(case: Application, by: User, at: datetime, chance: int) -> Any:
    """符合 on everything; of four times, once with one item that fails."""
    now = _round(case)
    items = list(now.findings)
    failing = items[chance % len(items)] if chance % 4 == 0 else ""
    entries = {
        item_id: Entry(Verdict.CORRECT, "請補充說明", standing.revision)
        if item_id == failing
        else Entry(Verdict.OK, "", standing.revision)
        for item_id, standing in now.findings.items()
    }
    return judging.judge(case_id=case.pk, submission=now.submission.number, entries=entries, by=by, at=at)


def send_for_correction(case: Application, by: User, at: datetime, chance: int) -> Any:
    return judging.return_for_correction(
        **_common(case, by, at),
        basis=_round(case).basis,
        letter="請補正",
        due_on=timezone.localdate(at) + timedelta(days=chance % 12),
    )


def recommend(case: Application, by: User, at: datetime, chance: int) -> Any:
    outcomes = ("forward", "endorse", "decline", "reject", "record", "give_opinion")
    # mostly what this kind can end in, so that cases get on
    wanted = rules_outcomes(case) if chance % 5 else list(outcomes)
    return judging.recommend(**_common(case, by, at), outcome=str(wanted[chance % len(wanted)]), reasons="如審查表")


def rules_outcomes(case: Application) -> list[str]:
    steps = case.version.kind(case.kind).route
    by_step = {"authority": "forward", "endorse": "endorse", "record": "record", "opinion": "give_opinion"}
    return [by_step[steps[-1]], by_step[steps[-1]], "reject", *(["decline"] if steps[-1] == "endorse" else [])]


def decide(approved: bool) -> Deed:
    def deed(case: Application, by: User, at: datetime, chance: int) -> Any:
        content = _round(case).content
        first, last = date.fromisoformat(content["first_day"]), date.fromisoformat(content["last_day"])
        last = min(last, deciding.latest_last_day(case, first)) + timedelta(days=(chance % 9 == 0))
        lines = list(case.version.lines)[: chance % 4] if chance % 7 == 0 else [case.version.line(content["lines"][0])]
        return deciding.record_decision(
            **_common(case, by, at),
            approved=approved,
            document_number=NUMBER,
            dated=timezone.localdate(at),
            conditions="",
            periods={line.id: (first, last) for line in lines},
            scan=SimpleUploadedFile("復函.pdf", PDF.read_bytes()),
        )

    return deed


def end_early(case: Application, by: User, at: datetime, chance: int) -> Any:
    return ending.end_early(
        **_common(case, by, at),
        lines=case.lines[: chance % 3 + 1],
        last_day_at_home=timezone.localdate(at) + timedelta(days=chance % 60),
        reason="疫情趨緩",
    )


def keep(case: Application, by: User, at: datetime, chance: int) -> Section:
    """沿用 of the section that waits, or of any other."""
    sections = list(case.sections.filter(carry=Carry.OFFERED)) or list(case.sections.all())
    if not sections:
        raise NotOpen
    one = sections[chance % len(sections)]
    return carrying.keep(case_id=case.pk, section_id=one.section_id, revision=one.revision, by=by, at=at)


def ratify(case: Application, by: User, at: datetime, chance: int) -> Any:
    return ratifying.ratify(
        **_common(case, by, at),
        held_on=timezone.localdate(at) - timedelta(days=chance % 4 - 1),
        text="董事會決議追認",
        minutes=SimpleUploadedFile("議事錄.pdf", PDF.read_bytes()),
    )


def reclassify(case: Application, by: User, at: datetime, chance: int) -> Any:
    kinds = ("first", "pre_review", "renewal", "added_line", "extension", "emergency")
    return reclassifying.reclassify(**_common(case, by, at), kind=kinds[chance % len(kinds)], reason="申請類型有誤")


def change_roster(case: Application, by: User, at: datetime, chance: int) -> Any:
    day = timezone.localdate(at) + timedelta(days=chance % 40 - 2)
    return roster_change.change(**_common(case, by, at), effective_on=day, reason="輪調", rows=roster())


def submit(case: Application, by: User, at: datetime, chance: int) -> Any:
    return filing.submit(**_common(case, by, at), key=f"machine{case.revision}")


def _plain(function: Callable[..., Any], **more: Any) -> Deed:
    return lambda case, by, at, chance: function(**_common(case, by, at), **more)


DEEDS: dict[str, Deed] = {
    "save": save,
    "attach": attach,
    "send_to_checker": _plain(filing.send_to_checker),
    "reopen": _plain(filing.reopen),
    "return_to_preparer": _plain(filing.return_to_preparer, reason="請再確認"),
    "sign_off": _plain(filing.sign_off),
    "submit": submit,
    "withdraw": _plain(filing.withdraw, reason="不再需要"),
    "take": _plain(casework.take),
    "judge": judge,
    "return": send_for_correction,
    "recommend": recommend,
    "send_back": _plain(deciding.send_back, remark="請再斟酌"),
    "forward": _plain(deciding.forward, document_number=NUMBER),
    "reject": _plain(deciding.reject),
    "endorse": _plain(endorsing.decide, action=Action.ENDORSE, document_number=NUMBER),
    "decline": _plain(endorsing.decide, action=Action.DECLINE, document_number=NUMBER),
    "record_approval": decide(True),
    "record_refusal": decide(False),
    "notify": lambda case, by, at, chance: notifying.notify(**_common(case, by, at), key=f"machine{case.revision}"),
    "send_documents": _plain(filing.send_to_checker),
    "return_documents": _plain(filing.return_to_preparer, reason="請再確認"),
    "submit_documents": submit,
    "send_correction": _plain(filing.send_to_checker),
    "return_correction": _plain(filing.return_to_preparer, reason="請再確認"),
    "submit_correction": submit,
    "record": _plain(endorsing.decide, action=Action.RECORD, document_number=NUMBER),
    "give_opinion": _plain(opinion.give),
    "ratify": ratify,
    "convert": lambda case, by, at, chance: formal.make_formal(case_id=case.pk, by=by, at=at),
    "keep": keep,
    "reclassify": reclassify,
    "change_roster": change_roster,
    "end_early": end_early,
    "extend": lambda case, by, at, chance: following.extend(case_id=case.pk, by=by, at=at),
}
