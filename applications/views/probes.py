"""For whatever watches over the processes: no sign-in, no session, nothing kept.

A probe has to send a Host that is allowed (ALLOWED_HOSTS), also from the machine itself; without TLS it is not sent on.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from applications import health


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Each check true or false; 503 where one is false."""
    checks = health.readiness(now=timezone.now())
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)
