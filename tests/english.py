"""Pages as a reader of English has them: what of them is Chinese, and was typed by nobody."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from django.apps import apps
from django.conf import settings
from django.db.models import CharField, JSONField, TextField
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real

from accounts.models import Firm, User
from applications.models import Application
from tests.applications import pages

ROOT = Path(__file__).resolve().parent.parent
PO = Path("locale/en/LC_MESSAGES/django.po")
CHINESE = re.compile(r"[㐀-䶿一-鿿豈-﫿、。，：；！？（）「」『』［］／]")
# A document number is written in Chinese in any language; 員工編號 and 姓名 are headings of a file in Chinese.
AS_IT_IS = re.compile(r"\S*字第\S*號|員工編號|姓名")
NO_PAGE = re.compile(r"/files/|/admin/|/static/|/original/|\.\w+$")
SPOKEN = ("aria-label", "title", "alt", "placeholder", "data-label", "data-offline", "data-refused")


@contextmanager
def catalogue(folder: Path) -> Iterator[None]:
    """The English catalogue, compiled into ``folder`` for as long as this lasts."""
    compiled = folder / "locale" / PO.relative_to("locale").with_suffix(".mo")
    compiled.parent.mkdir(parents=True)
    subprocess.run(["msgfmt", "-o", compiled, ROOT / PO], check=True)
    before = settings.LOCALE_PATHS
    settings.LOCALE_PATHS = [folder / "locale"]
    _forget()
    yield
    settings.LOCALE_PATHS = before
    _forget()


def _forget() -> None:
    trans_real._translations = {}
    trans_real._default = None
    translation.activate(settings.LANGUAGE_CODE)


def chinese(response: Any, *typed: str) -> set[str]:
    """What of a page is in Chinese: texts and spoken attributes outside of [lang=zh-Hant-TW], not typed by anybody."""
    assert response.status_code in {200, 409}, (response.request["PATH_INFO"], response.status_code)
    return {text for text in _said(pages.parse(response)) if CHINESE.search(_without(text, typed))}


def _without(text: str, typed: tuple[str, ...]) -> str:
    for one in typed:
        text = text.replace(one, "")
    return AS_IT_IS.sub("", text)


def _said(node: Element) -> Iterator[str]:
    if isinstance(node.tag, str) and node.tag not in {"script", "style"} and node.get("lang") != "zh-Hant-TW":
        yield from (node.get(name, "") for name in SPOKEN)
        yield (node.text or "").strip()
        for child in node:
            yield from _said(child)
    yield (node.tail or "").strip()


def typed_in(case: Application) -> tuple[str, ...]:
    """Everything that people wrote into a case, the longest first."""
    found: set[str] = set()
    _collect(list(case.sections.values_list("answers", flat=True)), found)
    _collect([list(row.values()) for row in case.roster.values()], found)
    _collect(list(case.attachments.values_list("name", flat=True)), found)
    return _longest_first(found)


def _longest_first(found: set[str]) -> tuple[str, ...]:
    return tuple(sorted((text for text in found if CHINESE.search(text)), key=len, reverse=True))


def _collect(value: Any, found: set[str]) -> None:
    if isinstance(value, str):
        found.update(part for part in (value.strip(), *(line.strip() for line in value.splitlines())) if part)
    elif isinstance(value, dict):
        for one in value.values():
            _collect(one, found)
    elif isinstance(value, list | tuple):
        for one in value:
            _collect(one, found)


def typed_anywhere() -> tuple[str, ...]:
    """Everything that is written in the database, roles of the record aside, the longest first."""
    found: set[str] = set()
    for model in apps.get_models():
        columns = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, CharField | TextField | JSONField) and field.name != "actor_role"
        ]
        for row in model._base_manager.values_list(*columns) if columns else ():
            _collect(row, found)
    found |= {name.removesuffix("股份有限公司") for name in Firm.objects.values_list("name", flat=True)}
    return _longest_first(found)


def walk(user: User, typed: tuple[str, ...], *, most: int = 1) -> tuple[int, dict[str, set[str]]]:
    """Follow every link that this person meets: how many pages, and what Chinese is left on which of them.

    Args:
        most: pages of each kind of address.
    """
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    todo, seen, kinds = ["/"], {"/"}, Counter[str]()
    left: dict[str, set[str]] = {}
    while todo:
        path = todo.pop(0)
        kind = re.sub(r"\d+(?=/)", "0", path.split("?")[0])
        kinds[kind] += 1
        if kinds[kind] > most:
            continue
        answer = client.get(path, follow=True)
        if "html" not in answer.get("Content-Type", ""):
            if answer.streaming:
                b"".join(answer)  # a file, read to its end, is closed
            continue
        if found := chinese(answer, *typed):
            left[path] = found
        links = [link.get("href", "").split("#")[0] for link in pages.parse(answer).iter("a")]
        fresh = {link for link in links if link.startswith("/") and not NO_PAGE.search(link)} - seen
        seen |= fresh
        todo += sorted(fresh)
    return len(kinds), left
