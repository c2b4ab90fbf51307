"""Pages as a browser without JavaScript has them, a case on its way through them, the database as one digest."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from django.db import connection
from django.test import Client

from accounts.kept import NOT_TYPED
from applications import trail
from applications.actions import filing
from applications.models import Application, Section
from tests.factories import FILED_AT, Cast, draft

Data = dict[str, list[str]]
LATER = FILED_AT + timedelta(minutes=5)
# what a reading leaves behind: sessions, and the record of what was given out
SESSIONS = {"django_session", "accounts_counter", "applications_issued"}


def parse(response: Any) -> Element:
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def text_of(node: Element) -> str:
    """All text, white space folded."""
    return " ".join("".join(node.itertext()).split())


def form(response: Any, action: str) -> Data:
    """What the form that posts to ``action`` would send, no button pressed."""
    found = [one for one in parse(response).iter("form") if one.get("action") == action]
    assert len(found) == 1, f"{len(found)} forms post to {action}"
    data: Data = {}
    for node in found[0].iter():
        name = node.get("name")
        if not name or node.get("disabled") is not None:
            continue
        values: list[str] = []
        if node.tag == "textarea":
            values = ["".join(node.itertext())]
        elif node.tag == "select":
            options = list(node.iter("option"))
            chosen = [one for one in options if one.get("selected") is not None] or options[:1]
            values = [one.get("value", text_of(one)) for one in chosen]
        elif node.tag == "input":
            kind = node.get("type", "text")
            if kind in {"checkbox", "radio"}:
                values = [node.get("value", "on")] if node.get("checked") is not None else []
            elif kind not in {"file", "submit"}:
                values = [node.get("value", "")]
        if values:
            data.setdefault(name, []).extend(values)
    for name in NOT_TYPED:
        data.pop(name, None)
    return data


def problems(response: Any) -> list[str]:
    """The lines of the error summary."""
    for node in parse(response).iter("div"):
        if node.get("class") == "error-summary":
            return [text_of(line) for line in node.iter("li")]
    return []


def url(case: Application, step: str) -> str:
    return f"/cases/{case.pk}/sections/{step}/"


def save(client: Client, case: Application, step: str, changes: dict[str, Any], button: str = "next") -> Any:
    """Open the page, change what is said, press a button."""
    page = client.get(url(case, step))
    data: dict[str, Any] = form(page, url(case, step)) | changes
    return client.post(url(case, step), data if "add" in data else data | {button: "1"})


def stored(case: Application, step: str) -> Section:
    return Section.objects.get(application=case, section_id=step)


def with_checker(cast: Cast, **more: Any) -> Application:
    case = draft(cast)
    return filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT, **more)


def database() -> dict[str, str]:
    """A digest of every table, sessions, counts of attempts and the log of readings aside."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in SESSIONS:
                readings = f" WHERE what NOT IN {trail.READINGS}" if table == "applications_event" else ""
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}{readings}")  # noqa: S608
                rows = sorted(map(repr, cursor.fetchall()))
                found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found
