"""The wizard: one page a section, saved leniently, filed by nobody but a POST elsewhere."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from formtools.wizard.views import NamedUrlWizardView

from applications import policy
from applications.actions.drafting import NotOpen, Stale, examine_page, open_items, save_section
from applications.actions.evidence import change_citation, cite
from applications.enums import Status
from applications.evidence import Refused
from applications.facts import Files, files_of
from applications.forms.section import SectionForm
from applications.lifecycle import Conflict
from applications.models import Application, Attachment, Correction, Section
from applications.present import show_item
from applications.storage import SectionStorage


class SectionWizard(NamedUrlWizardView):
    """formtools' named-URL wizard over ``SectionStorage``; a prefix per case."""

    storage_name = "applications.storage.SectionStorage"
    template_name = "applications/section.html"
    storage: SectionStorage

    # --- what formtools asks for ----------------------------------------

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.case: Application = get_object_or_404(policy.visible_to(request.user), pk=kwargs["pk"])
        if not self.case.firm_id or request.user.firm != self.case.firm:
            raise Http404
        request.case = self.case  # for the storage
        return super().dispatch(request, *args, **kwargs)

    def get_prefix(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return f"case_{kwargs['pk']}"

    def get_form_list(self) -> OrderedDict[str, type[SectionForm]]:
        version = self.case.version
        pages = (page.id for page in version.sections if version.applies(page, self.case.lines))
        return OrderedDict((page_id, SectionForm) for page_id in pages)

    def get_form_prefix(self, step: str | None = None, form: Any = None) -> None:
        return None

    def get_form_kwargs(self, step: str | None = None) -> dict[str, Any]:
        version = self.case.version
        page = version.section(step or self.steps.current)
        ids = frozenset(item.id for item in page.items)
        return {
            "page": page,
            "version": version,
            "lines": tuple(self.case.lines),
            "licensed": tuple(line.id for line in version.lines_for(tuple(self.case.firm.licences))),
            "allowed": (ids if self.named is None else ids & self.named) if self.editable else frozenset(),
        }

    def get_form_initial(self, step: str) -> dict[str, Any]:
        return SectionForm.initial_of(self.row.answers)

    def get_step_url(self, step: str) -> str:
        return reverse(self.url_name, kwargs={"pk": self.case.pk, "step": step})

    # --- pages ------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Draw a page. Changes nothing, whatever the URL says; an unknown step is a 404."""
        step = kwargs.get("step")
        if step is None or step == self.done_step_name:
            return redirect("case" if step is None else "check", pk=self.case.pk)
        self._open(step)
        form = self.get_form()
        if "check" not in request.GET or not self.editable:
            return self.render(form)
        _, problems = examine_page(self.case, form.page, self.row.answers, today=timezone.localdate())
        return self.render(form, problems=form.show(problems))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the files, keep the text, then say what cannot be read or go on."""
        step = kwargs.get("step") or ""
        self._open(step)
        if not self.editable:
            return self._closed()
        form = self.get_form(data=request.POST, files=request.FILES)
        form.is_valid()
        reopen = request.POST.get("reopen") == "1"
        try:
            problems = self._keep_files(form, reopen)
            self.row = save_section(
                case_id=self.case.pk,
                section_id=step,
                answers=form.answers(),
                revision=_number(request.POST.get("revision")),
                by=request.user,
                at=timezone.now(),
                reopen=reopen,
            )
        except Stale as stale:
            return self._stale(form, stale.section)
        except Conflict as conflict:
            self.case = conflict.case
            return self._with_checker()
        except NotOpen:
            return self._closed()
        problems += [
            {"href": f"#{form[name].auto_id}", "message": f"{form[name].label}：{text}"}
            for name, texts in form.errors.items()
            for text in texts
        ]
        if problems:
            return self.render(form, problems=problems)
        if anchor := request.POST.get("add"):
            return HttpResponseRedirect(f"{self.get_step_url(step)}#{anchor if anchor.startswith('item-') else 'id_' + anchor}")
        if "later" in request.POST:
            messages.success(request, _("已儲存「%(title)s」，可隨時回來繼續填寫。") % {"title": form.page.title.zh})
            return redirect("case", pk=self.case.pk)
        following = self.get_next_step(step)
        return redirect(self.get_step_url(following)) if following else redirect("check", pk=self.case.pk)

    def _open(self, step: str) -> None:
        """Find the page, its row, and what may be written on it."""
        if step not in self.get_form_list():
            raise Http404
        self.storage.current_step = step
        self.row: Section = self.storage.section(step)
        self.editable = policy.may(self.request.user, "edit", self.case)
        self.named = open_items(self.case) if self.editable else frozenset()

    def get_context_data(self, form: SectionForm, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(form=form, **kwargs)
        version = self.case.version
        files = files_of(self.case)
        comments: dict[str, str] = {}
        if self.named is not None and self.editable:
            correction = Correction.objects.filter(application=self.case, answered_at=None).first()
            comments = correction.items if correction else {}
        items = []
        for fields in form.items():
            evidence = files.of(fields.item.id)
            view = None
            if not fields.open:
                view = show_item(fields.item, self.row.answers.get(fields.item.id, {}), _proofs(files, fields.item.id), version)
            items.append(
                {"fields": fields, "evidence": evidence, "view": view, "comment": comments.get(fields.item.id, "")}
            )
        context |= {
            "case": self.case,
            "page": form.page,
            "items": items,
            "row": self.row,
            "attachments": files.current,
            "editable": self.editable and bool(form.allowed),
            "with_checker": self.case.status in {Status.INTERNAL_REVIEW, Status.SIGNED_OFF},
            "correcting": self.named is not None and self.editable,
            "marks": self.storage.marks,
            "position": self.steps.step1,
            "count": self.steps.count,
            "previous": self.get_prev_step(),
            "errors": bool(kwargs.get("problems")),
        }
        return context

    # --- files ------------------------------------------------------------

    def _keep_files(self, form: SectionForm, reopen: bool) -> list[dict[str, str]]:
        """Keep each uploaded file at once, even where the rest of the page has to wait; what was refused."""
        request, at, problems = self.request, timezone.now(), []
        for citation in files_of(self.case).citations:
            name = f"cite-{citation.id}"
            remove = f"{name}-remove" in request.POST
            place = request.POST.get(f"{name}-place")
            if remove or (place is not None and place.strip() != citation.place):
                change_citation(
                    case_id=self.case.pk, citation_id=citation.id, by=request.user, at=at, remove=remove,
                    place=place.strip() if place is not None else None, reopen=reopen,
                )  # fmt: skip
        for item in form.page.items:
            name = f"ev-{item.id}"
            place = request.POST.get(f"{name}-place", "").strip()
            known = _number(request.POST.get(f"{name}-use"))
            uploads = request.FILES.getlist(f"{name}-file")
            if known:
                self._cite(item.id, reopen, attachment_id=known, place=place)
            for upload in uploads:
                try:
                    self._cite(item.id, reopen, upload=upload, place=place)
                except Refused as refused:
                    text = _(refused.message).format(**refused.params)
                    problems.append({"href": f"#ev-{item.id}-file", "message": f"{item.number}：{text}"})
        return problems

    def _cite(self, item_id: str, reopen: bool, **what: Any) -> None:
        try:
            cite(case_id=self.case.pk, item_id=item_id, by=self.request.user, at=timezone.now(), reopen=reopen, **what)
        except Attachment.DoesNotExist as missing:
            raise Http404 from missing

    # --- when it cannot be saved -------------------------------------------

    def _refuse(self, **context: Any) -> HttpResponse:
        """409 with what happened; everything typed stays in the page."""
        typed = [
            (name, value)
            for name, values in self.request.POST.lists()
            if name not in {"csrfmiddlewaretoken", "revision", "reopen", "add", "later"}
            for value in values
        ]
        return render(
            self.request,
            "applications/conflict.html",
            {"case": self.case, "typed": typed, "back": self.request.path, **context},
            status=409,
        )

    def _stale(self, form: SectionForm, theirs: Section) -> HttpResponse:
        version, mine = self.case.version, form.answers()
        rows = []
        for item in form.page.items:
            if item.id in mine and mine[item.id] != theirs.answers.get(item.id, {}):
                rows.append(
                    {
                        "item": item,
                        "mine": show_item(item, mine[item.id], (), version),
                        "theirs": show_item(item, theirs.answers.get(item.id, {}), (), version),
                    }
                )
        return self._refuse(why="stale", section=theirs, page=form.page, rows=rows, revision=theirs.revision)

    def _with_checker(self) -> HttpResponse:
        return self._refuse(why="with_checker", page=None, revision=self.row.revision)

    def _closed(self) -> HttpResponse:
        return self._refuse(why="closed", page=None, revision=self.row.revision)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _proofs(files: Files, item_id: str) -> list[dict[str, Any]]:
    return [{"file": c.attachment_id, "name": c.name, "place": c.place} for c in files.of(item_id)]
