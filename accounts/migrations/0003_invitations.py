import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def take_from_outsiders(apps, schema_editor):
    """Superusers outside of the team could enter nothing."""
    outsiders = apps.get_model("accounts", "User").objects.filter(is_superuser=True)
    outsiders.exclude(roles__contains=["direction"]).update(is_superuser=False)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_roles"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="TeamInvitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                (
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
                        )
                    ),
                ),
                ("sent_at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(take_from_outsiders, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_superuser", False), ("roles__contains", ["direction"]), _connector="OR"
                ),
                name="user_superuser_has_direction",
            ),
        ),
        migrations.AddField(
            model_name="teaminvitation",
            name="invited_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="teaminvitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("roles__contained_by", ["direction", "editorial", "directory", "forums"]),
                    models.Q(("roles", []), _negated=True),
                ),
                name="team_invitation_roles_known",
            ),
        ),
    ]
