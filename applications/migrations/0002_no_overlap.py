"""PostgreSQL holds what the code checks under lock: no two approved periods of a firm and line overlap."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ADD = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    "ALTER TABLE applications_approvedperiod ADD CONSTRAINT period_no_overlap EXCLUDE USING gist "
    "(firm_id WITH =, line WITH =, daterange(first_day, last_day, '[]') WITH &&)",
)


def add(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in ADD:
            schema_editor.execute(statement)


def drop(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE applications_approvedperiod DROP CONSTRAINT period_no_overlap")


class Migration(migrations.Migration):
    dependencies = (("applications", "0001_initial"),)
    operations = (migrations.RunPython(add, drop),)
