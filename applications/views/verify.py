"""Is this document one of ours, and unchanged? For anybody who holds one: nobody signs in here.

It tells which document a code or a file is of and when it was issued, and nothing else. A file is read to its hash and
dropped, chunk by chunk; it is never kept. What is not known gets one answer, whatever is wrong with it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from applications import issuing
from applications.forms.fields import whole_number

OVERHEAD = 100_000  # bytes of a form around its file
LONGEST = 40  # bytes that a code can lie over the border of two chunks


class Reading(FileUploadHandler):
    """Reads the first file of a form to its SHA-256 and the codes that stand in it; keeps nothing of it."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.size = 0
        self.codes: set[str] = set()
        self._sha256 = hashlib.sha256()
        self._tail = b""

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def too_big(self) -> bool:
        return self.size > settings.UPLOAD_LIMIT

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start == 0 and self.size:  # a second file
            raise StopUpload
        self.size += len(raw_data)
        if self.too_big:
            raise StopUpload
        self._sha256.update(raw_data)
        text = self._tail + raw_data
        if len(self.codes) < 10:
            self.codes |= {found.decode() for found in issuing.CODE.findall(text)[:10]}
        self._tail = text[-LONGEST:]

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return None


# No cookie is needed and nothing is changed: there is nothing that another site could have a visitor do here.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, code: str = "") -> HttpResponse:
    """The page; with a code (typed, or of a QR) or a file, the answer. One query, and twelve to count the attempt."""
    asks = code or request.method == "POST"
    if asks and not ratelimit.consume(request, app="allauth.account", action="verify", limit_get=True):
        return render(request, "429.html", {"verifying": True}, status=429)
    limit = f"{settings.UPLOAD_LIMIT // 2**20} MB"
    if whole_number(request.META.get("CONTENT_LENGTH"), 0) > settings.UPLOAD_LIMIT + OVERHEAD:
        return render(request, "413.html", {"limit": limit, "back_url": reverse("verify")}, status=413)
    reading = Reading(request)
    request.upload_handlers = [reading]
    typed = code or request.POST.get("code", "").strip()
    context: dict[str, Any] = {"code": "".join(filter(str.isprintable, typed))[:60], "limit": limit}
    if reading.too_big:
        context["problems"] = [{"href": "#file", "message": _("檔案超過 {limit}，未予讀取").format(limit=limit)}]
    elif typed or reading.size:
        context |= _answer(typed, reading)
    elif request.method == "POST":
        context["problems"] = [{"href": "#code", "message": _("請輸入查驗碼，或選擇 PDF 檔案")}]
    return render(request, "verify.html", context)


def _answer(typed: str, reading: Reading) -> dict[str, Any]:
    """What is known: ``document``, and ``same`` of a file (None where there is none)."""
    found = issuing.by_code(typed) if typed else issuing.by_content(reading.sha256, reading.codes)
    if found is None:
        return {"unknown": True}
    return {"document": found, "same": found.sha256 == reading.sha256 if reading.size else None}
