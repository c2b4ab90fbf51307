"""The walk by HTTP: a person asks for every address, and sends what a hurried person sends from every form."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import translation

from accounts.enums import Role
from accounts.models import User
from applications import policy
from applications.models import Application
from tests.walk.addresses import CASES, DRAWN, EXCEPTED, Address, Arguments, addresses
from tests.walk.markup import Form, Sent, Source, shapes
from tests.walk.who import SEEN_BY

Key = tuple[str, ...]
STATUS_MATTERS = {"case", "check", "review-case"}
OWN = re.compile(r'name="(?:csrfmiddlewaretoken|next)" value="[^"]*"')  # what no two pages have in common
BEFORE = re.compile(r"^pdf/|/_|\.txt$")  # what may be drawn before the page: messages, a document
STYLEGUIDE = "help/styleguide.html"  # shows an error summary, and is no page with an error
EVERYWHERE = {"account_logout", "session"}  # forms that every page has: sent once
LEFT = {"case", "review-case", "audit-case"}  # what can be read of a destroyed case


@dataclass(frozen=True)
class Page:
    """A page as somebody got it."""

    what: str  # the address's name, and how it came about
    who: str
    language: str
    url: str
    status: int
    html: str
    headers: dict[str, str]
    template: str

    @property
    def state(self) -> str:
        """``empty``, ``bad`` or ``stale`` where it answers a form; ``destroyed`` where it is of such a case."""
        return self.what.rpartition(" ")[0]

    def __str__(self) -> str:
        return f"{self.url} [{self.what}, {self.who}, {self.language}, {self.status}, {self.template}]"


@dataclass
class Found:
    """What the walk came to."""

    people: int = 0
    faults: list[str] = field(default_factory=list)
    pages: dict[Key, Page] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    seen_by: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    posted: set[str] = field(default_factory=set)
    titles: defaultdict[tuple[str, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    been: set[Key] = field(default_factory=set)  # what the short walk need not do again

    def first(self, *key: object) -> bool:
        """Whether this has not been done before; from now on it has."""
        new = tuple(map(str, key))
        is_first = new not in self.been
        self.been.add(new)
        return is_first


class Surfer:
    """One person, or nobody, with a client of their own."""

    def __init__(self, found: Found, who: str, user: User | None, language: str, *, thorough: bool) -> None:
        self.found, self.who, self.user, self.language, self.thorough = found, who, user, language, thorough
        self.role = user.roles_held[0] if user and user.roles_held else who
        self.client = Client(raise_request_exception=True)
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        if user:
            self._sign_in(user)

    def _sign_in(self, user: User) -> None:
        """By the door, so that what asks for the password again does not; operators use a second factor."""
        Authenticator.objects.filter(user=user).delete()
        self.client.post("/accounts/login/", {"login": user.email, "password": settings.DEMO_PASSWORD})
        cache.clear()
        if self.role == Role.OPERATOR:
            TOTP.activate(user, generate_totp_secret())
            RecoveryCodes.activate(user)

    # --- addresses ---------------------------------------------------------------

    def walk(self, cases: list[Application], hidden: Application | None) -> None:
        for address in addresses():
            if not (self.thorough or self._has(address)):
                continue
            for arguments, case in address.arguments(self.user, cases):
                if self._is_new(address, arguments, case):
                    self.ask(address, arguments, case)
            if self.thorough and hidden and address.names[:1] == ("pk",):
                self._shut(address, hidden)

    def _has(self, address: Address) -> bool:
        """Whether this role gets a page or a file of the address."""
        return self.role in SEEN_BY[address.name].split()

    def _is_new(self, address: Address, arguments: Arguments, case: Application | None) -> bool:
        """A file is asked for once by each role; in the short walk a page is by one, a case's in each of its states."""
        if case and case.destroyed_at:
            return self.thorough or self.found.first("destroyed", address.name)
        if ("file", address.name, self.role) in self.found.been:
            return False
        if self.thorough:
            return True
        if case and address.name in STATUS_MATTERS:
            return self.found.first("page", address.name, self.role, case.kind, case.status)
        return address.name not in DRAWN and ("page", address.name, *map(str, arguments[1:])) not in self.found.been

    def ask(self, address: Address, arguments: Arguments, case: Application | None) -> None:
        url = address.url(arguments)
        response = self.client.get(url)
        self.found.answers[response.status_code] += 1
        if self.user is None and response.status_code == 302:
            return
        if response.status_code == 200:
            self.found.seen_by[address.name].add(self.role)
            if not _is_page(response):
                self.found.first("file", address.name, self.role)
                _finish(response)
                return
            self.found.first("page", address.name, *arguments[1:])
        if response.status_code not in self._expected(address, case):
            self.found.faults.append(f"{response.status_code} from {url} to {self.who}")
        what = f"destroyed {address.name}" if case and case.destroyed_at else address.name
        self.note(response, what, url, tuple(map(str, arguments[1:] if case else arguments)))

    def _expected(self, address: Address, case: Application | None) -> set[int]:
        """Where a person gets a page of other cases, a destroyed one says that it has gone."""
        if case and case.destroyed_at and address.name not in LEFT:
            return {410} if self._has(address) else {404, 405, 410}
        return {200, 302, 403, 404, 405}

    def _shut(self, address: Address, hidden: Application) -> None:
        """The first case that this person may not know of is not found by any address."""
        for arguments, case in address.arguments(self.user, [hidden]):
            if case:
                status = self.client.get(address.url(arguments)).status_code
                self.found.answers[status] += 1
                if status not in ({302, 404, 405} if self.user is None else {404, 405}):
                    self.found.faults.append(f"{status} from {address.url(arguments)}, which is not {self.who}'s")
            break

    # --- pages --------------------------------------------------------------------

    def note(self, response: Any, what: str, url: str, more: Key = (), depth: int = 0) -> None:
        """Keep the page if there is none like it; look at its source, its links and its forms."""
        if not _is_page(response) or not response.content:
            return
        html = response.content.decode()
        template = next((one.name for one in response.templates if not BEFORE.search(one.name)), "")
        state, _, _name = what.rpartition(" ")
        self.found.states[state or "as asked for"] += 1
        key = (template, state, shapes(html), *(more if self.thorough else ()))
        is_new = key not in self.found.pages
        if not is_new and not (self.thorough and self._differs(response.status_code, html)):
            return
        page = Page(what, self.who, self.language, url, response.status_code, html, dict(response.headers), template)
        source = Source(html)
        faults = (fault for fault in source.faults(self.language) if template != STYLEGUIDE or "title" not in fault)
        self.found.faults += [f"{fault}: {page}" for fault in faults]
        if (case := self._case_of(response)) not in source.title:
            self.found.faults.append(f"title {source.title!r} does not say {case}: {page}")
        if not state and response.status_code == 200:
            self.found.titles[self.who, self.language, source.title].add(urlsplit(url).path)
        if is_new:
            self.found.pages[key] = page
            if not state and depth < 2:
                self._follow(source, url, depth)
            if not state:
                for form in source.forms():
                    for kind, sent, button in _attempts(form):
                        self._send(form, kind, sent, button, url)
                    if form.posts and form.texts() and self.user and self.found.first("signed out", self.language):
                        self._send_late(form, url)

    def saw(self, response: Any, how: str) -> None:
        """Note a page that was brought about; what is no answer to a deed is a page like any other."""
        self.found.answers[response.status_code] += 1
        if not _is_page(response):
            self.found.faults.append(f"no page, but {response.status_code}, where {how} was brought about")
        name = response.resolver_match.view_name
        is_plain = response.status_code == 200 and response.request["REQUEST_METHOD"] == "GET"
        self.note(response, name if is_plain else f"rare {name}", response.request["PATH_INFO"])

    def _differs(self, status: int, html: str) -> bool:
        """A refusal is looked at once by each person, whatever it was that was refused."""
        return status == 200 or self.found.first("refusal", self.who, self.language, hash(OWN.sub("", html)))

    def _case_of(self, response: Any) -> str:
        """What the case is called that the page is of; "" where it is of none."""
        match = response.resolver_match
        if response.status_code not in {200, 400, 409} or not match or not match.route.startswith(CASES):
            return ""
        with translation.override(self.language):
            return str(Application.objects.get(pk=match.kwargs["pk"]))

    def _follow(self, source: Source, url: str, depth: int) -> None:
        """No link leads nowhere; an address with a query that was not asked for yet is a page of its own."""
        for link in source.links():
            path, query = urlsplit(urldefrag(link).url)[2:4]
            if urlsplit(link).netloc or not path.startswith("/") or link.startswith("/static/"):
                continue
            try:
                match = resolve(path)
            except Resolver404:
                self.found.faults.append(f"a link to {path}, which is no address: {url} of {self.who}")
                continue
            name = match.view_name or match.route
            keys = (name, *map(str, match.kwargs.values()), *sorted(parse_qs(query)))
            if name in DRAWN | EXCEPTED.keys() or name.startswith("admin:") or self._linked_before(keys, query):
                continue
            response = self.client.get(link)
            self.found.answers[response.status_code] += 1
            if response.status_code not in {200, 302}:
                self.found.faults.append(f"{response.status_code} from {link}, linked from {url} of {self.who}")
            elif query:
                self.note(response, name, link, ("?", *sorted(parse_qs(query))), depth + 1)
            _finish(response)

    def _linked_before(self, keys: Key, query: str) -> bool:
        """In the short walk a link is followed by one person, and where it leads to a page that no address gives."""
        if self.thorough:
            return not self.found.first("link", self.who, *keys)
        return not (query and self.found.first("link", *keys))

    # --- forms --------------------------------------------------------------------

    def _send(self, form: Form, kind: str, sent: Sent, button: Key, url: str) -> None:
        """Send the form, look at the answer, and undo it in the database."""
        action = button[2] or url
        name = resolve(urlsplit(action).path).view_name
        if form.posts:
            self.found.posted.add(name)
        if name == "set_language":
            return
        page = resolve(urlsplit(url).path)
        if not self.found.first(
            "send", name, kind, button[0], page.view_name, *(sorted(sent) if self.thorough else ())
        ):
            return
        cookies = self.client.cookies.copy()
        with transaction.atomic():
            response = (self.client.post if form.posts else self.client.get)(
                action, sent, headers={"referer": f"http://testserver{url}"}
            )
            self.found.answers[response.status_code] += 1
            if response.status_code not in {200, 302, 303, 400, 403, 404, 405, 409, 413, 422, 429, 503}:
                self.found.faults.append(f"{response.status_code} after {kind} {action} by {self.who}")
            for _hop in range(3):
                if response.status_code in {302, 303} and response.url.startswith("/"):
                    response = self.client.get(response.url)
            self.note(response, f"{kind} {name}", action)
            _finish(response)
            transaction.set_rollback(True)
        self.client.cookies = cookies
        cache.clear()

    def _send_late(self, form: Form, url: str) -> None:
        """The session has ended when a text is sent: the answer keeps it."""
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = self.language
        response = client.post(form.action or url, form.as_it_stands() | form.texts())
        self.note(response, "late signed-out", url)
        cache.clear()


def _attempts(form: Form) -> list[tuple[str, Sent, Key]]:
    """What is sent, with which button; nothing from a form that has nothing to press or to fill in."""
    if not (form.buttons or form.typed):
        return []
    buttons = form.buttons or [("", "", form.action)]
    tries: list[tuple[str, Sent, Key]] = [("empty", form.empty(), button) for button in dict.fromkeys(buttons)]
    tries.append(("bad", form.bad(), buttons[0]))
    stale = form.stale()
    if stale:
        tries.append(("stale", stale, buttons[0]))
    return [(kind, sent | ({button[0]: [button[1]]} if button[0] else {}), button) for kind, sent, button in tries]


def _is_page(response: Any) -> bool:
    return not response.streaming and response.headers.get("Content-Type", "").startswith("text/html")


def _finish(response: Any) -> None:
    """A file is read to its end, or it stays open."""
    if response.streaming:
        for _part in response.streaming_content:
            pass


def hidden_from(user: User | None) -> Application | None:
    """A case that this person may not know of."""
    visible = policy.visible_to(user) if user else Application.objects.none()
    return Application.objects.exclude(pk__in=visible.values("pk")).order_by("pk").first()
