"""``make torture``, inspection packs: a big one in constant memory, a worker killed at it, edits and cuts all found."""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings

from tests.bench.portal import portal


def main() -> None:
    start = perf_counter()
    with tempfile.TemporaryDirectory(prefix="packs-") as folder, portal():
        settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
        packing: Any = import_module("tests.torture.packing")  # imports models, so that Django has to be set up
        found = packing.torture(Path(folder))
    print(f"{perf_counter() - start:.0f} s")
    if not found:
        sys.exit("A pack was not made within its memory, was made twice, or does not find what was done to it")


if __name__ == "__main__":
    main()
