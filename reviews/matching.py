"""What the words of a mail point to: proposals, never more. Anybody can write any of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Firm, Membership
from applications.present import words
from guideline.catalogue import Version

SUFFIX = "股份有限公司"
SHORTEST = 3  # letters of a firm's name


@dataclass(frozen=True)
class Proposal:
    """A firm, and what in the mail points to it."""

    firm: Firm
    why: tuple[str, ...]


def firms(said: Mapping[str, Any]) -> list[Proposal]:
    """The firms that the mail may be from, those with more reasons first. Two queries."""
    address = said.get("sender", {}).get("address", "").casefold()
    domain = address.rpartition("@")[2]
    text = "\n".join((said.get("subject", ""), said.get("sender", {}).get("text", ""), said.get("text", "")))
    known: dict[int, set[str]] = {}
    for firm_id, email in Membership.objects.exclude(firm=None).values_list("firm_id", "user__email"):
        known.setdefault(firm_id, set()).add(email.casefold())
    found = []
    for firm in Firm.objects.all():
        emails = known.get(firm.pk, set())
        why = []
        if address in emails:
            why.append(_("寄件人地址與該公司使用者之電子郵件相同"))
        elif domain and domain in {email.rpartition("@")[2] for email in emails}:
            why.append(_("寄件人網域與該公司使用者相同"))
        name = next((one for one in _names(firm) if one.casefold() in text.casefold()), "")
        if name:
            why.append(_("郵件提及「{name}」").format(name=name))
        if re.search(rf"(?<![0-9A-Za-z]){re.escape(firm.broker_code)}(?![0-9A-Za-z])", text, re.IGNORECASE):
            why.append(_("郵件提及證券商代號 {code}").format(code=firm.broker_code))
        if why:
            found.append(Proposal(firm, tuple(why)))
    return sorted(found, key=lambda one: -len(one.why))


def _names(firm: Firm) -> tuple[str, ...]:
    names = (firm.name, firm.name.removesuffix(SUFFIX), firm.name_en)
    return tuple(name for name in names if len(name) >= SHORTEST)


def lines(said: Mapping[str, Any], version: Version) -> list[str]:
    """Names of the business lines that the mail mentions."""
    text = "\n".join((said.get("subject", ""), said.get("text", "")))
    return [words(line.name) for line in version.lines if line.short.zh in text or line.name.zh in text]
