import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pole", "0013_former_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="MunicipalityBoundary",
            fields=[
                (
                    "municipality",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="boundary",
                        serialize=False,
                        to="pole.municipality",
                        verbose_name="municipality",
                    ),
                ),
                ("polygons", models.JSONField()),
            ],
            options={
                "verbose_name": "boundary of a municipality",
                "verbose_name_plural": "boundaries of municipalities",
            },
        ),
        migrations.AddField(
            model_name="territoryupload",
            name="names",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="territoryupload",
            name="notes",
            field=models.JSONField(default=list),
        ),
    ]
