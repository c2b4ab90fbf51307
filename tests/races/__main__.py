"""``make torture``: DATABASE_URL names a PostgreSQL server; ROUNDS of each pair, PAIRS those whose name it finds."""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.bench.portal import portal
from tests.services import redis

ROUNDS = int(os.environ.get("ROUNDS", "200"))
ONLY = os.environ.get("PAIRS", "")


def races() -> bool:
    """Whether every round of every pair ended as it has to."""
    # these import models, so that Django has to be set up
    pairs: Any = import_module("tests.races.pairs")
    rounds: Any = import_module("tests.races.rounds")
    logging.getLogger("django.request").setLevel(logging.ERROR)  # every other answer is a 409
    right, start, total = True, perf_counter(), 0
    print("| pair | rounds | met | one winner | both done | first won | 409 | anything else |")
    print("|---|--:|--:|--:|--:|--:|--:|---|", flush=True)
    for pair in pairs.PAIRS:
        if not re.search(ONLY, pair.name):
            continue
        score = rounds.run(pair, ROUNDS)
        faults = "; ".join(f"{count} × {text}" for text, count in score.faults.items()) or "0"
        cells = [score.rounds, score.met, score.one_winner, score.both_done, score.first_won, score.late, faults]
        print("|", pair.name, "|", " | ".join(map(str, cells)), "|", flush=True)
        right = right and not score.faults
        total += score.rounds
    print(f"{total} rounds, {perf_counter() - start:.0f} s")
    return right


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="races-") as folder, redis(Path(folder)) as socket:
        os.environ["REDIS_URL"] = f"redis+socket://{socket}"
        with portal():
            if not races():
                sys.exit("A race did not end as it has to")


if __name__ == "__main__":
    main()
