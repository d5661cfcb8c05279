"""What visitors read here raises the content version of the room."""

from django.db import migrations

from pole.caching.content_versions import raise_version_on_change


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("pole", "0003_content_versions")]
    operations = [
        raise_version_on_change("people", "accounts_user", columns=["name", "is_active"]),
    ]
