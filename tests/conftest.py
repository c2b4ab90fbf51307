"""What every test stands on: settings for tests, throw-away services, the browser.

Bare ``pytest`` starts what is missing. Without DATABASE_URL the tests run on a PostgreSQL cluster of their own;
``DATABASE_URL=sqlite://:memory: pytest`` runs them on SQLite (in a file, as in production).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.utils import translation
from playwright.sync_api import BrowserContext, ConsoleMessage, Response, WebError

from tests import clamd, services

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

until_the_end = ExitStack()
workspace = Path(tempfile.mkdtemp(prefix="wfh-"))
until_the_end.callback(shutil.rmtree, workspace, ignore_errors=True)

hypothesis.settings.register_profile("portal", deadline=None, print_blob=True)
hypothesis.settings.load_profile("portal")


def pytest_configure(config: pytest.Config) -> None:
    """Set the environment that settings are read from, before Django is set up.

    xdist's workers take the database's address from the process that started them; all else is one's own.
    """
    if django_settings.configured:
        raise pytest.UsageError("DJANGO_SETTINGS_MODULE is set: the tests choose their settings themselves")
    if "DATABASE_URL" not in os.environ:
        os.environ |= until_the_end.enter_context(services.postgres())
        os.environ["DATABASE_URL"] = "postgres:///wfh"
    for folder in ("media", "static"):
        (workspace / folder).mkdir()
    for name in ("DEBUG", "DEMO"):
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "wfh_portal.settings",
        "SECRET_KEY": "for tests only",
        "SECURE": "0",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "CONN_MAX_AGE": "0",
        "MEDIA_ROOT": str(workspace / "media"),
        "STATIC_ROOT": str(workspace / "static"),
        "REDIS_URL": f"redis+socket://{workspace / 'redis.sock'}",
        "EMAIL_URL": "memorymail://",
        # Playwright keeps an event loop in this thread, which Django would take for an async view.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }
    django_settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if on_sqlite():
        django_settings.DATABASES["default"]["TEST"] = {"NAME": str(workspace / "test.sqlite3")}
    del os.environ["DJANGO_SETTINGS_MODULE"]  # xdist's workers would read the settings before their own environment


def pytest_sessionstart(session: pytest.Session) -> None:
    """Fixtures that need models: a conftest.py named on the command line is read before Django is set up."""
    session.config.pluginmanager.import_plugin("tests.browser.people")


def pytest_unconfigure() -> None:
    until_the_end.close()


def on_sqlite() -> bool:
    return django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses a browser or the database; on SQLite leave out what only a server can do."""
    kept = []
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "browser" in fixtures:
            item.add_marker("browser")
        if fixtures & {"db", "transactional_db", "live_server"} or item.get_closest_marker("django_db"):
            item.add_marker("database")
        if not (on_sqlite() and item.get_closest_marker("postgres")):
            kept.append(item)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture(autouse=True)
def _in_chinese() -> None:
    """A request in English leaves its language behind; no test inherits it."""
    translation.deactivate()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Path]:
    """A real redis-server, which is settings.REDIS_URL; yields its socket."""
    with services.redis(workspace) as path:
        yield path


@pytest.fixture(scope="session")
def clamd_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[clamd.Clamd]:
    """A real clamd, of which no setting tells yet."""
    with clamd.clamd(tmp_path_factory.mktemp("clamd")) as running:
        yield running


@pytest.fixture
def smtp_sink(settings: Any) -> Iterator[services.MailServer]:
    """A mail server that keeps what it is sent, by this process and by ``celery_worker_process``."""
    server = services.MailServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield server
    server.stop()


@pytest.fixture
def celery_worker_process(
    transactional_db: None, redis_server: Path, smtp_sink: services.MailServer, tmp_path: Path
) -> Iterator[services.CeleryWorker]:
    """A real worker process on the test database, sending mail to ``smtp_sink``."""
    name = django_settings.DATABASES["default"]["NAME"]
    address = f"sqlite:///{name}" if on_sqlite() else f"postgres:///{name}"
    worker = services.CeleryWorker(
        env={"DATABASE_URL": address, "EMAIL_URL": smtp_sink.url}, log=tmp_path / "worker.log"
    )
    worker.start()
    yield worker
    worker.stop()


class BrowserFaults(list[str]):
    """What went wrong in the browser: errors on the console, uncaught exceptions, answers of 500 and above."""

    def __init__(self) -> None:
        super().__init__()
        self._expected: list[re.Pattern[str]] = []

    def expect(self, pattern: str) -> None:
        """This test means to see faults in which ``pattern`` is found, such as the console's line on a 409."""
        self._expected.append(re.compile(pattern))

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._on_console)
        context.on("weberror", self._on_exception)
        context.on("response", self._on_response)

    def unexpected(self) -> list[str]:
        return [fault for fault in self if not any(pattern.search(fault) for pattern in self._expected)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.append(f"console: {message.text} ({message.location.get('url')})")

    def _on_exception(self, error: WebError) -> None:
        self.append(f"exception: {error.error}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500:
            self.append(f"answer {response.status}: {response.request.method} {response.url}")


@pytest.fixture
def browser_faults() -> Iterator[BrowserFaults]:
    """Fails the test at its end when the browser met a fault that ``expect()`` did not name."""
    faults = BrowserFaults()
    yield faults
    if unexpected := faults.unexpected():
        pytest.fail("The browser met faults:\n" + "\n".join(unexpected))


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], browser_faults: BrowserFaults
) -> Callable[..., BrowserContext]:
    """pytest-playwright's, with every context (``page``'s too) under watch."""

    def make(**options: Any) -> BrowserContext:
        context = new_context(**options)
        browser_faults.watch(context)
        return context

    return make


@pytest.fixture(scope="session")
def base_url(live_server: Any, redis_server: Path) -> str:
    """The running portal, so that ``page.goto("/")`` finds it."""
    return live_server.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium; nothing is downloaded, and it asks nobody outside for anything."""
    quiet = ("no-sandbox", "disable-dev-shm-usage", "disable-background-networking", "disable-component-update")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    return {**browser_type_launch_args, "executable_path": path, "args": [f"--{option}" for option in quiet]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-TW", "timezone_id": "Asia/Taipei"}
