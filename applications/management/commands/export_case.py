"""``manage.py export_case CASE --by EMAIL -o FILE.zip``: a case as a file (docs/draft-format.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from applications.portable import exporting


class Command(BaseCommand):
    help = "將案件匯出為 ZIP（draft.json、JSON Schema 及佐證檔案）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("case", metavar="NUMBER_OR_PK", help="案號，或草稿之編號")
        parser.add_argument("--submission", type=int, metavar="N", help="第 N 次送件之內容；不填則為目前內容")
        parser.add_argument(
            "--by", required=True, metavar="EMAIL", help="讀取人；須為得閱覽本案之使用者，名冊之讀取列入紀錄"
        )
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE.zip")

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path = options["output"]
        if not output.parent.is_dir():
            raise CommandError(f"沒有資料夾 {output.parent}")
        try:
            by = User.objects.get_by_natural_key(options["by"])
            case = exporting.find(options["case"], by=by)
            found = exporting.export(case, by=by, at=timezone.now(), submission=options["submission"])
        except (User.DoesNotExist, exporting.Missing) as error:
            raise CommandError(f"沒有 {options['by']} 得閱覽之案件或送件：{options['case']}") from error
        try:
            exporting.write(found, output)
        except exporting.Broken as error:
            raise CommandError(f"檔案「{error}」遺失或已變更，未匯出") from error
        except OSError as error:
            raise CommandError(f"無法寫入 {output}：{error.strerror}") from error
        if wrong := exporting.unreadable(found):
            self.stderr.write(f"其中 {wrong} 處填報內容無法讀取，依原樣匯出；更正前不能匯入")
        self.stdout.write(f"已匯出 {case}：{len(found.files)} 個檔案，名冊 {len(found.draft['roster'])} 人 → {output}")
