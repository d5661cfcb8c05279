"""Whoever was in the team keeps what they could do, but for what is the direction's: superusers have its role."""

import django.contrib.postgres.fields
from django.db import migrations, models


def give_roles(apps, schema_editor):
    people = apps.get_model("accounts", "User").objects.filter(is_staff=True)
    people.filter(is_superuser=True).update(roles=["direction"])
    people.filter(is_superuser=False).update(roles=["editorial", "directory", "forums"])


def keep_staff(apps, schema_editor):
    apps.get_model("accounts", "User").objects.exclude(roles=[]).update(is_staff=True)


# What `accounts/sql/` puts on the column, which could not be taken away under them.
DROP_TRIGGERS = """
DROP TRIGGER IF EXISTS accounts_keep_direction_changed ON accounts_user;
DROP TRIGGER IF EXISTS accounts_keep_direction_deleted ON accounts_user;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            "user",
            "roles",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("direction", "direction"),
                        ("editorial", "editorial work"),
                        ("directory", "directory"),
                        ("forums", "forums and votes"),
                    ],
                    max_length=10,
                ),
                blank=True,
                default=list,
                editable=False,
                size=None,
                verbose_name="roles in the hub’s team",
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, DROP_TRIGGERS),
        migrations.RunPython(give_roles, keep_staff),
        migrations.RemoveField("user", "is_staff"),
        migrations.AddField(
            "user",
            "is_staff",
            models.GeneratedField(
                db_persist=True,
                expression=models.Q(("roles", []), _negated=True),
                output_field=models.BooleanField(verbose_name="member of the hub’s team"),
            ),
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(roles__contained_by=["direction", "editorial", "directory", "forums"]),
                name="user_roles_known",
            ),
        ),
    ]
