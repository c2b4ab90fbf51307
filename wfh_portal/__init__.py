"""Composition: settings, URLs, Celery. Nothing imports this package."""

from wfh_portal.celery import app as celery_app

__all__ = ["celery_app"]
