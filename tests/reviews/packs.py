"""Inspection packs made as a worker makes them, unpacked, and verified as an auditor does."""

from __future__ import annotations

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
    command = [sys.executable, "-I", str(folder / "verify.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True, env={"PYTHONUTF8": "1"}, check=False)
    return done.returncode, done.stdout + done.stderr
