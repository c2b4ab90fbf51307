"""The portal's addresses and those of the peers."""

from django.urls import include, path

from tests.bench import bare, session_wizard

urlpatterns = [
    path("bench/section/<int:pk>/", bare.section, name="bench-section"),
    path("bench/submit/<int:pk>/forms/", bare.submit, {"forms": True}, name="bench-submit-forms"),
    path("bench/submit/<int:pk>/rules/", bare.submit, {"forms": False}, name="bench-submit-rules"),
    path("bench/wizard/<int:pk>/<str:step>/", session_wizard.view, name="bench-wizard"),
    path("", include("wfh_portal.urls")),
]
