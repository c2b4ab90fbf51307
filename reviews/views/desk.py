"""Queue, case, notes and who has the case in hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications import comparing, deadlines, emergencies, ledger, policy
from applications.actions import following
from applications.actions.drafting import Unmet
from applications.actions.evidence import log_reading
from applications.enums import ENDED, Action, Carry, Status
from applications.lifecycle import Conflict
from applications.matrix import matrix_of
from applications.models import Application, Correction, FirmNotice, Job, Submission
from applications.naming import named
from applications.present import unsent, words
from applications.views.gone import skeleton
from guideline.catalogue import load
from guideline.values import as_date
from reviews import mail_queue, verdicts
from reviews import policy as rules
from reviews import queue as lists
from reviews.actions import casework, reclassifying
from reviews.bundle import being_made
from reviews.forms import HandOverForm, MoveForm, NoteForm
from reviews.models import LegalHold, Recommendation
from reviews.timeline import Line, lines_of
from reviews.views.common import Request, conflict, context_of, find_case, get_case, of_exchange, shared, typed


@require_GET
@of_exchange
def queue(request: Request) -> HttpResponse:
    """The lists of cases. 4 queries; one more where a firm is at work on a correction, one where there is a notice."""
    tabs = lists.tabs_for(request.user)
    tab = request.GET.get("tab", tabs[0])
    if tab not in tabs:
        raise Http404
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    try:
        page = lists.page(request.user, tab, before=before, after=after)
    except ValueError as error:
        raise Http404 from error
    counts = lists.counts(request.user, tabs, mail=mail_queue.count_of(request.user))
    base = reverse("queue")

    def url(**query: str) -> str:
        return f"{base}?{urlencode({'tab': tab, **query})}"

    return render(
        request,
        "reviews/queue.html",
        {
            "tabs": [
                {
                    "url": f"{base}?tab={one}",
                    "label": lists.LABELS[one],
                    "count": lists.show_count(counts[one]),
                    "current": one == tab,
                }
                for one in tabs
            ]
            + [
                {
                    "url": reverse("mail-queue"),
                    "label": _("電子郵件通報"),
                    "count": lists.show_count(counts["mail"]),
                    "current": False,
                }
            ],
            "label": lists.LABELS[tab],
            "rows": page.rows,
            "overdue": emergencies.overdue((row.case for row in page.rows), today=timezone.localdate()),
            "newer_url": url(after=page.newer) if page.newer else "",
            "older_url": url(before=page.older) if page.older else "",
        },
    )


@require_GET
@of_exchange
def case(request: Request, pk: int) -> HttpResponse:
    """One case as a whole, and what this person may do with it."""
    found = find_case(request, pk)
    if found.destroyed_at:
        return skeleton(request, found, found.events.all())
    return render(request, "reviews/case.html", _case_context(request, found, NoteForm()))


def _case_context(request: Request, case: Application, note: NoteForm) -> dict[str, Any]:
    user = request.user
    now = _round(case)
    recommendation = rules.waiting(case)
    actions = rules.available_actions(user, case, recommendation)
    judging = policy.may(user, "judge", case)
    content = now.content if now else case.notice.content
    version = case.version
    submissions = list(case.submissions.select_related("submitted_by").defer("payload"))
    decision = getattr(case, "decision", None) if case.status in ENDED else None
    corrections = _corrections(case)
    timeline = lines_of(case)
    return context_of(
        case,
        round=now,
        content=content,
        first_day=as_date(content["first_day"]),
        last_day=as_date(content["last_day"]),
        lines=[words(version.line(line).name) for line in content["lines"]],
        **(shared(now, now.progress()) if now else {}),
        judged=sum(1 for one in now.findings.values() if one.verdict) if now else 0,
        judging=judging,
        next_page=now.next_page("") if judging and now else None,
        deeds=_deeds(
            case,
            [*actions, *([reclassifying.WHAT] if policy.may(user, reclassifying.WHAT, case) else [])],
            hand_over=rules.may_hand_over(user, case),
        ),
        take=MoveForm(initial={"revision": case.revision}) if Action.TAKE in actions else None,
        submissions=submissions,
        corrections=corrections,
        recommendations=(
            recommendations := list(
                Recommendation.objects.filter(submission__application=case).select_related(
                    "by", "decided_by", "submission", "bundle"
                )
            )
        ),
        bundling=_bundling(case, recommendations),
        bundle_key=uuid4().hex,
        decision=decision,
        periods=[(one, words(version.line(one.line).name)) for one in case.periods.all()] if decision else [],
        filed_at=submissions[0].submitted_at if submissions else None,
        in_hand=_in_hand(case, submissions[0], corrections, timeline) if submissions else None,
        given=emergencies.given(case, today=timezone.localdate()),
        lapsed=ledger.lapsed(case, timezone.now()),
        mails=case.mails.defer("said") if version.kind(case.kind).by_notice else [],
        not_filed=len(verdicts.not_filed(case, now)) if now else 0,
        stands=[(page, words(page.title)) for page in map(version.section, following.standing(case))],
        carried=[
            (version.section(section_id), words(version.section(section_id).title), Carry(said).label)
            for section_id in content["pages"]
            if (said := content.get("carry", {}).get(section_id))
        ],
        roster_changes=[
            (one, len(one.detail["roster"]))
            for one in FirmNotice.objects.filter(application=case, what=FirmNotice.What.ROSTER_CHANGE)
        ]
        if decision
        else [],
        notes=case.notes.select_related("by"),
        note=note if policy.may(user, "note", case) else None,
        timeline=timeline,
        unsent=[(page, words(page.title)) for page in unsent(content, version)],
        hold=LegalHold.objects.filter(application=case, lifted_at=None).select_related("set_by").first(),
        audits=policy.may(user, "audit"),
        may_hold=policy.may(user, "hold", case),
        formal=_formal(request, case),
    )


def _bundling(case: Application, recommendations: list[Recommendation]) -> Job | None:
    """The job at the bundle of a forwarding that has none yet. One query where there is such a forwarding."""
    forwarding = Recommendation.Outcome.FORWARD
    missing = any(one.released and one.outcome == forwarding and not hasattr(one, "bundle") for one in recommendations)
    return being_made(case) if missing else None


def _round(case: Application) -> verdicts.Round | None:
    """What stands on what was filed last; None of a notice whose documents have not come."""
    try:
        return verdicts.read(case)
    except Submission.DoesNotExist:
        return None


def _formal(request: Request, case: Application) -> list[Application]:
    """The formal cases made from a pre-review, as far as they have been filed."""
    return list(policy.visible_to(request.user).filter(previous=case)) if case.status == Status.PRE_REVIEWED else []


def _in_hand(
    case: Application, first: Submission, corrections: list[dict[str, Any]], timeline: list[Line]
) -> tuple[int, int]:
    """審查天數, and the days of corrections, up to today or to the move that ended the case: notices may follow."""
    moved = (line.at for line in timeline if line.before != line.after)
    ended = next(moved) if case.status in ENDED else timezone.now()
    pauses = [
        (timezone.localdate(one.issued_at), timezone.localdate(one.answered_at) if one.answered_at else None)
        for one in (entry["correction"] for entry in corrections)
    ]
    return deadlines.in_hand(timezone.localdate(first.submitted_at), pauses, today=timezone.localdate(ended))


def _deeds(case: Application, actions: Sequence[str], *, hand_over: bool) -> list[dict[str, str]]:
    """The pages from which something is done; the first is the one to press."""
    pages = (
        (Action.FORWARD, "review-release", _("覆核")),
        (Action.REJECT, "review-release", _("覆核")),
        (Action.ENDORSE, "review-release", _("覆核")),
        (Action.DECLINE, "review-release", _("覆核")),
        (Action.RECORD, "review-release", _("覆核")),
        (Action.GIVE_OPINION, "review-release", _("覆核")),
        (Action.RECOMMEND, "review-recommend", _("陳核")),
        (Action.RETURN, "review-return", _("退請補正")),
        (Action.RECORD_APPROVAL, "review-decision", named(_("登錄{authority}復函"), case.version)),
        (reclassifying.WHAT, "review-reclassify", _("改列申請類型")),
    )
    deeds = [
        {"url": reverse(name, args=[case.pk]), "label": label, "action": str(action)}
        for action, name, label in pages
        if action in actions
    ]
    if hand_over:
        deeds.append({"url": reverse("review-hand-over", args=[case.pk]), "label": _("移交"), "action": "hand_over"})
    return deeds


def _corrections(case: Application) -> list[dict[str, Any]]:
    found = Correction.objects.filter(application=case).select_related("submission", "issued_by")
    return [
        {
            "correction": one,
            "items": [(item, words(item.title), one.items[item.id]) for item in case.version.items_among(one.items)],
        }
        for one in found.defer("submission__payload")
    ]


@require_POST
@of_exchange
def take(request: Request, pk: int) -> HttpResponse:
    """受理."""
    found = get_case(request, pk)
    form = MoveForm(request.POST)
    revision = form.cleaned_data["revision"] if form.is_valid() else -1
    try:
        casework.take(case_id=found.pk, revision=revision, by=request.user, at=timezone.now())
    except Conflict as error:
        return conflict(request, error)
    if found.status == Status.NOTICED:
        messages.success(request, _("已受理通報並由您承辦，已通知證券商。書件補具後，請再受理並逐項審查。"))
    else:
        messages.success(request, _("已受理並由您承辦，已通知證券商。請逐項審查；全部審畢後得退請補正或陳核。"))
    return redirect("review-case", pk=pk)


@require_POST
@of_exchange
def note(request: Request, pk: int) -> HttpResponse:
    """內部註記."""
    found = get_case(request, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        casework.add_note(case_id=found.pk, text=form.cleaned_data["text"], by=request.user, at=timezone.now())
        messages.success(request, named(_("已新增內部註記；僅{exchange}人員可見。"), found.version))
        return redirect(f"{reverse('review-case', args=[pk])}#notes")
    return render(request, "reviews/case.html", _case_context(request, found, form) | {"errors": form.errors})


@require_http_methods(["GET", "HEAD", "POST"])
@of_exchange
def hand_over(request: Request, pk: int) -> HttpResponse:
    """移交 by the officer, 指派 by a supervisor."""
    found = get_case(request, pk)
    if request.method != "POST" and not rules.may_hand_over(request.user, found):
        raise casework.NotOpen
    people = rules.officers()
    if request.method != "POST":  # a page older than another hand-over may name anybody: a conflict, not an error
        people = people.exclude(pk=found.officer_id or 0)
    form = HandOverForm(request.POST or None, people=people, initial={"held_by": found.officer_id})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            casework.hand_over(
                case_id=found.pk,
                held_by=data["held_by"],
                to=data["to"],
                remark=data["remark"],
                by=request.user,
                at=timezone.now(),
            )
        except Conflict as error:
            return conflict(request, error, kept=typed(form, "remark"), revision=found.revision)
        except Unmet as error:
            form.take(error.problems)
        else:
            text = _("已移交 {name} 承辦，並已通知；後續由 {name} 審查。")
            messages.success(request, text.format(name=data["to"].name))
            return redirect("review-case", pk=pk)
    return render(request, "reviews/hand_over.html", context_of(found, form=form, errors=form.errors))


@require_GET
@of_exchange
def evidence(request: Request, pk: int) -> HttpResponse:
    """The evidence matrix of the latest submission. 6 queries, session and person included."""
    found = get_case(request, pk)
    submission = Submission.objects.filter(application=found).latest("number")
    matrix = matrix_of(submission.content, load(submission.content["version"]))
    return render(request, "reviews/evidence.html", context_of(found, submission=submission, matrix=matrix))


@require_GET
@of_exchange
def compare(request: Request, pk: int, number: int) -> HttpResponse:
    """What changed between this submission and the one before it, which may be the pre-review's."""
    found = get_case(request, pk)
    try:
        now = verdicts.read(found, number=number)
    except Submission.DoesNotExist as missing:
        raise Http404 from missing
    if now.previous is None:
        raise Http404
    compared = comparing.compare(now.previous.content, now.content)
    log_reading(found, len(compared.people), by=request.user, at=timezone.now())
    earlier = _("第 {number} 次送件").format(number=now.previous.number)
    context = context_of(
        found,
        compared=compared,
        before=pgettext("noun", "預審") if now.from_pre_review else earlier,
        after=_("第 {number} 次送件").format(number=number),
        number=number,
        earlier=now.previous.number,
        now=now,
        submission=now.submission,
    )
    return render(request, "reviews/compare.html", context)
