"""A download that is taken up again where it broke off."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import RequestFactory

from applications.ranged import serve

DATA = bytes(range(256)) * 1024  # several chunks


def ask(**headers: str) -> Any:
    request = RequestFactory().get("/", headers={name.replace("_", "-"): value for name, value in headers.items()})
    return serve(request, BytesIO(DATA), size=len(DATA), sha256="ab", name="稽核 1.zip", content_type="application/zip")


def body(answer: Any) -> bytes:
    return b"".join(answer)


def test_whole_file_says_that_ranges_are_taken() -> None:
    answer = ask()
    assert (answer.status_code, answer["Accept-Ranges"], answer["ETag"]) == (200, "bytes", '"ab"')
    assert answer["Content-Length"] == str(len(DATA))
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E7%A8%BD%E6%A0%B8%201.zip"
    assert body(answer) == DATA


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-", 100, len(DATA) - 1),
        ("bytes=-7", len(DATA) - 7, len(DATA) - 1),
        ("bytes=-99999999", 0, len(DATA) - 1),
        ("bytes=5-99999999", 5, len(DATA) - 1),
        ("bytes=70000-140000", 70000, 140000),
    ],
)
def test_range(asked: str, first: int, last: int) -> None:
    answer = ask(Range=asked)
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/{len(DATA)}"
    assert answer["Content-Length"] == str(last - first + 1)
    assert body(answer) == DATA[first : last + 1]


@pytest.mark.parametrize("asked", [f"bytes={len(DATA)}-", "bytes=9-3", "bytes=-0"])
def test_range_that_holds_nothing(asked: str) -> None:
    answer = ask(Range=asked)
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(DATA)}")


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=0-1,5-6", "lines=0-1", "bytes=x-y"])
def test_what_cannot_be_read_is_answered_with_the_whole(asked: str) -> None:
    answer = ask(Range=asked)
    assert answer.status_code == 200
    assert body(answer) == DATA


def test_file_that_has_changed_since_is_sent_whole() -> None:
    assert ask(Range="bytes=5-", If_Range='"ab"').status_code == 206
    assert ask(Range="bytes=5-", If_Range='"other"').status_code == 200


def test_download_broken_off_again_and_again_is_whole_in_the_end() -> None:
    got = b""
    while len(got) < len(DATA):
        got += body(ask(Range=f"bytes={len(got)}-", If_Range='"ab"'))[:50_000]
    assert got == DATA
