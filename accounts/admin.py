"""Firms and people, kept by the operator."""

from django.contrib import admin

from accounts.models import Firm, Membership, User


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ("email", "name", "title", "is_active")
    search_fields = ("email", "name")
    fields = ("email", "name", "title", "language", "is_active", "is_staff")
    inlines = (MembershipInline,)


@admin.register(Firm)
class FirmAdmin(admin.ModelAdmin):
    list_display = ("broker_code", "name", "business_number", "licences")
    search_fields = ("broker_code", "name", "business_number")
