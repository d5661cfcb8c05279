"""Codes of MRCs as long as those of any region."""

import django.contrib.postgres.fields
from django.db import migrations, models

# PostgreSQL changes no column that a trigger names; `migrate` creates it again once it has ended.
DROP_TRIGGERS = "DROP TRIGGER IF EXISTS enterprises_write_served ON enterprises_listing"


class Migration(migrations.Migration):
    dependencies = [
        ("enterprises", "0002_sectors"),
    ]

    operations = [
        migrations.RunSQL(DROP_TRIGGERS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="listing",
            name="served",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), default=list, editable=False
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, DROP_TRIGGERS),
    ]
