"""電子郵件通報: mails that came in, one beside the form of a notice, and what an officer does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from typing import IO, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications import policy
from applications.actions import scanning
from applications.actions.drafting import Unmet
from applications.actions.erasing import Destroyed
from applications.actions.filing import Incomplete
from applications.actions.watching import log_opening
from applications.enums import Door
from applications.models import Application
from applications.present import listed
from applications.uploads import display_name
from applications.views.files import held
from guideline.catalogue import Version, governing
from reviews import claims, intake, mail_queue, matching
from reviews.actions import mailing
from reviews.forms import MoveForm
from reviews.mail_forms import AsideForm, CaseForm, FirmForm, NoticeForms, UploadForm
from reviews.models import MailEvent, MailNotice
from reviews.queue import show_count
from reviews.views.common import Request, of_exchange, plain_minute, typed

OPAQUE = "application/octet-stream"  # nothing of a mail is ever opened by the browser
EVENTS = {
    "received": gettext_lazy("收件"),
    "again": gettext_lazy("再次收到相同郵件"),
    "joined": gettext_lazy("收到同一 Message-ID 之郵件"),
    "confirmed": gettext_lazy("確認通報"),
    "set_aside": gettext_lazy("列為非緊急通報"),
    "merged": gettext_lazy("併入同一通報"),
    "reopened": gettext_lazy("改回待確認"),
}
DEEDS = ("confirmed", "set_aside", "merged", "reopened")
UNREADABLE = {
    claims.TOO_BIG: gettext_lazy("郵件超過讀取上限，僅讀取標頭；請下載原始郵件，以郵件軟體開啟後核對"),
    claims.FAILED: gettext_lazy("本系統未能讀取此郵件；請下載原始郵件，以郵件軟體開啟後核對"),
}
PARTIAL = gettext_lazy("郵件超過讀取上限，原件仍在通報信箱，此處僅保留標頭；請至通報信箱開啟後核對")


def get_mail(request: Request, pk: int) -> MailNotice:
    """The mail, or a 404 where this person may not know of it."""
    mails = mail_queue.visible_to(request.user).select_related("joins__application", "application__firm", "uploaded_by")
    found = get_object_or_404(mails, pk=pk)
    case = found.head.application
    if case is not None and case.destroyed_at:
        raise Destroyed(case)
    return found


@require_GET
@of_exchange
def queue(request: Request) -> HttpResponse:
    """The lists of mails. 4 queries, session and person included."""
    tab = request.GET.get("tab", "waiting")
    if tab not in mail_queue.LABELS:
        raise Http404
    try:
        page = mail_queue.page(
            request.user, tab, before=request.GET.get("before", ""), after=request.GET.get("after", "")
        )
    except ValueError as error:
        raise Http404 from error
    counts = mail_queue.counts(request.user)
    base = f"{reverse('mail-queue')}?tab="
    context = {
        "tabs": [
            {"url": f"{base}{one}", "label": label, "count": show_count(counts[one]), "current": one == tab}
            for one, label in mail_queue.LABELS.items()
        ],
        "label": mail_queue.LABELS[tab],
        "rows": page.rows,
        "newer_url": f"{base}{tab}&after={page.newer}" if page.newer else "",
        "older_url": f"{base}{tab}&before={page.older}" if page.older else "",
        "may_upload": policy.may(request.user, "log_mail"),
    }
    return render(request, "reviews/mail_queue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@of_exchange
def upload(request: Request) -> HttpResponse:
    """登錄電子郵件通報: the officer's entry is the time of receipt."""
    if not policy.may(request.user, "log_mail"):
        raise PermissionDenied
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        raw = form.cleaned_data["eml"].read()
        mail = intake.take_in(raw=raw, received_at=at, door=Door.UPLOAD, by=request.user, at=at)
        new = mail.received_at == at and mail.uploaded_by_id == request.user.pk
        if not new:
            text = _("與{mail}為同一通報（內容完全相同），未另行登錄。")
            messages.info(request, text.format(mail=mail.head))
        elif mail.status == MailNotice.Status.JOINED:
            text = _("與{mail}為同一通報（Message-ID 及內容相同），已併入；原始檔另行保留。")
            messages.info(request, text.format(mail=mail.head))
        elif mail.joins:
            text = _("與{mail}之 Message-ID 相同，但內容不同；已併列，請確認是否為同一通報。")
            messages.warning(request, text.format(mail=mail.head))
        else:
            messages.success(request, _("已登錄郵件，收件時間為本次登錄之時間。請對照郵件逐欄填寫。"))
        return redirect(mail if mail.open else mail.head)
    return render(request, "reviews/mail_upload.html", {"form": form, "errors": form.errors})


