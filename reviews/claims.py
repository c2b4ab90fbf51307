"""What a mail says, as it is kept beside its bytes: the sender's claims, not one of them verified.

It is read once, when the mail comes in, so that no page reads a hostile mail again; an attachment's bytes are
taken out of the raw mail when somebody asks for them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable
from typing import Any

from applications import evidence
from applications.messages import RAW_BYTES, Address, Attachment, Message, TooBig, read_message

log = logging.getLogger(__name__)

TOO_BIG, FAILED = "too_big", "failed"  # why a mail could not be read
HEAD_BYTES = 64 * 1024  # of a mail that is too big, as much is looked at
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")

Said = dict[str, Any]


def read(raw: bytes, *, partial: bool = False) -> tuple[Said, str]:
    """What the mail says, and why it could not be read: "" , ``TOO_BIG`` or ``FAILED``.

    Never raises. Of a mail that is too big, or of which the headers alone are there (``partial``), its headers
    are read; what fails altogether says nothing. Keys of the first: ``message_id``, ``date`` and ``received``
    (ISO), ``sender`` (text, name, address), ``reply_to``, ``to``, ``cc``, ``subject``, ``text``, ``from_html``,
    ``files`` (name, content_type, size, sha256, oddities, refused), ``left_out``, ``oddities`` and ``content``,
    the digest of what a person reads, "" where not all of it was read.
    """
    try:
        if partial or len(raw) > RAW_BYTES:
            return _said(read_message(_head(raw)), whole=False), TOO_BIG
        return _said(read_message(raw), whole=True), ""
    except TooBig:
        return {}, TOO_BIG
    except Exception:  # a fault of ours must not lose a mail
        log.exception("a mail of %s bytes could not be read", len(raw))
        return {}, FAILED


def acceptable(said: Said) -> frozenset[str]:
    """Digests of the attachments that can become files of a case."""
    return frozenset(one["sha256"] for one in said.get("files", []) if not one["refused"])


def attachment(raw: bytes, sha256: str) -> Attachment | None:
    """The attachment with this digest, or None."""
    return next((one for one in files(raw) if one.sha256 == sha256), None)


def files(raw: bytes) -> tuple[Attachment, ...]:
    """The attachments with their bytes; none of a mail that is too big."""
    return read_message(raw).attachments if len(raw) <= RAW_BYTES else ()


def _head(raw: bytes) -> bytes:
    head = raw[:HEAD_BYTES]
    blank = _BLANK_LINE.search(head, 1)
    return head[: blank.end()] if blank else head


def _said(message: Message, *, whole: bool) -> Said:
    return {
        "message_id": message.message_id,
        "message_ids": list(message.message_ids),
        "date": message.date.isoformat() if message.date else None,
        "received": [one.isoformat() for one in message.received],
        "sender": {
            "text": message.sender.text,
            "name": message.sender.name,
            "address": message.sender.address,
        },
        "reply_to": _texts(message.reply_to),
        "to": _texts(message.to),
        "cc": _texts(message.cc),
        "subject": message.subject,
        "text": message.text if whole else "",
        "from_html": message.from_html,
        "files": [_file(one) for one in message.attachments] if whole else [],
        "left_out": list(message.left_out),
        "oddities": list(message.oddities) if whole else [],
        "content": _content(message) if whole else "",
    }


def _texts(addresses: Iterable[Address]) -> list[str]:
    return [one.text for one in addresses]


def _file(one: Attachment) -> dict[str, Any]:
    """An attachment, and why it cannot become a file of a case (a message and its parameters), or None."""
    refused = None
    try:
        evidence.recognise(one.name, one.data)
    except evidence.Refused as error:
        refused = {"message": error.message, "params": error.params}
    except Exception:  # a fault of ours takes the file from the case, not the mail from the officer
        log.exception("an attachment of %s bytes could not be recognised", len(one.data))
        refused = {"message": evidence.UNKNOWN, "params": {"name": one.name}}
    return {
        "name": one.name,
        "content_type": one.content_type,
        "size": len(one.data),
        "sha256": one.sha256,
        "oddities": list(one.oddities),
        "refused": refused,
    }


def _content(message: Message) -> str:
    """A digest of what a person reads, whatever was stamped on the mail on its way."""
    read_by_people = [
        message.sender.text,
        message.subject,
        message.text,
        *(one.sha256 for one in message.attachments),
        *message.left_out,
    ]
    return hashlib.sha256(json.dumps(read_by_people).encode()).hexdigest()
