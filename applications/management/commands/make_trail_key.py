"""``manage.py make_trail_key``: the key that the daily heads of the trail are signed with (docs/audit-trail.md)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from applications import heads


class Command(BaseCommand):
    help = "產生每日紀錄簽章之金鑰（Ed25519）；已有金鑰者不變更"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-missing", action="store_true", help="已有金鑰時不視為錯誤")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(f"公開金鑰，請交付稽核另行保存：{heads.make_key()}")
        except heads.KeyExists as error:
            if not options["if_missing"]:
                raise CommandError("已有金鑰；更換金鑰將使先前之簽章無從查核") from error