@require_http_methods(["GET", "HEAD", "POST"])
@of_exchange
def mail(request: Request, pk: int) -> HttpResponse:
    """One mail beside the form of a notice; a POST makes the case."""
    found = get_mail(request, pk)
    if request.method != "POST":
        return _page(request, found)
    notice = NoticeForms(_version(mailing.first_copy(found)), request.POST)
    answers = notice.answers()
    firm = FirmForm(request.POST)
    kept = [*_chosen(firm), *notice.typed()]
    problems: list[dict[str, str]] = []
    if firm.is_valid():
        data = firm.cleaned_data
        try:
            case, left = mailing.confirm(
                mail_id=pk,
                revision=data["revision"],
                firm=data["firm"],
                answers=answers,
                by=request.user,
                at=timezone.now(),
            )
        except mailing.Moved as moved:
            return _conflict(request, moved.mail, kept)
        except Incomplete as error:
            problems = notice.show(error.whole)
        except Unmet as error:
            firm.take(error.problems)
        else:
            text = _("已確認通報，建立案件 {number} 並由您承辦，已通知證券商。")
            messages.success(request, text.format(number=case.number))
            _say_left(request, left)
            return redirect(found)
    return _page(request, found, notice=notice, firm=firm, problems=problems)


@require_POST
@of_exchange
def put_with(request: Request, pk: int) -> HttpResponse:
    """併入既有案件."""
    found = get_mail(request, pk)
    form = CaseForm(request.POST, auto_id="case_%s")
    if form.is_valid():
        number = form.cleaned_data["number"].strip()
        case = policy.visible_to(request.user).filter(number__iexact=number).first()
        if case is None:
            form.add_error("number", _("查無案號「{number}」，請核對").format(number=number))
        else:
            try:
                case, left = mailing.put_with(
                    mail_id=pk,
                    revision=form.cleaned_data["revision"],
                    case_id=case.pk,
                    by=request.user,
                    at=timezone.now(),
                )
            except mailing.Moved as moved:
                return _conflict(request, moved.mail, typed(form, "number"))
            text = _("已併入案件 {number}（{firm}）。")
            messages.success(request, text.format(number=case.number, firm=case.firm.shown_name))
            _say_left(request, left)
            return redirect(found)
    return _page(request, found, case_form=form)


@require_POST
@of_exchange
def set_aside(request: Request, pk: int) -> HttpResponse:
    """非緊急通報."""
    found = get_mail(request, pk)
    form = AsideForm(request.POST, auto_id="aside_%s")
    if form.is_valid():
        try:
            mailing.set_aside(mail_id=pk, **form.cleaned_data, by=request.user, at=timezone.now())
        except mailing.Moved as moved:
            return _conflict(request, moved.mail, typed(form, "reason"))
        except Unmet as error:
            form.take(error.problems)
        else:
            messages.success(request, _("已列為非緊急通報；郵件仍保留，並可改回待確認。"))
            return redirect(found)
    return _page(request, found, aside_form=form)


def _moving(deed: Callable[..., MailNotice], said: Any) -> Callable[..., HttpResponseBase]:
    """A page of one button: ``deed`` is done, ``said`` is what happened."""

    @require_POST
    @of_exchange
    def page(request: Request, pk: int) -> HttpResponse:
        found = get_mail(request, pk)
        form = MoveForm(request.POST)
        revision = form.cleaned_data["revision"] if form.is_valid() else -1
        try:
            deed(mail_id=pk, revision=revision, by=request.user, at=timezone.now())
        except mailing.Moved as moved:
            return _conflict(request, moved.mail, [])
        messages.success(request, said)
        return redirect(found)

    return page


merge = _moving(mailing.merge, gettext_lazy("已併入同一通報；原始檔另行保留。"))
reopen = _moving(mailing.reopen, gettext_lazy("已改回待確認。"))


@require_GET
@of_exchange
def raw(request: Request, pk: int) -> HttpResponseBase:
    """The mail as it arrived, byte for byte, to be saved."""
    found = get_mail(request, pk)
    log_opening(found.application_id, "file_read", f"mail {found.pk}", by=request.user, at=timezone.now())
    return _download(request, found, found.raw.open("rb"), f"mail-{found.pk}.eml")


@require_GET
@of_exchange
def file(request: Request, pk: int, sha256: str) -> HttpResponseBase:
    """An attachment of the mail, to be saved."""
    found = get_mail(request, pk)
    one = None if found.unreadable else claims.attachment(mailing.raw_of(found), sha256)
    if one is None:
        raise Http404
    of = f"mail {found.pk} {one.name}"
    log_opening(found.application_id, "file_read", of, by=request.user, at=timezone.now())
    return _download(request, found, BytesIO(one.data), one.name)


def _download(request: Request, mail: MailNotice, opened: IO[bytes], name: str) -> HttpResponseBase:
    """To be saved, never shown; that it is not sniffed at is the middleware's. Not before the scanner has passed it."""
    signature = scanning.withheld(opened)
    if signature != "":
        opened.close()
        return held(request, display_name(name), signature or "", back=mail.get_absolute_url())
    opened.seek(0)
    return FileResponse(opened, as_attachment=True, filename=display_name(name), content_type=OPAQUE)


# --- the page ------------------------------------------------------------------


def _version(first: MailNotice) -> Version:
    """The announcement in force when the mail, or its first copy, came in."""
    return governing(timezone.localdate(first.received_at))


