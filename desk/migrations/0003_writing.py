"""Autosaves, the archive, shared previews, who has a text open; decorative pictures and documents."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from pole.caching.content_versions import raise_version_on_change


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0002_content_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("file", models.FileField(upload_to="documents/", verbose_name="PDF document")),
                ("size_bytes", models.PositiveIntegerField(editable=False)),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "document",
                "verbose_name_plural": "documents",
                "ordering": ["-uploaded_at", "-id"],
            },
        ),
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
        migrations.AlterModelOptions(
            name="picture",
            options={
                "ordering": ["-uploaded_at", "-id"],
                "verbose_name": "picture",
                "verbose_name_plural": "pictures",
            },
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
            model_name="picture",
            name="is_decorative",
            field=models.BooleanField(default=False, verbose_name="decorative"),
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
        migrations.AddConstraint(
            model_name="picture",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_decorative", False), ("description", ""), _connector="OR"),
                name="picture_decorative_says_nothing",
                violation_error_message="A decorative picture has no alternative text: choose one or the other.",
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="uploaded_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
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
        raise_version_on_change("desk", "desk_document"),
    ]
