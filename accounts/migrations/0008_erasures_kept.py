from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_sessions")]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=20)),
                ("key_name", models.CharField(max_length=12)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "digest", "at"), name="erasure_kept_once")
                ],
            },
        ),
    ]
