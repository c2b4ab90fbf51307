"""W1 and W2: saving and opening each of the twelve sections of part 貳.二, with 12 filled and with 1."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from django.test import Client

from applications.models import Application, Section
from tests.bench.cases import TWELVE, address, draft, long_answers, poster, signed_in, typed
from tests.bench.models import Draft
from tests.bench.report import Line
from tests.bench.session_wizard import STEP_FIELD
from tests.bench.timing import Contender, Request, measure
from tests.factories import Cast

Task = Callable[[], Request]


class Stage:
    """One firm, its cases and sessions: everything filled before anything is timed."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.client = signed_in(self.cast.preparer)
        self.full = draft(self.cast, TWELVE)
        self.one = {section_id: draft(self.cast, [section_id]) for section_id in TWELVE}
        self.rows = {
            section_id: Draft.objects.create(
                application=self.full, section_id=section_id, answers=long_answers(section_id)
            )
            for section_id in TWELVE
        }
        self.data = {section_id: typed(self.full, section_id, long_answers(section_id)) for section_id in TWELVE}
        self.wizard_full = self._wizard(TWELVE)
        self.wizard_one = {section_id: self._wizard([section_id]) for section_id in TWELVE}
        self._saves = count()

    def _wizard(self, filled: tuple[str, ...] | list[str]) -> Client:
        """Somebody whose session holds these steps."""
        client = signed_in(self.cast.preparer)
        for section_id in filled:
            self.wizard_save(client, section_id)()
        return client

    def changed(self, section_id: str) -> dict[str, list[str]]:
        """What is posted, a little different every time."""
        data = self.data[section_id]
        name = next(name for name in data if name.endswith("__text"))
        return data | {name: [f"{data[name][0][:-1]}{next(self._saves) % 10}"]}

    def save(self, case: Application, section_id: str) -> Request:
        revision = Section.objects.values_list("revision", flat=True).get(application=case, section_id=section_id)
        data = self.changed(section_id) | {"revision": [str(revision)]}
        return poster(self.client, address("section", case.pk, section_id), data)

    def open(self, case: Application, section_id: str) -> Request:
        return lambda: self.client.get(address("section", case.pk, section_id))

    def bare_save(self, section_id: str) -> Request:
        return poster(self.client, address("bench-section", self.rows[section_id].pk), self.changed(section_id))

    def bare_open(self, section_id: str) -> Request:
        return lambda: self.client.get(address("bench-section", self.rows[section_id].pk))

    def wizard_save(self, client: Client, section_id: str) -> Request:
        data = self.data[section_id] | {STEP_FIELD: [section_id]}
        return poster(client, address("bench-wizard", self.full.pk, section_id), data)

    def wizard_open(self, client: Client, section_id: str) -> Request:
        return lambda: client.get(address("bench-wizard", self.full.pk, section_id))


def _tasks(make: Callable[[str], Request]) -> list[Task]:
    return [lambda section_id=section_id: make(section_id) for section_id in TWELVE]  # type: ignore[misc]


def run() -> list[Line]:
    """W1 and W2 with their peers."""
    stage = Stage()
    save = Contender("12 filled", _tasks(lambda one: stage.save(stage.full, one)), 302)
    save_one = Contender("1 filled", _tasks(lambda one: stage.save(stage.one[one], one)), 302)
    bare_save = Contender("bare", _tasks(stage.bare_save), 302)
    wizard_save = Contender("session wizard", _tasks(lambda one: stage.wizard_save(stage.wizard_full, one)), 302)
    wizard_save_one = Contender(
        "session wizard, 1 filled", _tasks(lambda one: stage.wizard_save(stage.wizard_one[one], one)), 302
    )
    measure([save, save_one, bare_save, wizard_save, wizard_save_one])

    opened = Contender("12 filled", _tasks(lambda one: stage.open(stage.full, one)), 200)
    opened_one = Contender("1 filled", _tasks(lambda one: stage.open(stage.one[one], one)), 200)
    bare_open = Contender("bare", _tasks(stage.bare_open), 200)
    wizard_open = Contender("session wizard", _tasks(lambda one: stage.wizard_open(stage.wizard_full, one)), 200)
    measure([opened, opened_one, bare_open, wizard_open])
    return [
        Line("W1", "save, 12 filled", save, bare_save, goal=1.3),
        Line("W1", "save, 12 filled", save, save_one, goal=1.15, more_queries=0),
        Line("W1", "save, 12 filled", save, wizard_save),
        Line("W1", "(session wizard, 12 filled)", wizard_save, bare_save),
        Line("W1", "(session wizard, 12 filled)", wizard_save, wizard_save_one),
        Line("W2", "open, 12 filled", opened, bare_open, goal=1.2, more_queries=2),
        Line("W2", "open, 12 filled", opened, opened_one, more_queries=0),
        Line("W2", "open, 12 filled", opened, wizard_open),
        Line("W2", "(session wizard, 12 filled)", wizard_open, bare_open),
    ]
