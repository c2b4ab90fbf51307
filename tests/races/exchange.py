"""Pairs in which somebody of the exchange takes part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from accounts.models import User
from applications.models import Application
from reviews import verdicts
from tests.applications.test_extension import put_up as extension_put_up
from tests.factories import filed_case, judge_all
from tests.races.firm import noticed
from tests.races.race import DONE, Pair, Post, Race
from tests.races.starts import FIRST_TEXT, SECOND_TEXT, People, do, judged, race, review
from tests.reviews import mailing, pre_reviews
from tests.reviews.cases import ITEM, NUMBER, SECTION, forwarded, later, put_up, scan, verdict_form
from tests.reviews.test_emergency import put_up as emergency_put_up
from tests.reviews.test_reclassifying import with_past

BOTH = (DONE, DONE)
FORBIDDEN = 403
Start = Callable[[], tuple[Application, Any]]
Make = Callable[[Application, People, str], Post]


def filed() -> tuple[Application, People]:
    cast = People()
    return filed_case(cast)[0], cast


def past() -> tuple[Application, People]:
    """In the officer's hands, of a firm that could as well have asked for a renewal."""
    case, _before, cast = with_past()
    judge_all(case, by=cast.officer, at=later(case))
    return case, People(cast)


def extension() -> tuple[Application, People]:
    _previous, case, cast = extension_put_up()
    return case, People(cast)


def declining() -> tuple[Application, People]:
    _previous, case, cast = extension_put_up("decline")
    return case, People(cast)


def pair(start: Start, first: Make, second: Make) -> Callable[[], Race]:
    def build() -> Race:
        case, cast = start()
        cast = People(cast)
        return race(case, first(case, cast, FIRST_TEXT), second(case, cast, SECOND_TEXT))

    return build


# --- what they press ------------------------------------------------------------


def take(who: str) -> Make:
    return lambda case, cast, _text: review(case, getattr(cast, who), "take")


def withdraw(case: Application, cast: People, text: str) -> Post:
    return do(case, cast.checker, "withdraw", reason=text)


def judge(who: str) -> Make:
    def post(case: Application, cast: People, text: str) -> Post:
        data = verdict_form(case, i2_2_5_3=("ok", ""))
        typed = {f"v-{ITEM}-comment": text}
        return Post(getattr(cast, who), f"/review/{case.pk}/{SECTION}/", data | {"then": "stay"}, typed)

    return post


def recommend(outcome: str = "forward") -> Make:
    return lambda case, cast, text: review(case, cast.officer, "recommend", {"outcome": outcome}, reasons=text)


def send_for_correction(case: Application, cast: People, text: str) -> Post:
    data = {"basis": verdicts.read(case).basis}
    return review(case, cast.officer, "return", data, letter=text, due_on="115/12/10")


def hand_over(who: str, to: str) -> Make:
    def post(case: Application, cast: People, text: str) -> Post:
        data = {"held_by": case.officer_id, "to": getattr(cast, to).pk}
        return review(case, getattr(cast, who), "hand-over", data, remark=text)

    return post


def reclassify(case: Application, cast: People, text: str) -> Post:
    return review(case, cast.officer, "reclassify", {"kind": "renewal"}, reason=text)


def release(action: str, who: str, *, conditions: bool = False) -> Make:
    def post(case: Application, cast: People, text: str) -> Post:
        typed = {"remark": text}
        if action not in {"send_back", "reject", "give_opinion"}:
            typed["document_number"] = NUMBER if who == "supervisor" else NUMBER.replace("1234", "1235")
        if conditions:
            typed["conditions"] = f"附帶條件：{text}"
        return review(case, getattr(cast, who), "release", {"action": action}, **typed)

    return post


def decision(outcome: str, who: str) -> Make:
    def post(case: Application, cast: People, text: str) -> Post:
        lines = case.lines if outcome == "approved" else []
        data: dict[str, Any] = {"outcome": outcome, "scan": scan} | dict.fromkeys(lines, "on")
        typed = {"document_number": "金管證券字第1150009999號", "dated": "115/11/06", "conditions": text}
        for line in lines:
            typed |= {f"{line}-first": "2026-11-30", f"{line}-last": "2027-02-28"}
        return review(case, getattr(cast, who), "decision", data, **typed)

    return post


# --- mails ------------------------------------------------------------------------


def mails(second: Callable[[Any, People], Post]) -> Callable[[], Race]:
    def build() -> Race:
        cast = People()
        found = mailing.arrive()
        return Race(
            mailing.AT + timedelta(hours=1), confirm(found, cast, cast.officer, FIRST_TEXT), second(found, cast)
        )

    return build


def confirm(found: Any, cast: People, by: User, text: str) -> Post:
    data = {"revision": found.revision, "firm": cast.firm.pk} | mailing.ANSWERS
    return Post(by, mailing.address(found), data, {"2_1_1_event__what": text, "2_1_1_start__head_count": "37"})


