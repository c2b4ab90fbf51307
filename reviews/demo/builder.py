"""Builds people and cases through the real actions, for ``seed_demo`` and the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.enums import Role
from accounts.models import Firm, Membership, User
from applications.actions import drafting, evidence, filing
from applications.models import Application, Section, Submission
from applications.roster import read_upload
from reviews.demo import papers, sample, staff
from reviews.demo.answers import Filing, Values, answers
from reviews.demo.firms import EXCHANGE, FIRMS, SAMPLE, USERS

TAIPEI = ZoneInfo("Asia/Taipei")
ROSTER = "人員名冊.xlsx"
FIRST = ("2.2.1", "2.2.3")  # the sections that others are judged by


@dataclass(frozen=True)
class People:
    """Firms by key, people by e-mail address."""

    firms: Mapping[str, Firm]
    users: Mapping[str, User]

    def of(self, firm: str, who: str) -> User:
        """``of("jiashan", "preparer")``; ``of("", "officer")`` is of the exchange."""
        return self.users[FIRMS[firm].email(who) if firm else f"{who}@{EXCHANGE}"]


def on(month: int, day: int, hour: int = 10, minute: int = 0, *, year: int = 2026) -> datetime:
    """A time of the demo's autumn, in Taipei."""
    return datetime(year, month, day, hour, minute, tzinfo=TAIPEI)


def build_people(password: str | None) -> People:
    """The six firms, and everybody in ``USERS`` with this password (hashed once)."""
    firms = {
        one.key: Firm.objects.create(
            name=one.name,
            name_en=one.name_en,
            broker_code=one.broker_code,
            business_number=one.business_number,
            licences=[str(licence) for licence in one.licences],
        )
        for one in FIRMS.values()
    }
    hashed = make_password(password)
    joined = on(10, 1, 9)
    users = User.objects.bulk_create(
        User(
            email=one.email,
            name=one.name,
            title=one.title,
            password=hashed,
            is_staff=one.role == Role.OPERATOR,
            is_superuser=one.role == Role.OPERATOR,
            date_joined=joined,
        )
        for one in USERS
    )
    Membership.objects.bulk_create(
        Membership(user=user, role=one.role, firm=firms.get(one.firm)) for user, one in zip(users, USERS, strict=True)
    )
    return People(firms, {user.email: user for user in users})


def refreshed(case: Application) -> Application:
    """The case as it stands now."""
    return Application.objects.select_related("firm").get(pk=case.pk)


def write(case: Application, given: Mapping[str, Values], *, by: User, at: datetime, only: Iterable[str] = ()) -> None:
    """Save these answers on their pages (or on the pages named), those first that others depend on."""
    version = case.version
    ids = [page.id for page in version.pages_of("first") if any(item.id in given for item in page.items)]
    chosen = set(only) or set(ids)
    for section_id in sorted((one for one in ids if one in chosen), key=lambda one: one not in FIRST):
        section = Section.objects.filter(application=case, section_id=section_id).first()
        page = {item.id: given[item.id] for item in version.section(section_id).items if item.id in given}
        drafting.save_section(
            case_id=case.pk,
            section_id=section_id,
            answers=(section.answers if section else {}) | page,
            revision=section.revision if section else 0,
            by=by,
            at=at,
        )


def put_roster(case: Application, name: str, data: bytes, *, by: User, at: datetime) -> None:
    """Read a roster file as an upload is read, and put its people in the roster's place."""
    rows, errors = read_upload(name, data, case.version)
    assert not errors, [str(error) for error in errors]
    page = next(section for section in case.version.sections if section.roster)
    section = Section.objects.filter(application=case, section_id=page.id).first()
    revision = section.revision if section else 0
    evidence.replace_roster(case_id=case.pk, rows=rows, revision=revision, by=by, at=at)


