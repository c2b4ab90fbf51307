"""Events hang on one another by hash; those that are there are chained in the order in which they were written."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

from applications import trail

# A role that may be granted UPDATE by mistake, or that owns the table, is refused all the same.
STAND = (
    "CREATE FUNCTION applications_event_stands() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN RAISE EXCEPTION 'an event is never changed or deleted' USING ERRCODE = 'insufficient_privilege'; END $$",
    "CREATE TRIGGER event_stands BEFORE UPDATE OR DELETE ON applications_event "
    "FOR EACH ROW EXECUTE FUNCTION applications_event_stands()",
    # what applications/appending.py does on SQLite in one statement
    """CREATE FUNCTION applications_append_event(
        said_case bigint, said_at timestamptz, said_actor bigint, said_name text, said_role text, said_what text,
        said_before text, said_after text, said_detail jsonb, said_shared boolean, said_request text,
        said_address text, head text, tail text
    ) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        last_number integer;
        last_hash text;
    BEGIN
        IF said_case IS NULL THEN
            SELECT number, hash INTO last_number, last_hash FROM applications_event
            WHERE application_id IS NULL ORDER BY number DESC LIMIT 1;
        ELSE
            SELECT number, hash INTO last_number, last_hash FROM applications_event
            WHERE application_id = said_case ORDER BY number DESC LIMIT 1;
        END IF;
        last_number := COALESCE(last_number, 0);
        last_hash := COALESCE(last_hash, repeat('0', 64));
        INSERT INTO applications_event (application_id, at, actor_id, actor_name, actor_role, what, before, after,
            detail, shared, request_id, address, number, previous, hash)
        VALUES (said_case, said_at, said_actor, said_name, said_role, said_what, said_before, said_after,
            said_detail, said_shared, said_request, said_address, last_number + 1, last_hash,
            encode(sha256(convert_to(last_hash || encode(sha256(convert_to(
                head || (last_number + 1) || tail, 'UTF8')), 'hex'), 'UTF8')), 'hex'));
    END $$""",
)
FALL = (
    "DROP FUNCTION applications_append_event",
    "DROP TRIGGER event_stands ON applications_event",
    "DROP FUNCTION applications_event_stands()",
)
OF_HOUSE = "operatorevent"
WAYS = {
    "application": ("applications", "pk"),
    "verdict": ("reviews", "submission__application"),
    "recommendation": ("reviews", "submission__application"),
    "bundle": ("reviews", "recommendation__submission__application"),
    "internalnote": ("reviews", "application"),
    "mailnotice": ("reviews", "application"),
}


def chain(apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    events = apps.get_model("applications", "Event").objects
    case_id, number, last = None, 0, trail.FIRST
    for event in events.order_by("application_id", "id").iterator(chunk_size=500):
        if event.application_id != case_id:
            case_id, number, last = event.application_id, 0, trail.FIRST
        number += 1
        event.number, event.previous = number, last
        last = event.hash = trail.link(last, trail.content(event))
        events.filter(pk=event.pk).update(number=number, previous=event.previous, hash=last)


def seal(apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """An event in each chain seals the rows that decide something and are there already."""
    for case_id in apps.get_model("applications", "Application").objects.order_by("pk").values_list("pk", flat=True):
        rows = []
        for kind in trail.SEALED:
            if kind != OF_HOUSE:
                app, way = WAYS.get(kind, ("applications", "application"))
                rows += apps.get_model(app, kind).objects.filter(**{way: case_id})
        _seal(apps, case_id, rows)
    if rows := list(apps.get_model("applications", OF_HOUSE).objects.all()):
        _seal(apps, None, rows)


def _seal(apps, case_id: int | None, rows: list[models.Model]) -> None:
    events = apps.get_model("applications", "Event").objects
    last = events.filter(application=case_id).order_by("number").last()
    number, previous = (last.number + 1, last.hash) if last else (1, trail.FIRST)
    event = events.model(application_id=case_id, at=timezone.now(), what="sealed", shared=False)
    event.number, event.previous, event.detail = number, previous, trail.seals(*rows)
    event.hash = trail.link(previous, trail.content(event))
    event.save()


def stand(apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in STAND:
            schema_editor.execute(statement)


def fall(apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in FALL:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("applications", "0009_told_without_a_case"), ("reviews", "0004_mail")]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="application",
            field=models.ForeignKey(
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="events",
                to="applications.application",
            ),
        ),
        migrations.AddField("event", "number", models.PositiveIntegerField(default=0), preserve_default=False),
        migrations.AddField("event", "previous", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.AddField("event", "hash", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.AddField(
            "event", "request_id", models.CharField(max_length=64, blank=True, default=""), preserve_default=False
        ),
        migrations.AddField(
            "event", "address", models.CharField(max_length=64, blank=True, default=""), preserve_default=False
        ),
        migrations.RunPython(chain, migrations.RunPython.noop),
        migrations.AddConstraint("event", models.UniqueConstraint(fields=("application", "number"), name="event_once")),
        migrations.AddConstraint(
            "event",
            models.UniqueConstraint(
                condition=models.Q(("application", None)), fields=("number",), name="event_once_without_a_case"
            ),
        ),
        migrations.RunPython(stand, fall),
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]
