"""退請補正, 陳核, 覆核, 登錄主管機關復函, and the bundle."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from applications import calendar, jobs
from applications.actions.drafting import Unmet
from applications.actions.watching import log_opening
from applications.enums import Action
from applications.evidence import Refused
from applications.lifecycle import Conflict
from applications.models import Application, Job
from applications.naming import named
from applications.parameters import parameters
from applications.present import show_date, words
from applications.printing import ORIGINAL
from applications.tasks import order
from applications.views.jobs import begin
from guideline.values import as_date
from reviews import policy as rules
from reviews import verdicts
from reviews.actions import deciding, endorsing, judging, opinion
from reviews.forms import (
    DecisionForm,
    DeclineForm,
    EndorseForm,
    ForwardForm,
    NumberMixin,
    OpinionForm,
    RecommendForm,
    RecordForm,
    RejectForm,
    ReturnForm,
    SendBackForm,
)
from reviews.letters import LETTERS, correction_letter
from reviews.models import Recommendation
from reviews.verdicts import Round
from reviews.views.common import Request, conflict, context_of, get_case, of_exchange, require, typed
from reviews.views.section import anchor_of, comment_anchor_of

log = logging.getLogger(__name__)
BOTH = ["GET", "HEAD", "POST"]


def _item_problems(case: Application, found: Round, problems: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Problems of items, each with a link to the item on its section's page."""
    lines, besides = [], verdicts.not_filed(case, found)
    for item_id, message in problems:
        if item_id in found.findings:
            section = found.version.section_of(item_id)
            anchor = comment_anchor_of(item_id) if found.findings[item_id].fails else anchor_of(item_id)
            url = reverse("review-section", args=[case.pk, section.id])
            lines.append({"href": f"{url}#{anchor}", "message": message})
        elif item_id in besides:
            lines.append({"href": reverse("review-return", args=[case.pk]), "message": message})
        elif not item_id:
            lines.append({"href": "", "message": message})
    return lines


def _of_fields(problems: Iterable[tuple[str, str]], form: Any) -> list[tuple[str, str]]:
    return [(name, message) for name, message in problems if name in form.fields]


@require_http_methods(BOTH)
@of_exchange
def send_for_correction(request: Request, pk: int) -> HttpResponse:
    """退請補正: the letter made from the failing items, to be edited."""
    case = get_case(request, pk)
    posted = request.method == "POST"
    if not posted and (away := require(request, case, Action.RETURN, rules.may(request.user, Action.RETURN, case))):
        return away
    now = verdicts.read(case)
    days = parameters(now.version)["correction_days"]
    with ORIGINAL.tongue():
        letter = correction_letter(case, now)
    initial = {
        "revision": case.revision,
        "basis": now.basis,
        "letter": letter,
        "due_on": judging.propose_due(timezone.localdate(), days, calendar.current()),
    }
    form = ReturnForm(request.POST if posted else None, initial=initial)
    problems, besides = judging.uncommented(now), verdicts.not_filed(case, now)
    if not now.failing and not besides:
        problems = [("", _("沒有「須補正」之項目，無法退請補正"))]
    if posted and form.is_valid():
        try:
            correction = judging.return_for_correction(
                case_id=case.pk,
                **{name: form.cleaned_data[name] for name in ("revision", "basis", "letter", "due_on")},
                by=request.user,
                at=timezone.now(),
            )
        except Conflict as error:
            return conflict(request, error, kept=typed(form, "letter", "due_on"), revision=case.revision)
        except Unmet as error:
            form.take(_of_fields(error.problems, form))
            problems = list(error.problems)
        else:
            text = _(
                "已退請補正（{count} 項），補正期限 {day}，並已通知證券商。"
                "證券商僅得修改此等項目，送出補正後再由您續審。"
            )
            messages.success(request, text.format(count=len(correction.items), day=show_date(correction.due_on)))
            return redirect("review-case", pk=pk)
    context = context_of(
        case,
        form=form,
        round=now,
        days=days,
        items=[
            (comment, now.item(item_id), words(now.item(item_id).title))
            for item_id, comment in ({one.item_id: one.comment for one in now.failing} | besides).items()
        ],
        item_problems=_item_problems(case, now, problems),
        unjudged=len(now.unjudged),
        errors=form.errors,
    )
    return render(request, "reviews/return.html", context)


