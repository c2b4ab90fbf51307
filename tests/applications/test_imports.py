"""A big roster is put in place by a worker, once, or what is wrong with it is told."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications import imports, jobs
from applications.models import Application, Job, RosterEntry, Section
from applications.tasks import import_roster
from tests.applications.rosters import GOOD, HEADER
from tests.factories import FILED_AT, Cast, draft
from tests.reviews.cases import text

pytestmark = pytest.mark.django_db

PEOPLE = 3000


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **more: None)
    with time_machine.travel(FILED_AT):
        yield


def people(count: int = PEOPLE, last: str = "") -> bytes:
    rows = [GOOD.replace("A1", f"A{number:05}", 1) for number in range(count)]
    return "\n".join([HEADER, *rows, last]).encode()


def upload(client: Client, case: Application, data: bytes) -> Any:
    address = f"/cases/{case.pk}/roster/"
    client.force_login(case.created_by)
    page = client.get(address)
    fields = {"key": page.context["key"], "revision": page.context["revision"]}
    return client.post(address, fields | {"file": SimpleUploadedFile("名冊.csv", data)})


def test_big_roster_is_put_in_place_by_a_worker_once(client: Client) -> None:
    case = draft(Cast())
    posted = upload(client, case, people())
    job = Job.objects.get()
    assert posted["Location"] == f"/jobs/{job.pk}/"
    kept = job.arguments["upload"]
    assert default_storage.exists(kept)
    import_roster(job.pk)
    assert RosterEntry.objects.filter(application=case).count() == PEOPLE
    assert not default_storage.exists(kept)
    assert f'href="/cases/{case.pk}/roster/"' in text(client.get(f"/jobs/{job.pk}/"))
    revision = Section.objects.get(application=case, section_id="2.2.2").revision
    import_roster(job.pk)
    assert Section.objects.get(application=case, section_id="2.2.2").revision == revision


def test_worker_killed_after_the_people_were_put_in_place_does_not_call_it_a_conflict(client: Client) -> None:
    case = draft(Cast())
    upload(client, case, people())
    job = Job.objects.get()

    def killed(run: jobs.Run) -> jobs.Made:
        imports.make(run)
        raise SystemExit

    with pytest.raises(SystemExit):
        jobs.run(job.pk, killed, now=lambda: FILED_AT)
    with time_machine.travel(FILED_AT + 2 * settings.JOB_PATIENCE):
        import_roster(job.pk)
    job.refresh_from_db()
    assert (job.state, job.runs, job.error) == ("done", 2, "")


def test_every_wrong_row_is_told_and_nothing_is_put_in_place(client: Client) -> None:
    case = draft(Cast())
    before = RosterEntry.objects.filter(application=case).count()
    upload(client, case, people(last=GOOD.replace("A1", "A00000", 1)))
    job = Job.objects.get()
    import_roster(job.pk)
    page = text(client.get(f"/jobs/{job.pk}/"))
    assert f"第 {PEOPLE + 2} 列：" in page
    assert "A00000" in page
    assert RosterEntry.objects.filter(application=case).count() == before


def test_roster_that_a_colleague_changed_meanwhile_is_left_as_it_is(client: Client) -> None:
    case = draft(Cast())
    upload(client, case, people())
    Section.objects.filter(application=case, section_id="2.2.2").update(revision=99)
    job = Job.objects.get()
    import_roster(job.pk)
    assert "未匯入；請開啟名冊頁確認後重新上傳" in text(client.get(f"/jobs/{job.pk}/"))


def test_small_roster_is_read_at_once(client: Client) -> None:
    case = draft(Cast())
    assert upload(client, case, people(10))["Location"] == f"/cases/{case.pk}/roster/"
    assert not Job.objects.exists()
    assert RosterEntry.objects.filter(application=case).count() == 10
