"""A note of the team on each listing, and the enterprise of which a listing is a branch."""

import django.db.models.deletion
from django.db import migrations, models

# PostgreSQL drops no column that a trigger names.
DROP_TRIGGERS = "DROP TRIGGER IF EXISTS enterprises_check_branch ON enterprises_listing"


class Migration(migrations.Migration):
    dependencies = [
        ("enterprises", "0005_one_spelling_of_events"),
        ("pole", "0012_colours_written"),
    ]

    operations = [
        migrations.AddField(
            model_name="listing",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="branches",
                to="enterprises.listing",
                verbose_name="branch of",
            ),
        ),
        migrations.AddField(
            model_name="listing",
            name="staff_note",
            field=models.TextField(blank=True, max_length=10000, verbose_name="note of the team"),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent__isnull", True),
                    models.Q(("neq", ""), models.Q(("parent", models.F("id")), _negated=True)),
                    _connector="OR",
                ),
                name="listing_branch_without_neq",
                violation_error_message="A branch has no NEQ of its own: that of its enterprise is meant.",
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, DROP_TRIGGERS),
    ]
