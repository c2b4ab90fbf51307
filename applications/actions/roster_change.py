"""人員異動: after a decision the firm tells that its roster is another one. A dated notice; nobody decides on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications import notify, policy
from applications.actions.drafting import NotOpen, Unmet
from applications.actions.reasons import reason_problems
from applications.content import ROSTER_FIELDS
from applications.ledger import lasting
from applications.lifecycle import Conflict, lock, record, touch
from applications.models import Application, ApprovedPeriod, FirmNotice
from applications.present import message, show_date
from applications.roster_columns import Row
from applications.trail import canonical, digest
from guideline.facts import Facts, Person
from guideline.rules import RULES

WHAT = "roster_change"
MAY = "change_roster"
HELD_TO = frozenset({"roster_lines_asked_for", "senior_manager_listed"})  # rules of 2.2.2 that hold for a change too


def last_day(case: Application, *, today: date) -> date | None:
    """The last day for which a change can be told: that of the case's periods; None where none runs or is to come."""
    days = [one.until for one in ApprovedPeriod.objects.filter(application=case) if one.until >= today]
    return max(days, default=None)


def change(
    *, case_id: int, revision: int, effective_on: date, reason: str, rows: Sequence[Row], by: User, at: datetime
) -> FirmNotice:
    """Keep the roster that holds from a day on; the officer in charge and the firm are told.

    Args:
        effective_on: from today to the last day of the case's periods. The guideline says nothing of a notice after
            the fact.
        reason: at most 2,000 characters.
        rows: the whole roster, not what changed of it.

    Raises:
        NotOpen: not a preparer or checker of the firm.
        Conflict: the page is older than the case, or no period of it runs or is to come.
        Unmet: problems of fields ``effective_on``, ``reason`` and ``file``.
    """
    today = timezone.localdate(at)
    with transaction.atomic():
        case = lock(case_id, revision=revision)
        if not policy.may(by, MAY, case):
            if policy.may(by, MAY) and by.firm == case.firm:
                raise Conflict(case)
            raise NotOpen
        until = last_day(case, today=today)
        if until is None:
            raise Conflict(case)
        problems = [*_day_problems(effective_on, today, until), *reason_problems(reason, _("請填寫異動之理由"))]
        problems += [("file", text) for text in roster_problems(case, rows, effective_on, today=today)]
        if problems:
            raise Unmet(*problems)
        people = [{name: value for name, value in asdict(row).items() if name in ROSTER_FIELDS} for row in rows]
        found = FirmNotice.objects.create(
            application=case,
            what=FirmNotice.What.ROSTER_CHANGE,
            effective_on=effective_on,
            text=reason.strip(),
            detail={"roster": people, "sha256": digest(canonical(people))},
            by=by,
            at=at,
        )
        touch(case, at=at)
        detail = {
            "reason": found.text,
            "effective_on": effective_on.isoformat(),
            "people": len(people),
            "at_home": sum(row.at_home for row in rows),
            "sha256": found.detail["sha256"],
        }
        record(case, WHAT, by=by, at=at, detail=detail, seals=[found])
        notify.tell(case, WHAT, key=f"{WHAT}:{found.pk}", at=at)
    return found


def roster_problems(case: Application, rows: Sequence[Row], day: date, *, today: date) -> list[str]:
    """What keeps these people from being the roster on ``day`` (clause 2.2.2), with the lines that are held then."""
    held = {one.line for one in ApprovedPeriod.objects.filter(lasting(day), firm=case.firm_id)}
    people = tuple(
        Person(row.staff_no, row.name, row.lines, row.at_home, row.senior, row.supervisor, row.agents) for row in rows
    )
    version = case.version
    facts = Facts(
        version=version,
        kind=case.kind,
        today=today,
        lines=tuple(line.id for line in version.lines if line.id in held),
        has_senior=any(one.senior for one in people),
        people=people,
    )
    items = [item for page in version.sections if page.roster for item in page.items]
    return [
        message(problem)
        for item in items
        for rule in item.rules
        if rule.name in HELD_TO
        for problem in RULES[rule.name](item, {}, facts, **rule.args)
    ]


def _day_problems(day: date, today: date, until: date) -> list[tuple[str, str]]:
    if day < today:
        return [("effective_on", _("生效日不得早於今日（{day}）").format(day=show_date(today)))]
    if day > until:
        return [("effective_on", _("生效日最遲為期間之迄日 {day}").format(day=show_date(until)))]
    return []
