"""``manage.py draft_schema VERSION KIND``: the JSON Schema of a draft file (docs/draft-format.md)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from applications.portable.exporting import schema_text
from guideline import catalogue


class Command(BaseCommand):
    help = "印出草稿檔之 JSON Schema（由指引版本產生）"
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own shape)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", metavar="VERSION")
        parser.add_argument("kind", metavar="KIND")

    def handle(self, *args: Any, **options: Any) -> None:
        versions = {version.id: version for version in catalogue.every()}
        version = versions.get(options["version"])
        if version is None:
            raise CommandError(f"沒有版本 {options['version']}；現有：{'、'.join(versions)}")
        kinds = [kind.id for kind in version.kinds]
        if options["kind"] not in kinds:
            raise CommandError(f"版本 {version.id} 沒有申請類型 {options['kind']}；現有：{'、'.join(kinds)}")
        self.stdout.write(schema_text(version, options["kind"]), ending="")
