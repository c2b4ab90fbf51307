"""Pages that nothing in the demo leads to, each brought about as it comes about in life."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.utils import timezone

from accounts import kept
from accounts.enums import Role
from accounts.models import Firm, User
from applications import printing
from applications.enums import Scan, Status
from applications.models import Application, Attachment, CalendarYear, FirmNotice
from tests.walk.surf import Surfer

Enter = Callable[[User | None], Surfer]


def _preparer(firm: Firm) -> User:
    return User.objects.filter(memberships__firm=firm, memberships__role=Role.PREPARER).earliest("pk")


def _one(role: Role) -> User:
    return User.objects.filter(memberships__role=role).earliest("pk")


def made_formal_twice(enter: Enter) -> tuple[Surfer, Any]:
    case = Application.objects.get(previous__kind="pre_review").previous
    assert case is not None
    somebody = enter(_preparer(case.firm))
    return somebody, somebody.client.post(f"/cases/{case.pk}/convert/")


def extended_twice(enter: Enter) -> tuple[Surfer, Any]:
    case = Application.objects.get(kind="extension", status=Status.ENDORSED).previous
    assert case is not None
    somebody = enter(_preparer(case.firm))
    return somebody, somebody.client.post(f"/cases/{case.pk}/extend/")


def _held(enter: Enter, scan: Scan, signature: str = "") -> tuple[Surfer, Any]:
    found = Attachment.objects.filter(application__destroyed_at=None).earliest("pk")
    found.stored.scan, found.stored.signature = scan, signature
    found.stored.scanned_at = timezone.now() if scan == Scan.FOUND else None
    found.stored.save()
    somebody = enter(_preparer(found.application.firm))
    return somebody, somebody.client.get(f"/files/{found.pk}/")


def file_before_its_scan(enter: Enter) -> tuple[Surfer, Any]:
    return _held(enter, Scan.WAITING)


def file_with_something_in_it(enter: Enter) -> tuple[Surfer, Any]:
    return _held(enter, Scan.FOUND, "Eicar-Test-Signature")


def pdf_without_its_library(enter: Enter) -> tuple[Surfer, Any]:
    somebody = enter(_one(Role.PREPARER))
    with patch.object(printing, "to_pdf", side_effect=printing.PdfUnavailable("WeasyPrint")):
        return somebody, somebody.client.get("/start/prepare/first.pdf")


def nobody_has_given_a_role(enter: Enter) -> tuple[Surfer, Any]:
    newcomer = User.objects.create_user("new@example.com", settings.DEMO_PASSWORD, name="新進人員")
    somebody = enter(newcomer)
    return somebody, somebody.client.get("/")


def notice_before_it_is_sent(enter: Enter) -> tuple[Surfer, Any]:
    somebody = enter(_one(Role.PREPARER))
    return somebody, somebody.client.get(f"{somebody.client.post('/emergency/')['Location']}check/")


def ratification(enter: Enter) -> tuple[Surfer, Any]:
    notice = FirmNotice.objects.filter(what=FirmNotice.What.RATIFICATION).earliest("pk")
    case = notice.application
    notice.delete()
    somebody = enter(_preparer(case.firm))
    return somebody, somebody.client.get(f"/cases/{case.pk}/ratify/")


def year_that_another_operator_added(enter: Enter) -> tuple[Surfer, Any]:
    somebody = enter(_one(Role.OPERATOR))
    year = CalendarYear.objects.latest("year").year
    return somebody, somebody.client.post(f"/operator/calendar/{year}/new/")


def year_that_another_operator_changed(enter: Enter) -> tuple[Surfer, Any]:
    somebody = enter(_one(Role.OPERATOR))
    row = CalendarYear.objects.latest("year")
    sent = {"seen": json.dumps({"published": not row.published}), "published": "yes", "reason": "依公告"}
    return somebody, somebody.client.post(f"/operator/calendar/{row.year}/publish/", sent)


def _password(somebody: Surfer, user: User, **more: str) -> Any:
    sent = {"login": user.email, "password": settings.DEMO_PASSWORD, **more}
    return somebody.client.post("/accounts/login/", sent)


def text_that_came_through_a_sign_in(enter: Enter) -> tuple[Surfer, Any]:
    user = _one(Role.PREPARER)
    case = Application.objects.filter(firm=user.firm, status=Status.DRAFT).earliest("pk")
    found = kept.Kept(f"/cases/{case.pk}/sections/2.2.9/", str(user.pk), (("2_2_9__text", "已填寫之內容"),), files=True)
    somebody = enter(None)
    return somebody, _password(somebody, user, kept=found.sealed())


def second_step_of_a_sign_in(enter: Enter) -> tuple[Surfer, Any]:
    user = _one(Role.OPERATOR)
    enter(user)  # who uses a second factor from here on
    somebody = enter(None)
    return somebody, somebody.client.get(_password(somebody, user)["Location"])


RARE: tuple[Callable[[Enter], tuple[Surfer, Any]], ...] = (
    made_formal_twice,
    extended_twice,
    file_before_its_scan,
    file_with_something_in_it,
    pdf_without_its_library,
    nobody_has_given_a_role,
    notice_before_it_is_sent,
    ratification,
    year_that_another_operator_added,
    year_that_another_operator_changed,
    text_that_came_through_a_sign_in,
    second_step_of_a_sign_in,
)
