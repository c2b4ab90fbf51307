"""Writing a case: start, save a section, correct."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Firm, User
from applications import policy
from applications.content import correction_of
from applications.enums import CORRECTING, SUPPLYING, WITH_CHECKER, Action, Carry, Mark
from applications.facts import ON_PEOPLE, asks_history, entries_of, facts_of, files_of, has_rule
from applications.lifecycle import Conflict, lock, move, record
from applications.models import Application, Section
from guideline.catalogue import Section as Page
from guideline.catalogue import in_force
from guideline.examine import Answers, asks_evidence, section_problems
from guideline.facts import Facts, Problem
from guideline.shape import FIRST
from guideline.values import as_date, said

BURST = timedelta(minutes=10)


class NotOpen(Exception):
    """This person may not write this now."""


class Unmet(Exception):
    """What was asked cannot be done yet; ``problems`` says why.

    Each problem is a field of what was typed, or an item of the guideline, or "" for the whole, and a message.
    """

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__("；".join(message for _, message in problems))
        self.problems = problems


class Renewed(Conflict):
    """The draft was brought under another version of the guideline after the page was drawn."""


class Stale(Exception):
    """Somebody saved the section after the page was drawn; ``section`` is as it stands now."""

    def __init__(self, section: Section) -> None:
        super().__init__(section.section_id)
        self.section = section


def create_draft(*, firm: Firm, by: User, at: datetime, kind: str = FIRST) -> Application:
    """Start a case under the version in force today.

    Raises:
        NotOpen: the person is no preparer of this firm; a notice may be begun by a checker too.
    """
    version = in_force(timezone.localdate(at))
    if not policy.may(by, "report" if version.kind(kind).by_notice else "create") or by.firm != firm:
        raise NotOpen
    with transaction.atomic():
        case = Application.objects.create(
            firm=firm,
            kind=kind,
            version_id=version.id,
            created_by=by,
            created_at=at,
            changed_at=at,
        )
        record(case, "create", by=by, at=at)
    return case


def open_items(case: Application) -> frozenset[str] | None:
    """The items that may be written: None for all.

    Of a notice its own alone, until it is given, and never after; during a correction (補正) the named ones.
    """
    if case.noticing:
        return frozenset(item.id for page in case.pages for item in page.items)
    if case.status in SUPPLYING:
        return frozenset(item.id for page in case.pages if not page.notice for item in page.items)
    if case.status not in CORRECTING:
        return None
    correction = correction_of(case)
    return frozenset(correction.items if correction else ()) - noticed_items(case)


def noticed_items(case: Application) -> frozenset[str]:
    """The items of a notice that was given: what was said then stands, whatever is found later."""
    pages = () if case.noticing else case.pages
    return frozenset(item.id for page in pages if page.notice for item in page.items)


def open_for(case: Application, page: Page, *, by: User, at: datetime, reopen: bool) -> frozenset[str]:
    """The items of a page that ``by`` may write now; a sign-off that is under way is voided with ``reopen``.

    Raises:
        NotOpen: none of them.
        Conflict: the case is with the checker and ``reopen`` was not said.
    """
    if not policy.may(by, "edit", case):
        raise NotOpen
    if case.status in WITH_CHECKER:
        if not reopen:
            raise Conflict(case)
        move(case, Action.REOPEN, by=by, at=at, signed_by=None, signed_at=None, prepared_by=None)
    named = open_items(case)
    ids = frozenset(item.id for item in page.items)
    allowed = ids if named is None else ids & named
    if not allowed:
        raise NotOpen
    return allowed


def save_section(
    *,
    case_id: int,
    section_id: str,
    answers: Answers,
    revision: int,
    by: User,
    at: datetime,
    reopen: bool = False,
    version_id: str = "",
) -> Section:
    """Keep what was typed on one page, complete or not.

    Args:
        answers: item id -> field -> value, as stored (see ``guideline.values``) or as typed.
        revision: the section's revision that the page was drawn from.
        reopen: void a sign-off that is under way.
        version_id: the version of the guideline that the page was drawn from; nothing where it does not matter.

    Raises:
        Renewed: the draft is under another version now.
        NotOpen: the section is not open to this person.
        Conflict: the case is with the checker and ``reopen`` was not said.
        Stale: somebody saved the section in between.
    """
    with transaction.atomic():
        case = lock(case_id)
        return save_locked(
            case,
            section_id,
            answers=answers,
            revision=revision,
            by=by,
            at=at,
            reopen=reopen,
            version_id=version_id,
        )


def lock_page(case_id: int, section_id: str, *, by: User) -> Section | None:
    """A page that has been saved before, with its case under the row lock, in one look-up; None for any other.

    The page is as it was before the lock was waited for; ``save_locked`` writes it only where it has not changed.
    """
    pages = Section.objects.select_for_update(of=("application",)).select_related("application")
    try:
        return pages.get(policy.scope(by, "application__"), application=case_id, section_id=section_id)
    except Section.DoesNotExist:
        return None


def save_locked(
    case: Application,
    section_id: str,
    *,
    answers: Answers,
    revision: int,
    by: User,
    at: datetime,
    reopen: bool = False,
    version_id: str = "",
    found: Section | None = None,
    unasked: bool = False,
) -> Section:
    """``save_section`` for a case that is locked already; the transaction has to end with what it raises.

    Args:
        found: the page as ``lock_page`` gave it.
        unasked: nobody pressed a button. A page that says what it said stays as it is, and what goes on with the
            person's last save is not recorded again.
    """
    if version_id and case.version_id != version_id:
        raise Renewed(case)
    page = case.version.section(section_id)
    allowed = open_for(case, page, by=by, at=at, reopen=reopen)
    section = found or _page(case, section_id)
    if section.revision != revision:
        raise Stale(_page(case, section_id))
    changed = [item for item in sorted(allowed) if said(section.answers.get(item, {})) != said(answers.get(item, {}))]
    if unasked and not changed:
        return section
    section.answers = section.answers | {item: dict(answers.get(item, {})) for item in allowed}
    section.revision += 1
    section.saved_by, section.saved_at = by, at
    meant = apply_meaning(case, page, section.answers)
    section.mark = mark_of(case, page, section.answers, today=timezone.localdate(at))
    if section.carry and changed:
        section.carry = Carry.UPDATED
    elif section.carry == Carry.OFFERED and section.mark == Mark.COMPLETE:
        section.carry = Carry.KEPT
    if found is None:
        section.save()
    else:
        fields = ("answers", "carry", "mark", "revision", "saved_by", "saved_at")
        values = {name: getattr(section, name) for name in fields}
        if not Section.objects.filter(pk=section.pk, revision=revision).update(**values):
            raise Stale(_page(case, section_id))  # somebody saved it while the lock was waited for
    if meant:
        remark(case, today=timezone.localdate(at))
    what = "save_notice" if case.noticing else "save"  # who gave the notice may yet sign its documents
    if not (unasked and _recorded(case, what, section_id, changed, by=by, at=at)):
        record(case, what, by=by, at=at, detail={"section": section_id, "items": changed}, shared=False)
    return section


def _recorded(case: Application, what: str, section_id: str, items: Iterable[str], *, by: User, at: datetime) -> bool:
    """Whether the last event says already that this person is writing these items of the page, within ``BURST``.

    What is saved by itself while somebody types is one piece of work, and need not be recorded every few seconds.
    """
    last = case.events.order_by("number").last()
    if last is None or last.what != what or last.actor_id != by.pk or at - last.at >= BURST:
        return False
    return last.detail["section"] == section_id and set(items) <= set(last.detail["items"])


def _page(case: Application, section_id: str) -> Section:
    """The page as it stands, an empty one where nothing has been saved yet."""
    found = Section.objects.filter(application=case, section_id=section_id).first()
    section = found or Section(section_id=section_id)
    section.application = case  # as it is now: the caller need not read it again
    return section


def fill(case: Application, answers: Answers, *, by: User, at: datetime) -> None:
    """Put answers into a locked case that do not come from one of its pages; what else a page says stays.

    Args:
        answers: item id -> field -> value.
    """
    pages = {page.id: page for page in map(case.version.section_of, answers)}
    for page in pages.values():
        section = _page(case, page.id)
        mine = {item.id: answers[item.id] for item in page.items if item.id in answers}
        section.answers = section.answers | {
            item_id: section.answers.get(item_id, {}) | dict(values) for item_id, values in mine.items()
        }
        section.revision += 1
        section.saved_by, section.saved_at = by, at
        apply_meaning(case, page, section.answers)
        section.mark = mark_of(case, page, section.answers, today=timezone.localdate(at))
        section.save()


def apply_meaning(case: Application, page: Page, answers: Mapping[str, Any]) -> bool:
    """Repeat on the case what the version says its period and lines are; True where one changed."""
    columns: dict[str, Any] = {}
    ids = {item.id for item in page.items}
    for column, (item_id, name) in case.version.places(case.kind).items():
        if item_id not in ids or column not in {"first_day", "last_day", "lines"}:
            continue
        value = answers.get(item_id, {}).get(name)
        if column == "lines":
            value = [line.id for line in case.version.lines if isinstance(value, list) and line.id in value]
        else:
            value = as_date(value)
        if getattr(case, column) != value:
            columns[column] = value
    for column, value in columns.items():
        setattr(case, column, value)
    if columns:
        case.save(update_fields=list(columns))
    return bool(columns)


def examine_page(
    case: Application, page: Page, answers: Answers, *, today: date, cited: frozenset[str] | None = None
) -> tuple[Facts, list[Problem]]:
    """The facts that this page's rules need, and what keeps it from being complete."""
    if cited is None:
        asked = any(asks_evidence(item, answers.get(item.id, {})) for item in page.items)
        cited = _cited(case) if asked else frozenset()
    entries = entries_of(case) if has_rule(page, ON_PEOPLE, case.kind) else None
    facts = facts_of(case, today=today, cited=cited, entries=entries, history=asks_history(case, [page], entries))
    return facts, section_problems(page, answers, facts)[1]


