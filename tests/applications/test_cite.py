"""Evidence: files are kept once, cited at a place, never of another case."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.enums import Role
from applications import content
from applications.actions.drafting import NotOpen, create_draft, save_section
from applications.actions.evidence import change_citation, cite, keep
from applications.evidence import Refused
from applications.models import Application, Attachment, Citation, Event
from applications.views.pages import check_context
from tests.factories import FILED_AT, PDF, Cast, attach, filed_case, person

pytestmark = pytest.mark.django_db

LATER = FILED_AT + timedelta(minutes=5)
BYTES = PDF.read_bytes()


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def case(cast: Cast) -> Application:
    return create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)


@pytest.fixture
def common(case: Application, cast: Cast) -> dict[str, Any]:
    return {"case_id": case.pk, "item_id": "2.2.9", "by": cast.preparer, "at": LATER}


def pdf(name: str = "應變計畫.pdf", data: bytes = BYTES) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="text/html")


def test_cite_an_upload(case: Application, cast: Cast, common: dict[str, Any]) -> None:
    citation = cite(upload=pdf(), place="12", **common)
    assert citation is not None
    file = citation.attachment
    digest = hashlib.sha256(BYTES).hexdigest()
    assert (citation.application, citation.item_id, citation.place) == (case, "2.2.9", "12")
    assert (file.name, file.sha256, file.size) == ("應變計畫.pdf", digest, len(BYTES))
    assert (file.content_type, file.uploaded_by, file.uploaded_at) == ("application/pdf", cast.preparer, LATER)
    assert file.pages is not None
    assert file.text_layer is True
    assert file.file.name == f"{digest[:2]}/{digest[2:4]}/{digest}.pdf"
    with default_storage.open(file.file.name) as stored:
        assert stored.read() == BYTES
    event = Event.objects.get(what="cite")
    assert event.detail == {"item": "2.2.9", "file": "應變計畫.pdf", "sha256": digest, "place": "12"}
    assert not event.shared


def test_cite_the_same_bytes_twice_stores_them_once(common: dict[str, Any]) -> None:
    one, two = cite(upload=pdf("一.pdf"), **common), cite(upload=pdf("二.pdf"), **common)
    assert one is not None
    assert two is not None
    assert one.attachment.file.name == two.attachment.file.name
    assert [file.name for file in Attachment.objects.all()] == ["一.pdf", "二.pdf"]


def test_cite_a_file_that_is_there(case: Application, cast: Cast, common: dict[str, Any]) -> None:
    file = attach(case, by=cast.preparer, at=FILED_AT)
    citation = cite(attachment_id=file.pk, place=" 3-5", **common)
    assert citation is not None
    assert (citation.attachment, citation.place) == (file, " 3-5")


def test_cite_the_same_place_twice_is_one_citation(case: Application, cast: Cast, common: dict[str, Any]) -> None:
    file = attach(case, by=cast.preparer, at=FILED_AT)
    assert cite(attachment_id=file.pk, place="3", **common) == cite(attachment_id=file.pk, place="3", **common)
    assert Citation.objects.count() == 1
    assert Event.objects.filter(what="cite").count() == 1


def test_cite_where_two_citations_have_become_alike(case: Application, cast: Cast, common: dict[str, Any]) -> None:
    file = attach(case, by=cast.preparer, at=FILED_AT)
    cite(attachment_id=file.pk, place="3", **common)
    second = cite(attachment_id=file.pk, place="4", **common)
    assert second is not None
    change_citation(case_id=case.pk, citation_id=second.pk, place="3", by=cast.preparer, at=LATER)
    assert cite(attachment_id=file.pk, place="3", **common) is not None
    assert Citation.objects.count() == 2


def test_cite_nothing_is_nothing(common: dict[str, Any]) -> None:
    assert cite(place="12", **common) is None
    assert not Event.objects.filter(what="cite").exists()


def test_cite_a_file_of_another_case(case: Application, cast: Cast, common: dict[str, Any]) -> None:
    sibling = create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
    other = Cast()
    strange = create_draft(firm=other.firm, by=other.preparer, at=FILED_AT)
    for file in (attach(sibling, by=cast.preparer, at=FILED_AT), attach(strange, by=other.preparer, at=FILED_AT)):
        with pytest.raises(Attachment.DoesNotExist):
            cite(attachment_id=file.pk, **common)
    assert not Citation.objects.exists()


@pytest.mark.parametrize("pk", [0, -1, 2**31, 2**63, 10**30])
def test_cite_a_file_that_does_not_exist(common: dict[str, Any], pk: int) -> None:
    with pytest.raises(Attachment.DoesNotExist):
        cite(attachment_id=pk, **common)


def test_cite_what_is_refused_keeps_nothing(common: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        cite(upload=pdf("惡意.pdf", b"<html><script>alert(1)</script>"), **common)
    assert "惡意.pdf" in str(refused.value)
    assert not Attachment.objects.exists()
    assert not Event.objects.filter(what="cite").exists()


def test_cite_over_the_limit_is_refused(common: dict[str, Any], settings: Any) -> None:
    settings.UPLOAD_LIMIT = len(BYTES) - 1
    with pytest.raises(Refused):
        cite(upload=pdf(), **common)
    settings.UPLOAD_LIMIT = len(BYTES)
    assert cite(upload=pdf(), **common) is not None


def test_cite_with_a_name_of_two_hundred_characters(common: dict[str, Any]) -> None:
    name = "證" * 196 + ".pdf"
    upload = pdf()
    upload.name = name  # past Django's own cut
    citation = cite(upload=upload, **common)
    assert citation is not None
    assert citation.attachment.name == name


def test_cite_a_place_that_is_too_long_is_cut(common: dict[str, Any]) -> None:
    citation = cite(upload=pdf(), place="頁" * 150, **common)
    assert citation is not None
    assert citation.place == "頁" * 100


@pytest.mark.parametrize("who", ["checker", "officer", "supervisor", "auditor"])
def test_cite_by_another_role_is_not_open(cast: Cast, common: dict[str, Any], who: str) -> None:
    for by in (getattr(cast, who), Cast().preparer):
        with pytest.raises(NotOpen):
            cite(upload=pdf(), **common | {"by": by})
        with pytest.raises(NotOpen):
            keep(upload=pdf(), **common | {"by": by})
    assert not Attachment.objects.exists()


def test_keep_stores_without_citing_and_leaves_the_sign_off(case: Application, common: dict[str, Any]) -> None:
    Application.objects.filter(pk=case.pk).update(status="internal_review")
    file = keep(upload=pdf(), **common)
    assert (file.application, file.name) == (case, "應變計畫.pdf")
    assert not Citation.objects.exists()
    case.refresh_from_db()
    assert case.status == "internal_review"


def test_keep_in_a_case_that_is_closed_is_not_open() -> None:
    case, cast = filed_case()
    with pytest.raises(NotOpen):
        keep(case_id=case.pk, item_id="2.2.9", upload=pdf(), by=cast.preparer, at=LATER)


def test_change_citation_place_and_removal(case: Application, cast: Cast, common: dict[str, Any]) -> None:
    citation = cite(upload=pdf(), place="1", **common)
    assert citation is not None
    colleague = person(Role.PREPARER, firm=cast.firm)
    change: dict[str, Any] = {"case_id": case.pk, "citation_id": citation.pk, "by": colleague, "at": LATER}
    change_citation(place="附件二", **change)
    citation.refresh_from_db()
    assert citation.place == "附件二"
    events = Event.objects.count()
    change_citation(place="附件二", **change)
    change_citation(**change)
    assert Event.objects.count() == events
    change_citation(remove=True, **change)
    assert not Citation.objects.exists()
    assert Attachment.objects.count() == 1  # the file itself is kept
    last = Event.objects.latest("id")
    assert (last.what, last.actor) == ("uncite", colleague)
    assert last.detail == {"item": "2.2.9", "file": "應變計畫.pdf", "place": "附件二"}


def test_change_citation_of_another_case(case: Application, cast: Cast, common: dict[str, Any]) -> None:
    other = Cast()
    strange = create_draft(firm=other.firm, by=other.preparer, at=FILED_AT)
    file = attach(strange, by=other.preparer, at=FILED_AT)
    theirs = Citation.objects.create(application=strange, item_id="2.2.9", attachment=file, place="1")
    with pytest.raises(Citation.DoesNotExist):
        change_citation(case_id=case.pk, citation_id=theirs.pk, remove=True, by=cast.preparer, at=LATER)
    with pytest.raises(NotOpen):
        change_citation(case_id=strange.pk, citation_id=theirs.pk, remove=True, by=cast.preparer, at=LATER)
    assert Citation.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize(
    ("place", "wrong"),
    [("1", False), ("30", False), ("31", True), ("0", True), ("９", False), ("３１", True), ("²", False), ("③", False),
     ("12-99", False), ("附件二第 3 頁", False), ("", False), ("9" * 100, True)],
)  # fmt: skip
def test_place_beyond_the_file_is_a_problem(case: Application, cast: Cast, place: str, wrong: bool) -> None:
    file = attach(case, by=cast.preparer, at=FILED_AT)  # of 30 pages
    Citation.objects.create(application=case, item_id="2.2.9", attachment=file, place=place)
    whole = content.read(case, today=FILED_AT.date())
    found = [problem.params for problem in whole.problems["2.2.9"] if problem.params.get("place") == place]
    assert found == ([{"name": "應變計畫.pdf", "pages": 30, "place": place}] if wrong else [])


def test_place_problem_links_to_the_evidence(case: Application, cast: Cast, rf: Any) -> None:
    answers: dict[str, Any] = {"2.2.9": {}}
    save_section(case_id=case.pk, section_id="2.2.9", answers=answers, revision=0, by=cast.preparer, at=LATER)
    file = attach(case, by=cast.preparer, at=FILED_AT)
    Citation.objects.create(application=case, item_id="2.2.9", attachment=file, place="31")
    request = rf.get("/")
    request.user = cast.preparer
    lines = [one for one in check_context(request, case)["missing"] if "31" in one["message"]]
    assert [(one["section"], one["anchor"]) for one in lines] == [("2.2.9", "ev-2.2.9-file")]
    assert lines[0]["message"].endswith("「應變計畫.pdf」共 30 頁，請更正頁次「31」")
