"""What a person chooses: language, first steps; and how long a sign-in lasts."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from accounts import sessions
from accounts.http import Request
from accounts.models import User


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language of the pages; somebody who is signed in gets mail in it as well."""
    chosen = request.POST.get("language", "")
    if isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return set_language(request)


@require_POST
def first_steps(request: Request) -> HttpResponseBase:
    """Put the first steps on the home page away (``over``), or call them back."""
    User.objects.filter(pk=request.user.pk).update(first_steps_over=bool(request.POST.get("over")))
    return redirect("home")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> HttpResponseBase:
    """How many seconds are left until this person is signed out; a POST begins them anew."""
    if request.method == "POST" and request.user.is_authenticated:
        sessions.renew(request)
    return JsonResponse({"left": sessions.left(request)})
