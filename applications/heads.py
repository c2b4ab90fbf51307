"""Signed heads: once a day the end of every chain is written to a file and signed, so that a cut-off tail shows.

A day's file names the SHA-256 of the file before it. Whoever holds a copy (the auditors get it by mail) can tell
whether any chain was shortened or rewritten since.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection
from django.urls import reverse

from applications import notify
from applications.models import Event
from applications.trail import FIRST, canonical, moment

SIGNED = "heads_signed"  # what people are told
HOUSE = "house"
ENDS = """
SELECT e.application_id, e.number, e.hash FROM applications_event e
JOIN (
    SELECT application_id, MAX(number) AS number FROM applications_event
    WHERE application_id IS NOT NULL GROUP BY application_id
) last ON last.application_id = e.application_id AND last.number = e.number
ORDER BY e.application_id
"""


class NoKey(Exception):
    """There is no key to sign with: ``manage.py make_trail_key``."""


class KeyExists(Exception):
    """A key is never replaced: what it signed could not be checked any more."""


@dataclass(frozen=True)
class Sheet:
    """The heads of one day, as a file says them."""

    day: str
    heads: dict[str, list[Any]]  # id of the case, or ``HOUSE`` -> number and hash of the last event
    fault: str = ""  # "signature", "order" or "unreadable"; then ``heads`` is not to be believed


def folder() -> Path:
    return Path(settings.TRAIL_FOLDER) / "heads"


def _key_file() -> Path:
    return Path(settings.TRAIL_FOLDER) / "signing.key"


def make_key() -> str:
    """Make the key to sign with, readable by its owner alone; the public key in hex.

    Raises:
        KeyExists: there is one.
    """
    key = Ed25519PrivateKey.generate()
    _key_file().parent.mkdir(parents=True, exist_ok=True)
    try:
        opened = os.open(_key_file(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyExists from error
    with os.fdopen(opened, "w") as file:
        file.write(key.private_bytes_raw().hex())
    return key.public_key().public_bytes_raw().hex()


def _key() -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(_key_file().read_text().strip()))
    except FileNotFoundError as error:
        raise NoKey from error


def sign(*, day: date, at: datetime) -> bool:
    """Write and sign the heads of ``day`` as they are now, and have the auditors told; whether it was still to be done.

    A day that was missed is not made up for: the next day's heads cover it.

    Raises:
        NoKey.
    """
    place, name = folder(), day.isoformat()
    key = _key()
    place.mkdir(parents=True, exist_ok=True)
    done = (place / f"{name}.sig").exists()
    if not done:
        before = [path for path in _sheets(place) if path.stem < name]
        previous = hashlib.sha256(before[-1].read_bytes()).hexdigest() if before else FIRST
        data = canonical({"day": name, "at": moment(at), "previous": previous, "heads": _heads()}).encode()
        _put(place / "key.pub", key.public_key().public_bytes_raw().hex().encode())
        _put(place / f"{name}.json", data)
        _put(place / f"{name}.sig", key.sign(data).hex().encode())
    notify.tell_once(SIGNED, path=reverse("trail"), key=f"heads:{name}", at=at)
    return not done


def _heads() -> dict[str, list[Any]]:
    """The end of every chain; read in one statement, but for that of the house."""
    with connection.cursor() as cursor:
        cursor.execute(ENDS)
        found = {str(case_id): [number, last] for case_id, number, last in cursor.fetchall()}
    house = Event.objects.filter(application=None).order_by("number").values_list("number", "hash").last()
    return found | ({HOUSE: list(house)} if house else {})


def signature(data: bytes) -> tuple[str, str] | None:
    """The public key and the signature of what is not a day's heads, in hex; None while there is no key."""
    try:
        key = _key()
    except NoKey:
        return None
    return key.public_key().public_bytes_raw().hex(), key.sign(data).hex()


def changes_of(case_id: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the sheets that tell of a case what the one before did not, and of the last; with signatures.

    A case that rests for years is in every day's sheet with the same head.
    """
    known, paths = None, _sheets(folder())
    for path in paths:
        data = path.read_bytes()
        head = json.loads(data)["heads"].get(str(case_id))
        if head and (head != known or path == paths[-1]):
            known = head
            yield path.name, data
            yield path.with_suffix(".sig").name, path.with_suffix(".sig").read_bytes()


def _put(path: Path, data: bytes) -> None:
    """All of it or nothing, whenever the machine stops."""
    half = path.with_suffix(".part")
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _sheets(place: Path) -> list[Path]:
    return sorted(path for path in place.glob("????-??-??.json") if path.with_suffix(".sig").exists())


def files_of(key: str) -> list[tuple[str, bytes]]:
    """Names and bytes of what goes to the auditors with the row of the outbox that has this key."""
    name = key.partition(":")[2]
    paths = [folder() / f"{name}.json", folder() / f"{name}.sig", folder() / "key.pub"]
    return [(path.name, path.read_bytes()) for path in paths if path.exists()]


def read(place: Path) -> Iterator[Sheet]:
    """The sheets in a folder, by day, each checked against its signature and the sheet before."""
    previous = FIRST
    for path in _sheets(place):
        data = path.read_bytes()
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex((place / "key.pub").read_text()))
            public.verify(bytes.fromhex(path.with_suffix(".sig").read_text()), data)
            said = json.loads(data)
            fault = "" if (said["previous"], said["day"]) == (previous, path.stem) else "order"
            yield Sheet(path.stem, said["heads"], fault)
        except InvalidSignature:
            yield Sheet(path.stem, {}, "signature")
        except (ValueError, KeyError, OSError):
            yield Sheet(path.stem, {}, "unreadable")
        previous = hashlib.sha256(data).hexdigest()
