"""Which kind? What a firm is asked; everything else is known."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.finding import Wanted
from applications.forms.base import DayField, Form
from applications.present import words
from guideline.catalogue import Version

YES_NO = (("no", _("否")), ("yes", _("是")))


def _radio(label: Any, hint: Any, error: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": error},
    )


class WhichForm(Form):
    """The questions; lines that the licence lacks are offered too, and explained."""

    lines = forms.MultipleChoiceField(
        label=_("哪些業務要居家辦公？"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("請至少選擇一項業務")},
    )
    first_day = DayField(
        label=_("自哪一日起？"), help_text=_("例如：115/11/30"), error_messages={"required": _("請填寫預定起日")}
    )
    emergency = _radio(
        _("是否發生緊急情況，致無法循正常程序申請？"),
        _("例如封城、員工確診；兩者均須具備：發生緊急情況，且不及備齊書件送件。"),
        _("請選擇是否發生緊急情況"),
    )
    opinion = _radio(
        _("是否僅先請交易所預先審查？"),
        _("預先審查僅提供意見，不得據以實施居家辦公；其後仍須正式申請。"),
        _("請選擇是否僅預先審查"),
    )

    def __init__(self, *args: Any, version: Version, licences: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        licensed = {line.id for line in version.lines_for(tuple(licences))}
        self.fields["lines"].choices = [  # type: ignore[attr-defined]
            (line.id, words(line.name) + ("" if line.id in licensed else gettext("（許可證照未涵蓋）")))
            for line in version.lines
        ]

    def wanted(self) -> Wanted:
        """Call after ``is_valid()``."""
        data = self.cleaned_data
        return Wanted(
            lines=tuple(data["lines"]),
            first_day=data["first_day"],
            emergency=data["emergency"] == "yes",
            opinion=data["opinion"] == "yes",
        )
