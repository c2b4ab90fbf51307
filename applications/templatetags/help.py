"""Help where it is needed: a word that explains itself, a clause that leads to its text, the first steps of a role."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from applications.first_steps import steps_of
from applications.naming import named, words
from applications.present import clause_number
from guideline.catalogue import Item, Section, Version, Words
from guideline.glossary import Term, by_word, terms

register = template.Library()


@register.simple_tag
def term(what: str | Words, version: Version | None = None) -> SafeString | str:
    """A word with its explanation behind it, without JavaScript: by the id of the term, or by a text of the catalogue.

    A text of the catalogue that is no term is shown as it is. Once a page for each term: it is also the id.
    """
    found = by_word().get(what.zh) if isinstance(what, Words) else terms()[what]
    if found is None:
        return words(what) if isinstance(what, Words) else ""
    return format_html(
        '<button type="button" class="term" popovertarget="term-{id}">{shown}</button>'
        '<span popover class="popover" id="term-{id}">'
        '<strong>{word}</strong><span>{meaning}</span><a href="{page}#{id}">{more}</a></span>',
        id=found.id,
        shown=words(what if isinstance(what, Words) else found.word),
        word=words(found.word),
        meaning=meaning(found, version),
        page=reverse("glossary"),
        more=gettext("詞彙表"),
    )


def meaning(one: Term, version: Version | None = None) -> str:
    return named(words(one.meaning), version)


@register.filter
def clause_link(one: Item | Section, version: Version) -> SafeString:
    """The number of a clause, which leads to its text in the guideline."""
    address = reverse("guideline", args=[version.id])
    return format_html('<a href="{}#{}">{}</a>', address, one.id, clause_number(one))


@register.inclusion_tag("components/first_steps.html", takes_context=True)
def first_steps(context: template.Context) -> dict[str, Any]:
    """The first steps of this person's role, until they are put away."""
    user = context["request"].user
    return {
        "steps": () if user.first_steps_over else steps_of(user),
        "csrf_token": context.get("csrf_token"),
    }
