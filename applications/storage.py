"""The wizard's storage: one row a section, in the database.

formtools' own storages keep one blob in the session: a second tab overwrites it, a
logout loses it, a GET can file it. Here the marks of all sections and the answers of the
current page are one query; ``reset`` does nothing, and what is kept is what
``actions.drafting.save_section`` kept.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Case, JSONField, When
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from formtools.wizard.storage.base import BaseStorage

from applications.models import Section


class SectionStorage(BaseStorage):
    """Reads the sections of ``request.case``; the wizard's POST writes them by an action."""

    def __init__(self, prefix: str, request: Any = None, file_storage: Any = None) -> None:
        super().__init__(prefix, request, file_storage)
        self.init_data()

    @cached_property
    def marks(self) -> dict[str, Section]:
        """The sections of the case; only the current step's has its answers."""
        here = Case(When(section_id=self.current_step, then="answers"), output_field=JSONField())
        rows = Section.objects.filter(application=self.request.case).only("section_id", "mark", "carry", "revision")
        return {row.section_id: row for row in rows.annotate(here=here)}

    @cached_property
    def row(self) -> Section:
        """The row of the current step, empty where nothing has been saved yet."""
        found = self.marks.get(self.current_step)
        if found is None:
            return Section(application=self.request.case, section_id=self.current_step)
        found.answers = found.here  # type: ignore[attr-defined]
        return found

    def reset(self) -> None:
        """Nothing: a draft is only ended by an action."""

    def get_step_data(self, step: str) -> None:
        """None: a page is drawn from its row as initial values, never as a bound form."""
        return

    def set_step_data(self, step: str, cleaned_data: MultiValueDict | dict[str, Any]) -> None:
        raise TypeError("sections are written by save_section")
