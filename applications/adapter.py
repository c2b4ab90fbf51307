"""Sign-ins, and those that were refused, are on the record of the house."""

from __future__ import annotations

from typing import Any

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
