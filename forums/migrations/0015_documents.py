"""A forum has documents to download, which its page shows and its dossier holds."""

from django.db import migrations, models

from pole.caching.content_versions import raise_version_on_change


class Migration(migrations.Migration):
    dependencies = [("desk", "0003_writing"), ("forums", "0014_secret_drawn")]

    operations = [
        migrations.AddField(
            "forum",
            "documents",
            models.ManyToManyField(
                blank=True, related_name="forums", to="desk.document", verbose_name="documents to download"
            ),
        ),
        raise_version_on_change("forums", "forums_forum_documents"),
    ]
