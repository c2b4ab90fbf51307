"""A file as an answer that can be taken up again where it broke off (RFC 9110: one range, If-Range)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
CHUNK = 1 << 16


def serve(
    request: HttpRequest,
    data: IO[bytes],
    *,
    size: int,
    sha256: str,
    name: str,
    content_type: str,
    attached: bool = True,
) -> HttpResponseBase:
    """The file, or the range of it that is asked for: 200, 206 or 416.

    Several ranges at once are answered with the whole; so is a range of what has changed since (If-Range).

    Args:
        data: the open file, which the answer closes.
        sha256: its hash, which is its ETag.
    """
    etag = f'"{sha256}"'
    headers = {"Accept-Ranges": "bytes", "ETag": etag}
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if not found or found.groups() == ("", "") or request.headers.get("If-Range", etag) != etag:
        headers |= {"Content-Length": str(size)}
        return FileResponse(data, as_attachment=attached, filename=name, content_type=content_type, headers=headers)
    headers |= {"Content-Disposition": content_disposition_header(attached, name) or "attachment"}
    first, last = _bounds(*found.groups(), size=size)
    if first > last:
        data.close()
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    data.seek(first)
    length = last - first + 1
    headers |= {"Content-Length": str(length), "Content-Range": f"bytes {first}-{last}/{size}"}
    return StreamingHttpResponse(_Part(data, length), status=206, content_type=content_type, headers=headers)


def _bounds(first: str, last: str, *, size: int) -> tuple[int, int]:
    """The bytes that are asked for, first and last; first > last where there are none."""
    if not first:
        return max(0, size - int(last)), size - 1 if int(last) else -1
    return int(first), min(int(last), size - 1) if last else size - 1


class _Part:
    """The next ``length`` bytes of a file."""

    def __init__(self, data: IO[bytes], length: int) -> None:
        self._data, self._left = data, length

    def __iter__(self) -> Iterator[bytes]:
        while self._left and (chunk := self._data.read(min(CHUNK, self._left))):
            self._left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._data.close()
