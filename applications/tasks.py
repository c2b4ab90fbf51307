"""Celery: what runs by itself. Each task takes what is due, may run twice, and catches up."""

from __future__ import annotations

import logging
from datetime import datetime
from itertools import islice

from celery import current_app, shared_task
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import sessions
from applications import heads, health, imports, jobs, notify, outbox, sweep, verifying
from applications.actions import operating, scanning
from applications.models import Job

log = logging.getLogger(__name__)
FAULTS = 20  # that are told of; manage.py verify_trail says all


@shared_task
def sweep_deadlines() -> None:
    """Write the reminders that have come due, up to today in Taipei; see ``sweep``."""
    at = timezone.now()
    run = sweep.sweep(today=timezone.localdate(at), at=at)
    run.finished_at = timezone.now()
    run.save(update_fields=["finished_at"])


@shared_task
def send_outbox() -> None:
    """Find out whom what happened is for, then send a mail for each thing to those who want it so."""
    at = timezone.now()
    outbox.expand(at=at)
    outbox.send(at=at)


@shared_task
def send_digests() -> None:
    """One mail a day to those who want it so; see ``outbox.send_digests``."""
    outbox.send_digests(at=timezone.now())


@shared_task
def sign_heads() -> None:
    """Sign the ends of all chains, once a day; the first run of a day does it."""
    at = timezone.now()
    try:
        heads.sign(day=timezone.localdate(at), at=at)
    except heads.NoKey:
        log.warning("the heads of the trail are not signed: manage.py make_trail_key")
    else:
        health.heard(health.HEADS, at=at)


@shared_task(name=health.TASKS[health.TRAIL])
def verify_trail() -> None:
    """Walk the whole trail; people are told where it is broken, once a day."""
    at = timezone.now()
    faults = [str(fault) for fault in islice(verifying.verify(), FAULTS)]
    health.trail_verified(faults, at=at)
    if faults:
        notify.tell_once("trail_broken", path=reverse("trail"), key=f"trail:{timezone.localdate(at)}", at=at)


@shared_task
def scan_files() -> None:
    """Have the virus scanner look at what has come in; see ``scanning.scan_waiting``."""
    scanning.scan_waiting(at=timezone.now())


@shared_task
def forget_sessions() -> None:
    """Delete the sessions, and the counts of attempts, that are over."""
    sessions.forget(at=timezone.now())


@shared_task
def heartbeat() -> None:
    """Every minute: beat and a worker are there. What a change of the calendar or of parameters left is taken up."""
    now = timezone.now()
    health.beat(at=now)
    if operating.waiting(at=now):
        reschedule.delay()


@shared_task
def reschedule() -> None:
    """Compute all deadlines anew after a change of the calendar or of parameters; nothing where there was none."""
    operating.catch_up(at=timezone.now())


def order(job: Job, *, at: datetime) -> None:
    """Have a worker do a job. While the broker is away nobody is told, until ``tend_jobs``."""
    try:
        current_app.send_task(jobs.TASKS[Job.Kind(job.kind)], args=[job.pk], retry=False)
    except OperationalError:
        log.warning("job %s is not on order", job.pk)
    else:
        jobs.ordered(job, at=at)


@shared_task
def import_roster(job_id: int) -> None:
    """A big roster that was uploaded."""
    jobs.run(job_id, imports.make, now=timezone.now)


@shared_task
def tend_jobs() -> None:
    """Order what nobody is at; let go of files that have been kept long enough."""
    at = timezone.now()
    for job in jobs.waiting(at=at):
        order(job, at=at)
    jobs.clear(at=at)
