"""The table of Django's sessions becomes this package's: whose each session is, and the day of its last use.

The same table, so that nobody is signed out and the code before this one still works with it. Where Django had not
made it yet, it is made as Django would.
"""

import django.db.models.deletion
from django.conf import settings
from django.contrib.sessions.serializers import JSONSerializer
from django.core import signing
from django.db import migrations, models
from django.utils import timezone

TABLE = """
CREATE TABLE IF NOT EXISTS django_session (
    session_key varchar(40) NOT NULL PRIMARY KEY,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS django_session_session_key_c0390e0f_like
    ON django_session (session_key varchar_pattern_ops);
CREATE INDEX IF NOT EXISTS django_session_expire_date_a5c62663 ON django_session (expire_date);
ALTER TABLE django_session ADD COLUMN user_id bigint, ADD COLUMN last_used_on date;
"""
INDEX = """
CREATE INDEX session_of_a_person ON django_session (user_id, last_used_on DESC) WHERE user_id IS NOT NULL
"""


def say_whose(apps, schema_editor):
    """Without it, « close all the others » would leave those that were open before."""
    sessions = apps.get_model("accounts", "Session").objects
    for key, data in sessions.filter(expire_date__gt=timezone.now()).values_list("pk", "session_data"):
        try:
            held = signing.loads(data, salt="django.contrib.sessions.SessionStore", serializer=JSONSerializer)
        except Exception:  # noqa: BLE001, S112 - Django takes one that it can't read for an empty one
            continue
        if user := held.get("_auth_user_id"):
            sessions.filter(pk=key).update(user_id=int(user))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_growth_indexes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    TABLE, "ALTER TABLE django_session DROP COLUMN user_id, DROP COLUMN last_used_on"
                )
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Session",
                    fields=[
                        (
                            "session_key",
                            models.CharField(
                                max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                            ),
                        ),
                        ("session_data", models.TextField(verbose_name="session data")),
                        ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                        ("last_used_on", models.DateField(null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "session",
                        "verbose_name_plural": "sessions",
                        "db_table": "django_session",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(("user__isnull", False)),
                                fields=["user", "-last_used_on"],
                                name="session_of_a_person",
                            )
                        ],
                    },
                ),
            ],
        ),
        migrations.RunPython(say_whose, migrations.RunPython.noop, elidable=True),
        migrations.RunSQL(INDEX, "DROP INDEX session_of_a_person"),
    ]
