"""兩步驟驗證: besides the password, a code from the person's telephone (django-allauth's TOTP), usable once."""

from __future__ import annotations

import base64
import hashlib
from textwrap import wrap
from typing import Any
from unicodedata import normalize

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from cryptography.fernet import Fernet, MultiFernet
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User

KNOWN = "second_factor"  # in the session: this person has one


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
        return segno.make_qr(url).svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None, light="#fff")

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


def is_missing(request: HttpRequest, user: User) -> bool:
    """Whether this person has to set up a second factor first. One query, until the session knows of it."""
    if not user.needs_second_factor or request.session.get(KNOWN):
        return False
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        request.session[KNOWN] = True
        return False
    return True


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


class ActivateForm(ActivateTOTPForm):
    code = CodeField(help_text=_("驗證程式所顯示之 6 位數字，例如 123 456"))

    @property
    def grouped_secret(self) -> str:
        """As it can be typed from the page."""
        return " ".join(wrap(self.secret, 4))


class SignInForm(AuthenticateForm):
    code = CodeField(help_text=_("驗證程式所顯示之 6 位數字；手機不在身邊時，請輸入一組備用碼（8 位數字）"))


class ConfirmForm(ReauthenticateForm):
    code = CodeField(help_text=_("驗證程式所顯示之 6 位數字，或一組備用碼"))
