"""Addresses of the firm's side."""

from django.urls import path

from applications.forms.section import SectionForm
from applications.views import deadlines, deeds, ledger, notices, operator, operator_settings, pages, roster, versions
from applications.wizard import SectionWizard

wizard = SectionWizard.as_view([("section", SectionForm)], url_name="section", done_step_name="done")

urlpatterns = [
    path("", pages.home, name="home"),
    path("start/", pages.start, name="start"),
    path("cases/new/", deeds.create, name="create"),
    path("cases/<int:pk>/", pages.case, name="case"),
    path("cases/<int:pk>/sections/", wizard, name="sections"),
    path("cases/<int:pk>/sections/<str:step>/", wizard, name="section"),
    path("cases/<int:pk>/roster/", roster.listing, name="roster"),
    path("cases/<int:pk>/roster/<int:position>/", roster.person, name="person"),
    path("cases/<int:pk>/roster.csv", roster.download, name="roster-csv"),
    path("cases/<int:pk>/version/", versions.version, name="version"),
    path("cases/<int:pk>/check/", pages.check, name="check"),
    path("cases/<int:pk>/do/<slug:action>/", deeds.act, name="act"),
    path("cases/<int:pk>/submissions/<int:number>/", pages.submitted, name="submitted"),
    path("cases/<int:pk>/submissions/<int:number>/receipt/", pages.receipt, name="receipt"),
    path("cases/<int:pk>/submissions/<int:number>/plan.pdf", pages.pdf, {"what": "plan"}, name="plan-pdf"),
    path(
        "cases/<int:pk>/submissions/<int:number>/checklist.pdf", pages.pdf, {"what": "checklist"}, name="checklist-pdf"
    ),
    path("cases/<int:pk>/submissions/<int:number>/receipt.pdf", pages.pdf, {"what": "receipt"}, name="receipt-pdf"),
    path("files/<int:pk>/", pages.file, name="file"),
    path("cases/<int:pk>/extend/", deeds.extend, name="extend"),
    path("cases/<int:pk>/change/<str:section_id>/", deeds.change, name="change"),
    path("ledger/", ledger.page, name="ledger"),
    path("ledger/<int:pk>/end/", ledger.end, name="ledger-end"),
    path("cases/<int:pk>/deadlines/", deadlines.of_case, name="deadlines"),
    path("cases/<int:pk>/deadlines/<int:deadline>/done/", deadlines.complete, name="duty-done"),
    path("deadlines/", deadlines.overview, name="deadlines-overview"),
    path("calendar/", deadlines.subscription, name="subscription"),
    path("calendar/subscribe/", deadlines.subscribe, name="subscribe"),
    path("calendar/<str:token>.ics", deadlines.feed, name="feed"),
    path("operator/", operator.home, name="operator"),
    path("operator/notifications/<int:pk>/resend/", operator.resend, name="operator-resend"),
    path("operator/events/", operator.events, name="operator-events"),
    path("operator/calendar/", operator_settings.calendar, name="operator-calendar"),
    path("operator/calendar/<int:year>/", operator_settings.calendar, name="operator-year"),
    path("operator/calendar/<int:year>/new/", operator_settings.add_year, name="operator-add-year"),
    path("operator/calendar/<int:year>/publish/", operator_settings.publish, name="operator-publish"),
    path("operator/calendar/<int:year>/day/", operator_settings.day, name="operator-add-day"),
    path("operator/calendar/day/<str:iso>/", operator_settings.day, name="operator-day"),
    path("operator/parameters/", operator_settings.listing, name="operator-parameters"),
    path("operator/parameters/<slug:name>/", operator_settings.parameter, name="operator-parameter"),
    path("notices/", notices.listing, name="notices"),
    path("notices/<int:pk>/", notices.one, name="notice"),
    path("notices/read/", notices.all_read, name="notices-read"),
    path("notices/mail/", notices.mail, name="notices-mail"),
]
