"""What is printed of a case: contingency plan, checklist, receipt and letters.

All are drawn from a content dict (``content.snapshot``, ``Submission.content``) and the version that
it was filed under: the same content gives the same bytes. Without ``submitted_at`` it is a draft, and
says so on every page. ``copy`` says in which language it is drawn and under which code it is issued. Every maker
raises ``PdfUnavailable`` where WeasyPrint cannot run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from applications import preparing
from applications.documents.checklist import check_groups
from applications.documents.letter import letter_lines, numbered
from applications.documents.opinion import opinion_letter
from applications.documents.parts import Content, Label, files, heading, moment
from applications.documents.plan import head_counts, plan_section, roster
from applications.naming import words
from applications.present import clause_number, show_date, show_pages
from applications.printing import ORIGINAL, Copy, PdfUnavailable, Refused, available, merge, render
from guideline.catalogue import Kind, Version
from guideline.values import as_date

__all__ = [
    "ORIGINAL",
    "Copy",
    "PdfUnavailable",
    "Refused",
    "available",
    "checklist_pdf",
    "files",
    "letter_pdf",
    "merge",
    "notice_pdf",
    "numbered",
    "opinion_pdf",
    "plan_pdf",
    "prepare_pdf",
    "receipt_pdf",
]


def plan_pdf(content: Content, version: Version, copy: Copy = ORIGINAL) -> bytes:
    """應變計畫: cover, contents, every answer as typed, roster and files."""
    with copy.tongue():
        listed = files(content, version)
        context = heading(content, version, _("居家辦公應變計畫")) | {
            "sections": [plan_section(page, listed) for page in show_pages(content, version)],
            "files": listed,
            "roster": roster(content["roster"], version),
            "people": head_counts(content["roster"], version),
            "line_names": {line.id: words(line.short) for line in version.lines},
        }
        return render("plan.html", context, copy)


def checklist_pdf(
    content: Content,
    version: Version,
    verdicts: Mapping[str, tuple[Label, str]] | None = None,
    copy: Copy = ORIGINAL,
) -> bytes:
    """案件檢查表 in 系統擬制格式.

    Args:
        verdicts: item id -> label (符合、須補正、不適用) and comment; without, the columns are left open.
    """
    with copy.tongue():
        groups = check_groups(show_pages(content, version), files(content, version), verdicts or {})
        return render("checklist.html", heading(content, version, _("居家辦公案件檢查表")) | {"groups": groups}, copy)


def receipt_pdf(
    content: Content, version: Version, sha256: str, submitted_at: datetime | str, copy: Copy = ORIGINAL
) -> bytes:
    """送件收執: what was filed and when, with the hashes that prove it.

    Args:
        sha256: the submission's.
        submitted_at: the server's time (aware, or ISO text with its offset); shown in Taipei time to the second.
    """
    with copy.tongue():
        pages = [version.section(section_id) for section_id in content["pages"]]
        context = heading(content, version, _("居家辦公送件收執")) | {
            "at": moment(submitted_at),
            "sha256": sha256,
            "hashes": [(clause_number(page), words(page.title), content["hashes"].get(page.id, "")) for page in pages],
            "files": files(content, version),
            "route": version.kind(content["kind"]).route,
        }
        return render("receipt.html", context, copy)


def notice_pdf(content: Content, version: Version, sha256: str, door: Label, copy: Copy = ORIGINAL) -> bytes:
    """緊急通報書: what was said, when it came in and by which door (clause 2.1.1).

    Args:
        content: of an ``EmergencyNotice``.
        door: in words.
    """
    with copy.tongue():
        context = heading(content, version, _("居家辦公緊急通報書")) | {
            "draft": False,
            "sections": [plan_section(page, ()) for page in show_pages(content, version)],
            "at": moment(content["received_at"]),
            "door": door,
            "sha256": sha256,
        }
        return render("notice.html", context, copy)


def opinion_pdf(
    content: Content,
    version: Version,
    findings: Mapping[str, tuple[Label, str]],
    conclusion: str,
    given_on: date,
    copy: Copy = ORIGINAL,
) -> bytes:
    """預審意見: the letter (稿) and the checklist with what was found, in one file.

    Args:
        findings: item id -> label (符合、須補正、不適用) and comment.
        conclusion: the officer's, may be empty.
    """
    with copy.tongue():
        title = _("居家辦公預先審查意見")
        paragraphs = opinion_letter(content, version, findings, conclusion)
    letter = letter_pdf(title, paragraphs, content, version, dated=given_on, copy=copy)
    return merge([letter, checklist_pdf(content, version, findings, copy)])


def prepare_pdf(version: Version, kind: Kind, copy: Copy = ORIGINAL) -> bytes:
    """申請前請準備, of one kind of filing. It is of no case, and never issued."""
    with copy.tongue():
        title = _("申請前請準備") + _("：") + words(kind.name)
        return render("prepare.html", {"document": title, **preparing.context(version, kind)}, copy)


def letter_pdf(
    title: str,
    paragraphs: Iterable[str],
    content: Content,
    version: Version,
    *,
    number: str = "",
    dated: date | str | None = None,
    recipients: Sequence[str] = (),
    copy: Copy = ORIGINAL,
) -> bytes:
    """A letter of the exchange in the official layout, marked 稿.

    Args:
        title: what it is about (退請補正通知, 專案轉報主管機關核准).
        paragraphs: of one or more lines; 主旨：, 說明：, 一、, （一） and 1. at the start of a line hang.
        number: 發文字號, where it has been given.
        recipients: 正本; the first is the 受文者. Without: the firm.
    """
    with copy.tongue():
        context = heading(content, version, title) | {
            "title": title,
            "lines": [line for paragraph in paragraphs for line in letter_lines(paragraph)],
            "document_number": number,
            "dated": show_date(as_date(dated) if isinstance(dated, str) else dated),
            "recipients": tuple(recipients) or (content["firm"]["name"],),
        }
        return render("letter.html", context, copy)
