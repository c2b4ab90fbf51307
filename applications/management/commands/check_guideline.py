"""``manage.py check_guideline [FILE …]``: what is wrong with a version file, or what it says in short."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from guideline import catalogue
from guideline.catalogue import CatalogueError, Version
from guideline.differing import route_in_words
from guideline.format import schema


def schema_text() -> str:
    """docs/guideline.schema.json."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def summary(version: Version) -> Iterator[str]:
    """The version in a few lines of Chinese."""
    items = list(version.items())
    fields = sum(len(item.fields) + sum(len(field.columns) for field in item.fields) for item in items)
    yield f"{version.id}：{version.title.zh}（{version.announced} 公告，{version.document}）"
    if version.reconstruction:
        yield f"  歷史重建：{version.reconstruction.zh}"
        yield f"  借用其他版本文字之條文：{len(version.borrowed)}"
    yield f"  交易所：{version.exchange.name.zh}；主管機關：{version.authority.name.zh}"
    yield f"  期間：至多 {version.months} 個月，得延展 {version.extensions} 次"
    yield f"  業務：{'、'.join(line.name.zh for line in version.lines)}"
    yield f"  章節 {len(version.sections)}，項目 {len(items)}，欄位 {fields}，跨項檢核 {len(version.checks)}"
    for kind in version.kinds:
        limits = [version.line(line).short.zh for line in kind.lines]
        if kind.filed_within_days is not None:
            limits.append(f"起日後 {kind.filed_within_days} 日內")
        note = f"（{'、'.join(limits)}）" if limits else ""
        yield f"  類型 {kind.name.zh}{note}：{route_in_words(kind)}，{kind.outcome.zh}"
    yield f"  定期義務 {len(version.duties)}：{'、'.join(duty.name.zh for duty in version.duties)}"
    yield f"  本系統參數 {len(version.parameters)}：{'、'.join(one.id for one in version.parameters)}"


class Command(BaseCommand):
    help = "檢查指引版本檔；不指定檔案時，檢查本系統現有各版"
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own shape)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument("--schema", action="store_true", help="印出 JSON Schema（docs/guideline.schema.json）")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(schema_text(), ending="")
            return
        wrong = 0
        files = options["files"] or sorted(catalogue.FOLDER.glob("*.toml"))
        if not files:
            raise CommandError(f"{catalogue.FOLDER} 沒有任何版本檔（.toml），請查明 GUIDELINE_FOLDER")
        for path in files:
            try:
                version = catalogue.read(path)
            except CatalogueError as error:
                wrong += 1
                for fault in error.faults:
                    self.stderr.write(fault)
                continue
            for line in summary(version):
                self.stdout.write(line)
            if path.stem != version.id:
                self.stdout.write(f"  提醒：放入版本資料夾時，檔名須為 {version.id}.toml")
        if wrong:
            raise CommandError(f"{wrong} 個檔案有誤")
        if not options["files"]:
            try:
                catalogue.every()
            except CatalogueError as error:
                raise CommandError(str(error)) from error
