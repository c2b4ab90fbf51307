"""The inspection pack: what is in it, for whom, and that it proves itself."""

from __future__ import annotations

import ast
import json
import random
import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.storage import default_storage
from django.db import transaction

from applications import documents, heads
from applications.inspection import verify
from applications.inspection.archive import safe
from applications.inspection.members import VERIFIER
from applications.models import Attachment, Submission
from reviews import inspection
from tests.factories import PDF, filed_case
from tests.reviews import packs
from tests.reviews.cases import forwarded, later

pytestmark = [pytest.mark.once, pytest.mark.django_db]

DRAWN = b"%PDF-1.7 drawn elsewhere"


@pytest.fixture(scope="module", autouse=True)
def _drawn_elsewhere() -> Iterator[None]:
    """Drawing is slow, and tested with documents."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("plan_pdf", "checklist_pdf", "receipt_pdf", "letter_pdf"):
            patch.setattr(documents, name, lambda *args, **more: DRAWN)
        yield


@pytest.fixture(scope="module")
def world(django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[dict[str, Any]]:
    """A forwarded case, its heads signed on two days, and its pack unpacked for the auditor and for the firm."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr("django.conf.settings.TRAIL_FOLDER", str(tmp_path_factory.mktemp("trail")))
        key = heads.make_key()
        case, cast = filed_case()
        heads.sign(day=date(2026, 11, 7), at=later(case))
        job = packs.made(case, by=cast.auditor, at=later(case))
        heads.sign(day=date(2026, 11, 8), at=later(case, days=2))
        heads.sign(day=date(2026, 11, 9), at=later(case, days=3))
        again = packs.made(case, by=cast.auditor, at=later(case, days=3), key="again")
        firm = packs.made(case, by=cast.checker, at=later(case, days=3))
        heads.sign(day=date(2026, 11, 10), at=later(case, days=4))
        folders = {
            name: packs.unpacked(one, tmp_path_factory.mktemp(name))
            for name, one in (("first", job), ("auditor", again), ("firm", firm))
        }
        yield {
            "case": case,
            "cast": cast,
            "key": key,
            "job": again,
            "kept": heads.folder() / "2026-11-10.json",
            **folders,
        }
        transaction.set_rollback(True)


def names(folder: Path) -> list[str]:
    return sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


def test_auditor_s_pack_holds_everything_and_verifies(world: dict[str, Any]) -> None:
    case, folder = world["case"], world["auditor"]
    file = case.attachments.get()
    assert names(folder) == sorted(
        [
            *("SHA256SUMS", "SHA256SUMS.sig", "case.json", "index.html", "verify.py"),
            f"files/1 啟動居家辦公之條件/{file.pk}-應變計畫.pdf",
            *(f"submissions/1/{name}" for name in ("checklist.pdf", "content.json", "findings.pdf")),
            *(f"submissions/1/{name}" for name in ("plan.pdf", "receipt.pdf")),
            *("trail/events.html", "trail/events.jsonl", "trail/rows.jsonl"),
            *("heads/key.pub", "heads/2026-11-07.json", "heads/2026-11-07.sig"),
            *("heads/2026-11-08.json", "heads/2026-11-08.sig", "heads/2026-11-09.json", "heads/2026-11-09.sig"),
        ]
    )
    assert (folder / f"files/1 啟動居家辦公之條件/{file.pk}-應變計畫.pdf").read_bytes() == PDF.read_bytes()
    submission = case.submissions.get()
    assert packs.sha256((folder / "submissions/1/content.json").read_bytes()) == submission.sha256
    status, said = packs.verified(folder, "--key", world["key"])
    assert (status, said.splitlines()[0][:15]) == (0, f"相符：{case.number}"[:15])
    assert "每日簽章 3" in said
    assert world["key"] in said


def test_events_of_an_earlier_day_are_in_the_heads_that_follow_each_change(world: dict[str, Any]) -> None:
    """A day on which nothing happened has no sheet of its own, the last one aside."""
    assert [name for name in names(world["first"]) if name.endswith(".json") and "heads" in name] == [
        "heads/2026-11-07.json"
    ]


