from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guideline import catalogue


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = _("申請案")

    def ready(self) -> None:
        """The deployment's own versions of the guideline, from its folder."""
        catalogue.use(Path(settings.GUIDELINE_FOLDER))
