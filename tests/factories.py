"""Rows to test on. What a real person would have done is done by the real actions."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

import factory
from django.db import transaction
from django.utils import timezone

from accounts.enums import Licence, Role
from accounts.models import Firm, Membership, User
from applications import files
from applications.actions import drafting, evidence, filing
from applications.enums import Verdict
from applications.models import Application, Attachment, Citation, Event, Section, Submission
from applications.roster import Row, read_upload
from guideline.catalogue import load
from guideline.shape import FIRST
from reviews import verdicts
from reviews.actions import casework, judging
from reviews.actions.judging import Entry
from reviews.demo import sample

VERSION = sample.VERSION
FILED_AT = datetime.fromisoformat("2026-11-06T16:48:27+08:00")
PASSWORD = "a long enough password"
PDF = sample.FOLDER / "應變計畫.pdf"

_WEIGHTS = (1, 2, 1, 2, 1, 2, 4)


def business_number(n: int) -> str:
    """The n-th fictional 統一編號 with a right check digit."""
    digits = f"{9_900_000 + n:07}"
    products = [int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)]
    total = sum(product // 10 + product % 10 for product in products)
    return f"{digits}{-total % 5}"


class FirmFactory(factory.django.DjangoModelFactory[Firm]):
    """A fictional firm with every licence."""

    class Meta:
        model = Firm

    name = factory.Sequence(lambda n: f"示範{n}證券股份有限公司")
    name_en = factory.Sequence(lambda n: f"Example {n} Securities Co., Ltd.")
    broker_code = factory.Sequence(lambda n: f"Z{n % 1000:03}")
    business_number = factory.Sequence(business_number)
    licences = factory.LazyFunction(lambda: list(Licence.values))


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A person without a role; ``person`` gives roles too."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"王示範{n}")
    title = "專員"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(password=PASSWORD, **kwargs)


def person(role: Role | str, *more: Role | str, firm: Firm | None = None, **fields: Any) -> User:
    """A person with these roles, at this firm or at the exchange."""
    user: User = UserFactory.create(**fields)
    for one in (role, *more):
        Membership.objects.create(user=user, firm=firm, role=one)
    return user


@cache
def roster() -> tuple[Row, ...]:
    data = (sample.FOLDER / "roster.csv").read_bytes()
    rows, _errors = read_upload("roster.csv", data, load(VERSION))
    return tuple(rows)


def attach(case: Application, *, by: User, at: datetime, name: str = "應變計畫.pdf") -> Attachment:
    """A file of the case, without asking what it is (the sample's own plan)."""
    data = PDF.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        stored = files.keep(name, BytesIO(data), size=len(data), sha256=digest, extension="pdf")
    return Attachment.objects.create(
        application=case,
        name=name,
        stored=stored,
        file=stored.file.name,
        sha256=digest,
        size=len(data),
        content_type="application/pdf",
        pages=30,
        text_layer=True,
        uploaded_by=by,
        uploaded_at=at,
    )


class Cast:
    """The people of a case: two of the firm, two officers, a supervisor and an auditor."""

    def __init__(self, firm: Firm | None = None) -> None:
        self.firm = firm or FirmFactory.create()
        self.preparer = person(Role.PREPARER, firm=self.firm, name="甲填報")
        self.checker = person(Role.CHECKER, firm=self.firm, name="乙覆核")
        self.officer = person(Role.OFFICER, name="李審查")
        self.other_officer = person(Role.OFFICER, name="陳審查")
        self.supervisor = person(Role.SUPERVISOR, name="林主管")
        self.auditor = person(Role.AUDITOR, name="吳稽核")


def draft(
    cast: Cast,
    *,
    at: datetime = FILED_AT,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    kind: str = FIRST,
    without: Collection[str] = (),
) -> Application:
    """A complete draft with the sample's answers, roster and evidence; ``changes`` are merged into the answers.

    Nothing is written in the sections ``without``.
    """
    case = drafting.create_draft(firm=cast.firm, by=cast.preparer, at=at, kind=kind)
    return write(case, by=cast.preparer, at=at, changes=changes, without=without)


def write(
    case: Application,
    *,
    by: User,
    at: datetime,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    without: Collection[str] = (),
) -> Application:
    """Fill a case with the sample's answers, roster and evidence; ``changes`` are merged into the answers.

    Nothing is written in the sections ``without``.
    """
    version = load(VERSION)
    answers = sample.answers()
    for item_id, values in (changes or {}).items():
        answers[item_id] = answers[item_id] | dict(values)
    file = attach(case, by=by, at=at)
    pages = [page for page in version.pages_of("first") if page.id not in without]
    cited = [item.id for page in pages for item in page.items if item.evidence]
    Citation.objects.bulk_create(
        Citation(application=case, item_id=item_id, attachment=file, place="1") for item_id in cited
    )
    # the sections that others depend on go through the real action, the rest are written as it would write them
    for page in pages:
        mine = {item.id: answers[item.id] for item in page.items}
        if page.id in {"2.2.1", "2.2.2", "2.2.3"}:
            begun = Section.objects.filter(application=case, section_id=page.id).first()
            revision = begun.revision if begun else 0
            drafting.save_section(case_id=case.pk, section_id=page.id, answers=mine, revision=revision, by=by, at=at)
        else:
            Section.objects.create(
                application=case, section_id=page.id, answers=mine, revision=1, saved_by=by, saved_at=at
            )
    if "2.2.2" not in without:
        evidence.replace_roster(case_id=case.pk, rows=roster(), revision=1, by=by, at=at)
    case.refresh_from_db()
    return case


def filed_case(
    cast: Cast | None = None,
    *,
    at: datetime = FILED_AT,
    **more: Any,
) -> tuple[Application, Cast]:
    """A case as first submitted, through sign-off by the checker; ``more`` as for ``draft``."""
    cast = cast or Cast()
    case = draft(cast, at=at, **more)
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=at)
    filing.submit(case_id=case.pk, revision=case.revision, key=f"k{case.pk}", by=cast.checker, at=at)
    case.refresh_from_db()
    return case, cast


