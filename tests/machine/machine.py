"""The machine: rules that let anybody try anything, and what must hold after each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, ClassVar

from django.db import connection, transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.models import User
from applications.enums import Action
from applications.models import (
    Application,
    ApprovedPeriod,
    Correction,
    Decision,
    EmergencyNotice,
    Event,
    Section,
    Submission,
)
from applications.trail import canonical
from reviews.models import Recommendation, Verdict
from tests.applications.test_lifecycle import TABLES
from tests.machine.deeds import DEEDS, NO

GRANTED = {"approved", "endorsed", "recorded"}
FROZEN = {
    "submitted", "under_review", "corrected", "awaiting_signoff", "forwarded", "correction_review", "approved",
    "refused", "endorsed", "declined", "recorded", "pre_reviewed", "rejected", "withdrawn",
}  # fmt: skip
WRITING = ["save", "cite", "uncite", "roster"]
SIGNING = ["sign_off", "submit_correction", "submit_documents"]
# of the two roles, either will do
TWO_HATS = {"preparer and checker": ("preparer", "checker"), "officer and supervisor": ("officer", "supervisor")}
ALIKE = {"colleague": "preparer", "second checker": "checker", "second supervisor": "supervisor"}

SEED = st.integers(0, 2**32 - 1)
DAYS = (*[0] * 20, 1, 1, 3, 20, 60)

# The case itself, and how much there is of all that hangs on cases.
PICTURE = """SELECT a.status, a.kind, a.revision, a.number, a.lines, a.first_day, a.last_day, a.opened, a.officer_id,
  a.prepared_by_id, a.signed_by_id, a.changed_at,
  (SELECT sum(revision) FROM applications_section WHERE application_id = a.id),
  (SELECT count(*) FROM applications_event), (SELECT count(*) FROM applications_submission),
  (SELECT count(*) FROM applications_citation), (SELECT count(*) FROM applications_attachment),
  (SELECT count(*) FROM applications_approvedperiod), (SELECT count(ended_on) FROM applications_approvedperiod),
  (SELECT count(*) FROM applications_decision), (SELECT count(*) FROM applications_correction),
  (SELECT count(*) FROM applications_firmnotice), (SELECT count(*) FROM applications_outbox),
  (SELECT count(*) FROM applications_application), (SELECT count(*) FROM reviews_recommendation)
