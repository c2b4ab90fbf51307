"""What an officer gives and types about a mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Firm
from applications.content import Whole
from applications.forms.base import Form
from applications.forms.section import ItemFields, SectionForm
from applications.uploads import MEGABYTE
from guideline.catalogue import Version
from guideline.shape import EMERGENCY
from reviews.forms import MoveForm, TextField

KEPT_BYTES = 100 * MEGABYTE  # of a mail that is uploaded; what is over RAW_BYTES is kept and not read

# how other files begin, and what to do with them instead
_OTHERS = (
    (
        (b"\xd0\xcf\x11\xe0",),
        _("這是 Outlook 的 .msg 檔；請於 Outlook 以「另存新檔」存為 .eml，或將郵件以附件方式轉寄至通報信箱"),
    ),
    (
        (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf"),
        _("這不是電子郵件檔；請於郵件軟體將該郵件另存為 .eml 後上傳"),
    ),
)


class UploadForm(Form):
    """A mail as a file. Whatever calls itself a mail is taken, however broken."""

    eml = forms.FileField(
        label=_("郵件檔（.eml）"),
        help_text=_("於郵件軟體開啟該郵件，以「另存新檔」或「下載郵件」存為 .eml。請勿上傳截圖或列印之 PDF。"),
        allow_empty_file=True,
        max_length=None,
        error_messages={"required": _("請選擇郵件檔（.eml）")},
        widget=forms.FileInput(attrs={"accept": ".eml,message/rfc822"}),
    )

    def clean_eml(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["eml"]
        if not upload.size:
            raise forms.ValidationError(gettext("檔案是空的；請確認郵件有內容，重新另存為 .eml 後上傳"))
        if upload.size > KEPT_BYTES:
            text = gettext("郵件超過 {megabytes} MB 的上限；請洽證券商將附件分次寄送，並就已收到之通報先行電話聯繫")
            raise forms.ValidationError(text.format(megabytes=KEPT_BYTES // MEGABYTE))
        start = upload.read(8)
        upload.seek(0)
        for beginnings, message in _OTHERS:
            if start.startswith(beginnings):
                raise forms.ValidationError(message)
        return upload


class FirmForm(MoveForm):
    """Of which firm the notice is: the officer's choice, whatever the mail says."""

    firm = forms.ModelChoiceField(
        Firm.objects.all(),
        label=_("通報之證券商"),
        empty_label=_("請選擇"),
        help_text=_("寄件人未經查證；請以電話或既有聯絡窗口查證後選擇。"),
        error_messages={"required": _("請選擇通報之證券商")},
    )


class CaseForm(MoveForm):
    """The case that the mail belongs to."""

    number = forms.CharField(
        label=_("案號"),
        max_length=20,
        help_text=_("例如：WFH-115-00012"),
        error_messages={"required": _("請填寫案號")},
    )


class AsideForm(MoveForm):
    reason = TextField(
        label=_("非緊急通報之理由"),
        help_text=_("例如：廣告信、退信、非通報之詢問。郵件仍保留，並可改回待確認。"),
        rows=2,
        error_messages={"required": _("請填寫非緊急通報之理由")},
    )


class NoticeForms:
    """The fields of a notice, page by page, each to be filled in by the officer beside the mail."""

    def __init__(self, version: Version, data: Any = None) -> None:
        self.version = version
        lines = tuple(line.id for line in version.lines)
        self.forms = [
            SectionForm(
                data,
                page=page,
                version=version,
                lines=lines,
                licensed=lines,
                allowed=frozenset(item.id for item in page.items),
            )
            for page in version.pages(EMERGENCY, lines, noticing=True)
        ]

    def items(self) -> Iterator[ItemFields]:
        for form in self.forms:
            yield from form.items()

    def answers(self) -> dict[str, dict[str, Any]]:
        """What was typed; see ``SectionForm.answers``."""
        found: dict[str, dict[str, Any]] = {}
        for form in self.forms:
            form.is_valid()
            found |= form.answers()
        return found

    def show(self, whole: Whole) -> list[dict[str, str]]:
        """Attach what is missing to its fields; the lines of the error summary."""
        return [line for form in self.forms for line in form.show(whole.problems[form.page.id])]

    def typed(self) -> list[tuple[str, str]]:
        """Label and text of every field as it was posted."""
        return [(str(bound.label), _text(bound.data)) for form in self.forms for bound in form]


def _text(typed: object) -> str:
    if isinstance(typed, Mapping):
        return "\n".join(str(one) for one in typed.values())
    if isinstance(typed, Iterable) and not isinstance(typed, str):
        return "\n".join(str(one) for one in typed)
    return "" if typed is None else str(typed)
