"""What the portal keeps of one person, for that person to be given: of a roster, or of an account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Firm, User
from applications import policy
from applications.actions.drafting import NotOpen
from applications.appending import append_to_house
from applications.content import ROSTER_FIELDS
from applications.lifecycle import lock, record
from applications.models import Application, Attachment, Event, FirmNotice, RosterEntry, Submission
from applications.trail import canonical, moment

MAY = "person"
WHAT = "person_read"
CURRENT, CHANGE = "current", "roster_change"


@dataclass(frozen=True)
class Kept:
    """One row of a roster. ``where``: the current one, ``submission N``, or a change of roster."""

    case: Application
    where: str
    number: int  # of the submission, or 0
    row: dict[str, Any]


@dataclass(frozen=True)
class Mention:
    """An item of a submission in whose answer the person's name stands."""

    case: Application
    number: int
    item: str


@dataclass(frozen=True)
class Person:
    """Everything on a person of a firm's rosters."""

    firm: Firm
    staff_no: str
    kept: list[Kept] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(one.row["name"] for one in self.kept))


def firms(by: User) -> QuerySet[Firm]:
    """The firms of whose people this person may be told."""
    if not policy.may(by, MAY):
        return Firm.objects.none()
    return Firm.objects.filter(pk=by.firm.pk) if by.firm else Firm.objects.all()


def accounts(by: User) -> QuerySet[User]:
    """The accounts that this person may give an account of."""
    if not policy.may(by, MAY):
        return User.objects.none()
    return User.objects.filter(memberships__firm=by.firm).distinct() if by.firm else User.objects.all()


def look_up(firm: Firm, text: str, *, by: User) -> list[tuple[str, str]]:
    """Staff number and name of the people of a firm with this number or name, on whatever roster. Three queries."""
    found = {(one.row["staff_no"], one.row["name"]) for one in _rows(firm, by) if text in _names(one.row)}
    return sorted(found)


def of_roster(firm: Firm, staff_no: str, *, by: User, at: datetime) -> Person:
    """Everything on one person of a firm's rosters; each case that holds any has it on record.

    Raises:
        NotOpen: not this person's to see.
        LookupError: there is nobody with this number.
    """
    if not firms(by).filter(pk=firm.pk).exists():
        raise NotOpen
    person = Person(firm, staff_no, [one for one in _rows(firm, by) if one.row["staff_no"] == staff_no])
    if not person.kept:
        raise LookupError(staff_no)
    person.mentions.extend(_mentions(firm, person.names, by))
    ids = sorted({one.case.pk for one in person.kept} | {one.case.pk for one in person.mentions})
    with transaction.atomic():
        for pk in ids:
            record(lock(pk), WHAT, by=by, at=at, detail={"staff_no": staff_no}, shared=False)
    return person


def _names(row: dict[str, Any]) -> tuple[str, str]:
    return row["staff_no"], row["name"]


def _rows(firm: Firm, by: User) -> Iterator[Kept]:
    cases = policy.visible_to(by).filter(firm=firm)
    for entry in RosterEntry.objects.filter(application__in=cases).select_related("application").order_by("id"):
        yield Kept(entry.application, CURRENT, 0, {name: getattr(entry, name) for name in ROSTER_FIELDS})
    for one in _submissions(cases):
        yield from (Kept(one.application, "submission", one.number, row) for row in one.content["roster"])
    told = FirmNotice.objects.filter(application__in=cases, what=FirmNotice.What.ROSTER_CHANGE)
    for notice in told.select_related("application"):
        yield from (Kept(notice.application, CHANGE, 0, row) for row in notice.detail["roster"])


def _submissions(cases: QuerySet[Application]) -> QuerySet[Submission]:
    found = Submission.objects.filter(application__in=cases).select_related("application")
    return found.order_by("application_id", "number")


def _mentions(firm: Firm, names: list[str], by: User) -> Iterator[Mention]:
    for one in _submissions(policy.visible_to(by).filter(firm=firm)):
        for item, answer in one.content["answers"].items():
            if any(name in canonical(answer) for name in names):
                yield Mention(one.application, one.number, item)


def person_json(person: Person) -> dict[str, Any]:
    return {
        "firm": person.firm.broker_code,
        "staff_no": person.staff_no,
        "rosters": [
            {"case": str(one.case), "where": one.where, "submission": one.number or None, **one.row}
            for one in person.kept
        ],
        "mentions": [{"case": str(one.case), "submission": one.number, "item": one.item} for one in person.mentions],
    }


def of_account(user: User, *, by: User, at: datetime) -> dict[str, Any]:
    """Everything on an account: what it is, and what was done with it in cases that ``by`` may know of.

    Raises:
        NotOpen: not this person's to see.
    """
    if not accounts(by).filter(pk=user.pk).exists():
        raise NotOpen
    known = policy.scope(by, "application__")
    events = Event.objects.filter(known if by.firm else known | Q(application=None), actor=user)
    files = Attachment.objects.filter(known, uploaded_by=user).select_related("application")
    factor = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    append_to_house(WHAT, by=by, at=at, detail={"user": user.pk})
    return {
        "account": {
            "email": user.email,
            "name": user.name,
            "title": user.title,
            "language": user.language,
            "firm": user.firm.broker_code if user.firm else None,
            "roles": list(user.roles_held),
            "active": user.is_active,
            "joined": moment(user.date_joined),
            "last_sign_in": moment(user.last_login) if user.last_login else None,
            "second_factor_since": moment(factor.created_at) if factor else None,
            "notices": user.notifications.count(),
        },
        "files": [
            {"case": str(one.application), "name": one.name, "sha256": one.sha256, "at": moment(one.uploaded_at)}
            for one in files.order_by("id")
        ],
        "events": [
            {
                "case": str(one.application) if one.application else None,
                "at": moment(one.at),
                "what": one.what,
                "address": one.address,
            }
            for one in events.select_related("application").order_by("id").iterator(chunk_size=2000)
        ],
    }
