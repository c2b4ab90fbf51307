"""Long work: asked for once, done once, whatever becomes of the worker; seen and fetched by who asked alone."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.core import mail
from django.core.files.storage import default_storage
from django.test import Client

from accounts.enums import Role
from accounts.models import Membership
from applications import jobs, outbox
from applications.jobs import Lost, Made, Run, Unfit
from applications.models import Job, Notification
from applications.tasks import tend_jobs
from tests.factories import Cast, FirmFactory, filed_case, person
from tests.reviews.cases import later, text

pytestmark = pytest.mark.django_db

AT = datetime.fromisoformat("2026-11-09T10:00:00+08:00")
SECOND = timedelta(seconds=1)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs that a worker was told of."""
    told: list[int] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **more: told.extend(args))
    return told


class Clock:
    """A time that goes on by a second whenever it is asked for."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += SECOND
        return self.at


def asked(by: Any = None, *, key: str = "k", at: datetime = AT) -> Job:
    return jobs.ask(kind=Job.Kind.LEDGER, by=by or Cast().officer, at=at, key=key, arguments={"day": "2026-11-09"})


def write(run: Run) -> Made:
    path = run.folder / "made.txt"
    path.write_text("made")
    return Made(path, name="結果.txt", content_type="text/plain")


def stored() -> list[str]:
    return sorted(default_storage.listdir("jobs")[1]) if default_storage.exists("jobs") else []


def test_job_is_done_once_and_told_of() -> None:
    job, before = asked(), stored()
    seen: list[tuple[str, int]] = []

    def work(run: Run) -> Made:
        for done in (25, 50):
            run.tell(done, 100)
            row = Job.objects.get(pk=job.pk)
            seen.append((row.state, row.percent))
        return write(run)

    jobs.run(job.pk, work, now=Clock())
    jobs.run(job.pk, work, now=Clock())
    job.refresh_from_db()
    assert seen == [("running", 25), ("running", 50)]
    assert (job.state, job.percent, job.runs, job.size) == ("done", 100, 1, 4)
    assert job.sha256 == hashlib.sha256(b"made").hexdigest()
    assert sorted(set(stored()) - set(before)) == [f"{job.pk}-{job.run}"]
    note = Notification.objects.get()
    assert (note.user, note.outbox.what, note.outbox.path) == (job.asked_by, "job_done", f"/jobs/{job.pk}/")
    outbox.send(at=AT)
    assert [one.subject for one in mail.outbox] == ["證券商居家辦公申報系統：您要求之作業已處理完畢"]
    assert f"/jobs/{job.pk}/" in mail.outbox[0].body


def test_word_of_progress_is_written_at_most_once_a_second(django_assert_num_queries: Any) -> None:
    job = asked()

    def work(run: Run) -> Made:
        run.now = lambda: AT + SECOND  # no time passes
        with django_assert_num_queries(0):
            for done in range(100):
                run.tell(done, 100)
        return write(run)

    jobs.run(job.pk, work, now=lambda: AT + SECOND)


def test_run_that_was_thought_dead_finds_out_and_leaves_nothing() -> None:
    job, before = asked(), stored()

    def other(run: Run) -> Made:
        late = Clock(run.now() + settings.JOB_PATIENCE + SECOND)
        jobs.run(job.pk, write, now=late)
        return write(run)

    jobs.run(job.pk, other, now=Clock())
    job.refresh_from_db()
    assert (job.state, job.runs) == ("done", 2)
    assert sorted(set(stored()) - set(before)) == [f"{job.pk}-{job.run}"]
    assert Notification.objects.count() == 1
    assert list(Path(str(settings.JOB_FOLDER)).iterdir()) == []


def test_a_run_is_left_alone_while_it_gives_signs_of_life() -> None:
    job = asked()

    def work(run: Run) -> Made:
        jobs.run(job.pk, write, now=lambda: AT + settings.JOB_PATIENCE)
        assert Job.objects.get(pk=job.pk).runs == 1
        return write(run)

    jobs.run(job.pk, work, now=lambda: AT)


def test_progress_of_a_lost_run_stops_it() -> None:
    job = asked()

    def work(run: Run) -> Made:
        Job.objects.filter(pk=job.pk).update(run="another")
        with pytest.raises(Lost):
            run.tell(1, 2)
        raise Lost

    jobs.run(job.pk, work, now=Clock())
    assert Job.objects.get(pk=job.pk).state == "running"


def test_job_at_which_workers_die_is_given_up_after_three_runs() -> None:
    job, at = asked(), AT

    def work(run: Run) -> Made:
        raise SystemExit  # as near as a test comes to kill -9

    for _ in range(3):
        with pytest.raises(SystemExit):
            jobs.run(job.pk, work, now=lambda at=at: at)
        at += settings.JOB_PATIENCE + SECOND
    jobs.run(job.pk, work, now=lambda: at)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", jobs.BROKE_OFF)


@pytest.mark.parametrize(
    ("error", "said"), [(Unfit("缺少必要套件"), "缺少必要套件"), (ValueError("secret of a case"), jobs.FAULT)]
)
def test_job_that_fails_says_why_in_words(client: Client, error: Exception, said: str) -> None:
    job = asked()

    def work(run: Run) -> Made:
        raise error

    if isinstance(error, Unfit):
        jobs.run(job.pk, work, now=Clock())
    else:
        with pytest.raises(ValueError, match="secret"):
            jobs.run(job.pk, work, now=Clock())
    client.force_login(job.asked_by)
    page = text(client.get(f"/jobs/{job.pk}/"))
    assert said in page
    assert "未能完成" in page
    assert "secret" not in page
    assert Notification.objects.get().outbox.what == "job_failed"


def test_beat_orders_what_nobody_is_at(sent: list[int]) -> None:
    cast = Cast()
    lost, fresh, running, dead = (asked(cast.officer, key=key) for key in "abcd")
    long_ago = AT - settings.JOB_PATIENCE - SECOND
    for job, values in (
        (fresh, {"ordered_at": AT}),
        (running, {"state": "running", "ordered_at": long_ago, "heard_at": AT - SECOND}),
        (dead, {"state": "running", "ordered_at": long_ago, "heard_at": long_ago}),
    ):
        Job.objects.filter(pk=job.pk).update(**values)
    with time_machine.travel(AT, tick=False):
        tend_jobs()
        tend_jobs()
    assert sent == [dead.pk, lost.pk]


def test_file_is_kept_for_days_and_the_page_says_so(client: Client) -> None:
    job = asked()
    jobs.run(job.pk, write, now=Clock())
    job.refresh_from_db()
    assert job.finished_at
    client.force_login(job.asked_by)
    page = text(client.get(f"/jobs/{job.pk}/"))
    assert "保留 7 日（本系統參數，非指引所定）" in page
    jobs.clear(at=job.finished_at + settings.JOB_FILES_KEPT)
    assert default_storage.exists(str(job.file.name))
    jobs.clear(at=job.finished_at + settings.JOB_FILES_KEPT + SECOND)
    assert not default_storage.exists(str(job.file.name))
    assert "檔案已逾保留期間而刪除" in text(client.get(f"/jobs/{job.pk}/"))
    assert client.get(f"/jobs/{job.pk}/file/").status_code == 404


def test_pack_page_makes_one_job_however_often_it_is_posted(client: Client, sent: list[int]) -> None:
    case, cast = filed_case()
    client.force_login(cast.auditor)
    address = f"/cases/{case.pk}/pack/"
    data = {"key": client.get(address).context["key"]}
    first, again = client.post(address, data), client.post(address, data)
    job = Job.objects.get()
    assert first["Location"] == again["Location"] == f"/jobs/{job.pk}/"
    assert sent == [job.pk]
    assert [event.what for event in case.events.filter(actor=cast.auditor)] == ["pack"]
    assert client.post(address).status_code == 404


def test_page_asks_again_while_the_job_is_open_and_no_longer(client: Client) -> None:
    job = asked()
    client.force_login(job.asked_by)
    Job.objects.filter(pk=job.pk).update(state="running", done=61, total=100)
    page = text(client.get(f"/jobs/{job.pk}/"))
    assert '<progress max="100" value="61"' in page
    assert 'data-hx-trigger="every 2s"' in page
    assert "<noscript>" in page
    Job.objects.filter(pk=job.pk).update(state="waiting")
    jobs.run(job.pk, write, now=Clock())
    page = text(client.get(f"/jobs/{job.pk}/"))
    assert "hx-trigger" not in page
    assert f'href="/jobs/{job.pk}/file/"' in page
    listed = text(client.get("/jobs/"))
    assert f'href="/jobs/{job.pk}/"' in listed
    assert "已完成" in listed
    assert 'href="/jobs/"' in text(client.get("/notices/"))


def test_page_that_asks_by_itself_keeps_no_session_alive(client: Client) -> None:
    job = asked()
    client.force_login(job.asked_by)
    for minutes, headers, renewed in ((6, {"X-Poll": "1"}, False), (12, {}, True)):
        with time_machine.travel(datetime.now().astimezone() + timedelta(minutes=minutes)):
            client.get(f"/jobs/{job.pk}/", headers=headers)
        assert ("seen" in client.session) is renewed


def test_nobody_else_sees_or_fetches_a_job(client: Client) -> None:
    case, cast = filed_case()
    job = jobs.ask(kind=Job.Kind.PACK, by=cast.checker, at=later(case), key="k", case_id=case.pk)
    jobs.run(job.pk, write, now=Clock(later(case)))
    other = FirmFactory.create()
    for user in (cast.preparer, cast.auditor, person(Role.CHECKER, firm=other), person(Role.OPERATOR)):
        client.force_login(user)
        assert client.get(f"/jobs/{job.pk}/").status_code == 404
        assert client.get(f"/jobs/{job.pk}/file/").status_code == 404
        assert f"/jobs/{job.pk}/" not in text(client.get("/jobs/"))
    client.force_login(cast.checker)
    answer = client.get(f"/jobs/{job.pk}/file/")
    assert b"".join(answer.streaming_content) == b"made"  # type: ignore[attr-defined]
    rest = client.get(f"/jobs/{job.pk}/file/", headers={"Range": "bytes=2-"})
    assert (rest.status_code, b"".join(rest.streaming_content)) == (206, b"de")  # type: ignore[attr-defined]
    assert [one.what for one in case.events.filter(what="file_read")] == ["file_read"]


def test_who_has_lost_the_role_does_not_get_the_file(client: Client) -> None:
    case, cast = filed_case()
    job = jobs.ask(kind=Job.Kind.PACK, by=cast.checker, at=later(case), key="k", case_id=case.pk)
    jobs.run(job.pk, write, now=Clock(later(case)))
    Membership.objects.filter(user=cast.checker).update(role=Role.PREPARER)
    client.force_login(cast.checker)
    assert client.get(f"/jobs/{job.pk}/file/").status_code == 404
    assert "您目前之角色不得取用此檔案" in text(client.get(f"/jobs/{job.pk}/"))


@pytest.mark.parametrize(
    ("who", "status"),
    [("preparer", 404), ("checker", 200), ("officer", 200), ("supervisor", 200), ("auditor", 200)],
)
def test_who_may_have_a_pack_made(client: Client, sent: list[int], who: str, status: int) -> None:
    case, cast = filed_case()
    client.force_login(getattr(cast, who))
    address = f"/cases/{case.pk}/pack/"
    assert client.get(address).status_code == status
    assert client.post(address, {"key": "k"}).status_code == (302 if status == 200 else status)
    assert ("製作稽核檔（ZIP）" in text(client.get(f"/cases/{case.pk}/", follow=True))) is (status == 200)
