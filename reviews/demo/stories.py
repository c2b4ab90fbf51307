"""One case in every status, over the six firms, and nothing done but by the real actions.

Times are fixed in November 2026, so that the dates in the sample's answers hold; cases are filed in the order
of their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from applications import calendar
from applications.actions import drafting, evidence, following
from applications.enums import Action, Status, Verdict
from applications.models import Application, Section
from applications.parameters import parameters
from reviews import verdicts
from reviews.actions import casework, deciding, endorsing, judging, opinion
from reviews.actions.judging import Entry
from reviews.demo import papers
from reviews.demo.builder import People, draft, refreshed, send, submit, write
from reviews.demo.firms import FIRMS
from reviews.demo.letters import DECISION, decision_paper, reason_paper, supplement_paper
from reviews.letters import correction_letter
from reviews.models import Recommendation

FRIDAY = 4
FORWARD, REJECT = Recommendation.Outcome.FORWARD, Recommendation.Outcome.REJECT
ENDORSE, DECLINE = Recommendation.Outcome.ENDORSE, Recommendation.Outcome.DECLINE
OPINION = Recommendation.Outcome.OPINION
REMARKS = {
    "2.2.1": "期間未逾三個月，符合指引貳、一（二）。",
    "2.2.8": "聲明書已由董事長、總經理等簽署，日期在送件前。",
    "2.2.10": "議事錄載明同意之業務及期間上限。",
}


@dataclass
class Desk:
    """One case as it goes along: who deals with it, and what they do."""

    people: People
    case: Application
    firm: str
    officer: str = "officer"
    supervisor: str = "supervisor"

    def _deed(self, who: str, at: datetime) -> dict[str, object]:
        self.case = refreshed(self.case)
        return {
            "case_id": self.case.pk,
            "revision": self.case.revision,
            "by": self.people.of("", who),
            "at": at,
        }

    def take(self, at: datetime) -> None:
        casework.take(**self._deed(self.officer, at))  # type: ignore[arg-type]

    def note(self, text: str, at: datetime, who: str = "") -> None:
        casework.add_note(case_id=self.case.pk, text=text, by=self.people.of("", who or self.officer), at=at)

    def judge(self, at: datetime, failing: Mapping[str, str] | None = None, only: int | None = None) -> None:
        """符合 or 不適用 for what has no verdict (the first ``only`` items of it), 須補正 for what fails."""
        now = verdicts.read(self.case)
        entries = {}
        for item_id, standing in list(now.findings.items())[:only]:
            said = now.content["answers"].get(item_id, {})
            outside = not now.item(item_id).plain and "yes" not in (said.get("answer"), said.get("chosen"))
            if failing and item_id in failing:
                entries[item_id] = Entry(Verdict.CORRECT, failing[item_id], standing.revision)
            elif not standing.verdict or standing.fails:
                verdict = Verdict.NA if outside else Verdict.OK
                entries[item_id] = Entry(verdict, REMARKS.get(item_id, ""), standing.revision)
        by = self.people.of("", self.officer)
        number = now.submission.number
        judging.judge(case_id=self.case.pk, submission=number, entries=entries, by=by, at=at)

    def send_correction_letter(self, at: datetime) -> None:
        """退請補正 of what fails, by the letter that the page proposes."""
        now = verdicts.read(self.case)
        days = parameters(now.version)["correction_days"]
        judging.return_for_correction(
            **self._deed(self.officer, at),  # type: ignore[arg-type]
            basis=now.basis,
            letter=correction_letter(self.case, now),
            due_on=judging.propose_due(timezone.localdate(at), days, calendar.current()),
        )

    def recommend(self, outcome: str, reasons: str, at: datetime) -> None:
        judging.recommend(**self._deed(self.officer, at), outcome=outcome, reasons=reasons)  # type: ignore[arg-type]

    def forward(self, number: str, at: datetime, remark: str = "") -> None:
        deciding.forward(**self._deed(self.supervisor, at), document_number=number, remark=remark)  # type: ignore[arg-type]

    def decide(self, number: str, at: datetime, *, approved: bool, dated: date, conditions: str = "") -> None:
        """登錄主管機關復函, with a scan that is marked 示範."""
        case = refreshed(self.case)
        assert case.first_day is not None
        assert case.last_day is not None
        paper = decision_paper(case, number, dated, approved=approved, conditions=conditions)
        scan = papers.draw(DECISION, paper)
        deciding.record_decision(
            **self._deed(self.officer, at),  # type: ignore[arg-type]
            approved=approved,
            document_number=number,
            dated=dated,
            conditions=conditions,
            periods=dict.fromkeys(case.lines, (case.first_day, case.last_day)) if approved else {},
            scan=SimpleUploadedFile(scan.name, scan.data),
        )

    def decide_extension(self, number: str, at: datetime, *, endorsed: bool) -> None:
        """覆核並同意核備, or not."""
        action = Action.ENDORSE if endorsed else Action.DECLINE
        endorsing.decide(**self._deed(self.supervisor, at), action=action, document_number=number)  # type: ignore[arg-type]

    def give_opinion(self, at: datetime) -> None:
        """覆核並完成預審."""
        opinion.give(**self._deed(self.supervisor, at))  # type: ignore[arg-type]

    def answer_correction(self, texts: Mapping[str, str], at: datetime, supplement: str) -> None:
        """The firm's preparer adds a text to the items that are open, and cites a new file for the first."""
        by = self.people.of(self.firm, "preparer")
        for item_id, text in texts.items():
            page = self.case.version.section_of(item_id)
            section = Section.objects.get(application=self.case, section_id=page.id)
            old = section.answers[item_id]
            write(self.case, {item_id: old | {"text": f"{old['text']}\n{text}"}}, by=by, at=at)
        paper = papers.draw(supplement, supplement_paper(FIRMS[self.firm], texts, self.case))
        evidence.cite(
            case_id=self.case.pk,
            item_id=next(iter(texts)),
            upload=SimpleUploadedFile(paper.name, paper.data),
            place="1",
            by=by,
            at=at,
        )
        self.case = send(refreshed(self.case), self.people, firm=self.firm, at=at + timedelta(minutes=20))

    def submit(self, at: datetime) -> None:
        submit(refreshed(self.case), self.people, firm=self.firm, at=at)


