"""兩步驟驗證: besides the password, a code from the person's telephone (django-allauth's TOTP), usable once."""

from __future__ import annotations

import base64
import hashlib
from textwrap import wrap
from typing import Any
from unicodedata import normalize

import segno
from allauth.core import context
from allauth.mfa import app_settings, signals
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django import forms
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User

PASSED = "second_factor"  # in a session: it was used


class Adapter(DefaultMFAAdapter):
    """Secrets are encrypted by keys that come of SECRET_KEY; the first of them and its fallbacks open them."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("驗證碼不正確或已使用過；請等手機顯示下一組，再重新輸入"),
        "cannot_delete_authenticator": _("您的角色須使用兩步驟驗證，不能停用"),
        "cannot_generate_recovery_codes": _("尚未啟用兩步驟驗證，不能產生備用碼"),
    }

    def get_totp_issuer(self) -> str:
        return gettext("證券商居家辦公申報系統")

    def build_totp_svg(self, url: str) -> str:
        return segno.make_qr(url).svg_inline(scale=5, border=4, svgclass=None, lineclass=None, light="#fff")

    def encrypt(self, text: str) -> str:
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _keys().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not authenticator.user.needs_second_factor


def _keys() -> MultiFernet:
    digests = (
        hashlib.sha256(f"second factor {key}".encode()).digest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def first_page(request: HttpRequest, user: User) -> str | None:
    """The page that this person has to go to before any other; None where the factor was used, or need not be.

    One query until the second factor was used.
    """
    if not user.needs_second_factor or request.session.get(PASSED):
        return None
    has_one = is_mfa_enabled(user, [Authenticator.Type.TOTP])
    return reverse("mfa_reauthenticate" if has_one else "mfa_activate_totp")


def _on_use(*, request: HttpRequest, **more: Any) -> None:
    request.session[PASSED] = True


def _on_change(*, request: HttpRequest, user: User, authenticator: Authenticator, **more: Any) -> None:
    """Sessions from before know the password alone, or another telephone: none but this person's own goes on."""
    if authenticator.type == Authenticator.Type.TOTP:
        user.sign_out_everywhere()
        if request.user.pk == user.pk:
            request.session[PASSED] = Authenticator.objects.filter(pk=authenticator.pk).exists()
            update_session_auth_hash(request, user)


signals.authenticator_used.connect(_on_use)
signals.authenticator_added.connect(_on_change)
signals.authenticator_removed.connect(_on_change)


class CodeField(forms.CharField):
    """Digits as they are read from a telephone: in groups, or full-width."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input--short"}
        )
        required = {"required": _("請輸入驗證碼")}
        super().__init__(label=_("驗證碼"), max_length=20, widget=widget, error_messages=required, **kwargs)

    def to_python(self, value: Any) -> str:
        return "".join(normalize("NFKC", super().to_python(value) or "").split())


class Once:
    """A code counts once as long as a telephone may show it, which allauth remembers for a third of that time."""

    def clean_code(self) -> str:
        try:
            code = super().clean_code()  # type: ignore[misc]
        except InvalidToken:
            raise forms.ValidationError(_("系統更換金鑰後無法核對您的驗證碼，請洽系統管理員重設兩步驟驗證")) from None
        seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
        if not cache.add(f"second_factor:{self.user.pk}:{code}", "used", seconds):  # type: ignore[attr-defined]
            raise get_adapter().validation_error("incorrect_code")
        return code


class ActivateForm(Once, ActivateTOTPForm):
    """One secret as long as the page is asked for: a telephone that has scanned it stays right."""

    code = CodeField(help_text=_("驗證程式所顯示之 6 位數字，例如 123 456"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = context.request.session
        offered = session.get(SECRET_SESSION_KEY)
        super().__init__(*args, **kwargs)
        if offered:
            self.secret = session[SECRET_SESSION_KEY] = offered

    @property
    def grouped_secret(self) -> str:
        """As it can be typed from the page."""
        return " ".join(wrap(self.secret, 4))


class SignInForm(Once, AuthenticateForm):
    code = CodeField(help_text=_("驗證程式所顯示之 6 位數字；手機不在身邊時，請輸入一組備用碼（8 位數字）"))


class ConfirmForm(Once, ReauthenticateForm):
    code = CodeField(help_text=_("驗證程式所顯示之 6 位數字，或一組備用碼"))
