"""Closed sets of this app."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may do; firm roles come with a firm, exchange roles without one."""

    PREPARER = "preparer", _("填報人")
    CHECKER = "checker", _("覆核主管")
    FIRM_ADMIN = "firm_admin", _("證券商管理員")
    OFFICER = "officer", _("承辦人")
    SUPERVISOR = "supervisor", _("主管")
    AUDITOR = "auditor", _("稽核")
    OPERATOR = "operator", _("系統管理員")


FIRM_ROLES = frozenset({Role.PREPARER, Role.CHECKER, Role.FIRM_ADMIN})
EXCHANGE_ROLES = frozenset(set(Role)) - FIRM_ROLES
READERS_AT_EXCHANGE = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.AUDITOR})


def role_names(roles: Iterable[str]) -> str:
    """Roles as people read them, in the language of the page."""
    return gettext("、").join(str(Role(role).label) for role in roles)


class Licence(models.TextChoices):
    """Licence lines of a securities firm."""

    BROKER = "broker", _("經紀")
    DEALER = "dealer", _("自營")
    UNDERWRITER = "underwriter", _("承銷")
