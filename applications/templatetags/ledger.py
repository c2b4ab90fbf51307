"""The phase of a period in templates."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from applications.ledger import Phase, phase_of
from applications.models import ApprovedPeriod
from applications.present import short_date

register = template.Library()


@register.filter
def brief(day: date) -> SafeString:
    """115.03.02 inside <time>, on one line."""
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), short_date(day))


@register.filter
def phase_today(row: ApprovedPeriod) -> Phase:
    """The phase of a period today (Asia/Taipei)."""
    return phase_of(row.first_day, row.last_day, row.ended_on, timezone.localdate())
