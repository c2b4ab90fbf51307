"""PostgreSQL: a period that ended early no longer takes the days after its end."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

DROP = "ALTER TABLE applications_approvedperiod DROP CONSTRAINT period_no_overlap"
ADD = (
    "ALTER TABLE applications_approvedperiod ADD CONSTRAINT period_no_overlap EXCLUDE USING gist "
    "(firm_id WITH =, line WITH =, daterange(first_day, {last_day}, '[]') WITH &&)"
)


def _replace(schema_editor: BaseDatabaseSchemaEditor, last_day: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)
        schema_editor.execute(ADD.format(last_day=last_day))


def until_the_end(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _replace(schema_editor, "COALESCE(ended_on, last_day)")


def until_the_last_day(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _replace(schema_editor, "last_day")


class Migration(migrations.Migration):
    dependencies = (("applications", "0003_clocks"),)
    operations = (migrations.RunPython(until_the_end, until_the_last_day),)
