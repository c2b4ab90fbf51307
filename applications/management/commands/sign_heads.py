"""``manage.py sign_heads``: sign the ends of all chains for today, where that has not been done."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from applications import heads, health


class Command(BaseCommand):
    help = "簽署各案件紀錄末筆之雜湊（每日一次）"

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        day = timezone.localdate(at)
        try:
            new = heads.sign(day=day, at=at)
        except heads.NoKey as error:
            raise CommandError("沒有簽章金鑰；請先執行 make_trail_key") from error
        health.heard(health.HEADS, at=at)
        self.stdout.write(f"{'已簽署' if new else '先前已簽署'} {day} → {heads.folder() / f'{day}.json'}")
