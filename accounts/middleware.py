"""Nothing but the sign-in pages is seen by somebody who has not signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseBase

from accounts import kept, sessions

OPEN = ("/accounts/", "/i18n/", "/static/", "/healthz", "/readyz")
RENEWED_AFTER = timedelta(minutes=5)


class RequireSignInMiddleware(LoginRequiredMiddleware):
    """Django's login requirement, with the sign-in and language pages left open.

    A session ends after SESSION_COOKIE_AGE without a request, not so long after sign-in. What
    was typed into a page whose session has ended is kept across the sign-in, not thrown away.
    """

    def process_view(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        if request.path.startswith(OPEN):
            return None
        if request.user.is_authenticated:
            sessions.renew(request, after=RENEWED_AFTER)
        elif request.method == "POST" and (found := kept.posted(request)):
            return kept.sign_in_again(request, found)
        elif "HX-Request" in request.headers:
            return HttpResponseForbidden()  # what answers a part of a page is no sign-in page
        return super().process_view(request, view_func, args, kwargs)  # type: ignore[arg-type]
