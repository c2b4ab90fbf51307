"""A few rounds of every pair; ``make torture`` runs 200."""

from __future__ import annotations

from pathlib import Path

import pytest

from applications.lifecycle import MOVES
from tests.races.pairs import PAIRS
from tests.races.race import Pair
from tests.races.rounds import run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

ROUNDS = 3


def test_every_move_of_the_table_is_in_some_pair() -> None:
    words = {word for pair in PAIRS for word in pair.name.split()}
    assert {move.action for move in MOVES} - words == set()


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_of_two_at_once_one_wins_and_the_other_is_told(pair: Pair, redis_server: Path) -> None:
    score = run(pair, ROUNDS)
    assert not score.faults
    assert score.rounds == ROUNDS