def aside(found: Any, cast: People) -> Post:
    data = {"revision": found.revision}
    return Post(cast.other_officer, mailing.address(found, "aside/"), data, {"reason": SECOND_TEXT})


JUDGED_FIRST = "a verdict leaves the case where it is: what is put up after it has it in it"
NOT_OFFERED = "the page offers only what was put up; the other is refused whenever it comes"

PAIRS = (
    Pair("take × take", pair(filed, take("officer"), take("other_officer"))),
    Pair("take × withdraw", pair(filed, take("officer"), withdraw)),
    Pair("take of a notice × take", pair(noticed, take("officer"), take("other_officer"))),
    Pair("take of a notice × withdraw", pair(noticed, take("officer"), withdraw)),
    Pair("judge × judge", pair(judged, judge("officer"), judge("officer"))),
    Pair("judge × recommend", pair(judged, judge("officer"), recommend()), first_wins=BOTH, why=JUDGED_FIRST),
    Pair("judge × withdraw", pair(judged, judge("officer"), withdraw), first_wins=BOTH, why=JUDGED_FIRST),
    Pair(
        "return × recommend",
        pair(lambda: judged({ITEM: "請補充遮罩之範圍"}), send_for_correction, recommend("reject")),
    ),
    Pair("return × withdraw", pair(lambda: judged({ITEM: "請補充遮罩之範圍"}), send_for_correction, withdraw)),
    Pair("recommend × recommend", pair(judged, recommend(), recommend("reject"))),
    Pair("recommend × withdraw", pair(judged, recommend(), withdraw)),
    Pair(
        "hand_over × hand_over",
        pair(judged, hand_over("officer", "other_officer"), hand_over("supervisor", "third_officer")),
    ),
    Pair("reclassify × recommend", pair(past, reclassify, recommend())),
    Pair("reclassify × reclassify", pair(past, reclassify, reclassify)),
    Pair("forward × forward", pair(put_up, release("forward", "supervisor"), release("forward", "second_supervisor"))),
    Pair(
        "forward × send_back", pair(put_up, release("forward", "supervisor"), release("send_back", "second_supervisor"))
    ),
    Pair(
        "forward × reject",
        pair(put_up, release("forward", "supervisor"), release("reject", "second_supervisor")),
        second_wins=(DONE, FORBIDDEN),
        why=NOT_OFFERED,
    ),
    Pair("forward × withdraw", pair(put_up, release("forward", "supervisor"), withdraw)),
    Pair(
        "reject × send_back",
        pair(lambda: put_up("reject"), release("reject", "supervisor"), release("send_back", "second_supervisor")),
    ),
    Pair(
        "endorse × endorse",
        pair(
            extension,
            release("endorse", "supervisor", conditions=True),
            release("endorse", "second_supervisor", conditions=True),
        ),
    ),
    Pair(
        "endorse × decline",
        pair(extension, release("endorse", "supervisor", conditions=True), release("decline", "second_supervisor")),
        second_wins=(DONE, FORBIDDEN),
        why=NOT_OFFERED,
    ),
    Pair("endorse × withdraw", pair(extension, release("endorse", "supervisor", conditions=True), withdraw)),
    Pair(
        "record × reject",
        pair(
            emergency_put_up, release("record", "supervisor", conditions=True), release("reject", "second_supervisor")
        ),
        second_wins=(DONE, FORBIDDEN),
        why=NOT_OFFERED,
    ),
    Pair(
        "record × send_back",
        pair(
            emergency_put_up,
            release("record", "supervisor", conditions=True),
            release("send_back", "second_supervisor"),
        ),
    ),
    Pair(
        "give_opinion × send_back",
        pair(pre_reviews.put_up, release("give_opinion", "supervisor"), release("send_back", "second_supervisor")),
    ),
    Pair(
        "record_approval × record_refusal",
        pair(forwarded, decision("approved", "officer"), decision("refused", "supervisor")),
    ),
    Pair("record_approval × withdraw", pair(forwarded, decision("approved", "officer"), withdraw)),
    Pair("record × withdraw", pair(emergency_put_up, release("record", "supervisor", conditions=True), withdraw)),
    Pair("give_opinion × withdraw", pair(pre_reviews.put_up, release("give_opinion", "supervisor"), withdraw)),
    Pair("send_back × withdraw", pair(put_up, release("send_back", "supervisor"), withdraw)),
    Pair(
        "decline × send_back",
        pair(declining, release("decline", "supervisor"), release("send_back", "second_supervisor")),
    ),
    Pair(
        "log_notice (mail) × log_notice",
        mails(lambda found, cast: confirm(found, cast, cast.other_officer, SECOND_TEXT)),
    ),
    Pair("log_notice (mail) × set aside", mails(aside)),
)
