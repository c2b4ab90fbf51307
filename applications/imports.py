"""A big roster (2.2.2) that was uploaded: read and put in place by a worker, or everything that is wrong with it."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from applications import roster
from applications.actions.drafting import NotOpen, Stale
from applications.actions.evidence import replace_roster
from applications.jobs import Made, Run, Unfit
from applications.lifecycle import Conflict
from applications.trail import digest
from guideline.facts import gettext_noop

AT_ONCE = 200 * 1024  # bytes of a file that is read while the browser waits
MOST_ERRORS = 100

CHANGED = gettext_noop("名冊或案件狀態於處理期間已有變更，未匯入；請開啟名冊頁確認後重新上傳")


def put_aside(data: bytes, key: str) -> str:
    """Keep an upload until a worker takes it; its name in the storage, the same for the same ``key``."""
    name = f"jobs/upload-{digest(key)}"
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(data))


def make(run: Run) -> Made:
    """Put the people of the file on the roster.

    Raises:
        Unfit: with every row that is wrong, in the language of the person who asked; or the case has moved on.
    """
    asked, by = run.job.arguments, run.job.asked_by
    case = run.job.application
    assert case is not None
    with default_storage.open(asked["upload"]) as upload:
        data = upload.read()
    rows, found = roster.read_upload(asked["name"], data, case.version, run.tell)
    wrong = [error for error in found if not error.warning]
    if wrong:
        with translation.override(by.language):
            raise Unfit("\n".join(_say(error) for error in wrong[:MOST_ERRORS]))
    revision = asked["revision"]
    try:
        replace_roster(case_id=case.pk, rows=rows, revision=revision, by=by, at=run.now(), reopen=asked["reopen"])
    except Stale as error:
        now = error.section
        if run.job.runs == 1 or (now.revision, now.saved_by_id) != (revision + 1, by.pk):
            raise Unfit(CHANGED) from error  # else a run before this one had put them there when it was killed
    except (Conflict, NotOpen) as error:
        raise Unfit(CHANGED) from error
    return Made(path=reverse("roster", args=[case.pk]))


def _say(error: roster.RowError) -> str:
    text = _(error.message).format(**error.params)
    return _("第 {row} 列：{text}").format(row=error.row, text=text) if error.row else text
