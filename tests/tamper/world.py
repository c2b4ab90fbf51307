"""Cases in which rows of every kind are sealed, with the heads of their chains signed."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.enums import Role
from applications import heads
from applications.actions import operating
from applications.lifecycle import lock, record
from applications.models import Application, Event
from applications.trail import SEALED
from applications.verifying import OF_HOUSE, WAYS
from reviews.actions import casework
from reviews.models import Bundle, Recommendation
from tests.applications.emergencies import supplied
from tests.applications.test_ratifying import ratify
from tests.factories import FILED_AT, filed_case, person, resubmit, returned_case
from tests.reviews.cases import decide, forward, later


def build() -> None:
    """An approved case, one that was corrected, an emergency that the board ratified, an operator's change."""
    approved, cast = filed_case()
    forward(approved, cast, later(approved))
    _bundle(approved)
    decide(approved, cast)
    casework.add_note(case_id=approved.pk, text="電話聯繫法遵主管。", by=cast.officer, at=later(approved))
    corrected, cast = returned_case({"2.2.6": "請補測試"})
    resubmit(corrected, cast, {"2.2.6": {"text": "已補測試。"}})
    emergency, cast = supplied(ratified_later=True)
    ratify(emergency, cast.preparer)
    entry = operating.Entry("closed", "颱風停止交易")
    day = date(2026, 7, 10)
    operator = person(Role.OPERATOR, name="鄭管理")
    operating.set_day(day=day, entry=entry, seen=None, reason="颱風", by=operator, at=FILED_AT)
    for case_id in Application.objects.values_list("pk", flat=True):
        _seal(case_id)
    heads.make_key()
    heads.sign(day=FILED_AT.date() + timedelta(days=30), at=FILED_AT + timedelta(days=30))


def _bundle(case: Application) -> None:
    data = b"%PDF-1.7 a bundle"
    name = default_storage.save("bundles/world.pdf", ContentFile(data))
    put_up = Recommendation.objects.get(submission__application=case)
    Bundle.objects.create(
        recommendation=put_up, file=name, sha256=hashlib.sha256(data).hexdigest(), made_at=case.changed_at
    )


def _seal(case_id: int) -> None:
    """What the factories write past the actions, as the migration seals what was there before it."""
    sealed = {label for event in Event.objects.filter(application=case_id) for label in event.detail.get("seals", {})}
    found = [row for kind in SEALED if kind not in OF_HOUSE for row in _rows(kind, case_id)]
    with transaction.atomic():
        case = lock(case_id)
        rows = [row for row in found if f"{row._meta.model_name}:{row.pk}" not in sealed]
        record(case, "sealed", by=None, at=case.changed_at, shared=False, seals=rows)


def _rows(kind: str, case_id: int) -> Any:
    model = next(one for one in apps.get_models() if one._meta.model_name == kind)
    return model._default_manager.filter(**{WAYS.get(kind, "application"): case_id})
