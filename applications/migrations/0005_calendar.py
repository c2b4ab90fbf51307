"""The calendar of the years that had been announced, from the ``holidays`` package; later years are an operator's."""

import holidays
from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PUBLISHED = range(2020, 2027)
EXPECTED = range(2027, 2029)
CLEARING = "僅辦理結算交割"


def seed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    year, day = apps.get_model("applications", "CalendarYear"), apps.get_model("applications", "CalendarDay")
    year.objects.bulk_create(year(year=one, published=one in PUBLISHED) for one in (*PUBLISHED, *EXPECTED))
    named = holidays.financial_holidays("XTAI", years=[*PUBLISHED, *EXPECTED], language="zh_TW")
    day.objects.bulk_create(
        day(day=one, kind="clearing" if CLEARING in name else "closed", name=name)
        for one, name in sorted(named.items())
        if one.weekday() < 5
    )


def clear(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("applications", "CalendarDay").objects.all().delete()
    apps.get_model("applications", "CalendarYear").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = (("applications", "0004_early_end_frees_the_days"),)
    operations = (migrations.RunPython(seed, clear),)
