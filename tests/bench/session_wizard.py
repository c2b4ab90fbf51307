"""formtools as it comes: a session wizard with the portal's forms and template."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from formtools.wizard.views import NamedUrlSessionWizardView

from applications.forms.section import SectionForm
from applications.models import Application
from guideline.catalogue import load
from tests.bench.bare import file, form_kwargs, page_context, revalidate
from tests.factories import VERSION

PREFIX = "session_wizard"  # formtools makes it from the class's name
KEY = f"wizard_{PREFIX}"  # in the session
STEP_FIELD = f"{PREFIX}-current_step"


class SessionWizard(NamedUrlSessionWizardView):
    """Keeps all steps in one value of the session; files on a GET of its last step."""

    template_name = "applications/section.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        cases = Application.objects.select_related("firm").filter(firm=request.user.firm)
        self.case = get_object_or_404(cases, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_prefix(self, step: str | None = None, form: Any = None) -> None:
        return None

    def get_form_kwargs(self, step: str | None = None) -> dict[str, Any]:
        return form_kwargs(self.case, self.case.version.section(step or self.steps.current))

    def get_step_url(self, step: str) -> str:
        return reverse(self.url_name, kwargs={"pk": self.case.pk, "step": step})

    def get_context_data(self, form: SectionForm, **kwargs: Any) -> dict[str, Any]:
        wizard = super().get_context_data(form=form, **kwargs)
        return page_context(self.case, form.page, form) | wizard

    def done(self, form_list: list[SectionForm], **kwargs: Any) -> HttpResponse:
        """The rules, then one row: as in ``bare.submit``."""
        answers = {form.page.id: form.answers() for form in form_list}
        if problems := revalidate(self.case, answers):
            return HttpResponseBadRequest(str(problems))
        file(self.case, answers)
        return redirect("case", pk=self.case.pk)


view = SessionWizard.as_view(
    # the sample asks for every business line, so that every page applies
    [(page.id, SectionForm) for page in load(VERSION).pages_of("first")],
    url_name="bench-wizard",
)
