"""docs/states.md is what the transition table says."""

from pathlib import Path

from applications.management.commands.draw_states import draw


def test_states_document_is_drawn_from_the_table() -> None:
    assert Path("docs/states.md").read_text(encoding="utf-8") == draw(), "run: make states"
