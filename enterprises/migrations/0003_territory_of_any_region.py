"""Codes of MRCs as long as those of any region, and postal codes of other countries."""

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
        migrations.RemoveConstraint(
            model_name="listing",
            name="listing_postal_code_form",
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("postal_code", ""),
                    (
                        "postal_code__regex",
                        "^[ABCEGHJ-NPRSTVXY]\\d[ABCEGHJ-NPRSTV-Z] \\d[ABCEGHJ-NPRSTV-Z]\\d$",
                    ),
                    ("postal_code__regex", "^(?![A-Z]\\d[A-Z])[A-Z0-9][A-Z0-9 -]{1,6}$"),
                    _connector="OR",
                ),
                name="listing_postal_code_form",
                violation_error_message="Write a postal code like those of the region, such as J0S 1Y0.",
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, DROP_TRIGGERS),
    ]
