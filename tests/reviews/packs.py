"""Inspection packs made as a worker makes them, unpacked, tampered with, and verified as an auditor does."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

from django.core.files.storage import default_storage

from accounts.models import User
from applications import jobs
from applications.models import Application, Job
from reviews.tasks import make_pack

EVENTS = "trail/events.jsonl"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def made(case: Application, *, by: User, at: datetime, key: str = "k") -> Job:
    """The job of a pack, done."""
    job = jobs.ask(kind=Job.Kind.PACK, by=by, at=at, key=key, case_id=case.pk)
    make_pack(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return job


def unpacked(job: Job, folder: Path) -> Path:
    with default_storage.open(str(job.file.name), "rb") as data, zipfile.ZipFile(data) as archive:
        archive.extractall(folder)
    return folder


def verified(folder: Path, *options: str) -> tuple[int, str]:
    """The exit status of the pack's own verifier, and what it said."""
    command = [sys.executable, "-I", "-X", "utf8", str(folder / "verify.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout + done.stderr


def edit_missed(folder: Path, chance: random.Random) -> str:
    """Change one byte of one file, and put it back: nothing where the verifier names the file, else what was missed."""
    path = chance.choice(sorted(one for one in folder.rglob("*") if one.is_file()))
    before = path.read_bytes()
    place = chance.randrange(len(before))
    other = before[place] ^ chance.randrange(1, 256)
    path.write_bytes(before[:place] + bytes([other]) + before[place + 1 :])
    try:
        status, said = verified(folder)
    finally:
        path.write_bytes(before)
    name = path.relative_to(folder).as_posix()
    return "" if status and name in said else f"{name} byte {place}: status {status}: {said.strip()}"


def cut_missed(folder: Path, chance: random.Random) -> str:
    """Cut off the trail's tail and list its new hash, as a forger would: nothing where the verifier tells."""
    events, sums = folder / EVENTS, folder / "SHA256SUMS"
    before, listed = events.read_bytes(), sums.read_bytes()
    lines = before.splitlines(keepends=True)
    kept = b"".join(lines[: chance.randrange(len(lines))])
    events.write_bytes(kept)
    sums.write_bytes(listed.replace(sha256(before).encode(), sha256(kept).encode()))
    try:
        status, said = verified(folder)
    finally:
        events.write_bytes(before)
        sums.write_bytes(listed)
    told = (EVENTS in said and "tail was cut off" in said) or "SHA256SUMS.sig" in said
    return "" if status and told else f"{len(kept.splitlines())} of {len(lines)} kept: status {status}: {said.strip()}"
