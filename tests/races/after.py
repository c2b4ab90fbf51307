"""Pairs after a decision: what goes on from it, what ends it early, what is told."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from applications.models import Application
from applications.roster import write_csv
from tests.applications.emergencies import supplied
from tests.applications.test_clocks import approved
from tests.applications.test_extension import AT as EXTENDING
from tests.applications.test_extension import with_checker as extension_with_checker
from tests.applications.test_ratifying import LATER, minutes
from tests.applications.test_roster_change import AT as CHANGING
from tests.applications.test_roster_change import people as roster_of
from tests.races.race import DONE, Pair, Post, Race
from tests.races.starts import FIRST_TEXT, SECOND_TEXT, People, do, race
from tests.reviews.cases import later
from tests.reviews.pre_reviews import pre_reviewed

BOTH = (DONE, DONE)
SHOWN = 200  # the page again, with what is wrong


def granted() -> tuple[Application, People]:
    case, cast = approved()
    return case, People(cast)


def end(case: Application, by: User, text: str, day: str, *, lines: Collection[str] = ("dealer",)) -> Post:
    data = {"revision": case.revision, "lines": list(lines)}
    return Post(by, f"/ledger/{case.pk}/end/", data, {"last_day": day, "reason": text})


def end_twice() -> Race:
    case, cast = granted()
    first, second = end(case, cast.preparer, FIRST_TEXT, "115/12/30"), end(case, cast.checker, SECOND_TEXT, "115/12/31")
    return race(case, first, second, at=CHANGING)


def told(case: Application, by: User, text: str, day: str) -> Post:
    data = write_csv(roster_of(without="dealer"), case.version)
    hidden: dict[str, Any] = {"revision": case.revision, "file": lambda: SimpleUploadedFile("名冊.csv", data)}
    return Post(by, f"/cases/{case.pk}/roster-change/", hidden, {"effective_on": day, "reason": text})


def change_twice() -> Race:
    case, cast = granted()
    first = told(case, cast.preparer, FIRST_TEXT, "115/12/15")
    return race(case, first, told(case, cast.checker, SECOND_TEXT, "115/12/16"), at=CHANGING)


def change_and_end() -> Race:
    case, cast = granted()
    first = told(case, cast.preparer, FIRST_TEXT, "115/12/15")
    return race(case, first, end(case, cast.checker, SECOND_TEXT, "115/12/31"), at=CHANGING)


def plain(start: Callable[[], tuple[Application, People]], page: str, at: datetime | None = None) -> Callable[[], Race]:
    """Two preparers who press the same button."""

    def build() -> Race:
        case, cast = start()
        first, second = (Post(by, f"/cases/{case.pk}/{page}/") for by in (cast.preparer, cast.colleague))
        return race(case, first, second, at=at or later(case))

    return build


def opinion() -> tuple[Application, People]:
    case, cast = pre_reviewed()
    return case, People(cast)


def file_and_end(*, whole: bool) -> Race:
    """An extension of three lines is filed, while the period before is ended early for all or for one of them."""
    previous, case, old = extension_with_checker()
    cast = People(old)
    lines = case.lines if whole else ["dealer"]
    ending = end(previous, cast.preparer, SECOND_TEXT, "116/02/10", lines=lines)
    return race(case, do(case, cast.checker, "submit"), ending, at=EXTENDING + timedelta(hours=1))


def ratify_twice() -> Race:
    case, old = supplied(ratified_later=True)
    cast = People(old)
    first, second = (
        Post(
            by,
            f"/cases/{case.pk}/ratify/",
            {"revision": case.revision, "minutes": minutes},
            {"held_on": day, "text": text},
        )
        for by, day, text in ((cast.preparer, "115/11/20", FIRST_TEXT), (cast.checker, "115/11/21", SECOND_TEXT))
    )
    return race(case, first, second, at=LATER)


GIVEN_UP = "what was filed in time stands, and days may be given up after it"


def done_twice() -> Race:
    case, cast = granted()
    duty = case.deadlines.filter(state="open").exclude(what__in=("expiry", "filing")).first()
    assert duty is not None
    first, second = (
        Post(by, f"/cases/{case.pk}/deadlines/{duty.pk}/done/", {}, {"done_on": "115/12/01", "note": text})
        for by, text in ((cast.preparer, FIRST_TEXT), (cast.checker, SECOND_TEXT))
    )
    return race(case, first, second, at=CHANGING)


PAIRS = (
    Pair("extend × extend", plain(granted, "extend", EXTENDING), says=("辦理中，不得重複申請", "辦理中，不得重複申請")),
    Pair(
        "submit of an extension × end_early before it",
        lambda: file_and_end(whole=True),
        first_wins=BOTH,
        why=GIVEN_UP,
        says=("提前終止", ""),
    ),
    Pair(
        "submit of an extension × end_early of one line before it",
        lambda: file_and_end(whole=False),
        first_wins=BOTH,
        second_wins=(SHOWN, DONE),
        why=f"{GIVEN_UP}; after it the checker's page says from when it can be asked for",
        says=("起日應為 116 年 2 月 11 日", ""),
    ),
    Pair("convert × convert", plain(opinion, "convert")),
    Pair("end_early × end_early", end_twice),
    Pair("roster change × roster change", change_twice),
    Pair("roster change × end_early", change_and_end),
    Pair("ratify × ratify", ratify_twice),
    Pair("duty done × duty done", done_twice),
)
