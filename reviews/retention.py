"""Which cases have been kept long enough: five years after the last linked period, a setting of ours (requirements §6).

「本系統參數，非指引所定」. Cases that follow one another (``previous``) are one chain and go together, or not at all.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils import timezone

from applications.enums import GRANTED, KEEPING
from applications.models import Application, ApprovedPeriod, Event
from applications.parameters import parameters
from applications.trail import READINGS, canonical, digest
from applications.workdays import DAY
from guideline.catalogue import in_force
from guideline.periods import last_day
from reviews.models import DisposalCase, LegalHold

YEAR = 365  # days, at least


@dataclass(frozen=True)
class Chain:
    """Linked cases, the first one first. ``kept_until`` is the last day on which they are kept."""

    root: int
    cases: tuple[Application, ...]
    ends_on: date
    kept_until: date
    held: bool
    put_up: bool

    @property
    def free(self) -> bool:
        return not self.held and not self.put_up


def years(*, today: date) -> int:
    """How long a case is kept after its last linked period, in years."""
    return parameters(in_force(today))["retention_years"]


def over(*, today: date) -> list[Chain]:
    """The chains whose time of keeping is over, the longest over first; held ones and those put up among them.

    A granted case counts to the last day of its periods; any other to what was last done in it. 7 queries, however
    many cases there are; a chain with a case younger than the time of keeping is none of them and is not read.
    """
    span = years(today=today)
    limit = timezone.make_aware(datetime.combine(today - timedelta(days=span * YEAR), time.min))
    kept = Application.objects.filter(destroyed_at=None)
    old = {case.pk: case for case in kept.filter(created_at__lt=limit).select_related("firm").order_by("id")}
    grown = set(kept.filter(created_at__gte=limit, previous__in=old).values_list("previous_id", flat=True))
    ends = _ends(limit)
    held = set(LegalHold.objects.filter(lifted_at=None).values_list("application_id", flat=True))
    up = set(DisposalCase.objects.exclude(outcome="kept").filter(done_at=None).values_list("application_id", flat=True))
    found = []
    for root, cases in _linked(old).items():
        ids = {case.pk for case in cases}
        last = max(ends.get(pk) or timezone.localdate(old[pk].created_at) for pk in ids)
        until = last_day(last + DAY, months=12 * span)
        if until < today and not ids & grown:
            found.append(Chain(root, tuple(cases), last, until, bool(ids & held), bool(ids & up)))
    return sorted(found, key=lambda one: (one.kept_until, one.root))


def basis(chains: list[Chain]) -> str:
    """What a person saw of a list, to be compared with what it has become."""
    return digest(canonical([[case.pk for case in chain.cases] for chain in chains]))


def _ends(limit: datetime) -> dict[int, date]:
    granted = ApprovedPeriod.objects.filter(application__created_at__lt=limit, application__status__in=GRANTED)
    until = granted.order_by().values_list("application").annotate(last=Max(Coalesce("ended_on", "last_day")))
    deeds = Event.objects.filter(application__created_at__lt=limit).exclude(what__in=KEEPING.union(READINGS))
    done = deeds.order_by().values_list("application").annotate(last=Max("at"))
    found = {pk: timezone.localdate(last) for pk, last in done}
    return found | dict(until)


def _linked(cases: dict[int, Application]) -> dict[int, list[Application]]:
    """The cases by the first of those that they follow, however far."""
    roots: dict[int, int] = {}
    for pk, case in sorted(cases.items()):  # a case is younger than the one that it follows
        roots[pk] = roots.get(case.previous_id or 0, pk)
    found: dict[int, list[Application]] = defaultdict(list)
    for pk, root in roots.items():
        found[root].append(cases[pk])
    return found
