"""What a firm types to end a period early."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.actions.reasons import LENGTH
from applications.forms.base import DayField, Form, TextField


class EndingForm(Form):
    """Lines, the last day at home and why."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    lines = forms.MultipleChoiceField(
        label=_("提前終止之業務"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("請至少選擇一項業務")},
    )
    last_day = DayField(
        label=_("最後居家日"),
        help_text=_("當日仍得居家辦公，自次日起不得實施；可為今日或之後，例如 115/03/02。"),
        error_messages={"required": _("請填寫最後居家日")},
    )
    reason = TextField(
        label=_("理由"),
        max_length=LENGTH,
        error_messages={"required": _("請填寫提前終止之理由")},
    )

    def __init__(self, *args: Any, lines: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lines"].choices = lines  # type: ignore[attr-defined]
