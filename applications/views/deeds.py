"""Pages that do: each parses, makes one domain call, and goes on. Only a POST does anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.http import Request
from applications import policy
from applications.actions import carrying, filing, following, formal, notifying
from applications.actions.drafting import NotOpen, Stale, Unmet
from applications.actions.watching import log_failure
from applications.enums import Action
from applications.forms.fields import tidy, whole_number
from applications.lifecycle import Conflict
from applications.models import Application, EmergencyNotice, Submission
from applications.present import words
from applications.views.pages import check_page, get_case


@require_POST
def report(request: Request) -> HttpResponse:
    """通報緊急情況: the first of its short pages."""
    if request.user.firm is None or not policy.may(request.user, "report"):
        raise Http404
    case = notifying.start(firm=request.user.firm, by=request.user, at=timezone.now())
    return redirect("case", pk=case.pk)


@require_POST
def convert(request: Request, pk: int) -> HttpResponse:
    """轉為正式申請."""
    case = get_case(request, pk)
    try:
        draft = formal.make_formal(case_id=case.pk, by=request.user, at=timezone.now())
    except NotOpen as error:
        raise Http404 from error
    except formal.AlreadyFormal as made:
        context = {"case": case, "formal": made.case}
        return render(request, "applications/already_formal.html", context, status=409)
    except Conflict:
        return moved(request, case)
    messages.success(request, _("已轉為正式申請，並帶入預審之內容及附件。請確認待確認之各節，並補齊未送審者。"))
    return redirect("case", pk=draft.pk)


@require_POST
def extend(request: Request, pk: int) -> HttpResponse:
    """申請延展."""
    case = get_case(request, pk)
    try:
        draft = following.extend(case_id=case.pk, by=request.user, at=timezone.now())
    except NotOpen as error:
        raise Http404 from error
    except filing.Closed as closed:
        return _closed(request, case, closed)
    return redirect("case", pk=draft.pk)


def _closed(request: Request, case: Application, closed: filing.Closed) -> HttpResponse:
    """What cannot be asked for, why, and what can be asked for instead."""
    context = {
        "case": case,
        "answer": closed.answer,
        "may_create": policy.may(request.user, "create"),
        "text": _document_number(request),
    }
    return render(request, "applications/closed.html", context, status=409)


@require_POST
def change(request: Request, pk: int, section_id: str) -> HttpResponse:
    """申報變更 of a section that an extension takes over, or 取消變更."""
    case = get_case(request, pk)
    if not policy.may(request.user, "create"):
        raise Http404
    deed = following.close_section if "close" in request.POST else following.open_section
    try:
        deed(case_id=pk, revision=_revision(request), section_id=section_id, by=request.user, at=timezone.now())
    except NotOpen as error:
        raise Http404 from error
    except Conflict:
        return moved(request, case)
    if "close" in request.POST:
        messages.success(request, _("已取消變更，本節沿用原案內容。"))
        return redirect("case", pk=pk)
    return redirect("section", pk=pk, step=section_id)


@require_POST
def keep(request: Request, pk: int, section_id: str) -> HttpResponse:
    """沿用: the section of a renewal stands as it was filed in the case before."""
    case = get_case(request, pk)
    if not policy.may(request.user, "create") or section_id not in {page.id for page in case.pages}:
        raise Http404
    title = words(case.version.section(section_id).title)
    try:
        carrying.keep(
            case_id=pk, section_id=section_id, revision=_revision(request), by=request.user, at=timezone.now()
        )
    except NotOpen as error:
        raise Http404 from error
    except (Conflict, Stale):
        return moved(request, case)
    except Unmet as unmet:
        why = _("「{title}」不能沿用：{why}").format(title=title, why="；".join(text for _item, text in unmet.problems))
        messages.warning(request, why)
        return redirect(f"{reverse('section', args=[pk, section_id])}?check=1")
    messages.success(request, _("「{title}」沿用前案內容。").format(title=title))
    return redirect("case", pk=pk)


def moved(request: Request, case: Application) -> HttpResponse:
    """409: the case is no longer as the page showed it; what was typed stays on the page."""
    case.refresh_from_db()
    text = "\n".join(filter(None, (_document_number(request), _reason(request))))
    context = {"case": case, "why": "moved", "typed": [], "text": text, "back": case.get_absolute_url()}
    return render(request, "applications/conflict.html", context, status=409)


def _reason(request: Request) -> str:
    return tidy(request.POST.get("reason", "")).strip()


def _document_number(request: Request) -> str:
    return " ".join(tidy(request.POST.get("document_number", "")).split())


def _call(action: Action, request: Request, pk: int) -> Application | Submission | EmergencyNotice:
    common: dict[str, Any] = {
        "case_id": pk,
        "revision": _revision(request),
        "by": request.user,
        "at": timezone.now(),
    }
    if action in {Action.SEND_TO_CHECKER, Action.SEND_CORRECTION, Action.SEND_DOCUMENTS}:
        return filing.send_to_checker(**common, document_number=_document_number(request))
    if action in SENDS:
        return filing.submit(**common, key=_key(request)[:64] or uuid4().hex)
    if action == Action.NOTIFY:
        return notifying.notify(**common, key=_key(request)[:40] or uuid4().hex)
    if action in {Action.RETURN_TO_PREPARER, Action.RETURN_CORRECTION, Action.RETURN_DOCUMENTS}:
        return filing.return_to_preparer(**common, reason=_reason(request))
    plain: dict[Action, Callable[..., Application]] = {Action.REOPEN: filing.reopen, Action.SIGN_OFF: filing.sign_off}
    if action == Action.WITHDRAW:
        return filing.withdraw(**common, reason=_reason(request))
    return plain[action](**common)


def _key(request: Request) -> str:
    return tidy(request.POST.get("key", ""))


def _revision(request: Request) -> int:
    return whole_number(request.POST.get("revision"))


DONE = {
    Action.SEND_TO_CHECKER: gettext_lazy("已送內部覆核，並通知貴公司覆核主管。覆核前仍可取回修改。"),
    Action.SEND_CORRECTION: gettext_lazy("補正內容已送內部覆核，並通知貴公司覆核主管。"),
    Action.SEND_DOCUMENTS: gettext_lazy("書件已送內部覆核，並通知貴公司覆核主管。"),
    Action.RETURN_DOCUMENTS: gettext_lazy("已退回填報人修改書件，並以電子郵件通知。"),
    Action.RETURN_TO_PREPARER: gettext_lazy("已退回填報人修改，並以電子郵件通知。"),
    Action.RETURN_CORRECTION: gettext_lazy("已退回填報人修改補正內容，並以電子郵件通知。"),
    Action.REOPEN: gettext_lazy("已取回，可繼續修改；先前之覆核已失效。"),
    Action.SIGN_OFF: gettext_lazy("已覆核。內容如有修改，覆核即失效；請於確認後送件。"),
    Action.WITHDRAW: gettext_lazy("已撤回申請。"),
}

NEEDS_REASON = frozenset(
    {Action.RETURN_TO_PREPARER, Action.RETURN_CORRECTION, Action.RETURN_DOCUMENTS, Action.WITHDRAW}
)
SENDS = frozenset({Action.SUBMIT, Action.SUBMIT_CORRECTION, Action.SUBMIT_DOCUMENTS})
NEEDS_DECLARATION = SENDS | {Action.SIGN_OFF}
FILES = SENDS | {Action.NOTIFY}
OF_THE_FIRM = frozenset(DONE) | FILES


@require_POST
def act(request: Request, pk: int, action: str) -> HttpResponse:
    """One action of the firm on its case."""
    if action not in OF_THE_FIRM or request.user.firm is None:
        raise Http404
    wanted = Action(action)
    if problem := _unsaid(request, pk, wanted):
        withdrawing = wanted == Action.WITHDRAW  # asked for on the page of the case; the check page has no such form
        more: dict[str, Any] = {"problems": [problem], "withdrawing": withdrawing}
        return check_page(request, get_case(request, pk), errors=True, reason=_reason(request), **more)
    try:
        result = _call(wanted, request, pk)
    except filing.Incomplete as incomplete:
        if wanted in FILES:
            missing = [one.item for found in incomplete.whole.problems.values() for one in found]
            log_failure(pk, wanted, items=missing, by=request.user, at=timezone.now())
        more = {"document_number": _document_number(request)} if "document_number" in request.POST else {}
        return check_page(request, get_case(request, pk), errors=True, reason=_reason(request), **more)
    except filing.Closed as closed:
        if wanted in FILES:
            log_failure(pk, wanted, reason=closed.answer.why, by=request.user, at=timezone.now())
        return _closed(request, get_case(request, pk), closed)
    except (Conflict, NotOpen):
        return moved(request, get_case(request, pk))
    if isinstance(result, Submission):
        return redirect("receipt", pk=pk, number=result.number)
    if isinstance(result, EmergencyNotice):
        return redirect("notice-given", pk=pk)
    messages.success(request, DONE[wanted])
    return redirect("case", pk=pk)


def _unsaid(request: Request, pk: int, action: Action) -> dict[str, str] | None:
    """What the person has to say before this action: a reason, or the declaration."""
    if action in NEEDS_REASON and not _reason(request):
        return {"href": f"#reason-{action}", "message": _("請填寫理由")}
    if action not in NEEDS_DECLARATION or request.POST.get("declare") == "yes":
        return None
    if action == Action.SUBMIT and get_case(request, pk).signed_by_id is not None:
        return None  # the checker declared it when signing
    return {"href": "#declare", "message": _("請先閱讀並勾選聲明")}
