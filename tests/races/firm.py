"""Pairs in which both are of the firm, before anything is decided: writing, checking, sending, notices."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import time_machine

from applications.actions import filing, starting
from applications.models import Application
from tests.applications import emergencies
from tests.applications.test_clocks import approved
from tests.applications.test_renewal import AT as RENEWING
from tests.applications.test_renewal import WANTED
from tests.factories import draft, returned_case
from tests.guideline import changing
from tests.races.race import DONE, Pair, Post, Race
from tests.races.starts import FIRST_TEXT, SECOND_TEXT, People, corrected, do, race, save, signed_off, with_checker
from tests.reviews.cases import later

BOTH = (DONE, DONE)
SHOWN = 200  # the page again, with what is wrong
NEW_AT = datetime.fromisoformat("2026-12-02T10:00:00+08:00")  # the day after the next announcement
ASKED = {"lines": ["brokerage"], "first_day": "2027-03-01", "emergency": "no", "opinion": "no", "kind": "first"}


def written() -> tuple[Application, People]:
    cast = People()
    return draft(cast), cast


def two_saves() -> Race:
    case, cast = written()
    at = later(case)
    first, second = ((cast.preparer, FIRST_TEXT), (cast.colleague, SECOND_TEXT))
    return race(case, save(case, *first, at=at), save(case, *second, at=at))


def send_and_save() -> Race:
    case, cast = written()
    send = do(case, cast.preparer, "send_to_checker", document_number="示範字第1150000001號")
    return race(case, send, save(case, cast.colleague, SECOND_TEXT, at=later(case)))


def send_and_empty() -> Race:
    case, cast = written()
    send = do(case, cast.preparer, "send_to_checker", document_number="示範字第1150000001號")
    return race(case, send, save(case, cast.colleague, "", at=later(case)))


def two_sends() -> Race:
    case, cast = written()
    send = do(case, cast.preparer, "send_to_checker", document_number="示範字第1150000001號")
    return race(case, send, do(case, cast.colleague, "send_to_checker", document_number="示範字第1150000002號"))


def acts(
    start: Callable[[], tuple[Application, People]], first: tuple[str, str], second: tuple[str, str]
) -> Callable[[], Race]:
    """Two people (names in ``People``), each with an action of the firm."""

    def build() -> Race:
        case, cast = start()
        posts = []
        for (who, action), text in zip((first, second), (FIRST_TEXT, SECOND_TEXT), strict=True):
            reasons = {"reason": text} if action.startswith("return") or action == "withdraw" else {}
            posts.append(do(case, getattr(cast, who), action, **reasons))
        return race(case, *posts)

    return build


def same_key(build: Callable[[], Race]) -> Callable[[], Race]:
    """One page that was sent twice."""

    def twice() -> Race:
        found = build()
        return Race(found.at, found.first, found.first, found.case)

    return twice


def noticed_draft() -> tuple[Application, People]:
    cast = People()
    return emergencies.begun(cast), cast


def noticed() -> tuple[Application, People]:
    cast = People()
    return emergencies.noticed(cast)[0], cast


def documents() -> tuple[Application, People]:
    """The documents of a notice, with the checker."""
    cast = People()
    case, _cast = emergencies.documented(cast)
    return filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=later(case)), cast


def documented() -> tuple[Application, People]:
    """The documents of a notice, ready to be sent to the checker."""
    cast = People()
    return emergencies.documented(cast)[0], cast


def returned() -> tuple[Application, People]:
    """A correction that has yet to be sent to the checker."""
    cast = People()
    return returned_case({"2.2.6": "請補測試"}, cast)[0], cast


def create_twice() -> Race:
    cast = People()
    posts = (Post(by, "/cases/new/", ASKED, {"first_day": "2027-03-01"}) for by in (cast.preparer, cast.colleague))
    return Race(later(draft(People())), *posts)


def keep_and_save() -> Race:
    previous, old = approved()
    cast = People(old)
    case = starting.start(
        firm=cast.firm, wanted=WANTED, kind="renewal", follows=previous.pk, by=cast.preparer, at=RENEWING
    )
    row = case.sections.get(section_id="2.2.9")
    keep = Post(cast.preparer, f"/cases/{case.pk}/keep/2.2.9/", {"revision": row.revision})
    return race(case, keep, save(case, cast.colleague, SECOND_TEXT, at=RENEWING))


def keep_twice() -> Race:
    found = keep_and_save()
    return Race(found.at, found.first, Post(found.second.by, found.first.path, found.first.data), found.case)


@contextmanager
def announced() -> Iterator[None]:
    """The next announcement is known, and in force."""
    with tempfile.TemporaryDirectory() as path, changing.folder(Path(path), changing.next_announcement()):
        yield


def adopt(case: Application, cast: People, who: str) -> Post:
    hidden = {"revision": case.revision, "version": "115-12-01"}
    return Post(getattr(cast, who), f"/cases/{case.pk}/version/", hidden)


def adopt_and_save() -> Race:
    case, cast = written()
    with announced(), time_machine.travel(NEW_AT, tick=False):
        typed = save(case, cast.colleague, SECOND_TEXT, at=NEW_AT)
    return race(case, adopt(case, cast, "preparer"), typed, at=NEW_AT, within=announced)


def adopt_twice() -> Race:
    case, cast = written()
    return race(case, adopt(case, cast, "preparer"), adopt(case, cast, "colleague"), at=NEW_AT, within=announced)


SAVED_FIRST = "a save leaves the case where it is: what is sent or adopted after it has it in it"

PAIRS = (
    Pair("save × save", two_saves),
    Pair("create × create", create_twice, says=("辦理中之首次申請", "辦理中之首次申請")),
    Pair("send_to_checker × save", send_and_save, second_wins=BOTH, why=SAVED_FIRST),
    Pair(
        "send_to_checker × save that leaves a gap",
        send_and_empty,
        second_wins=(SHOWN, DONE),
        why="nothing is sent; the page says what is missing",
        says=("才能送內部覆核", ""),
    ),
    Pair("send_to_checker × send_to_checker", two_sends),
    Pair("send_to_checker × withdraw", acts(written, ("preparer", "send_to_checker"), ("checker", "withdraw"))),
    Pair("adopt version × save", adopt_and_save, second_wins=BOTH, why=SAVED_FIRST, says=("", "已改依新版指引")),
    Pair("adopt version × adopt version", adopt_twice),
    Pair("沿用 × save", keep_and_save),
    Pair("沿用 × 沿用", keep_twice),
    Pair("submit × reopen", acts(with_checker, ("checker", "submit"), ("preparer", "reopen"))),
    Pair("submit × submit", acts(with_checker, ("checker", "submit"), ("second_checker", "submit"))),
    Pair(
        "submit × the same key",
        same_key(acts(with_checker, ("checker", "submit"), ("checker", "submit"))),
        first_wins=BOTH,
        second_wins=BOTH,
        why="one page sent twice is one submission, and its receipt is shown twice",
    ),
    Pair("submit × withdraw (with the checker)", acts(with_checker, ("checker", "submit"), ("preparer", "withdraw"))),
    Pair(
        "sign_off × return_to_preparer",
        acts(with_checker, ("checker", "sign_off"), ("second_checker", "return_to_preparer")),
    ),
    Pair("sign_off × sign_off", acts(with_checker, ("checker", "sign_off"), ("second_checker", "sign_off"))),
    Pair("submit × withdraw (signed off)", acts(signed_off, ("preparer", "submit"), ("checker", "withdraw"))),
    Pair("submit × reopen (signed off)", acts(signed_off, ("checker", "submit"), ("preparer", "reopen"))),
    Pair("withdraw × withdraw", acts(written, ("preparer", "withdraw"), ("checker", "withdraw"))),
    Pair("reopen × return_to_preparer", acts(signed_off, ("preparer", "reopen"), ("checker", "return_to_preparer"))),
    Pair(
        "send_correction × send_correction",
        acts(returned, ("preparer", "send_correction"), ("colleague", "send_correction")),
    ),
    Pair("send_correction × withdraw", acts(returned, ("preparer", "send_correction"), ("checker", "withdraw"))),
    Pair(
        "submit_correction × return_correction",
        acts(corrected, ("checker", "submit_correction"), ("second_checker", "return_correction")),
    ),
    Pair(
        "submit_correction × withdraw",
        acts(corrected, ("checker", "submit_correction"), ("second_checker", "withdraw")),
    ),
    Pair("notify × notify", acts(noticed_draft, ("preparer", "notify"), ("checker", "notify"))),
    Pair(
        "notify × the same key",
        same_key(acts(noticed_draft, ("preparer", "notify"), ("preparer", "notify"))),
        first_wins=BOTH,
        second_wins=BOTH,
        why="one page sent twice is one notice, and its confirmation is shown twice",
    ),
    Pair("notify × withdraw", acts(noticed_draft, ("preparer", "notify"), ("checker", "withdraw"))),
    Pair("send_documents × withdraw", acts(documented, ("preparer", "send_documents"), ("checker", "withdraw"))),
    Pair("submit_documents × reopen", acts(documents, ("checker", "submit_documents"), ("preparer", "reopen"))),
    Pair(
        "submit_documents × return_documents",
        acts(documents, ("checker", "submit_documents"), ("second_checker", "return_documents")),
    ),
    Pair(
        "submit_documents × withdraw", acts(documents, ("checker", "submit_documents"), ("second_checker", "withdraw"))
    ),
)
