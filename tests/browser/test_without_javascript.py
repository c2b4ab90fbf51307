"""First application, correction, review and emergency with JavaScript switched off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import Firm
from tests.browser import journeys
from tests.browser.person import Person

JOURNEYS = (journeys.first_application, journeys.review_and_correction, journeys.emergency)


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
def test_journey_without_javascript(journey: Callable[..., None], enter: Callable[..., Person], firm: Firm) -> None:
    journey(lambda who: enter(who, java_script_enabled=False), firm)
