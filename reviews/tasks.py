"""Celery: what takes too long for a request."""

from __future__ import annotations

import imaplib
import logging

from celery import shared_task
from django.utils import timezone

from applications import health, jobs
from reviews import bundle, exports, inspection, mailbox
from reviews.actions import disposing

log = logging.getLogger(__name__)


@shared_task
def draw_bundle(job_id: int) -> None:
    """Make the bundle of a forwarding; one that is there is kept."""
    jobs.run(job_id, bundle.make, now=timezone.now)


@shared_task
def export_ledger(job_id: int) -> None:
    """The ledger as a file."""
    jobs.run(job_id, exports.make_ledger, now=timezone.now)


@shared_task
def export_events(job_id: int) -> None:
    """What an auditor's search finds, as a file."""
    jobs.run(job_id, exports.make_events, now=timezone.now)


@shared_task
def make_pack(job_id: int) -> None:
    """The inspection pack of a case."""
    jobs.run(job_id, inspection.make, now=timezone.now)


@shared_task
def destroy_released() -> None:
    """Destroy what was released and is not done yet; what another run left off is taken up."""
    disposing.destroy_released(at=timezone.now())


@shared_task(name=health.TASKS[health.MAILBOX])
def poll_mailbox() -> None:
    """Take in what is new in the mailbox for notices. The operator sees what it could not do."""
    try:
        mailbox.poll()
    except (mailbox.Refused, imaplib.IMAP4.error, OSError, ValueError) as error:
        log.warning("the mailbox could not be read", exc_info=True)
        health.failed(health.MAILBOX, error=mailbox.told(error), at=timezone.now())
