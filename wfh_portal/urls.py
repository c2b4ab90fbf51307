"""All addresses of the portal."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.shortcuts import redirect
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.views import first_steps, language, session
from applications.views import probes

# one door, with its limits and its record: Django's own form of sign-in is never reached
admin.site.login = secure_admin_login(lambda request, **more: redirect("admin:index"))  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/email/", RedirectView.as_view(url="/")),  # an address is changed by an administrator alone
    path("accounts/session/", session, name="session"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("i18n/setlang/", language, name="set_language"),
    path("help/first-steps/", first_steps, name="first-steps"),
    path("review/", include("reviews.urls")),
    path("healthz", probes.healthz),
    path("readyz", probes.readyz),
    path("", include("applications.urls")),
]

handler400 = "accounts.failures.bad_request"
handler403 = "applications.views.refused.forbidden"
handler404 = "applications.views.refused.not_found"
handler500 = "accounts.failures.server_error"
