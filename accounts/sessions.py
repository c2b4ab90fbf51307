"""How long somebody stays signed in without a request: SESSION_COOKIE_AGE seconds, as stored with the session."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Counter


def _seen(request: HttpRequest) -> datetime | None:
    """When the session was last written."""
    seen = request.session.get("seen")
    return datetime.fromisoformat(seen) if seen else getattr(request.user, "last_login", None)


def renew(request: HttpRequest, *, after: timedelta = timedelta()) -> None:
    """Begin the time anew, unless that was done less than ``after`` ago."""
    last, now = _seen(request), timezone.now()
    if last is None or now - last >= after:
        request.session["seen"] = now.isoformat()


def left(request: HttpRequest) -> int:
    """Seconds until this person is signed out; 0 for nobody."""
    last = _seen(request) if request.user.is_authenticated else None
    if last is None:
        return 0
    return max(0, int(settings.SESSION_COOKIE_AGE - (timezone.now() - last).total_seconds()))


def forget(*, at: datetime) -> None:
    """Delete the sessions that are over, and the counts of attempts, in which addresses stand."""
    Session.objects.filter(expire_date__lt=at).delete()
    Counter.objects.filter(expires__lt=at).delete()
