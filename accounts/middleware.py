"""Where a request comes from; and nothing but the sign-in pages is seen by somebody who has not signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts import kept, second_factor, sessions
from accounts.origin import Origin, origin

OPEN = ("/accounts/", "/i18n/", "/static/", "/healthz", "/readyz", "/verify/")
RENEWED_AFTER = timedelta(minutes=5)
REQUEST_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)


def tell_origin(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: what is done in a request is put on record with the request's id and the person's address."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        token = origin.set(origin_of(request))
        try:
            return get_response(request)
        finally:
            origin.reset(token)

    return middleware


def origin_of(request: HttpRequest) -> Origin:
    """Request id and address; only the headers of the proxies in front (TRUSTED_PROXIES of them) are believed."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    address = request.META.get("REMOTE_ADDR", "")
    given = ""
    if proxies:
        passed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        address = passed[-proxies:][0].strip() or address
        given = request.META.get("HTTP_X_REQUEST_ID", "")
    return Origin(given if REQUEST_ID.fullmatch(given) else uuid4().hex, address[:64])


class RequireSignInMiddleware(LoginRequiredMiddleware):
    """Django's login requirement, with the sign-in and language pages left open, and that where a document is checked.

    A session ends after SESSION_COOKIE_AGE without a request, not so long after sign-in. What
    was typed into a page whose session has ended is kept across the sign-in, not thrown away.
    """

    def process_view(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        if request.path.startswith(OPEN):
            return None
        if request.user.is_authenticated:
            if "X-Poll" not in request.headers:  # a page that asks by itself is nobody at work
                sessions.renew(request, after=RENEWED_AFTER)
            if first := second_factor.first_page(request, request.user):
                return _elsewhere(request, first)
        elif request.method == "POST" and (found := kept.posted(request)):
            return kept.sign_in_again(request, found)
        elif "HX-Request" in request.headers:
            return HttpResponseForbidden()  # what answers a part of a page is no sign-in page
        return super().process_view(request, view_func, args, kwargs)  # type: ignore[arg-type]


def _elsewhere(request: HttpRequest, first: str) -> HttpResponse:
    """To the second factor; with what was typed, where the role asks for one since the page was opened."""
    if "HX-Request" in request.headers:
        return HttpResponseForbidden()
    if request.method == "POST" and (found := kept.posted(request)):
        messages.warning(request, _("您的角色須使用兩步驟驗證。這些內容尚未儲存，請先複製，完成驗證後再填入。"))
        return render(request, "403.html", {"typed": found.texts}, status=403)
    return redirect_to_login(request.get_full_path(), first)
