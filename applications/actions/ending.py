"""提前終止: the firm gives up days that it was given. A dated notice; nobody decides on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Firm, User
from applications import clocks, ledger, notify, policy
from applications.actions.drafting import NotOpen, Unmet
from applications.actions.reasons import reason_problems
from applications.lifecycle import Conflict, lock, record, touch
from applications.models import Application, ApprovedPeriod
from applications.present import listed, show_date, words
from applications.workdays import DAY

WHAT = "end_early"


def open_lines(rows: Iterable[ApprovedPeriod], *, today: date) -> list[ApprovedPeriod]:
    """The periods that can still be ended early: some day of theirs is left to give up after ``today``."""
    return [row for row in rows if row.until > today]


def end_early(
    *,
    case_id: int,
    revision: int,
    lines: Iterable[str],
    last_day_at_home: date,
    reason: str,
    by: User,
    at: datetime,
) -> Application:
    """End periods of a case before their time. The right lapses after ``last_day_at_home``; no act of the exchange.

    The guideline says nothing of a notice after the fact, so the day is today or later. A period that was ended
    early can be ended earlier still, never later.

    Args:
        lines: those that end; the others go on.
        last_day_at_home: within each of their periods, before its last day.
        reason: at most 2,000 characters.

    Raises:
        Conflict: the page is older than the case, or nothing is left to end.
        NotOpen: not a preparer or checker of the firm.
        Unmet: problems of fields ``lines``, ``last_day`` and ``reason``.
    """
    today, wanted = timezone.localdate(at), list(dict.fromkeys(lines))
    with transaction.atomic():
        # the firm first: deadlines of its other cases hang on this one's days
        Firm.objects.select_for_update(of=("self",)).get(applications=case_id)
        case = lock(case_id, revision=revision)
        if not policy.may(by, WHAT, case):
            if policy.may(by, WHAT) and by.firm == case.firm:
                raise Conflict(case)
            raise NotOpen
        rows = list(ApprovedPeriod.objects.filter(firm=case.firm_id))
        mine = {row.line: row for row in open_lines(rows, today=today) if row.application_id == case.pk}
        if not mine:
            raise Conflict(case)
        problems = [
            *_line_problems(wanted, mine, case, last_day_at_home, today),
            *reason_problems(reason, _("請填寫提前終止之理由")),
        ]
        if problems:
            raise Unmet(*problems)
        ending = [mine[line] for line in wanted]
        detail = {
            "reason": reason.strip(),
            "lines": wanted,
            "last_day_at_home": last_day_at_home.isoformat(),
            "periods": {row.line: [row.first_day.isoformat(), last_day_at_home.isoformat()] for row in ending},
            "instead_of": {row.line: row.until.isoformat() for row in ending},
        }
        for row in ending:
            row.ended_on = last_day_at_home
        ApprovedPeriod.objects.bulk_update(ending, ["ended_on"])
        touch(case, at=at)
        record(case, WHAT, by=by, at=at, detail=detail, seals=ending)
        clocks.schedule(case, at=at)
        ledger.changed(case, rows, since=min(row.first_day for row in ending), at=at)
        notify.tell(case, WHAT, key=f"{WHAT}:{case.revision}", at=at)
    return case


def _line_problems(
    wanted: list[str], mine: dict[str, ApprovedPeriod], case: Application, day: date, today: date
) -> list[tuple[str, str]]:
    if not wanted:
        return [("lines", _("請至少選擇一項業務"))]
    if set(wanted) - set(mine):
        return [("lines", _("所選業務已無可提前終止之期間"))]
    if day < today:
        return [("last_day", _("最後居家日不得早於今日（{day}）").format(day=show_date(today)))]
    late = [line for line in wanted if day >= mine[line].until]
    early = [line for line in wanted if day < mine[line].first_day]
    problems = []
    if late:
        latest = min(mine[line].until for line in late) - DAY
        text = _("「{lines}」之最後居家日須早於現有迄日，最遲為 {day}")
        problems.append(("last_day", text.format(lines=_names(case, late), day=show_date(latest))))
    if early:
        earliest = max(mine[line].first_day for line in early)
        text = _("「{lines}」之最後居家日不得早於起日 {day}")
        problems.append(("last_day", text.format(lines=_names(case, early), day=show_date(earliest))))
    return problems


def _names(case: Application, lines: Iterable[str]) -> str:
    return listed(words(case.version.line(line).name) for line in lines)
