"""How django-allauth behaves here."""

from time import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import kept
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by an administrator, never by sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Not by who has signed in within ``ACCOUNT_REAUTHENTICATION_TIMEOUT`` seconds."""
        signed_in = [record["at"] for record in get_authentication_records(self.request, self.request.user)]
        is_recent = time() - max(signed_in, default=0) < app_settings.REAUTHENTICATION_TIMEOUT
        return not is_recent and super().is_reauthentication_required(app=app, **more)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """One count for an account, by whatever name of the portal it is tried."""
        return str(credentials.get("email", "")).lower()

    def pre_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse | None:
        kept.put_by(request)
        return super().pre_login(request, user, **more)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """From here on pages are in this person's language; what was typed before the sign-in is there again."""
        if user.language:
            translation.activate(user.language)
        response = super().post_login(request, user, **kwargs)
        if found := kept.taken_up(request):
            again = kept.send_again(request, found)
            if again is None:
                messages.warning(request, _("登入前填寫的內容屬於另一位使用者，沒有帶入。"))
            response = again or response
        if user.language:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language)
        return response
