"""The moment of filing, a firm's people and their draft.

Models are imported late: a conftest.py that leads to a file named on the command line is read before Django is set up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.test import Client

if TYPE_CHECKING:
    from applications.models import Application
    from tests.factories import Cast


@pytest.fixture
def clock() -> Iterator[None]:
    """It is FILED_AT, and stays so."""
    from tests.factories import FILED_AT

    with time_machine.travel(FILED_AT, tick=False):
        yield


@pytest.fixture
def cast() -> Cast:
    from tests.factories import Cast

    return Cast()


@pytest.fixture
def case(cast: Cast, client: Client) -> Application:
    """An empty draft, and its preparer signed in."""
    from applications.actions.drafting import create_draft
    from tests.factories import FILED_AT

    client.force_login(cast.preparer)
    return create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
