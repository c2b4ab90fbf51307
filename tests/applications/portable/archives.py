"""Draft archives as files: the sample's, and makers of what nobody should send."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from guideline.catalogue import load
from reviews.demo.sample_filing import FOLDER

VERSION = load("112-10-03")
PDF = (FOLDER / "應變計畫.pdf").read_bytes()
HASH = hashlib.sha256(PDF).hexdigest()
ENTRY = f"files/{HASH}"
ITEM = next(item for page in VERSION.pages_of("first") for item in page.items if item.evidence)
PROOF = {"file": HASH, "name": "應變計畫.pdf", "place": "3"}
DRAFT: dict[str, Any] = {
    "format": 1,
    "version": VERSION.id,
    "kind": "first",
    "answers": {ITEM.id: {"text": "如附件"}},
    "roster": [{"staff_no": "A1", "name": "王小明", "title": "專員", "place": "home"}],
    "evidence": {ITEM.id: [PROOF]},
}


def packed(
    entries: Mapping[str, bytes | str] | None = None, *, method: int = zipfile.ZIP_DEFLATED, **changes: Any
) -> bytes:
    """A good archive of one file, with these keys of the draft and these entries in place of its own."""
    parts: dict[str, bytes | str] = {
        "draft.json": json.dumps(DRAFT | changes, ensure_ascii=False),
        ENTRY: PDF,
        **(entries or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def said(text: str | bytes) -> bytes:
    """An archive whose draft.json is this."""
    return packed({"draft.json": text})


def patched(data: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    assert old in data
    return data.replace(old, new)


def twice(name: str, data: bytes = b"x") -> bytes:
    """Two entries of one name: written under a name of the same length, then renamed."""
    other = name[:-1] + ("0" if name[-1] != "0" else "1")
    return packed({name: data, other: data}).replace(other.encode(), name.encode())


def nested(data: bytes, name: str) -> bytes:
    """An archive that has this as a piece of evidence, under its right hash."""
    sha256 = hashlib.sha256(data).hexdigest()
    proof = {"file": sha256, "name": name}
    return packed({f"files/{sha256}": data}, evidence={ITEM.id: [PROOF, proof]})
