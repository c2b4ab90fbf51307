"""From the outbox to people: who is told, and one mail for each thing, or one a day.

At least once to the mail server: a mail is marked in the transaction that sends it, and its Message-ID stays the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from applications import heads, notify
from applications.models import Notification, Outbox

ROWS = 1000  # of the outbox in one transaction
BATCH = 200  # mails in one run
ATTEMPTS = 8  # after so many refusals for good (5xx) it is given up
LONGEST_WAIT = timedelta(hours=6)
DIGEST_HOUR = 8  # Taipei time
LEFT = "帳號已停用"
AT_ONCE = Q(user__digest=False) | Q(outbox__what=heads.SIGNED)  # files do not go into a digest
SHUTTING_DOWN = 421  # of the server, not of one mail
BROKEN = 554  # a mail that cannot even be written


class _Away(Exception):
    """There is no server that takes mail from us now."""


class _Refused(Exception):
    """The server does not want this mail: 4xx for now, 5xx for good."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def expand(*, at: datetime) -> None:
    """Find out whom each waiting row of the outbox is for. Set-based; two at once share the work."""
    while _expand(at):
        pass


def _expand(at: datetime) -> bool:
    """Take some rows under their locks; whether there were any."""
    with transaction.atomic():
        waiting = Outbox.objects.select_for_update(skip_locked=True).filter(expanded_at=None).order_by("id")
        rows = dict(waiting.values_list("pk", "what")[:ROWS])
        if rows:
            notify.write_notifications(list(rows), sorted(set(rows.values())))
            Outbox.objects.filter(pk__in=list(rows)).update(expanded_at=at)
    return bool(rows)


def send(*, at: datetime) -> None:
    """Send one mail for each thing to those who want it so, ``BATCH`` of them at most.

    While the server is away nothing is given up: the run ends, and the next one begins with another mail.
    """
    _drop(at)
    waiting = _waiting(at).filter(AT_ONCE).order_by(F("try_after").asc(nulls_first=True), "id")
    for pk in list(waiting.values_list("pk", flat=True)[:BATCH]):
        if not _send(Notification.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk), at):
            break


def send_digests(*, at: datetime) -> None:
    """One mail a day, at ``DIGEST_HOUR``, to those who want it so: of everything up to that hour.

    What comes later waits for the next day, so that it can run at any time and again.
    """
    _drop(at)
    local = timezone.localtime(at)
    hour = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    upto = hour if hour <= local else hour - timedelta(days=1)
    waiting = _waiting(at).exclude(AT_ONCE).filter(outbox__expanded_at__lt=upto)
    users = waiting.order_by(F("try_after").asc(nulls_first=True), "user_id").values_list("user_id", flat=True)
    for user_id in dict.fromkeys(users):
        # the second of two that run at once waits here, then finds nothing
        if not _send(waiting.filter(user=user_id).select_for_update(of=("self",)), at, upto):
            break


def _waiting(at: datetime) -> QuerySet[Notification]:
    unsent = Notification.objects.filter(sent_at=None, dead_at=None)
    return unsent.filter(Q(try_after=None) | Q(try_after__lte=at))


def _drop(at: datetime) -> None:
    """Whoever has left since gets nothing."""
    left = Notification.objects.filter(sent_at=None, dead_at=None, user__is_active=False)
    left.update(dead_at=at, last_error=LEFT)


def _send(locked: QuerySet[Notification], at: datetime, digest: datetime | None = None) -> bool:
    """Send one mail about these; False where there is no server to send it by."""
    with transaction.atomic():
        unsent = locked.select_related("outbox__application", "user").filter(sent_at=None, dead_at=None)
        notes = list(unsent.order_by("id"))
        if not notes:
            return True
        rows = Notification.objects.filter(pk__in=[note.pk for note in notes])
        attempts = max(note.attempts for note in notes) + 1
        try:
            _hand_over(_digest(notes, digest) if digest else _mail(notes[0]))
        except _Away as error:  # ``try_after`` sends it to the end of the line
            rows.update(try_after=at, last_error=str(error)[:200])
            return False
        except _Refused as error:
            dead = error.code >= 500 and attempts >= ATTEMPTS
            rows.update(
                attempts=attempts,
                try_after=at + min(timedelta(minutes=2 ** min(attempts, 10)), LONGEST_WAIT),
                dead_at=at if dead else None,
                last_error=str(error)[:200],
            )
        else:
            rows.update(attempts=attempts, sent_at=at, try_after=None, last_error="")
    return True


