"""What somebody has to say besides: a reason, a resolution."""

from __future__ import annotations

from django.utils.translation import gettext as _

LENGTH = 2000  # characters


def reason_problems(reason: str, missing: str) -> list[tuple[str, str]]:
    """What is wrong with the field ``reason``.

    Args:
        missing: what is said where there is none.
    """
    if not reason.strip():
        return [("reason", missing)]
    if len(reason.strip()) > LENGTH:
        return [("reason", _("理由最多 {count} 字").format(count=LENGTH))]
    return []
