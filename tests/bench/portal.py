"""The portal, set up for measuring: settings as in production, a database of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.db import connection


@contextmanager
def portal() -> Iterator[None]:
    """Django on a fresh, migrated PostgreSQL database, dropped at the end; DATABASE_URL names the server.

    Raises:
        SystemExit: DATABASE_URL names no PostgreSQL.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name in ("DEBUG", "DEMO"):
            os.environ.pop(name, None)
        (Path(folder) / "static").mkdir()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "wfh_portal.settings",
            "SECRET_KEY": "for benchmarks only",
            "SECURE": "0",
            "ALLOWED_HOSTS": "testserver",
            "MEDIA_ROOT": folder,
            "STATIC_ROOT": f"{folder}/static",
            "LOG_LEVEL": "ERROR",
        }
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.bench"]
        settings.ROOT_URLCONF = "tests.bench.urls"
        # no collectstatic before measuring; addresses of files cost the same for all
        settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        django.setup()
        if connection.vendor != "postgresql":
            raise SystemExit("The benchmarks are measured on PostgreSQL: make bench")
        before = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            _create_peer_tables()
            yield
        finally:
            connection.creation.destroy_test_db(before, verbosity=0)


def _create_peer_tables() -> None:
    from django.apps import apps  # needs Django to be set up

    with connection.schema_editor() as editor:
        for model in apps.get_app_config("bench").get_models():
            editor.create_model(model)
