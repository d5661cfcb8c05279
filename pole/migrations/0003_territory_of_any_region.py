"""Longer codes, the hub's own choice of towns, and names for the levels of a territory elsewhere."""

import uuid

from django.db import migrations, models

# PostgreSQL changes no column that a trigger names; `migrate` creates these again once it has ended.
DROP_TRIGGERS = """
DROP TRIGGER IF EXISTS enterprises_municipality_changed ON pole_municipality;
DROP TRIGGER IF EXISTS enterprises_mrc_renamed ON pole_mrc;
DO $$ BEGIN
    IF to_regclass('enterprises_listing') IS NOT NULL THEN
        DROP TRIGGER IF EXISTS enterprises_write_search_document ON enterprises_listing;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pole", "0002_rows"),
    ]

    operations = [
        migrations.RunSQL(DROP_TRIGGERS, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name="hub",
            name="territory",
        ),
        migrations.AddField(
            model_name="hub",
            name="country",
            field=models.CharField(
                choices=[
                    ("CA", "Canada"),
                    ("FR", "France"),
                    ("BE", "Belgium"),
                    ("CH", "Switzerland"),
                    ("ZZ", "another country"),
                ],
                default="CA",
                max_length=2,
                verbose_name="country",
            ),
        ),
        migrations.AddField(
            model_name="hub",
            name="province",
            field=models.CharField(
                blank=True, default="Québec", max_length=40, verbose_name="province, state or region"
            ),
        ),
        migrations.AddField(
            model_name="hub",
            name="middle_level",
            field=models.CharField(blank=True, max_length=40, verbose_name="the level above is called"),
        ),
        migrations.AddField(
            model_name="hub",
            name="middle_level_en",
            field=models.CharField(
                blank=True, max_length=40, verbose_name="the level above is called, in English"
            ),
        ),
        migrations.AddField(
            model_name="hub",
            name="middle_levels",
            field=models.CharField(
                blank=True, max_length=40, verbose_name="the level above is called (plural)"
            ),
        ),
        migrations.AddField(
            model_name="hub",
            name="middle_levels_en",
            field=models.CharField(
                blank=True, max_length=40, verbose_name="the level above is called (plural), in English"
            ),
        ),
        migrations.AddField(
            model_name="hub",
            name="town_level",
            field=models.CharField(blank=True, max_length=40, verbose_name="a town is called"),
        ),
        migrations.AddField(
            model_name="hub",
            name="town_level_en",
            field=models.CharField(blank=True, max_length=40, verbose_name="a town is called, in English"),
        ),
        migrations.AddField(
            model_name="hub",
            name="town_levels",
            field=models.CharField(blank=True, max_length=40, verbose_name="towns are called (plural)"),
        ),
        migrations.AddField(
            model_name="hub",
            name="town_levels_en",
            field=models.CharField(
                blank=True, max_length=40, verbose_name="towns are called (plural), in English"
            ),
        ),
        migrations.AddField(
            model_name="municipality",
            name="is_in_territory",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="municipality",
            name="region",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.AlterField(
            model_name="mrc",
            name="code",
            field=models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="code"),
        ),
        migrations.AlterField(
            model_name="mrc",
            name="name",
            field=models.CharField(max_length=80, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="municipality",
            name="code",
            field=models.CharField(max_length=12, primary_key=True, serialize=False, verbose_name="code"),
        ),
        migrations.CreateModel(
            name="TerritoryUpload",
            fields=[
                (
                    "id",
                    models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False),
                ),
                ("token", models.UUIDField(default=uuid.uuid4)),
                ("file_name", models.CharField(max_length=120)),
                ("rows", models.JSONField()),
                ("successors", models.JSONField(default=dict)),
                ("uploaded_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="territory_upload_is_single")
                ],
            },
        ),
        migrations.RunSQL(migrations.RunSQL.noop, DROP_TRIGGERS),
    ]
