"""The walk in Chromium: each page as it was sent, headers and all, with the portal's own style and script."""

from __future__ import annotations

import mimetypes
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, ConsoleMessage

from tests.walk.surf import STYLEGUIDE, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}  # the second is 1280 at 400 %

LISTEN = "document.addEventListener('securitypolicyviolation', e => console.error('CSP report: ' + e.blockedURI))"
AXE = "options => axe.run(document, options).then(found => found.violations)"
ASKED = Path(__file__).with_name("screen.js").read_text()


class Server(ThreadingHTTPServer):
    """Hands out one page as it was sent, and static files for ever; says what else was asked for.

    The status is always 200, since an error page is no fault of the browser's.
    """

    daemon_threads = True

    def __init__(self, axe: str) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://localhost:{self.server_port}"  # of another name Chromium says that it cannot trust it
        self.page: Page | None = None
        self.files: dict[str, tuple[str, bytes]] = {"/axe.js": ("text/javascript", axe.encode())}
        self.said: list[str] = []
        Thread(target=self.serve_forever, daemon=True).start()

    def file(self, path: str) -> tuple[str, bytes] | None:
        found = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if path not in self.files and isinstance(found, str):
            kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
            self.files[path] = kind, Path(found).read_bytes()
        return self.files.get(path)


class Answer(BaseHTTPRequestHandler):
    """One request to the server."""

    protocol_version = "HTTP/1.1"
    server: Server

    def handle_one(self) -> None:
        path, page = urlsplit(self.path).path, self.server.page
        if path == "/page" and page:
            self._send(200, page.headers | {"Cache-Control": "no-store"}, page.html.encode())
        elif file := self.server.file(path):
            self._send(200, {"Content-Type": file[0], "Cache-Control": "max-age=86400, immutable"}, file[1])
        else:
            if not self.headers["HX-Request"]:  # a page may ask anew how far its work is
                self.server.said.append(f"asked for {self.path}")
            self._send(204, {}, b"")

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name != "Content-Length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        """Nobody reads it."""

    do_GET = do_POST = handle_one  # noqa: N815


class Screen:
    """A browser that is shown pages and says what is wrong with them."""

    def __init__(self, browser: Browser) -> None:
        self._server = Server(Axe().axe_script)
        self._context = browser.new_context(viewport=WIDE, locale="zh-TW", reduced_motion="reduce")
        self._tab = self._context.new_page()
        self._tab.add_init_script(LISTEN)
        self._tab.on("console", self._on_console)
        self._tab.on("pageerror", lambda error: self._server.said.append(f"exception: {error}"))
        self.checks: Counter[str] = Counter()

    def close(self) -> None:
        self._context.close()
        self._server.shutdown()
        self._server.server_close()

    def show(self, page: Page, *, schemes: tuple[str, ...]) -> Iterator[str]:
        """What is wrong with the page: wide by all rules of axe, narrow, in forced colours.

        Args:
            schemes: in which axe measures contrast, for more than half of its time; none where that was done before.
        """
        tab = self._tab
        self._server.page, self._server.said = page, []
        tab.set_viewport_size(WIDE)  # type: ignore[arg-type]
        tab.emulate_media(color_scheme=(*schemes, "light")[0], forced_colors="none")  # type: ignore[arg-type]
        tab.goto(f"{self._server.url}/page", wait_until="load")
        tab.add_script_tag(url="/axe.js")
        yield from self._axe_says("axe", {"type": "tag", "values": RULES}, {"color-contrast": {"enabled": False}})
        for scheme in schemes:
            tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            yield from self._axe_says(f"contrast, {scheme}", {"type": "rule", "values": ["color-contrast"]}, {})
        tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
        yield from self._ask("sideways", "320 px")
        yield from self._ask("spaced", "320 px, wider text")
        yield from self._ask("still", "reduced motion")
        tab.emulate_media(forced_colors="active")
        yield from self._ask("forced", "forced colours")
        yield from self._server.said

    def _ask(self, what: str, when: str) -> Iterator[str]:
        self.checks[when] += 1
        if wrong := self._tab.evaluate(f"{ASKED}.{what}()"):
            yield f"{when}: {wrong}"

    def _axe_says(self, what: str, only: dict[str, Any], rules: dict[str, Any]) -> Iterator[str]:
        self.checks[what] += 1
        for fault in self._tab.evaluate(AXE, {"runOnly": only, "rules": rules, "resultTypes": ["violations"]}):
            node = fault["nodes"][0]
            if self._server.page and self._server.page.template == STYLEGUIDE and fault["id"] == "landmark-unique":
                continue  # it has each component once in each language and scheme
            yield f"axe {fault['id']} ({what}, {len(fault['nodes'])} ×) {node['html'][:160]} {node['target']}"

    def _on_console(self, message: ConsoleMessage) -> Any:
        if message.type == "error":
            self._server.said.append(f"console: {message.text}")
