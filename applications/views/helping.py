"""Help: the first steps, the words, the guideline itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.http import Request
from applications import policy
from applications.first_steps import steps_of
from applications.naming import words
from applications.present import clause_number, english
from applications.templatetags.help import meaning
from guideline.catalogue import EMPTY, Version, Words, every, in_force
from guideline.glossary import terms


@require_GET
def index(request: Request) -> HttpResponse:
    """The first steps of this person's role, and what can be looked up."""
    may_start = request.user.firm is not None and policy.may(request.user, "create")
    return render(request, "help/help.html", {"steps": steps_of(request.user), "may_start": may_start})


@require_GET
def glossary(request: Request) -> HttpResponse:
    """Every word that the pages explain."""
    law = in_force(timezone.localdate())
    numbers = {clause.id: clause.number for clause in clauses(law)} | {
        item.id: item.number for clause in clauses(law) for item in clause.items
    }
    rows = [
        (
            one,
            words(one.word),
            (one.word.zh, "zh-Hant-TW") if english() else (one.word.en, "en"),
            meaning(one),
            numbers.get(one.clause, ""),
        )
        for one in terms().values()
    ]
    return render(request, "help/glossary.html", {"terms": rows})


@require_GET
def guideline_now(request: Request) -> HttpResponse:
    """The version in force today."""
    return redirect("guideline", in_force(timezone.localdate()).id)


@require_GET
def guideline(request: Request, version_id: str) -> HttpResponse:
    """The whole text of one version; each clause is found by its id behind the #."""
    version = next((one for one in every() if one.id == version_id), None)
    if version is None:
        raise Http404
    context = {
        "version": version,
        "others": [one for one in every() if one.id != version_id],
        "clauses": clauses(version),
    }
    return render(request, "help/guideline.html", context)


@dataclass(frozen=True)
class Clause:
    """One clause as it is read: what the page says of it, its text, and the clauses in it."""

    id: str
    number: str
    title: str = ""
    text: Words = EMPTY
    borrowed: str = ""
    items: tuple[Clause, ...] = ()


def clauses(version: Version) -> list[Clause]:
    """The clauses in the order of the text: quoted and answered, but no page of our own."""
    found = [
        Clause(
            section.id,
            clause_number(section),
            words(section.title),
            items=tuple(
                Clause(item.id, clause_number(item), words(item.title), item.text, version.borrowed.get(item.id, ""))
                for item in section.items
            ),
        )
        for section in version.sections
        if not section.kinds
    ]
    for id_, text in version.premises:
        number = _number(version, id_)
        found.append(Clause(id_, number, items=(Clause(id_, number, "", text, version.borrowed.get(id_, "")),)))
    return sorted(found, key=lambda one: [int(part) for part in one.id.split(".") if part.isdigit()])


def _number(version: Version, premise: str) -> str:
    """The number of a premise, read off the first page that rests on it or stands in it."""
    for section in version.sections:
        if section.id.startswith(f"{premise}.") and not english():
            return section.number if section.kinds else section.number.split("（")[0]
    return premise
