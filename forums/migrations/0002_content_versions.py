"""What visitors read here raises the content version of the room."""

from django.db import migrations

from pole.caching.content_versions import raise_version_on_change


class Migration(migrations.Migration):
    dependencies = [("forums", "0001_initial"), ("pole", "0003_content_versions")]
    operations = [
        raise_version_on_change("forums", "forums_forum"),
        raise_version_on_change("forums", "forums_track"),
        raise_version_on_change("forums", "forums_programmeitem"),
        raise_version_on_change("forums", "forums_attendance"),
        raise_version_on_change("forums", "forums_results"),
        raise_version_on_change("forums", "forums_priority"),
        raise_version_on_change("forums", "forums_priorityupdate"),
    ]
