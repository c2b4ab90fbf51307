"""Two who convert one pre-review at once: one case."""

from __future__ import annotations

import pytest

from accounts.enums import Role
from applications.actions.formal import AlreadyFormal, make_formal
from applications.models import Application
from tests.applications.test_filing_races import at_once
from tests.factories import person
from tests.reviews.pre_reviews import pre_reviewed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.mark.parametrize("_round", range(5))
def test_one_formal_case_from_four_who_convert_at_once(_round: int) -> None:
    before, cast = pre_reviewed()
    people = [cast.preparer, *(person(Role.PREPARER, firm=cast.firm) for _ in range(3))]
    at = before.changed_at

    def deed(n: int) -> int:
        return make_formal(case_id=before.pk, by=people[n], at=at).pk

    given = at_once([lambda n=n: deed(n) for n in range(4)])  # type: ignore[misc]
    made = Application.objects.get(previous=before)
    assert sorted(map(str, given)) == sorted([str(made.pk), *[AlreadyFormal.__name__] * 3])
    assert made.attachments.count() == 1
    assert made.sections.count() == 19