def _cited(case: Application) -> frozenset[str]:
    """The items that have evidence. Written out: building the query takes the ORM longer than all else of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT item_id FROM applications_citation WHERE application_id = %s", [case.pk])
        return frozenset(item_id for (item_id,) in cursor.fetchall())


def mark_of(case: Application, page: Page, answers: Answers, *, today: date) -> Mark:
    return Mark.STARTED if examine_page(case, page, answers, today=today)[1] else Mark.COMPLETE


def remark(case: Application, *, today: date, only: str = "") -> None:
    """Judge the sections (or the one named) again, after something changed that they depend on."""
    known = [only] if only else [page.id for page in case.version.sections]  # a version before may have had others
    sections = list(Section.objects.filter(application=case, section_id__in=known))
    pages = [case.version.section(section.section_id) for section in sections]
    people = any(has_rule(page, ON_PEOPLE, case.kind) for page in pages)
    entries = entries_of(case) if people else None
    facts = facts_of(
        case,
        today=today,
        cited=files_of(case).cited,
        entries=entries,
        history=asks_history(case, pages, entries),
    )
    changed = []
    for section, page in zip(sections, pages, strict=True):
        problems = section_problems(page, section.answers, facts)[1]
        mark = Mark.STARTED if problems or section.carry == Carry.OFFERED else Mark.COMPLETE
        if section.revision and section.mark != mark:
            section.mark = mark
            changed.append(section)
    Section.objects.bulk_update(changed, ["mark"])
