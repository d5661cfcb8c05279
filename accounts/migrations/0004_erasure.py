from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_suspensions_consents_journal")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="erasure_due_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
