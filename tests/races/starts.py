"""States from which two people go on, each with people enough; and requests from their pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from applications.actions import filing
from applications.models import Application
from tests.applications import pages
from tests.factories import Cast, draft, judge_all, person, returned_case, taken_case
from tests.races.race import Post, Race
from tests.reviews.cases import later

FIRST_TEXT, SECOND_TEXT = "甲先寫下之文字，請勿遺失", "乙同時寫下之文字，亦請保留"


class People(Cast):
    """A cast in which every role is there twice, and an officer to whom both others may hand over."""

    def __init__(self, cast: Cast | None = None) -> None:
        """Of a firm of their own, or beside those of a cast."""
        if cast is None:
            super().__init__()
        else:
            vars(self).update(vars(cast))
        self.colleague = person(Role.PREPARER, firm=self.firm, name="丙填報")
        self.second_checker = person(Role.CHECKER, firm=self.firm, name="丁覆核")
        self.second_supervisor = person(Role.SUPERVISOR, name="周主管")
        self.third_officer = person(Role.OFFICER, name="黃審查")


def with_checker() -> tuple[Application, People]:
    cast = People()
    case = draft(cast)
    at = later(case, minutes=5)
    return filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=at), cast


def signed_off() -> tuple[Application, People]:
    case, cast = with_checker()
    return filing.sign_off(case_id=case.pk, revision=case.revision, by=cast.checker, at=later(case)), cast


def judged(failing: Mapping[str, str] | None = None) -> tuple[Application, People]:
    """In the officer's hands, every item judged."""
    cast = People()
    case, _cast = taken_case(cast)
    judge_all(case, by=cast.officer, at=later(case), failing=failing)
    return case, cast


def corrected() -> tuple[Application, People]:
    """A correction that is with the checker."""
    cast = People()
    case, _cast = returned_case({"2.2.6": "請補測試"}, cast)
    at = later(case)
    return filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=at), cast


def do(case: Application, by: User, action: str, **typed: str) -> Post:
    """An action of the firm, from the page on which the person reads the case."""
    hidden = {"revision": case.revision, "declare": "yes", "key": f"{action}{by.pk}"}
    return Post(by, f"/cases/{case.pk}/do/{action}/", hidden, typed)


def review(case: Application, by: User, page: str, data: dict[str, Any] | None = None, **typed: str) -> Post:
    """From one of the exchange's pages."""
    return Post(by, f"/review/{case.pk}/{page}/", {"revision": case.revision} | (data or {}), typed)


def save(case: Application, by: User, text: str, *, at: datetime, step: str = "2.2.9", name: str = "text") -> Post:
    """A section as the page has it, with another text."""
    client, address = Client(), pages.url(case, step)
    with time_machine.travel(at, tick=False):
        client.force_login(by)
        data: dict[str, Any] = pages.form(client.get(address), address)
    return Post(by, address, data | {"next": "1"}, {f"{step.replace('.', '_')}__{name}": text})


def race(case: Application, first: Post, second: Post, **more: Any) -> Race:
    """An hour after the case last changed."""
    return Race(**{"at": case.changed_at + timedelta(hours=1), "first": first, "second": second, "case": case} | more)
