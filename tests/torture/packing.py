"""Packs on a real worker: how much memory they take, what a kill leaves, what an auditor finds."""

from __future__ import annotations

import os
import random
import shutil
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from time import perf_counter, sleep

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from applications import files, heads, jobs
from applications.actions import filing
from applications.models import Application, Attachment, Citation, Job, Notification
from applications.tasks import order, tend_jobs
from tests.factories import FILED_AT, Cast, draft
from tests.reviews import packs
from tests.services import CeleryWorker, wait_until
from tests.torture.stage import Redis

FILES = int(os.environ.get("PACK_FILES", "300"))
BYTES = int(os.environ.get("PACK_BYTES", str(1_000_000_000)))
KILLS = int(os.environ.get("PACK_KILLS", "5"))
EDITS, TAILS = 100, 20
MEGABYTE = 1 << 20
ROOM = 100 * MEGABYTE  # above idle
PATIENCE = 3  # seconds without a sign of life


def torture(folder: Path) -> bool:
    settings.JOB_PATIENCE = timedelta(seconds=PATIENCE)
    settings.TRAIL_FOLDER = str(folder / "trail")
    redis = Redis(folder)
    redis.start()
    settings.CELERY_BROKER_URL = redis.url
    worker = CeleryWorker(
        env={
            "DATABASE_URL": f"postgres:///{connection.settings_dict['NAME']}",
            "REDIS_URL": redis.url,
            "EMAIL_URL": "dummymail://",
            "JOB_PATIENCE_SECONDS": str(PATIENCE),
            "TRAIL_FOLDER": str(settings.TRAIL_FOLDER),
        },
        log=folder / "worker.log",
    )
    try:
        worker.start()
        small, cast = filed(3, 300_000)
        big, big_cast = filed(FILES, BYTES)
        unsigned = ended(begun(small, cast.auditor))
        heads.make_key()
        heads.sign(day=timezone.localdate(), at=timezone.now())
        return all(
            (
                in_constant_memory(worker, small, cast, big, big_cast, folder),
                killed(worker, big, big_cast, folder),
                found(ended(begun(small, cast.auditor)), folder / "signed"),
                found(unsigned, folder / "unsigned"),
            )
        )
    finally:
        worker.kill()
        redis.kill()


