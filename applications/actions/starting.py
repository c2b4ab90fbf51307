"""Starting a case of the kind that fits: looked up on the page, and looked up again under the firm's lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Firm, User
from applications import clocks, ledger, policy
from applications.actions.copying import take_over
from applications.actions.drafting import NotOpen, create_draft, remark
from applications.enums import ENDED, Carry
from applications.finding import Finding, Held, Known, UnderWay, Wanted, Way, find
from applications.lifecycle import record
from applications.models import Application, ApprovedPeriod, Section
from guideline.catalogue import Version, in_force
from guideline.shape import ADDED_LINE, EXTENSION, RENEWAL


class Changed(Exception):
    """What the page offered is not open now; ``found`` is what is."""

    def __init__(self, found: Finding) -> None:
        super().__init__("; ".join(one.why for one in found.closed))
        self.found = found


def known(firm: Firm, at: datetime, *, but: int | None = None, under: Version | None = None) -> Known:
    """What the ledger and the cases say of a firm at ``at``. Three queries.

    Args:
        but: a case that does not count: the one that is looked at.
        under: the version; the one in force on the day where it is not given.
    """
    today = timezone.localdate(at)
    version = under or in_force(today)
    rows = list(ApprovedPeriod.objects.filter(firm=firm).select_related("application"))
    followers = ledger.extensions_after({row.application_id for row in rows})
    periods = [ledger.plain(row) for row in rows]
    held = tuple(
        Held(
            case=row.application_id,
            name=str(row.application),
            line=row.line,
            first=row.first_day,
            until=row.until,
            extension=ledger.extension_of(
                one,
                version=version,
                others=[other for other in periods if other != one],
                followers=followers.get(row.application_id, ()),
                again=clocks.extendable(row.application, version),
                day=today,
            ),
        )
        for row, one in zip(rows, periods, strict=True)
    )
    cases = Application.objects.filter(firm=firm).exclude(status__in=ENDED).exclude(pk=but or 0).order_by("id")
    return Known(
        version=version,
        licences=frozenset(firm.licences),
        today=today,
        held=held,
        under_way=tuple(UnderWay(case.pk, str(case), case.kind, tuple(case.lines)) for case in cases),
    )


def start(*, firm: Firm, wanted: Wanted, kind: str, follows: int | None, by: User, at: datetime) -> Application:
    """Make the draft of the kind that the page found, with what is known filled in.

    A renewal has every section of the case before but the period, each to be confirmed or changed; an added line
    those that it touches. The lines are those that were asked for.

    Args:
        kind: not an extension (``following.extend``) nor what begins with a notice.
        follows: the case that the page said it goes on from.

    Raises:
        NotOpen: the person is no preparer of this firm.
        Changed: this way is not open, or not any more.
    """
    if not policy.may(by, "create") or by.firm != firm:
        raise NotOpen
    with transaction.atomic():
        firm = Firm.objects.select_for_update().get(pk=firm.pk)
        found = find(wanted, known(firm, at))
        way = found.way(kind, follows)
        if way is None or way.kind.by_notice or kind == EXTENSION:
            raise Changed(found)
        case = create_draft(firm=firm, by=by, at=at, kind=kind)
        case.lines = list(way.lines)
        case.previous_id = way.follows
        case.save(update_fields=["lines", "previous"])
        if kind in {RENEWAL, ADDED_LINE}:
            _fill(case, way, by=by, at=at)
        _put_lines(case, by=by, at=at)
    return case


def _fill(case: Application, way: Way, *, by: User, at: datetime) -> None:
    version = case.version
    own = _sections(version, way.kind.id, ("first_day", "last_day"))
    if way.kind.id == ADDED_LINE:
        own |= _sections(version, way.kind.id, ("lines",)) | {page.id for page in version.sections if page.line}
    sections = [page.id for page in case.pages if page.id not in own]
    take_over(case, sections=sections, carry=Carry.OFFERED if way.kind.id == RENEWAL else Carry.NONE, by=by, at=at)
    assert case.previous is not None
    record(case, "take_over", by=by, at=at, detail={"previous": case.previous.number}, shared=False)


def _sections(version: Version, kind: str, meanings: Iterable[str]) -> set[str]:
    places = version.places(kind)
    return {version.section_of(places[name][0]).id for name in meanings}


def _put_lines(case: Application, *, by: User, at: datetime) -> None:
    """Write the lines that were asked for where the version has them, beside what was taken over."""
    item_id, name = case.version.places(case.kind)["lines"]
    page = case.version.section_of(item_id)
    row = Section.objects.filter(application=case, section_id=page.id).first()
    if row is None:
        row = Section(application=case, section_id=page.id, revision=1, saved_by=by, saved_at=at)
    answers = row.answers.get(item_id, {})
    if row.carry and case.previous is not None and set(answers.get(name) or ()) != set(case.lines):
        row.carry = Carry.UPDATED
    row.answers = {**row.answers, item_id: {**answers, name: case.lines}}
    row.save()
    remark(case, today=timezone.localdate(at), only=page.id)
