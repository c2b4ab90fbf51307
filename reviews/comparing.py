"""Old against new: what two submissions say of the same items."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from applications.content import changed_items
from applications.enums import Verdict
from applications.models import Application, Event, Submission
from applications.present import ItemView, show_pages
from guideline.catalogue import load
from reviews.timeline import DRAFTING


@dataclass(frozen=True)
class Pair:
    """One item as it was and as it became; None where that submission does not have it."""

    old: ItemView | None
    view: ItemView | None

    @property
    def one(self) -> ItemView:
        found = self.view or self.old
        assert found is not None
        return found


def pairs(old: dict[str, Any] | None, new: dict[str, Any] | None, items: Collection[str]) -> list[Pair]:
    """These items of two contents side by side, in the order of the new one; either may be missing."""
    before, after = _views(old), _views(new)
    wanted = [item for item in {**after, **before} if item in items]
    return [Pair(before.get(item), after.get(item)) for item in wanted]


def _views(content: dict[str, Any] | None) -> dict[str, ItemView]:
    if content is None:
        return {}
    return {view.item.id: view for page in show_pages(content, load(content["version"])) for view in page.items}


@dataclass(frozen=True)
class Around:
    """The submissions before and after something was written, and the items that it was about.

    What was typed in between is not kept save by save: this is what was filed last before it, and first after it.
    """

    before: Submission | None
    after: Submission | None
    pairs: list[Pair]


def around(event: Event, case: Application) -> Around | None:
    """What a writing event changed, as far as submissions tell; None where it is no writing of items. One query."""
    items = _items(event, case)
    if event.what not in DRAFTING or not items:
        return None
    filed = list(Submission.objects.filter(application=case).order_by("number"))
    before = next((one for one in reversed(filed) if one.submitted_at < event.at), None)
    after = next((one for one in filed if one.submitted_at >= event.at), None)
    return Around(before, after, pairs(before.content if before else None, after.content if after else None, items))


def filed_with(event: Event, case: Application) -> Around | None:
    """What a filing changed against the filing before it; None where the event files nothing. One query."""
    number = event.detail.get("submission")
    if not isinstance(number, int) or not event.after:
        return None
    filed = {one.number: one for one in Submission.objects.filter(application=case, number__in=(number - 1, number))}
    if number not in filed or number - 1 not in filed:
        return None
    old, new = filed[number - 1], filed[number]
    return Around(old, new, pairs(old.content, new.content, changed_items(old.content, new.content)))


def _items(event: Event, case: Application) -> frozenset[str]:
    detail = event.detail
    if isinstance(detail.get("items"), list):
        return frozenset(detail["items"])
    if "item" in detail:
        return frozenset({detail["item"]})
    if event.what == "roster":
        return frozenset(item.id for page in case.version.sections if page.roster for item in page.items)
    known = {page.id: page for page in case.version.sections}
    page = known.get(detail.get("section", ""))
    return frozenset(item.id for item in page.items) if page else frozenset()


def verdicts(event: Event, case: Application) -> list[tuple[Any, str, str]]:
    """Of an event of judging: each item with its verdict before and after, in words."""
    items = event.detail.get("items")
    if event.what != "judge" or not isinstance(items, dict):
        return []
    found = [(item, *items[item.id]) for item in case.version.items_among(items)]
    return [(item, _verdict(old), _verdict(new)) for item, old, new in found]


def _verdict(value: str) -> str:
    return str(Verdict(value).label) if value in Verdict.values else ""
