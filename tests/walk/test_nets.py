"""The walk finds what it looks for: each fault, planted."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.walk.markup import SYSTEM, Source
from tests.walk.screen import Screen
from tests.walk.surf import Page

GOOD = f"""<!DOCTYPE html>
<html lang="zh-Hant-TW"><head><meta charset="utf-8"><title>首頁 — {SYSTEM["zh-hant"]}</title>
<link rel="icon" href="/static/favicon.svg"><link rel="stylesheet" href="/static/css/portal.css"></head>
<body><main><h1>首頁</h1><p>說明</p><a id="a" href="/">回首頁</a></main></body></html>"""
CSP = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'self'"}


def source(old: str, new: str) -> list[str]:
    assert old in GOOD
    return list(Source(GOOD.replace(old, new)).faults("zh-hant"))


def test_faults_of_the_source_are_found() -> None:
    assert list(Source(GOOD).faults("zh-hant")) == []
    assert source("</a>", "</b>")[0].startswith("unexpected-end-tag {'name': 'b'} at")
    assert source("zh-Hant-TW", "en") == ["lang is en"]
    assert source("<h1>", '<h1 id="a">') == ["id 'a' 2 times"]
    assert source('href="/"', 'href="#b"') == ["link to #b, which is not there"]
    assert source("<h1>", '<h1 aria-labelledby="a b">') == ["h1 aria-labelledby leads to no #b"]
    assert source("<h1>", '<h1 style="color: red" onclick="x()">') == ["inline style", "inline onclick"]
    assert source("<h1>首頁</h1>", "") == ["0 × h1"]
    assert source("首頁 — ", "") == [f"title {SYSTEM['zh-hant']!r} does not say page and system"]
    told = source("<h1>", '<div class="error-summary" role="alert"></div><h1>')
    assert told == [f"title {'首頁 — ' + SYSTEM['zh-hant']!r} does not begin with the error"]


def test_faults_on_the_screen_are_found(browser: Browser) -> None:
    screen = Screen(browser)

    def shown(old: str = "", new: str = "", headers: dict[str, str] | None = None) -> list[str]:
        page = Page("home", "who", "zh-hant", "/", 200, GOOD.replace(old, new), headers or CSP, "home.html")
        return [fault.split(":")[0].split(" (")[0] for fault in screen.show(page, schemes=("light", "dark"))]

    def styled(rule: str) -> list[str]:
        return shown("</head>", f"<style>{rule}</style></head>", {"Content-Type": CSP["Content-Type"]})

    assert shown() == []
    assert shown("<h1>", "<h1><input>") == ["axe label"]
    assert shown("<h1>", '<h1 style="color: red">') == ["console", "console"]  # Chromium's line, and ours on the report
    assert shown("</main>", '<script src="/none.js"></script></main>')[0] == "asked for /none.js"
    assert styled("p { color: #666; background: #555 }") == ["axe color-contrast", "axe color-contrast"]
    assert styled("@media (prefers-color-scheme: dark) { p { color: #222 } }") == ["axe color-contrast"]
    assert styled("main { min-width: 30rem }") == ["320 px", "320 px, wider text"]
    nearly = f"p {{ white-space: nowrap; font: 20px monospace }} p::after {{ content: '{20 * 'x'}' }}"
    assert styled(nearly) == ["320 px, wider text"]
    assert styled("@keyframes x { to { opacity: .9 } } h1 { animation: x 9s infinite !important }") == [
        "reduced motion"
    ]
    assert styled("a:focus-visible { outline: none !important }") == ["forced colours"]
    screen.close()
