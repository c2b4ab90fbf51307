"""``manage.py print_grants ROLE``: SQL that gives the portal's role on PostgreSQL what it needs, and no more.

The tables belong to another role, which runs ``migrate``. See docs/audit-trail.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from applications.models import Event, Submission

APPENDED = (Event, Submission)  # never changed or deleted by the portal


class Command(BaseCommand):
    help = "印出 PostgreSQL 應用程式角色所需權限之 SQL；紀錄及送件不得變更或刪除"
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own shape)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", metavar="ROLE")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("僅適用於 PostgreSQL")
        for statement in grants(options["role"]):
            self.stdout.write(f"{statement};")


def grants(role: str) -> Iterator[str]:
    """The statements, for the owner of the tables to run."""
    who = connection.ops.quote_name(role)
    yield f"GRANT USAGE ON SCHEMA public TO {who}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {who}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {who}"
    yield f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {_table('django_migrations')} FROM {who}"
    for model in APPENDED:
        yield f"REVOKE UPDATE, DELETE, TRUNCATE ON {_table(model._meta.db_table)} FROM {who}"


def _table(name: str) -> str:
    return connection.ops.quote_name(name)
