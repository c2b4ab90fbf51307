"""The Celery application; tasks live in each app's ``tasks.py``."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun

from accounts.origin import Origin, origin

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfh_portal.settings")

app = Celery("wfh_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["wfh_portal"], related_name="failures")


@task_prerun.connect
def tell_origin(task_id: str = "", **more: Any) -> None:
    """What a task does is put on record with its id."""
    origin.set(Origin(request_id=task_id))
