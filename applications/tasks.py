"""Celery: the outbox. Each task takes what is due, may run twice, and catches up."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from applications import notify
from applications.models import Notification, Outbox

BATCH = 200
ATTEMPTS = 8  # after so many refusals for good (5xx) it is left alone


@shared_task
def send_outbox() -> None:
    """Find out whom each waiting outbox row is for, then send one mail to each person.

    A mail is marked in the transaction that sends it: at least once to the mail server,
    with a Message-ID that stays the same. While the server is away nothing is given up:
    the run ends, and the next one tries again.
    """
    while _expand():
        pass
    waiting = Notification.objects.filter(sent_at=None).exclude(attempts__gte=ATTEMPTS, last_error__startswith="5")
    for pk in list(waiting.order_by("attempts", "id").values_list("pk", flat=True)[:BATCH]):
        if not _send(pk):
            break


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


def _send(pk: int) -> bool:
    """Send one mail; False where there is no server to send it by."""
    with transaction.atomic():
        note = (
            Notification.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("outbox__application", "user")
            .filter(pk=pk, sent_at=None)
            .first()
        )
        if note is None:
            return True
        note.attempts += 1
        away = False
        try:
            _mail(note).send()
            note.sent_at = timezone.now()
            note.last_error = ""
        except SMTPRecipientsRefused as error:  # the address, not the server
            note.last_error = " ".join(f"{code} {text!r}" for code, text in error.recipients.values())[:200]
        except (SMTPDataError, SMTPSenderRefused) as error:
            note.last_error = f"{error.smtp_code} {error.smtp_error!r}"[:200]
        except OSError as error:  # all of smtplib's other errors too
            note.last_error = str(error)[:200] or type(error).__name__
            away = True
        note.save(update_fields=["attempts", "sent_at", "last_error"])
    return not away


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
