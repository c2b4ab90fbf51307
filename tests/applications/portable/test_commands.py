"""export_case, import_draft and draft_schema as they are run: what goes out comes in again."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from jsonschema import Draft202012Validator

from accounts.enums import Role
from accounts.models import Firm, User
from applications import content
from applications.enums import Status
from applications.models import Application, Attachment, Event, Section
from guideline.catalogue import load
from reviews.demo.builder import People, draft_sample, file_sample
from reviews.demo.firms import SAMPLE
from tests.applications.portable.typing_in import plain
from tests.factories import FILED_AT, Cast, FirmFactory, draft, filed_case, person, resubmit, returned_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def run(name: str, *args: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


def exported(case: Application | str, by: User, path: Path, **options: Any) -> dict[str, Any]:
    name = case if isinstance(case, str) else str(case.pk)
    run("export_case", name, by=by.email, output=path, **options)
    return draft_in(path)


def draft_in(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("draft.json"))


def imported(path: Path, cast: Cast) -> Application:
    run("import_draft", str(path), firm=cast.firm.broker_code, by=cast.preparer.email)
    return Application.objects.latest("pk")


@pytest.fixture
def sample() -> tuple[Application, Cast]:
    """The whole sample filing as a draft, by the demo's own builder."""
    cast = Cast()
    users = {f"preparer@{cast.firm.broker_code}": cast.preparer}

    class Ours(People):
        def of(self, firm: str, who: str) -> User:
            return cast.preparer if who == "preparer" else cast.checker

    return draft_sample(Ours({SAMPLE: cast.firm}, users), at=FILED_AT), cast


def test_the_sample_goes_out_and_comes_in_unchanged(sample: tuple[Application, Cast], tmp_path: Path) -> None:
    case, cast = sample
    case.document_number = "甲證(法)字第1151106001號"
    case.save()
    other = Cast(FirmFactory.create())
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    out = exported(case, cast.preparer, first)
    copy = imported(first, other)

    assert (copy.firm, copy.kind, copy.version_id, copy.status) == (
        other.firm,
        case.kind,
        case.version_id,
        Status.DRAFT,
    )
    assert (copy.created_by, copy.number, copy.document_number) == (other.preparer, None, case.document_number)
    assert (copy.lines, copy.first_day, copy.last_day) == (case.lines, case.first_day, case.last_day)
    assert copy.staff_at_home == case.staff_at_home > 0
    ours, theirs = (content.snapshot(content.read(one, today=FILED_AT.date())) for one in (case, copy))
    assert theirs["answers"] == as_kept(ours["answers"])
    assert theirs["roster"] == ours["roster"]
    assert len(theirs["roster"]) == len(out["roster"]) > 50
    shown = ("name", "sha256", "size", "pages", "text_layer", "place")
    proofs = [
        {item: [[one[name] for name in shown] for one in found] for item, found in filing["evidence"].items()}
        for filing in (ours, theirs)
    ]
    assert proofs[0] == proofs[1]
    assert marks(copy) == marks(case)
    assert set(marks(copy).values()) == {"complete"}
    assert not {file.pk for file in copy.attachments.all()} & {file.pk for file in case.attachments.all()}
    assert copy.attachments.count() == len(draft_files(first))

    assert exported(copy, other.preparer, second) == out
    assert second.read_bytes() == first.read_bytes()


def as_kept(answers: dict[str, Any]) -> dict[str, Any]:
    """Without empty cells; the sample also has a text from Word in it, with line ends that a form does not keep."""
    text = content.canonical(answers)
    assert text.count(r"\r\n") == 4
    found = json.loads(text.replace(r"\r\n", r"\n"))
    return {item: {name: plain(value) for name, value in given.items()} for item, given in found.items()}


def marks(case: Application) -> dict[str, str]:
    return dict(Section.objects.filter(application=case).values_list("section_id", "mark"))


