"""The form of the trail, pure: what an event says, its hash and how it hangs on the one before.

Whoever holds an exported trail can do the same sums with any JSON and SHA-256; docs/audit-trail.md says how.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

FIRST = "0" * 64  # what the first event of a chain hangs on
# events that only say that somebody looked; a document is issued when somebody first does
READINGS = ("roster_read", "file_read", "issued", "pdf_read", "refused")

# What decides something is sealed by the event that writes it: kind of row -> columns (a payload by its sha256).
SEALED: dict[str, tuple[str, ...]] = {
    "application": (
        *("firm_id", "kind", "version_id", "number", "status", "previous_id", "created_by_id", "created_at"),
        *("submitted_at", "prepared_by_id", "signed_by_id", "signed_at"),
    ),
    "attachment": ("application_id", "name", "sha256", "size", "uploaded_by_id", "uploaded_at"),
    "submission": (
        *("application_id", "number", "sha256", "prepared_by_id", "signed_by_id", "submitted_by_id", "submitted_at"),
        "idempotency_key",
    ),
    "emergencynotice": ("application_id", "door", "sha256", "received_at", "given_by_id", "idempotency_key"),
    "firmnotice": ("application_id", "what", "effective_on", "text", "detail", "attachment_id", "by_id", "at"),
    "correction": (
        *("application_id", "submission_id", "items", "letter", "due_on", "issued_by_id", "issued_at", "answered_at"),
    ),
    "decision": (
        *("application_id", "approved", "document_number", "dated", "conditions", "scan_id", "recorded_by_id"),
        "recorded_at",
    ),
    "approvedperiod": ("firm_id", "application_id", "line", "first_day", "last_day", "ended_on"),
    "verdict": ("submission_id", "item_id", "verdict", "comment", "revision", "carried", "by_id", "at"),
    "recommendation": (
        *("submission_id", "outcome", "reasons", "by_id", "at", "decided_by_id", "decided_at", "released", "remark"),
        "document_number",
    ),
    "bundle": ("recommendation_id", "sha256", "made_at"),
    "issued": ("application_id", "what", "part", "language", "code", "sha256", "issued_at"),
    "operatorevent": ("at", "actor_id", "actor_name", "what", "subject", "before", "after", "reason"),
    "internalnote": ("application_id", "text", "by_id", "at"),
    "mailnotice": ("sha256", "size", "partial", "message_id", "sender", "subject", "said", "door", "received_at"),
}

_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value: Any) -> str:
    """The one way to write ``value`` as JSON: sorted keys, no white space, characters as they are."""
    return _write(value)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def moment(at: datetime) -> str:
    """A time as the trail writes it: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def content(event: Any) -> dict[str, Any]:
    """What an event says; with ``previous`` and ``hash`` besides, it is a line of an exported trail."""
    return {
        "application": event.application_id,
        "number": event.number,
        "at": moment(event.at),
        "actor": event.actor_id,
        "actor_name": event.actor_name,
        "actor_role": event.actor_role,
        "what": event.what,
        "before": event.before,
        "after": event.after,
        "detail": event.detail,
        "shared": event.shared,
        "request_id": event.request_id,
        "address": event.address,
    }


def around(said: dict[str, Any]) -> tuple[str, str]:
    """The canonical text of ``content`` before and after its number, which only the database knows in time.

    Args:
        said: ``content`` without ``number``.
    """
    before = _write({key: value for key, value in said.items() if key < "number"})
    after = _write({key: value for key, value in said.items() if key > "number"})
    return f'{before[:-1]},"number":', f",{after[1:]}"


def link(previous: str, said: dict[str, Any]) -> str:
    """The hash of an event that says ``said`` (``content``) and hangs on the hash ``previous``."""
    return digest(previous + digest(canonical(said)))


def kept(row: Any) -> dict[str, Any]:
    """What a sealed row (of a kind in ``SEALED``) says, as JSON."""
    kind = row._meta.model_name
    return {"kind": kind, "id": row.pk, **{column: _plain(getattr(row, column)) for column in SEALED[kind]}}


def seals(*rows: Any) -> dict[str, dict[str, str]]:
    """The part of an event's detail that seals these rows as they are now: kind and id -> SHA-256 of ``kept``.

    The last seal of a row is the one that counts.
    """
    if not rows:
        return {}
    return {"seals": {f"{row._meta.model_name}:{row.pk}": digest(canonical(kept(row))) for row in rows}}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    return value.isoformat() if isinstance(value, date) else value
