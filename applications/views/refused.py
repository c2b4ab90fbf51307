"""403 and 404: a door that was tried at another firm's case is put on record, then the usual pages answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import failures
from applications import policy
from applications.actions.erasing import Destroyed
from applications.actions.watching import log_refusal
from applications.models import Attachment

OF_A_CASE = ("cases/<int:pk>", "ledger/<int:pk>", "review/<int:pk>")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    _log(request, 403)
    return failures.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Where a case was destroyed it says so (410), with the way to what is left."""
    if isinstance(exception, Destroyed):
        return render(request, "applications/gone.html", {"case": exception.case}, status=410)
    _log(request, 404)
    return failures.not_found(request, exception)


def _log(request: HttpRequest, status: int) -> None:
    match, user = request.resolver_match, getattr(request, "user", None)
    if match is None or user is None or not user.is_authenticated:
        return
    case_id = _case_of(match.route, match.kwargs.get("pk"))
    if case_id is None or (status == 404 and policy.visible_to(user).filter(pk=case_id).exists()):
        return
    door = match.view_name or match.route
    log_refusal(case_id, door, status=status, path=request.path, by=user, at=timezone.now())


def _case_of(route: str, pk: int | None) -> int | None:
    if pk is None or route.startswith(OF_A_CASE):
        return pk
    if route.startswith("files/<int:pk>"):
        return Attachment.objects.filter(pk=pk).values_list("application_id", flat=True).first()
    return None
