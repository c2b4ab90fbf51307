"""What an officer or a supervisor types."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.enums import Verdict
from applications.event_names import EVENTS
from applications.forms import base
from applications.forms.base import DayField, Form
from applications.forms.fields import STACKED
from applications.forms.operating import LineField
from applications.naming import named, named_lazy
from applications.present import show_date, words
from guideline.catalogue import Version
from reviews.actions.deciding import NUMBER_LENGTH, is_usual_number
from reviews.models import Recommendation
from reviews.searching import Search

LONG = 10_000


class TextField(base.TextField):
    """Several lines as typed, at most ``LONG`` characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONG, **kwargs)


class VerdictForm(Form):
    """One item. ``keep`` is asked only when somebody else judged the item in between."""

    verdict = forms.ChoiceField(
        label=_("審查結果"),
        choices=Verdict.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    comment = TextField(
        label=_("審查意見"), help_text=_("選「須補正」者必填，並將通知證券商。"), required=False, rows=2
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    keep = forms.ChoiceField(
        label=_("要保留哪一個？"),
        choices=(("mine", _("保留我的內容")), ("theirs", _("採用已儲存的內容"))),
        required=False,
        widget=forms.RadioSelect(attrs=STACKED),
    )


class NoteForm(Form):
    text = TextField(label=_("新增內部註記"), help_text=named_lazy(_("僅{exchange}人員可見，證券商看不到。")), rows=3)


class HandOverForm(Form):
    held_by = forms.IntegerField(widget=forms.HiddenInput, required=False)
    to = forms.ModelChoiceField(User.objects.none(), label=_("移交給"), empty_label=_("請選擇"))
    remark = TextField(label=_("移交說明（選填）"), required=False, rows=3)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
        self.fields["to"].error_messages["required"] = gettext("請選擇另一位承辦人")


class MoveForm(Form):
    """Carries the revision of the case that the page was drawn from."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ReturnForm(MoveForm):
    basis = forms.CharField(widget=forms.HiddenInput, max_length=64)
    letter = TextField(
        label=_("補正通知"),
        help_text=_("由「須補正」之項目及意見產生，可修改。"),
        rows=16,
        lang="zh-Hant-TW",
        error_messages={"required": _("請填寫補正通知")},
    )
    due_on = DayField(label=_("補正期限"), error_messages={"required": _("請填寫補正期限")})


class RecommendForm(MoveForm):
    outcome = forms.ChoiceField(
        label=_("擬辦"),
        choices=Recommendation.Outcome.choices,
        widget=forms.RadioSelect(attrs=STACKED),
        error_messages={"required": _("請選擇擬辦方式")},
    )
    reasons = TextField(
        label=_("審查結論"),
        help_text=_("擬退件或擬不予核備者必填；退件、不予核備或預審完成時，此內容將通知證券商。"),
        required=False,
    )

    def __init__(self, *args: Any, outcomes: Iterable[Recommendation.Outcome], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(one.value, one.label) for one in outcomes]  # type: ignore[attr-defined]


class ReclassifyForm(MoveForm):
    kind = forms.ChoiceField(
        label=_("改列為"), widget=forms.RadioSelect(attrs=STACKED), error_messages={"required": _("請選擇可改列之類型")}
    )
    reason = TextField(
        label=_("改列之理由"),
        help_text=_("證券商會看到此內容，並載入補正通知及轉報函稿。"),
        error_messages={"required": _("請填寫改列之理由")},
    )

    def __init__(self, *args: Any, kinds: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined]


class NumberField(forms.CharField):
    """A 文號, typed by a person; read leniently."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=NUMBER_LENGTH,
            error_messages={
                "required": _("請填寫文號"),
                "max_length": _("文號最多 %(limit_value)d 字，目前 %(show_value)d 字"),
            },
            **kwargs,
        )


class NumberMixin(Form):
    """Asks once more before an unusual 文號 is taken; the same one a second time is accepted."""

    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    def ask_again(self) -> bool:
        """Whether the number is unusual and has not been confirmed; a warning is put at the field."""
        number = self.cleaned_data.get("document_number", "")
        if not number or is_usual_number(number) or self.cleaned_data.get("confirmed") == number:
            return False
        self.data = {**self.data.dict(), "confirmed": number} if isinstance(self.data, QueryDict) else self.data
        return True

    @property
    def unusual(self) -> str:
        """The number that waits to be confirmed, or ""."""
        return str(self.data.get("confirmed", "")) if self.is_bound else ""

    def to_confirm(self) -> list[dict[str, str]]:
        """A line for the summary at the head of the page, linking to the number."""
        if not self.unusual:
            return []
        message = gettext("請確認文號「{number}」").format(number=self.unusual)
        return [{"href": f"#{self['document_number'].auto_id}", "message": message}]


class ForwardForm(NumberMixin, MoveForm):
    document_number = NumberField(label=_("轉報文號"), help_text=_("例如：臺證輔字第1150001234號"))
    remark = TextField(label=named_lazy(_("主管意見（選填，僅{exchange}人員可見）")), required=False, rows=3)


class RejectForm(MoveForm):
    remark = TextField(label=named_lazy(_("主管意見（選填，僅{exchange}人員可見）")), required=False, rows=3)


class EndorseForm(NumberMixin, MoveForm):
    document_number = NumberField(label=_("核備文號"), help_text=_("例如：臺證輔字第1150001234號"))
    conditions = TextField(label=_("附帶條件（選填）"), required=False, rows=3)
    remark = TextField(label=named_lazy(_("主管意見（選填，僅{exchange}人員可見）")), required=False, rows=3)


class RecordForm(NumberMixin, MoveForm):
    document_number = NumberField(label=_("備查文號"), help_text=_("例如：臺證輔字第1150001234號"))
    conditions = TextField(label=_("附帶說明（選填）"), required=False, rows=3)
    remark = TextField(label=named_lazy(_("主管意見（選填，僅{exchange}人員可見）")), required=False, rows=3)


class DeclineForm(NumberMixin, MoveForm):
    document_number = NumberField(label=_("不予核備文號"), help_text=_("例如：臺證輔字第1150001234號"))
    remark = TextField(label=named_lazy(_("主管意見（選填，僅{exchange}人員可見）")), required=False, rows=3)


class OpinionForm(RejectForm):
    """預審完成: the letter's number is given when it is sent."""


class SendBackForm(MoveForm):
    remark = TextField(
        label=_("退回承辦人之意見"),
        help_text=named_lazy(_("僅{exchange}人員可見。")),
        rows=3,
        error_messages={"required": _("請填寫退回承辦人之意見")},
    )


class DecisionForm(NumberMixin, MoveForm):
    """The authority's letter. For each line asked for: whether it was approved, and its days."""

    outcome = forms.ChoiceField(
        choices=(("approved", _("核准")), ("refused", _("駁回"))),
        widget=forms.RadioSelect(attrs=STACKED),
        error_messages={"required": _("請選擇核准或駁回")},
    )
    document_number = NumberField(help_text=_("例如：金管證券字第1150001234號"))
    dated = DayField(label=_("發文日期"), help_text=_("例如 115/3/2"), error_messages={"required": _("請填寫發文日期")})
    conditions = TextField(label=_("附帶條件（選填）"), required=False)
    scan = forms.FileField(
        label=_("來函掃描檔"),
        help_text=_("PDF、PNG 或 JPEG。"),
        allow_empty_file=True,  # the store says what is wrong with it
        error_messages={"required": _("請附來函掃描檔")},
    )

    def __init__(self, *args: Any, version: Version, lines: Iterable[str], latest: date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].label = named(gettext("{authority}之決定"), version)
        self.fields["document_number"].label = named(gettext("{authority}文號"), version)
        self.lines = tuple(lines)
        hint = ""
        if latest:
            hint = gettext("自申請起日起算，最遲為 {day}；請依來函核對").format(day=show_date(latest))
        for line in self.lines:
            name, short = words(version.line(line).name), words(version.line(line).short)
            self.fields[line] = forms.BooleanField(
                label=gettext("核准「{line}」").format(line=name), required=False, initial=True
            )
            self.fields[f"{line}-first"] = DayField(label=gettext("「{line}」起日").format(line=short), required=False)
            self.fields[f"{line}-last"] = DayField(
                label=gettext("「{line}」迄日").format(line=short), required=False, help_text=hint
            )

    def rows(self) -> list[dict[str, Any]]:
        """The fields of each line, for the page."""
        return [
            {"chosen": self[line], "first": self[f"{line}-first"], "last": self[f"{line}-last"]} for line in self.lines
        ]

    def days(self) -> list[str]:
        """The names of the fields of days, line by line."""
        return [f"{line}-{end}" for line in self.lines for end in ("first", "last")]

    @property
    def approved(self) -> bool:
        return self.cleaned_data.get("outcome") == "approved"

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if self.approved:
            for line in self.lines:
                for end in ("first", "last"):
                    name = f"{line}-{end}"
                    if cleaned.get(line) and name not in self.errors and cleaned.get(name) is None:
                        self.add_error(
                            name, gettext("請填寫核准之起日") if end == "first" else gettext("請填寫核准之迄日")
                        )
        return cleaned

    def periods(self) -> dict[str, tuple[date, date]]:
        """The lines that were approved with their days."""
        cleaned = self.cleaned_data
        return {
            line: (cleaned[f"{line}-first"], cleaned[f"{line}-last"])
            for line in self.lines
            if self.approved and cleaned.get(line)
        }

    def take(self, problems: Iterable[tuple[str, str]]) -> None:
        for name, message in problems:
            target = f"{name}-last" if name in self.lines else name
            self.add_error(target if target in self.fields else None, message)


class RemarkForm(Form):
    """Why a disposal is not released."""

    remark = TextField(label=_("不予銷毀之理由"), rows=3, required=False)


class HoldForm(Form):
    """Why a case is held, or let go."""

    reason = TextField(label=_("理由"), rows=3, required=False)


class SearchForm(Form):
    """What an auditor looks for in the trail; every field may stay empty."""

    case = LineField(label=_("案號"), max_length=20, required=False)
    firm = LineField(label=_("證券商代號"), max_length=4, required=False)
    person = LineField(label=_("姓名或電子郵件"), max_length=254, required=False)
    since = DayField(label=_("起日"), help_text=_("例如 115/7/10"), required=False)
    until = DayField(label=_("迄日（含當日）"), help_text=_("例如 115/7/31"), required=False)
    kinds = forms.MultipleChoiceField(
        label=_("事件種類（未選為全部）"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = sorted(EVENTS.items())  # type: ignore[attr-defined]

    @property
    def plain(self) -> list[forms.BoundField]:
        """The fields that stand in a row above the kinds."""
        return [self[name] for name in ("case", "firm", "person", "since", "until")]

    @property
    def search(self) -> Search:
        data = self.cleaned_data
        return Search(**data | {"kinds": tuple(data["kinds"])})


class SearchNameForm(Form):
    name = LineField(label=_("名稱"), max_length=60, error_messages={"required": _("請填寫名稱")})
