"""``manage.py diff_guideline OLD NEW``: what changes, in words, and for which drafts and cases it matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from applications.enums import ENDED, UNSENT
from applications.models import Application, Section
from guideline import catalogue
from guideline.catalogue import CatalogueError, Version
from guideline.differing import Change, differences, dropped_places
from guideline.values import is_empty


def version_of(name: str) -> Version:
    """The version with this id, or in this file.

    Raises:
        CommandError: there is none, or it is wrong.
    """
    try:
        return catalogue.read(Path(name)) if name.endswith(".toml") else catalogue.load(name)
    except KeyError as error:
        known = "、".join(path.stem for path in sorted(catalogue.FOLDER.glob("*.toml")))
        raise CommandError(f"沒有版本 {name}；現有：{known}（檔案請以 .toml 結尾）") from error
    except CatalogueError as error:
        raise CommandError(str(error)) from error


def in_words(changes: tuple[Change, ...]) -> Iterator[str]:
    """The changes as lines, under their headings."""
    for heading, found in groupby(changes, lambda change: change.heading):
        yield f"【{heading}】"
        for change in found:
            yield f"- {change.text}"
            if change.old:
                yield f"    舊：{change.old}"
            if change.new:
                yield f"    新：{change.new}"


def affected(old: Version, new: Version) -> Iterator[str]:
    """Who has drafts and cases under ``old``, by firm. For an operator at the machine, who sees every firm's."""
    cases = Application.objects.filter(version_id=old.id).select_related("firm").order_by("firm__broker_code", "pk")
    drafts = [case for case in cases if case.status in UNSENT]
    pinned = [case for case in cases if case.number is not None]
    lost = dropped_places(old, new)
    sections = Section.objects.filter(application__in=drafts) if lost and drafts else ()
    losing = {
        section.application_id
        for section in sections
        for item_id, name in lost
        if not is_empty(section.answers.get(item_id, {}).get(name))
    }
    yield f"【受影響之案件】（舊版 {old.id}）"
    if not drafts:
        yield "- 尚未送件之草稿：無"
    for firm, count in Counter(case.firm for case in drafts).items():
        kept = sum(1 for case in drafts if case.firm == firm and case.pk in losing)
        note = f"，其中 {kept} 件有填報內容於新版已無對應欄位（保留並顯示，不刪除）" if kept else ""
        yield f"- {firm.name}（{firm.broker_code}）：草稿 {count} 件，送件前將改適用新版{note}"
    if not pinned:
        yield "- 已送件之案件：無"
    for firm, count in Counter(case.firm for case in pinned).items():
        running = sum(1 for case in pinned if case.firm == firm and case.status not in ENDED)
        yield f"- {firm.name}（{firm.broker_code}）：已送件 {count} 件（審理中 {running} 件），仍適用舊版"


class Command(BaseCommand):
    help = "比較兩個指引版本（id 或 .toml 檔），並列出受影響之草稿及案件"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("old", metavar="OLD")
        parser.add_argument("new", metavar="NEW")
        parser.add_argument("--text-only", action="store_true", help="不讀資料庫，只比較內容")

    def handle(self, *args: Any, **options: Any) -> None:
        old, new = version_of(options["old"]), version_of(options["new"])
        self.stdout.write(f"{old.id}（{old.document}）→ {new.id}（{new.document}）")
        changes = differences(old, new)
        for line in in_words(changes) if changes else ("內容相同",):
            self.stdout.write(line)
        if not options["text_only"]:
            for line in affected(old, new):
                self.stdout.write(line)
