"""Our own numbers: as the version gives them, or as the exchange set them. 「本系統參數，非指引所定」"""

from __future__ import annotations

from typing import Any

from applications.models import Setting
from guideline.catalogue import Version


def parameters(version: Version) -> dict[str, Any]:
    """Every parameter of the version by id, with what the exchange set instead. One query."""
    values = {parameter.id: parameter.value for parameter in version.parameters}
    return values | {name: value for name, value in Setting.objects.values_list("name", "value") if name in values}
