"""The same bytes are one row, which the scanner's word is kept in. What is there was never scanned."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Min, OuterRef, Subquery


def gather(apps, schema_editor):
    """One row for each digest; every attachment of it points to the one file."""
    attachments = apps.get_model("applications", "Attachment").objects
    stored = apps.get_model("applications", "StoredFile").objects
    files = attachments.order_by().values_list("sha256").annotate(Min("file"))
    stored.bulk_create((stored.model(sha256=digest, file=name) for digest, name in files), batch_size=500)
    same = stored.filter(sha256=OuterRef("sha256"))
    attachments.update(stored=Subquery(same.values("pk")[:1]), file=Subquery(same.values("file")[:1]))
    schema_editor.connection.check_constraints()  # PostgreSQL alters no table that still has checks to make


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0010_trail"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("file", models.FileField(max_length=200, upload_to="")),
                (
                    "scan",
                    models.CharField(
                        blank=True,
                        choices=[("", "未掃描"), ("waiting", "掃描中"), ("clean", "已掃描"), ("found", "含有惡意程式")],
                        default="",
                        max_length=10,
                        verbose_name="掃描",
                    ),
                ),
                ("signature", models.CharField(blank=True, max_length=200, verbose_name="惡意程式名稱")),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("scanned_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("scan__in", ["", "waiting"])),
                        fields=["-scan", "tried_at", "id"],
                        name="stored_file_unsettled",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("scan__in", ["", "waiting"]), ("scanned_at__isnull", True)),
                            models.Q(
                                models.Q(("scan__in", ["", "waiting"]), _negated=True), ("scanned_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="stored_file_scanned_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scan", "found"), ("signature", ""), _connector="XOR"),
                        name="stored_file_found_what",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="attachment",
            name="stored",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attachments",
                to="applications.storedfile",
            ),
        ),
        migrations.RunPython(gather, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="attachment",
            name="stored",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attachments",
                to="applications.storedfile",
            ),
        ),
    ]
