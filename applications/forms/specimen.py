"""Every control of the portal once, for the style page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.forms.base import DayField, Form, TextField
from applications.forms.fields import TableField, TableWidget
from guideline.catalogue import Field, Version

CHOICES = (("yes", _("是")), ("no", _("否")), ("na", _("不適用")))
MISSING = _("請填寫本欄")


class SpecimenForm(Form):
    """One control of each kind; nothing of it is kept."""

    line = forms.CharField(label=_("公司文號"), help_text=_("例如：甲證(法)字第1151106001號"))
    day = DayField(label=_("起日"), help_text=_("例如：115/11/30"))
    number = forms.IntegerField(label=_("居家人數"), error_messages={"invalid": _("請填數字，例如 12")})
    choice = forms.ChoiceField(label=_("是否符合"), choices=CHOICES, widget=forms.RadioSelect)
    several = forms.MultipleChoiceField(label=_("業務項目"), widget=forms.CheckboxSelectMultiple)
    one = forms.ChoiceField(label=_("狀態"), choices=CHOICES)
    text = TextField(
        label=_("作業方式"), help_text=_("寫出由誰、何時、以什麼工具進行。例如：每日 17:00 由覆核人員比對錄音。")
    )
    file = forms.FileField(label=_("附件"))
    agreed = forms.BooleanField(label=_("本人已逐項閱讀"))

    def __init__(self, version: Version, prefix: str, *, wrong: bool) -> None:
        data = {f"{prefix}-{name}": value for name, value in {"day": "115/13/40", "number": "0.5"}.items()}
        super().__init__(data if wrong else None, prefix=prefix, auto_id=f"%s{'-wrong' * wrong}")
        several = self.fields["several"]
        assert isinstance(several, forms.MultipleChoiceField)
        several.choices = [(line.id, line.short.zh) for line in version.lines]
        for one in self.fields.values():
            one.error_messages.setdefault("required", "")
            one.error_messages["required"] = MISSING


class SpecimenTable(Form):
    """A table with a row that cannot be read."""

    def __init__(self, table: Field, version: Version, prefix: str) -> None:
        super().__init__(prefix=prefix, auto_id="%s")
        self.fields["rows"] = TableField(table, version, TableWidget(table, version, None, ()))
