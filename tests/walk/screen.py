"""The walk in Chromium: each page as it was sent, headers and all, with the portal's own style and script."""

from __future__ import annotations

import mimetypes
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, ConsoleMessage, Route

from tests.walk.surf import STYLEGUIDE, Page

ORIGIN = "http://localhost"  # of another name Chromium says that it cannot trust it without TLS
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}  # the second is 1280 at 400 %

LISTEN = "document.addEventListener('securitypolicyviolation', e => console.error('CSP report: ' + e.blockedURI))"
AXE = "options => axe.run(document, options).then(found => found.violations)"
ASKED = Path(__file__).with_name("screen.js").read_text()


class Screen:
    """A browser that is shown pages and says what is wrong with them."""

    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context(viewport=WIDE, locale="zh-TW", reduced_motion="reduce")
        self._tab = self._context.new_page()
        self._tab.add_init_script(LISTEN)
        self._tab.route("**/*", self._answer)
        self._tab.on("console", self._on_console)
        self._tab.on("pageerror", lambda error: self._said.append(f"exception: {error}"))
        self._said: list[str] = []
        self._page: Page | None = None
        self._axe = Axe().axe_script
        self.checks: Counter[str] = Counter()

    def close(self) -> None:
        self._context.close()

    def show(self, page: Page, *, schemes: tuple[str, ...]) -> Iterator[str]:
        """What is wrong with the page: wide, in the first scheme by all rules of axe, in others by colour; narrow."""
        tab = self._tab
        self._page, self._said = page, []
        tab.set_viewport_size(WIDE)  # type: ignore[arg-type]
        tab.emulate_media(color_scheme=schemes[0], forced_colors="none")  # type: ignore[arg-type]
        tab.goto(f"{ORIGIN}/page", wait_until="load")
        tab.evaluate(self._axe)
        yield from self._axe_says(schemes[0], {"type": "tag", "values": RULES})
        for scheme in schemes[1:]:
            tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            yield from self._axe_says(scheme, {"type": "rule", "values": ["color-contrast"]})
        tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
        yield from self._ask("sideways", "320 px")
        yield from self._ask("spaced", "320 px, wider text")
        yield from self._ask("still", "reduced motion")
        tab.emulate_media(forced_colors="active")
        yield from self._ask("forced", "forced colours")
        yield from self._said

    def _ask(self, what: str, when: str) -> Iterator[str]:
        self.checks[when] += 1
        if wrong := self._tab.evaluate(f"{ASKED}.{what}()"):
            yield f"{when}: {wrong}"

    def _axe_says(self, scheme: str, only: dict[str, Any]) -> Iterator[str]:
        self.checks[f"axe, {scheme}"] += 1
        for fault in self._tab.evaluate(AXE, {"runOnly": only, "resultTypes": ["violations"]}):
            node = fault["nodes"][0]
            if self._page and self._page.template == STYLEGUIDE and fault["id"] == "landmark-unique":
                continue  # it has each component once in each language and scheme
            yield f"axe {fault['id']} ({scheme}, {len(fault['nodes'])} ×) {node['html'][:160]} {node['target']}"

    def _answer(self, route: Route) -> None:
        """The page, or a static file; the status is always 200, since an error page is no fault of the browser's."""
        path = urlsplit(route.request.url).path
        if path == "/page" and self._page:
            route.fulfill(status=200, headers=self._page.headers, body=self._page.html)
            return
        file = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if isinstance(file, str):
            kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
            route.fulfill(status=200, content_type=kind, body=Path(file).read_bytes())
            return
        if "hx-request" not in route.request.headers:  # a page may ask anew how far its work is
            self._said.append(f"asked for {route.request.url}")
        route.fulfill(status=204)

    def _on_console(self, message: ConsoleMessage) -> Any:
        if message.type == "error":
            self._said.append(f"console: {message.text}")
