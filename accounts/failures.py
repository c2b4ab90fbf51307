"""The pages of what went wrong. Each shows what was typed, so that nobody has to write it twice."""

from __future__ import annotations

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token

from accounts import kept
from accounts.http import typed

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
WAIT = 60  # seconds until a browser or a proxy may ask again


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; 413 where it was too much, of which nothing was read: the browser still has it behind its back button."""
    if isinstance(exception, TOO_MUCH):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"typed": typed(request)}, status=403)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", {"typed": typed(request)}, status=404)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the page was opened before a sign-in or sign-out in another tab. Its writer gets what was typed back.

    ``typist`` is signed, so that no other site can have made such a form.
    """
    found = kept.carried(request) or kept.posted(request)
    texts = typed(request)
    if found and found.typist:
        if not request.user.is_authenticated:
            return kept.sign_in_again(request, found)
        if again := kept.send_again(request, found, status=403):
            return again
        texts = []  # somebody else wrote them
    back = "/" + request.path.lstrip("/")  # never an address elsewhere
    return render(request, "403_csrf.html", {"typed": texts, "back": back}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 while the database does not answer. In both languages, and without asking anything of anybody."""
    down = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    page = loader.render_to_string("503.html" if down else "500.html", {"typed": typed(request)})
    return HttpResponse(page, status=503 if down else 500, headers={"Retry-After": str(WAIT)} if down else None)