def filed(many: int, size: int) -> tuple[Application, Cast]:
    """A filed case with so many files of so many bytes in all, cited all over it."""
    cast, chance = Cast(), random.Random(many)
    case = draft(cast)
    items = [item.id for page in case.pages for item in page.items if item.evidence]
    for number in range(many):
        data = chance.randbytes(size // many)
        name, digest = f"佐證資料 {number:03}.pdf", packs.sha256(data)
        with transaction.atomic():
            stored = files.keep(name, BytesIO(data), size=len(data), sha256=digest, extension="pdf")
        one = Attachment.objects.create(
            application=case,
            name=name,
            stored=stored,
            file=stored.path,
            sha256=digest,
            size=len(data),
            content_type="application/pdf",
            uploaded_by=cast.preparer,
            uploaded_at=FILED_AT,
        )
        Citation.objects.create(application=case, item_id=items[number % len(items)], attachment=one, place="1")
    case = filing.send_to_checker(case_id=case.pk, revision=case.revision, by=cast.preparer, at=FILED_AT)
    filing.submit(case_id=case.pk, revision=case.revision, key=f"k{case.pk}", by=cast.checker, at=FILED_AT)
    case.refresh_from_db()
    return case, cast


def begun(case: Application, by: User) -> Job:
    at = timezone.now()
    job = jobs.ask(kind=Job.Kind.PACK, by=by, at=at, key=f"{at}", case_id=case.pk)
    order(job, at=at)
    return job


def ended(job: Job, *, seconds: float = 300) -> Job:
    def over() -> bool:
        job.refresh_from_db()
        return not job.open

    wait_until(over, seconds=seconds, what="the pack")
    assert job.state == Job.State.DONE, job.error
    return job


def children(worker: CeleryWorker) -> list[int]:
    assert worker.process
    pid = worker.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def memory(worker: CeleryWorker, what: str) -> int:
    """Bytes of the worker's child that does the work: VmRSS now, VmHWM at most."""
    (child,) = children(worker)
    lines = Path(f"/proc/{child}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


def drawing_now(child: int) -> int:
    """Bytes that belong to the process that draws a document now, and to no other."""
    try:
        found = Path(f"/proc/{child}/task/{child}/children").read_text().split()
        lines = [line for one in found for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()]
    except OSError:  # it has just ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def in_constant_memory(
    worker: CeleryWorker, small: Application, cast: Cast, big: Application, big_cast: Cast, folder: Path
) -> bool:
    ended(begun(small, cast.auditor))
    idle = memory(worker, "VmRSS")
    (child,) = children(worker)
    Path(f"/proc/{child}/clear_refs").write_text("5")  # VmHWM begins anew
    start = perf_counter()
    job = begun(big, big_cast.auditor)
    seen: set[int] = set()
    drawing = 0
    while job.open:
        sleep(0.2)
        drawing = max(drawing, drawing_now(child))
        job.refresh_from_db()
        seen.add(job.percent)
    took, peak = perf_counter() - start, memory(worker, "VmHWM")
    ended(job)
    above = peak - idle
    print(f"pack of {FILES} files: {job.size / 1e6:.0f} MB in {took:.0f} s, {len(seen)} percentages seen")
    print(
        f"worker: idle after a small pack {idle / MEGABYTE:.0f} MB, "
        f"peak {peak / MEGABYTE:.0f} MB, {above / MEGABYTE:.0f} MB above idle; "
        f"the processes that draw a document: {drawing / MEGABYTE:.0f} MB at most"
    )
    place = packs.unpacked(job, folder / "big")
    start = perf_counter()
    status, said = packs.verified(place)
    print(f"verified offline in {perf_counter() - start:.0f} s, exit status {status}\n{said.strip()}")
    shutil.rmtree(place)
    return status == 0 and above < ROOM


def reached(job: Job, percent: int) -> bool:
    job.refresh_from_db()
    return bool(job.run) and job.percent >= percent


def killed(worker: CeleryWorker, case: Application, cast: Cast, folder: Path) -> bool:
    """kill -9 in the middle, at another moment each time: the job is done once, and nothing else is left."""
    chance, good, cut = random.Random(18), True, []
    for number in range(KILLS):
        job, far = begun(case, cast.auditor), 100 * number // KILLS
        wait_until(lambda: reached(job, far), seconds=300, what=f"{far} %")  # noqa: B023
        sleep(chance.uniform(0, 1))
        worker.kill()
        job.refresh_from_db()
        cut.append(job.percent)
        worker.start()
        for _turn in range(60):
            tend_jobs()
            sleep(1)
            job.refresh_from_db()
            if not job.open:
                break
        ended(job)
        notes = Notification.objects.filter(outbox__key=f"job:{job.pk}").count()
        stored = [name for name in default_storage.listdir("jobs")[1] if name.startswith(f"{job.pk}-")]
        work = Path(str(settings.JOB_FOLDER))
        left = [one.name for one in work.iterdir()] if work.exists() else []
        good &= (notes, len(stored), left) == (1, 1, [])
        status, _said = packs.verified(packs.unpacked(job, folder / "killed"))
        good &= status == 0
        shutil.rmtree(folder / "killed")
        print(f"killed at {cut[-1]} %: {job.runs} runs, {notes} notification, {len(stored)} file, left over {left}")
        default_storage.delete(str(job.file.name))
    return good


def found(job: Job, place: Path) -> bool:
    """Random one-byte edits and cut tails of an unpacked pack, each found and named."""
    packs.unpacked(job, place)
    chance = random.Random(100)
    missed = [missed for _ in range(EDITS) if (missed := packs.edit_missed(place, chance))]
    print(f"{place.name} pack, {EDITS} one-byte edits: {EDITS - len(missed)} found and named", *missed, sep="\n")
    uncut = [missed for _ in range(TAILS) if (missed := packs.cut_missed(place, chance))]
    print(f"{TAILS} cut tails: {TAILS - len(uncut)} found and named", *uncut, sep="\n")
    return not missed and not uncut
