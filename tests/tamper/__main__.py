"""``make torture``: DATABASE_URL names a PostgreSQL server; EDITS=… (100) and CUTS=… (20), SEED=… (115)."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module
from time import perf_counter
from typing import Any

from django.conf import settings

from tests.bench.portal import portal

EDITS, CUTS = int(os.environ.get("EDITS", "100")), int(os.environ.get("CUTS", "20"))
SEED = int(os.environ.get("SEED", "115"))


def main() -> None:
    start = perf_counter()
    with tempfile.TemporaryDirectory(prefix="tamper-") as folder, portal():
        settings.TRAIL_FOLDER = folder
        # these import models, so that Django has to be set up
        verify: Any = import_module("applications.verifying").verify
        import_module("tests.tamper.world").build()
        if faults := [str(fault) for fault in verify()]:
            sys.exit(f"Nothing was touched, and yet: {faults}")
        tamperer: Any = import_module("tests.tamper.tamper").Tamperer(SEED)
        for _ in range(EDITS):
            tamperer.edit_row()
        for _ in range(CUTS):
            tamperer.cut_tail()
    print(f"{EDITS} edits of one byte and {CUTS} cut-off tails (seed {SEED}); found and named:", dict(tamperer.found))
    print(f"missed: {len(tamperer.missed)}", *tamperer.missed, sep="\n")
    print(f"{perf_counter() - start:.0f} s")
    if tamperer.missed:
        sys.exit("Somebody may change what is stored and not be seen")


if __name__ == "__main__":
    main()
