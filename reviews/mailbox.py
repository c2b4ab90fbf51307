"""The mailbox for notices, read over IMAP.

What has been taken in is remembered here, not by the mailbox's flags, which anybody who opens it changes; so a
message is taken once it has a row, and asked for again until then. ``\\Seen`` is set after that row is committed, for
people who look into the mailbox; nothing is ever moved or deleted.
"""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils import timezone

from applications import health
from applications.enums import Door
from applications.messages import RAW_BYTES
from reviews.claims import HEAD_BYTES
from reviews.intake import take_in
from reviews.models import MailboxEntry

log = logging.getLogger(__name__)

TIMEOUT = 30.0  # seconds that one answer of the server may take
BUDGET = 120.0  # seconds of one poll; the next one goes on
AT_ONCE = 500  # UIDs in one command
SCHEMES = {"imap": 143, "imap+tls": 143, "imaps": 993}

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_ARRIVAL = re.compile(rb'INTERNALDATE "([^"]{1,40})"')


class Refused(Exception):
    """The server's answer is not what was asked for; the text says which."""


@dataclass(frozen=True)
class Arrival:
    """A message as the server knows it: its size in bytes and when it arrived."""

    size: int
    at: datetime


@dataclass(frozen=True)
class Address:
    """Where the mailbox is. ``imap+tls`` is STARTTLS; plain ``imap`` is for a server on the same machine."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str

    @classmethod
    def of(cls, url: str) -> Address:
        """Reads ``imaps://user:password@host:port/INBOX``; user and password are percent-encoded.

        Raises:
            ValueError: it is no such address. The text never holds the password.
        """
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname or not parts.username:
            raise ValueError("NOTICE_IMAP_URL is not imaps://user:password@host/folder")
        return cls(
            parts.scheme,
            parts.hostname,
            parts.port or SCHEMES[parts.scheme],
            unquote(parts.username),
            unquote(parts.password or ""),
            unquote(parts.path.strip("/")) or "INBOX",
        )


class Mailbox:
    """One folder, opened. Every method raises ``Refused``, OSError or imaplib's error where the server fails."""

    def __init__(self, server: imaplib.IMAP4, folder: str) -> None:
        self.server = server
        _data(server.select('"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'), "SELECT")
        said = server.response("UIDVALIDITY")[1]
        if not said or not said[0]:
            raise Refused("UIDVALIDITY")
        self.place = int(said[0])

    def uids(self, criterion: str) -> list[int]:
        """UIDs of the messages that meet a criterion of SEARCH, in ascending order."""
        data = _data(self.server.uid("SEARCH", criterion), "SEARCH")
        return sorted({int(uid) for line in data if isinstance(line, bytes) for uid in line.split()})

    def arrival(self, uid: int) -> Arrival:
        """Its size and when it came, before any of it is asked for."""
        said = b" ".join(_lines(_data(self.server.uid("FETCH", str(uid), "(RFC822.SIZE INTERNALDATE)"), "FETCH")))
        size, arrived = _SIZE.search(said), _ARRIVAL.search(said)
        parts = parsedate_tz(arrived[1].decode("ascii", "replace").strip().replace("-", " ", 2)) if arrived else None
        if not size or not parts:
            raise Refused("RFC822.SIZE INTERNALDATE")
        at = datetime(*parts[:6], tzinfo=UTC) - timedelta(seconds=parts[9] or 0)
        return Arrival(int(size[1]), at)

    def raw(self, uid: int, *, headers: bool = False) -> bytes:
        """The bytes of the message, or the beginning of its headers; reading them marks nothing."""
        part = f"(BODY.PEEK[HEADER]<0.{HEAD_BYTES}>)" if headers else f"(BODY.PEEK[]<0.{RAW_BYTES + 1}>)"
        for one in _data(self.server.uid("FETCH", str(uid), part), "FETCH"):
            if isinstance(one, tuple):
                return one[1]
        raise Refused("BODY.PEEK[]")

    def mark(self, uids: Iterable[int]) -> None:
        """``\\Seen``: the portal has them."""
        marked = sorted(uids)
        for first in range(0, len(marked), AT_ONCE):
            some = ",".join(map(str, marked[first : first + AT_ONCE]))
            _data(self.server.uid("STORE", some, "+FLAGS.SILENT", r"(\Seen)"), "STORE")


