"""The style page: every component in every state, drawn with the files that the pages use. DEBUG and demo alone."""

from __future__ import annotations

from itertools import product
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import Request
from applications.enums import Status
from applications.first_steps import steps_of
from applications.forms.specimen import SpecimenForm, SpecimenTable
from applications.models import Application
from guideline.catalogue import Version, in_force

TONES = ("green", "blue", "grey", "amber", "red", "plain")
NOTICES = ("info", "success", "warning", "error")
UNSAVED = ("stale", "with_checker", "version", "invalid", "judged", "closed")
TERMS = ("approval", "endorsement", "record", "ratification")  # an id may stand on a page once


@require_GET
def page(request: Request) -> HttpResponse:
    """Both languages, each in both schemes. Print it, or make the window 320 px wide, for the rest."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    law = in_force(timezone.localdate())
    both = product(("zh-hant", "en"), ("light", "dark"))
    shown = [_specimens(request, law, code, scheme, term) for (code, scheme), term in zip(both, TERMS, strict=True)]
    return render(request, "help/styleguide.html", {"shown": shown})


def _specimens(request: Request, law: Version, code: str, scheme: str, term: str) -> dict[str, Any]:
    prefix, now = f"{code}-{scheme}", timezone.now()
    saved = {"saved_by": request.user, "saved_at": now}
    table = next(
        field for item in law.items() for field in item.fields if field.type == "table" and field.rows == "free"
    )
    with translation.override(code):
        wrong = SpecimenForm(law, prefix, wrong=True)
        return {
            "code": code,
            "lang": "en" if code == "en" else "zh-Hant-TW",
            "scheme": scheme,
            "prefix": prefix,
            "term": term,
            "tones": TONES,
            "notices": NOTICES,
            "statuses": [(Application(status=status).status_tone, str(status.label)) for status in Status],
            "form": SpecimenForm(law, prefix, wrong=False),
            "wrong": wrong,
            "problems": [
                {"href": f"#{wrong[name].auto_id}", "message": text}
                for name, texts in wrong.errors.items()
                for text in texts
            ],
            "table": SpecimenTable(table, law, prefix),
            "clause": next(law.items()),
            "version": law,
            "steps": steps_of(request.user),
            "tabs": [
                {"url": "#", "label": _("待我處理"), "count": 3, "current": True},
                {"url": "#", "label": _("未分派"), "count": 0, "current": False},
            ],
            "files": [_("測試報告") + f" {number}.pdf" for number in range(1, 9)],
            "kinds": [str(status.label) for status in Status],
            "saves": [{"busy": True}, *({"why": why, "section": saved} for why in UNSAVED)],
            "kept": {"files": True},
            "now": now,
        }
