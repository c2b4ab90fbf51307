"""統一編號 and broker codes."""

from __future__ import annotations

import pytest

from accounts.identifiers import is_broker_code, is_business_number


@pytest.mark.parametrize("number", ["04595257", "10458575"])  # requirements §1
def test_business_number_valid(number: str) -> None:
    assert is_business_number(number)


def weighed(number: str) -> int:
    """The sum by hand: digit by digit, products of two digits split."""
    weights = {0: 1, 1: 2, 2: 1, 3: 2, 4: 1, 5: 2, 6: 4, 7: 1}
    return sum(sum(map(int, str(int(number[place]) * weight))) for place, weight in weights.items())


def test_business_number_by_five_is_valid_since_2023() -> None:
    assert weighed("12345601") == 25
    assert is_business_number("12345601")
    assert weighed("12345606") == 30
    assert is_business_number("12345606")
    assert not is_business_number("12345605")


@pytest.mark.parametrize(
    ("number", "total", "valid"),
    [
        ("10458574", 29, True),  # 29 + 1
        ("10458575", 30, True),
        ("10458576", 31, False),
        ("10458573", 28, False),
        ("10458579", 34, True),  # 34 + 1
    ],
)
def test_business_number_seventh_digit_seven(number: str, total: int, valid: bool) -> None:
    assert number[6] == "7"
    assert weighed(number) == total
    assert is_business_number(number) is valid


@pytest.mark.parametrize(
    "number",
    ["04595258", "0459525", "045952570", "０４５９５２５７", "04595257\n", " 04595257", "0459525A", "", "²4595257"],
)
def test_business_number_invalid(number: str) -> None:
    assert not is_business_number(number)


def test_business_number_one_digit_wrong_is_found() -> None:
    number = "04595257"
    wrong = [number[:7] + digit for digit in "0123456789" if is_business_number(number[:7] + digit)]
    assert wrong == ["04595252", "04595257"]  # of ten last digits the two that are 5 apart


@pytest.mark.parametrize("code", ["1020", "9A00", "779c", "ABCD", "0000"])
def test_broker_code_valid(code: str) -> None:
    assert is_broker_code(code)


@pytest.mark.parametrize("code", ["102", "10200", "10 0", "１０２０", "10-0", "", "1020\n", "證券商號"])
def test_broker_code_invalid(code: str) -> None:
    assert not is_broker_code(code)