def taken_case(cast: Cast | None = None, **more: Any) -> tuple[Application, Cast]:
    """A filed case that the officer has in hand."""
    case, cast = filed_case(cast, **more)
    at = timezone.localtime(case.changed_at) + timedelta(hours=1)
    return casework.take(case_id=case.pk, revision=case.revision, by=cast.officer, at=at), cast


def judge_all(case: Application, *, by: User, at: datetime, failing: Mapping[str, str] | None = None) -> verdicts.Round:
    """A verdict on every item without one: 符合, or 須補正 with the comment given."""
    now = verdicts.read(case)
    entries = {}
    for item_id, standing in now.findings.items():
        if item_id in (failing or {}):
            entries[item_id] = Entry(Verdict.CORRECT, (failing or {})[item_id], standing.revision)
        elif not standing.verdict or standing.fails:
            entries[item_id] = Entry(Verdict.OK, "", standing.revision)
    return judging.judge(case_id=case.pk, submission=now.submission.number, entries=entries, by=by, at=at)


def returned_case(items: Mapping[str, str], cast: Cast | None = None, **more: Any) -> tuple[Application, Cast]:
    """A case sent back for correction of these items (item -> comment), all others 符合; ``more`` as for ``draft``."""
    case, cast = taken_case(cast, **more)
    at = case.changed_at + timedelta(hours=1)
    now = judge_all(case, by=cast.officer, at=at, failing=items)
    judging.return_for_correction(
        case_id=case.pk,
        revision=case.revision,
        basis=now.basis,
        letter="請補正",
        due_on=timezone.localdate(at) + timedelta(days=10),
        by=cast.officer,
        at=at,
    )
    case.refresh_from_db()
    return case, cast


def said(event: Event) -> dict[str, Any]:
    """The detail of an event but for its seals, which tests/tamper looks at."""
    return {name: value for name, value in event.detail.items() if name != "seals"}


def resubmit(case: Application, cast: Cast, changes: Mapping[str, Mapping[str, Any]]) -> Submission:
    """The firm's correction of these items (item -> field -> value), signed off and sent."""
    at = case.changed_at + timedelta(days=1)
    for item_id, values in changes.items():
        page = case.version.section_of(item_id)
        section = Section.objects.get(application=case, section_id=page.id)
        answers = section.answers | {item_id: section.answers[item_id] | dict(values)}
        drafting.save_section(
            case_id=case.pk,
            section_id=page.id,
            answers=answers,
            revision=section.revision,
            by=cast.preparer,
            at=at,
        )
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=at)
    return filing.submit(case_id=case.pk, revision=case.revision, key="again", by=cast.checker, at=at)
