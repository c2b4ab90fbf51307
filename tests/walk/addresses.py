"""The addresses of the URLconf, and what is put into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from applications.models import (
    Application,
    Attachment,
    CalendarDay,
    CalendarYear,
    Deadline,
    Event,
    FirmNotice,
    Issued,
    Job,
    Notification,
)
from guideline.catalogue import every, in_force
from reviews.models import Disposal, MailNotice, Recommendation, SavedSearch

Arguments = tuple[Any, ...]

# An address that is not walked, and why.
EXCEPTED = {
    "admin:": "Django's own pages in Django's own stylesheet",
    "healthz": "JSON for machines",
    "readyz": "JSON for machines",
    "session": "JSON for the warning before a sign-in ends",
    "sections": "sends to the first section",
    "guideline-now": "sends to the guideline in force",
    "operator-calendar": "sends to the year",
    "account_set_password": "for accounts without a password, of which there are none: sends on",
    "feed": "iCalendar for programs; its token is shown once",
    "accounts/email/": "sends home; an address is changed by an administrator",
    "account_email": "hidden behind that redirect",
    "account_confirm_login_code": "nobody signs in by a code",
}

# With the questions of the page answered, so that what follows them is seen too.
ANSWERED = {
    "start": "?lines=dealer&first_day=115/11/30&emergency=no&opinion=no",
    "personal-roster": "?firm=9Z01&staff_no=JS00001",
}

# Drawn anew at every request, seconds each: asked for by the long walk alone.
DRAWN = {"plan-pdf", "checklist-pdf", "receipt-pdf", "notice-pdf", "opinion-pdf", "review-letter", "prepare-pdf"}


@dataclass(frozen=True)
class Address:
    """One pattern of the URLconf; ``names`` are those of its arguments."""

    name: str
    route: str
    names: tuple[str, ...]

    def arguments(self, user: User | None, cases: list[Application]) -> Iterator[tuple[Arguments, Application | None]]:
        """What may stand in the address for this person, with the case that it is of.

        Raises:
            KeyError: nobody has said what goes into this address; say it in ``MORE``.
        """
        if not self.names:
            yield (), None
        elif self.name == "file":
            firsts = (Attachment.objects.filter(application=case).order_by("pk").first() for case in cases)
            yield from (((found.pk,), found.application) for found in firsts if found)
        elif self.name in OF_CASE or (self.names == ("pk",) and self.route.startswith(CASES)):
            more = OF_CASE.get(self.name, lambda case: [()])
            for case in cases:
                yield from (((case.pk, *rest), case) for rest in more(case))
        else:
            yield from ((found, None) for found in OTHERS[self.name](user))

    def url(self, arguments: Arguments) -> str:
        return reverse(self.name, args=arguments) + ANSWERED.get(self.name, "")


def addresses() -> list[Address]:
    """Every pattern but those in EXCEPTED."""
    return list(_below(get_resolver(), "", ""))


def _below(resolver: URLResolver, route: str, space: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            name = f"{space}{pattern.name or here}"
            if name not in EXCEPTED:
                yield Address(name, here, tuple(pattern.pattern.regex.groupindex))
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            if inner not in EXCEPTED:
                yield from _below(pattern, here, inner)


def _sections(case: Application) -> list[Arguments]:
    return [(section.id,) for section in case.version.sections]


def _submissions(case: Application) -> list[Arguments]:
    return [(number,) for number in case.submissions.values_list("number", flat=True)]


def _drafts(case: Application) -> list[Arguments]:
    return [(0,), *_submissions(case)]


CASES = ("cases/<int:pk>/", "review/<int:pk>/")  # what only names the case needs no line below

# name -> what follows the key of the case
OF_CASE: dict[str, Callable[[Application], Iterable[Arguments]]] = {
    "section": _sections,
    "review-section": _sections,
    "change": lambda case: _sections(case)[:1],
    "keep": lambda case: _sections(case)[:1],
    "person": lambda case: case.roster.values_list("position")[:1],
    "act": lambda case: [("withdraw",)],
    "submitted": _submissions,
    "receipt": _submissions,
    "receipt-pdf": _submissions,
    "plan-pdf": _drafts,
    "checklist-pdf": _drafts,
    "roster-change-csv": lambda case: FirmNotice.objects.filter(application=case).values_list("pk"),
    "duty-done": lambda case: Deadline.objects.filter(application=case).values_list("pk")[:1],
    "ledger-end": lambda case: [()],
    "audit-case": lambda case: [()],
    "review-compare": lambda case: [*_submissions(case), (99,)],
    "review-letter": lambda case: Recommendation.objects.filter(submission__application=case).values_list("pk"),
}


def _mails(user: User | None) -> Iterable[Arguments]:
    return MailNotice.objects.values_list("pk")


def _today() -> date:
    return timezone.localdate()


DISPOSALS = ("disposal", "disposal-release", "disposal-cancel")

# name -> all arguments, of no case in particular
OTHERS: dict[str, Callable[[User | None], Iterable[Arguments]]] = {
    "mail-file": lambda user: [
        (mail.pk, one["sha256"]) for mail in MailNotice.objects.all() for one in mail.said.get("files", ())
    ],
    "notice": lambda user: Notification.objects.filter(user=user).values_list("pk")[:1],
    "operator-resend": lambda user: Notification.objects.values_list("pk")[:1],
    "operator-year": lambda user: CalendarYear.objects.values_list("year"),
    "operator-add-year": lambda user: [(2031,)],
    "operator-publish": lambda user: CalendarYear.objects.values_list("year")[:1],
    "operator-add-day": lambda user: CalendarYear.objects.values_list("year")[:1],
    "operator-day": lambda user: [(one.isoformat(),) for one in CalendarDay.objects.values_list("day", flat=True)[:1]],
    "operator-parameter": lambda user: [(one.id,) for one in in_force(_today()).parameters],
    "account_confirm_email": lambda user: [("not-a-key",)],
    "account_reset_password_from_key": lambda user: [("a", "not-a-key")],
    **dict.fromkeys(("mail", "mail-case", "mail-aside", "mail-merge", "mail-reopen", "mail-raw"), _mails),
    "audit-event": lambda user: [Event.objects.order_by("-pk").values_list("pk").first() or ()],
    "verify-code": lambda user: [*Issued.objects.values_list("code")[:1], ("AAAA-AAAA-AAAA",)],
    "personal-account": lambda user: User.objects.values_list("pk")[:1],
    **dict.fromkeys(("prepare", "prepare-pdf"), lambda user: [(kind.id,) for kind in in_force(_today()).kinds]),
    **dict.fromkeys(("audit-search", "audit-forget"), lambda user: SavedSearch.objects.values_list("pk")),
    **dict.fromkeys(("job", "job-file"), lambda user: Job.objects.values_list("pk")),
    **dict.fromkeys(DISPOSALS, lambda user: Disposal.objects.values_list("pk")),
    "guideline": lambda user: [(one.id,) for one in every()],
}
