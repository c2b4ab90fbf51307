"""Cases whose time of keeping is over, and the people who destroy them."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from applications.enums import Status
from applications.models import (
    Application,
)
from reviews import retention
from reviews.actions import disposing
from reviews.models import Disposal
from tests.applications.ledgers import People
from tests.factories import Cast, person

EXTENDED = datetime.fromisoformat("2027-02-01T10:00:00+08:00")
KEPT_UNTIL = date(2032, 2, 29)  # of a period that ends on 2027-02-28
OVER = datetime.fromisoformat("2032-03-01T09:00:00+08:00")
OVERDUE = OVER.date()


class House:
    """A firm with one approved case, as bare rows, and people of the exchange."""

    def __init__(self) -> None:
        self.firm = People()
        self.case = self.firm.approved(("dealer", "2026-12-01", "2027-02-28"))
        self.supervisor = person(Role.SUPERVISOR, name="林主管")
        self.other = person(Role.SUPERVISOR, name="趙覆核")
        self.auditor = person(Role.AUDITOR)
        self.officer = person(Role.OFFICER)
        self.operator = person(Role.OPERATOR)

    @property
    def others(self) -> list[User]:
        """Those who may neither put up nor release."""
        return [self.officer, self.auditor, self.operator, self.firm.checker]

    def follow(self) -> Application:
        """The draft of an extension that was never sent."""
        draft = self.firm.case("extension", Status.DRAFT, previous=self.case)
        draft.number = draft.submitted_at = None
        draft.save()
        return draft


def over(day: date = OVERDUE) -> list[list[int]]:
    return [[case.pk for case in chain.cases] for chain in retention.over(today=day)]


def put_up(cast: Cast | House, at: datetime = OVER) -> Disposal:
    basis = retention.basis(disposing.candidates(retention.over(today=timezone.localdate(at))))
    return disposing.propose(basis=basis, by=cast.supervisor, at=at)


def released(cast: Cast | House) -> Disposal:
    return disposing.release(disposal_id=put_up(cast).pk, by=person(Role.SUPERVISOR, name="錢覆核"), at=OVER)


def destroyed(cast: Cast) -> None:
    released(cast)
    assert disposing.destroy_released(at=OVER) > 0
