"""Where the transactions that change something public wait to raise content versions: see pole/sql/01_content_versions.sql."""

from django.db import migrations

# Not a model: nothing reads its rows, which are deleted before their transaction ends.
NOTED_CHANGES = """
CREATE TABLE pole_noted_change (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pole", "0007_mail_attempts"),
    ]

    operations = [migrations.RunSQL(NOTED_CHANGES, "DROP TABLE pole_noted_change")]
