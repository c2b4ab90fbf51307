"""W3: submitting the complete sample, all pages of it, by the checker (覆核並送件)."""

from __future__ import annotations

from uuid import uuid4

from applications.actions import filing
from applications.models import Application, Section
from tests.bench.cases import address, copy, poster, signed_in, typed
from tests.bench.models import Draft
from tests.bench.report import Line
from tests.bench.session_wizard import KEY, STEP_FIELD
from tests.bench.timing import ROUNDS, Contender, Request, measure
from tests.factories import FILED_AT, Cast, draft

EACH_ROUND = 3
MOST_QUERIES = 12


class Stage:
    """A case that is with the checker, as many copies as will be submitted, and the same for the peers."""

    def __init__(self) -> None:
        cast = Cast()
        case = draft(cast, at=FILED_AT)
        case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
        self.case = case
        self.waiting: list[Application] = [copy(case) for _ in range(EACH_ROUND * (ROUNDS + 1))]
        self.client = signed_in(cast.checker)
        self.wizard = signed_in(cast.checker)
        for section in Section.objects.filter(application=case):
            data = typed(case, section.section_id, section.answers)
            Draft.objects.create(application=case, section_id=section.section_id, answers=section.answers, typed=data)
            step = address("bench-wizard", case.pk, section.section_id)
            poster(self.wizard, step, data | {STEP_FIELD: [section.section_id]})()
        self.session = self.wizard.session[KEY]

    def submit(self) -> Request:
        case = self.waiting.pop()
        data = {"revision": str(case.revision), "key": uuid4().hex, "declare": "yes"}
        return poster(self.client, address("act", case.pk, "submit"), data)

    def bare(self, name: str) -> Request:
        return poster(self.client, address(name, self.case.pk), {"declare": "yes"})

    def wizard_done(self) -> Request:
        session = self.wizard.session
        session[KEY] = self.session
        session.save()
        return lambda: self.wizard.get(address("bench-wizard", self.case.pk, "done"))


def run() -> list[Line]:
    """W3 with its peers."""
    stage = Stage()
    ours = Contender("ours", [stage.submit] * EACH_ROUND, 302)
    forms = Contender("bare", [lambda: stage.bare("bench-submit-forms")] * EACH_ROUND, 302)
    rules = Contender("bare, no forms", [lambda: stage.bare("bench-submit-rules")] * EACH_ROUND, 302)
    wizard = Contender("session wizard", [stage.wizard_done] * EACH_ROUND, 302)
    measure([ours, forms, rules, wizard])
    return [
        Line("W3", "submit, all pages", ours, forms, goal=1.5, most_queries=MOST_QUERIES),
        Line("W3", "submit, all pages", ours, rules),
        Line("W3", "submit, all pages", ours, wizard),
    ]
