"""The exchange's letter of what is put up or was released, marked 稿."""

from __future__ import annotations

from functools import partial

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from applications.models import Issued
from applications.views import papers
from reviews.bundle import draw_letter
from reviews.letters import LETTERS
from reviews.models import Recommendation
from reviews.views.common import Request, get_case, of_exchange


@require_GET
@of_exchange
def draft(request: Request, pk: int, recommendation: int) -> HttpResponseBase:
    """函稿. Its number and date stand in it once a supervisor has released it: from then on it is issued."""
    case = get_case(request, pk)
    put_up = Recommendation.objects.filter(submission__application=case, outcome__in=LETTERS)
    found = get_object_or_404(put_up.select_related("submission__application__firm"), pk=recommendation)
    draw = partial(draw_letter, found)
    if found.released:
        return papers.issued(request, case, Issued.What.LETTER, found.pk, draw)
    return papers.draft(request, case, "letter", draw)
