"""A ZIP of any size in constant memory: the same members give the same bytes, and each is listed with its SHA-256."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from applications.apart import apart

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
DRAWN = 100 << 20  # what drawing a document counts for: so many bytes are copied in about that time
CHUNK = 1 << 20
LONGEST = 60  # characters of a file's name: some systems allow 255 bytes, others 260 characters for the whole path
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # no member tells when it was written
_PACKED = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".xlsx", ".docx"})
# what Windows refuses in names, controls, and marks that turn the direction of writing
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Member:
    """A file of the pack: where it lies in it, and what gives its bytes when its turn comes."""

    name: str
    chunks: Callable[[], Iterable[bytes]]
    weight: int = 0  # of the progress, in bytes


def text(name: str, content: str) -> Member:
    data = content.encode()
    return Member(name, lambda: [data], len(data))


def drawn(name: str, draw: Callable[[], bytes]) -> Member:
    """A document that is drawn when its turn comes, in a process of its own."""
    return Member(name, lambda: [apart(draw)], DRAWN)


def safe(name: str) -> str:
    """A name that every system takes, Chinese and all, shortened before its ending."""
    tidy = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    if _DEVICES.match(tidy):
        tidy = f"_{tidy}"
    ending = PurePosixPath(tidy).suffix
    if len(ending) > 10:
        ending = ""
    return tidy.removesuffix(ending)[: LONGEST - len(ending)].rstrip(" .") + ending or "_"


def write(
    path: Path, members: Iterator[Member], *, sign: Callable[[bytes], str | None], progress: Callable[[int], None]
) -> None:
    """The archive: all members, then the list of their hashes and its signature.

    Args:
        members: each with another name.
        sign: a signature in hex, or None where there is no key.
        progress: told of how many bytes are done.
    """
    sums: dict[str, str] = {}
    done = 0
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            digest, inside = hashlib.sha256(), 0
            with archive.open(_entry(member.name), "w", force_zip64=True) as entry:
                for chunk in member.chunks():
                    digest.update(chunk)
                    entry.write(chunk)
                    inside += len(chunk)
                    progress(done + min(inside, member.weight))
            done += member.weight
            sums[member.name] = digest.hexdigest()
        listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode()
        archive.writestr(_entry(SUMS), listed)
        if signature := sign(listed):
            archive.writestr(_entry(SIGNATURE), signature)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.compress_type = zipfile.ZIP_STORED if PurePosixPath(name).suffix in _PACKED else zipfile.ZIP_DEFLATED
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    return entry
