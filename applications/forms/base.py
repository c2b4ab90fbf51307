"""What every hand-written form begins with, and a day as people type it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext

from applications.forms.fields import tidy
from applications.present import english
from guideline.values import Malformed, parse_date, roc


class Form(forms.Form):
    """No `required` in the HTML: the server says what is missing, and where."""

    use_required_attribute = False

    def take(self, problems: Iterable[tuple[str, str]]) -> None:
        """Show what the domain refused at the field that it speaks of."""
        for name, message in problems:
            self.add_error(name if name in self.fields else None, message)


class TextField(forms.CharField):
    """Several lines as typed; ``lang`` where they are written in one language for all readers."""

    def __init__(self, *, rows: int = 4, lang: str | None = None, **kwargs: Any) -> None:
        super().__init__(
            strip=False, widget=forms.Textarea(attrs={"rows": rows} | ({"lang": lang} if lang else {})), **kwargs
        )

    def to_python(self, value: Any) -> str:
        return tidy(super().to_python(value)).strip()


class DayField(forms.Field):
    """A day typed as 115/11/30 or 2026-11-30."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"size": 14, "autocomplete": "off"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat() if english() else roc(value)
        return value

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or not str(value).strip():
            return None
        try:
            return parse_date(str(value))
        except Malformed as error:
            raise forms.ValidationError(gettext(str(error))) from error
