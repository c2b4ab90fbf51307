"""What a firm types and uploads to tell that its roster has changed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.actions.reasons import LENGTH
from applications.forms.base import DayField, Form, TextField


class RosterChangeForm(Form):
    """From which day, why, and the whole roster as a file."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    effective_on = DayField(
        label=_("生效日"),
        help_text=_("自當日起以新名冊為準；今日或之後，例如 115/12/15。"),
        error_messages={"required": _("請填寫生效日")},
    )
    reason = TextField(
        label=_("異動理由"),
        max_length=LENGTH,
        error_messages={"required": _("請填寫異動之理由")},
    )
    file = forms.FileField(
        label=_("異動後之完整名冊（CSV 或 XLSX）"),
        help_text=_("請下載現行名冊修改後上傳；檔案為全部人員，不是僅列異動者。請勿填寫住址。"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={
            "required": _("請選擇名冊檔案（CSV 或 XLSX）"),
            "empty": _("檔案是空的；請選擇名冊檔案（CSV 或 XLSX）"),
        },
    )
