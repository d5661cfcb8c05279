"""The journal forgets whom a decision was about, and why, when they erase their account; nothing else in it changes."""

from django.db import migrations, models

KEPT = """
CREATE OR REPLACE FUNCTION accounts_journal_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.person_id IS NULL AND NEW.reason = ''
        AND to_jsonb(NEW) - 'person_id' - 'reason' = to_jsonb(OLD) - 'person_id' - 'reason' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the journal is added to, never changed' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_erasure")]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="reason",
            field=models.CharField(blank=True, max_length=400),
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
