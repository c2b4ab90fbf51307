"""Who the exchange and the authority are, as the guideline names them: nothing outside the catalogue knows."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.translation import get_language

from guideline.catalogue import Version, in_force
from guideline.shape import Words


def words(text: Words) -> str:
    """A catalogue text in the reader's language, or in Chinese where there is no other."""
    return text.get(get_language() or "zh-hant") or text.zh


def named(text: str | Promise, version: Version | None = None, **more: Any) -> str:
    """A text with ``{exchange}`` and ``{authority}`` (short names), and what else stands in it, filled in.

    Args:
        text: a translated format string.
        version: that of the case; None where there is no case: the one in force today.
    """
    law = version or in_force(timezone.localdate())
    return str(text).format(exchange=words(law.exchange.short), authority=words(law.authority.short), **more)


named_lazy = lazy(named, str)  # for labels of forms and lists: by the version in force when it is shown
