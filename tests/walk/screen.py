"""The walk in Chromium: each page as it was sent, headers and all, with the portal's own style and script."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, ConsoleMessage, Route

from tests.walk.surf import Page

ORIGIN = "http://portal.example"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}  # the second is 1280 at 400 %

LISTEN = "document.addEventListener('securitypolicyviolation', e => console.error('CSP report: ' + e.blockedURI))"
SIDEWAYS = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return "";
  const out = [...document.querySelectorAll("main *, header *, nav *, footer *")].filter(one => one.getBoundingClientRect().right > innerWidth + 1);
  return `${document.documentElement.scrollWidth} px wide: ` + out.slice(-3).map(one => one.outerHTML.slice(0, 120)).join(" | ");
}"""
# WCAG 1.4.12: nothing is lost when a reader sets these; a sheet of one's own is not under the page's CSP
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }");
  document.adoptedStyleSheets = [sheet];
}"""
MOVES = "() => document.getAnimations().length ? 'something moves' : getComputedStyle(document.documentElement).scrollBehavior === 'smooth' ? 'scrolls smoothly' : ''"
# every control can be told from the page, and shows the focus, where the reader's colours are forced on it
FORCED = """() => {
  const seen = one => one.checkVisibility() && one.getBoundingClientRect().width > 1;
  const faults = [];
  for (const one of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!seen(one)) continue;
    one.focus({preventScroll: true, focusVisible: true});
    const style = getComputedStyle(one);
    if (document.activeElement === one && (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2)) faults.push("no focus: " + one.outerHTML.slice(0, 90));
  }
  for (const one of document.querySelectorAll(".button:not(.button--link), .tag:not(.tag--plain), .notice, .panel, .error-summary, input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea")) {
    const style = getComputedStyle(one);
    if (seen(one) && ![style.borderTopStyle, style.borderLeftStyle].some(kind => kind !== "none")) faults.push("no edge: " + one.outerHTML.slice(0, 90));
  }
  return [...new Set(faults)].slice(0, 3).join(" | ");
}"""


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
        self._axe = Axe()
        self.checks = 0

    def close(self) -> None:
        self._context.close()

    def show(self, page: Page, *, schemes: tuple[str, ...], forced: bool) -> Iterator[str]:
        """What is wrong with the page: wide in the first scheme by all rules of axe, in the others by colour; then narrow."""
        tab = self._tab
        self._page, self._said = page, []
        tab.set_viewport_size(WIDE)  # type: ignore[arg-type]
        tab.emulate_media(color_scheme=schemes[0], forced_colors="none")  # type: ignore[arg-type]
        tab.goto(f"{ORIGIN}/page", wait_until="load")
        for number, scheme in enumerate(schemes):
            if number:
                tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            rules = ["color-contrast"] if number else RULES
            yield from self._axe_says(rules, scheme, by="rule" if number else "tag")
        tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
        for when, first in (("", ""), (" with wider text", SPACED)):
            if first:
                tab.evaluate(first)
            self.checks += 1
            if wide := tab.evaluate(SIDEWAYS):
                yield f"320 px{when}: {wide}"
        if moves := tab.evaluate(MOVES):
            yield moves
        if forced:
            tab.emulate_media(forced_colors="active")
            self.checks += 1
            if lost := tab.evaluate(FORCED):
                yield f"forced colours: {lost}"
        yield from self._said

    def _axe_says(self, rules: list[str], scheme: str, *, by: str) -> Iterator[str]:
        self.checks += 1
        options = {"runOnly": {"type": by, "values": rules}, "resultTypes": ["violations"]}
        for fault in self._axe.run(self._tab, options=options).response["violations"]:
            yield f"axe {fault['id']} ({scheme}) {fault['nodes'][0]['html'][:160]} {fault['nodes'][0]['target']}"

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
        self._said.append(f"asked for {route.request.url}")
        route.fulfill(status=204)

    def _on_console(self, message: ConsoleMessage) -> Any:
        if message.type == "error":
            self._said.append(f"console: {message.text}")