def test_firm_s_pack_tells_what_is_not_shared_by_its_hash_alone(world: dict[str, Any]) -> None:
    folder = world["firm"]
    status, said = packs.verified(folder)
    assert status == 0, said
    lines = [json.loads(line) for line in (folder / "trail/events.jsonl").read_text().splitlines()]
    hidden = [line for line in lines if "digest" in line]
    shared = world["case"].events.filter(shared=True).count()
    assert len(lines) - len(hidden) == shared
    assert hidden
    assert all(set(line) == {"number", "digest", "previous", "hash"} for line in hidden)
    assert f"未收錄內容之歷程 events by their hash alone: {len(hidden)}" in said
    assert [name for name in names(folder) if name.startswith("heads/")] == ["heads/key.pub"]  # others' cases
    for name in ("trail/events.html", "index.html", "trail/rows.jsonl"):
        assert "吳稽核" not in (folder / name).read_text()  # who had a pack made is the exchange's own affair


def test_random_edits_are_found_and_named(world: dict[str, Any]) -> None:
    chance = random.Random(6)
    assert [missed for _ in range(10) if (missed := packs.edit_missed(world["auditor"], chance))] == []


def test_cut_tail_is_found(world: dict[str, Any]) -> None:
    assert packs.cut_missed(world["auditor"], random.Random(6)) == ""


def test_file_that_is_missing_or_was_slipped_in_is_named(world: dict[str, Any]) -> None:
    folder = world["auditor"]
    slipped = folder / "files/其他.txt"
    slipped.write_text("x")
    assert "files/其他.txt" in packs.verified(folder)[1]
    slipped.unlink()
    receipt = folder / "submissions/1/receipt.pdf"
    drawn = receipt.read_bytes()
    receipt.unlink()
    status, said = packs.verified(folder)
    receipt.write_bytes(drawn)
    assert status == 1
    assert "submissions/1/receipt.pdf: it is missing" in said
    assert packs.verified(folder)[0] == 0


def forged(folder: Path, change: Any) -> None:
    """``change`` the events; list all hashes anew and sign them with a key of the forger's own."""
    events = [json.loads(line) for line in (folder / "trail/events.jsonl").read_text().splitlines()]
    events = change(events)
    last = verify.FIRST
    for number, event in enumerate(events, 1):
        said = {name: value for name, value in event.items() if name not in {"previous", "hash"}} | {"number": number}
        event |= {"number": number, "previous": last}
        last = event["hash"] = packs.sha256((last + packs.sha256(verify.canonical(said))).encode())
    (folder / "trail/events.jsonl").write_bytes(b"".join(verify.canonical(event) + b"\n" for event in events))
    case = json.loads((folder / "case.json").read_text())
    case["chain"], case["heads"] = {"events": len(events), "head": last}, []
    (folder / "case.json").write_bytes(verify.canonical(case))
    for path in (folder / "heads").glob("2026*"):
        path.unlink()
    key = Ed25519PrivateKey.generate()
    (folder / "heads/key.pub").write_text(key.public_key().public_bytes_raw().hex())
    listed = [name for name in names(folder) if not name.startswith("SHA256SUMS")]
    sums = "".join(f"{packs.sha256((folder / name).read_bytes())}  {name}\n" for name in listed).encode()
    (folder / "SHA256SUMS").write_bytes(sums)
    (folder / "SHA256SUMS.sig").write_text(key.sign(sums).hex())


def test_pack_that_was_forged_throughout_is_found_by_the_key_and_by_a_head_that_the_auditor_kept(
    world: dict[str, Any], tmp_path: Path
) -> None:
    packs.unpacked(world["job"], tmp_path / "pack")
    forged(tmp_path / "pack", lambda events: events[:-2])
    assert packs.verified(tmp_path / "pack")[0] == 0  # it agrees with itself
    status, said = packs.verified(tmp_path / "pack", "--key", world["key"])
    assert (status, "heads/key.pub" in said) == (1, True)
    (tmp_path / "pack/heads/key.pub").unlink()
    status, said = packs.verified(tmp_path / "pack", "--key", world["key"])
    assert (status, "SHA256SUMS" in said) == (1, True)