def filed(people: People, firm: str, lines: tuple[str, ...], at: datetime, *, count: int = 1, **more: object) -> Desk:
    """A case of one of the five firms, written some working days before and submitted at ``at``."""
    written = at - timedelta(days=3)
    written -= timedelta(days=max(0, written.weekday() - FRIDAY))
    case = draft(people, firm, lines, at=written, **more)  # type: ignore[arg-type]
    number = FIRMS[firm].document_number(f"115{at:%m%d}", count)
    case = send(case, people, firm=firm, at=at - timedelta(hours=1), number=number)
    submit(case, people, firm=firm, at=at)
    return Desk(people, refreshed(case), firm)


def extension(people: People, firm: str, reason: str, plan: str, at: datetime) -> Desk:
    """An extension of the firm's approved case, written in the hour before it is submitted at ``at``."""
    by, written = people.of(firm, "preparer"), at - timedelta(hours=1)
    previous = Application.objects.get(firm=people.firms[firm], status=Status.APPROVED)
    case = following.extend(case_id=previous.pk, by=by, at=written)
    for section in case.pages:
        row = Section.objects.filter(application=case, section_id=section.id).first()
        answers = {item.id: dict((row.answers if row else {}).get(item.id, {})) for item in section.items}
        for item_id, values in answers.items():
            given = {"reason": reason, "prospect": plan} if item_id.endswith("reason") else {}
            values |= {"answer": "yes", "text": "詳如下列說明。" if given else "延展原核准之業務。"} | given
        drafting.save_section(
            case_id=case.pk,
            section_id=section.id,
            answers=answers,
            revision=row.revision if row else 0,
            by=by,
            at=written,
        )
    item = case.pages[0].items[0].id
    paper = papers.draw("延展理由說明.pdf", reason_paper(FIRMS[firm], reason, plan, previous))
    upload = SimpleUploadedFile(paper.name, paper.data)
    evidence.cite(case_id=case.pk, item_id=item, upload=upload, place="1", by=by, at=written)
    count = Application.objects.filter(firm=case.firm, submitted_at__date=at.date()).count() + 1
    number = FIRMS[firm].document_number(f"115{at:%m%d}", count)
    case = send(refreshed(case), people, firm=firm, at=at - timedelta(minutes=20), number=number)
    submit(case, people, firm=firm, at=at)
    return Desk(people, refreshed(case), firm)
