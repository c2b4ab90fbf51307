"""The language that a person reads, on pages and in mail."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.models import User


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language of the pages; somebody who is signed in gets mail in it as well."""
    chosen = request.POST.get("language", "")
    if isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return set_language(request)