class Binder:
    """Cites files for the items of one case; each file is uploaded once."""

    def __init__(self, case: Application, *, by: User, at: datetime) -> None:
        self.case, self.by, self.at = case, by, at
        self._kept: dict[str, int] = {}

    def cite(self, item_id: str, name: str, data: bytes, place: str = "") -> None:
        common: dict[str, Any] = {"case_id": self.case.pk, "item_id": item_id, "by": self.by, "at": self.at}
        if name in self._kept:
            evidence.cite(**common, attachment_id=self._kept[name], place=place)
            return
        made = evidence.cite(**common, upload=SimpleUploadedFile(name, data), place=place)
        assert made is not None, item_id
        self._kept[name] = made.attachment_id


def place_of(cited: Mapping[str, Any]) -> str:
    """Where the sample points to: a page, with its note: 「17（附表三）」."""
    note = f"（{cited['note']}）" if cited.get("note") else ""
    return f"{cited['page'] or ''}{note}"


def draft_sample(people: People, *, at: datetime | None = None) -> Application:
    """The whole sample filing as a complete draft of 甲山's preparer."""
    at = at or on(11, 6, 10)
    by = people.of(SAMPLE, "preparer")
    case = drafting.create_draft(firm=people.firms[SAMPLE], by=by, at=at)
    binder = Binder(case, by=by, at=at)
    for item_id, clause in sample.filing()["clauses"].items():
        for cited in clause["evidence"]:
            name = cited["file"]
            binder.cite(item_id, name, (sample.FOLDER / name).read_bytes(), place_of(cited))
    put_roster(case, "roster.xlsx", (sample.FOLDER / "roster.xlsx").read_bytes(), by=by, at=at)
    write(case, sample.answers(), by=by, at=at)
    return refreshed(case)


def draft(
    people: People,
    firm: str,
    lines: tuple[str, ...],
    *,
    at: datetime,
    first_day: date = date(2026, 11, 30),
    last_day: date = date(2027, 2, 26),
    kind: str = "first",
) -> Application:
    """A complete draft of one of the other five firms, for these business lines, with its own roster and files."""
    asks = Filing(FIRMS[firm], lines, first_day, last_day, at.date())
    by = people.of(firm, "preparer")
    case = drafting.create_draft(firm=people.firms[firm], by=by, at=at, kind=kind)
    given = answers(asks)
    roster = staff.workbook(asks.firm, lines)
    binder = Binder(case, by=by, at=at)
    binder.cite("2.2.2", ROSTER, roster, "工作表「名冊」")
    for item_id, values in given.items():
        if "yes" in (values.get("answer"), values.get("chosen")):
            for document, place in papers.citations(firm, item_id):
                binder.cite(item_id, document.name, document.data, place)
    put_roster(case, ROSTER, roster, by=by, at=at)
    write(case, given, by=by, at=at)
    return refreshed(case)


def send(case: Application, people: People, *, firm: str, at: datetime, number: str = "") -> Application:
    """送內部覆核 by the firm's preparer, of a draft or of a correction."""
    by = people.of(firm, "preparer")
    return filing.send_to_checker(case_id=case.pk, revision=case.revision, by=by, at=at, document_number=number)


def submit(case: Application, people: People, *, firm: str, at: datetime) -> Submission:
    """覆核並送件 by the firm's checker."""
    key = f"demo-{case.pk}-{case.revision}"
    by = people.of(firm, "checker")
    return filing.submit(case_id=case.pk, revision=case.revision, key=key, by=by, at=at)


def file_sample(people: People, *, at: datetime | None = None) -> Application:
    """The whole sample filing, signed off and submitted; ``at`` is the time of submission (the sample's own)."""
    at = at or datetime.fromisoformat(sample.filing()["case"]["submitted_at"])
    case = draft_sample(people, at=at.replace(hour=10, minute=0, second=0))
    number = sample.filing()["case"]["firm_document_no"]
    case = send(case, people, firm=SAMPLE, at=at.replace(hour=15, minute=20, second=0), number=number)
    submit(case, people, firm=SAMPLE, at=at)
    return refreshed(case)
