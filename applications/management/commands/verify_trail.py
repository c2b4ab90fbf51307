"""``manage.py verify_trail``: is what is stored what was written? Exit status 1 where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from applications import verifying
from applications.models import Application


class Command(BaseCommand):
    help = "查核所有紀錄、送件內容、檔案、決定及每日簽章；列出遭變更者"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--case", type=int, metavar="PK", help="僅查核此案件")
        parser.add_argument("--heads", type=Path, metavar="FOLDER", help="每日簽章之資料夾，例如稽核自行保存者")

    def handle(self, *args: Any, **options: Any) -> None:
        only = options["case"]
        if only is not None and not Application.objects.filter(pk=only).exists():
            raise CommandError(f"沒有案件 {only}")
        faults = 0
        for faults, fault in enumerate(verifying.verify(only=only, place=options["heads"]), 1):  # noqa: B007
            self.stdout.write(str(fault))
        if faults:
            raise CommandError(f"發現 {faults} 處異常")
        self.stdout.write("紀錄完整")
