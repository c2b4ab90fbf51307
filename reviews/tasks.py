"""Celery: what takes too long for a request."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from reviews.bundle import make_bundle
from reviews.models import Recommendation


@shared_task
def draw_bundle(recommendation_id: int) -> None:
    """Make the bundle of a forwarding; one that is there is kept."""
    make_bundle(Recommendation.objects.get(pk=recommendation_id), at=timezone.now())
