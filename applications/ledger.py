"""The ledger: who may do which line at home on which day, and by virtue of which case.

Everything is derived from days when it is asked, so it is right whatever runs beside it. The functions over ``Period``
are pure; ``add`` is the only writer of approved periods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q, QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Firm, User
from applications import clocks, yielding
from applications.chains import Chain, Span, chain_of
from applications.enums import CAME_TO_NOTHING, ENDED, GRANTED
from applications.models import Application, ApprovedPeriod
from applications.present import show_date, words
from applications.workdays import Calendar
from guideline.catalogue import Version, in_force
from guideline.periods import extension_first_day
from guideline.shape import EXTENSION, RENEWAL

EXPIRING = 30  # days before the last one; ours: 本系統參數，非指引所定


class Phase(TextChoices):
    """Where a period stands on a day."""

    UPCOMING = "upcoming", gettext_lazy("尚未開始")
    RUNNING = "running", gettext_lazy("進行中")
    EXPIRING = "expiring", gettext_lazy("即將屆滿")
    EXPIRED = "expired", gettext_lazy("屆滿")
    ENDED = "ended", gettext_lazy("提前終止")

    @property
    def tone(self) -> str:
        return {"upcoming": "blue", "running": "green", "expiring": "amber"}.get(self.value, "grey")


AT_HOME = frozenset({Phase.RUNNING, Phase.EXPIRING})
OVER = frozenset({Phase.EXPIRED, Phase.ENDED})
PRESSING = (Phase.EXPIRING, Phase.RUNNING, Phase.UPCOMING, Phase.EXPIRED, Phase.ENDED)


@dataclass(frozen=True)
class Period:
    """Days on which a firm may do a line at home. ``ended``: the last one, where the firm ended it early."""

    firm: int
    case: int
    line: str
    first: date
    last: date
    ended: date | None = None

    @property
    def until(self) -> date:
        return self.ended or self.last

    @property
    def span(self) -> Span:
        return self.first, self.until


@dataclass(frozen=True)
class Follower:
    """An extension that was asked for after a case, under way or granted; one that was refused does not count."""

    name: str
    granted: bool


@dataclass(frozen=True)
class Answer:
    """Whether something is open, why, by which clause, and what is open instead.

    ``next`` is ``renewal``, ``version`` (the draft has to be brought under the one in force), or nothing.
    """

    open: bool
    why: str
    clause: str = ""
    next: str = ""

    @property
    def instead(self) -> str:
        """What to do instead, in words."""
        return _("期滿後仍有必要者，得於評估必要性後再提出申請。") if self.next == "renewal" else ""


@dataclass(frozen=True)
class Standing:
    """A line of the ledger as of a day."""

    row: ApprovedPeriod
    phase: Phase
    left: int | None  # days after this one; None unless it runs
    chain: Chain
    file_by: date  # 最晚送件日
    file_by_known: bool
    extension: Answer

    @property
    def over(self) -> bool:
        return self.phase in OVER

    @property
    def line_name(self) -> str:
        return words(self.row.application.version.line(self.row.line).name)


class Overlap(Exception):
    """Lines for which the firm has a period on some of these days already."""

    def __init__(self, clashes: Sequence[tuple[str, ApprovedPeriod]]) -> None:
        super().__init__(", ".join(line for line, _row in clashes))
        self.clashes = clashes


# --- pure ---------------------------------------------------------------------


def phase_of(first: date, last: date, ended: date | None, day: date) -> Phase:
    """The phase of a period on ``day``; both its last days belong to it."""
    until = ended or last
    if day < first:
        return Phase.UPCOMING
    if day > until:
        return Phase.ENDED if ended else Phase.EXPIRED
    return Phase.EXPIRING if (until - day).days <= EXPIRING else Phase.RUNNING


def phases_of_cases(rows: Iterable[ApprovedPeriod], day: date) -> dict[int, Phase]:
    """Of each case the phase of its most pressing line."""
    found: dict[int, set[Phase]] = defaultdict(set)
    for row in rows:
        found[row.application_id].add(phase_of(row.first_day, row.last_day, row.ended_on, day))
    return {case: min(phases, key=PRESSING.index) for case, phases in found.items()}


def overlapping(periods: Iterable[Period], line: str, span: Span) -> list[Period]:
    """The periods of one firm that share a day with ``span`` in that line."""
    first, last = span
    return [one for one in periods if one.line == line and one.first <= last and first <= one.until]


def extension_of(
    period: Period,
    *,
    version: Version,
    others: Iterable[Period],
    followers: Iterable[Follower],
    again: bool,
    day: date,
) -> Answer:
    """Whether an extension of one period can be asked for on ``day`` (clause 2.1.2).

    The text says 「於期限屆滿前」 and gives no first day: it is open from the approval on.

    Args:
        version: what the extension would be asked for under.
        others: the firm's other periods.
        followers: extensions that were asked for after its case.
        again: whether the guideline allows another extension of this period.
        day: the day (Asia/Taipei) on which it would be filed; the whole last day is in time.
    """
    found = _extension_of(period, version, others, list(followers), again, day)
    renewal = "renewal" if found.next and version.knows(RENEWAL) else ""
    return replace(found, clause=version.extension_clause, next=renewal)


def _extension_of(
    period: Period, version: Version, others: Iterable[Period], followers: list[Follower], again: bool, day: date
) -> Answer:
    outcome = words(version.kind(EXTENSION).outcome) if version.knows(EXTENSION) else ""
    for one in followers:
        if one.granted:
            text = _("已由 {case} 延展（{outcome}），不得重複申請。")
            return Answer(False, text.format(case=one.name, outcome=outcome), next="renewal")
    for one in followers:
        over = _("原期限已屆，延展案決定（{outcome}）前不得居家辦公。").format(outcome=outcome)
        text = _("延展案 {case} 辦理中，不得重複申請。").format(case=one.name)
        return Answer(False, text + (over if day > period.until else ""))
    if period.ended:
        text = _("已提前終止，最後居家日為 {day}。").format(day=show_date(period.ended))
        return Answer(False, text, next="renewal")
    if day > period.last:
        text = _("期限已於 {day} 屆滿；延展應於期限屆滿前申請。").format(day=show_date(period.last))
        return Answer(False, text, next="renewal")
    if not again:
        text = _("延展以 {count} 次為限。") if version.extensions else _("指引未定有延展。")
        return Answer(False, text.format(count=version.extensions), next="renewal")
    start = extension_first_day(period.last)
    if overlapping(others, period.line, (start, start)):
        return Answer(False, _("自 {day}起已有得居家辦公之期間。").format(day=show_date(start)))
    return Answer(True, _("{day} 24 時前送出者，仍屬期限內。").format(day=show_date(period.last)))


# --- rows ---------------------------------------------------------------------


def plain(row: ApprovedPeriod) -> Period:
    return Period(row.firm_id, row.application_id, row.line, row.first_day, row.last_day, row.ended_on)


def lasting(day: date) -> Q:
    """The condition on periods that were not over before ``day``."""
    return Q(ended_on__gte=day) | Q(ended_on=None, last_day__gte=day)


def over_before(day: date) -> Q:
    return Q(ended_on__lt=day) | Q(ended_on=None, last_day__lt=day)


def running(day: date) -> Q:
    """The condition on periods by virtue of which something may be done at home on ``day``."""
    return Q(lasting(day), first_day__lte=day)


def extensions_after(
    cases: Iterable[int], *, among: QuerySet[Application] | None = None
) -> Mapping[int, Sequence[Follower]]:
    """The extensions that were asked for after each of these cases, those that came to nothing left out. One query.

    Args:
        among: the cases to look among (``policy.visible_to``): nobody learns of another's draft. None for all.
    """
    asked = Application.objects.all() if among is None else among
    found: dict[int, list[Follower]] = defaultdict(list)
    for case in asked.filter(previous__in=set(cases), kind=EXTENSION).exclude(status__in=CAME_TO_NOTHING):
        found[case.previous_id or 0].append(Follower(str(case), case.status in GRANTED))
    return found


def extension_open(case: Application, at: datetime, *, but: int | None = None) -> Answer:
    """Whether an extension of this case can be filed at ``at``: open while it is for one of its lines. Two queries.

    It is asked for under the version in force on its own day.

    Args:
        at: the server's time; 24:00 of the last day in Taipei is too late.
        but: an extension that does not count: the one that is about to be filed.
    """
    rows = [plain(row) for row in ApprovedPeriod.objects.filter(firm=case.firm_id).order_by("last_day", "id")]
    mine = [one for one in rows if one.case == case.pk]
    day = timezone.localdate(at)
    version = in_force(day)
    if not mine:
        return Answer(False, _("尚無得居家辦公之期間。"), version.extension_clause)
    followers = extensions_after([case.pk], among=Application.objects.exclude(pk=but or 0)).get(case.pk, ())
    again = clocks.extendable(case, version)
    answers = [
        extension_of(one, version=version, others=_but(rows, one), followers=followers, again=again, day=day)
        for one in mine
    ]
    # where none is open, what is said of the line that lasts longest
    return next((one for one in answers if one.open), answers[-1])


def lapsed(case: Application, at: datetime) -> date | None:
    """延展審理中，原期限已屆: the last day of the right where it ended before the extension was decided; else None."""
    if case.kind != EXTENSION or case.status in ENDED:
        return None
    last = max((row.until for row in ApprovedPeriod.objects.filter(application=case.previous_id)), default=None)
    return last if last and last < timezone.localdate(at) else None


def standings(
    rows: Iterable[ApprovedPeriod], *, day: date, calendar: Calendar, among: QuerySet[Application]
) -> list[Standing]:
    """What bears on ``day`` of each firm and line, the first to expire before the others. One query where there is any.

    That is what runs or is to come; where there is neither, what ended last.

    Args:
        rows: all periods of these firms, with their cases.
        among: the cases that the reader may know of.
    """
    by_firm: dict[int, list[ApprovedPeriod]] = defaultdict(list)
    for row in rows:
        by_firm[row.firm_id].append(row)
    cases = {row.application_id for mine in by_firm.values() for row in mine}
    followers = extensions_after(cases, among=among)
    found = []
    for mine in by_firm.values():
        spans = [(row.first_day, row.until) for row in mine]
        periods = [plain(row) for row in mine]
        for row in _bearing(mine, day):
            phase = phase_of(row.first_day, row.last_day, row.ended_on, day)
            file_by = calendar.on_or_before(row.until)
            found.append(
                Standing(
                    row=row,
                    phase=phase,
                    left=(row.until - day).days if phase in AT_HOME else None,
                    chain=chain_of(spans, row.first_day, calendar),
                    file_by=file_by,
                    file_by_known=calendar.known(file_by),
                    extension=extension_of(
                        plain(row),
                        version=row.application.version,
                        others=_but(periods, plain(row)),
                        followers=followers.get(row.application_id, ()),
                        again=clocks.extendable(row.application, row.application.version),
                        day=day,
                    ),
                )
            )
    return sorted(found, key=lambda one: (one.phase in OVER, one.row.until, one.row.pk))


def _bearing(rows: Iterable[ApprovedPeriod], day: date) -> list[ApprovedPeriod]:
    by_line: dict[str, list[ApprovedPeriod]] = defaultdict(list)
    for row in rows:
        by_line[row.line].append(row)
    found = []
    for mine in by_line.values():
        current = [row for row in mine if row.until >= day]
        found += current or [max(mine, key=lambda row: row.until)]
    return found


def _but(periods: Iterable[Period], one: Period) -> list[Period]:
    return [other for other in periods if other != one]


def add(*, case: Application, spans: Mapping[str, Span], by: User, at: datetime) -> list[ApprovedPeriod]:
    """Write what was approved: the only writer of approved periods. Call it in the transaction of the decision.

    One firm's periods are written one case at a time, under the firm's row lock; on PostgreSQL a constraint holds
    the same. 備查 stands in for an approval until one begins (clause 2.1.1, our reading): the period of an emergency
    gives way to that of another case which begins after it, whichever of the two is written first.

    Args:
        case: locked.
        spans: line -> first and last day.
        by: who decided.

    Raises:
        Overlap: the firm has a period of that line on one of these days; nothing was written.
    """
    firm = Firm.objects.select_for_update().get(pk=case.firm_id)
    rows = list(ApprovedPeriod.objects.filter(firm=firm).select_related("application"))
    pairs = [(line, row) for line, span in spans.items() for row in rows if overlapping([plain(row)], line, span)]
    clashes = [(line, row) for line, row in pairs if not yielding.settles(row, case, spans[line][0])]
    if clashes:
        raise Overlap(clashes)
    ends = yielding.ends(case, pairs, {line: first for line, (first, _last) in spans.items()}, by=by, at=at)
    written = ApprovedPeriod.objects.bulk_create(
        ApprovedPeriod(firm=firm, application=case, line=line, first_day=first, last_day=last, ended_on=ends.get(line))
        for line, (first, last) in spans.items()
    )
    changed(case, rows, since=min((first for first, _last in spans.values()), default=None), at=at)
    return written


def changed(case: Application, rows: Iterable[ApprovedPeriod], *, since: date | None, at: datetime) -> None:
    """Recompute the deadlines of the firm's other cases whose chain may be another now.

    Call it under the firm's lock; the case's own deadlines are its mover's to recompute.

    Args:
        rows: the firm's periods.
        since: the first of the days that were given or taken; a chain that goes on after it may hang on them.
    """
    later = {row.application_id for row in rows if since and row.first_day > since} - {case.pk}
    if later:
        found = Application.objects.select_for_update(of=("self",)).filter(pk__in=later, status__in=GRANTED)
        for other in found.order_by("pk"):
            clocks.schedule(other, at=at)