def _data(answer: tuple[str, list], what: str) -> list:
    if answer[0] != "OK":
        raise Refused(f"{what}: {answer[0]}")
    return answer[1]


def _lines(data: Iterable[bytes | tuple[bytes, bytes]]) -> Iterator[bytes]:
    for one in data:
        yield from one if isinstance(one, tuple) else (one or b"",)


@contextmanager
def opened(address: Address) -> Iterator[Mailbox]:
    """The folder, over TLS with the server's certificate verified unless the address says ``imap``."""
    server: imaplib.IMAP4
    if address.scheme == "imaps":
        context = ssl.create_default_context()
        server = imaplib.IMAP4_SSL(address.host, address.port, ssl_context=context, timeout=TIMEOUT)
    else:
        server = imaplib.IMAP4(address.host, address.port, timeout=TIMEOUT)
    try:
        if address.scheme == "imap+tls":
            server.starttls(ssl.create_default_context())
        server.login(address.user, address.password)
        yield Mailbox(server, address.folder)
    except BaseException:
        with suppress(OSError):
            server.shutdown()
        raise
    with suppress(OSError, imaplib.IMAP4.error):  # all is done by now
        server.logout()


def told(error: Exception) -> str:
    """An error in one line for the operator, without anything of a mail."""
    first = error.args[0] if error.args else ""
    text = first.decode("ascii", "replace") if isinstance(first, bytes) else str(error).partition(" b'")[0]
    return f"{type(error).__name__}: {text}"[:200].strip(": ")


def poll(*, url: str = "") -> int:
    """Take in what is new in the mailbox; how many messages that was. Nothing where no mailbox is set up.

    One message that fails is written down, stops no other, and is tried again by the next poll. May run twice at once.

    Raises:
        Refused, OSError, imaplib.IMAP4.error, ValueError: the mailbox could not be read, or not all of it.
    """
    url = url or settings.NOTICE_IMAP_URL
    if not url:
        return 0
    end, taken = time.monotonic() + BUDGET, 0
    with opened(Address.of(url)) as box:
        entries = MailboxEntry.objects.filter(place=box.place)
        known = set(entries.exclude(mail=None).values_list("uid", flat=True))
        failed = set(entries.filter(mail=None).values_list("uid", flat=True))
        # what failed before comes last: it holds up nobody
        for uid in sorted(set(box.uids("ALL")) - known, key=lambda one: (one in failed, one)):
            if time.monotonic() > end:
                break
            if _take(box, uid):
                known.add(uid)
                taken += 1
        box.mark(known.intersection(box.uids("UNSEEN")))
        if errors := sorted(set(entries.filter(mail=None).values_list("error", flat=True))):
            raise Refused(f"messages not taken in: {', '.join(errors)}")
    health.heard(health.MAILBOX, at=timezone.now())
    return taken


def _take(box: Mailbox, uid: int) -> bool:
    """Whether the message has its row now; what kept it from that is written down. A lost connection is raised."""
    try:
        arrival = box.arrival(uid)
        too_big = arrival.size > RAW_BYTES
        raw = box.raw(uid, headers=too_big)
        mail = take_in(
            raw=raw,
            received_at=arrival.at,
            door=Door.MAILBOX,
            at=timezone.now(),
            size=arrival.size if too_big else None,
        )
    except (OSError, imaplib.IMAP4.abort):  # the connection is gone; the next poll takes this one last
        _remember(box, uid, error="connection")
        raise
    except Exception as error:  # this message alone
        log.exception("message %s of the mailbox was not taken in", uid)
        _remember(box, uid, error=type(error).__name__)
        return False
    _remember(box, uid, mail=mail.pk)
    return True


def _remember(box: Mailbox, uid: int, *, mail: int | None = None, error: str = "") -> None:
    entry, _new = MailboxEntry.objects.get_or_create(place=box.place, uid=uid, defaults={"at": timezone.now()})
    if entry.mail_id is None:
        entry.mail_id, entry.error, entry.at = mail, error, timezone.now()
        entry.tries += 1
        entry.save()
