"""Nothing is left untranslated, and readers of English meet no Chinese but what people typed and the law itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from ast import literal_eval
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from itertools import product
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from accounts.models import User
from applications.actions import drafting, roster_change, starting
from applications.finding import Wanted
from applications.models import Correction
from applications.roster_columns import COLUMNS
from reviews.actions import casework
from reviews.demo import sample
from tests.applications import pages
from tests.applications.ledgers import People
from tests.applications.test_added_line import added as added_line
from tests.english import AS_IT_IS, CHINESE, PO, ROOT, catalogue, chinese, typed_in
from tests.factories import FILED_AT, Cast, FirmFactory, draft, resubmit, returned_case, roster
from tests.reviews.cases import later
from tests.reviews.pre_reviews import confirm, file, formal, pre_reviewed, write
from tests.reviews.test_reclassifying import with_past

pytestmark = pytest.mark.once

SOURCES = ("accounts", "applications", "guideline", "reviews", "templates", "wfh_portal", "locale", "manage.py")
ACCOUNT_FIELDS = ("login", "password", "email", "oldpassword", "password1", "password2")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?\w+>")

Entry = dict[str, str]

needs_gettext = pytest.mark.skipif(not shutil.which("msgfmt"), reason="package gettext is not installed")


def entries(text: str) -> list[Entry]:
    """The messages of a .po file, comments under "#", the header left out."""
    found = []
    for block in re.split(r"\n{2,}", text.strip()):
        entry: Entry = {"#": ""}
        key = ""
        for line in block.splitlines():
            if line.startswith("#"):
                entry["#"] += line
                continue
            word, _, rest = line.partition(" ")
            key, quoted = (key, line) if line.startswith('"') else (word, rest)
            entry[key] = entry.get(key, "") + literal_eval(quoted)
        if entry.get("msgid"):
            found.append(entry)
    return found


@cache
def translated() -> list[Entry]:
    return entries((ROOT / PO).read_text())


def texts(entry: Entry) -> Iterator[str]:
    return (text for key, text in entry.items() if key.startswith("msgstr"))


# --- the catalogue ------------------------------------------------------------


@needs_gettext
def test_every_message_is_translated(tmp_path: Path) -> None:
    """``makemessages`` on a copy finds what the catalogue has, no more and no less."""
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    command = [sys.executable, "manage.py", "makemessages", "-l", "en", "--no-location", "--no-obsolete"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    for fault in ("--untranslated", "--only-fuzzy"):
        said = subprocess.run(["msgattrib", fault, tmp_path / PO], check=True, capture_output=True, text=True).stdout
        assert [entry["msgid"] for entry in entries(said)] == [], fault
    now = {(entry.get("msgctxt"), entry["msgid"]) for entry in entries((tmp_path / PO).read_text())}
    assert {(entry.get("msgctxt"), entry["msgid"]) for entry in translated()} - now == set(), "no longer used"
    subprocess.run(["msgfmt", "--check-format", "-o", tmp_path / "django.mo", tmp_path / PO], check=True)


def test_no_message_is_fuzzy_or_empty() -> None:
    assert [entry["msgid"] for entry in translated() if "fuzzy" in entry["#"]] == []
    assert [entry["msgid"] for entry in translated() if not all(text.strip() for text in texts(entry))] == []


def test_placeholders_are_kept() -> None:
    wrong = [
        (entry["msgid"], text)
        for entry in translated()
        for text in texts(entry)
        if sorted(set(PLACEHOLDER.findall(entry["msgid"]))) != sorted(set(PLACEHOLDER.findall(text)))
    ]
    assert wrong == []


def test_no_chinese_is_left_in_english() -> None:
    left = [text for entry in translated() for text in texts(entry) if CHINESE.search(AS_IT_IS.sub("", text))]
    assert [text for text in left if "某字第…號" not in text] == []


def test_the_header_names_nobody_and_no_day() -> None:
    head = (ROOT / PO).read_text().split("\n\n")[0]
    assert "Plural-Forms: nplurals=2; plural=(n != 1);" in head
    assert not re.search(r"Date|Translator|Team|Report|@|\d{4}", head)


# --- the pages ----------------------------------------------------------------


@pytest.fixture
def english(client: Client, tmp_path: Path) -> Iterator[Client]:
    """A reader of English."""
    with catalogue(tmp_path):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        yield client


@pytest.fixture
def cast() -> Cast:
    """A firm and people with names in Latin letters."""
    cast = Cast(FirmFactory.create(name="Example Securities"))
    for number, one in enumerate(User.objects.all()):
        one.name, one.title = f"Person {number}", "Manager"
        one.save()
    for name in ("preparer", "checker", "officer", "other_officer", "supervisor", "auditor"):
        getattr(cast, name).refresh_from_db()
    return cast


@needs_gettext
@pytest.mark.django_db
def test_a_firm_with_an_empty_draft_reads_english(english: Client, cast: Cast) -> None:
    case = drafting.create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
    english.force_login(cast.preparer)
    one, sections = f"/cases/{case.pk}/", [page.id for page in case.pages if not page.line]
    paths = ["/", "/start/", one, f"{one}check/", f"{one}roster/", f"{one}roster/0/"]
    paths += [f"{one}sections/{name}/{query}" for name in sections for query in ("", "?check=1")]
    assert {path: left for path in paths if (left := chinese(english.get(path)))} == {}


@needs_gettext
@pytest.mark.django_db
def test_a_firm_with_a_full_case_reads_english(english: Client, cast: Cast) -> None:
    case = draft(cast)
    typed = typed_in(case)
    one = f"/cases/{case.pk}/"
    english.force_login(cast.preparer)
    paths = ["/", one, f"{one}check/", f"{one}roster/", f"{one}roster/1/"]
    paths += [f"{one}sections/{page.id}/" for page in case.pages]
    assert {path: left for path in paths if (left := chinese(english.get(path), *typed))} == {}
    upload = english.post(f"{one}roster/", {"revision": "2", "file": SimpleUploadedFile("r.csv", b"a,b\n1,2\n")})
    assert chinese(upload, *typed, *(column.header for column in COLUMNS)) == set()
    stale = english.post(f"{one}sections/2.2.9/", {"revision": "0", "2.2.9-answer": "no"})
    assert chinese(stale, *typed) == set()


@needs_gettext
@pytest.mark.django_db
def test_a_firm_after_filing_reads_english(english: Client, cast: Cast) -> None:
    case, cast = returned_case({"2.2.5.3": "mend this"}, cast)
    Correction.objects.update(letter="please mend this")
    typed = typed_in(case)
    one = f"/cases/{case.pk}/"
    for reader in (cast.preparer, cast.checker):
        english.force_login(reader)
        paths = ["/", one, f"{one}sections/2.2.5/", f"{one}submissions/1/", f"{one}submissions/1/receipt/"]
        assert {path: left for path in paths if (left := chinese(english.get(path), *typed))} == {}


@needs_gettext
@pytest.mark.django_db
def test_the_exchange_reads_english(english: Client, cast: Cast) -> None:
    case, cast = returned_case({"2.2.5.3": "mend this"}, cast)
    Correction.objects.update(letter="please mend this")
    typed = typed_in(case)
    resubmit(case, cast, {"2.2.5.3": {"text": "mended"}})
    one = f"/review/{case.pk}/"
    english.force_login(cast.officer)
    paths = ["/review/", "/review/?tab=all", one, f"{one}compare/2/", f"{one}hand-over/", f"{one}recommend/"]
    paths += [f"{one}{page.id}/" for page in case.pages]
    assert {path: left for path in paths if (left := chinese(english.get(path), *typed))} == {}


@needs_gettext
@pytest.mark.django_db
def test_a_firm_with_an_opinion_and_a_formal_case_reads_english(english: Client, cast: Cast) -> None:
    before, _ = pre_reviewed(cast, {"2.2.5.3": "mend this"}, "fine", without=["2.2.11"])
    late = before.changed_at + timedelta(days=400)
    case = formal(before, cast, at=late)
    typed = tuple(sorted({*typed_in(before), *typed_in(case)}, key=len, reverse=True))
    one, two = f"/cases/{before.pk}/", f"/cases/{case.pk}/"
    paths = [one, f"{one}submissions/1/", f"{one}submissions/1/receipt/", two, f"{two}check/", f"{two}sections/2.2.1/"]
    with time_machine.travel(late, tick=False):
        english.force_login(cast.preparer)
        assert {path: left for path in paths if (left := chinese(english.get(path), *typed))} == {}
        assert chinese(english.post(f"{one}convert/"), *typed) == set()


@needs_gettext
@pytest.mark.django_db
def test_the_exchange_reads_pre_reviews_in_english(english: Client, cast: Cast) -> None:
    before, _ = pre_reviewed(
        cast, {"2.2.5.3": "mend this"}, "fine", without=["2.2.11"], changes={"2.2.7.1": {"text": ""}}
    )
    case, at = formal(before, cast), before.changed_at + timedelta(hours=2)
    risk = sample.answers()["2.2.11"]
    write(case, cast, {"2.2.11": risk, "2.2.5.3": {"text": "mended"}, "2.2.7.1": {"text": "said"}}, at=at)
    confirm(case, cast, at=at)
    file(case, cast, at=at)
    typed = tuple(sorted({*typed_in(before), *typed_in(case)}, key=len, reverse=True))
    english.force_login(cast.officer)
    case.refresh_from_db()
    case = casework.take(case_id=case.pk, revision=case.revision, by=cast.officer, at=at)
    paths = [f"/review/{one.pk}/{name}" for one in (before, case) for name in ("", "2.2.5/", "2.2.7/", "2.2.9/")]
    paths += [f"/review/{case.pk}/compare/1/", f"/review/{case.pk}/recommend/"]
    assert {path: left for path in paths if (left := chinese(english.get(path), *typed))} == {}


@needs_gettext
@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"])
def test_strangers_read_english(english: Client, path: str) -> None:
    assert chinese(english.get(path)) == set()
    if path.endswith("login/"):
        assert chinese(english.post(path, {"login": "nobody@example.com", "password": "wrong"})) == set()
        assert chinese(english.post(path, {})) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/change/"])
def test_forms_of_accounts_are_in_chinese(client: Client, path: str) -> None:
    """What django-allauth and Django say on them: no sentence of it is left in English."""
    client.force_login(Cast().preparer) if "change" in path else None
    for answer in (client.get(path), client.post(path, {}), client.post(path, dict.fromkeys(ACCOUNT_FIELDS, "x"))):
        main = next(pages.parse(answer).iter("main"))
        assert re.findall(r"[A-Za-z]+ [a-z]+ [a-z]+", pages.text_of(main)) == []


@pytest.mark.django_db
def test_the_record_is_in_chinese_whoever_reads_or_writes_it() -> None:
    cast = Cast()
    with translation.override("en"):
        case = drafting.create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
    assert case.events.get().actor_role == "填報人"


@needs_gettext
@pytest.mark.django_db
def test_which_kind_reads_english(english: Client, cast: Cast) -> None:
    """Every kind of answer: what is open, what is not and why."""
    people = People.__new__(People)
    people.firm, people.preparer, people.checker = cast.firm, cast.preparer, cast.checker
    people.approved(("brokerage", "2026-11-01", "2027-01-31"), ("clearing", "2026-01-01", "2026-03-31"))
    cast.firm.licences = ["broker"]
    cast.firm.save()
    lines = "lines=brokerage&lines=dealer&lines=clearing"
    with time_machine.travel("2026-12-01T10:00:00+08:00", tick=False):
        english.force_login(cast.preparer)
        for emergency, opinion, day in product(
            ("no", "yes"), ("no", "yes"), ("2026-11-01", "2026-12-01", "2027-03-01")
        ):
            path = f"/start/?{lines}&first_day={day}&emergency={emergency}&opinion={opinion}"
            assert chinese(english.get(path)) == set(), path


def names_of(cast: Cast) -> list[str]:
    return [cast.firm.name, *User.objects.values_list("name", flat=True)]


@needs_gettext
@pytest.mark.django_db
def test_what_follows_a_decision_reads_english(english: Client) -> None:
    previous, added, cast = added_line()
    typed = (*typed_in(previous), *names_of(cast))
    at = datetime.fromisoformat("2026-12-01T10:00:00+08:00")
    with time_machine.travel(at, tick=False):
        renewal = starting.start(
            firm=cast.firm,
            wanted=Wanted(("brokerage",), date(2027, 3, 1)),
            kind="renewal",
            follows=previous.pk,
            by=cast.preparer,
            at=at,
        )
        roster_change.change(
            case_id=previous.pk,
            revision=previous.revision,
            effective_on=at.date(),
            reason="rotation",
            rows=[one for one in roster() if "dealer" not in one.lines],
            by=cast.preparer,
            at=at,
        )
        english.force_login(cast.preparer)
        paths = [f"/cases/{one.pk}/" for one in (previous, added, renewal)]
        paths += [f"/cases/{added.pk}/inherited/", f"/cases/{added.pk}/sections/2.2.1/", "/ledger/?day=2026-12-02"]
        paths += [f"/cases/{renewal.pk}/sections/2.2.9/", f"/cases/{previous.pk}/roster-change/"]
        assert {path: left for path in paths if (left := chinese(english.get(path), *typed))} == {}


@needs_gettext
@pytest.mark.django_db
def test_a_case_under_another_kind_reads_english(english: Client) -> None:
    case, _before, cast = with_past()
    typed = (*typed_in(case), *names_of(cast))
    with time_machine.travel(later(case), tick=False):
        english.force_login(cast.officer)
        one = f"/review/{case.pk}/"
        assert chinese(english.get(f"{one}reclassify/"), *typed) == set()
        data = {"revision": case.revision, "kind": "renewal", "reason": "it is a renewal"}
        assert english.post(f"{one}reclassify/", data).status_code == 302
        paths = [one, f"{one}recommend/", f"{one}reclassify/"]
        assert {path: left for path in paths if (left := chinese(english.get(path), *typed))} == {}
        english.force_login(cast.preparer)
        assert chinese(english.get(f"/cases/{case.pk}/"), *typed) == set()