def _hand_over(mail: EmailMessage) -> None:
    """Give a mail to the server.

    Raises:
        _Refused: it does not want this one.
        _Away: it wants none now, or is not there.
    """
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        raise _refusal(*next(iter(error.recipients.values()))) from error
    except SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except ValueError as error:
        raise _refusal(BROKEN, str(error)) from error
    except OSError as error:  # all of smtplib's other errors too
        raise _Away(str(error) or type(error).__name__) from error


def _refusal(code: int, text: bytes | str) -> Exception:
    said = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    return _Away(said) if code == SHUTTING_DOWN else _Refused(code, said)


def _mail(note: Notification) -> EmailMessage:
    """A link and nothing of the case."""
    kind = note.outbox.what.partition(":")[0]
    with translation.override(note.user.reads):
        if kind == notify.DUE:
            subject = _("證券商居家辦公申報系統：期限將至")
            body = _(
                "%(name)s 您好：\n\n您在「證券商居家辦公申報系統」有一件案件之期限將至，請登入查看：\n%(link)s\n\n"
                "為保護資料，本信不含案件內容。本信由系統自動寄送，請勿直接回覆。"
            )
        elif kind == notify.OVERDUE:
            subject = _("證券商居家辦公申報系統：期限已過")
            body = _(
                "%(name)s 您好：\n\n您在「證券商居家辦公申報系統」有一件案件之期限已過，請登入查看：\n%(link)s\n\n"
                "為保護資料，本信不含案件內容。本信由系統自動寄送，請勿直接回覆。"
            )
        elif kind.startswith("job_"):
            subject = _("證券商居家辦公申報系統：您要求之作業已處理完畢")
            body = _(
                "%(name)s 您好：\n\n您在「證券商居家辦公申報系統」要求之作業已處理完畢，請登入查看：\n%(link)s\n\n"
                "為保護資料，本信不含案件內容。本信由系統自動寄送，請勿直接回覆。"
            )
        elif kind == heads.SIGNED:
            subject = _("證券商居家辦公申報系統：每日紀錄簽章")
            body = _(
                "%(name)s 您好：\n\n附件為「證券商居家辦公申報系統」各案件紀錄今日末筆之雜湊及其簽章，請另行保存；"
                "日後得據以查核紀錄有無遭刪除或改寫：\n%(link)s\n\n本信由系統自動寄送，請勿直接回覆。"
            )
        elif kind == "trail_broken":
            subject = _("證券商居家辦公申報系統：紀錄查核發現異常")
            body = _(
                "%(name)s 您好：\n\n「證券商居家辦公申報系統」之紀錄查核發現有資料在系統外遭變更，請登入查看：\n"
                "%(link)s\n\n本信由系統自動寄送，請勿直接回覆。"
            )
        else:
            subject = _("證券商居家辦公申報系統：案件有新的進度")
            body = _(
                "%(name)s 您好：\n\n您在「證券商居家辦公申報系統」有一件案件有新的進度，請登入查看：\n%(link)s\n\n"
                "為保護資料，本信不含案件內容。本信由系統自動寄送，請勿直接回覆。"
            )
        words = {"name": note.user.name, "link": _link(notify.path(note.outbox))}
        mail = _letter(note, subject, body % words, f"notification-{note.pk}")
    if kind == heads.SIGNED:
        for name, data in heads.files_of(note.outbox.key):
            mail.attach(name, data, "application/octet-stream")
    return mail


def _digest(notes: list[Notification], upto: datetime) -> EmailMessage:
    """How many, and where to read them."""
    user = notes[0].user
    with translation.override(user.reads):
        words = {
            "name": user.name,
            "count": len(notes),
            "link": _link(reverse("notices")),
            "links": "\n".join(_link(path) for path in dict.fromkeys(notify.path(note.outbox) for note in notes)),
        }
        body = _(
            "%(name)s 您好：\n\n您在「證券商居家辦公申報系統」有新的通知，共 %(count)s 則，請登入查看：\n%(link)s\n\n"
            "相關案件：\n%(links)s\n\n"
            "為保護資料，本信不含案件內容。本信由系統自動寄送，請勿直接回覆。"
        )
        # the first one tells this mail from another one of the same day, should a mail given up be sent again
        name = f"digest-{user.pk}-{timezone.localdate(upto)}-{notes[0].pk}"
        return _letter(notes[0], _("證券商居家辦公申報系統：每日通知彙整"), body % words, name)


def _link(path: str) -> str:
    return settings.PORTAL_URL.rstrip("/") + path


def _letter(note: Notification, subject: str, body: str, name: str) -> EmailMessage:
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    headers = {"Message-ID": f"<{name}@{host}>"}
    return EmailMessage(subject=subject, body=body, to=[note.user.email], headers=headers)
