"""Firms and people, kept by the operator."""

from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from accounts.models import ONE_PLACE, Firm, Membership, User


class MembershipFormSet(BaseInlineFormSet):
    """The roles that one person has after saving, seen together: ``Membership.clean`` knows the stored ones alone."""

    def clean(self) -> None:
        super().clean()
        rows = [form.cleaned_data for form in self.forms if not form.cleaned_data.get("DELETE")]
        places = {row.get("firm") for row in rows if row.get("role")}
        if len(places) > 1:
            raise ValidationError(ONE_PLACE)


class MembershipInline(admin.TabularInline):
    model = Membership
    formset = MembershipFormSet
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


admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):
    """A telephone that was lost: deleted here, its owner signs in with the password and sets up another."""

    list_display = fields = ("user", "created_at", "last_used_at")
    search_fields = ("user__email", "user__name")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Authenticator]:
        """Recovery codes come and go with the telephone."""
        return super().get_queryset(request).filter(type=Authenticator.Type.TOTP)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        Authenticator.objects.filter(user=obj.user).delete()
        signals.authenticator_removed.send(Authenticator, request=request, user=obj.user, authenticator=obj)