def test_head_that_the_auditor_kept_shows_a_cut_tail(world: dict[str, Any]) -> None:
    status, said = packs.verified(world["first"], "--head", str(world["kept"]))
    assert status == 1
    assert "trail/events.jsonl: its tail was cut off: on 2026-11-10 there were 14 events, here are 12" in said


def test_row_that_was_changed_past_the_portal_is_named(world: dict[str, Any], tmp_path: Path) -> None:
    case, cast = world["case"], world["cast"]
    with transaction.atomic():
        Submission.objects.filter(application=case).update(submitted_at=later(case))
        job = packs.made(case, by=cast.auditor, at=later(case, days=4), key="renamed")
        status, said = packs.verified(packs.unpacked(job, tmp_path))
        transaction.set_rollback(True)
    assert status == 1
    assert f"（submission:{case.submissions.get().pk}）: it is not what the trail sealed" in said


def test_file_that_the_storage_lost_is_named_and_the_rest_is_made(world: dict[str, Any], tmp_path: Path) -> None:
    case, cast = world["case"], world["cast"]
    with transaction.atomic():
        Attachment.objects.filter(application=case).update(file="tests/gone.pdf")
        job = packs.made(case, by=cast.auditor, at=later(case, days=4), key="lost")
        status, said = packs.verified(packs.unpacked(job, tmp_path))
        transaction.set_rollback(True)
    assert status == 1
    assert "應變計畫.pdf: the portal did not have this file any more" in said


def test_two_packs_of_the_same_state_are_the_same_bytes(world: dict[str, Any], tmp_path: Path) -> None:
    job = world["job"]
    found = []
    for name in ("one", "two"):
        pack = inspection.take(job)
        inspection.archive.write(tmp_path / name, pack.members(), sign=inspection.sign, progress=lambda done: None)
        found.append((tmp_path / name).read_bytes())
    assert found[0] == found[1]


def test_pack_of_a_forwarded_case_has_its_letters_for_the_exchange_alone() -> None:
    case, cast = forwarded()
    put_up = case.submissions.get().recommendations.get()

    def letters(by: Any) -> set[str]:
        job = packs.made(case, by=by, at=later(case))
        with default_storage.open(str(job.file.name), "rb") as data:
            listed = zipfile.ZipFile(BytesIO(data.read())).namelist()
        return {name for name in listed if name.startswith("letters/")}

    assert letters(cast.officer) == {f"letters/letter-{put_up.pk}.pdf"}
    assert letters(cast.checker) == set()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("應變計畫.pdf", "應變計畫.pdf"),
        ('a/b\\c:d*e?f"g<h>i|j.pdf', "a_b_c_d_e_f_g_h_i_j.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("con.txt", "_con.txt"),
        ("\u202egpj.exe", "_gpj.exe"),
        ("臺" * 200 + ".pdf", "臺" * 56 + ".pdf"),
        (" . ", "_"),
        ("名冊.", "名冊"),
    ],
)
def test_names_are_made_safe_and_chinese_is_kept(name: str, expected: str) -> None:
    assert safe(name) == expected


def test_verifier_needs_no_more_than_python_3_8() -> None:
    tree = ast.parse(VERIFIER.read_text(), feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported == {"argparse", "hashlib", "json", "os", "re", "sys"}


def test_verifier_s_ed25519_agrees_with_cryptography() -> None:
    chance = random.Random(8032)
    for length in (0, 1, 32, 1000):
        key, message = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32)), chance.randbytes(length)
        public, signature = key.public_key().public_bytes_raw(), key.sign(message)
        assert verify.signed(public, message, signature)
        assert not verify.signed(public, message + b"x", signature)
        place = chance.randrange(64)
        other = bytearray(signature)
        other[place] ^= 1 << chance.randrange(8)
        assert not verify.signed(public, message, bytes(other))
    assert not verify.signed(public, message, signature[:32] + (verify.L).to_bytes(32, "little"))
