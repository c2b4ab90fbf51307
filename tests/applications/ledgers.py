"""Approved cases and their periods, as bare rows: for tests of the ledger, which looks at nothing else."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count

from accounts.enums import Role
from accounts.models import Firm, User
from applications import ledger
from applications.enums import Status
from applications.models import Application, ApprovedPeriod
from tests.factories import VERSION, FirmFactory, person

AT = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
NUMBERS = count(1)


def at_home(day: date) -> list[ApprovedPeriod]:
    """Who may do what at home on a day, and by which case, by firm and line."""
    return list(ApprovedPeriod.objects.filter(ledger.running(day)).order_by("firm__broker_code", "line"))


def day(text: str) -> date:
    return date.fromisoformat(text)


class People:
    """A firm and two of its people."""

    def __init__(self, **firm: str) -> None:
        self.firm: Firm = FirmFactory.create(**firm)
        self.preparer: User = person(Role.PREPARER, firm=self.firm)
        self.checker: User = person(Role.CHECKER, firm=self.firm)

    def case(self, kind: str = "first", status: str = Status.APPROVED, **more: object) -> Application:
        return Application.objects.create(
            firm=self.firm,
            kind=kind,
            status=status,
            version_id=VERSION,
            number=f"WFH-114-{next(NUMBERS):05}",
            submitted_at=AT,
            created_by=self.preparer,
            created_at=AT,
            changed_at=AT,
            **more,
        )

    def approved(self, *periods: tuple[str, str, str], case: Application | None = None) -> Application:
        """A case with periods: line, first and last day, and perhaps the day of an early end after a slash."""
        case = case or self.case()
        for line, first, last in periods:
            last, _slash, ended = last.partition("/")
            ApprovedPeriod.objects.create(
                firm=self.firm,
                application=case,
                line=line,
                first_day=day(first),
                last_day=day(last),
                ended_on=day(ended) if ended else None,
            )
        return case
