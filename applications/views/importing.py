"""匯入草稿檔: a preparer's page for a file that the firm's own system made."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from applications import policy
from applications.actions.drafting import NotOpen
from applications.portable.archive import MOST_BYTES, Archive
from applications.portable.importing import Faulty, import_draft
from applications.uploads import MEGABYTE, Refused

MOST_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request) -> HttpResponse:
    """Choose a file; a POST makes a draft of it, or says all that is wrong and makes nothing."""
    if request.user.firm is None or not policy.may(request.user, "create"):
        raise Http404
    if request.method != "POST":
        return _shown(request)
    upload = request.FILES.get("file")
    if upload is None:
        return _shown(request, problem=_("請選擇草稿檔（ZIP）"))
    return _take(request, upload)


def _take(request: Request, upload: UploadedFile) -> HttpResponse:
    firm = request.user.firm
    assert firm is not None
    try:
        archive = Archive(upload.name or "", cast(Any, upload.file))
        case = import_draft(archive=archive, firm=firm, by=request.user, at=timezone.now())
    except NotOpen as error:
        raise Http404 from error
    except Refused as refused:
        return _shown(request, problem=_(refused.message).format(**refused.params))
    except Faulty as faulty:
        problem = _("草稿檔有 {count} 處需要更正，未匯入任何資料").format(count=len(faulty.faults))
        return _shown(request, problem=problem, href="#faults", faults=faulty.faults[:MOST_SHOWN])
    messages.success(request, _("已匯入草稿檔；請逐節檢視後送內部覆核。"))
    return redirect("case", pk=case.pk)


def _shown(request: Request, *, problem: str = "", href: str = "#file", **context: Any) -> HttpResponse:
    context["problems"] = [{"href": href, "message": problem}] if problem else []
    context["megabytes"] = MOST_BYTES // MEGABYTE
    return render(request, "applications/import.html", context | {"errors": bool(problem)})
