from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("帳號與證券商")

    def ready(self) -> None:
        """A role that is spelled wrong would be left unprotected without a word."""
        if unknown := settings.SECOND_FACTOR_ROLES - {*Role.values, "staff"}:
            raise ImproperlyConfigured(
                f"SECOND_FACTOR_ROLES names {sorted(unknown)}; there are {Role.values} and staff"
            )
