"""Sign-ins, those that were refused, and what is done with second factors are on the record of the house."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.adapter import AccountAdapter
from accounts.models import User
from applications.appending import append_to_house


class RecordingAdapter(AccountAdapter):
    """Of a refused sign-in the person is kept where there is one; what was typed may be a password, and is not."""

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        person = User.objects.filter(email__iexact=credentials.get("email") or "").first()
        append_to_house("sign_in_refused", by=person, at=timezone.now(), detail={"known": person is not None})

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        append_to_house("sign_in", by=user, at=timezone.now())
        return super().post_login(request, user, **more)


def _keep(what: str) -> Callable[..., None]:
    """A receiver of allauth's signals; recovery codes that come and go with their second factor are not told of."""

    def receiver(*, request: HttpRequest, user: User, authenticator: Authenticator, **more: Any) -> None:
        if what == "recovery_codes" or authenticator.type == Authenticator.Type.TOTP:
            by = request.user if isinstance(request.user, User) else user
            detail = {"user": user.pk} if by != user else {}
            append_to_house(what, by=by, at=timezone.now(), detail=detail)

    return receiver


RECEIVERS = (
    (signals.authenticator_added, _keep("second_factor_on")),
    (signals.authenticator_removed, _keep("second_factor_off")),
    (signals.authenticator_reset, _keep("recovery_codes")),
    (signals.authentication_failed, _keep("code_refused")),
)
for signal, receiver in RECEIVERS:
    signal.connect(receiver)
