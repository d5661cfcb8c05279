"""A paper may be noted after the closing. Once one was, there is no way back: the log never changes."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("forums", "0012_secret_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="roundevent",
            name="round_event_known",
        ),
        migrations.AlterField(
            model_name="roundevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "opened"),
                    ("prolonged", "extended"),
                    ("closed", "closed"),
                    ("annulled", "annulled"),
                    ("sealed", "sealed"),
                    ("added", "voter added"),
                    ("voided", "voter removed"),
                    ("noted", "paper noted late"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="roundevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["opened", "prolonged", "closed", "annulled", "sealed", "added", "voided", "noted"],
                    )
                ),
                name="round_event_known",
            ),
        ),
    ]
