"""Measure, show, write bench.json. DATABASE_URL names a PostgreSQL server: see ``make bench``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from time import perf_counter

import time_machine

from tests.bench.portal import portal

ROOT = Path(__file__).resolve().parent.parent.parent
TODAY = "2026-11-06T16:48:27+08:00"  # the sample is complete on its own day


def main() -> None:
    start = perf_counter()
    with time_machine.travel(TODAY), portal():
        # these import models, so that Django has to be set up
        drafting = import_module("tests.bench.drafting")
        submitting = import_module("tests.bench.submitting")
        report = import_module("tests.bench.report")
        sweeping = import_module("tests.bench.sweeping")
        lines = [*drafting.run(), *submitting.run(), *sweeping.run()]
        report.show(lines)
        report.write(lines, ROOT / "bench.json")
    print(f"{perf_counter() - start:.0f} s; bench.json")


if __name__ == "__main__":
    main()
