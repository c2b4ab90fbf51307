"""What a page's source has to keep to, and what can be sent from its forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

import html5lib
from django.core.files.uploadedfile import SimpleUploadedFile

IDREFS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "headers", "list", "form", "popovertarget")
LANGUAGES = {"zh-hant": "zh-Hant-TW", "en": "en"}
SYSTEM = {"zh-hant": "證券商居家辦公申報系統", "en": "Work-from-home portal for securities firms"}
ERROR = {"zh-hant": "錯誤：", "en": "Error: "}
SHAPE = re.compile(r"<([a-z0-9]+)((?:\s[^<>]*)?)>")
MATTERS = re.compile(r'\b(class|type|role|aria-invalid|aria-current|open|disabled|readonly|popover)(?:="([^"]*)")?')
TOO_LONG = "字" * 3000

Sent = dict[str, list[object]]


def shapes(html: str) -> str:
    """The kinds of elements of a page in the order of first appearance: two pages with the same differ in words."""
    found = dict.fromkeys(tag + str(sorted(MATTERS.findall(rest))) for tag, rest in SHAPE.findall(html))
    return "\n".join(found)


@dataclass
class Form:
    """A form: where to and how, its fields, its buttons."""

    action: str
    posts: bool
    hidden: Sent = field(default_factory=dict)
    typed: dict[str, tuple[str, list[object]]] = field(default_factory=dict)  # name -> kind, what stands there
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, where it posts instead

    def empty(self) -> Sent:
        return dict(self.hidden)

    def as_it_stands(self) -> Sent:
        return self.hidden | {name: values for name, (kind, values) in self.typed.items() if values and kind != "file"}

    def texts(self) -> Sent:
        """Something typed into each box for a text."""
        return {
            name: ["已經寫好的一段說明，送出時登入已逾時。" * 2]
            for name, (kind, _values) in self.typed.items()
            if kind == "long"
        }

    def bad(self) -> Sent:
        """Too long, of no such choice, no day, no file of a known kind."""
        sent = dict(self.hidden)
        for name, (kind, _values) in self.typed.items():
            if kind == "file":
                sent[name] = [SimpleUploadedFile("<b>.exe", b"MZ" + bytes(64))]
            else:
                sent[name] = [
                    "115/13/45" if kind in {"text", "date"} else "none such" if kind == "one of" else TOO_LONG
                ]
        return sent

    def stale(self) -> Sent | None:
        """As the page stands, drawn before somebody else's deed; nothing where the form has no revision."""
        old = {name: ["987654"] for name in self.hidden if name.split("-")[-1] in {"revision", "submission"}}
        return self.as_it_stands() | old if old else None


class Source:
    """A page as it was sent."""

    def __init__(self, html: str) -> None:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(html)
        self.errors = [f"{code} {more or ''} at {place}" for place, code, more in parser.errors]
        self.all = list(self.root.iter())

    def faults(self, language: str) -> Iterator[str]:
        yield from self.errors
        if self.root.get("lang") != LANGUAGES[language]:
            yield f"lang is {self.root.get('lang')}"
        ids = Counter(node.get("id") for node in self.all if node.get("id") is not None)
        yield from (f"id {name!r} {count} times" for name, count in ids.items() if count > 1 or not name)
        for node in self.all:
            for name in IDREFS:
                wanted = (node.get(name) or "").split()
                yield from (f"{node.tag} {name} leads to no #{one}" for one in wanted if one not in ids)
            href = node.get("href") or ""
            if href.startswith("#") and len(href) > 1 and href[1:] not in ids:
                yield f"link to {href}, which is not there"
            yield from (f"inline {name}" for name in node.attrib if name == "style" or name.startswith("on"))
        for tag in ("h1", "main", "title"):
            count = sum(1 for _ in self.root.iter(tag))
            if count != 1:
                yield f"{count} × {tag}"
        yield from self._title(language)

    def _title(self, language: str) -> Iterator[str]:
        title = self.title
        if not title.endswith(f" — {SYSTEM[language]}") or title.startswith(" — "):
            yield f"title {title!r} does not say page and system"
        told = any(node.get("class") == "error-summary" and node.get("role") == "alert" for node in self.all)
        if told and not title.startswith(ERROR[language]):
            yield f"title {title!r} does not begin with the error"

    @property
    def title(self) -> str:
        return " ".join("".join(next(self.root.iter("title")).itertext()).split())

    def links(self) -> list[str]:
        return [node.get("href") or "" for node in self.root.iter("a")]

    def forms(self) -> list[Form]:
        return [_form(node) for node in self.root.iter("form") if node.get("method") != "dialog"]


def _form(node: Element) -> Form:
    form = Form((node.get("action") or "").partition("#")[0], node.get("method") == "post")
    for part in node.iter():
        name, kind = part.get("name"), part.get("type", "submit" if part.tag == "button" else "text")
        if part.tag == "button" and kind == "submit":
            if part.get("formmethod") == "dialog":
                continue
            form.buttons.append((name or "", part.get("value") or "", part.get("formaction") or form.action))
        elif not name or name == "csrfmiddlewaretoken" or part.get("disabled") is not None:
            continue
        elif part.tag == "textarea":
            form.typed[name] = ("long", ["".join(part.itertext()).removeprefix("\n")])
        elif part.tag == "select":
            chosen = [one.get("value") or "" for one in part.iter("option") if one.get("selected") is not None]
            form.typed[name] = ("one of", list(chosen))
        elif part.tag == "input" and kind == "hidden":
            form.hidden.setdefault(name, []).append(part.get("value") or "")
        elif part.tag == "input" and kind in {"radio", "checkbox"}:
            _kind, values = form.typed.setdefault(name, ("one of", []))
            if part.get("checked") is not None:
                values.append(part.get("value") or "on")
        elif part.tag == "input":
            form.typed[name] = ("file" if kind == "file" else kind, [part.get("value") or ""])
    return form
