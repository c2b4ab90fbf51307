"""What a firm types to supply the ratification by its board."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.actions.reasons import LENGTH
from applications.forms.base import DayField, Form, TextField


class RatifyForm(Form):
    """The meeting, its resolution and its minutes."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    held_on = DayField(
        label=_("董事會會議日期"), help_text=_("例如 115/12/18"), error_messages={"required": _("請填寫會議日期")}
    )
    text = TextField(
        label=_("決議內容"),
        help_text=_("例如：第 9 屆第 18 次董事會，追認居家辦公案，照案通過。"),
        max_length=LENGTH,
        error_messages={"required": _("請填寫董事會決議")},
    )
    minutes = forms.FileField(
        label=_("董事會議事錄"),
        help_text=_("節錄本亦可；PDF、PNG、JPEG、XLSX 或 DOCX。"),
        allow_empty_file=True,  # the store says what is wrong with it
        error_messages={"required": _("請附董事會議事錄")},
    )
