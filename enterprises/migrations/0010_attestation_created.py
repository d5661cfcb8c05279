"""When an attestation was sent to the team: of those signed before, the day is known, not the hour."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0009_history")]

    operations = [
        migrations.AddField(
            model_name="attestation",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.RunSQL(
            "UPDATE enterprises_attestation SET created_at = (signed_on + time '12:00') AT TIME ZONE 'America/Toronto'",
            migrations.RunSQL.noop,
        ),
    ]
