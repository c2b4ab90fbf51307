"""Long work: asked for in a request, done by a worker, come back to by the person who asked.

A worker may be killed at any moment and a task may come twice. Each run has a name of its own, and every write of a
run asks for it: a run that another one has taken over from finds out, and leaves nothing behind. Beat orders anew what
nobody began, and what gave no sign of life for ``settings.JOB_PATIENCE``.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import User
from applications import notify, policy
from applications.lifecycle import lock, record
from applications.models import Application, Job
from guideline.facts import gettext_noop

Kind, State = Job.Kind, Job.State

# The task that does it; what stands above this package is known by name alone.
TASKS = {
    Kind.PACK: "reviews.tasks.make_pack",
    Kind.BUNDLE: "reviews.tasks.draw_bundle",
    Kind.LEDGER: "reviews.tasks.export_ledger",
    Kind.EVENTS: "reviews.tasks.export_events",
    Kind.ROSTER: "applications.tasks.import_roster",
}
# What a person must be allowed to do, to ask for it and to fetch it.
NEEDS = {
    Kind.PACK: "pack",
    Kind.BUNDLE: "see_internal",
    Kind.LEDGER: "see_internal",
    Kind.EVENTS: "audit",
    Kind.ROSTER: "edit",
}
RUNS = 3  # a worker that dies at it every time is not given it for ever
SECOND = timedelta(seconds=1)

BROKE_OFF = gettext_noop("處理程序多次中斷；請稍後再試一次，仍未能完成時請洽系統管理員")
FAULT = gettext_noop("處理時發生錯誤，系統管理員可於營運頁查看；請稍後再試一次")

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]


class NotAllowed(Exception):
    """It is not for this person, or not now."""


class Lost(Exception):
    """Another run has taken over."""


class Unfit(Exception):
    """It cannot be done; ``str()`` says why, in the source language, to the person who asked."""


@dataclass(frozen=True)
class Made:
    """What came of it: a file, or the address where it is to be seen."""

    file: Path | None = None
    name: str = ""
    content_type: str = ""
    path: str = ""


def mine(user: User) -> QuerySet[Job]:
    """What this person asked for, of cases that he may know of now."""
    known = policy.scope(user, "application__") | Q(application=None)
    return Job.objects.filter(known, asked_by=user).select_related("application__firm")


def may_fetch(user: User, job: Job) -> bool:
    """Whether this person may have what came of it, by the roles that he has now."""
    return job.asked_by_id == user.pk and policy.may(user, NEEDS[Kind(job.kind)], job.application)


def ask(
    *,
    kind: Job.Kind,
    by: User,
    at: datetime,
    key: str,
    case_id: int | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> Job:
    """Put work on the list; the same ``key`` of the same person is the same work.

    Raises:
        NotAllowed: see ``NEEDS``.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # a button pressed twice
        if found := Job.objects.filter(asked_by=by, key=key).first():
            return found
        case = lock(case_id) if case_id is not None else None
        if not policy.may(by, NEEDS[kind], case):
            raise NotAllowed
        if kind == Kind.PACK and case is not None:
            record(case, "pack", by=by, at=at, shared=False)
        given = dict(arguments or {})
        return Job.objects.create(kind=kind, application=case, arguments=given, key=key, asked_by=by, asked_at=at)


def ordered(job: Job, *, at: datetime) -> None:
    """A task has been sent for it."""
    Job.objects.filter(pk=job.pk).update(ordered_at=at)


def waiting(*, at: datetime) -> QuerySet[Job]:
    """What is to be ordered (again): nobody was told, or nobody has been heard of for too long."""
    late = at - settings.JOB_PATIENCE
    unheard = Q(ordered_at=None) | Q(ordered_at__lt=late)
    return Job.objects.filter(unheard, Q(state=State.WAITING) | Q(state=State.RUNNING, heard_at__lt=late))


class Run:
    """One run of a job: the time, a folder of its own, gone afterwards, and word of how far it is.

    Word is written at most once a second; it is also the sign of life.
    """

    def __init__(self, job: Job, now: Clock) -> None:
        self.job, self.now, self.folder = job, now, _folder(job)
        self._written = now()

    def __enter__(self) -> Run:
        self.folder.mkdir(parents=True, mode=0o700)
        return self

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def tell(self, done: int, total: int) -> None:
        """``done`` of ``total`` units.

        Raises:
            Lost: another run has taken over.
        """
        at = self.now()
        if at - self._written >= SECOND:
            self._written = at
            _keep(self.job, done=done, total=total, heard_at=at)


