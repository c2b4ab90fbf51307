"""The two mails of the demo: one points to its firm, the other to none."""

from __future__ import annotations

import pytest

from guideline.catalogue import load
from reviews import matching
from reviews.demo import sample
from reviews.demo.builder import build_people
from reviews.demo.mails import mails
from reviews.models import MailNotice


@pytest.mark.django_db
def test_one_is_a_notice_and_one_is_none() -> None:
    people = build_people(None)
    notice, other = mails()
    assert {one.status for one in (notice, other)} == {MailNotice.Status.WAITING}
    assert [one.firm for one in matching.firms(notice.said)] == [people.firms["jiyang"]]
    assert matching.lines(notice.said, load(sample.VERSION)) == ["受託買賣作業及交易作業"]
    assert (notice.said["oddities"], notice.said["files"][0]["refused"]) == ([], None)
    assert matching.firms(other.said) == []
    assert mails() == [notice, other]
