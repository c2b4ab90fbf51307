"""A few edits; ``make torture`` has the long run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from applications.verifying import verify
from tests.tamper.tamper import Tamperer
from tests.tamper.world import build

pytestmark = pytest.mark.once


@pytest.mark.django_db
def test_every_edit_and_every_cut_is_named(settings: Any, tmp_path: Path) -> None:
    settings.TRAIL_FOLDER, settings.MEDIA_ROOT = tmp_path / "trail", tmp_path / "media"
    build()
    assert list(verify()) == []
    tamperer = Tamperer(seed=115)
    for _ in range(10):
        tamperer.edit_row()
    for _ in range(3):
        tamperer.cut_tail()
    assert tamperer.missed == []
    assert tamperer.found.total() == 13
    assert list(verify()) == []  # each was undone