def run(pk: int, work: Callable[[Run], Made], *, now: Clock) -> None:
    """Do a job unless another run is at it or it is done. What ``work`` raises is written down and raised."""
    job = _begin(pk, at=now())
    if job is None:
        return
    try:
        with Run(job, now) as this:
            _finish(job, work(this), now=now)
    except Lost:
        log.warning("job %s: another run has taken over from %s", job.pk, job.run)
    except Unfit as error:
        _fail(job, str(error), at=now())
    except Exception:
        if _fail(job, FAULT, at=now()):  # a run that has lost its folder to another one has not failed
            raise


def _keep(job: Job, **values: Any) -> None:
    """Write of a run what it may still write.

    Raises:
        Lost: another run has taken over.
    """
    if not Job.objects.filter(pk=job.pk, run=job.run, state=State.RUNNING).update(**values):
        raise Lost


def _begin(pk: int, *, at: datetime) -> Job | None:
    """Take it, if nobody is at it: compare-and-set, so that one of several does."""
    job = Job.objects.get(pk=pk)
    free = Q(state=State.WAITING) | Q(state=State.RUNNING, heard_at__lt=at - settings.JOB_PATIENCE)
    values = {"state": State.RUNNING, "run": uuid4().hex, "heard_at": at, "done": 0, "total": 0}
    if not Job.objects.filter(free, pk=pk, run=job.run).update(**values, runs=F("runs") + 1):
        return None
    if job.run:
        default_storage.delete(_stored(job))
        shutil.rmtree(_folder(job), ignore_errors=True)
    job.refresh_from_db()
    if job.runs > RUNS:
        _fail(job, BROKE_OFF, at=at)
        return None
    return job


def _stored(job: Job) -> str:
    return f"jobs/{job.pk}-{job.run}"


def _folder(job: Job) -> Path:
    return Path(str(settings.JOB_FOLDER)) / f"{job.pk}-{job.run}"


class _Movable(File):
    """A finished file, which a storage on the same disk moves instead of copying."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def _finish(job: Job, made: Made, *, now: Clock) -> None:
    values: dict[str, Any] = {"path": made.path, "name": made.name[:200], "content_type": made.content_type}
    if made.file:
        with made.file.open("rb") as data:
            values |= {"sha256": hashlib.file_digest(data, "sha256").hexdigest(), "size": made.file.stat().st_size}
            data.seek(0)
            values["file"] = default_storage.save(_stored(job), _Movable(data, str(made.file)))
    try:
        with transaction.atomic():
            _keep(job, **values, state=State.DONE, finished_at=now())
            _tell(job, "job_done", now())
    except Lost:
        if made.file:
            default_storage.delete(values["file"])
        raise
    _drop_upload(job)


def _fail(job: Job, error: str, *, at: datetime) -> bool:
    """Give it up; False where another run has taken over, which goes on."""
    try:
        with transaction.atomic():
            _keep(job, state=State.FAILED, error=error, finished_at=at)
            _tell(job, "job_failed", at)
    except Lost:
        log.warning("job %s: another run has taken over from %s", job.pk, job.run)
        return False
    _drop_upload(job)
    return True


def _drop_upload(job: Job) -> None:
    """What was uploaded for it has been taken or refused."""
    if upload := job.arguments.get("upload"):
        default_storage.delete(upload)


def _tell(job: Job, what: str, at: datetime) -> None:
    case: Application | None = job.application
    notify.tell_person(job.asked_by, what, case=case, path=job.get_absolute_url(), key=f"job:{job.pk}", at=at)


def clear(*, at: datetime) -> None:
    """Files that have been kept long enough go; the job stays, and says so."""
    old = Job.objects.exclude(file="").filter(finished_at__lt=at - settings.JOB_FILES_KEPT)
    for pk, name in old.values_list("pk", "file"):
        default_storage.delete(name)
        Job.objects.filter(pk=pk).update(file="")
