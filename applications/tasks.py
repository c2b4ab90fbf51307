"""Celery: the outbox. Each task takes what is due, may run twice, and catches up."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from applications import notify
from applications.models import Notification, Outbox

BATCH = 200
ATTEMPTS = 8


@shared_task
def send_outbox() -> None:
    """Find out whom each waiting outbox row is for, then send one mail to each person.

    A mail is marked in the transaction that sends it: at least once to the mail server,
    with a Message-ID that stays the same.
    """
    while _expand():
        pass
    waiting = Notification.objects.filter(sent_at=None, attempts__lt=ATTEMPTS).values_list("pk", flat=True)[:BATCH]
    for pk in list(waiting):
        _send(pk)


def _expand() -> bool:
    with transaction.atomic():
        row = (
            Outbox.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("application")
            .filter(expanded_at=None)
            .order_by("id")
            .first()
        )
        if row is None:
            return False
        people = notify.audience(row)
        Notification.objects.bulk_create(
            [Notification(outbox=row, user=person) for person in people], ignore_conflicts=True
        )
        row.expanded_at = timezone.now()
        row.save(update_fields=["expanded_at"])
    return True


def _send(pk: int) -> None:
    with transaction.atomic():
        note = (
            Notification.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("outbox__application", "user")
            .filter(pk=pk, sent_at=None)
            .first()
        )
        if note is None:
            return
        note.attempts += 1
        try:
            _mail(note).send()
            note.sent_at = timezone.now()
            note.last_error = ""
        except OSError as error:  # the mail server is away: the next run tries again
            note.last_error = str(error)[:200]
        note.save(update_fields=["attempts", "sent_at", "last_error"])


def _mail(note: Notification) -> EmailMessage:
    """A link and nothing of the case."""
    with translation.override(note.user.language):
        link = settings.PORTAL_URL.rstrip("/") + note.outbox.application.get_absolute_url()
        body = _(
            "%(name)s 您好：\n\n您在「證券商居家辦公申報系統」有一件案件有新的進度，請登入查看：\n%(link)s\n\n"
            "為保護資料，本信不含案件內容。本信由系統自動寄送，請勿直接回覆。"
        ) % {"name": note.user.name, "link": link}
        host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
        return EmailMessage(
            subject=_("證券商居家辦公申報系統：案件有新的進度"),
            body=body,
            to=[note.user.email],
            headers={"Message-ID": f"<notification-{note.pk}@{host}>"},
        )
