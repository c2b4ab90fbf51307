from importlib import import_module
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guideline import catalogue


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = _("申請案")

    def ready(self) -> None:
        """The deployment's own versions of the guideline, from its folder; what listens is made to."""
        catalogue.use(Path(settings.GUIDELINE_FOLDER))
        import_module("applications.adapter")  # receives what is done with second factors, in /admin/ too
