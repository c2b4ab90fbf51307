"""The language that a person reads; how long a sign-in lasts, and what becomes of what was typed when it ended."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from accounts import kept, sessions
from accounts.models import User


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language of the pages; somebody who is signed in gets mail in it as well."""
    chosen = request.POST.get("language", "")
    if isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return set_language(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> HttpResponseBase:
    """How many seconds are left until this person is signed out; a POST begins them anew."""
    if request.method == "POST" and request.user.is_authenticated:
        sessions.renew(request)
    return JsonResponse({"left": sessions.left(request)})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """A form that was drawn before another sign-in in the same browser: its writer gets what was typed back.

    ``typist`` is signed, so that no other site can have made such a form.
    """
    found = kept.carried(request) or kept.posted(request)
    if found and found.typist:
        if not request.user.is_authenticated:
            return kept.sign_in_again(request, found)
        if again := kept.send_again(request, found, status=403):
            return again
    return render(request, "403_csrf.html", status=403)