FROM applications_application a WHERE a.id = %s"""

Make = Callable[[], tuple[Application, dict[str, User]]]


class Machine(RuleBasedStateMachine):
    """One case as it is dealt with; what follows it is looked at too. ``starts`` makes cases of every kind."""

    starts: dict[str, Make]
    done: ClassVar[Counter[tuple[str, str]]] = Counter()  # by kind and deed, for the long run's report
    examples: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).examples += 1
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.case: Application
        self.people: dict[str, User]
        self.at: datetime
        self.filed: dict[int, str] = {}
        self.given: dict[int, str] = {}
        self.before: tuple[Any, ...] | None = None
        self.changed = False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize(seed=SEED)
    def begin(self, seed: int) -> None:
        self.salt = seed
        self.case, self.people = self.starts[Random(seed).choice(sorted(self.starts))]()
        self.at = self.case.changed_at + timedelta(minutes=1)
        self.seen = Event.objects.filter(application=self.case).count()
        self.changed = True

    @rule(seed=SEED)
    def somebody_does_something(self, seed: int) -> None:
        """One of four times anybody tries anything; else what is open now, by one who may, or no case gets far."""
        chance = Random(f"{self.salt} {seed}")  # what is alike in two examples need not come to the same
        self.at += timedelta(days=chance.choice(DAYS), minutes=chance.randrange(1, 90))
        deed, label = chance.choice(sorted(DEEDS)), chance.choice(sorted(self.people))
        if chance.random() < 0.75 and (cells := self._open(chance)):
            deed = chance.choice(sorted(cells))
            wanted = set(cells[deed].replace("holder", "officer").split())
            label = chance.choice([one for one in sorted(self.people) if roles(one) & wanted])
        self._try(deed, label, chance.randrange(5040), stale=chance.random() < 0.05)

    def _open(self, chance: Random) -> dict[str, str]:
        """Deeds that the table has for the case as it is -> whose they are."""
        row = {deed: who for deed, (_after, who) in TABLES[self.case.kind][self.case.status].items()}
        if self.case.status not in FROZEN:
            row |= {"save": "preparer", "attach": "preparer"}
        if "recommend" in row:
            row["judge"] = "holder"
        if self.case.status in GRANTED:
            row |= dict.fromkeys(("extend", "end_early", "change_roster", "ratify"), "preparer checker")
        if self.case.kind == "emergency" and self.case.number:
            row["ratify"] = "preparer checker"
        if self.case.status == "pre_reviewed":
            row["convert"] = "preparer"
        if self.case.sections.filter(carry="offered").exists():
            row["keep"] = "preparer"
        if "recommend" in row and chance.random() < 0.3:
            row["reclassify"] = "holder"
        if chance.random() < 0.8:  # else most cases would end so
            row.pop("withdraw", None)
        return {deed: who for deed, who in row.items() if deed in DEEDS}

    def _try(self, deed: str, label: str, chance: int, *, stale: bool) -> None:
        case, by = self.case, self.people[label]
        before = self.before or self._picture()
        if stale:
            case.revision += 1
        self.at += timedelta(seconds=1)
        try:
            with transaction.atomic():
                DEEDS[deed](case, by, self.at, chance)
        except NO:
            self.before = self._picture()
            assert self.before == before, f"{deed} was refused and yet something changed"
            return
        self.before = None
        if stale and deed in set(Action.values):
            raise AssertionError(f"{deed} went through with another revision")
        self.changed = True
        self.done[self.case.kind, deed] += 1
        self._judge_what_was_written(deed, label)

    def _picture(self) -> tuple[Any, ...]:
        """What a deed that is refused leaves as it was, in one look."""
        with connection.cursor() as cursor:
            cursor.execute(PICTURE, [self.case.pk])
            return cursor.fetchone()

    def _judge_what_was_written(self, deed: str, label: str) -> None:
        """Each new move is in the table, by one whose role it is; each other deed by one who may write."""
        self.case.refresh_from_db()
        events = list(Event.objects.filter(application=self.case).order_by("id"))[self.seen :]
        self.seen += len(events)
        for event in events:
            assert event.actor == self.people[label]
            if event.what in Action.values:
                after, allowed = TABLES[self.case.kind][event.before].get(event.what, ("", ""))
                assert event.after == after, f"{event.what} from {event.before}"
                assert roles(label) & set(allowed.replace("holder", "officer").split()), f"{label} did {event.what}"
                if "holder" in allowed and "officer" not in allowed.split():
                    assert self.case.officer == self.people[label]
            elif event.what in WRITING:
                # before an emergency notice is given, a checker may write too
                noticing = self.case.kind == "emergency" and self.case.number is None
                assert roles(label) & {"preparer", *(["checker"] if noticing else [])}, f"{label}: {event.what}"
                # an edit of a case that is with the checker takes it back first
                assert self.case.status not in FROZEN
            elif event.what == "judge":
                assert self.case.officer == self.people[label]
                assert self.case.status in {"under_review", "corrected"}

    @invariant()
    def all_rules_hold(self) -> None:
        """Looked at after each deed that went through: one that was refused has changed nothing."""
        if self.changed:
            self.changed = False
            self.what_was_filed_is_what_it_was()
            self.a_correction_changes_only_what_it_names()
            self.nobody_signs_what_he_wrote()
            self.nobody_decides_what_is_his_own()
            self.no_right_without_a_case_that_gives_it()
            self.nothing_is_extended_twice()
            self.a_notice_is_what_it_was()
            self.a_pre_review_becomes_one_case()

    def what_was_filed_is_what_it_was(self) -> None:
        for submission in Submission.objects.filter(application__firm=self.case.firm):
            assert self.filed.setdefault(submission.pk, submission.payload) == submission.payload
            assert canonical(submission.content) == submission.payload
            assert submission.signed_by_id != submission.prepared_by_id

    def a_correction_changes_only_what_it_names(self) -> None:
        filed = list(Submission.objects.filter(application=self.case).order_by("number"))
        for old, new in pairwise(filed):
            named = set(Correction.objects.get(submission=old).items)
            changed = {
                item for item, answer in new.content["answers"].items() if answer != old.content["answers"].get(item)
            }
            assert changed <= named

    def nobody_signs_what_he_wrote(self) -> None:
        if self.case.signed_by_id:
            assert self.case.signed_by_id != self.case.prepared_by_id
            events = Event.objects.filter(application=self.case)
            signed = events.filter(what__in=SIGNING).latest("number")
            assert signed.actor == self.case.signed_by
            written = events.filter(what__in=WRITING)
            assert not written.filter(actor=signed.actor, number__lt=signed.number).exists()
            if self.case.status not in {"returned", "withdrawn"}:  # a correction is signed anew, by another if need be
                assert not written.filter(number__gt=signed.number).exists()

    def nobody_decides_what_is_his_own(self) -> None:
        for one in Recommendation.objects.filter(submission__application=self.case):
            assert one.decided_by_id is None or one.decided_by_id != one.by_id
            if one.released and one.outcome in {"forward", "endorse", "record"}:
                content = one.submission.content
                asked = {i.id for s in content["pages"] for i in self.case.version.section(s).items}
                found = dict(Verdict.objects.filter(submission=one.submission).values_list("item_id", "verdict"))
                assert set(found) == asked
                assert set(found.values()) <= {"ok", "na"}

    def no_right_without_a_case_that_gives_it(self) -> None:
        rows = list(ApprovedPeriod.objects.filter(firm=self.case.firm).select_related("application"))
        for row in rows:
            assert row.application.status in GRANTED
            assert Decision.objects.get(application=row.application).approved
            content = Submission.objects.filter(application=row.application).latest("number").content
            assert row.line in content["lines"]
            steps = [event.what for event in row.application.events.all()]
            end = {"approved": "record_approval", "endorsed": "endorse", "recorded": "record"}[row.application.status]
            needed = ["take", "recommend", *(["forward"] if end == "record_approval" else []), end]
            assert [step for step in steps if step in needed][-len(needed) + 1 :] == needed[1:]
        for one in rows:
            for other in rows:
                if one.pk < other.pk and one.line == other.line:
                    assert one.until < other.first_day or other.until < one.first_day

    def a_notice_is_what_it_was(self) -> None:
        for notice in EmergencyNotice.objects.filter(application__firm=self.case.firm):
            assert self.given.setdefault(notice.pk, notice.payload) == notice.payload
            said = {item: notice.content["answers"][item] for item in notice.content["answers"]}
            rows = Section.objects.filter(application=notice.application, section_id__in=notice.content["pages"])
            now = {item: values for row in rows for item, values in row.answers.items()}
            assert {item: {k: v for k, v in now[item].items() if v not in ("", None, [])} for item in said} == said

    def a_pre_review_becomes_one_case(self) -> None:
        formal = Application.objects.filter(firm=self.case.firm, previous__status="pre_reviewed")
        live = [one for one in formal if one.status not in {"withdrawn", "rejected", "refused"}]
        assert len({one.previous_id for one in live}) == len(live)
        assert not ApprovedPeriod.objects.filter(application__status="pre_reviewed").exists()

    def nothing_is_extended_twice(self) -> None:
        extensions = Application.objects.filter(firm=self.case.firm, kind="extension")
        live = [one for one in extensions if one.status not in {"withdrawn", "rejected", "declined", "refused"}]
        assert len({one.previous_id for one in live}) == len(live)
        assert not any(one.previous.kind == "extension" for one in extensions if one.previous)
        for one in extensions.exclude(number=None):
            assert one.previous is not None
            last = max(row.last_day for row in one.previous.periods.all())
            assert one.submitted_at is not None
            assert timezone.localdate(one.submitted_at) <= last, "an extension was filed after the period had ended"


def roles(label: str) -> set[str]:
    """The roles of a person here, in the words of the table; nothing of somebody who may do nothing."""
    if label in TWO_HATS:
        return set(TWO_HATS[label])
    name = ALIKE.get(label, label.removeprefix("other "))
    return {name} if name in {"preparer", "checker", "officer", "supervisor"} else set()
