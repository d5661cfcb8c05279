"""How often one address tried codes or receipts that nobody has."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forums", "0007_event_life")]
    operations = [
        migrations.CreateModel(
            name="Attempts",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[("code", "voting codes"), ("receipt", "receipts")], max_length=8
                    ),
                ),
                ("address_hash", models.CharField(max_length=64)),
                ("minute", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [models.Index(fields=["minute"], name="attempts_by_minute")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("what", "address_hash", "minute"), name="attempts_one_row_a_minute"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("what__in", ["code", "receipt"])), name="attempts_of_a_known_kind"
                    ),
                ],
            },
        ),
    ]
