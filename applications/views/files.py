"""Files: through this checked view alone, to be saved; PDF and pictures may be opened in place."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.http import Request
from applications import policy, ranged
from applications.actions.erasing import Destroyed
from applications.actions.watching import log_opening
from applications.models import Attachment

IN_PLACE = frozenset({"application/pdf", "image/png", "image/jpeg"})  # where ?open asks for it


@require_safe
def file(request: Request, pk: int) -> HttpResponseBase:
    """A file of a case that this person may see; the exchange sees what was filed.

    200, or 206 and 416 for a range of it; 304 for who has it. 409 while the scanner has not passed it, 410 where
    something was found in it.
    """
    found = get_object_or_404(
        Attachment.objects.filter(application__in=policy.visible_to(request.user)).select_related(
            "application", "stored"
        ),
        pk=pk,
    )
    if found.application.destroyed_at:
        raise Destroyed(found.application)
    if request.user.firm is None and not policy.filed(found):
        raise Http404
    if found.stored.held:
        return held(request, found.name, found.stored.signature, back=found.application.get_absolute_url())
    log_opening(found.application_id, "file_read", f"{found.pk} {found.name}", by=request.user, at=timezone.now())
    in_place = "open" in request.GET and found.content_type in IN_PLACE
    response = get_conditional_response(request, etag=f'"{found.sha256}"') or (
        _handed_over(found, in_place) if settings.SENDFILE else _sent(request, found, in_place)
    )
    response["Cache-Control"] = "private, no-cache"
    return response


def held(request: Request, name: str, signature: str, *, back: str) -> HttpResponse:
    """What stands in the place of a file: 410 where something was found in it, 409 while it is not known to be safe."""
    context = {"name": name, "signature": signature, "back": back}
    return render(request, "applications/held.html", context, status=410 if signature else 409)


def _sent(request: Request, found: Attachment, in_place: bool) -> HttpResponseBase:
    return ranged.serve(
        request,
        found.stored.file.open("rb"),
        size=found.size,
        sha256=found.sha256,
        name=found.name,
        content_type=found.content_type,
        attached=not in_place,
    )


def _handed_over(found: Attachment, in_place: bool) -> HttpResponse:
    """Nothing but headers: the server before us sends the file, ranges too."""
    path = found.stored.path
    headers = {
        "x-accel-redirect": lambda: settings.SENDFILE_PREFIX + quote(path),
        "x-sendfile": lambda: default_storage.path(path),
    }
    response = HttpResponse(content_type=found.content_type)
    response[settings.SENDFILE] = headers[settings.SENDFILE]()
    response["Content-Disposition"] = content_disposition_header(not in_place, found.name) or "attachment"
    return response
