"""The inspection pack: what is in it, for whom, and that it proves itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import filed_case
from tests.reviews import packs
from tests.reviews.cases import later

pytestmark = pytest.mark.django_db


def test_pack_of_a_filed_case_verifies(tmp_path: Path) -> None:
    case, cast = filed_case()
    folder = packs.unpacked(packs.made(case, by=cast.auditor, at=later(case)), tmp_path)
    for one in sorted(folder.rglob("*")):
        print(one.relative_to(folder))
    print((folder / "case.json").read_text())
    print((folder / "trail/rows.jsonl").read_text()[:1000])
    print((folder / "trail/events.jsonl").read_text()[-1500:])
    status, said = packs.verified(folder)
    print(said)
    assert status == 0, said
