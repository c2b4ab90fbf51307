"""Words and dates in templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from applications.enums import Status
from applications.event_names import EVENTS
from applications.models import Application
from applications.present import clause_number, english, listed, message, show_date, words
from applications.roster_columns import PLACES
from applications.workdays import Calendar
from guideline.catalogue import Version

register = template.Library()

register.filter("words", words)
register.filter("message", message)
register.filter("clause_number", clause_number)
register.filter("listed", listed)


@register.filter
def day(value: date | str | None) -> SafeString | str:
    """115 年 3 月 2 日 inside <time>; takes a date, an aware datetime or ISO text."""
    if not value:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = timezone.localdate(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), show_date(value))


@register.filter
def unpublished(value: date | str | None, calendar: Calendar | None) -> SafeString | str:
    """A remark on a day of a year whose calendar has not been announced; nothing on others."""
    found = date.fromisoformat(value) if isinstance(value, str) and value else value
    if not isinstance(found, date) or calendar is None or calendar.known(found):
        return ""
    return format_html('<span class="hint">{}</span>', gettext("該年行事曆尚未公告，日期為預估"))


@register.filter
def moment(value: datetime | str | None) -> SafeString | str:
    """115 年 3 月 2 日 10:32:05 in Taipei time inside <time>."""
    if not value:
        return ""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return _moment(found, "seconds", "%H:%M:%S")


@register.filter
def minute(value: datetime | None) -> SafeString | str:
    """The same to the minute."""
    return _moment(value, "minutes", "%H:%M") if value else ""


def _moment(value: datetime, precision: str, clock: str) -> SafeString:
    local = timezone.localtime(value)
    iso, time = local.isoformat(timespec=precision), local.strftime(clock)
    between = ", " if english() else " "
    return format_html('<time datetime="{}">{}{}{}</time>', iso, show_date(local.date()), between, time)


@register.filter
def place_words(proof: Mapping[str, Any]) -> str:
    """第 12 頁 for a number, anything else as it was typed."""
    place = str(proof.get("place") or "").strip()
    if place.replace("-", "").isdigit():
        return f"p. {place}" if english() else gettext("第 {place} 頁").format(place=place)
    return place


@register.filter
def page_fragment(proof: Mapping[str, Any]) -> str:
    """What makes the browser open a file, a PDF at the page where it is cited: ?open#page=12."""
    place = str(proof.get("place") or "").split("-")[0].strip()
    at_page = place.isdigit() and str(proof.get("name", "")).lower().endswith(".pdf")
    return f"?open#page={place}" if at_page else "?open"


@register.filter
def beside(head: Sequence[str], row: Sequence[str]) -> list[tuple[str, str]]:
    """The cells of a row, each with the head of its column."""
    return list(zip(head, row, strict=True))


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    return mapping.get(key)


@register.filter
def kind_name(case: Application) -> str:
    return words(case.version.kind(case.kind).name)


@register.filter
def lines_short(case: Application) -> str:
    return listed(words(case.version.line(line).short) for line in case.lines)


@register.filter
def section_title(section_id: str, version: Version) -> str:
    """貳、二（五） 交易及員工行為管控措施."""
    section = version.section(section_id)
    return f"{clause_number(section)} {words(section.title)}"


@register.filter
def only_english(text: str) -> str:
    """Our translation of a clause, for readers of English alone."""
    return text if english() else ""


@register.filter
def slug_id(item_id: str) -> str:
    return item_id.replace(".", "_")


@register.filter
def event_name(what: str) -> str:
    return str(EVENTS[what]) if what in EVENTS else what


@register.filter
def status_name(status: str) -> str:
    return str(Status(status).label)


@register.filter
def place_name(place: str) -> str:
    return gettext(PLACES[place]) if place in PLACES else place


@register.filter
def said(text: str) -> str:
    """What was kept in the source language, in that of the page."""
    return gettext(text) if text else ""


@register.filter
def role_words(roles: str) -> str:
    """The roles of an event, which is recorded in Chinese."""
    return listed(gettext(role) for role in roles.split("、")) if roles else ""


@register.filter
def split_comma(text: str) -> list[str]:
    return text.split(",")