@require_http_methods(BOTH)
@of_exchange
def recommend(request: Request, pk: int) -> HttpResponse:
    """陳核: what is put up for another person's decision."""
    case = get_case(request, pk)
    posted = request.method == "POST"
    allowed = posted or rules.may(request.user, Action.RECOMMEND, case)
    if away := require(request, case, Action.RECOMMEND, allowed):
        return away
    now = verdicts.read(case)
    form = RecommendForm(
        request.POST if posted else None, initial={"revision": case.revision}, outcomes=rules.outcomes(case)
    )
    problems: list[dict[str, str]] = []
    if posted and form.is_valid():
        try:
            judging.recommend(case_id=case.pk, **form.cleaned_data, by=request.user, at=timezone.now())
        except Conflict as error:
            return conflict(request, error, kept=typed(form, "reasons"))
        except Unmet as error:
            form.take(_of_fields(error.problems, form))
            problems = _item_problems(case, now, error.problems)
        else:
            messages.success(request, _("已陳核，並已通知主管，由另一位主管覆核；主管亦得退回由您續審。"))
            return redirect("review-case", pk=pk)
    context = context_of(
        case,
        form=form,
        round=now,
        rows=_table(now),
        item_problems=problems,
        unready=judging.unready(case, now),
        errors=form.errors,
    )
    return render(request, "reviews/recommend.html", context)


def _table(found: Round) -> list[dict[str, Any]]:
    """The verdict table, section by section."""
    return [
        {
            "page": page,
            "title": words(page.title),
            "items": [(item, words(item.title), found.findings[item.id]) for item in page.items],
        }
        for page in found.pages
    ]


@require_http_methods(BOTH)
@of_exchange
def release(request: Request, pk: int) -> HttpResponse:
    """覆核: another person than the recommender releases what was put up, or sends it back."""
    case = get_case(request, pk)
    waiting = rules.waiting(case)
    posted = request.method == "POST"
    may_decide = posted or rules.may(request.user, Action.SEND_BACK, case, waiting)
    if away := require(request, case, Action.SEND_BACK, may_decide):
        return away
    wanted = request.POST.get("action", "")
    if posted and wanted not in RELEASE_FORMS:
        raise Http404
    forms: dict[str, Any] = {
        action: kind(
            request.POST if posted and action == wanted else None,
            initial={"revision": case.revision},
            auto_id=f"id_{action}_%s",
        )
        for action, kind in RELEASE_FORMS.items()
    }
    form = forms.get(wanted)
    if form is not None and form.is_valid() and not (isinstance(form, NumberMixin) and form.ask_again()):
        try:
            text = _release(case, Action(wanted), request, form.cleaned_data)
        except Conflict as error:
            names = [name for name in ("document_number", "conditions", "remark") if name in form.fields]
            return conflict(request, error, kept=typed(form, *names))
        except Unmet as error:
            form.take(error.problems)
        else:
            messages.success(request, text)
            return redirect("review-case", pk=pk)
    now = verdicts.read(case)
    context = context_of(
        case,
        round=now,
        recommendation=waiting,
        rows=_table(now),
        **{
            str(action): forms[action] if waiting and waiting.outcome == outcome else None
            for action, outcome in rules.RELEASES.items()
        },
        send_back=forms[Action.SEND_BACK],
        by_authority=case.version.kind(case.kind).by_authority,
        has_letter=waiting is not None and waiting.outcome in LETTERS,
        form=form,
        item_problems=form.to_confirm() if isinstance(form, NumberMixin) else [],
        errors=form.errors if form else None,
    )
    return render(request, "reviews/release.html", context)


RELEASE_FORMS: dict[str, Any] = {
    Action.FORWARD: ForwardForm,
    Action.REJECT: RejectForm,
    Action.ENDORSE: EndorseForm,
    Action.DECLINE: DeclineForm,
    Action.RECORD: RecordForm,
    Action.GIVE_OPINION: OpinionForm,
    Action.SEND_BACK: SendBackForm,
}


# The exchange's own decisions, and what is said of each.
DECIDED: dict[Action, Promise] = {
    Action.ENDORSE: gettext_lazy("已同意核備，延展期間已登入台帳，並已通知證券商。"),
    Action.DECLINE: gettext_lazy("已不予核備，並已通知證券商，案件結案。"),
    Action.RECORD: gettext_lazy("已同意備查，通報期間已登入台帳，並已通知證券商。"),
}


