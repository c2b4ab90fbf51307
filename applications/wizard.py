"""The wizard: one page a section, saved leniently, filed by nobody but a POST elsewhere."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import nullcontext
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from formtools.wizard.views import NamedUrlWizardView

from accounts import kept
from accounts.http import Request
from applications import policy
from applications.actions.drafting import (
    NotOpen,
    Renewed,
    Stale,
    examine_page,
    lock_page,
    open_items,
    save_locked,
    save_section,
)
from applications.actions.erasing import Destroyed
from applications.autosave import saved, unsaved
from applications.enums import WITH_CHECKER, Carry, Status
from applications.facts import Files, aligned_day, files_of, latest_day
from applications.forms.evidence import NewEvidence, brings_evidence, change_places
from applications.forms.fields import tidy, whole_number
from applications.forms.section import SectionForm, key
from applications.lifecycle import Conflict, lock
from applications.models import Application, Correction, Section
from applications.present import show_item, words
from applications.storage import SectionStorage
from applications.uploads import ACCEPT
from guideline.values import said


class SectionWizard(NamedUrlWizardView):
    """formtools' named-URL wizard over ``SectionStorage``; a prefix per case."""

    storage_name = "applications.storage.SectionStorage"
    template_name = "applications/section.html"
    storage: SectionStorage
    proofs: NewEvidence | None = None
    case: Application
    form: SectionForm
    locked = False
    unasked = False  # saved by itself, while somebody types
    found: Section | None = None

    # --- what formtools asks for ----------------------------------------

    def dispatch(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        # A save that brings no evidence finds and locks its case in one look-up. Evidence is kept by itself,
        # in transactions of its own, whatever becomes of the rest of the page; it waits for a button.
        self.unasked = request.POST.get("autosave") == "1"
        self.locked = request.method == "POST" and (self.unasked or not brings_evidence(request))
        try:
            with transaction.atomic() if self.locked else nullcontext():
                self.case = self._find(request, **kwargs)
                request.case = self.case  # type: ignore[attr-defined]  # for the storage
                return super().dispatch(request, *args, **kwargs)
        except Stale as stale:
            return self._stale(self.form, stale.section, request.POST.get("reopen") == "1")
        except Renewed:
            return self._refuse(why="version", page=None, back=self.case.get_absolute_url())
        except Conflict as conflict:
            self.case = conflict.case
            return self._with_checker()
        except NotOpen:
            return self._closed()

    def _find(self, request: Request, pk: int, step: str = "") -> Application:
        """The case of this person's firm, locked where it is about to be saved; else a 404."""
        if request.user.firm is None:
            raise Http404
        self.found = lock_page(pk, step, by=request.user) if self.locked else None
        if self.found:
            case = self.found.application
        else:
            cases = Application.objects.filter(policy.scope(request.user))
            try:
                case = lock(pk, among=cases) if self.locked else cases.get(pk=pk)
            except Application.DoesNotExist as missing:
                raise Http404 from missing
            if case.destroyed_at:  # no section of it is left, so it always comes this way
                raise Destroyed(case)
        case.firm = request.user.firm
        return case

    def get_prefix(self, request: Request, *args: Any, **kwargs: Any) -> str:
        return f"case_{kwargs['pk']}"

    def get_form_list(self) -> OrderedDict[str, type[SectionForm]]:
        return OrderedDict.fromkeys((page.id for page in self.case.pages), SectionForm)

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
        """Nothing for a form that is bound: it shows what was posted."""
        return {} if self.request.method == "POST" else SectionForm.initial_of(self.row.answers)

    def get_step_url(self, step: str) -> str:
        return reverse(self.url_name, kwargs={"pk": self.case.pk, "step": step})

    def get_template_names(self) -> list[str]:
        """The pages of a notice are drawn short, for a phone in an emergency."""
        return ["applications/notice_page.html"] if self.case.noticing else [self.template_name]

    # --- pages ------------------------------------------------------------

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
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

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the files, keep the text, then say what cannot be read or go on."""
        step = kwargs.get("step") or ""
        drawn = request.POST.get("version") or self.case.version_id
        if drawn != self.case.version_id:
            raise Renewed(self.case)
        self._open(step)
        if not self.editable:
            return self._closed()
        form = self.form = self.get_form(data=request.POST, files=request.FILES)
        form.is_valid()
        reopen = request.POST.get("reopen") == "1" and not self.unasked
        self.proofs = NewEvidence(form.page, form.allowed, request, bringing=not self.locked)
        if not self.unasked:
            self.proofs.keep(self.case.pk)
            self.proofs.cite(self.case.pk, reopen=reopen)
        typed: dict[str, Any] = {
            "answers": form.answers(),
            "revision": whole_number(request.POST.get("revision")),
            "by": request.user,
            "at": timezone.now(),
            "reopen": reopen,
            "version_id": drawn,
        }
        if self.locked:
            self.row = save_locked(self.case, step, found=self.found, unasked=self.unasked, **typed)
        else:
            self.row = save_section(case_id=self.case.pk, section_id=step, **typed)
        self.case = self.row.application
        if self.unasked:
            return saved(request, [("revision", self.row.revision)])
        change_places(self.case, form.page, request)
        problems = self.proofs.problems
        problems += [
            {"href": f"#{form[name].auto_id}", "message": f"{form[name].label}{_('：')}{text}"}
            for name, texts in form.errors.items()
            for text in texts
        ]
        if problems:
            return self.render(form, problems=problems)
        if anchor := request.POST.get("add"):
            return HttpResponseRedirect(f"{self.get_step_url(step)}#{anchor}")
        if "later" in request.POST:
            title = words(form.page.title)
            messages.success(request, _("已儲存「%(title)s」，可隨時回來繼續填寫。") % {"title": title})
            return redirect("home") if self.case.noticing else redirect("case", pk=self.case.pk)
        following = self.get_next_step(step)
        return HttpResponseRedirect(self.get_step_url(following)) if following else redirect("check", pk=self.case.pk)

    def _open(self, step: str) -> None:
        """Find the page, and what may be written on it."""
        if step not in self.get_form_list():
            raise Http404
        self.storage.current_step = step
        self.editable = policy.may(self.request.user, "edit", self.case)
        self.named = open_items(self.case) if self.editable else frozenset()

    @cached_property
    def row(self) -> Section:
        """The page's row: as it was when first asked for, or as it was just saved."""
        return self.storage.row

    def get_context_data(self, form: SectionForm, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(form=form, **kwargs)
        version = self.case.version
        files = files_of(self.case)
        comments: dict[str, str] = {}
        if self.case.status == Status.RETURNED and self.editable:
            correction = Correction.objects.filter(application=self.case, answered_at=None).first()
            comments = correction.items if correction else {}
        items = []
        for fields in form.items():
            evidence = files.of(fields.item.id)
            view = None
            if not fields.open:
                answers = self.row.answers.get(fields.item.id, {})
                view = show_item(fields.item, answers, _proofs(files, fields.item.id), version)
            items.append(
                {
                    "fields": fields,
                    "evidence": evidence,
                    "view": view,
                    "comment": comments.get(fields.item.id, ""),
                    "place": self.proofs.waiting.get(fields.item.id, "") if self.proofs else "",
                }
            )
        context |= {
            "case": self.case,
            "page": form.page,
            "items": items,
            "row": self.row,
            "offered": self.row.carry == Carry.OFFERED and self.editable,
            "carry": Carry(self.row.carry).label if self.row.carry else "",
            "attachments": files.current,
            "accept": ACCEPT,
            "editable": self.editable and bool(form.allowed),
            "with_checker": self.case.status in WITH_CHECKER,
            # nobody takes a case back from the checker without a button
            "autosave": self.editable and bool(form.allowed) and self.case.status not in WITH_CHECKER,
            "closed_because": self._closed_because(form),
            "marks": self.storage.marks,
            "position": self.steps.step1,
            "count": self.steps.count,
            "previous": self.get_prev_step(),
            **self._period(form),
            "errors": bool(kwargs.get("problems")),
            "revisions": [("revision", self.row.revision)],
        }
        return context

    def _closed_because(self, form: SectionForm) -> str:
        """Why an item of the page that is not open stays as it is; nothing where the page is only shown."""
        if not self.editable or self.named is None:
            return ""
        return _("通報內容，不得修改") if form.page.notice else _("已審查，無須修改")

    def _period(self, form: SectionForm) -> dict[str, Any]:
        """On the page of the period: how long it may be."""
        if self.case.version.places(self.case.kind)["last_day"][0] not in {item.id for item in form.page.items}:
            return {}
        return {"latest": latest_day(self.case), "align": aligned_day(self.case)}

    # --- when it cannot be saved -------------------------------------------

    def _refuse(self, **context: Any) -> HttpResponse:
        """409 with what happened; everything typed stays in the page, and files that were sent are kept."""
        if self.unasked:
            return unsaved(self.request, [("revision", self.request.POST.get("revision", ""))], **context)
        typed = [
            (name, tidy(value))
            for name, values in self.request.POST.lists()
            if name not in {*kept.NOT_TYPED, "revision", "version", "reopen", "add", "next", "later"}
            for value in values
        ]
        if self.proofs:
            typed = self.proofs.to_send_again(typed)
            context["problems"] = self.proofs.problems
        return render(
            self.request,
            "applications/conflict.html",
            {"case": self.case, "typed": typed, "back": self.request.path, **context},
            status=409,
        )

    def _stale(self, form: SectionForm, theirs: Section, reopen: bool) -> HttpResponse:
        if self.unasked and all(
            said(mine) == said(theirs.answers.get(item, {})) for item, mine in form.answers().items()
        ):
            return saved(self.request, [("revision", theirs.revision)])  # the answer to the one before was lost
        rows = [row for row in self._mine(form, theirs) if row["differs"]]
        return self._refuse(
            why="stale", section=theirs, page=form.page, rows=rows, revision=theirs.revision, reopen=reopen
        )

    def _with_checker(self) -> HttpResponse:
        revision = whole_number(self.request.POST.get("revision"))  # still the one of the page: it may be stale besides
        return self._refuse(why="with_checker", page=None, revision=revision, reopen=True)

    def _closed(self) -> HttpResponse:
        kwargs = self.get_form_kwargs()
        everything = {**kwargs, "allowed": frozenset(item.id for item in kwargs["page"].items)}
        form = SectionForm(data=self.request.POST, **everything)
        form.is_valid()
        rows = [row for row in self._mine(form, self.row) if row["typed"] and row["differs"]]
        return self._refuse(why="closed", page=None, rows=rows)

    def _mine(self, form: SectionForm, theirs: Section) -> list[dict[str, Any]]:
        """Item by item what was typed beside what is stored."""
        rows = []
        for item_id, mine in form.answers().items():
            item, stored = self.case.version.item(item_id), theirs.answers.get(item_id, {})
            rows.append(
                {
                    "item": item,
                    "mine": show_item(item, mine, (), self.case.version),
                    "theirs": show_item(item, stored, (), self.case.version),
                    "differs": mine != stored,
                    "typed": any(name.startswith(key(item_id, "")) for name in self.request.POST),
                }
            )
        return rows


def _proofs(files: Files, item_id: str) -> list[dict[str, Any]]:
    return [{"file": c.attachment_id, "name": c.name, "place": c.place} for c in files.of(item_id)]
