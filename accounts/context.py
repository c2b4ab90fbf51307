"""What every page of the portal shows around its content."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.enums import READERS_AT_EXCHANGE, Role
from accounts.models import User

CASES = ("/cases/", "/start/", "/emergency/")  # the addresses of a firm's cases
CAP = 99  # unread notices are not counted beyond


def _nav(request: HttpRequest, user: object) -> list[dict[str, Any]]:
    """The menu of this person; the entry whose address begins that of the page is the current one."""
    if not isinstance(user, User):
        return []
    reads = bool(user.roles & READERS_AT_EXCHANGE)
    entries = (
        ("home", _("案件"), user.firm is not None),
        ("queue", _("案件審查"), reads),
        ("ledger", _("居家辦公台帳"), user.firm is not None),
        ("review-ledger", _("居家辦公台帳"), reads),
        ("deadlines-overview", _("期限"), user.firm is not None or user.at_exchange),
        ("notices", _("通知"), user.firm is not None or user.at_exchange),
        ("audit-events", _("稽核查詢"), Role.AUDITOR in user.roles),
        ("retention", _("保存與銷毀"), bool(user.roles & {Role.SUPERVISOR, Role.AUDITOR})),
        ("personal", _("個人資料"), bool(user.roles & {Role.FIRM_ADMIN, Role.CHECKER, Role.AUDITOR})),
        ("operator", _("營運"), Role.OPERATOR in user.roles),
        ("operator-events", _("營運紀錄"), Role.AUDITOR in user.roles),
        ("admin:index", _("系統管理"), user.is_staff),
    )
    shown = [(reverse(name), label) for name, label, wanted in entries if wanted]
    home = "/" if request.path == "/" or request.path.startswith(CASES) else ""  # every address begins as home's does
    current = max((url for url, _label in shown if url != "/" and request.path.startswith(url)), key=len, default=home)
    unread = {reverse("notices"): _unread(request, user)}
    return [{"url": url, "label": label, "current": url == current, "count": unread.get(url)} for url, label in shown]


def _unread(request: HttpRequest, user: User) -> str:
    """How many notices are unread, on the pages where it is worth a query; nothing where there are none."""
    if request.path not in {reverse("home"), reverse("queue"), reverse("notices")}:
        return ""
    count = user.notifications.filter(read_at=None)[: CAP + 1].count()
    return f"{CAP}+" if count > CAP else str(count or "")


def portal(request: HttpRequest) -> dict[str, Any]:
    """``identity`` for the header bar, ``demo`` for the note in the footer."""
    user = getattr(request, "user", None)
    identity = ""
    if isinstance(user, User):
        place = user.firm.shown_name if user.firm else _("交易所")
        identity = _("{place} {name}（{roles}）").format(place=place, name=user.name, roles=user.role_names)
    context: dict[str, Any] = {"session_left": sessions.left(request) if identity else 0}
    context |= {"identity": identity, "demo": settings.DEMO, "nav": _nav(request, user)}
    if settings.DEMO and not identity:
        people = User.objects.prefetch_related("memberships").order_by("id")
        context["demo_password"] = settings.DEMO_PASSWORD
        context["demo_accounts"] = [
            {
                "email": person.email,
                "name": person.name,
                "firm": person.firm.shown_name if person.firm else _("交易所"),
                "roles": person.role_names,
            }
            for person in people
        ]
    return context
