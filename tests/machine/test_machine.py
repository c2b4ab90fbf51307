"""A short run of the machine; ``make torture`` has the long one."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import Machine
from tests.machine.starts import prepare

pytestmark = pytest.mark.once

EXAMPLES, STEPS = 60, 25
# A failing run is not made shorter: that takes longer than to read it.
RUN = settings(phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False, suppress_health_check=())


@pytest.mark.django_db
def test_nothing_that_anybody_tries_breaks_the_rules() -> None:
    Machine.starts = prepare()
    run_state_machine_as_test(Machine, settings=settings(RUN, max_examples=EXAMPLES, stateful_step_count=STEPS))
