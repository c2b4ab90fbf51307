"""Cases to begin with: of each kind, at several points of their way, brought there by the real actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from accounts.models import User
from applications.actions import filing
from applications.models import Application
from reviews.actions import deciding, judging
from tests.applications import emergencies, test_added_line, test_renewal
from tests.applications.test_clocks import approved
from tests.applications.test_extension import extended
from tests.factories import Cast, draft, judge_all, returned_case, taken_case
from tests.machine.people import crowd
from tests.reviews import pre_reviews
from tests.reviews.cases import later

Made = tuple[Application, Cast]


def _draft() -> Made:
    cast = Cast()
    return draft(cast), cast


def _with_checker() -> Made:
    case, cast = _draft()
    return filing.send_to_checker(
        case_id=case.pk, revision=case.revision, by=cast.preparer, at=later(case, minutes=5)
    ), cast


def _put_up() -> Made:
    case, cast = taken_case()
    judge_all(case, by=cast.officer, at=later(case))
    judging.recommend(
        case_id=case.pk, revision=case.revision, outcome="forward", reasons="符合", by=cast.officer, at=later(case)
    )
    case.refresh_from_db()
    return case, cast


def _forwarded() -> Made:
    case, cast = _put_up()
    deciding.forward(
        case_id=case.pk, revision=case.revision, document_number="臺證輔字第1號", by=cast.supervisor, at=later(case)
    )
    case.refresh_from_db()
    return case, cast


def _returned() -> Made:
    return returned_case({"2.2.6": "請補測試", "3.5.4": "請補充"})


def _extension() -> Made:
    _previous, case, cast = extended()
    return case, cast


def _extension_filed() -> Made:
    _previous, case, cast = extended()
    at = case.changed_at + timedelta(days=1)
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=at)
    filing.submit(case_id=case.pk, revision=case.revision, key="k", by=cast.checker, at=at)
    case.refresh_from_db()
    return case, cast


def _notice() -> Made:
    cast = Cast()
    return emergencies.begun(cast), cast


def _renewal() -> Made:
    _previous, case, cast = test_renewal.renew()
    return case, cast


def _renewal_filed() -> Made:
    _previous, case, cast = test_renewal.filed()
    return case, cast


def _added() -> Made:
    _previous, case, cast = test_added_line.added()
    test_added_line.complete(case, cast)
    return case, cast


def _added_filed() -> Made:
    _previous, case, cast = test_added_line.filed()
    return case, cast


def _formal() -> Made:
    before, cast = pre_reviews.pre_reviewed()
    return pre_reviews.formal(before, cast), cast


MAKE: dict[str, Callable[[], Made]] = {
    "first: draft": _draft,
    "first: with the checker": _with_checker,
    "first: taken": taken_case,
    "first: returned": _returned,
    "first: put up": _put_up,
    "first: forwarded": _forwarded,
    "first: approved": approved,
    "extension: draft": _extension,
    "extension: filed": _extension_filed,
    "pre-review: put up": pre_reviews.put_up,
    "pre-review: completed": pre_reviews.pre_reviewed,
    "pre-review: formal draft": _formal,
    "emergency: before the notice": _notice,
    "emergency: documents to be sent": partial(emergencies.documented, ratified_later=True),
    "emergency: documents sent": emergencies.supplied,
    "renewal: to be confirmed": _renewal,
    "renewal: filed": _renewal_filed,
    "added line: draft": _added,
    "added line: filed": _added_filed,
}


def prepare() -> dict[str, Callable[[], tuple[Application, dict[str, User]]]]:
    """Make every start once; a machine takes one and undoes what it did to it."""
    made: dict[str, Any] = {}
    for name, make in MAKE.items():
        case, cast = make()
        made[name] = (case.pk, crowd(cast))

    def start(name: str) -> Callable[[], tuple[Application, dict[str, User]]]:
        return lambda: (Application.objects.select_related("firm").get(pk=made[name][0]), made[name][1])

    return {name: start(name) for name in made}