def draft_files(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return [name for name in archive.namelist() if name.startswith("files/")]


def test_an_export_is_valid_under_its_own_schema(sample: tuple[Application, Cast], tmp_path: Path) -> None:
    case, cast = sample
    path = tmp_path / "case.zip"
    out = exported(case, cast.preparer, path)
    with zipfile.ZipFile(path) as archive:
        text = archive.read("schema.json").decode()
        assert archive.namelist()[:3] == ["README.txt", "draft.json", "schema.json"]
        assert "案件匯出檔" in archive.read("README.txt").decode()
        assert "a case as a file" in archive.read("README.txt").decode()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert content.canonical(out) + "\n" == archive.read("draft.json").decode()
    assert text == run("draft_schema", case.version_id, case.kind)
    validator = Draft202012Validator(json.loads(text))
    assert list(validator.iter_errors(out)) == []
    assert not validator.is_valid(out | {"status": "approved"})
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_reading_of_the_roster_is_on_record(tmp_path: Path) -> None:
    case, cast = filed_case()
    for by in (cast.checker, cast.officer, cast.auditor):
        exported(case.number or "", by, tmp_path / "case.zip")
    read = Event.objects.filter(application=case, what="roster_read")
    assert [(event.actor, event.shared) for event in read.order_by("pk")] == [
        (cast.checker, False),
        (cast.officer, False),
        (cast.auditor, False),
    ]
    assert {event.detail["people"] for event in read} == {case.roster.count()}


def test_the_exchange_reads_what_was_filed_alone(tmp_path: Path) -> None:
    item = next(item for item in load("112-10-03").items() if not item.trigger and not item.plain)
    case, cast = returned_case({item.id: "請補正"})
    path = tmp_path / "case.zip"
    section = Section.objects.get(application=case, section_id=case.version.section_of(item.id).id)
    filed = section.answers[item.id]["text"]
    section.answers[item.id]["text"] = "改到一半"
    section.save()
    assert exported(case, cast.preparer, path)["answers"][item.id]["text"] == "改到一半"
    assert exported(case, cast.officer, path)["answers"][item.id]["text"] == filed
    assert exported(case, cast.preparer, path, submission=1)["answers"][item.id]["text"] == filed
    resubmit(case, cast, {item.id: {"text": "補正後"}})
    assert exported(case, cast.officer, path)["answers"][item.id]["text"] == "補正後"
    assert exported(case, cast.officer, path, submission=1)["answers"][item.id]["text"] == filed
    with pytest.raises(CommandError, match="沒有"):
        exported(case, cast.officer, path, submission=3)


def test_nobody_exports_what_is_not_shown_to_him(tmp_path: Path) -> None:
    case, cast = filed_case()
    unsent = Application.objects.create(
        firm=cast.firm, kind="first", version_id=case.version_id, created_by=cast.preparer,
        created_at=FILED_AT, changed_at=FILED_AT,
    )  # fmt: skip
    path, other = tmp_path / "case.zip", Cast(FirmFactory.create())
    gone = person(Role.PREPARER, firm=cast.firm, is_active=False)
    operator = person(Role.OPERATOR)
    events = Event.objects.count()
    for name, by in [
        (str(case.pk), other.preparer.email),
        (case.number or "", other.checker.email),
        (str(case.pk), gone.email),
        (str(case.pk), operator.email),
        (str(case.pk), "nobody@example.com"),
        (str(unsent.pk), cast.officer.email),
        ("9" * 30, cast.preparer.email),
        ("", cast.preparer.email),
    ]:
        with pytest.raises(CommandError, match=r"^沒有 .* 得閱覽之案件或送件"):
            run("export_case", name, by=by, output=path)
    assert not path.exists()
    assert Event.objects.count() == events


def test_only_a_preparer_of_the_firm_imports(tmp_path: Path) -> None:
    case, cast = filed_case()
    path, other = tmp_path / "case.zip", Cast(FirmFactory.create())
    exported(case, cast.preparer, path)
    gone = person(Role.PREPARER, firm=other.firm, is_active=False)
    count = (Application.objects.count(), Attachment.objects.count(), Event.objects.count())
    for by in (cast.preparer.email, other.checker.email, other.officer.email, gone.email, "nobody@example.com"):
        with pytest.raises(CommandError, match=r"不是證券商 .* 之填報人"):
            run("import_draft", str(path), firm=other.firm.broker_code, by=by)
    with pytest.raises(CommandError, match="不是證券商 ZZZZ 之填報人"):
        run("import_draft", str(path), firm="ZZZZ", by=other.preparer.email)
    assert (Application.objects.count(), Attachment.objects.count(), Event.objects.count()) == count
    assert not Firm.objects.filter(broker_code="ZZZZ").exists()


def test_a_draft_of_another_version_is_told_so(tmp_path: Path, time_machine: Any) -> None:
    case, cast = filed_case()
    path = tmp_path / "case.zip"
    exported(case, cast.preparer, path)
    time_machine.move_to(FILED_AT - timedelta(days=365 * 4), tick=False)
    err = io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_draft", str(path), firm=cast.firm.broker_code, by=cast.preparer.email, stderr=err)
    assert "本檔依指引版本「112-10-03」製作，現行版本為「111-10-06」" in err.getvalue()


def test_the_import_is_on_record_and_says_what_is_open(tmp_path: Path) -> None:
    case, cast = filed_case()
    path = tmp_path / "case.zip"
    exported(case, cast.preparer, path)
    said = run("import_draft", str(path), firm=cast.firm.broker_code.lower(), by=cast.preparer.email.upper())
    copy = Application.objects.latest("pk")
    assert said == f"已建立草稿 {copy.pk}（/cases/{copy.pk}/）：19 節中 0 節尚待補正或填寫\n"
    events = Event.objects.filter(application=copy).order_by("pk")
    assert [event.what for event in events][:3] == ["create", "import", "save"]
    assert {event.what for event in events} == {"create", "import", "save", "file", "cite", "roster"}
    assert {event.actor for event in events} == {cast.preparer}


def test_a_file_that_changed_on_disk_is_not_exported(tmp_path: Path) -> None:
    case, cast = filed_case()
    file = case.attachments.latest("pk")
    path = tmp_path / "case.zip"
    path.write_bytes(b"as before")
    with default_storage.open(file.file.name, "rb") as stored:
        before = stored.read()
    changed = Path(default_storage.path(file.file.name))
    changed.write_bytes(before + b"x")
    try:
        with pytest.raises(CommandError, match=r"「應變計畫.pdf」遺失或已變更"):
            exported(case, cast.preparer, path)
    finally:
        changed.write_bytes(before)
    assert path.read_bytes() == b"as before"
    assert [one.name for one in tmp_path.iterdir()] == ["case.zip"]


def test_paths_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    case, cast = filed_case()
    with pytest.raises(CommandError, match="沒有資料夾"):
        exported(case, cast.preparer, tmp_path / "none" / "case.zip")
    with pytest.raises(CommandError, match="無法寫入"):
        exported(case, cast.preparer, tmp_path)
    with pytest.raises(CommandError, match="無法讀取"):
        run("import_draft", str(tmp_path / "none.zip"), firm=cast.firm.broker_code, by=cast.preparer.email)


def test_a_schema_needs_a_version_and_a_kind_that_there_are() -> None:
    with pytest.raises(CommandError, match="沒有版本 999；現有：111-10-06、112-10-03"):
        run("draft_schema", "999", "first")
    with pytest.raises(CommandError, match="沒有申請類型 none；現有：first、"):
        run("draft_schema", "112-10-03", "none")


def test_a_filed_sample_is_exported_as_it_was_filed(tmp_path: Path) -> None:
    cast = Cast()

    class Ours(People):
        def of(self, firm: str, who: str) -> User:
            return cast.preparer if who == "preparer" else cast.checker

    case = file_sample(Ours({SAMPLE: cast.firm}, {}))
    path = tmp_path / "case.zip"
    out = exported(case, cast.officer, path)
    assert out["document_number"] == case.document_number
    assert list(Draft202012Validator(json.loads(run("draft_schema", case.version_id, "first"))).iter_errors(out)) == []


def test_an_answer_that_cannot_be_read_goes_out_as_typed_and_does_not_come_in(tmp_path: Path) -> None:
    cast = Cast()
    case = draft(cast, changes={"2.2.11": {"assessed_on": "下個月"}})
    path, err = tmp_path / "case.zip", io.StringIO()
    call_command("export_case", str(case.pk), by=cast.checker.email, output=path, stdout=io.StringIO(), stderr=err)
    assert err.getvalue() == "其中 1 處填報內容無法讀取，依原樣匯出；更正前不能匯入\n"
    assert draft_in(path)["answers"]["2.2.11"]["assessed_on"] == "下個月"
    with pytest.raises(CommandError, match="1 處有誤"):
        run("import_draft", str(path), firm=cast.firm.broker_code, by=cast.preparer.email)
