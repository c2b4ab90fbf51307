"""The texts that the exchange's letters start from."""

from __future__ import annotations

import pytest

from guideline.shape import PRE_REVIEW
from reviews import verdicts
from reviews.letters import rejecting_letter
from tests.factories import taken_case
from tests.reviews.test_emergency import under_review

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def test_reasons_with_numbers_of_their_own_stand_below_the_number_of_the_letter() -> None:
    case, _cast = taken_case()
    _title, lines = rejecting_letter(verdicts.read(case), "一、測試尚未完成。\r\n\n 二、名冊不符。\n爰擬退件。")
    assert lines[-1] == "四、理由：\n（一）測試尚未完成。\n（二）名冊不符。\n爰擬退件。"
    assert rejecting_letter(verdicts.read(case), "測試尚未完成。")[1][-1] == "四、理由：測試尚未完成。"


def test_what_is_returned_is_named_by_its_kind() -> None:
    first, pre_review, notice = taken_case()[0], taken_case(kind=PRE_REVIEW)[0], under_review()[0]
    assert [rejecting_letter(verdicts.read(case), "無")[1][0] for case in (first, pre_review, notice)] == [
        "主旨：貴公司申請居家辦公（首次申請）一案，檢還書件，請查照。",
        "主旨：貴公司申請居家辦公（預先審查）一案，檢還書件，請查照。",
        "主旨：貴公司因緊急情況通報居家辦公一案，檢還書件，請查照。",
    ]
