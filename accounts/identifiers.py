"""Numbers that name a firm, and how they are checked (requirements §1)."""

from __future__ import annotations

import re

_BROKER_CODE = re.compile(r"[0-9A-Za-z]{4}")
_WEIGHTS = (1, 2, 1, 2, 1, 2, 4, 1)


def is_broker_code(text: str) -> bool:
    """Four alphanumerics, case kept: 1020, 9A00, 779c."""
    return _BROKER_CODE.fullmatch(text) is not None


def is_business_number(text: str) -> bool:
    """Whether ``text`` is a valid 統一編號: eight digits whose check sum is a multiple of 5.

    Numbers issued since 2023 need 5, older ones 10, which is one too; where the seventh
    digit is 7 its product 28 may count as 10 or, digits summed once more, as 1.
    """
    if not re.fullmatch(r"[0-9]{8}", text):
        return False
    products = [int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=True)]
    total = sum(product // 10 + product % 10 for product in products)
    return total % 5 == 0 or (text[6] == "7" and (total + 1) % 5 == 0)
