"""Taking turns, taking times, counting queries."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import mean, median
from time import perf_counter

from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

ROUNDS = 11
TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")

Request = Callable[[], HttpResponse]


def statements(captured: CaptureQueriesContext) -> list[str]:
    """The statements that were captured, without BEGIN, COMMIT and savepoints."""
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(TRANSACTION)]


@dataclass
class Contender:
    """One way to do the job.

    Args:
        tasks: a round is one request of each; calling a task gets everything ready, off the clock, and
            gives the request back.
        status: what every answer must be.
    """

    name: str
    tasks: list[Callable[[], Request]]
    status: int
    times: list[list[float]] = field(init=False)
    queries: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.times = [[] for _ in self.tasks]
        self.queries = [0 for _ in self.tasks]

    def run(self, number: int) -> float:
        """Seconds that one request took."""
        request = self.tasks[number]()
        start = perf_counter()
        response = request()
        seconds = perf_counter() - start
        self.check(response, number)
        return seconds

    def check(self, response: HttpResponse, number: int) -> None:
        """Raises RuntimeError where the answer is not what it must be."""
        if response.status_code != self.status:
            raise RuntimeError(f"{self.name}, task {number}: {response.status_code}, not {self.status}")

    @property
    def ms(self) -> float:
        """Milliseconds a request: the median of each task, averaged over the tasks."""
        return mean(median(times) for times in self.times) * 1000


def measure(contenders: list[Contender], rounds: int = ROUNDS) -> None:
    """Fill in ``times`` and ``queries``. The order within a turn rotates, so that none always goes first."""
    for contender in contenders:  # warm-up, and the counting
        for number in range(len(contender.tasks)):
            request = contender.tasks[number]()
            with CaptureQueriesContext(connection) as captured:
                contender.check(request(), number)
            contender.queries[number] = len(statements(captured))
    for turn in range(rounds):
        gc.collect()
        for number in range(len(contenders[0].tasks)):
            for place in range(len(contenders)):
                contender = contenders[(place + turn + number) % len(contenders)]
                contender.times[number].append(contender.run(number))