def _release(case: Application, action: Action, request: Request, data: dict[str, Any]) -> str:
    """Do it, and say what happens next."""
    common: dict[str, Any] = {
        "case_id": case.pk,
        "revision": data["revision"],
        "remark": data["remark"],
        "by": request.user,
        "at": timezone.now(),
    }
    if action == Action.SEND_BACK:
        deciding.send_back(**common)
        return _("已退回承辦人續審，並已通知承辦人。")
    if action == Action.REJECT:
        deciding.reject(**common)
        return named(_("已退件，未轉報{authority}；已通知證券商，案件結案。"), case.version)
    if action == Action.GIVE_OPINION:
        opinion.give(**common)
        return _("預審已完成，意見已通知證券商。本意見非核准；證券商得據以轉為正式申請。")
    if action in DECIDED:
        more = {name: data[name] for name in ("document_number", "conditions") if name in data}
        endorsing.decide(**common, **more, action=action)
        return str(DECIDED[action])
    found = deciding.forward(**common, document_number=data["document_number"])
    _order_bundle(found, request)
    return named(_("已轉報{authority}，並已通知證券商。收到{authority}復函後，請於本案登錄。"), case.version)


def _order_bundle(recommendation: Recommendation, request: Request) -> None:
    """Have a worker draw the bundle; until one is on the list, the case has a button for it."""
    at = timezone.now()
    try:
        job = jobs.ask(
            kind=Job.Kind.BUNDLE,
            by=request.user,
            at=at,
            key=f"bundle:{recommendation.pk}",
            case_id=recommendation.submission.application_id,
            arguments={"recommendation": recommendation.pk},
        )
        order(job, at=at)
    except Exception:  # the forwarding stands whatever happens to the PDF
        log.exception("bundle of recommendation %s is not on order", recommendation.pk)


@require_http_methods(BOTH)
@of_exchange
def bundle(request: Request, pk: int) -> HttpResponseBase:
    """The bundle as a file; a POST has it drawn where it is missing (a GET changes nothing)."""
    case = get_case(request, pk)
    found = (
        Recommendation.objects.filter(
            submission__application=case, outcome=Recommendation.Outcome.FORWARD, released=True
        )
        .select_related("bundle", "submission__application__firm")
        .last()
    )
    if found is None:
        raise Http404
    if request.method == "POST":
        return begin(request, Job.Kind.BUNDLE, case, recommendation=found.pk)
    made = getattr(found, "bundle", None)
    if made is None:
        return redirect("review-case", pk=pk)
    name = _("{number} 轉報.pdf").format(number=case.number)
    log_opening(case.pk, "pdf_read", f"bundle {made.pk}", by=request.user, at=timezone.now())
    return FileResponse(
        default_storage.open(made.file.name), as_attachment=True, filename=name, content_type="application/pdf"
    )


@require_http_methods(BOTH)
@of_exchange
def decision(request: Request, pk: int) -> HttpResponse:
    """登錄主管機關復函: lines and days are proposed from the request, to be checked against the letter."""
    case = get_case(request, pk)
    posted = request.method == "POST"
    action = Action.RECORD_APPROVAL
    if away := require(request, case, action, posted or rules.may(request.user, action, case)):
        return away
    now = verdicts.read(case)
    first, last = as_date(now.content["first_day"]), as_date(now.content["last_day"])
    lines = now.content["lines"]
    latest = deciding.latest_last_day(case, first) if first else None
    initial: dict[str, Any] = {"revision": case.revision}
    for line in lines:
        initial |= {f"{line}-first": first, f"{line}-last": min(last, latest) if last and latest else last}
    form = DecisionForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial=initial,
        version=case.version,
        lines=lines,
        latest=latest,
    )
    if posted and form.is_valid() and not form.ask_again():
        try:
            recorded = _record(case, request, form)
        except Conflict as error:
            return conflict(request, error, kept=typed(form, "document_number", "dated", "conditions", *form.days()))
        except Unmet as error:
            form.take(error.problems)
        except Refused as error:
            form.add_error("scan", _(error.message).format(**error.params))
        else:
            messages.success(request, recorded)
            return redirect("review-case", pk=pk)
    context = context_of(
        case,
        form=form,
        round=now,
        first_day=first,
        last_day=last,
        item_problems=form.to_confirm(),
        again=posted,
        errors=form.errors,
    )
    return render(request, "reviews/decision.html", context)


def _record(case: Application, request: Request, form: DecisionForm) -> str:
    data = form.cleaned_data
    found = deciding.record_decision(
        case_id=case.pk,
        revision=data["revision"],
        approved=form.approved,
        document_number=data["document_number"],
        dated=data["dated"],
        conditions=data["conditions"],
        periods=form.periods(),
        scan=data["scan"],
        by=request.user,
        at=timezone.now(),
    )
    if found.approved:
        return _("已登錄核准，並已通知證券商；核准期間已載入證券商頁面。案件結案。")
    return _("已登錄駁回，並已通知證券商。案件結案。")
