from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pole", "0005_menu_addresses")]

    operations = [
        migrations.CreateModel(
            name="Setup",
            fields=[
                (
                    "id",
                    models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False),
                ),
                ("works_alone", models.BooleanField(default=False)),
                ("mail_code", models.CharField(blank=True, max_length=6)),
                ("mail_id", models.BigIntegerField(null=True)),
                ("mail_relay", models.CharField(blank=True, max_length=300)),
                ("mail_sent_at", models.DateTimeField(null=True)),
                ("mail_answered_at", models.DateTimeField(null=True)),
                ("mail_answer", models.CharField(blank=True, max_length=500)),
                ("mail_accepted", models.BooleanField(default=False)),
                ("mail_received_at", models.DateTimeField(null=True)),
                ("mail_received_by_relay", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.AddConstraint(
            model_name="setup",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="setup_is_single"),
        ),
    ]
