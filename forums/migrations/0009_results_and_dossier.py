"""Votes published with results, themes of priorities, and the dossier of transmission with its answers."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from pole.caching.content_versions import raise_version_on_change

# As the log of a round: written once, but for the person, who may be erased.
EVENT = """
CREATE TRIGGER forums_dossierevent_once BEFORE UPDATE OR DELETE ON forums_dossierevent
    FOR EACH ROW EXECUTE FUNCTION forums_written_once();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("forums", "0008_attempts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("accepted", "Accepted"),
                            ("in_progress", "In progress"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                        ],
                        max_length=12,
                        verbose_name="answer",
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=2000, verbose_name="explanation")),
                ("body", models.CharField(blank=True, max_length=140, verbose_name="body responsible")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due date")),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "French"), ("en", "English")], default="fr", max_length=2
                    ),
                ),
                ("answered_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "answer",
                "verbose_name_plural": "answers",
                "ordering": ["priority", "answered_at"],
            },
        ),
        migrations.CreateModel(
            name="Dossier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("organisation", models.CharField(max_length=140, verbose_name="organisation")),
                ("person", models.CharField(blank=True, max_length=120, verbose_name="person")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "French"), ("en", "English")],
                        default="fr",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("message", models.TextField(blank=True, max_length=2000, verbose_name="message")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(verbose_name="link valid until")),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("acknowledged_by", models.CharField(blank=True, max_length=120, verbose_name="your name")),
            ],
            options={
                "verbose_name": "dossier",
                "verbose_name_plural": "dossiers",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="DossierEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sent", "sent"),
                            ("resent", "sent again"),
                            ("renewed", "sent with a new link"),
                            ("revoked", "link revoked"),
                            ("acknowledged", "received"),
                            ("answered", "answered"),
                            ("corrected", "answer corrected"),
                            ("confirmed", "answer confirmed"),
                            ("reopened", "answer taken back for correction"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("detail", models.CharField(blank=True, max_length=260)),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="DossierFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=80)),
                ("media_type", models.CharField(max_length=100)),
                ("content", models.BinaryField()),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.AddField(
            model_name="priority",
            name="themes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=24),
                blank=True,
                default=list,
                size=2,
                verbose_name="themes",
            ),
        ),
        migrations.AddField(
            model_name="results",
            name="rounds",
            field=models.ManyToManyField(
                blank=True, related_name="results", to="forums.round", verbose_name="votes"
            ),
        ),
        migrations.AddConstraint(
            model_name="priority",
            constraint=models.CheckConstraint(
                condition=models.Q(("themes__len__lte", 2)),
                name="priority_has_few_themes",
                violation_error_message="Choose two themes at most.",
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="priority",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="forums.priority"
            ),
        ),
        migrations.AddField(
            model_name="dossier",
            name="results",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="dossiers", to="forums.results"
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="dossier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="forums.dossier"
            ),
        ),
        migrations.AddField(
            model_name="dossierevent",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="dossierevent",
            name="dossier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="events", to="forums.dossier"
            ),
        ),
        migrations.AddField(
            model_name="dossierfile",
            name="dossier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="files", to="forums.dossier"
            ),
        ),
        migrations.AddConstraint(
            model_name="dossier",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["fr", "en"])), name="dossier_language_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="dossier",
            constraint=models.CheckConstraint(
                condition=models.Q(("organisation", ""), _negated=True),
                name="dossier_has_organisation",
                violation_error_message="Say to which organisation.",
            ),
        ),
        migrations.AddConstraint(
            model_name="dossier",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                name="dossier_expires_after_it_is_made",
            ),
        ),
        migrations.AddConstraint(
            model_name="dossier",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("acknowledged_at__isnull", True), ("acknowledged_by", "")),
                    models.Q(
                        ("acknowledged_at__isnull", False), models.Q(("acknowledged_by", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="dossier_acknowledged_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(fields=("dossier", "priority"), name="answer_once_a_priority"),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["accepted", "in_progress", "done", "refused"])),
                name="answer_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "refused"), _negated=True),
                    models.Q(("text", ""), _negated=True),
                    _connector="OR",
                ),
                name="answer_refused_with_reason",
                violation_error_message="Say why it is refused.",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["fr", "en"])), name="answer_language_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="dossierevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "sent",
                            "resent",
                            "renewed",
                            "revoked",
                            "acknowledged",
                            "answered",
                            "corrected",
                            "confirmed",
                            "reopened",
                        ],
                    )
                ),
                name="dossier_event_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="dossierfile",
            constraint=models.UniqueConstraint(fields=("dossier", "name"), name="dossier_file_name_unique"),
        ),
        migrations.RunSQL(EVENT, "DROP TRIGGER forums_dossierevent_once ON forums_dossierevent"),
        raise_version_on_change("forums", "forums_results_rounds"),
        raise_version_on_change("forums", "forums_answer"),
    ]
