"""Autosaves, the archive, shared previews, and who has a text open."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0002_content_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="draft",
            name="archived_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="draft",
            name="preview_key",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name="draft",
            name="writing_key",
            field=models.CharField(blank=True, db_index=True, max_length=32),
        ),
        migrations.AddField(
            model_name="version",
            name="is_autosave",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(("archived_at", None), ("published_version", None), _connector="OR"),
                name="draft_archived_is_not_public",
            ),
        ),
        migrations.AddField(
            model_name="presence",
            name="draft",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="presences", to="desk.draft"
            ),
        ),
        migrations.AddField(
            model_name="presence",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.UniqueConstraint(fields=("draft", "user"), name="presence_once_a_person"),
        ),
    ]
