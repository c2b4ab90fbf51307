"""Cases to measure on: the sample filing's answers, with texts as long as the goal says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from accounts.models import User
from applications.actions.evidence import entry
from applications.enums import Mark
from applications.forms.fields import TableWidget
from applications.forms.section import SectionForm
from applications.models import Application, Attachment, Citation, RosterEntry, Section
from guideline.catalogue import load
from reviews.demo import sample
from tests.bench.bare import form_kwargs
from tests.bench.timing import Request
from tests.factories import FILED_AT, VERSION, Cast, roster

CHARACTERS = 3000  # a section
TWELVE = tuple(page.id for page in load(VERSION).sections if page.id.startswith("2.2."))

Answers = dict[str, dict[str, Any]]


def long_answers(section_id: str) -> Answers:
    """The sample's answers of a section, its texts repeated until they have ``CHARACTERS`` together."""
    page, given = load(VERSION).section(section_id), sample.answers()
    each = CHARACTERS // len(page.items)
    found = {}
    for item in page.items:
        text = given[item.id]["text"]
        found[item.id] = given[item.id] | {"text": (text * (each // len(text) + 1))[:each]}
    return found


def draft(cast: Cast, filled: Iterable[str]) -> Application:
    """A draft for every line with its roster, no files, and these sections filled."""
    facts = sample.facts()
    case = Application.objects.create(
        firm=cast.firm,
        kind="first",
        version_id=VERSION,
        created_by=cast.preparer,
        created_at=FILED_AT,
        changed_at=FILED_AT,
        lines=[line.id for line in load(VERSION).lines if line.id in facts.lines],
        first_day=facts.first_day,
        last_day=facts.last_day,
        staff_at_home=facts.staff_at_home,
    )
    RosterEntry.objects.bulk_create(entry(case, position, row) for position, row in enumerate(roster(), 1))
    Section.objects.bulk_create(
        Section(
            application=case,
            section_id=section_id,
            answers=long_answers(section_id),
            mark=Mark.STARTED,
            revision=1,
            saved_by=cast.preparer,
            saved_at=FILED_AT,
        )
        for section_id in filled
    )
    return case


def copy(case: Application) -> Application:
    """Another case with the same content and status."""
    files = {file.pk: file for file in Attachment.objects.filter(application=case)}
    citations = Citation.objects.filter(application=case)
    kept = [Section.objects.filter(application=case), RosterEntry.objects.filter(application=case)]
    rows = [(rows.model, list(rows)) for rows in kept]
    new = Application.objects.get(pk=case.pk)
    new.pk = None
    new._state.adding = True
    new.save()
    for model, found in rows:
        for row in found:
            row.pk, row.application = None, new
        model.objects.bulk_create(found)
    fresh = list(citations)
    for file in files.values():
        file.pk, file.application = None, new
    Attachment.objects.bulk_create(files.values())
    for citation in fresh:
        citation.pk, citation.application, citation.attachment = None, new, files[citation.attachment_id]
    Citation.objects.bulk_create(fresh)
    return new


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(case: Application, section_id: str, answers: Answers) -> dict[str, list[str]]:
    """What a browser posts of the section's form with these answers in it."""
    page = case.version.section(section_id)
    form = SectionForm(initial=SectionForm.initial_of(answers), **form_kwargs(case, page))
    data: dict[str, list[str]] = {"next": ["1"]}
    for bound in form:
        value = bound.value()
        if isinstance(bound.field.widget, TableWidget):
            data |= _table(bound.field.widget, bound.name, value)
        elif isinstance(value, list):
            data[bound.name] = value
        elif value is not None:
            data[bound.name] = [str(value)]
    for item in page.items:
        data[f"ev-{item.id}-place"] = [""]
    return data


def _table(widget: TableWidget, name: str, value: Any) -> dict[str, list[str]]:
    drawn = widget.get_context(name, value, {})["widget"]
    data = {f"{name}-rows": [str(drawn["count"])]}
    for row in drawn["rows"]:
        data[f"{name}-{row['number']}-key"] = [str(row["key"])]
        for cell in row["cells"]:
            data[cell["name"]] = cell["value"] if isinstance(cell["value"], list) else [str(cell["value"])]
    return data


def poster(client: Client, address: str, data: dict[str, Any]) -> Request:
    """A POST as a browser's form sends it, encoded before the clock starts."""
    body = encode_multipart(BOUNDARY, data)
    return lambda: client.generic("POST", address, body, content_type=MULTIPART_CONTENT)


def address(name: str, *args: Any) -> str:
    return reverse(name, args=args)
