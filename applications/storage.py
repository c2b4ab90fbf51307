"""The wizard's storage: one row a section, in the database.

formtools' own storages keep one blob in the session: a second tab overwrites it, a
logout loses it, a GET can file it. Here the marks of all sections are one query, the
answers of the current page another; ``reset`` does nothing, and what is kept is what
``actions.drafting.save_section`` kept.
"""

from __future__ import annotations

from typing import Any

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
        """The sections of the case without their answers."""
        rows = Section.objects.filter(application=self.request.case).select_related("saved_by").defer("answers")
        return {row.section_id: row for row in rows}

    def section(self, step: str) -> Section:
        """The row of a step, empty where nothing has been saved yet."""
        found = Section.objects.filter(application=self.request.case, section_id=step).first()
        return found or Section(application=self.request.case, section_id=step)

    def reset(self) -> None:
        """Nothing: a draft is only ended by an action."""

    def get_step_data(self, step: str) -> None:
        """None: a page is drawn from its row as initial values, never as a bound form."""
        return

    def set_step_data(self, step: str, cleaned_data: MultiValueDict | dict[str, Any]) -> None:
        raise TypeError("sections are written by save_section")
