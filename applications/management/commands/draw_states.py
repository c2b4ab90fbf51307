"""``manage.py draw_states > docs/states.md``: the transition table as a picture and a list."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from accounts.enums import Role
from applications.enums import ENDED, Action, Status
from applications.lifecycle import MOVES


def draw() -> str:
    """The document, in Chinese: a Mermaid diagram and a table of every move."""
    with translation.override("zh-hant"):
        lines = [
            "# 案件狀態",
            "",
            "由 `applications/lifecycle.py` 之 `MOVES` 產生（`make states`），請勿手改。",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *(f'  state "{Status(status).label}" as {status}' for status in Status.values),
            f"  [*] --> {Status.DRAFT.value}",
        ]
        for move in MOVES:
            for source in move.sources:
                lines.append(f"  {source.value} --> {move.target.value}: {Action(move.action).label}")
        lines += [f"  {status.value} --> [*]" for status in Status if status in ENDED]
        lines += [
            "```",
            "",
            "「程序」是該動作所屬之步驟；案件類型之程序（指引版本檔之 `route`）沒有這個步驟時，即沒有這個動作。",
            "",
            "| 動作 | 由 | 至 | 角色 | 程序 |",
            "|---|---|---|---|---|",
        ]
        for move in MOVES:
            sources = "、".join(str(source.label) for source in move.sources)
            roles = "、".join(str(Role(role).label) for role in move.roles)
            lines.append(f"| {move.action.label} | {sources} | {move.target.label} | {roles} | {move.step or '—'} |")
    return "\n".join(lines) + "\n"


class Command(BaseCommand):
    help = "案件狀態圖（docs/states.md）"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(draw(), ending="")
