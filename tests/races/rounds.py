"""Rounds of one pair: the same start, both requests at once, an end that one after the other would have had."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import unescape
from random import Random
from threading import Barrier
from typing import Any

import time_machine
from django.db import connection
from django.test import Client

from applications.models import Application
from tests.races.copies import Copy, Picture, copied, shown
from tests.races.race import DONE, LATE, Pair, Post, Race

Statuses = tuple[int, int]
OK = 200  # a page, so nothing was done


@dataclass
class Answer:
    """What came back, from when to when: the status, 0 for an error that was raised; the page, or the error as text."""

    status: int
    text: str
    begun: float
    ended: float


@dataclass
class Score:
    """What has come of the rounds of a pair."""

    pair: Pair
    rounds: int = 0
    one_winner: int = 0
    both_done: int = 0
    late: int = 0
    first_won: int = 0
    met: int = 0  # rounds in which each began before the other had ended
    faults: Counter[str] = field(default_factory=Counter)


@dataclass
class Order:
    """The two requests made one after the other: what was answered, and what they had changed at the end."""

    statuses: Statuses
    changes: Picture


class Rounds:
    """The two people with their browsers, and the rounds between them."""

    def __init__(self, pair: Pair, race: Race, copy: Copy, pool: ThreadPoolExecutor) -> None:
        self.pair, self.race, self.copy, self.pool = pair, race, copy, pool
        self.posts = (race.first, race.second)
        self.clients = tuple(_signed_in(post) for post in self.posts)
        self.chance = Random(115)
        self.score = Score(pair)
        self.shortest = 0.0  # of a request, in seconds, once everything is loaded

    def references(self) -> list[Order]:
        """Both orders, one request after the other; a fault where they do not end as the pair has it."""
        found = []
        for leader, expected in ((0, self.pair.first_wins), (1, self.pair.second_wins)):
            self.copy.restore()
            answers: list[Any] = [None, None]
            pictures = []
            for side in (leader, 1 - leader):
                answers[side] = self._send(side)
                pictures.append(self.copy.changes())
            statuses = (answers[0].status, answers[1].status)
            if statuses != expected:
                self._fault(f"{'second first' if leader else 'first first'}: {statuses}, not {expected}", answers)
            if answers[1 - leader].status != DONE and pictures[0] != pictures[1]:
                self._fault(f"who was late has changed something: {shown(pictures[1], pictures[0])}")
            self._judge(answers)
            found.append(Order(expected, pictures[1]))
            self.shortest = min(one.ended - one.begun for one in answers)
        return found

    def run(self, count: int) -> Score:
        orders = self.references()
        for _ in range(count):
            self.copy.restore()
            self._one(orders)
        return self.score

    def _one(self, orders: list[Order]) -> None:
        barrier = Barrier(2)
        # one of them is a little later, so that they meet at every point of their way
        waits = [0.0, 0.0]
        waits[self.chance.randrange(2)] = self.chance.uniform(0, self.shortest / 2)

        def send(side: int) -> Answer:
            connection.ensure_connection()
            barrier.wait(60)
            time.sleep(waits[side])
            return self._send(side)

        answers = list(self.pool.map(send, (0, 1)))
        statuses = (answers[0].status, answers[1].status)
        changes = self.copy.changes()
        score = self.score
        score.rounds += 1
        score.met += max(one.begun for one in answers) < min(one.ended for one in answers)
        done = [one.status == DONE for one in answers]
        score.one_winner += sum(done) == 1
        score.both_done += sum(done) == 2
        score.late += statuses.count(LATE)
        possible = [order for order in orders if order.statuses == statuses]
        if not possible:
            self._fault(f"answers {statuses}", answers)
        elif not any(order.changes == changes for order in possible):
            self._fault(f"rows of neither order: {shown(changes, possible[0].changes)}")
        elif any(order.changes == changes for order in possible if order is orders[0]):
            score.first_won += 1
        self._judge(answers)

    def _judge(self, answers: list[Answer]) -> None:
        """What the one who was late reads: what happened, and everything that he typed."""
        case = self.race.case
        for side, answer in enumerate(answers):
            if answer.status not in {LATE, OK}:
                continue
            page = unescape(answer.text)
            status = Application.objects.get(pk=case.pk).get_status_display() if case else ""
            says = self.pair.says[side]
            told = [says] if says else [status, self.posts[1 - side].by.name]
            if not any(one and one in page for one in told):
                self._fault(f"{('first', 'second')[side]} is not told what happened ({told})")
            for name, text in self.posts[side].typed.items():
                if text not in page:
                    self._fault(f"{('first', 'second')[side]} lost {name}")

    def _send(self, side: int) -> Answer:
        post, client = self.posts[side], self.clients[side]
        data = {name: value() if callable(value) else value for name, value in post.data.items()} | post.typed
        begun = time.perf_counter()
        try:
            answer = client.post(post.path, data)
            return Answer(answer.status_code, answer.content.decode(), begun, time.perf_counter())
        except Exception as error:
            return Answer(0, f"{type(error).__name__}: {error}", begun, time.perf_counter())

    def _fault(self, text: str, answers: list[Answer] | None = None) -> None:
        errors = [one.text for one in answers or () if one.status == 0]
        self.score.faults["; ".join([text, *errors])[:1500]] += 1


def _signed_in(post: Post) -> Client:
    client = Client()
    client.force_login(post.by)
    return client


def _close(barrier: Barrier) -> None:
    barrier.wait(60)
    connection.close()


def run(pair: Pair, count: int) -> Score:
    """``count`` rounds of the pair, from its start. The database is left as the start has it."""
    race = pair.build()
    with race.within(), time_machine.travel(race.at, tick=False), ThreadPoolExecutor(2) as pool:
        try:
            with copied() as copy:
                return Rounds(pair, race, copy, pool).run(count)
        finally:
            barrier = Barrier(2)
            list(pool.map(_close, (barrier, barrier)))
