"""What visitors read here raises the content version of the room."""

from django.db import migrations

from pole.caching.content_versions import raise_version_on_change


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial"), ("pole", "0003_content_versions")]
    operations = [
        raise_version_on_change("desk", "desk_picture"),
    ]
