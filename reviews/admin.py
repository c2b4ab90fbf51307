"""The exchange's rows, to be read only: they are written by deeds alone."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from reviews.models import (
    Assignment,
    Bundle,
    InternalNote,
    MailboxEntry,
    MailEvent,
    MailNotice,
    Recommendation,
    Verdict,
)


class ReadOnly(admin.ModelAdmin):
    """Nothing is added, changed or deleted here."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Assignment)
class AssignmentAdmin(ReadOnly):
    list_display = ("application", "officer", "assigned_by", "since", "until")
    list_select_related = ("application", "officer", "assigned_by")


@admin.register(Verdict)
class VerdictAdmin(ReadOnly):
    list_display = ("submission", "item_id", "verdict", "carried", "by", "at")
    list_select_related = ("submission__application", "by")


@admin.register(Recommendation)
class RecommendationAdmin(ReadOnly):
    list_display = ("submission", "outcome", "by", "at", "decided_by", "released", "document_number")
    list_select_related = ("submission__application", "by", "decided_by")


@admin.register(Bundle)
class BundleAdmin(ReadOnly):
    list_display = ("recommendation", "sha256", "made_at")
    list_select_related = ("recommendation",)


@admin.register(InternalNote)
class InternalNoteAdmin(ReadOnly):
    list_display = ("application", "text", "by", "at")
    list_select_related = ("application", "by")


@admin.register(MailNotice)
class MailNoticeAdmin(ReadOnly):
    list_display = ("id", "subject", "sender", "door", "received_at", "status", "application")
    list_select_related = ("application",)


@admin.register(MailEvent)
class MailEventAdmin(ReadOnly):
    list_display = ("mail", "what", "actor_name", "at")
    list_select_related = ("mail",)


@admin.register(MailboxEntry)
class MailboxEntryAdmin(ReadOnly):
    list_display = ("place", "uid", "mail", "error", "tries", "at")
    list_select_related = ("mail",)
