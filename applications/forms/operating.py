"""What an operator types. A page carries what it showed in ``seen``, as JSON."""

from __future__ import annotations

import json
import re
from typing import Any
from unicodedata import normalize

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.actions.operating import REMINDERS, Entry, Refused, check_parameter
from applications.enums import DayKind
from applications.forms.base import DayField, Form
from applications.forms.fields import STACKED, tidy

WEEKDAY = "weekday"  # as the weekday says: not listed
NUMBER = re.compile(r"-?[0-9]{1,4}")


class LineField(forms.CharField):
    """One line as typed: no line ends, a NUL (which no database keeps) made visible."""

    def to_python(self, value: Any) -> str:
        return " ".join(tidy(super().to_python(value) or "").split())


class SeenForm(Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = LineField(
        label=_("變更理由"),
        help_text=_("與變更前後之內容一併留存於變更紀錄。"),
        max_length=200,
        error_messages={"required": _("請填寫變更理由")},
    )

    @property
    def saw(self) -> Any:
        """What the page showed; something that nothing equals where it cannot be read."""
        try:
            return json.loads(self.cleaned_data["seen"])
        except (ValueError, KeyError):
            return "?"


class DayForm(SeenForm):
    """A day of the calendar; a new one is asked for its date."""

    day = DayField(
        label=_("日期"), help_text=_("例如 115/7/10 或 2026-07-10"), error_messages={"required": _("請填寫日期")}
    )
    kind = forms.ChoiceField(
        label=_("性質"), widget=forms.RadioSelect(attrs=STACKED), error_messages={"required": _("請選擇該日性質")}
    )
    name = LineField(
        label=_("名稱（選填）"), help_text=_("例如：颱風停止交易、補行交易"), max_length=100, required=False
    )
    field_order = ("day", "kind", "name", "reason")

    def __init__(self, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        removal = [] if new else [(WEEKDAY, _("取消登錄，依星期認定"))]
        self.fields["kind"].choices = [*DayKind.choices, *removal]  # type: ignore[attr-defined]
        if not new:
            del self.fields["day"]

    @property
    def entry(self) -> Entry | None:
        cleaned = self.cleaned_data
        return None if cleaned["kind"] == WEEKDAY else Entry(cleaned["kind"], cleaned["name"])

    @property
    def saw(self) -> Any:
        seen = super().saw
        return Entry(str(seen.get("kind")), str(seen.get("name"))) if isinstance(seen, dict) else seen


class YearForm(SeenForm):
    published = forms.TypedChoiceField(
        widget=forms.HiddenInput, choices=(("yes", ""), ("no", "")), coerce=lambda text: text == "yes"
    )


class ParameterForm(SeenForm):
    value = LineField(label=_("設定值"), max_length=200, error_messages={"required": _("請填寫設定值")})
    field_order = ("value", "reason")

    def __init__(self, *args: Any, name: str, back_to_default: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.back_to_default = back_to_default
        self.fields["value"].required = not back_to_default
        if name == REMINDERS:
            self.fields["value"].help_text = gettext("到期前日數，以頓號分隔；0 為當日，-1 為逾期翌日")
        else:
            self.fields["value"].widget.attrs = {"inputmode": "numeric", "size": 6, "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        if "value" in self.cleaned_data and not self.back_to_default:
            try:
                check_parameter(self.name, self.wanted)
            except Refused as error:
                self.add_error(error.field, error.message)
        return self.cleaned_data

    @property
    def wanted(self) -> Any:
        """A number or a list of them; what is none stays text, which the domain refuses. None: the default."""
        if self.back_to_default:
            return None
        typed = normalize("NFKC", self.cleaned_data["value"]).replace("\N{MINUS SIGN}", "-")
        if self.name != REMINDERS:
            return _number(typed)
        return [_number(one) for one in re.split(r"[、,;\s]+", typed.strip("、,; ")) if one]


def _number(text: str) -> int | str:
    return int(text) if NUMBER.fullmatch(text.strip()) else text
