"""我的工作: long work that this person asked for, how far it is, what came of it; and the inspection pack."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.http import Request
from applications import jobs, policy, ranged
from applications.actions.watching import log_opening
from applications.keyset import newest_first
from applications.models import Application, Job
from applications.tasks import order
from applications.views.pages import get_case

PAGE = 25


@require_GET
def listing(request: Request) -> HttpResponse:
    """What this person asked for, newest first. 3 queries, session and person included."""
    try:
        found = newest_first(
            jobs.mine(request.user),
            before=request.GET.get("before", ""),
            after=request.GET.get("after", ""),
            size=PAGE,
        )
    except ValueError as error:
        raise Http404 from error
    address = reverse("jobs")
    context = {
        "jobs": found.rows,
        "newer_url": f"{address}?after={found.newer}" if found.newer else "",
        "older_url": f"{address}?before={found.older}" if found.older else "",
    }
    return render(request, "applications/jobs.html", context)


def _job(request: Request, pk: int) -> Job:
    """The job, or a 404 to everybody but the person who asked."""
    return get_object_or_404(jobs.mine(request.user), pk=pk)


@require_GET
def one(request: Request, pk: int) -> HttpResponse:
    """How far it is; what came of it, once it is done."""
    job = _job(request, pk)
    context = {"job": job, "may_fetch": jobs.may_fetch(request.user, job), "days": settings.JOB_FILES_KEPT.days}
    return render(request, "applications/job.html", context)


@require_safe
def file(request: Request, pk: int) -> HttpResponseBase:
    """What a job made, as a download that can be taken up again; it is on record."""
    job = _job(request, pk)
    if job.state != Job.State.DONE or not job.file or not jobs.may_fetch(request.user, job):
        raise Http404
    try:
        data = job.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    if request.method == "GET":
        log_opening(job.application_id, "file_read", f"job {job.pk} {job.name}", by=request.user, at=timezone.now())
    return ranged.serve(request, data, size=job.size, sha256=job.sha256, name=job.name, content_type=job.content_type)


@require_http_methods(["GET", "HEAD", "POST"])
def pack(request: Request, pk: int) -> HttpResponse:
    """What the inspection pack of a case holds; a POST has it made."""
    case = get_case(request, pk)
    if not policy.may(request.user, "pack", case):
        raise Http404
    if request.method == "POST":
        return begin(request, Job.Kind.PACK, case)
    mine = jobs.mine(request.user).filter(application=case, kind=Job.Kind.PACK)[:PAGE]
    context = {
        "case": case,
        "key": uuid4().hex,
        "jobs": mine,
        "of_firm": request.user.firm is not None,
        "days": settings.JOB_FILES_KEPT.days,
    }
    return render(request, "applications/pack.html", context)


def begin(request: Request, kind: Job.Kind, case: Application | None = None, **arguments: object) -> HttpResponse:
    """Put work on the list by the key of the page, and go to where its progress is seen.

    Raises:
        Http404: it is not for this person, or the page had no key.
    """
    key, at = request.POST.get("key", ""), timezone.now()
    if not 0 < len(key) <= 64:
        raise Http404
    try:
        job = jobs.ask(
            kind=kind, by=request.user, at=at, key=key, case_id=case.pk if case else None, arguments=arguments
        )
    except jobs.NotAllowed as error:
        raise Http404 from error
    if job.ordered_at is None and job.open:
        order(job, at=at)
    return redirect(job)
