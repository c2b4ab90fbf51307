"""Help: words that explain themselves, the guideline to read, the first steps, the style page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from applications.first_steps import STEPS
from applications.views.styleguide import UNSAVED
from guideline.catalogue import every, load
from guideline.glossary import terms
from reviews.demo import sample
from tests.applications import pages
from tests.factories import Cast, draft, person

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ROOT = Path(__file__).resolve().parents[2]
VERSION = load(sample.VERSION)
CLAUSES = {id_ for id_, _text in VERSION.premises} | {item.id for item in VERSION.items()}


def ids(answer: Any) -> list[str]:
    return [node.get("id", "") for node in pages.parse(answer).iter() if node.get("id")]


# --- words ----------------------------------------------------------------------


def test_every_term_is_told_in_both_languages_and_stands_in_the_guideline() -> None:
    assert len(terms()) >= 20
    for term in terms().values():
        assert all((term.word.zh, term.word.en, term.meaning.zh, term.meaning.en)), term.id
        assert not term.clause or term.clause in CLAUSES | {section.id for section in VERSION.sections}, term.id
    assert len({term.word.zh for term in terms().values()}) == len(terms())


def test_every_outcome_of_a_filing_is_a_term() -> None:
    words = {term.word.zh for term in terms().values()}
    assert {kind.outcome.zh for kind in VERSION.kinds} <= words


def test_a_term_explains_itself_on_the_page_without_a_script(client: Client) -> None:
    case = draft(cast := Cast())
    client.force_login(cast.preparer)
    page = client.get(f"/cases/{case.pk}/")
    button = next(node for node in pages.parse(page).iter("button") if node.get("class") == "term")
    shown = next(node for node in pages.parse(page).iter("span") if node.get("id") == button.get("popovertarget"))
    assert (pages.text_of(button), shown.get("popover")) == ("核准", "")
    assert VERSION.authority.short.zh in pages.text_of(shown)
    assert len(ids(page)) == len(set(ids(page)))
    link = next(node.get("href", "") for node in shown.iter("a"))
    address, _, anchor = link.partition("#")
    assert anchor in ids(client.get(address))


def test_the_glossary_leads_to_clauses_that_are_there(client: Client) -> None:
    client.force_login(Cast().preparer)
    glossary = client.get("/help/glossary/")
    links = [node.get("href", "") for node in pages.parse(glossary).iter("a") if "/guideline/1" in node.get("href", "")]
    assert len(links) > 10
    there = {one: set(ids(client.get(one))) for one in {link.partition("#")[0] for link in links}}
    assert [link for link in links if link.partition("#")[2] not in there[link.partition("#")[0]]] == []


# --- the guideline --------------------------------------------------------------


def test_the_whole_guideline_can_be_read_and_each_clause_be_linked(client: Client) -> None:
    client.force_login(Cast().preparer)
    for version in every():
        page = client.get(f"/guideline/{version.id}/")
        text, found = pages.text_of(next(pages.parse(page).iter("main"))), ids(page)
        assert len(found) == len(set(found))
        for section in version.sections:
            if not section.kinds:
                assert {section.id, *(item.id for item in section.items)} <= set(found)
                assert all(" ".join(item.text.zh.split()) in text for item in section.items)
        assert {id_ for id_, _text in version.premises} <= set(found)
        assert all(" ".join(words.zh.split()) in text for _id, words in version.premises)
    assert client.get("/guideline/").headers["Location"] == f"/guideline/{every()[-1].id}/"
    assert client.get("/guideline/100-01-01/").status_code == 404


def test_a_section_leads_to_its_clauses(client: Client) -> None:
    case = draft(cast := Cast())
    client.force_login(cast.preparer)
    links = {node.get("href") for node in pages.parse(client.get(f"/cases/{case.pk}/sections/2.2.7/")).iter("a")}
    assert {f"/guideline/{VERSION.id}/#2.2.7.{number}" for number in (1, 2, 3, 4)} <= links


# --- the first steps -------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_first_steps_that_it_can_take(client: Client, role: Role) -> None:
    cast = Cast()
    user = person(role, firm=cast.firm if role in {Role.PREPARER, Role.CHECKER, Role.FIRM_ADMIN} else None)
    User.objects.filter(pk=user.pk).update(is_staff=role == Role.OPERATOR, is_superuser=role == Role.OPERATOR)
    client.force_login(user)
    home = client.get("/", follow=True)
    panel = next(node for node in pages.parse(home).iter("section") if node.get("class") == "first-steps")
    steps = list(panel.iter("li"))
    assert 3 <= len(steps) == len(STEPS[role]) <= 5
    for link in panel.iter("a"):
        assert client.get(link.get("href", ""), follow=True).status_code == 200, link.get("href")


def test_the_first_steps_are_put_away_for_one_person_and_called_back(client: Client) -> None:
    cast = Cast()
    client.force_login(cast.preparer)
    assert "first-steps-title" in ids(client.get("/"))
    assert client.get("/help/first-steps/").status_code == 405
    assert client.post("/help/first-steps/", {"over": "1"}).headers["Location"] == "/"
    assert "first-steps-title" not in ids(client.get("/"))
    assert [User.objects.get(pk=one.pk).first_steps_over for one in (cast.preparer, cast.checker)] == [True, False]
    assert "在首頁再顯示一次" in client.get("/help/").content.decode()
    client.post("/help/first-steps/", {"over": ""})
    assert "first-steps-title" in ids(client.get("/"))


# --- the style page --------------------------------------------------------------

# Not components: the page's own frame, what only a script or another page sets, and helpers of one page
NO_COMPONENT = {
    *("answer", "aside", "beside", "caption", "chart", "contents", "evidence", "filters", "footer", "glossary"),
    *("grid-two-thirds", "header", "item", "kind", "label", "law", "light", "mail-text", "mono", "nav", "no-print"),
    *("nowrap", "on-one-page", "prewrap", "skip", "small", "visually-hidden", "width"),
}


def test_the_style_page_is_for_the_demo_alone(client: Client, settings: Any) -> None:
    client.force_login(Cast().preparer)
    assert client.get("/styleguide/").status_code == 404
    settings.DEMO = True
    assert client.get("/styleguide/").status_code == 200


def test_the_style_page_shows_every_component_in_both_languages(client: Client, settings: Any) -> None:
    settings.DEMO = True
    client.force_login(Cast().preparer)
    page = client.get("/styleguide/")
    tree = pages.parse(page)
    parts = [node for node in tree.iter("section") if "specimens" in node.get("class", "")]
    assert [(one.get("lang"), one.get("class", "").split()[1]) for one in parts] == [
        ("zh-Hant-TW", "light"),
        ("zh-Hant-TW", "dark"),
        ("en", "light"),
        ("en", "dark"),
    ]
    assert len(ids(page)) == len(set(ids(page)))
    css = re.sub(r"/\*.*?\*/|\"[^\"]*\"|\{[^{}]*\}", "", (ROOT / "static/css/portal.css").read_text(), flags=re.DOTALL)
    blocks = {name for name in re.findall(r"\.([a-z][a-z0-9-]*)", css) if "--" not in name and "__" not in name}
    for part in parts:
        shown = {name for node in part.iter() for name in node.get("class", "").split()}
        assert blocks - NO_COMPONENT - shown == set()
    used = "".join(path.read_text() for path in (ROOT / "templates/help").glob("*.html"))
    drawn = {path.name for path in (ROOT / "templates/components").glob("*.html")}
    # what is a sentence of one kind of case is a notice, and first_steps is drawn with its inner part
    sentences = {
        "htmx.html",
        "lapsed.html",
        "newer_version.html",
        "pre_review.html",
        "first_steps.html",
        "form_errors.html",
    }
    assert {name for name in drawn - sentences if f"components/{name}" not in used} == set()


def test_the_style_page_shows_every_answer_to_an_autosave_and_what_comes_before_a_sign_out(
    client: Client, settings: Any
) -> None:
    settings.DEMO = True
    client.force_login(Cast().preparer)
    tree = pages.parse(client.get("/styleguide/"))
    told = re.findall(r'why == "(\w+)"', (ROOT / "templates/components/autosave_state.html").read_text())
    assert set(told) < set(UNSAVED)  # and one for any other reason
    for part in (node for node in tree.iter("section") if "specimens" in node.get("class", "")):
        lines = [pages.text_of(node) for node in part.iter("p") if node.get("class") == "autosave__state"]
        assert len({line for line in lines if line}) == 3 + len(UNSAVED)  # saved, no connection, refused, and these
        boxes = [node for node in part.iter("dialog") if node.get("open") is not None]
        assert [[p.get("data-over") for p in box.iter("p") if p.get("hidden") is None] for box in boxes] == [
            ["false"],
            ["true"],
        ]


def test_dark_on_the_style_page_is_the_dark_of_every_page() -> None:
    """A token of the light scheme has its dark one, in both files."""
    portal, own = ((ROOT / f"static/css/{name}.css").read_text() for name in ("portal", "styleguide"))
    light, dark = portal.partition("@media screen and (prefers-color-scheme: dark)")[::2]
    lists = [re.findall(r"(--[a-z-]+): (#\w+);", part) for part in (light, dark.partition("/* --- ")[0], own)]
    assert lists[1] == lists[2]
    assert [name for name, _colour in lists[0]] == [name for name, _colour in lists[1]]
