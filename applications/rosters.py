"""Who is on the roster of a granted case on a day: as filed, or as the firm told since (2.2.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from applications.enums import GRANTED
from applications.models import Application, FirmNotice, Submission
from applications.roster_columns import Row

People = list[dict[str, Any]]
CHANGE = FirmNotice.What.ROSTER_CHANGE


def changes(cases: Iterable[int], *, until: date | None = None) -> dict[int, FirmNotice]:
    """Of each of these cases the change of roster that holds on a day (the last one of all: None). One query."""
    told = FirmNotice.objects.filter(application__in=list(cases), what=CHANGE).order_by("effective_on", "id")
    if until is not None:
        told = told.filter(effective_on__lte=until)
    return {one.application_id: one for one in told}


def rosters(firm: int, *, day: date | None = None) -> dict[int, People]:
    """The roster of each granted case of a firm as it holds on a day; the last one that is known where None.

    A case that inherits has that of the case before, until it files or tells one of its own. Three queries.
    """
    cases = {case.pk: case for case in Application.objects.filter(firm=firm, status__in=GRANTED)}
    told = changes(cases, until=day)
    filed: dict[int, People] = {}
    for one in Submission.objects.filter(application__in=list(cases)).order_by("number"):
        filed[one.application_id] = one.content["roster"]

    def of(pk: int) -> People:
        if pk in told:
            return told[pk].detail["roster"]
        if filed.get(pk) or pk not in cases or not cases[pk].inherits:
            return filed.get(pk, [])
        return of(cases[pk].previous_id or 0)

    return {pk: of(pk) for pk in cases}


def at_home(people: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """How many work at home, by line; whoever holds several counts in each."""
    return Counter(line for row in rows(people) if row.at_home for line in row.lines)


def rows(people: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The people as rows of a file."""
    found = []
    for position, one in enumerate(people, 1):
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in one.items()}
        found.append(Row(position=position, **values))
    return found
