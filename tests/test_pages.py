"""What a page weighs, and how what it needs is served."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from django.utils.functional import empty
from whitenoise.middleware import WhiteNoiseMiddleware

from accounts.enums import Role
from accounts.models import User
from applications import policy
from tests.factories import Cast, draft, person, resubmit, returned_case, taken_case
from tests.walk.addresses import DRAWN, Address, addresses
from tests.walk.who import SEEN_BY

pytestmark = [pytest.mark.once, pytest.mark.django_db]

ROOT = Path(__file__).resolve().parents[1]
HEAVIEST = 80_000  # bytes, uncompressed, beside htmx
# As long as what a firm wrote: a whole submission or plan on one page, the differences of two.
UNBOUNDED = {"check", "compare", "inherited", "review-compare", "submitted"}
NOT_PAGES = {"styleguide"}  # every component four times over, for developers
ROLES = ("preparer", "checker", "officer", "supervisor", "auditor", "operator")


@dataclass(frozen=True)
class Shown:
    """A page as the first person who may see it gets it; ``case`` is what its case is called, if it is of one."""

    name: str
    path: str
    case: str
    html: str


@pytest.fixture(scope="module")
def shown(django_db_setup: Any, django_db_blocker: Any) -> list[Shown]:
    """Every page of a full draft, of a full review and of a corrected case, and those of no case."""
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        cast = Cast()
        case, _ = returned_case({"2.2.9": "請補充"}, cast)
        resubmit(case, cast, {"2.2.9": {"text": "已補充"}})
        case, _ = taken_case(cast)
        draft(cast)
        people = {role: getattr(cast, role, None) or person(Role.OPERATOR) for role in ROLES}
        User.objects.filter(pk=people["operator"].pk).update(is_staff=True, is_superuser=True)
        found = [one for address in addresses() for one in _pages(address, people)]
        transaction.set_rollback(True)
    return found


def _pages(address: Address, people: dict[str, User]) -> Iterator[Shown]:
    who = next((people[role] for role in ROLES if role in SEEN_BY[address.name].split()), None)
    if not who or address.name in DRAWN | NOT_PAGES:
        return
    client = Client()
    client.force_login(who)
    for arguments, case in address.arguments(who, list(policy.visible_to(who).order_by("-pk"))):
        path = address.url(arguments) + "?check=1" * (address.name == "section")
        answer = client.get(path)
        content = answer.getvalue()
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            yield Shown(address.name, path, str(case) if case else "", content.decode())


def test_no_page_weighs_much(shown: list[Shown]) -> None:
    """The page, its one style and all its scripts but htmx."""
    assert len({one.name for one in shown}) > 60
    heavy = {}
    for one in shown:
        assert re.findall(r'rel="stylesheet" href="([^"]+)', one.html) == ["/static/css/portal.css"], one.path
        ours = re.findall(r'"/(static/(?:css|js)/[^"]+)', one.html)
        weight = len(one.html.encode()) + sum((ROOT / path).stat().st_size for path in ours)
        if weight >= HEAVIEST and one.name not in UNBOUNDED:
            heavy[one.path] = weight
    assert heavy == {}


def test_a_page_of_a_case_names_it_in_its_title(shown: list[Shown]) -> None:
    of_cases = [one for one in shown if one.case]
    assert len({one.name for one in of_cases}) > 20
    titles = {one: re.findall(r"<title>(.*?)</title>", one.html, re.DOTALL) for one in of_cases}
    assert {one.path: found for one, found in titles.items() if len(found) != 1 or one.case not in found[0]} == {}


def test_style_and_script_are_named_by_their_content_compressed_and_kept_for_ever(
    settings: Any, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    staticfiles_storage._wrapped = empty  # type: ignore[attr-defined]
    try:
        call_command("collectstatic", interactive=False, verbosity=0)
        address = staticfiles_storage.url("css/portal.css")
        assert re.fullmatch(r"/static/css/portal\.[0-9a-f]{12}\.css", address)
        server = WhiteNoiseMiddleware(lambda request: None, settings)
        found = server.files[address]
        plain = (ROOT / "static/css/portal.css").read_bytes()
        for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)):
            answer = found.get_response("GET", {"HTTP_ACCEPT_ENCODING": encoding})
            headers = dict(answer.headers)
            assert headers["Cache-Control"] == "max-age=315360000, public, immutable"
            assert headers.get("Content-Encoding", "") == encoding
            assert headers["Vary"] == "Accept-Encoding"
            with answer.file as file:
                assert unpack(file.read()) == plain
    finally:
        staticfiles_storage._wrapped = empty  # type: ignore[attr-defined]
