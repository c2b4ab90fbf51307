"""The long run of the machine: ``make torture``. DATABASE_URL names a PostgreSQL server; EXAMPLES=… (10,000)."""

from __future__ import annotations

import os
from collections import Counter
from importlib import import_module
from time import perf_counter
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.bench.portal import portal

EXAMPLES, STEPS = int(os.environ.get("EXAMPLES", "10000")), 25


def main() -> None:
    start = perf_counter()
    with portal():
        # these import models, so that Django has to be set up
        machine: Any = import_module("tests.machine.machine").Machine
        machine.starts = import_module("tests.machine.starts").prepare()
        machine.done = Counter()
        run = settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(machine, settings=run)
    kinds = sorted({kind for kind, _deed in machine.done})
    for kind in kinds:
        deeds = {deed: count for (one, deed), count in machine.done.items() if one == kind}
        print(f"{kind}: {sum(deeds.values())} deeds: " + ", ".join(f"{deed} {deeds[deed]}" for deed in sorted(deeds)))
    print(f"{machine.examples} examples, {sum(machine.done.values())} deeds went through, no rule was broken")
    print(f"{perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