def _page(
    request: Request,
    mail: MailNotice,
    *,
    notice: NoticeForms | None = None,
    firm: FirmForm | None = None,
    case_form: CaseForm | None = None,
    aside_form: AsideForm | None = None,
    problems: list[dict[str, str]] | None = None,
) -> HttpResponse:
    said = mail.said
    may_act = policy.may(request.user, "log_mail")
    acting = may_act and mail.open
    initial = {"revision": mail.revision}
    first = mailing.first_copy(mail)
    version = _version(first)
    context: dict[str, Any] = {
        "mail": mail,
        "said": said,
        "first": first,
        "date": _moment(said.get("date")),
        "stamps": [_moment(one) for one in said.get("received", [])[:1]],
        "to": listed(said.get("to", [])),
        "cc": listed(said.get("cc", [])),
        "reply_to": listed(said.get("reply_to", [])),
        "files": [_shown(one) for one in said.get("files", [])],
        "oddities": [_(one) for one in said.get("oddities", [])],
        "unreadable": PARTIAL if mail.partial else UNREADABLE.get(mail.unreadable, ""),
        "copies": mail.joined.defer("said").order_by("id"),
        "events": [_told(one) for one in mail.events.all()],
        "acting": acting,
        "move": MoveForm(initial=initial) if may_act and mail.status in {"set_aside", "joined"} else None,
        "back_url": reverse("mail-queue"),
    }
    if acting:
        proposals = matching.firms(said)
        firm = firm or FirmForm(initial=initial)
        case_form = case_form or CaseForm(initial=initial, auto_id="case_%s")
        aside_form = aside_form or AsideForm(initial=initial, auto_id="aside_%s")
        context |= {
            "proposals": proposals,
            "lines": listed(matching.lines(said, version)),
            "cases": _cases(proposals),
            "notice": notice or NoticeForms(version),
            "firm": firm,
            "case_form": case_form,
            "aside_form": aside_form,
            "problems": [*_errors(firm), *_errors(case_form), *_errors(aside_form), *(problems or [])],
        }
    elif notice or firm or case_form or aside_form:  # it was closed while the form was being filled in
        return _conflict(request, mail, notice.typed() if notice else [])
    return render(request, "reviews/mail.html", context)


def _cases(proposals: list[matching.Proposal]) -> list[Application]:
    """The notices of the firms that are proposed, the last first."""
    firms = [one.firm for one in proposals]
    cases = Application.objects.filter(firm__in=firms, notice__isnull=False).select_related("firm")
    return list(cases.order_by("-id")[:5]) if firms else []


def _moment(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None


def _shown(one: Mapping[str, Any]) -> dict[str, Any]:
    refused = one["refused"]
    return {
        **one,
        "notes": [_(sentence) for sentence in one["oddities"]],
        "why_not": _(refused["message"]).format(**refused["params"]) if refused else "",
    }


def _told(event: MailEvent) -> dict[str, Any]:
    detail = event.detail
    texts = [str(detail[name]) for name in ("reason", "case") if detail.get(name)]
    if detail.get("mail") and event.what in {"joined", "merged"}:
        texts.append(_("郵件 {number}").format(number=detail["mail"]))
    if detail.get("door"):
        texts.append(str(Door(detail["door"]).label))
    if detail.get("left"):
        texts.append(_("未收為案件檔案：{names}").format(names=listed(detail["left"])))
    return {"event": event, "what": EVENTS.get(event.what, event.what), "texts": texts}


def _errors(form: Any) -> list[dict[str, str]]:
    return [
        {"href": f"#{form[name].auto_id}" if name != "__all__" else "", "message": message}
        for name, found in form.errors.items()
        for message in found
    ]


def _chosen(form: FirmForm) -> list[tuple[str, str]]:
    """The firm by its name, as somebody would read it."""
    form.is_valid()
    firm = form.cleaned_data.get("firm")
    return [(str(form.fields["firm"].label), str(firm))] if firm else []


def _say_left(request: Request, left: list[str]) -> None:
    if left:
        text = _("下列附件之格式不收為案件檔案，仍保留於郵件：{names}")
        messages.warning(request, text.format(names=listed(left)))


def _conflict(request: Request, mail: MailNotice, kept: list[tuple[str, str]]) -> HttpResponse:
    """The 409 page: what happened, and what was typed."""
    last = mail.events.filter(what__in=DEEDS).last()
    happened = _("郵件目前為「{status}」。").format(status=mail.get_status_display())
    if last:
        text = _("{name} 已於 {time} 辦理「{action}」，郵件目前為「{status}」。")
        happened = text.format(
            name=last.actor_name,
            time=plain_minute(last.at),
            action=EVENTS[last.what],
            status=mail.get_status_display(),
        )
    context = {
        "heading": _("這封郵件剛剛有其他變更"),
        "what_happened": happened,
        "kept": [{"label": label, "text": text} for label, text in kept if text],
        "back_url": reverse("mail", args=[mail.pk]),
    }
    return render(request, "409.html", context, status=409)
